/// A secret permutation of rows: three passes, each by one pair of parties in an order that only
/// they know (Laur, Willemson, Zhang, ISC 2011; in pairs Araki et al., CCS 2021). Every party misses
/// one of the three orders, so nobody knows their product. H only deals: it hears nothing. docs/mpc/protocol.md, Figure
/// 14.

#include "base/try.hpp"
#include "mpc/core/kernels.hpp"
#include "mpc/rep3/engine.hpp"

namespace c2d::mpc::rep3 {
namespace {

using Order = std::vector<std::uint32_t>;

Words permuted(const Words& values, std::size_t cols, const Order& order) {
    Words out(values.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        for (std::size_t c = 0; c < cols; ++c) out[i * cols + c] = values[order[i] * cols + c];
    return out;
}

}  // namespace

Result<Words> Engine::shuffle_dealt(Role shuffler, const Words& mine, std::size_t rows, std::size_t cols) {
    const std::size_t count = rows * cols;
    const Role giver = shuffler == Role::a ? Role::b : Role::a;
    if (role_ == giver) {
        Words hidden = own_prg().words(Purpose::mask, count);
        kernel::subtract(mine.data(), hidden.data(), hidden.data(), count);
        C2D_CHECK(send_buffered(static_cast<unsigned>(shuffler), view_of(hidden)));
        C2D_CHECK(flush());
        return own_prg().words(Purpose::share, count);
    }
    if (is_helper()) {
        Prg &with_shuffler = shuffler == Role::a ? *ah_ : *bh_, &with_giver = shuffler == Role::a ? *bh_ : *ah_;
        const Words mask = with_giver.words(Purpose::mask, count);
        Words fresh = with_giver.words(Purpose::share, count);
        Words dealt = permuted(mask, cols, with_shuffler.permutation(rows));
        kernel::subtract(dealt.data(), fresh.data(), dealt.data(), count);
        C2D_CHECK(send_buffered(static_cast<unsigned>(shuffler), view_of(dealt)));
        return fresh;
    }
    const Order order = own_prg().permutation(rows);
    Words hidden(count), dealt(count);
    C2D_CHECK(receive(other(), span_of(hidden)));
    kernel::add(mine.data(), hidden.data(), count);
    C2D_CHECK(receive(static_cast<unsigned>(Role::h), span_of(dealt)));
    Words out = permuted(hidden, cols, order);
    kernel::add(dealt.data(), out.data(), count);
    return out;
}

Result<Shares> Engine::shuffle(const Shares& x) {
    const std::size_t count = x.size();
    // A holds alpha + m, B holds beta. In the order that H lacks they permute what they hold.
    Words mine;
    if (!is_helper()) {
        mine = x.p;
        if (is_a()) kernel::add(x.q.data(), mine.data(), count);
        mine = permuted(mine, x.cols, ab_->permutation(x.rows));
    }
    C2D_TRY(mine, shuffle_dealt(Role::a, mine, x.rows, x.cols));
    C2D_TRY(mine, shuffle_dealt(Role::b, mine, x.rows, x.cols));
    // Of the last pass A's summand is drawn with H: the new alpha. B splits its own into beta and m.
    Shares out{x.rows, x.cols, {}, {}};
    if (is_a()) {
        out.p = std::move(mine);
        out.q.resize(count);
        C2D_CHECK(receive(other(), span_of(out.q)));
        return out;
    }
    Words beta = bh_->words(Purpose::share, count);
    if (is_helper()) {
        out.p = std::move(mine);
        out.q = std::move(beta);
    } else {
        kernel::subtract(mine.data(), beta.data(), mine.data(), count);
        C2D_CHECK(send_buffered(other(), view_of(mine)));
        out.p = std::move(beta);
        out.q = std::move(mine);
    }
    C2D_CHECK(flush());
    return out;
}

}  // namespace c2d::mpc::rep3
