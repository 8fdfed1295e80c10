/// The local halves of a linear model's two products, into buffers that the caller keeps.
///
/// A model of d columns is a vector of d weights and a bias; shares of vectors are planes `p` and
/// `q` as in `Shares`. Nothing here sends anything.
#pragma once

#include "mpc/core/kernels.hpp"
#include "mpc/rep3/engine.hpp"

namespace c2d::mpc::rep3 {

class LinearProducts {
public:
    /// Copies rows [first, first + rows) of `x` into the form that batches read fastest: one
    /// stretch per row, in large pages, of the words that this party multiplies. `fraction`:
    /// fractional bits of x.
    LinearProducts(Role role, const Blocks& x, std::size_t first, std::size_t rows, unsigned fraction = kFractionBits);

    std::size_t rows() const noexcept { return rows_count_; }
    /// z[i] = this party's summand of X[index[i]] w + b, at the scale of x times that of w, where b
    /// has the scale of w. A null index: z.size() rows from the first on.
    void forward(const std::uint32_t* index, const Words& w_p, const Words& w_q, Words& z);
    /// Asks for the memory of a batch that comes next, and returns at once.
    void fetch(const std::vector<std::uint32_t>& index) const noexcept;
    /// g = this party's summand of X[index]^T e, and of the sum of e at the same scale.
    void backward(const std::vector<std::uint32_t>& index, const Words& e_p, const Words& e_q, Words& g);
    /// scaled (one row of d + 1 after the other) = this party's summands of v[i] times row index[i] of X and a one.
    void scale_rows(std::span<const std::uint32_t> index, const Words& v_p, const Words& v_q, Words& scaled);
    /// sums = this party's summands of the sum over i of row index[i] of X and a one times row i of u (d + 1 wide): the
    /// upper triangle, row by row.
    void gram(std::span<const std::uint32_t> index, const Word* u_p, const Word* u_q, Words& sums);

private:
    /// A plane, or the sum of both.
    enum class Plane : std::uint8_t { sum, p, q };
    static constexpr std::size_t kPlanes = 3;
    /// Which plane of x is multiplied by which of y = w or e.
    struct Product {
        Plane of_x, of_y;
    };
    /// Words of a row that stand side by side: the columns of x's block number `block`, of which the
    /// first is x's `column`.
    struct Stretch {
        std::size_t block, column;
        Product product;
        std::size_t begin, end;
    };

    /// See docs/mpc/protocol.md, Figure 7.
    static std::vector<Product> plane_products(Role role, Owner owner);
    void lay_out(const Blocks& x);
    void pack(const Blocks& x, std::size_t first);
    /// A plane of y; the sum stays good until the next one is asked for.
    const Words& plane(Plane which, const Words& p, const Words& q);
    /// A's and B's summands of a public multiple of y; H has none.
    Word summand(Word p, Word q) const;
    /// Whether stretch number k is the first that a plane of y is multiplied by.
    bool begins_part(std::size_t k) const noexcept {
        return k == 0 || stretches_[k].product.of_y != stretches_[k - 1].product.of_y;
    }
    std::size_t length() const noexcept { return stretches_.back().end; }
    kernel::Rows packed() const noexcept { return {words_.data(), stride_}; }

    Role role_;
    unsigned fraction_;
    std::size_t d_, rows_count_, stride_ = 0;
    /// In the order of `of_y`, so that what one plane of y is multiplied by stands together.
    std::vector<Stretch> stretches_;
    Words words_;
    Words sum_, packed_factor_, packed_sum_;
};

}  // namespace c2d::mpc::rep3
