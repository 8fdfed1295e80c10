#include "mpc/rep3/ml/linear_products.hpp"

#include <algorithm>
#include <array>

namespace c2d::mpc::rep3 {
namespace {

constexpr std::size_t kWordsPerLine = 8;

}  // namespace

std::vector<LinearProducts::Product> LinearProducts::plane_products(Role role, Owner owner) {
    using enum Plane;
    if (owner == Owner::nobody) {
        if (role == Role::h) return {{sum, sum}};
        return {{q, role == Role::a ? sum : p}, {p, q}};
    }
    const Role knower = owner == Owner::a ? Role::a : Role::b;
    if (role == knower) return {{sum, sum}};
    if (role != Role::h) return {{q, p}};
    return {owner == Owner::a ? Product{p, q} : Product{q, p}};
}

LinearProducts::LinearProducts(Role role, const Blocks& x, std::size_t first, std::size_t rows, unsigned fraction)
    : role_(role), fraction_(fraction), d_(cols_of(x)), rows_count_(rows) {
    lay_out(x);
    packed_factor_.resize(length());
    packed_sum_.resize(length());
    stride_ = (length() + kWordsPerLine - 1) / kWordsPerLine * kWordsPerLine;
    words_.resize(rows * stride_);
    pack(x, first);
}

void LinearProducts::lay_out(const Blocks& x) {
    std::size_t column = 0;
    for (std::size_t b = 0; b < x.size(); ++b) {
        for (const Product product : plane_products(role_, x[b]->owner()))
            stretches_.push_back({b, column, product, 0, x[b]->cols()});
        column += x[b]->cols();
    }
    std::ranges::stable_sort(stretches_, {}, [](const Stretch& s) { return s.product.of_y; });
    std::size_t at = 0;
    for (Stretch& stretch : stretches_) {
        stretch.begin = at;
        at = stretch.end += at;
    }
}

void LinearProducts::pack(const Blocks& x, std::size_t first) {
    for (std::size_t i = 0; i < rows_count_; ++i)
        for (const Stretch& stretch : stretches_) {
            const Shares& block = x[stretch.block]->shares();
            const Plane which = stretch.product.of_x;
            const std::size_t from = (first + i) * block.cols;
            Word* out = words_.data() + i * stride_ + stretch.begin;
            std::copy_n(&(which == Plane::q ? block.q : block.p)[from], block.cols, out);
            if (which == Plane::sum) kernel::add(&block.q[from], out, block.cols);
        }
}

const Words& LinearProducts::plane(Plane which, const Words& p, const Words& q) {
    if (which != Plane::sum) return which == Plane::p ? p : q;
    sum_ = p;
    kernel::add(q.data(), sum_.data(), sum_.size());
    return sum_;
}

Word LinearProducts::summand(Word p, Word q) const { return role_ == Role::h ? 0 : role_ == Role::a ? p + q : p; }

void LinearProducts::forward(const std::uint32_t* index, const Words& w_p, const Words& w_q, Words& z) {
    std::fill(z.begin(), z.end(), summand(w_p[d_], w_q[d_]) << fraction_);
    const Words* factor = nullptr;
    for (std::size_t k = 0; k < stretches_.size(); ++k) {
        const Stretch& stretch = stretches_[k];
        if (begins_part(k)) factor = &plane(stretch.product.of_y, w_p, w_q);
        std::copy_n(&(*factor)[stretch.column], stretch.end - stretch.begin, &packed_factor_[stretch.begin]);
    }
    kernel::add_dots(packed(), length(), index, z.size(), packed_factor_.data(), z.data());
}

void LinearProducts::fetch(const std::vector<std::uint32_t>& index) const noexcept {
    for (const std::uint32_t row : index) {
        const Word* words = packed().at(row);
        // Into the second cache: the first is too small for a batch.
        for (std::size_t j = 0; j < length(); j += kWordsPerLine) __builtin_prefetch(words + j, 0, 2);
    }
}

void LinearProducts::backward(const std::vector<std::uint32_t>& index, const Words& e_p, const Words& e_q, Words& g) {
    std::array<kernel::Part, kPlanes> parts;
    std::size_t count = 0;
    for (std::size_t k = 0; k < stretches_.size(); ++k) {
        if (begins_part(k)) parts[count++].factor = plane(stretches_[k].product.of_y, e_p, e_q).data();
        parts[count - 1].end = stretches_[k].end;
    }
    std::ranges::fill(packed_sum_, 0);
    kernel::add_weighted_rows(packed(), {parts.data(), count}, index.data(), index.size(), packed_sum_.data());
    std::ranges::fill(g, 0);
    for (const Stretch& stretch : stretches_)
        kernel::add(&packed_sum_[stretch.begin], &g[stretch.column], stretch.end - stretch.begin);
    for (std::size_t i = 0; i < e_p.size(); ++i) g[d_] += summand(e_p[i], e_q[i]) << fraction_;
}

void LinearProducts::scale_rows(std::span<const std::uint32_t> index, const Words& v_p, const Words& v_q,
                                Words& scaled) {
    const std::size_t width = d_ + 1;
    std::ranges::fill(scaled, 0);
    for (const Stretch& stretch : stretches_) {
        const Words& v = plane(stretch.product.of_y, v_p, v_q);
        for (std::size_t i = 0; i < index.size(); ++i)
            kernel::add_multiple(packed().at(index[i]) + stretch.begin, v[i],
                                 scaled.data() + i * width + stretch.column, stretch.end - stretch.begin);
    }
    for (std::size_t i = 0; i < index.size(); ++i) scaled[i * width + d_] = summand(v_p[i], v_q[i]) << fraction_;
}

void LinearProducts::gram(std::span<const std::uint32_t> index, const Word* u_p, const Word* u_q, Words& sums) {
    const std::size_t width = d_ + 1, count = index.size() * width;
    Words both(u_p, u_p + count);
    kernel::add(u_q, both.data(), count);
    std::ranges::fill(sums, 0);
    const auto triangle = [&](std::size_t row) { return sums.data() + row * width - row * (row - 1) / 2; };
    for (const Stretch& stretch : stretches_) {
        const Plane of = stretch.product.of_y;
        const Word* u = of == Plane::sum ? both.data() : of == Plane::p ? u_p : u_q;
        for (std::size_t j = stretch.begin; j < stretch.end; ++j) {
            const std::size_t row = stretch.column + j - stretch.begin;
            kernel::add_weighted_tails(packed(), j, index, u, width, row, triangle(row));
        }
    }
    for (std::size_t i = 0; i < index.size(); ++i)
        sums.back() += summand(u_p[i * width + d_], u_q[i * width + d_]) << fraction_;
}

}  // namespace c2d::mpc::rep3
