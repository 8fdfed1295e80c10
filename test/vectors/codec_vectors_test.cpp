#include "codec/bech32.hpp"
#include "codec/checksum.hpp"
#include "codec/cid.hpp"
#include "codec/rlp.hpp"
#include "codec/transaction.hpp"
#include "crypto/hash.hpp"
#include "vectors/vector_file.hpp"

#include <c2d/key.hpp>

#include <doctest/doctest.h>

using namespace c2d;
using vectors::is_reject;
using vectors::Vector;

namespace {

/// Nested arrays of hexadecimal strings as an RLP item.
rlp::Item item_of(const json::Value& value) {
    if (value.is_string()) {
        const auto bytes = parse_hex(value.text());
        REQUIRE(bytes.ok());
        return rlp::Item::string(*bytes);
    }
    if (!value.is_array()) vectors::unknown_shape();
    std::vector<rlp::Item> items;
    for (const auto& child : value.items()) items.push_back(item_of(child));
    return rlp::Item::list(std::move(items));
}

Bytes access_list_of(const json::Value& list) {
    REQUIRE(list.is_array());
    if (list.items().empty()) return {};
    std::vector<rlp::Item> entries;
    for (const auto& entry : list.items())
        entries.push_back(rlp::Item::list(
            {rlp::Item::string(vectors::address(entry, "address")), item_of(vectors::member(entry, "storageKeys"))}));
    return rlp::encode(rlp::Item::list(std::move(entries)));
}

Transaction transaction_of(const json::Value& input) {
    Transaction out;
    const auto type = vectors::number(input, "type");
    REQUIRE(type <= 2);
    out.type = Transaction::Type(type);
    out.chain_id = vectors::number(input, "chainId");
    out.nonce = vectors::number(input, "nonce");
    out.gas_limit = vectors::number(input, "gasLimit");
    out.value = vectors::uint256(vectors::text(input, "value"));
    out.data = vectors::bytes(input, "data");
    if (!vectors::member(input, "to").is_null()) out.to = vectors::address(input, "to");
    if (type == 2) {
        out.priority_fee = vectors::number(input, "maxPriorityFeePerGas");
        out.gas_price = vectors::number(input, "maxFeePerGas");
    } else {
        out.gas_price = vectors::number(input, "gasPrice");
    }
    if (type != 0) out.access_list = access_list_of(vectors::member(input, "accessList"));
    return out;
}

void check_same(const Transaction& a, const Transaction& b) {
    CHECK(a.type == b.type);
    CHECK(a.chain_id == b.chain_id);
    CHECK(a.nonce == b.nonce);
    CHECK(a.gas_price == b.gas_price);
    CHECK(a.priority_fee == b.priority_fee);
    CHECK(a.gas_limit == b.gas_limit);
    CHECK(a.to == b.to);
    CHECK(a.value == b.value);
    CHECK(a.data == b.data);
    CHECK(a.access_list == b.access_list);
}

Bytes patterned(const json::Value& pattern) {
    const auto mul = vectors::number(pattern, "mul");
    const auto add = vectors::number(pattern, "add");
    const auto mod = vectors::number(pattern, "mod");
    REQUIRE((mod > 0 && mod <= 256));
    Bytes out(vectors::number(pattern, "length"));
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = std::uint8_t((i * mul + add) % mod);
    return out;
}

Bytes content_of(const json::Value& input) {
    if (input.find("pattern") != nullptr) return patterned(vectors::member(input, "pattern"));
    const auto text = vectors::text(input, input.find("json") != nullptr ? "json" : "text");
    const auto view = as_bytes(text);
    return Bytes(view.begin(), view.end());
}

/// Documents "as stored" are what this library would store.
void check_stored_text(const std::string& text) {
    const auto document = json::parse(text);
    REQUIRE(document.ok());
    CHECK(legacy_stored_text(*document) == text);
    const auto stated = document->text_at({"proof", "checksum"});
    if (!stated.empty()) CHECK(hex_text(checksum_legacy(*document)) == "0x" + stated);
}

}  // namespace

TEST_CASE("create_address") {
    vectors::for_each("create_address", [](const Vector& v) {
        const auto address = create_address(vectors::address(v.input, "from"), vectors::number(v.input, "nonce"));
        CHECK(address_text(address) == v.expected.text());
    });
}

TEST_CASE("bech32") {
    vectors::for_each("bech32", [](const Vector& v) {
        const auto prefix = vectors::text(v.input, "hrp");
        if (v.input.find("address") != nullptr) {
            const auto address = vectors::address(v.input, "address");
            const auto text = vectors::text(v.expected, "bech32");
            CHECK(bech32_address(prefix, address) == text);
            CHECK(parse_bech32_address(prefix, text).value_or({}) == address);
            return;
        }
        const auto address = parse_bech32_address(prefix, vectors::text(v.input, "bech32"));
        if (is_reject(v.expected)) {
            CHECK(address.status() == Status::INVALID_ARGUMENT);
            return;
        }
        REQUIRE(address.ok());
        CHECK(address_text(*address) == vectors::text(v.expected, "address"));
    });
}

TEST_CASE("rlp") {
    vectors::for_each("rlp", [](const Vector& v) {
        if (v.input.is_object()) {
            const auto item = rlp::decode(vectors::bytes(v.input, "decode"));
            if (is_reject(v.expected)) {
                CHECK(item.status() == Status::INVALID_ARGUMENT);
                return;
            }
            REQUIRE(item.ok());
            CHECK(*item == item_of(v.expected));
            return;
        }
        const auto item = item_of(v.input);
        const auto encoded = rlp::encode(item);
        CHECK(hex_text(encoded) == v.expected.text());
        const auto decoded = rlp::decode(encoded);
        REQUIRE(decoded.ok());
        CHECK(*decoded == item);
    });
}

TEST_CASE("tx") {
    vectors::for_each("tx", [](const Vector& v) {
        const auto transaction = transaction_of(v.input);
        CHECK(hex_text(signing_hash(transaction)) == vectors::text(v.expected, "signingHash"));
        const auto key = PrivateKey::from_hex(vectors::text(v.input, "privateKey"));
        REQUIRE(key.ok());
        const auto signed_one = sign_transaction(transaction, **key);
        REQUIRE(signed_one.ok());
        CHECK(hex_text(signed_one->raw) == vectors::text(v.expected, "raw"));
        CHECK(hex_text(signed_one->hash) == vectors::text(v.expected, "hash"));
        const auto signature = signed_one->signature;
        CHECK(hex_text(signature.view().first(32)) == vectors::text(v.expected, "r"));
        CHECK(hex_text(signature.view().subspan(32, 32)) == vectors::text(v.expected, "s"));
        CHECK(signature.data[64] == vectors::number(v.expected, "yParity"));
        const auto stated_v = transaction.type == Transaction::Type::legacy
                                  ? transaction.chain_id * 2 + 35 + signature.data[64]
                                  : signature.data[64];
        CHECK(stated_v == vectors::number(v.expected, "v"));

        const auto decoded = decode_transaction(vectors::bytes(v.expected, "raw"));
        REQUIRE(decoded.ok());
        CHECK(address_text(decoded->sender) == vectors::text(v.expected, "from"));
        CHECK(hex_text(decoded->hash) == vectors::text(v.expected, "hash"));
        CHECK(decoded->signature == signature);
        check_same(decoded->transaction, transaction);
    });
}

TEST_CASE("checksum") {
    vectors::for_each("checksum", [](const Vector& v) {
        const auto document = json::parse(vectors::text(v.input, "json"));
        REQUIRE(document.ok());
        const auto canonical = legacy_canonical(*document);
        CHECK(canonical == vectors::text(v.expected, "canonical"));
        const auto stated = "0x" + vectors::text(v.expected, "sha3_256");
        CHECK(hex_text(sha3_256(as_bytes(canonical))) == stated);
        if (document->find("proof") == nullptr) CHECK(hex_text(checksum_legacy(*document)) == stated);
    });
}

TEST_CASE("cid") {
    vectors::for_each("cid", [](const Vector& v) {
        const auto content = content_of(v.input);
        if (v.name.starts_with("as stored")) check_stored_text(vectors::text(v.input, "json"));
        const auto root = cid_v0(content);
        const auto version_0 = vectors::text(v.expected, "cidv0");
        CHECK(cid_text(root) == version_0);
        const auto as_version_1 = vectors::text(v.expected, "cidv0_as_v1");
        CHECK(cid_text({1, root.codec, root.digest}) == as_version_1);
        const auto version_1 = vectors::text(v.expected, "cidv1");
        CHECK(cid_text(cid_v1(content)) == version_1);

        auto other = content;
        other.push_back(0);
        for (const auto& text : {version_0, as_version_1, version_1}) {
            const auto parsed = parse_cid(text);
            REQUIRE(parsed.ok());
            CHECK(cid_text(*parsed) == text);
            CHECK(cid_matches(*parsed, content));
            CHECK(!cid_matches(*parsed, other));
        }
    });
}
