/// What a party holds of a shared matrix: x = alpha + beta + m (mod 2^64), two of the three.
///
/// Nothing here sends anything. See engine.hpp for the protocol.
#pragma once

#include "mpc/core/prg.hpp"

#include <memory>

namespace c2d::mpc::rep3 {

/// Party numbers by role.
enum class Role : unsigned { a = 0, b = 1, h = 2 };

/// A matrix as one party holds it. `p` is the lambda component (A: alpha, B: beta, H: alpha);
/// `q` the other (A and B: m, H: beta).
struct Shares {
    std::size_t rows = 0;
    std::size_t cols = 0;
    Words p;
    Words q;
    std::size_t size() const noexcept { return p.size(); }
};

/// Whose input a matrix is, which everybody knows. A's has beta = 0, B's alpha = 0.
enum class Owner : std::uint8_t { nobody, a, b };

/// A matrix that may be somebody's input, as it came in.
class Block {
public:
    /// A component that is zero because of `owner` is left out at who would hold it: empty.
    Block(Owner owner, Shares shares) : owner_(owner), shares_(std::move(shares)) {}

    Owner owner() const noexcept { return owner_; }
    std::size_t rows() const noexcept { return shares_.rows; }
    std::size_t cols() const noexcept { return shares_.cols; }
    bool is_whole() const noexcept { return shares_.p.size() == shares_.q.size(); }
    /// Without what is left out.
    const Shares& shares() const noexcept { return shares_; }
    /// With zeros in its place.
    Shares whole() const;

private:
    Owner owner_;
    Shares shares_;
};
/// Blocks of as many rows side by side: the columns of one matrix, never empty.
using Blocks = std::vector<std::shared_ptr<const Block>>;

Blocks blocks_of(Owner owner, Shares shares);
std::size_t cols_of(const Blocks& blocks);
Shares joined(const Blocks& blocks);
/// The same blocks with some of their rows, in this order.
Blocks rows_of(const Blocks& blocks, const std::vector<std::size_t>& index);
Blocks multiplied(const Blocks& blocks, Word factor);

/// x += y, x -= y, x *= factor.
void add_to(Shares& x, const Shares& y);
void subtract_from(Shares& x, const Shares& y);
void multiply_by(Shares& x, Word factor);
/// x += a public constant in every element.
void add_constant(Shares& x, Word constant, Role role);
/// A share as summands: A alpha + m, B beta, H nothing.
Words summands_of(Role role, const Shares& x);

}  // namespace c2d::mpc::rep3
