/// The protocol: replicated sharing of three components, with party 2 as a helper that only deals.
///
/// x = alpha + beta + m (mod 2^64). Party A (0) holds alpha and m, B (1) beta and m, H (2) alpha
/// and beta: each component is known to two, and no party knows all. Fresh alpha and beta always
/// come from pairwise keys, so H can compute its part of every product ahead of time and receives
/// nothing while a circuit runs; A and B exchange one message each per round. This is Rep3
/// (Araki et al., CCS 2016) with the function-dependent dealing of ASTRA (Chaudhari et al., CCSW
/// 2019). The figures of docs/mpc/protocol.md name the functions here.
///
/// An `Engine` belongs to one thread; what draws and what sends may be two, if none of the key
/// streams and no queue is used by both at a time. After a failure it is spent.
#pragma once

#include "base/secret.hpp"
#include "mpc/rep3/keys.hpp"
#include "mpc/rep3/shares.hpp"

#include <c2d/mpc.hpp>

#include <functional>
#include <optional>

namespace c2d::mpc::rep3 {

/// Values that A and B hold as two summands each (empty at H).
using AdditiveShares = Words;
/// Single bits that A and B hold as two XOR summands, one per byte (empty at H).
using BooleanShares = Bytes;

class Engine {
public:
    /// Agrees on keys; all three call it together.
    static Result<std::unique_ptr<Engine>> open(Link& link, Random& random, const KeyContext& context = {});

    Role role() const noexcept { return role_; }
    bool is_a() const noexcept { return role_ == Role::a; }
    bool is_b() const noexcept { return role_ == Role::b; }
    bool is_helper() const noexcept { return role_ == Role::h; }
    Link& link() noexcept { return link_; }

    // -- values in and out
    /// `values` (rows*cols ring elements) at `owner`, none elsewhere.
    Result<Block> input(unsigned owner, Words values, std::size_t rows, std::size_t cols);
    Shares constant(const Word* values, std::size_t rows, std::size_t cols) const;
    /// Opens to one party; the others get an empty vector.
    Result<Words> open_to(unsigned party, const Shares& x);

    // -- products. `Products` holds one summand per party (H too); reshare it one way or the other.
    using Products = Words;
    Products local_products(const Shares& x, const Shares& y) const;
    Products local_matmul(const Shares& x, const Shares& y) const;
    /// Sums, exactly. One round.
    Result<Shares> reshare(Products local, std::size_t rows, std::size_t cols);
    /// Sums divided by 2^shift, rounded up or down at random without bias. |sum| < 2^62.
    /// Two rounds; no other error. Who is given the result learns more by it than the result: for values that stay
    /// shared. Several times rows x cols sums, one after the other, are divided each by itself and then added up.
    Result<Shares> reshare_truncated(Products local, unsigned shift, std::size_t rows, std::size_t cols);

    /// The same rounded to the nearest, a half up: a function of the sum alone. |sum| + 2^(shift - 1) < 2^62, shift >=
    /// 1. Four rounds for a shift of up to 8, five to 16, six to 32, seven for more.
    Result<Shares> reshare_rounded(Products local, unsigned shift, std::size_t rows, std::size_t cols);

    // -- bits
    /// The top bit of each element (1: negative). Four rounds. `digits`, a power of two: where 2 m and 2 lambda are 0
    /// but in their so many highest hexadecimal digits; then as many rounds as its logarithm.
    Result<BooleanShares> msb(const Shares& x, unsigned digits = 16);
    /// Bits as numbers 0 and 1. One round.
    Result<AdditiveShares> to_additive(const BooleanShares& bits, std::size_t count);
    /// Bits as ring elements 0 and 1. Two rounds.
    Result<Shares> to_arithmetic(const BooleanShares& bits, std::size_t rows, std::size_t cols);
    /// Opens bits to all three.
    Result<Bytes> open_bits(const BooleanShares& bits, std::size_t count);
    /// Whether any of the bits is 1, as a fact that all learn: A's and B's summands of a 0 are equal, so
    /// they compare hashes of the two strings, by a product of their difference with a secret factor. Three
    /// rounds. Fails with `peer` where the other of A and B opens what it did not commit to.
    Result<bool> reveal_any(BytesView summands);

    /// Whether this party and each of the others hold the same of the component that both hold: they swap MACs of it
    /// under keys that only the two have. One round; all three call it together.
    Result<bool> holds_the_same(const Shares& x, const Bytes32& context);

    // -- order
    /// Applies one secret, uniform permutation to the rows of x (as row-major columns). 3 rounds, in
    /// which H receives nothing.
    Result<Shares> shuffle(const Shares& x);

    // -- building blocks, for the sigmoid and the training loop
    /// Opens sums to A and B.
    Result<Unit> open(Words& summands);
    Result<Unit> open(std::vector<std::uint32_t>& summands);
    Result<Unit> open_xor(Bytes& summands);
    /// Summands of A and B modulo 2^32, of values within +-2^30, become a fresh sharing modulo 2^64. Two rounds.
    Result<Shares> reshare_halfwords(const std::vector<std::uint32_t>& summands, std::size_t rows, std::size_t cols);
    /// x is a sharing modulo 2^bits only, of values within +-2^(bits - 2); the result is one modulo
    /// 2^64. One round.
    Result<Shares> extend_ring(const Shares& x, unsigned bits);
    /// Summands of A and B become a fresh sharing. One round.
    Result<Shares> reshare_pair(const AdditiveShares& summands, std::size_t rows, std::size_t cols);
    /// H splits `at_helper` (`count` values, ignored elsewhere): `to` receives, the other draws.
    Result<AdditiveShares> share_from_helper(const Words& at_helper, std::size_t count, Role to);
    /// The same mod 2^32.
    Result<std::vector<std::uint32_t>> share_halfwords_from_helper(const std::vector<std::uint32_t>& at_helper,
                                                                   std::size_t count, Role to);
    Result<Bytes> share_bits_from_helper(const Bytes& at_helper, std::size_t count, Role to);
    /// The next stretch of the key stream that this party shares with `peer`.
    void draw(Role peer, Purpose purpose, std::span<std::uint8_t> out);
    /// Uniform values whose halves A and B draw; H returns the whole values.
    Words random_words(std::size_t count);
    std::vector<std::uint32_t> random_halfwords(std::size_t count);
    Bytes random_bytes(std::size_t count);
    /// Queued messages go out. `take` does it by itself; H calls it when a step is done.
    Result<Unit> flush();
    Result<Unit> send_buffered(unsigned peer, BytesView bytes);
    Result<Unit> receive(unsigned peer, std::span<std::uint8_t> out);

    /// For tests: watches every draw; `key` is 0 (A and B), 1 (A and H) or 2 (B and H).
    void watch(const std::function<void(unsigned key, Purpose, std::uint64_t, std::size_t)>& watcher);

private:
    Engine(Link& link, PairStreams streams)
        : link_(link),
          role_(static_cast<Role>(link.party())),
          ab_(std::move(streams.ab)),
          ah_(std::move(streams.ah)),
          bh_(std::move(streams.bh)) {}
    /// What a truncation opens, and what is left of it to do: at A and B c and summands of (c >> shift) - (r >> shift),
    /// at H r.
    struct Cut {
        Words masked;
        AdditiveShares high;
    };
    Result<Shares> reshare_passing(Products local, std::size_t rows, std::size_t cols);
    /// Of `size` results, which are sums of as many quotients as there are more sums than that.
    Result<Cut> cut(Products local, unsigned shift, std::size_t size);
    /// What A and B know and all are to know, from A to H: the only thing on which what H deals depends beside its keys
    /// and public arguments.
    Result<Unit> tell_helper(std::span<std::uint8_t> facts);
    /// A and B swap values of one size of which neither can depend on the other's.
    Result<Bytes> exchange_committed(const Bytes& mine);
    Result<BooleanShares> and_bits(const Bytes& x, const Bytes& y, std::size_t count);
    /// A pass of a shuffle in the order of H and `shuffler`, A or B, from A's and B's summands `mine` to new ones; at H
    /// to what the other of A and B draws.
    Result<Words> shuffle_dealt(Role shuffler, const Words& mine, std::size_t rows, std::size_t cols);
    /// My key with the other holder of my lambda component.
    Prg& own_prg() { return is_a() ? *ah_ : *bh_; }
    unsigned other() const noexcept { return is_a() ? 1u : 0u; }

    Link& link_;
    Role role_;
    std::optional<Prg> ab_, ah_, bh_;
    ClearedBytes outbox_[kParties];
};

}  // namespace c2d::mpc::rep3
