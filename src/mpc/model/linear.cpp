#include "mpc/model/linear.hpp"

#include "base/try.hpp"

#include <algorithm>
#include <numeric>

namespace c2d::mpc {
namespace {

constexpr std::size_t kWordsPerLine = 8;

/// 1 for each column of a plane that is zero from end to end.
Bytes zero_columns(const Words& plane, const Shares& x) {
    std::vector<std::size_t> zero(x.cols);
    std::iota(zero.begin(), zero.end(), std::size_t{0});
    // Components are zero in a whole column or nearly nowhere: one row tells almost all.
    for (std::size_t i = 0; i < x.rows && !zero.empty(); ++i)
        std::erase_if(zero, [&](std::size_t j) { return plane[i * x.cols + j] != 0; });
    Bytes out(x.cols);
    for (const std::size_t j : zero) out[j] = 1;
    return out;
}

}  // namespace

Result<Owners> owners_of(Engine& engine, const Shares& x) {
    // What A put in has no beta, what B put in no alpha. H holds both.
    Bytes no_alpha = zero_columns(x.p, x), no_beta;
    if (engine.is_helper()) {
        no_beta = zero_columns(x.q, x);
    } else {
        const unsigned other = engine.is_a() ? 1 : 0;
        no_beta.resize(x.cols);
        C2D_CHECK(engine.post(other, no_alpha));
        C2D_CHECK(engine.take(other, no_beta));
        if (engine.is_b()) std::swap(no_alpha, no_beta);
    }
    Owners out(x.cols, Owner::nobody);
    for (std::size_t j = 0; j < x.cols; ++j)
        out[j] = no_beta[j] ? Owner::a : no_alpha[j] ? Owner::b : Owner::nobody;
    return out;
}

std::vector<LinearProducts::Place> LinearProducts::places_of(Role role, Owner owner,
                                                             std::size_t column) {
    using enum Plane;
    const auto one = [&](Plane of_x, Plane of_y) {
        return std::vector<Place>{{column, of_x, of_y}};
    };
    if (owner == Owner::nobody) {
        if (role == Role::h) return one(sum, sum);
        return {{column, q, role == Role::a ? sum : p}, {column, p, q}};
    }
    const Role knower = owner == Owner::a ? Role::a : Role::b;
    if (role == knower) return one(sum, sum);
    if (role != Role::h) return one(q, p);
    return owner == Owner::a ? one(p, q) : one(q, p);
}

LinearProducts::LinearProducts(Role role, const Shares& x, const Owners& owners, std::size_t first,
                               std::size_t rows, unsigned fraction)
    : role_(role), fraction_(fraction), d_(x.cols), rows_count_(rows) {
    for (std::size_t j = 0; j < d_; ++j)
        for (const Place& place : places_of(role, owners.empty() ? Owner::nobody : owners[j], j))
            places_.push_back(place);
    std::ranges::stable_sort(places_, {}, &Place::of_y);
    packed_factor_.resize(places_.size());
    packed_sum_.resize(places_.size());
    stride_ = (places_.size() + kWordsPerLine - 1) / kWordsPerLine * kWordsPerLine;
    words_.resize(rows * stride_);
    Words keep_p, keep_q;
    for (const Place& place : places_) {
        keep_p.push_back(place.of_x == Plane::q ? 0 : ~Word{0});
        keep_q.push_back(place.of_x == Plane::p ? 0 : ~Word{0});
    }
    for (std::size_t i = 0; i < rows; ++i) {
        const Word* p = x.p.data() + (first + i) * d_;
        const Word* q = x.q.data() + (first + i) * d_;
        Word* out = words_.data() + i * stride_;
        for (std::size_t k = 0; k < places_.size(); ++k)
            out[k] = (p[places_[k].column] & keep_p[k]) + (q[places_[k].column] & keep_q[k]);
    }
}

const Words& LinearProducts::plane(Plane which, const Words& p, const Words& q) {
    if (which != Plane::sum) return which == Plane::p ? p : q;
    sum_ = p;
    kernel::add(q.data(), sum_.data(), sum_.size());
    return sum_;
}

Word LinearProducts::summand(Word p, Word q) const {
    return role_ == Role::h ? 0 : role_ == Role::a ? p + q : p;
}

void LinearProducts::forward(const std::uint32_t* index, const Words& w_p, const Words& w_q,
                             Words& z) {
    std::fill(z.begin(), z.end(), summand(w_p[d_], w_q[d_]) << fraction_);
    const Words* planes[kPlanes] = {&plane(Plane::sum, w_p, w_q), &w_p, &w_q};
    for (std::size_t k = 0; k < places_.size(); ++k)
        packed_factor_[k] = (*planes[static_cast<std::size_t>(places_[k].of_y)])[places_[k].column];
    kernel::add_dots(packed(), places_.size(), index, z.size(), packed_factor_.data(), z.data());
}

void LinearProducts::fetch(const std::vector<std::uint32_t>& index) const noexcept {
    for (const std::uint32_t row : index) {
        const Word* words = packed().at(row);
        // Into the second cache: the first is too small for a batch.
        for (std::size_t j = 0; j < places_.size(); j += kWordsPerLine)
            __builtin_prefetch(words + j, 0, 2);
    }
}

void LinearProducts::backward(const std::vector<std::uint32_t>& index, const Words& e_p,
                              const Words& e_q, Words& g) {
    std::array<kernel::Part, kPlanes> parts;
    std::size_t count = 0;
    for (std::size_t k = 0; k < places_.size(); ++k) {
        if (k == 0 || places_[k].of_y != places_[k - 1].of_y)
            parts[count++].factor = plane(places_[k].of_y, e_p, e_q).data();
        parts[count - 1].end = k + 1;
    }
    std::ranges::fill(packed_sum_, 0);
    kernel::add_weighted_rows(packed(), {parts.data(), count}, index.data(), index.size(),
                              packed_sum_.data());
    std::ranges::fill(g, 0);
    for (std::size_t k = 0; k < places_.size(); ++k) g[places_[k].column] += packed_sum_[k];
    for (std::size_t i = 0; i < e_p.size(); ++i) g[d_] += summand(e_p[i], e_q[i]) << fraction_;
}

}  // namespace c2d::mpc
