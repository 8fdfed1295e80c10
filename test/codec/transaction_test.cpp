#include "codec/transaction.hpp"
#include "codec/rlp.hpp"

#include <c2d/key.hpp>

#include <doctest/doctest.h>
#include <limits>

using namespace c2d;
using rlp::Item;

namespace {

std::shared_ptr<PrivateKey> some_key() { return *PrivateKey::from_bytes(Bytes(32, 0x42)); }

Transaction some_transaction(Transaction::Type type) {
    Transaction out;
    out.type = type;
    out.chain_id = 4294967297;
    out.nonce = 7;
    out.gas_price = 30;
    out.gas_limit = 21000;
    out.to = Address::from(Bytes(20, 0xaa)).value_or({});
    out.data = {1, 2, 3};
    return out;
}

SignedTransaction signed_one(Transaction::Type type) {
    auto out = sign_transaction(some_transaction(type), *some_key());
    REQUIRE(out.ok());
    return *std::move(out);
}

/// The raw bytes again after `change` was made to their fields.
template <class Change>
Bytes changed(const SignedTransaction& transaction, Change change) {
    const bool legacy = transaction.transaction.type == Transaction::Type::legacy;
    auto item = *rlp::decode(BytesView(transaction.raw).subspan(legacy ? 0 : 1));
    change(item.items);
    Bytes out;
    if (!legacy) out.push_back(transaction.raw[0]);
    const auto body = rlp::encode(item);
    out.insert(out.end(), body.begin(), body.end());
    return out;
}

bool refused(const Bytes& raw) {
    const auto decoded = decode_transaction(raw);
    CHECK((decoded.ok() || decoded.status() == Status::INVALID_ARGUMENT));
    return !decoded.ok();
}

/// Signs with one key and claims the address of another.
class Liar final : public Signer {
public:
    Address address() const override { return Address::from(Bytes(20, 1)).value_or({}); }
    Result<Signature> sign_digest(const Bytes32& digest) override { return some_key()->sign_digest(digest); }
};

/// A device that answers with v 27 or 28.
class OldDevice final : public Signer {
public:
    Address address() const override { return some_key()->address(); }
    Result<Signature> sign_digest(const Bytes32& digest) override {
        auto signature = some_key()->sign_digest(digest);
        if (signature.ok()) signature->data[64] = std::uint8_t(signature->data[64] + 27);
        return signature;
    }
};

/// Where the call data stands among the fields.
std::size_t items_data_index(Transaction::Type type) {
    switch (type) {
        case Transaction::Type::legacy: return 5;
        case Transaction::Type::access_list: return 6;
        default: return 7;
    }
}

constexpr auto kTypes = {Transaction::Type::legacy, Transaction::Type::access_list, Transaction::Type::dynamic_fee};

}  // namespace

TEST_CASE("transaction: any change of a byte changes the sender or is refused") {
    for (const auto type : kTypes) {
        const auto original = signed_one(type);
        CHECK(original.sender == some_key()->address());
        for (std::size_t i = 0; i < original.raw.size(); ++i)
            for (const std::uint8_t flip : {0x01, 0x80, 0xff}) {
                auto raw = original.raw;
                raw[i] ^= flip;
                const auto decoded = decode_transaction(raw);
                CHECK((!decoded.ok() || decoded->sender != original.sender));
            }
    }
}

TEST_CASE("transaction: cut short, or with bytes behind") {
    for (const auto type : kTypes) {
        const auto original = signed_one(type);
        for (std::size_t length = 0; length < original.raw.size(); ++length)
            CHECK(refused(Bytes(original.raw.begin(), original.raw.begin() + std::ptrdiff_t(length))));
        auto raw = original.raw;
        raw.push_back(0);
        CHECK(refused(raw));
    }
}

TEST_CASE("transaction: fields of the wrong kind, number or form") {
    for (const auto type : kTypes) {
        const auto original = signed_one(type);
        const auto count =
            rlp::decode(BytesView(original.raw).subspan(type == Transaction::Type::legacy ? 0 : 1))->items.size();
        for (std::size_t i = 0; i < count; ++i) {
            CHECK(refused(changed(original, [i](auto& items) { items.erase(items.begin() + std::ptrdiff_t(i)); })));
            CHECK(refused(changed(original, [i](auto& items) { items[i] = Item::list({Item::number(1)}); })));
            CHECK(refused(changed(original, [i](auto& items) { items[i] = Item::string(Bytes(33, 1)); })) ==
                  // Only the data may be 33 bytes long.
                  (items_data_index(type) != i));
        }
        CHECK(refused(changed(original, [](auto& items) { items.push_back(Item::number(1)); })));
        CHECK(refused(changed(original, [](auto& items) { items[0] = Item::string(Bytes{0, 1}); })));
    }
}

TEST_CASE("transaction: signatures without a chain, high s, zero r") {
    const auto original = signed_one(Transaction::Type::legacy);
    for (const std::uint64_t v : {0, 1, 27, 28, 34, 35, 36})
        CHECK(refused(changed(original, [v](auto& items) { items[6] = Item::number(v); })));
    CHECK(refused(changed(original, [](auto& items) { items[7] = Item::number(0); })));
    CHECK(refused(changed(original, [](auto& items) { items[8] = Item::string(Bytes(32, 0xff)); })));

    // n − s with the other parity recovers to the same sender, were it not refused (EIP-2).
    const auto order = *parse_hex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
    Bytes high(32);
    int borrow = 0;
    for (std::size_t i = 32; i-- > 0;) {
        const int digit = int(order[i]) - int(original.signature.data[32 + i]) - borrow;
        borrow = digit < 0 ? 1 : 0;
        high[i] = std::uint8_t(digit);
    }
    const auto other_v = 4294967297u * 2 + 35 + (1u - original.signature.data[64]);
    CHECK(refused(changed(original, [&](auto& items) {
        items[6] = Item::number(other_v);
        items[8] = Item::string(high);
    })));
}

TEST_CASE("transaction: unknown types") {
    CHECK(refused({}));
    for (unsigned first = 0; first < 0xc0; ++first) {
        auto raw = signed_one(Transaction::Type::dynamic_fee).raw;
        raw[0] = std::uint8_t(first);
        CHECK((first == 2 || refused(raw)));
    }
}

TEST_CASE("transaction: what cannot be signed") {
    auto transaction = some_transaction(Transaction::Type::legacy);
    transaction.chain_id = 0;
    CHECK(!sign_transaction(transaction, *some_key()).ok());
    transaction.chain_id = std::numeric_limits<std::uint64_t>::max() / 2;
    CHECK(!sign_transaction(transaction, *some_key()).ok());
    transaction.chain_id = (std::numeric_limits<std::uint64_t>::max() - 36) / 2;
    const auto largest = sign_transaction(transaction, *some_key());
    REQUIRE(largest.ok());
    CHECK(decode_transaction(largest->raw)->transaction.chain_id == transaction.chain_id);

    transaction = some_transaction(Transaction::Type::legacy);
    transaction.access_list = {0xc0};
    CHECK(!sign_transaction(transaction, *some_key()).ok());
    transaction = some_transaction(Transaction::Type::dynamic_fee);
    for (const auto& bad : {Bytes{0x80}, Bytes{0xc1}, Bytes{0xc1, 0x80}, Bytes{0xc0, 0xc0}, Bytes{0xc2, 0xc1, 0x01}}) {
        transaction.access_list = bad;
        CHECK(!sign_transaction(transaction, *some_key()).ok());
    }
}

TEST_CASE("transaction: a signer is not believed") {
    const auto transaction = some_transaction(Transaction::Type::dynamic_fee);
    Liar liar;
    CHECK(!sign_transaction(transaction, liar).ok());
    OldDevice device;
    const auto by_device = sign_transaction(transaction, device);
    REQUIRE(by_device.ok());
    CHECK(by_device->raw == sign_transaction(transaction, *some_key())->raw);
}
