#include "codec/abi.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "base/utf8.hpp"
#include "crypto/hash.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <limits>

namespace c2d::abi {

namespace {

constexpr std::size_t kWordBytes = 32;

Error corrupt(std::string_view why) { return fail(Status::CORRUPT, "the ABI data does not decode: {}", why); }

/// What a broken promise of the caller costs: a wrong call on a chain would cost more.
void require(bool holds) {
    if (!holds) std::abort();
}

bool is_dynamic_kind(Kind kind) { return kind == Kind::string || kind == Kind::bytes; }
bool is_dynamic(const Type& type) { return type.array || is_dynamic_kind(type.kind); }

Type element_of(Type type) {
    type.array = false;
    return type;
}

Bytes32 word_of(std::uint64_t number) {
    Bytes32 out;
    for (std::size_t i = 0; i < 8; ++i) out.data[31 - i] = std::uint8_t(number >> (8 * i));
    return out;
}

std::size_t padded(std::size_t length) { return (length + kWordBytes - 1) / kWordBytes * kWordBytes; }

bool is_zero(BytesView bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

/// Whether a word holds a value of a static type: padding zero, bool 0 or 1.
bool word_fits(const Type& type, BytesView word) {
    switch (type.kind) {
        case Kind::address: return is_zero(word.first(12));
        case Kind::boolean: return is_zero(word.first(31)) && word[31] <= 1;
        case Kind::uint: return is_zero(word.first(kWordBytes - type.bits / 8));
        default: return true;
    }
}

void append(Bytes& out, BytesView part) { out.insert(out.end(), part.begin(), part.end()); }

/// Length, content, and zeros up to a whole word.
void append_content(Bytes& out, BytesView content) {
    append(out, word_of(content.size()));
    append(out, content);
    out.resize(out.size() + padded(content.size()) - content.size());
}

/// Head and tail of a tuple; `next(i)` gives type and value of its i-th member.
template <class Next>
void append_tuple(Bytes& out, std::size_t count, Next next);

void append_value(Bytes& out, const Type& type, const Value& value) {
    if (type.array) {
        const auto& items = value.list();
        append(out, word_of(items.size()));
        append_tuple(out, items.size(),
                     [&](std::size_t i) { return std::pair<Type, const Value*>(element_of(type), &items[i]); });
    } else if (type.kind == Kind::string) {
        append_content(out, as_bytes(value.text()));
    } else if (type.kind == Kind::bytes) {
        append_content(out, value.blob());
    } else {
        const auto word = value.word();
        require(word_fits(type, word));
        append(out, word);
    }
}

/// Static members stand in the head; of others, the head holds where in the tuple they begin.
template <class Next>
void append_tuple(Bytes& out, std::size_t count, Next next) {
    const std::size_t base = out.size();
    out.resize(base + count * kWordBytes);
    for (std::size_t i = 0; i < count; ++i) {
        const auto [type, value] = next(i);
        const std::size_t tail = out.size();
        append_value(out, type, *value);
        if (is_dynamic(type)) {
            const auto offset = word_of(tail - base);
            std::ranges::copy(offset.data, out.begin() + std::ptrdiff_t(base + i * kWordBytes));
        } else {
            std::copy_n(out.end() - kWordBytes, kWordBytes, out.begin() + std::ptrdiff_t(base + i * kWordBytes));
            out.resize(tail);
        }
    }
}

/// Decodes out of one block of data. Nothing is allocated before it is known to be there, and the
/// dynamic contents together may not exceed the data, so that many offsets to one large text
/// cannot make much out of little.
class Decoder {
public:
    explicit Decoder(BytesView data) : budget_(data.size()) {}

    Result<std::vector<Value>> tuple(const std::vector<Type>& types, BytesView base) {
        std::vector<Value> values;
        for (std::size_t i = 0; i < types.size(); ++i) {
            C2D_TRY(Value value, member(types[i], base, i));
            values.push_back(std::move(value));
        }
        return values;
    }

private:
    static Result<BytesView> word_at(BytesView base, std::size_t index) {
        if (base.size() / kWordBytes <= index) return corrupt("it is too short");
        return base.subspan(index * kWordBytes, kWordBytes);
    }

    /// An offset or a length: a number that is at most `max`.
    static Result<std::size_t> size_at(BytesView base, std::size_t index, std::size_t max) {
        C2D_TRY(const BytesView word, word_at(base, index));
        std::uint64_t number = 0;
        for (const auto byte : word.last(8)) number = number << 8 | byte;
        if (!is_zero(word.first(24)) || number > max) return corrupt("an offset or a length reaches past the end");
        return std::size_t(number);
    }

    Result<Unit> spend(std::size_t bytes) {
        if (bytes > budget_) return corrupt("its parts overlap");
        budget_ -= bytes;
        return Unit{};
    }

    Result<Value> member(const Type& type, BytesView base, std::size_t index) {
        if (!is_dynamic(type)) {
            C2D_TRY(const BytesView word, word_at(base, index));
            if (!word_fits(type, word)) return corrupt("a value is out of its type's range");
            C2D_TRY(const Bytes32 bytes, Bytes32::from(word));
            return Value::of(bytes);
        }
        C2D_TRY(const std::size_t offset, size_at(base, index, base.size()));
        const auto place = base.subspan(offset);
        return type.array ? list(element_of(type), place) : content(type, place);
    }

    Result<Value> content(const Type& type, BytesView place) {
        C2D_TRY(const std::size_t length, size_at(place, 0, place.size()));
        const auto rest = place.subspan(kWordBytes);
        if (padded(length) > rest.size()) return corrupt("a text reaches past the end");
        C2D_CHECK(spend(padded(length)));
        const auto bytes = rest.first(length);
        if (!is_zero(rest.subspan(length, padded(length) - length)))
            return corrupt("the padding of a text is not zero");
        if (type.kind == Kind::bytes) return Value::blob(Bytes(bytes.begin(), bytes.end()));
        if (!is_valid_utf8(as_text(bytes))) return corrupt("a text is not UTF-8");
        return Value::text(std::string(as_text(bytes)));
    }

    Result<Value> list(const Type& element, BytesView place) {
        C2D_TRY(const std::size_t count, size_at(place, 0, place.size() / kWordBytes));
        C2D_CHECK(spend(count * kWordBytes));
        const auto base = place.subspan(kWordBytes);
        std::vector<Value> values;
        values.reserve(count);
        for (std::size_t i = 0; i < count; ++i) {
            C2D_TRY(Value value, member(element, base, i));
            values.push_back(std::move(value));
        }
        return Value::list(std::move(values));
    }

    std::size_t budget_;
};

/// What stands in the topic of an indexed value of a dynamic type: Keccak-256 of its contents, the
/// elements of a list each padded to words, without offsets and lengths.
Bytes32 indexed_hash(const Type& type, const Value& value) {
    if (!type.array) return keccak256(type.kind == Kind::string ? as_bytes(value.text()) : BytesView(value.blob()));
    Bytes content;
    for (const auto& item : value.list()) {
        if (!is_dynamic_kind(type.kind)) {
            append_value(content, element_of(type), item);
            continue;
        }
        append(content, type.kind == Kind::string ? as_bytes(item.text()) : BytesView(item.blob()));
        content.resize(padded(content.size()));
    }
    return keccak256(content);
}

std::vector<Type> types_of(std::string_view signature) {
    auto types = parse_signature(signature);
    require(types.ok());
    return *std::move(types);
}

void append_arguments(Bytes& out, const std::vector<Type>& types, const std::vector<Value>& values) {
    require(types.size() == values.size());
    append_tuple(out, types.size(), [&](std::size_t i) { return std::pair<Type, const Value*>(types[i], &values[i]); });
}

}  // namespace

Result<Type> parse_type(std::string_view text) {
    const auto unsupported = [&] { return fail(Status::UNSUPPORTED, "the ABI type '{}' is not supported", text); };
    Type type;
    auto name = text;
    if (name.ends_with("[]")) {
        type.array = true;
        name.remove_suffix(2);
    }
    if (name == "address") return Type{Kind::address, 256, type.array};
    if (name == "bool") return Type{Kind::boolean, 256, type.array};
    if (name == "bytes32") return Type{Kind::bytes32, 256, type.array};
    if (name == "string") return Type{Kind::string, 256, type.array};
    if (name == "bytes") return Type{Kind::bytes, 256, type.array};
    if (!name.starts_with("uint")) return unsupported();
    name.remove_prefix(4);
    const auto read = std::from_chars(name.data(), name.data() + name.size(), type.bits);
    const bool whole = read.ec == std::errc() && read.ptr == name.data() + name.size();
    if (!whole || name[0] == '0' || type.bits < 8 || type.bits > 256 || type.bits % 8 != 0) return unsupported();
    return type;
}

Result<std::vector<Type>> parse_signature(std::string_view signature) {
    const auto open = signature.find('(');
    if (open == signature.npos || !signature.ends_with(')'))
        return fail(Status::INVALID_ARGUMENT, "'{}' is not of the form name(type,type)", signature);
    auto list = signature.substr(open + 1, signature.size() - open - 2);
    std::vector<Type> types;
    while (!list.empty()) {
        const auto comma = std::min(list.find(','), list.size());
        C2D_TRY(const Type type, parse_type(list.substr(0, comma)));
        types.push_back(type);
        if (comma + 1 == list.size()) return fail(Status::INVALID_ARGUMENT, "'{}' ends with a comma", signature);
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return types;
}

Value Value::of(const Address& address) {
    Bytes32 word;
    std::copy(address.data.begin(), address.data.end(), word.data.begin() + 12);
    return of(word);
}
Value Value::of(bool value) { return of(word_of(value ? 1 : 0)); }
Value Value::of(std::uint64_t number) { return of(word_of(number)); }
Value Value::uint256(const Bytes32& big_endian) { return of(big_endian); }
Value Value::of(const Bytes32& bytes) {
    Value value;
    value.data_ = bytes;
    return value;
}
Value Value::text(std::string text) {
    Value value;
    value.data_ = std::move(text);
    return value;
}
Value Value::blob(Bytes bytes) {
    Value value;
    value.data_ = std::move(bytes);
    return value;
}
Value Value::list(std::vector<Value> values) {
    Value value;
    value.data_ = std::move(values);
    return value;
}

Address Value::address() const {
    const auto bytes = word();
    require(is_zero(bytes.view().first(12)));
    Address address;
    std::copy(bytes.data.begin() + 12, bytes.data.end(), address.data.begin());
    return address;
}
bool Value::boolean() const {
    const auto bytes = word();
    require(word_fits({Kind::boolean, 256, false}, bytes));
    return bytes.data[31] == 1;
}
Bytes32 Value::word() const {
    const auto* const bytes = std::get_if<Bytes32>(&data_);
    require(bytes != nullptr);
    return *bytes;
}
std::uint64_t Value::number() const {
    if (!fits_64_bits()) return std::numeric_limits<std::uint64_t>::max();
    const auto bytes = word();
    std::uint64_t number = 0;
    for (const auto byte : bytes.view().last(8)) number = number << 8 | byte;
    return number;
}
bool Value::fits_64_bits() const { return is_zero(word().view().first(24)); }
const std::string& Value::text() const {
    const auto* const text = std::get_if<std::string>(&data_);
    require(text != nullptr);
    return *text;
}
const Bytes& Value::blob() const {
    const auto* const bytes = std::get_if<Bytes>(&data_);
    require(bytes != nullptr);
    return *bytes;
}
const std::vector<Value>& Value::list() const {
    const auto* const values = std::get_if<std::vector<Value>>(&data_);
    require(values != nullptr);
    return *values;
}

std::array<std::uint8_t, 4> selector(std::string_view signature) {
    const auto hash = keccak256(signature);
    return {hash.data[0], hash.data[1], hash.data[2], hash.data[3]};
}

Bytes encode(const std::vector<Type>& types, const std::vector<Value>& values) {
    Bytes out;
    append_arguments(out, types, values);
    return out;
}

Bytes encode_call(std::string_view signature, const std::vector<Value>& arguments) {
    const auto id = selector(signature);
    Bytes out(id.begin(), id.end());
    append_arguments(out, types_of(signature), arguments);
    return out;
}

Result<std::vector<Value>> decode(const std::vector<Type>& types, BytesView data) {
    return Decoder(data).tuple(types, data);
}

Event::Event(std::string_view declaration, std::vector<bool> which)
    : signature(declaration), indexed(std::move(which)), types(types_of(declaration)), topic(keccak256(declaration)) {
    require(types.size() == indexed.size());
}

EncodedEvent encode_event(const Event& event, const std::vector<Value>& values) {
    require(event.types.size() == values.size());
    EncodedEvent out;
    out.topics.reserve(4);
    out.topics.push_back(event.topic);
    std::vector<std::size_t> plain;
    plain.reserve(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        const Type& type = event.types[i];
        if (!event.indexed[i]) {
            plain.push_back(i);
        } else if (is_dynamic(type)) {
            out.topics.push_back(indexed_hash(type, values[i]));
        } else {
            require(word_fits(type, values[i].word()));
            out.topics.push_back(values[i].word());
        }
    }
    append_tuple(out.data, plain.size(), [&](std::size_t i) {
        return std::pair<Type, const Value*>(event.types[plain[i]], &values[plain[i]]);
    });
    return out;
}

Result<std::vector<Value>> decode_event(const Event& event, const std::vector<Bytes32>& topics, BytesView data) {
    const auto& types = event.types;
    const auto indexed_count = std::count(event.indexed.begin(), event.indexed.end(), true);
    if (topics.size() != std::size_t(indexed_count) + 1) return corrupt("the event has another number of topics");
    if (topics[0] != event.topic) return corrupt("it is another event");

    std::vector<Type> data_types;
    for (std::size_t i = 0; i < types.size(); ++i)
        if (!event.indexed[i]) data_types.push_back(types[i]);
    C2D_TRY(std::vector<Value> data_values, decode(data_types, data));

    std::vector<Value> values;
    auto next_topic = topics.begin() + 1;
    auto next_value = data_values.begin();
    for (std::size_t i = 0; i < types.size(); ++i) {
        if (!event.indexed[i]) {
            values.push_back(std::move(*next_value++));
            continue;
        }
        if (!is_dynamic(types[i]) && !word_fits(types[i], *next_topic))
            return corrupt("a topic is out of its type's range");
        values.push_back(Value::of(*next_topic++));
    }
    return values;
}

}  // namespace c2d::abi
