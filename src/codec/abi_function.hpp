/// Functions and events of contracts as C++ types: a declaration gives signature, selector, encoding and decoding, so
/// that who calls a function and who runs it cannot disagree with it.
///
///     inline constexpr abi::Function<"closeTask", void(abi::Uint256)> kCloseTask;
///     inline const abi::EventOf<"TaskClosed", Indexed<abi::Uint256>, Indexed<Address>> kTaskClosed;
#pragma once

#include "base/fail.hpp"
#include "base/try.hpp"
#include "codec/abi.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace c2d::abi {

/// A uint256 of which every bit counts: what a call named is what its event must tell. Where 64 bits are enough,
/// declare std::uint64_t, which is a uint256 as well; what does not fit reads as the largest that does.
struct Uint256 {
    Bytes32 big_endian;

    constexpr Uint256() = default;
    Uint256(std::uint64_t number) : big_endian(Value::of(number).word()) {}
    explicit Uint256(const Bytes32& bytes) : big_endian(bytes) {}
    bool fits_64_bits() const { return Value::uint256(big_endian).fits_64_bits(); }
    /// Saturates at 2^64 − 1.
    std::uint64_t number() const { return Value::uint256(big_endian).number(); }
    bool operator==(const Uint256&) const = default;
};

/// How a C++ type stands in the ABI.
template <class T>
struct Codec;
template <>
struct Codec<Address> {
    static constexpr std::string_view kName = "address";
    static Value write(const Address& address) { return Value::of(address); }
    static Address read(const Value& value) { return value.address(); }
};
template <>
struct Codec<bool> {
    static constexpr std::string_view kName = "bool";
    static Value write(bool flag) { return Value::of(flag); }
    static bool read(const Value& value) { return value.boolean(); }
};
template <>
struct Codec<std::uint64_t> {
    static constexpr std::string_view kName = "uint256";
    static Value write(std::uint64_t number) { return Value::of(number); }
    static std::uint64_t read(const Value& value) { return value.number(); }
};
template <>
struct Codec<Uint256> {
    static constexpr std::string_view kName = "uint256";
    static Value write(const Uint256& number) { return Value::uint256(number.big_endian); }
    static Uint256 read(const Value& value) { return Uint256(value.word()); }
};
template <>
struct Codec<Bytes32> {
    static constexpr std::string_view kName = "bytes32";
    static Value write(const Bytes32& bytes) { return Value::of(bytes); }
    static Bytes32 read(const Value& value) { return value.word(); }
};
template <>
struct Codec<std::string> {
    static constexpr std::string_view kName = "string";
    static Value write(std::string_view text) { return Value::text(std::string(text)); }
    static std::string read(const Value& value) { return value.text(); }
};

/// As what an argument of that type is taken.
template <class T>
using Given = std::conditional_t<std::is_same_v<T, std::string>, std::string_view, const T&>;

/// A name that can be a template argument.
template <std::size_t kSize>
struct Text {
    char data[kSize] = {};
    consteval Text(const char (&text)[kSize + 1]) { std::copy_n(text, kSize, data); }
    constexpr std::string_view view() const { return {data, kSize}; }
};
template <std::size_t kSizeAndZero>
Text(const char (&)[kSizeAndZero]) -> Text<kSizeAndZero - 1>;

/// Texts one after the other, at compile time.
template <const std::string_view&... kParts>
struct Joined {
    static constexpr std::size_t kSize = (kParts.size() + ... + 0);
    static constexpr auto kData = [] {
        std::array<char, kSize> out{};
        std::size_t at = 0;
        for (const std::string_view part : std::array<std::string_view, sizeof...(kParts)>{kParts...})
            for (const char letter : part) out[at++] = letter;
        return out;
    }();
    static constexpr std::string_view kView{kData.data(), kSize};
};

template <class T>
struct Codec<std::vector<T>> {
    static constexpr std::string_view kBrackets = "[]";
    static constexpr std::string_view kName = Joined<Codec<T>::kName, kBrackets>::kView;
    static Value write(const std::vector<T>& items) {
        std::vector<Value> values;
        values.reserve(items.size());
        for (const auto& item : items) values.push_back(Codec<T>::write(item));
        return Value::list(std::move(values));
    }
    static std::vector<T> read(const Value& value) {
        std::vector<T> items;
        items.reserve(value.list().size());
        for (const auto& item : value.list()) items.push_back(Codec<T>::read(item));
        return items;
    }
};

/// A row of types: "T,T" in a signature, std::tuple<T, T> in C++.
template <class... Ts>
struct Row {
    static constexpr std::string_view kComma = ",", kNothing = "";
    template <std::size_t kAt>
    static constexpr const std::string_view& kSeparator = kAt == 0 ? kNothing : kComma;
    template <class Indexes>
    struct List;
    template <std::size_t... kAt>
    struct List<std::index_sequence<kAt...>> {
        template <std::size_t kIndex, class T>
        static constexpr std::string_view kMember = Joined<kSeparator<kIndex>, Codec<T>::kName>::kView;
        static constexpr std::string_view kView = Joined<kMember<kAt, Ts>...>::kView;
    };
    static constexpr std::string_view kList = List<std::index_sequence_for<Ts...>>::kView;

    static const std::vector<Type>& types() {
        static const std::vector<Type> kTypes = {parse_type(Codec<Ts>::kName).value()...};
        return kTypes;
    }
    static std::vector<Value> write(Given<Ts>... values) { return {Codec<Ts>::write(values)...}; }
    static std::tuple<Ts...> read(const std::vector<Value>& values) {
        return [&]<std::size_t... kAt>(std::index_sequence<kAt...>) {
            return std::tuple<Ts...>(Codec<Ts>::read(values[kAt])...);
        }
        (std::index_sequence_for<Ts...>());
    }
    static Result<std::tuple<Ts...>> decode(BytesView data) {
        C2D_TRY(const auto values, abi::decode(types(), data));
        return read(values);
    }
};

/// What a function returns: nothing, a value, or a std::tuple of several.
template <class T>
struct Returns {
    using Members = Row<T>;
    using Value = T;
    static Bytes encode(const T& value) { return abi::encode(Members::types(), Members::write(value)); }
    static Result<T> decode(BytesView data) {
        C2D_TRY(auto values, Members::decode(data));
        return std::get<0>(std::move(values));
    }
};
template <>
struct Returns<void> {
    using Members = Row<>;
    using Value = Unit;
    static Bytes encode(Unit) { return {}; }
    static Result<Unit> decode(BytesView) { return Unit{}; }
};
template <class... Ts>
struct Returns<std::tuple<Ts...>> {
    using Members = Row<Ts...>;
    using Value = std::tuple<Ts...>;
    static Bytes encode(const Value& value) {
        return abi::encode(Members::types(), std::apply([](const Ts&... v) { return Members::write(v...); }, value));
    }
    static Result<Value> decode(BytesView data) { return Members::decode(data); }
};

using Selector = std::array<std::uint8_t, 4>;

/// A function that a contract has, for example Function<"closeTask", void(Uint256)>.
template <Text kFunctionName, class Shape>
struct Function;
template <Text kFunctionName, class R, class... Args>
struct Function<kFunctionName, R(Args...)> {
    using Arguments = std::tuple<Args...>;
    using Returned = typename Returns<R>::Value;

    static constexpr std::string_view name = kFunctionName.view();
    /// "name(type,type)", and "type,type" of what it returns.
    static constexpr std::string_view kOpen = "(", kClose = ")";
    static constexpr std::string_view signature = Joined<name, kOpen, Row<Args...>::kList, kClose>::kView;
    static constexpr std::string_view returns = Returns<R>::Members::kList;

    static const Selector& selector() {
        static const Selector kSelector = abi::selector(signature);
        return kSelector;
    }
    /// What calls it: selector and arguments.
    static Bytes call(Given<Args>... arguments) {
        Bytes out(selector().begin(), selector().end());
        const Bytes encoded = abi::encode(Row<Args...>::types(), Row<Args...>::write(arguments...));
        out.insert(out.end(), encoded.begin(), encoded.end());
        return out;
    }
    /// The arguments, after the selector.
    static Result<Arguments> read_arguments(BytesView data) { return Row<Args...>::decode(data); }
    /// The arguments of a call; nothing when it calls something else.
    static Result<std::optional<Arguments>> read_call(BytesView data) {
        if (data.size() < 4 || !std::equal(selector().begin(), selector().end(), data.begin()))
            return std::optional<Arguments>();
        C2D_TRY(auto arguments, read_arguments(data.subspan(4)));
        return std::optional<Arguments>(std::move(arguments));
    }
    static Bytes answer(const Returned& value) { return Returns<R>::encode(value); }
    static Result<Returned> read_answer(BytesView data) { return Returns<R>::decode(data); }
};

/// A parameter of an event that stands in a topic: a text or a list as its hash.
template <class T>
struct Indexed {};

template <class T>
struct Parameter {
    using Type = T;
    using Told = T;
    static constexpr bool kIndexed = false;
};
template <class T>
struct Parameter<Indexed<T>> {
    using Type = T;
    using Told = T;
    static constexpr bool kIndexed = true;
};
template <>
struct Parameter<Indexed<std::string>> {
    using Type = std::string;
    using Told = Bytes32;
    static constexpr bool kIndexed = true;
};
template <class T>
struct Parameter<Indexed<std::vector<T>>> {
    using Type = std::vector<T>;
    using Told = Bytes32;
    static constexpr bool kIndexed = true;
};

/// An event that a contract emits, for example EventOf<"TaskClosed", Indexed<Uint256>, Address>.
template <Text kEventName, class... Parameters>
struct EventOf : Event {
    using Told = std::tuple<typename Parameter<Parameters>::Told...>;

    static constexpr std::string_view kOpen = "(", kClose = ")", kName = kEventName.view();
    static constexpr std::string_view kSignature =
        Joined<kName, kOpen, Row<typename Parameter<Parameters>::Type...>::kList, kClose>::kView;
    EventOf() : Event(kSignature, {Parameter<Parameters>::kIndexed...}) {}

    EncodedEvent encode(Given<typename Parameter<Parameters>::Type>... values) const {
        return encode_event(*this, Row<typename Parameter<Parameters>::Type...>::write(values...));
    }
    /// What a log of it tells.
    Result<Told> decode(const std::vector<Bytes32>& topics, BytesView data) const {
        C2D_TRY(const auto values, decode_event(*this, topics, data));
        return Row<typename Parameter<Parameters>::Told...>::read(values);
    }
};

}  // namespace c2d::abi
