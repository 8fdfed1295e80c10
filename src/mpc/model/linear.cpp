#include "mpc/model/linear.hpp"

#include <algorithm>
#include <numeric>

namespace c2d::mpc {
namespace {

constexpr std::size_t kWordsPerLine = 8;

std::vector<std::uint32_t> columns_in_use(const Shares& x, std::size_t first, std::size_t rows) {
    std::vector<std::uint32_t> zero(x.cols), used;
    std::iota(zero.begin(), zero.end(), 0u);
    // Components are zero in a whole column or nearly nowhere: one row tells almost all.
    for (std::size_t i = first; i < first + rows && !zero.empty(); ++i)
        std::erase_if(zero, [&](std::uint32_t j) { return x.p[i * x.cols + j] != 0; });
    for (std::uint32_t j = 0; j < x.cols; ++j)
        if (!std::ranges::binary_search(zero, j)) used.push_back(j);
    return used;
}

}  // namespace

LinearProducts::LinearProducts(Role role, const Shares& x, std::size_t first, std::size_t rows,
                               unsigned fraction)
    : role_(role), fraction_(fraction), d_(x.cols), rows_count_(rows), first_count_(x.cols) {
    // H multiplies both planes by the same: their sum is one plane.
    if (role != Role::h) second_columns_ = columns_in_use(x, first, rows);
    stride_ = (length() + kWordsPerLine - 1) / kWordsPerLine * kWordsPerLine;
    words_.resize(rows * stride_);
    for (std::size_t i = 0; i < rows; ++i) {
        const Word* p = x.p.data() + (first + i) * d_;
        const Word* q = x.q.data() + (first + i) * d_;
        Word* out = words_.data() + i * stride_;
        for (std::size_t j = 0; j < d_; ++j) out[j] = role == Role::h ? p[j] + q[j] : q[j];
        for (std::size_t j = 0; j < second_columns_.size(); ++j)
            out[d_ + j] = p[second_columns_[j]];
    }
}

void LinearProducts::factors_of(const Words& y_p, const Words& y_q) {
    for_first_ = y_p;
    if (role_ != Role::b) kernel::add(y_q.data(), for_first_.data(), for_first_.size());
    for_second_ = y_q;
}

void LinearProducts::forward(const std::uint32_t* index, const Words& w_p, const Words& w_q,
                             Words& z) {
    factors_of(w_p, w_q);
    // Summands of the bias: A alpha + m, B beta, H nothing.
    const Word bias = role_ == Role::h ? 0 : for_first_[d_];
    std::fill(z.begin(), z.end(), bias << fraction_);
    packed_factor_.assign(for_first_.begin(), for_first_.begin() + static_cast<std::ptrdiff_t>(d_));
    for (const std::uint32_t j : second_columns_) packed_factor_.push_back(for_second_[j]);
    kernel::add_dots(packed(), length(), index, z.size(), packed_factor_.data(), z.data());
}

void LinearProducts::fetch(const std::vector<std::uint32_t>& index) const noexcept {
    for (const std::uint32_t row : index) {
        const Word* words = packed().at(row);
        // Into the second cache: the first is too small for a batch.
        for (std::size_t j = 0; j < length(); j += kWordsPerLine)
            __builtin_prefetch(words + j, 0, 2);
    }
}

void LinearProducts::backward(const std::vector<std::uint32_t>& index, const Words& e_p,
                              const Words& e_q, Words& g) {
    factors_of(e_p, e_q);
    packed_sum_.assign(length(), 0);
    kernel::add_weighted_rows(packed(), first_count_, length(), index.data(), index.size(),
                              for_first_.data(), for_second_.data(), packed_sum_.data());
    std::copy_n(packed_sum_.begin(), d_, g.begin());
    for (std::size_t j = 0; j < second_columns_.size(); ++j)
        g[second_columns_[j]] += packed_sum_[d_ + j];
    g[d_] = 0;
    if (role_ == Role::h) return;
    for (const Word word : for_first_) g[d_] += word << fraction_;
}

}  // namespace c2d::mpc
