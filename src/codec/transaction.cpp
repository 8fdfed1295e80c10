#include "codec/transaction.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "codec/rlp.hpp"
#include "crypto/hash.hpp"

#include <c2d/key.hpp>

#include <algorithm>
#include <limits>

namespace c2d {

namespace {

using rlp::Item;
using Type = Transaction::Type;

/// EIP-155: v = chain id × 2 + 35 + parity must fit in 64 bits.
constexpr std::uint64_t kLegacyChainIdMax = (std::numeric_limits<std::uint64_t>::max() - 36) / 2;

Error malformed(std::string_view why) {
    return fail(Status::INVALID_ARGUMENT, "the transaction is not valid: {}", why);
}

/// A big-endian number of up to 32 bytes without its leading zeros.
Item number_item(const Bytes32& number) {
    const auto first = std::find_if(number.data.begin(), number.data.end(),
                                    [](std::uint8_t byte) { return byte != 0; });
    return {false, Bytes(first, number.data.end()), {}};
}

Result<Bytes32> number256_of(const Item& item) {
    if (item.is_list || item.bytes.size() > 32) return malformed("a number is too long");
    if (!item.bytes.empty() && item.bytes[0] == 0) return malformed("a number has a leading zero");
    Bytes32 out;
    std::copy_backward(item.bytes.begin(), item.bytes.end(), out.data.end());
    return out;
}

/// [[address, [key, …]], …] as EIP-2930 has it.
bool is_access_list(const Item& list) {
    return list.is_list && std::all_of(list.items.begin(), list.items.end(), [](const Item& entry) {
               if (!entry.is_list || entry.items.size() != 2) return false;
               const auto& address = entry.items[0];
               const auto& keys = entry.items[1];
               const auto is_key = [](const Item& key) {
                   return !key.is_list && key.bytes.size() == 32;
               };
               return !address.is_list && address.bytes.size() == 20 && keys.is_list &&
                      std::all_of(keys.items.begin(), keys.items.end(), is_key);
           });
}

Result<Unit> check(const Transaction& transaction) {
    const bool legacy = transaction.type == Type::legacy;
    if (transaction.chain_id == 0) return malformed("it names no chain");
    if (legacy && transaction.chain_id > kLegacyChainIdMax)
        return malformed("the chain id does not fit a legacy signature");
    if (transaction.access_list.empty()) return Unit{};
    if (legacy) return malformed("a legacy transaction has no access list");
    const auto list = rlp::decode(transaction.access_list);
    if (!list || !is_access_list(*list)) return malformed("the access list is not one");
    return Unit{};
}

/// What every type has in common, in this order: fees, gas limit, to, value, data.
std::vector<Item> call_items(const Transaction& transaction) {
    std::vector<Item> items;
    items.push_back(Item::number(transaction.nonce));
    if (transaction.type == Type::dynamic_fee)
        items.push_back(Item::number(transaction.priority_fee));
    items.push_back(Item::number(transaction.gas_price));
    items.push_back(Item::number(transaction.gas_limit));
    items.push_back(transaction.to ? Item::string(*transaction.to) : Item::string({}));
    items.push_back(number_item(transaction.value));
    items.push_back(Item::string(transaction.data));
    return items;
}

/// The members that are signed; a typed transaction is its type byte and their RLP.
std::vector<Item> unsigned_items(const Transaction& transaction) {
    auto items = call_items(transaction);
    if (transaction.type == Type::legacy) return items;
    items.insert(items.begin(), Item::number(transaction.chain_id));
    auto list = rlp::decode(transaction.access_list);
    items.push_back(list.ok() ? *std::move(list) : Item::list({}));
    return items;
}

Bytes serialize(Type type, std::vector<Item> items) {
    Bytes out;
    if (type != Type::legacy) out.push_back(std::uint8_t(type));
    const auto body = rlp::encode(Item::list(std::move(items)));
    out.insert(out.end(), body.begin(), body.end());
    return out;
}

Bytes serialize_signed(const Transaction& transaction, const Signature& signature) {
    auto items = unsigned_items(transaction);
    const auto parity = signature.data[64];
    items.push_back(Item::number(
        transaction.type == Type::legacy ? transaction.chain_id * 2 + 35 + parity : parity));
    Bytes32 r, s;
    std::copy_n(signature.data.begin(), 32, r.data.begin());
    std::copy_n(signature.data.begin() + 32, 32, s.data.begin());
    items.push_back(number_item(r));
    items.push_back(number_item(s));
    return serialize(transaction.type, std::move(items));
}

/// Reads the members of a decoded list one after the other.
class Fields {
public:
    explicit Fields(const std::vector<Item>& items) : next_(items.begin()) {}
    const Item& item() { return *next_++; }
    Result<Unit> read(std::uint64_t& out) {
        C2D_TRY(out, rlp::number_of(item()));
        return Unit{};
    }
    Result<Unit> read(Bytes32& out) {
        C2D_TRY(out, number256_of(item()));
        return Unit{};
    }
    Result<Unit> read(Bytes& out) {
        const Item& next = item();
        if (next.is_list) return malformed("a list stands where bytes belong");
        out = next.bytes;
        return Unit{};
    }
    Result<Unit> read(std::optional<Address>& out) {
        Bytes bytes;
        C2D_CHECK(read(bytes));
        if (bytes.empty()) return Unit{};
        C2D_TRY(out, Address::from(bytes));
        return Unit{};
    }

private:
    std::vector<Item>::const_iterator next_;
};

Result<Unit> read_call(Fields& fields, Transaction& out) {
    C2D_CHECK(fields.read(out.nonce));
    if (out.type == Type::dynamic_fee) C2D_CHECK(fields.read(out.priority_fee));
    C2D_CHECK(fields.read(out.gas_price));
    C2D_CHECK(fields.read(out.gas_limit));
    C2D_CHECK(fields.read(out.to));
    C2D_CHECK(fields.read(out.value));
    return fields.read(out.data);
}

/// Turns v into a parity, and for a legacy transaction into the chain id as well.
Result<std::uint8_t> read_parity(Fields& fields, Transaction& out) {
    std::uint64_t v = 0;
    C2D_CHECK(fields.read(v));
    if (out.type == Type::legacy) {
        if (v < 35) return malformed("its signature is not bound to a chain (EIP-155)");
        out.chain_id = (v - 35) / 2;
        return std::uint8_t((v - 35) % 2);
    }
    if (v > 1) return malformed("the parity is not 0 or 1");
    return std::uint8_t(v);
}

std::size_t fields_count(Type type) {
    switch (type) {
        case Type::legacy:
            return 9;
        case Type::access_list:
            return 11;
        case Type::dynamic_fee:
            return 12;
    }
    return 0;
}

/// The type in front of the payload; legacy transactions begin with an RLP list.
Result<Type> take_type(BytesView& rest) {
    if (rest.empty()) return malformed("it is empty");
    if (rest[0] >= 0xc0) return Type::legacy;
    if (rest[0] != 1 && rest[0] != 2) return malformed("its type is not known");
    const auto type = Type(rest[0]);
    rest = rest.subspan(1);
    return type;
}

}  // namespace

Bytes32 signing_hash(const Transaction& transaction) {
    auto items = unsigned_items(transaction);
    if (transaction.type == Type::legacy) {
        items.push_back(Item::number(transaction.chain_id));
        items.push_back(Item::number(0));
        items.push_back(Item::number(0));
    }
    return keccak256(serialize(transaction.type, std::move(items)));
}

Result<SignedTransaction> sign_transaction(const Transaction& transaction, Signer& signer) {
    C2D_CHECK(check(transaction));
    SignedTransaction out;
    out.transaction = transaction;
    const auto digest = signing_hash(transaction);
    C2D_TRY(out.signature, signer.sign_digest(digest));
    // A signer may be a device of somebody else's making: what leaves must recover to its address.
    auto& v = out.signature.data[64];
    if (v == 27 || v == 28) v = std::uint8_t(v - 27);
    const auto sender = recover_signer(digest, out.signature);
    if (!sender || *sender != signer.address())
        return Error(Status::INTERNAL, "the signer's signature does not recover to its address");
    out.sender = *sender;
    out.raw = serialize_signed(transaction, out.signature);
    out.hash = keccak256(out.raw);
    return out;
}

Result<SignedTransaction> decode_transaction(BytesView raw) {
    SignedTransaction out;
    auto rest = raw;
    auto& transaction = out.transaction;
    C2D_TRY(transaction.type, take_type(rest));
    C2D_TRY(const Item list, rlp::decode(rest));
    if (!list.is_list || list.items.size() != fields_count(transaction.type))
        return malformed("it has another number of fields");

    Fields fields(list.items);
    if (transaction.type != Type::legacy) C2D_CHECK(fields.read(transaction.chain_id));
    C2D_CHECK(read_call(fields, transaction));
    if (transaction.type != Type::legacy) {
        const Item& access_list = fields.item();
        if (!is_access_list(access_list)) return malformed("the access list is not one");
        if (!access_list.items.empty()) transaction.access_list = rlp::encode(access_list);
    }
    C2D_TRY(out.signature.data[64], read_parity(fields, transaction));
    Bytes32 r, s;
    C2D_CHECK(fields.read(r));
    C2D_CHECK(fields.read(s));
    std::copy(r.data.begin(), r.data.end(), out.signature.data.begin());
    std::copy(s.data.begin(), s.data.end(), out.signature.data.begin() + 32);

    C2D_CHECK(check(transaction));
    C2D_TRY(out.sender, recover_signer(signing_hash(transaction), out.signature));
    out.raw.assign(raw.begin(), raw.end());
    out.hash = keccak256(raw);
    return out;
}

Address create_address(const Address& sender, std::uint64_t nonce) {
    const auto hash =
        keccak256(rlp::encode(Item::list({Item::string(sender), Item::number(nonce)})));
    Address address;
    std::copy(hash.data.begin() + 12, hash.data.end(), address.data.begin());
    return address;
}

}  // namespace c2d
