#include "crypto/hash.hpp"

#include <c2d/key.hpp>

#include <doctest/doctest.h>
#include <thread>

using namespace c2d;

namespace {

/// Gives the same byte over and over, and counts how often it was asked.
class RepeatedByte final : public Random {
public:
    explicit RepeatedByte(std::uint8_t byte) : byte_(byte) {}
    Result<Unit> fill(std::span<std::uint8_t> out) override {
        ++asked;
        for (auto& byte : out) byte = byte_;
        return Unit{};
    }
    int asked = 0;

private:
    std::uint8_t byte_;
};

class BrokenRandom final : public Random {
public:
    Result<Unit> fill(std::span<std::uint8_t>) override { return Error(Status::IO, "no randomness today"); }
};

constexpr std::string_view kSecret = "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";

std::shared_ptr<PrivateKey> some_key() { return *PrivateKey::from_hex(kSecret); }

}  // namespace

TEST_CASE("key: generate draws from the given source") {
    RepeatedByte random(0x42);
    const auto key = PrivateKey::generate(&random);
    REQUIRE(key.ok());
    CHECK(random.asked == 1);
    CHECK((*key)->address() == (*PrivateKey::from_bytes(Bytes(32, 0x42)))->address());

    const auto first = PrivateKey::generate();
    const auto second = PrivateKey::generate();
    REQUIRE(first.ok());
    REQUIRE(second.ok());
    CHECK((*first)->address() != (*second)->address());
}

TEST_CASE("key: a source that cannot give a key fails, and does not loop") {
    BrokenRandom broken;
    CHECK(PrivateKey::generate(&broken).status() == Status::IO);
    RepeatedByte zeros(0);
    CHECK(PrivateKey::generate(&zeros).status() == Status::IO);
    CHECK(zeros.asked < 10);
}

TEST_CASE("key: only 32 bytes in [1, n)") {
    for (const std::size_t length : {0, 1, 31, 33, 64})
        CHECK(PrivateKey::from_bytes(Bytes(length, 1)).status() == Status::INVALID_ARGUMENT);
    CHECK(PrivateKey::from_bytes(Bytes(32, 0)).status() == Status::INVALID_ARGUMENT);
    CHECK(PrivateKey::from_bytes(Bytes(32, 0xff)).status() == Status::INVALID_ARGUMENT);
}

TEST_CASE("key: no failure shows the secret") {
    const std::string digits(kSecret);
    for (const auto& bad :
         {digits + "0", digits.substr(1), digits.substr(1) + "x", " " + digits, "0x0x" + digits.substr(2)}) {
        const auto key = PrivateKey::from_hex(bad);
        REQUIRE(key.status() == Status::INVALID_ARGUMENT);
        const auto& error = key.error();
        // No five digits in a row of what was given.
        for (std::size_t i = 0; i + 5 <= digits.size(); ++i)
            CHECK(error.message.find(digits.substr(i, 5)) == std::string::npos);
    }
}

TEST_CASE("key: signatures are deterministic and recover to the address") {
    const auto key = some_key();
    const auto digest = keccak256("a digest");
    const auto first = key->sign_digest(digest);
    const auto second = key->sign_digest(digest);
    REQUIRE(first.ok());
    REQUIRE(second.ok());
    CHECK(*first == *second);
    CHECK(first->data[64] <= 1);
    CHECK(recover_signer(digest, *first).value_or({}) == key->address());
    CHECK(recover_signer(keccak256("another"), *first).value_or({}) != key->address());
}

TEST_CASE("key: a changed bit of a signature never recovers to the signer") {
    const auto key = some_key();
    const auto digest = keccak256("a digest");
    const auto signature = key->sign_digest(digest);
    REQUIRE(signature.ok());
    for (std::size_t bit = 0; bit < 8 * 65; ++bit) {
        auto changed = *signature;
        changed.data[bit / 8] = std::uint8_t(changed.data[bit / 8] ^ (1u << bit % 8));
        const auto signer = recover_signer(digest, changed);
        CHECK((!signer.ok() || *signer != key->address()));
    }
}

TEST_CASE("key: one key may sign from several threads") {
    const auto key = some_key();
    std::vector<std::thread> threads;
    std::atomic<int> right = 0;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 20; ++i) {
                const auto digest = keccak256(std::to_string(1000 * t + i));
                const auto signature = key->sign_digest(digest);
                if (signature.ok() && recover_signer(digest, *signature).value_or({}) == key->address()) ++right;
            }
        });
    for (auto& thread : threads) thread.join();
    CHECK(right == 80);
}

TEST_CASE("key: what is passed instead of its digits is named") {
    const auto said = [](std::string_view text) { return PrivateKey::from_hex(text).error().message; };
    CHECK(
        said("/home/bank/key.json").ends_with(", found what looks like the path of a file; pass what the file holds"));
    CHECK(said("{\"version\": 3}").ends_with("; a keystore is opened with from_keystore and its password"));
    CHECK(said("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed").ends_with(", found an address"));
}
