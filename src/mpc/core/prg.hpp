/// Pseudorandom streams: AES-128 in counter mode, every draw at an address of its own.
///
/// A draw is addressed by (purpose, sequence): the 16-byte counter block starts as purpose u32 ‖
/// sequence u64 ‖ 0 u32, big-endian, and the sequence grows with every draw, so no stretch of the
/// key stream is ever produced twice. Two holders of one key see the same values as long as they
/// draw the same lengths in the same order, which a common program guarantees. Not thread-safe.
#pragma once

#include "mpc/core/words.hpp"

#include <c2d/environment.hpp>

#include <array>
#include <functional>
#include <memory>

namespace c2d::mpc {

/// What a draw is for. Part of its address: a program that draws in another order gets garbage,
/// never the same mask for another purpose.
enum class Purpose : std::uint32_t {
    share = 1,        ///< a component of a fresh sharing
    deal = 2,         ///< one half of a value that the helper deals
    mask = 3,         ///< one half of a mask of an opening
    bits = 4,         ///< the same for single bits
    permutation = 5,  ///< the order of a shuffle
    batch = 6,        ///< public: batch indices
    weights = 7,      ///< public: starting weights
    rounding = 8,     ///< which way A and B round public factors; known to both
    tag = 9,          ///< keys of the hashes by which A and B compare
};
inline constexpr std::size_t kPurposes = 9;

class Prg {
public:
    using Key = std::array<std::uint8_t, 16>;
    /// For tests: told the address and length of every draw.
    using Watcher = std::function<void(Purpose, std::uint64_t sequence, std::size_t bytes_count)>;

    /// One key for all purposes: what is drawn is public.
    explicit Prg(const Key& key);
    /// A key for each purpose, by HKDF from `secret` under `label` and the purpose's name.
    Prg(BytesView secret, std::string_view label);
    ~Prg();
    Prg(Prg&&) noexcept;
    Prg& operator=(Prg&&) noexcept;

    /// The next draw: at the sequence number after the last one.
    void fill(Purpose purpose, std::span<std::uint8_t> out);
    /// The draw at a stated number, for public values that are asked for again. Never for masks.
    void fill_at(Purpose purpose, std::uint64_t sequence, std::span<std::uint8_t> out);
    Words words(Purpose purpose, std::size_t count);
    Bytes bytes(Purpose purpose, std::size_t count);
    /// A uniform permutation of 0 … count-1 (Fisher–Yates; bias below count · 2^-64).
    std::vector<std::uint32_t> permutation(std::size_t count);
    void watch(Watcher watcher) { watcher_ = std::move(watcher); }

    /// SHA-256 of label and material, cut to a key.
    static Key derive(std::string_view label, BytesView material);

private:
    struct Cipher;
    std::array<std::shared_ptr<Cipher>, kPurposes> ciphers_;
    std::uint64_t sequence_ = 0;
    Watcher watcher_;
};

/// floor(draw * bound / 2^64): uniform below `bound` up to a bias of bound / 2^64.
inline std::uint64_t below(std::uint64_t draw, std::uint64_t bound) noexcept {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((static_cast<Wide>(draw) * bound) >> 64);
}

}  // namespace c2d::mpc
