#include "codec/keystore.hpp"
#include "codec/json.hpp"

#include <c2d/key.hpp>

#include <doctest/doctest.h>

using namespace c2d;

namespace {

constexpr std::string_view kSecret = "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";

// Both documents are from the Web3 Secret Storage definition; the password is "testpassword".
constexpr std::string_view kPbkdf2 = R"({
    "crypto" : {
        "cipher" : "aes-128-ctr",
        "cipherparams" : { "iv" : "6087dab2f9fdbbfaddc31a909735c1e6" },
        "ciphertext" : "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
        "kdf" : "pbkdf2",
        "kdfparams" : { "c" : 262144, "dklen" : 32, "prf" : "hmac-sha256",
            "salt" : "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd" },
        "mac" : "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"
    },
    "id" : "3198bc9c-6672-5ab3-d995-4942343ae5b6",
    "version" : 3
})";
constexpr std::string_view kScrypt = R"({
    "crypto" : {
        "cipher" : "aes-128-ctr",
        "cipherparams" : { "iv" : "83dbcc02d8ccb40e466191a123791e0e" },
        "ciphertext" : "d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c",
        "kdf" : "scrypt",
        "kdfparams" : { "dklen" : 32, "n" : 262144, "p" : 8, "r" : 1,
            "salt" : "ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19" },
        "mac" : "2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097"
    },
    "id" : "3198bc9c-6672-5ab3-d995-4942343ae5b6",
    "version" : 3
})";

Address known_address() { return (*PrivateKey::from_hex(kSecret))->address(); }

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
    std::string out(text);
    const auto at = out.find(from);
    REQUIRE(at != out.npos);
    return out.replace(at, from.size(), to);
}

/// A cheap document of ours, and its password.
std::string cheap() {
    const auto text = (*PrivateKey::from_hex(kSecret))->to_keystore("secret word", nullptr, 4);
    REQUIRE(text.ok());
    return *text;
}

Status status_of(std::string_view json) { return PrivateKey::from_keystore(json, "secret word").status(); }

json::Value parsed(std::string_view text) { return *json::parse(text); }

/// The cheap document after one member of `crypto.kdfparams` was changed.
std::string with_parameter(std::string_view name, json::Value value) {
    auto document = parsed(cheap());
    document.find("crypto")->find("kdfparams")->set(name, std::move(value));
    return json::compact(document);
}

}  // namespace

TEST_CASE("keystore: the published documents open") {
    for (const auto document : {kPbkdf2, kScrypt}) {
        const auto key = PrivateKey::from_keystore(document, "testpassword");
        REQUIRE(key.ok());
        CHECK((*key)->address() == known_address());
    }
}

TEST_CASE("keystore: upper-case digits and the early spelling \"Crypto\"") {
    std::string upper(kPbkdf2);
    for (const auto* const digits :
         {"6087dab2f9fdbbfaddc31a909735c1e6", "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"}) {
        std::string large(digits);
        for (char& c : large) c = char(std::toupper(c));
        upper = replaced(upper, digits, large);
    }
    upper = replaced(upper, "\"crypto\"", "\"Crypto\"");
    const auto key = PrivateKey::from_keystore(upper, "testpassword");
    REQUIRE(key.ok());
    CHECK((*key)->address() == known_address());
}

TEST_CASE("keystore: what we write has the standard shape and opens again") {
    const auto document = parsed(cheap());
    CHECK(document.find("version")->as_uint() == 3u);
    CHECK("0x" + document.text_at({"address"}) == hex_text(known_address()));
    const auto id = document.text_at({"id"});
    REQUIRE(id.size() == 36);
    CHECK(id[14] == '4');
    CHECK(document.text_at({"crypto", "cipher"}) == "aes-128-ctr");
    CHECK(document.text_at({"crypto", "cipherparams", "iv"}).size() == 32);
    CHECK(document.text_at({"crypto", "ciphertext"}).size() == 64);
    CHECK(document.text_at({"crypto", "kdf"}) == "scrypt");
    CHECK(document.at({"crypto", "kdfparams", "n"})->as_uint() == 16u);
    CHECK(document.text_at({"crypto", "mac"}).size() == 64);

    const auto key = PrivateKey::from_keystore(cheap(), "secret word");
    REQUIRE(key.ok());
    CHECK((*key)->address() == known_address());
    CHECK(cheap() != cheap());
}

TEST_CASE("keystore: the default cost") {
    const auto text = (*PrivateKey::from_hex(kSecret))->to_keystore("");
    REQUIRE(text.ok());
    CHECK(parsed(*text).at({"crypto", "kdfparams", "n"})->as_uint() == 262144u);
    const auto key = PrivateKey::from_keystore(*text, "");
    REQUIRE(key.ok());
    CHECK((*key)->address() == known_address());
}

TEST_CASE("keystore: a wrong password fails, and shows neither password nor key") {
    const auto key = PrivateKey::from_keystore(cheap(), "hunter2 and more");
    REQUIRE(key.status() == Status::INVALID_ARGUMENT);
    CHECK(key.error().message.find("hunter2") == std::string::npos);
    CHECK(key.error().message.find(kSecret.substr(0, 8)) == std::string::npos);
    CHECK(!PrivateKey::from_keystore(cheap(), "").ok());
    CHECK(cheap().find(kSecret) == std::string::npos);
}

TEST_CASE("keystore: no damage goes unnoticed") {
    const auto document = parsed(cheap());
    for (const auto* const name : {"ciphertext", "mac"}) {
        auto damaged = document;
        auto digits = damaged.text_at({"crypto", name});
        digits[5] = digits[5] == '0' ? '1' : '0';
        damaged.find("crypto")->set(name, digits);
        CHECK(status_of(json::compact(damaged)) == Status::INVALID_ARGUMENT);
        damaged.find("crypto")->set(name, digits.substr(2));
        CHECK(status_of(json::compact(damaged)) == Status::INVALID_ARGUMENT);
        damaged.find("crypto")->erase(name);
        CHECK(status_of(json::compact(damaged)) == Status::INVALID_ARGUMENT);
    }
    // The MAC does not cover the iv: there the stated address tells.
    auto damaged = document;
    damaged.find("crypto")->set("cipherparams", json::Value::object({{"iv", std::string(32, '0')}}));
    CHECK(status_of(json::compact(damaged)) == Status::CORRUPT);
    damaged = document;
    damaged.set("address", std::string(40, '0'));
    CHECK(status_of(json::compact(damaged)) == Status::CORRUPT);
    damaged.erase("address");
    CHECK(status_of(json::compact(damaged)) == Status::OK);
}

TEST_CASE("keystore: documents of another kind") {
    for (const auto* const bad : {"", "null", "[]", "{}", R"({"version":3})", R"({"version":3,"crypto":[]})"})
        CHECK(PrivateKey::from_keystore(bad, "x").status() != Status::OK);
    CHECK(status_of(replaced(cheap(), "\"version\": 3", "\"version\": 1")) == Status::INVALID_ARGUMENT);
    CHECK(status_of(replaced(cheap(), "\"version\": 3", "\"version\": \"3\"")) == Status::INVALID_ARGUMENT);
    CHECK(status_of(replaced(cheap(), "aes-128-ctr", "aes-128-cbc")) == Status::UNSUPPORTED);
    CHECK(status_of(replaced(cheap(), "\"scrypt\"", "\"argon2\"")) == Status::UNSUPPORTED);
    CHECK(PrivateKey::from_keystore(replaced(kPbkdf2, "hmac-sha256", "hmac-sha512"), "x").status() ==
          Status::UNSUPPORTED);
    CHECK(status_of(std::string(100'000, ' ')) == Status::LIMIT);
}

TEST_CASE("keystore: the cost that a document may ask for is bounded") {
    CHECK(status_of(with_parameter("n", std::uint64_t(1) << 20)) == Status::LIMIT);
    CHECK(status_of(with_parameter("n", std::uint64_t(1) << 63)) == Status::LIMIT);
    CHECK(status_of(with_parameter("r", std::numeric_limits<std::uint64_t>::max())) == Status::LIMIT);
    CHECK(status_of(with_parameter("p", std::numeric_limits<std::uint64_t>::max())) == Status::LIMIT);
    CHECK(status_of(with_parameter("p", std::uint64_t(1) << 22)) == Status::LIMIT);
    for (const auto* const name : {"n", "r", "p"}) {
        CHECK(status_of(with_parameter(name, 0)) == Status::INVALID_ARGUMENT);
        CHECK(status_of(with_parameter(name, -1)) == Status::INVALID_ARGUMENT);
        CHECK(status_of(with_parameter(name, 1.5)) == Status::INVALID_ARGUMENT);
        CHECK(status_of(with_parameter(name, nullptr)) == Status::INVALID_ARGUMENT);
    }
    CHECK(status_of(with_parameter("n", 15)) == Status::INVALID_ARGUMENT);
    CHECK(status_of(with_parameter("n", 1)) == Status::INVALID_ARGUMENT);
    CHECK(status_of(with_parameter("dklen", 16)) == Status::INVALID_ARGUMENT);
    CHECK(status_of(with_parameter("dklen", 1000000000)) == Status::INVALID_ARGUMENT);
    CHECK(status_of(with_parameter("salt", "xyz")) == Status::INVALID_ARGUMENT);
    CHECK(PrivateKey::from_keystore(replaced(kPbkdf2, "262144", "262144000"), "x").status() == Status::LIMIT);
    CHECK(PrivateKey::from_keystore(replaced(kPbkdf2, "262144", "0"), "x").status() == Status::INVALID_ARGUMENT);
}

TEST_CASE("keystore: costs that cannot be written") {
    const auto key = *PrivateKey::from_hex(kSecret);
    for (const unsigned log2n : {0u, 20u, 64u, 1000u})
        CHECK(key->to_keystore("x", nullptr, log2n).status() == Status::INVALID_ARGUMENT);
}

TEST_CASE("keystore: a byte order mark is skipped, and what is no document is named") {
    CHECK(status_of("\xef\xbb\xbf" + cheap()) == Status::OK);
    const auto said = [](std::string_view text) { return PrivateKey::from_keystore(text, "x").error().message; };
    CHECK(said("/home/bank/key.json").ends_with("found what looks like the path of a file; pass what the file holds"));
    CHECK(said(kSecret) == "expected JSON text, found 64 hexadecimal digits, as a private key or a hash has them");
    CHECK(said("\xff\xfe{").ends_with("found UTF-16; save it as UTF-8"));
}
