#include "crypto/hash.hpp"
#include "crypto/personal_message.hpp"
#include "vectors/vector_file.hpp"

#include <c2d/key.hpp>

#include <doctest/doctest.h>

using namespace c2d;
using vectors::is_reject;
using vectors::Vector;

TEST_CASE("keccak256") {
    vectors::for_each("keccak256", [](const Vector& v) {
        Bytes32 hash;
        if (v.input.find("text") != nullptr)
            hash = keccak256(vectors::text(v.input, "text"));
        else
            hash = keccak256(vectors::bytes(v.input, "hex"));
        CHECK(hex_text(hash) == v.expected.text());
    });
}

TEST_CASE("eip55") {
    vectors::for_each("eip55", [](const Vector& v) {
        if (v.input.find("address") != nullptr) {
            const auto address = vectors::address(v.input, "address");
            const auto spelling = vectors::text(v.expected, "checksum");
            CHECK(address_text(address) == spelling);
            CHECK(parse_address(spelling).value_or({}) == address);
            return;
        }
        const auto& accept = vectors::member(v.expected, "accept");
        REQUIRE(accept.is_bool());
        CHECK(parse_address(vectors::text(v.input, "spelling")).ok() == accept.boolean());
    });
}

TEST_CASE("keys") {
    vectors::for_each("keys", [](const Vector& v) {
        auto key = PrivateKey::from_hex(vectors::text(v.input, "privateKey"));
        if (is_reject(v.expected)) {
            CHECK(key.status() == Status::INVALID_ARGUMENT);
            return;
        }
        REQUIRE(key.ok());
        const auto public_key = (*key)->public_key();
        CHECK(hex_text(public_key) == vectors::text(v.expected, "publicKey"));
        Bytes compressed(public_key.begin(), public_key.begin() + 33);
        compressed[0] = std::uint8_t(2 + public_key[64] % 2);
        CHECK(hex_text(compressed) == vectors::text(v.expected, "compressed"));
        CHECK(address_text((*key)->address()) == vectors::text(v.expected, "address"));
    });
}

TEST_CASE("personal_sign") {
    vectors::for_each("personal_sign", [](const Vector& v) {
        const auto key = PrivateKey::from_hex(vectors::text(v.input, "privateKey"));
        REQUIRE(key.ok());
        CHECK(address_text((*key)->address()) == vectors::text(v.expected, "address"));
        const auto digest = personal_message_digest(vectors::text(v.input, "message"));
        CHECK(hex_text(digest) == vectors::text(v.expected, "hash"));

        auto signature = (*key)->sign_digest(digest);
        REQUIRE(signature.ok());
        CHECK(recover_signer(digest, *signature).value_or({}) == (*key)->address());
        signature->data[64] = std::uint8_t(signature->data[64] + 27);
        CHECK(hex_text(*signature) == vectors::text(v.expected, "signature"));
        CHECK(hex_text(signature->view().first(32)) == vectors::text(v.expected, "r"));
        CHECK(hex_text(signature->view().subspan(32, 32)) == vectors::text(v.expected, "s"));
        CHECK(signature->data[64] == vectors::number(v.expected, "v"));
    });
}

TEST_CASE("recover") {
    vectors::for_each("recover", [](const Vector& v) {
        const auto digest = personal_message_digest(vectors::text(v.input, "message"));
        const auto signer = recover_signer(digest, vectors::bytes(v.input, "signature"));
        if (is_reject(v.expected)) {
            CHECK(signer.status() == Status::INVALID_ARGUMENT);
            return;
        }
        REQUIRE(signer.ok());
        CHECK(address_text(*signer) == vectors::text(v.expected, "address"));
    });
}
