/// The local halves of a linear model's two products, into buffers that the caller keeps.
///
/// A model of d columns is a vector of d weights and a bias; shares of vectors are planes `p` and
/// `q` as in `Shares`. Nothing but `owners_of` sends anything.
#pragma once

#include "mpc/protocol/kernels.hpp"
#include "mpc/protocol/rep3/engine.hpp"

#include <array>

namespace c2d::mpc {

/// Who knows a column's values: whose input it is. Everybody knows that much.
enum class Owner : std::uint8_t { nobody, a, b };
using Owners = std::vector<Owner>;
/// The owners of x's columns, told by the component that is zero in an input. One round.
Result<Owners> owners_of(Engine& engine, const Shares& x);

class LinearProducts {
public:
    /// Copies rows [first, first + rows) of `x` into the form that batches read fastest: one
    /// stretch per row, in large pages, of the words that this party multiplies. All parties must
    /// give the same `owners` (none: nobody's). `fraction`: fractional bits of x.
    LinearProducts(Role role, const Shares& x, const Owners& owners, std::size_t first,
                   std::size_t rows, unsigned fraction = kFractionBits);

    std::size_t rows() const noexcept { return rows_count_; }
    /// z[i] = this party's summand of X[index[i]] w + b, at the scale of x times that of w, where b
    /// has the scale of w. A null index: z.size() rows from the first on.
    void forward(const std::uint32_t* index, const Words& w_p, const Words& w_q, Words& z);
    /// Asks for the memory of a batch that comes next, and returns at once.
    void fetch(const std::vector<std::uint32_t>& index) const noexcept;
    /// g = this party's summand of X[index]^T e, and of the sum of e at the same scale.
    void backward(const std::vector<std::uint32_t>& index, const Words& e_p, const Words& e_q,
                  Words& g);

private:
    /// A plane, or the sum of both.
    enum class Plane : std::uint8_t { sum, p, q };
    static constexpr std::size_t kPlanes = 3;
    /// A word of a row: which plane of which column of x it is, and of y what it is multiplied by.
    struct Place {
        std::size_t column;
        Plane of_x, of_y;
    };

    /// See docs/mpc.md, "products of columns that somebody knows".
    static std::vector<Place> places_of(Role role, Owner owner, std::size_t column);
    const Words& plane(Plane which, const Words& p, const Words& q);
    /// A's and B's summands of a public multiple of y; H has none.
    Word summand(Word p, Word q) const;
    kernel::Rows packed() const noexcept { return {words_.data(), stride_}; }

    Role role_;
    unsigned fraction_;
    std::size_t d_, rows_count_, stride_ = 0;
    /// In the order of `of_y`, so that each plane of y has one stretch.
    std::vector<Place> places_;
    Words words_;
    Words sum_, packed_factor_, packed_sum_;
};

}  // namespace c2d::mpc
