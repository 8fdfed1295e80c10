/// The local halves of a linear model's two products, into buffers that the caller keeps.
///
/// A model of d columns is a vector of d weights and a bias; shares of vectors are planes `p` and
/// `q` as in `Shares`. Nothing here sends anything.
#pragma once

#include "mpc/protocol/kernels.hpp"
#include "mpc/protocol/rep3/engine.hpp"

namespace c2d::mpc {

class LinearProducts {
public:
    /// Copies rows [first, first + rows) of `x` into the form that batches read fastest: one
    /// stretch per row, in large pages, without the columns whose component is zero at this party.
    /// `fraction`: fractional bits of x.
    LinearProducts(Role role, const Shares& x, std::size_t first, std::size_t rows,
                   unsigned fraction = kFractionBits);

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
    /// What a plane of x is multiplied by, when y is the other factor: see Engine::products_of.
    void factors_of(const Words& y_p, const Words& y_q);
    kernel::Rows packed() const noexcept { return {words_.data(), stride_}; }
    std::size_t length() const noexcept { return first_count_ + second_columns_.size(); }

    Role role_;
    unsigned fraction_;
    std::size_t d_, rows_count_, stride_ = 0;
    /// A row holds all of one plane (q; at H the sum p + q), then the columns of p that are not
    /// zero.
    std::size_t first_count_;
    std::vector<std::uint32_t> second_columns_;
    Words words_;
    Words for_first_, for_second_, packed_factor_, packed_sum_;
};

}  // namespace c2d::mpc
