/// Stand-ins for the world: a clock that is set by hand, randomness that repeats, named keys.
#pragma once

#include "crypto/hash.hpp"
#include "support/must.hpp"

#include <c2d/key.hpp>

#include <atomic>
#include <string>
#include <string_view>

namespace c2d {

// doctest finds these by name and prints a status or an id instead of "{?}".
inline doctest::String toString(Status status) { return status_name(status); }
template <std::size_t N>
doctest::String toString(const FixedBytes<N>& bytes) {
    return hex_text(bytes.view()).c_str();
}

namespace support {

class FakeClock final : public Clock {
public:
    std::uint64_t now_seconds() override { return now; }
    std::atomic<std::uint64_t> now{1'800'000'000};
};

/// The same bytes in every run: Keccak-256 of a counter.
class RepeatableRandom final : public Random {
public:
    explicit RepeatableRandom(std::string seed = "") : seed_(std::move(seed)) {}
    Result<Unit> fill(std::span<std::uint8_t> out) override {
        for (std::size_t at = 0; at < out.size(); ++at) {
            if (at % 32 == 0) block_ = keccak256(seed_ + std::to_string(++count_));
            out[at] = block_.data[at % 32];
        }
        return Unit{};
    }

private:
    std::string seed_;
    std::uint64_t count_ = 0;
    Bytes32 block_;
};

/// Signs with a key and counts how often it was asked.
class CountingSigner final : public Signer {
public:
    explicit CountingSigner(std::shared_ptr<PrivateKey> key) : key_(std::move(key)) {}
    Address address() const override { return key_->address(); }
    Result<Signature> sign_digest(const Bytes32& digest) override {
        ++signatures;
        return key_->sign_digest(digest);
    }
    std::atomic<unsigned> signatures{0};

private:
    std::shared_ptr<PrivateKey> key_;
};

/// The key, token id and address of a name: the same in every run, different for every name.
inline std::shared_ptr<PrivateKey> named_key(std::string_view name) {
    return must(PrivateKey::from_bytes(keccak256("key of " + std::string(name))));
}
inline Address named_address(std::string_view name) { return named_key(name)->address(); }
inline TokenId named_id(std::string_view name) { return keccak256("id of " + std::string(name)); }

}  // namespace support
}  // namespace c2d
