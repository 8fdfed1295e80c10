/// The Ethereum contract ABI (Solidity ABI specification): values, calls, returns and events.
///
/// Types used here: address, bool, uint8…uint256, bytes32, string, bytes, and one level of T[].
/// Decoding trusts no offset or length before comparing it with what is there.
#pragma once

#include <c2d/types.hpp>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace c2d::abi {

enum class Kind { address, boolean, uint, bytes32, string, bytes };

struct Type {
    Kind kind = Kind::uint;
    /// 8…256 for uint.
    unsigned bits = 256;
    bool array = false;
    bool operator==(const Type&) const = default;
};

/// "uint256", "bytes32[]", …; other types fail with `unsupported`.
Result<Type> parse_type(std::string_view text);
/// The types between the parentheses of "name(type,type)".
Result<std::vector<Type>> parse_signature(std::string_view signature);

/// One value. uint of any width is held as 32 big-endian bytes.
class Value {
public:
    Value() = default;
    static Value of(const Address& address);
    static Value of(bool value);
    static Value of(std::uint64_t number);
    static Value uint256(const Bytes32& big_endian);
    static Value of(const Bytes32& bytes);
    static Value text(std::string text);
    static Value blob(Bytes bytes);
    static Value list(std::vector<Value> values);

    // Accessors abort on another kind: decode() has already checked kinds against the types.
    Address address() const;
    bool boolean() const;
    Bytes32 word() const;
    /// Saturates at 2^64 − 1.
    std::uint64_t number() const;
    bool fits_64_bits() const;
    const std::string& text() const;
    const Bytes& blob() const;
    const std::vector<Value>& list() const;
    bool operator==(const Value&) const = default;

private:
    std::variant<Bytes32, std::string, Bytes, std::vector<Value>> data_;
};

/// First four bytes of the Keccak-256 of "name(type,type)".
std::array<std::uint8_t, 4> selector(std::string_view signature);

/// Encodes a tuple of values; the counts and kinds must match (a bug of the caller otherwise).
Bytes encode(const std::vector<Type>& types, const std::vector<Value>& values);
/// Selector and arguments.
Bytes encode_call(std::string_view signature, const std::vector<Value>& arguments);
/// Decodes a tuple. Strict: padding must be zero, bool 0 or 1, text valid UTF-8, offsets and
/// lengths inside the data, no two texts or lists sharing bytes. Trailing bytes are allowed, as
/// Solidity's decoder allows them. Fails with `corrupt`.
Result<std::vector<Value>> decode(const std::vector<Type>& types, BytesView data);

/// An event as declared: "Name(type,type)" and which parameters are indexed.
struct Event {
    /// Aborts when the declaration is not one: it is part of the program.
    Event(std::string_view declaration, std::vector<bool> which);

    std::string signature;
    std::vector<bool> indexed;
    std::vector<Type> types;
    /// Topic 0 of its logs: Keccak-256 of the signature.
    Bytes32 topic;
};
struct EncodedEvent {
    std::vector<Bytes32> topics;
    Bytes data;
};
EncodedEvent encode_event(const Event& event, const std::vector<Value>& values);
/// Values in declaration order; an indexed string, bytes or array is there only as its hash
/// (a bytes32 value). Fails with `corrupt` when topics or data do not fit the declaration.
Result<std::vector<Value>> decode_event(const Event& event, const std::vector<Bytes32>& topics, BytesView data);

}  // namespace c2d::abi
