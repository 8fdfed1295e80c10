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

using Type = Transaction::Type;

/// EIP-155: v = chain id × 2 + 35 + parity must fit in 64 bits.
constexpr std::uint64_t kLegacyChainIdMax = (std::numeric_limits<std::uint64_t>::max() - 36) / 2;

Error malformed(std::string_view why) {
    return fail(Status::INVALID_ARGUMENT, "the transaction is not valid: {}", why);
}

/// [[address, [key, …]], …] as EIP-2930 has it: the payload of that list.
Result<Unit> check_access_list(BytesView payload) {
    const auto string_of = [](rlp::Reader& reader, std::size_t size) -> Result<Unit> {
        C2D_TRY(const BytesView bytes, reader.string());
        if (bytes.size() != size) return malformed("the access list is not one");
        return Unit{};
    };
    for (rlp::Reader entries(payload); !entries.at_end();) {
        C2D_TRY(const BytesView fields, entries.list());
        rlp::Reader entry(fields);
        C2D_CHECK(string_of(entry, 20));
        C2D_TRY(const BytesView list, entry.list());
        if (!entry.at_end()) return malformed("the access list is not one");
        for (rlp::Reader keys(list); !keys.at_end();) C2D_CHECK(string_of(keys, 32));
    }
    return Unit{};
}

Result<Unit> check(const Transaction& transaction) {
    const bool legacy = transaction.type == Type::legacy;
    if (transaction.chain_id == 0) return malformed("it names no chain");
    if (legacy && transaction.chain_id > kLegacyChainIdMax)
        return malformed("the chain id does not fit a legacy signature");
    if (transaction.access_list.empty()) return Unit{};
    if (legacy) return malformed("a legacy transaction has no access list");
    const auto list = rlp::decode_list(transaction.access_list);
    if (!list || !check_access_list(*list)) return malformed("the access list is not one");
    return Unit{};
}

/// The members that are signed, in the order of their type.
rlp::Writer unsigned_items(const Transaction& transaction) {
    rlp::Writer out;
    out.reserve(transaction.data.size() + transaction.access_list.size() + 192);
    const bool legacy = transaction.type == Type::legacy;
    if (!legacy) out.number(transaction.chain_id);
    out.number(transaction.nonce);
    if (transaction.type == Type::dynamic_fee) out.number(transaction.priority_fee);
    out.number(transaction.gas_price).number(transaction.gas_limit);
    out.string(transaction.to ? transaction.to->view() : BytesView());
    out.number(transaction.value).string(transaction.data);
    if (legacy) return out;
    return transaction.access_list.empty() ? out.list({}) : out.items(transaction.access_list);
}

/// A legacy transaction is a list, a typed one its type byte and a list.
Bytes serialize(Type type, const rlp::Writer& items) {
    rlp::Writer out;
    out.reserve(items.written().size() + 10);
    const auto byte = std::uint8_t(type);
    if (type != Type::legacy) out.items({&byte, 1});
    return out.list(items.written()).take();
}

Bytes serialize_signed(const Transaction& transaction, const Signature& signature) {
    auto items = unsigned_items(transaction);
    const auto parity = signature.data[64];
    items.number(transaction.type == Type::legacy ? transaction.chain_id * 2 + 35 + parity : parity);
    Bytes32 r, s;
    std::copy_n(signature.data.begin(), 32, r.data.begin());
    std::copy_n(signature.data.begin() + 32, 32, s.data.begin());
    items.number(r).number(s);
    return serialize(transaction.type, items);
}

Result<std::optional<Address>> read_receiver(rlp::Reader& fields) {
    C2D_TRY(const BytesView bytes, fields.string());
    if (bytes.empty()) return std::optional<Address>();
    C2D_TRY(const Address address, Address::from(bytes));
    return std::optional<Address>(address);
}

/// As it stands; whether it is one is for `check`.
Result<Unit> read_access_list(rlp::Reader& fields, Transaction& out) {
    const auto before = fields.rest();
    C2D_TRY(const BytesView payload, fields.list());
    if (payload.empty()) return Unit{};
    const auto encoded = before.first(before.size() - fields.rest().size());
    out.access_list.assign(encoded.begin(), encoded.end());
    return Unit{};
}

/// The members that are signed.
Result<Unit> read_unsigned(rlp::Reader& fields, Transaction& out) {
    const bool legacy = out.type == Type::legacy;
    if (!legacy) {
        C2D_TRY(out.chain_id, fields.number());
    }
    C2D_TRY(out.nonce, fields.number());
    if (out.type == Type::dynamic_fee) {
        C2D_TRY(out.priority_fee, fields.number());
    }
    C2D_TRY(out.gas_price, fields.number());
    C2D_TRY(out.gas_limit, fields.number());
    C2D_TRY(out.to, read_receiver(fields));
    C2D_TRY(out.value, fields.number256());
    C2D_TRY(const BytesView data, fields.string());
    out.data.assign(data.begin(), data.end());
    return legacy ? Result<Unit>(Unit{}) : read_access_list(fields, out);
}

/// Turns v into a parity, and for a legacy transaction into the chain id as well.
Result<std::uint8_t> read_parity(rlp::Reader& fields, Transaction& out) {
    C2D_TRY(const std::uint64_t v, fields.number());
    if (out.type == Type::legacy) {
        if (v < 35) return malformed("its signature is not bound to a chain (EIP-155)");
        out.chain_id = (v - 35) / 2;
        return std::uint8_t((v - 35) % 2);
    }
    if (v > 1) return malformed("the parity is not 0 or 1");
    return std::uint8_t(v);
}

Result<Signature> read_signature(rlp::Reader& fields, Transaction& out) {
    Signature signature;
    C2D_TRY(signature.data[64], read_parity(fields, out));
    C2D_TRY(const Bytes32 r, fields.number256());
    C2D_TRY(const Bytes32 s, fields.number256());
    std::copy(r.data.begin(), r.data.end(), signature.data.begin());
    std::copy(s.data.begin(), s.data.end(), signature.data.begin() + 32);
    return signature;
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
    if (transaction.type == Type::legacy) items.number(transaction.chain_id).string({}).string({});
    return keccak256(serialize(transaction.type, items));
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
    C2D_TRY(const BytesView list, rlp::decode_list(rest));
    rlp::Reader fields(list);
    C2D_CHECK(read_unsigned(fields, transaction));
    C2D_TRY(out.signature, read_signature(fields, transaction));
    if (!fields.at_end()) return malformed("it has more fields than its type");

    C2D_CHECK(check(transaction));
    C2D_TRY(out.sender, recover_signer(signing_hash(transaction), out.signature));
    out.raw.assign(raw.begin(), raw.end());
    out.hash = keccak256(raw);
    return out;
}

Address create_address(const Address& sender, std::uint64_t nonce) {
    rlp::Writer items;
    const auto hash = keccak256(rlp::encode_list(items.string(sender.view()).number(nonce).written()));
    Address address;
    std::copy(hash.data.begin() + 12, hash.data.end(), address.data.begin());
    return address;
}

}  // namespace c2d
