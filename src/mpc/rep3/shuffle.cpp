/// A secret permutation of rows: three passes, each by one pair of parties in an order that only
/// they know (Laur, Willemson, Zhang, ISC 2011; the pairwise form of Araki et al., CCS 2021). Every
/// party misses one of the three orders, so nobody knows their product.

#include "base/try.hpp"
#include "mpc/core/kernels.hpp"
#include "mpc/rep3/engine.hpp"

namespace c2d::mpc::rep3 {
namespace {

Words permuted(const Words& values, std::size_t cols, const std::vector<std::uint32_t>& order) {
    Words out(values.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        for (std::size_t c = 0; c < cols; ++c) out[i * cols + c] = values[order[i] * cols + c];
    return out;
}

Words whole(const Shares& x) {
    Words out = x.p;
    kernel::add(x.q.data(), out.data(), out.size());
    return out;
}

}  // namespace

Result<Shares> Engine::shuffle_pass(const Shares& x, Role absent) {
    const std::size_t n = x.rows, count = x.size();
    if (absent == Role::h) {
        // A holds alpha + m, B holds beta: they permute and reshare; H draws its new components.
        AdditiveShares summands;
        if (!is_helper()) summands = permuted(is_a() ? whole(x) : x.p, x.cols, ab_->permutation(n));
        return reshare_pair(summands, x.rows, x.cols);
    }
    // The pair is H and P, P = A or B. P permutes its lambda component + m, H the other lambda
    // component; the new m comes from A and B's key, the absent party's lambda from its key with H,
    // and what remains becomes P's lambda component, opened between P and H.
    Shares out{x.rows, x.cols, {}, {}};
    if (role_ == absent) {
        out.p = own_prg().words(Purpose::share, count);
        out.q = ab_->words(Purpose::share, count);
        return out;
    }
    const bool pair_with_a = absent == Role::b;
    const unsigned partner = is_helper() ? (pair_with_a ? 0u : 1u) : 2u;
    Prg& pair = pair_with_a ? *ah_ : *bh_;
    const std::vector<std::uint32_t> order = pair.permutation(n);
    Words fresh =
        is_helper() ? (pair_with_a ? *bh_ : *ah_).words(Purpose::share, count) : ab_->words(Purpose::share, count);
    Words mine = permuted(is_helper() ? (pair_with_a ? x.q : x.p) : whole(x), x.cols, order);
    kernel::subtract(mine.data(), fresh.data(), mine.data(), count);
    C2D_CHECK(send_buffered(partner, BytesView(span_of(mine))));
    Words theirs(count);
    C2D_CHECK(receive(partner, span_of(theirs)));
    kernel::add(theirs.data(), mine.data(), count);
    if (is_helper() && !pair_with_a) std::swap(mine, fresh);
    out.p = std::move(mine);
    out.q = std::move(fresh);
    return out;
}

Result<Shares> Engine::shuffle(const Shares& x) {
    C2D_TRY(const Shares once, shuffle_pass(x, Role::h));
    C2D_TRY(const Shares twice, shuffle_pass(once, Role::b));
    C2D_TRY(Shares thrice, shuffle_pass(twice, Role::a));
    C2D_CHECK(flush());
    return thrice;
}

}  // namespace c2d::mpc::rep3
