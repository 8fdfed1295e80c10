#include "mpc/rep3/engine.hpp"

#include "base/fail.hpp"
#include "base/secret.hpp"
#include "base/try.hpp"
#include "mpc/core/kernels.hpp"

#include <algorithm>
#include <bit>

namespace c2d::mpc::rep3 {
namespace {

constexpr unsigned kA = 0, kB = 1, kH = 2;
constexpr std::size_t kOutboxBytes = std::size_t(256) * 1024;
/// Messages from this size on are not gathered with others first.
constexpr std::size_t kStraightBytes = std::size_t(8) * 1024;
/// Of words that one party gets from another and passes on in part, so many go on before the next come in.
constexpr std::size_t kStraightWords = std::size_t(16) * 1024;

Words sum_of(const Words& a, const Words& b) {
    Words out = a;
    kernel::add(b.data(), out.data(), out.size());
    return out;
}
Words difference_of(const Words& a, const Words& b) {
    Words out(a.size());
    kernel::subtract(a.data(), b.data(), out.data(), out.size());
    return out;
}

}  // namespace

// ---------------------------------------------------------------- messages and keys

Result<Unit> Engine::send_buffered(unsigned peer, BytesView bytes) {
    ClearedBytes& box = outbox_[peer];
    if (box.empty() && bytes.size() >= kStraightBytes) return link_.send(peer, bytes);
    box.insert(box.end(), bytes.begin(), bytes.end());
    return box.size() >= kOutboxBytes ? flush() : Result<Unit>(Unit{});
}

Result<Unit> Engine::flush() {
    for (unsigned peer = 0; peer < kParties; ++peer) {
        if (outbox_[peer].empty()) continue;
        C2D_CHECK(link_.send(peer, outbox_[peer]));
        outbox_[peer].clear();
    }
    return Unit{};
}

Result<Unit> Engine::receive(unsigned peer, std::span<std::uint8_t> out) {
    C2D_CHECK(flush());
    return link_.receive(peer, out);
}

Result<std::unique_ptr<Engine>> Engine::open(Link& link, Random& random, const KeyContext& context) {
    C2D_TRY(PairStreams streams, agree_keys(link, random, context));
    return std::unique_ptr<Engine>(new Engine(link, std::move(streams)));
}

void Engine::watch(const std::function<void(unsigned, Purpose, std::uint64_t, std::size_t)>& watcher) {
    std::optional<Prg>* prgs[] = {&ab_, &ah_, &bh_};
    for (unsigned key = 0; key < 3; ++key)
        if (*prgs[key])
            (*prgs[key])->watch([watcher, key](Purpose purpose, std::uint64_t sequence, std::size_t count) {
                watcher(key, purpose, sequence, count);
            });
}

// ---------------------------------------------------------------- masks and dealing

void Engine::draw(Role peer, Purpose purpose, std::span<std::uint8_t> out) {
    Prg& prg = peer == Role::h || is_helper() ? (is_a() || peer == Role::a ? *ah_ : *bh_) : *ab_;
    prg.fill(purpose, out);
}

Words Engine::random_words(std::size_t count) {
    if (!is_helper()) return own_prg().words(Purpose::mask, count);
    Words whole = ah_->words(Purpose::mask, count);
    const Words half = bh_->words(Purpose::mask, count);
    kernel::add(half.data(), whole.data(), count);
    return whole;
}

std::vector<std::uint32_t> Engine::random_halfwords(std::size_t count) {
    std::vector<std::uint32_t> whole(count);
    if (!is_helper()) {
        own_prg().fill(Purpose::mask, span_of(whole));
        return whole;
    }
    std::vector<std::uint32_t> half(count);
    ah_->fill(Purpose::mask, span_of(whole));
    bh_->fill(Purpose::mask, span_of(half));
    for (std::size_t i = 0; i < count; ++i) whole[i] += half[i];
    return whole;
}

Bytes Engine::random_bytes(std::size_t count) {
    if (!is_helper()) return own_prg().bytes(Purpose::bits, count);
    Bytes whole = ah_->bytes(Purpose::bits, count);
    const Bytes half = bh_->bytes(Purpose::bits, count);
    kernel::add_bits(half.data(), whole.data(), count);
    return whole;
}

Result<AdditiveShares> Engine::share_from_helper(const Words& at_helper, std::size_t count, Role to) {
    if (is_helper()) {
        Prg& drawn = to == Role::b ? *ah_ : *bh_;
        const Words half = drawn.words(Purpose::deal, count);
        C2D_CHECK(send_buffered(static_cast<unsigned>(to), view_of(difference_of(at_helper, half))));
        return AdditiveShares{};
    }
    if (role_ != to) return own_prg().words(Purpose::deal, count);
    AdditiveShares half(count);
    C2D_CHECK(receive(kH, span_of(half)));
    return half;
}

Result<std::vector<std::uint32_t>> Engine::share_halfwords_from_helper(const std::vector<std::uint32_t>& at_helper,
                                                                       std::size_t count, Role to) {
    std::vector<std::uint32_t> half(count);
    if (is_helper()) {
        Prg& drawn = to == Role::b ? *ah_ : *bh_;
        drawn.fill(Purpose::deal, span_of(half));
        for (std::size_t i = 0; i < count; ++i) half[i] = at_helper[i] - half[i];
        C2D_CHECK(send_buffered(static_cast<unsigned>(to), view_of(half)));
        return std::vector<std::uint32_t>{};
    }
    if (role_ != to)
        own_prg().fill(Purpose::deal, span_of(half));
    else
        C2D_CHECK(receive(kH, span_of(half)));
    return half;
}

Result<Bytes> Engine::share_bits_from_helper(const Bytes& at_helper, std::size_t count, Role to) {
    if (is_helper()) {
        Prg& drawn = to == Role::b ? *ah_ : *bh_;
        Bytes half = drawn.bytes(Purpose::deal, count);
        kernel::add_bits(at_helper.data(), half.data(), count);
        C2D_CHECK(send_buffered(static_cast<unsigned>(to), half));
        return Bytes{};
    }
    if (role_ != to) return own_prg().bytes(Purpose::deal, count);
    Bytes half(count);
    C2D_CHECK(receive(kH, half));
    return half;
}

// ---------------------------------------------------------------- openings between A and B

Result<Unit> Engine::open(Words& summands) {
    if (is_helper()) return flush();
    C2D_CHECK(send_buffered(other(), view_of(summands)));
    Words theirs(summands.size());
    C2D_CHECK(receive(other(), span_of(theirs)));
    kernel::add(theirs.data(), summands.data(), summands.size());
    return Unit{};
}

Result<Unit> Engine::open(std::vector<std::uint32_t>& summands) {
    if (is_helper()) return flush();
    C2D_CHECK(send_buffered(other(), view_of(summands)));
    std::vector<std::uint32_t> theirs(summands.size());
    C2D_CHECK(receive(other(), span_of(theirs)));
    for (std::size_t i = 0; i < summands.size(); ++i) summands[i] += theirs[i];
    return Unit{};
}

Result<Unit> Engine::open_xor(Bytes& summands) {
    if (is_helper()) return flush();
    C2D_CHECK(send_buffered(other(), summands));
    Bytes theirs(summands.size());
    C2D_CHECK(receive(other(), theirs));
    kernel::add_bits(theirs.data(), summands.data(), theirs.size());
    return Unit{};
}

Result<Shares> Engine::extend_ring(const Shares& x, unsigned bits) {
    // With v = x + 2^(bits - 2) in [0, 2^(bits - 1)) and both summands m, lambda in [0, 2^bits),
    // the sum m + lambda passes 2^bits exactly if the top bit of either is set.
    const std::size_t count = x.size();
    const Word ring = Word{1} << bits, top = ring >> 1, offset = ring >> 2;
    if (is_helper()) {
        Words dealt(2 * count);
        for (std::size_t i = 0; i < count; ++i) {
            const Word lambda = (x.p[i] + x.q[i]) & (ring - 1);
            dealt[i] = lambda;
            dealt[count + i] = lambda & top ? ring : 0;
        }
        C2D_CHECK(share_from_helper(dealt, 2 * count, Role::b));
        return reshare_pair({}, x.rows, x.cols);
    }
    C2D_TRY(AdditiveShares out, share_from_helper({}, 2 * count, Role::b));
    for (std::size_t i = 0; i < count; ++i) {
        const Word m = (x.q[i] + offset) & (ring - 1);
        const bool passed = (m & top) != 0;
        if (!passed) out[i] -= out[count + i];
        if (is_a()) out[i] += m - offset - (passed ? ring : 0);
    }
    out.resize(count);
    return reshare_pair(out, x.rows, x.cols);
}

Result<Shares> Engine::reshare_halfwords(const std::vector<std::uint32_t>& summands, std::size_t rows,
                                         std::size_t cols) {
    constexpr unsigned kBits = 32;
    const std::size_t count = rows * cols;
    const auto drawn = [count](Prg& prg) {
        std::vector<std::uint32_t> out(count);
        prg.fill(Purpose::share, span_of(out));
        return out;
    };
    const std::vector<std::uint32_t> p = drawn(is_helper() ? *ah_ : own_prg());
    std::vector<std::uint32_t> q = is_helper() ? drawn(*bh_) : summands;
    if (!is_helper())
        for (std::size_t i = 0; i < count; ++i) q[i] -= p[i];
    C2D_CHECK(open(q));
    return extend_ring({rows, cols, Words(p.begin(), p.end()), Words(q.begin(), q.end())}, kBits);
}

Result<Shares> Engine::reshare_pair(const AdditiveShares& summands, std::size_t rows, std::size_t cols) {
    const std::size_t count = rows * cols;
    Shares out{rows, cols, {}, {}};
    if (is_helper()) {
        out.p = ah_->words(Purpose::share, count);
        out.q = bh_->words(Purpose::share, count);
        C2D_CHECK(flush());
        return out;
    }
    out.p = own_prg().words(Purpose::share, count);
    out.q = difference_of(summands, out.p);
    C2D_CHECK(open(out.q));
    return out;
}

// ---------------------------------------------------------------- values in and out

Result<Block> Engine::input(unsigned owner, Words values, std::size_t rows, std::size_t cols) {
    // One component is a draw that the owner shares with one party, one is zero, and the third,
    // the difference, goes to the other party, which does not know the draw.
    const std::size_t count = rows * cols;
    const unsigned me = static_cast<unsigned>(role_);
    // One value too many would go out without a mask.
    if (values.size() != (me == owner ? count : 0))
        return fail(Status::INTERNAL, "an input of {} x {} came with {} values", rows, cols, values.size());
    const unsigned sharer = owner == kH ? kA : kH;
    const unsigned receiver = owner == kA || owner == kH ? kB : kA;
    Shares out{rows, cols, {}, {}};
    // The draw is alpha or beta; the difference is m, but beta for what H puts in.
    Words& draw = is_helper() && owner == kB ? out.q : out.p;
    Words& difference = is_b() && owner == kH ? out.p : out.q;
    if (me == owner || me == sharer) draw = (owner == kB ? *bh_ : *ah_).words(Purpose::share, count);
    if (me == owner) {
        difference = std::move(values);
        kernel::subtract(difference.data(), draw.data(), difference.data(), count);
        C2D_CHECK(send_buffered(receiver, view_of(difference)));
    } else if (me == receiver) {
        difference.resize(count);
        C2D_CHECK(receive(owner, span_of(difference)));
    }
    C2D_CHECK(flush());
    if (owner != kH) return Block(owner == kA ? Owner::a : Owner::b, std::move(out));
    // What H puts in has m = 0: no product gets simpler by that, so it is treated like any other.
    out.p.resize(count);
    out.q.resize(count);
    return Block(Owner::nobody, std::move(out));
}

Shares Engine::constant(const Word* values, std::size_t rows, std::size_t cols) const {
    Shares out{rows, cols, Words(rows * cols), Words(rows * cols)};
    if (!is_helper()) out.q.assign(values, values + rows * cols);
    return out;
}

Result<Words> Engine::open_to(unsigned party, const Shares& x) {
    // The one component that `party` lacks: beta for A (from B), alpha for B, m for H (from A).
    const unsigned from = party == kA ? kB : kA;
    const unsigned me = static_cast<unsigned>(role_);
    if (me == from) {
        C2D_CHECK(send_buffered(party, view_of(party == kH ? x.q : x.p)));
    }
    if (me != party) {
        C2D_CHECK(flush());
        return Words{};
    }
    Words lacking(x.size());
    C2D_CHECK(receive(from, span_of(lacking)));
    return sum_of(sum_of(x.p, x.q), lacking);
}

// ---------------------------------------------------------------- products

Engine::Products Engine::local_products(const Shares& x, const Shares& y) const {
    Products out(x.size());
    if (is_helper()) {
        kernel::add_products(sum_of(x.p, x.q).data(), sum_of(y.p, y.q).data(), out.data(), x.size());
        return out;
    }
    // A: alpha m' + m (alpha' + m');  B: beta m' + m beta'.
    kernel::add_products(x.p.data(), y.q.data(), out.data(), x.size());
    const Words second = is_a() ? sum_of(y.p, y.q) : y.p;
    kernel::add_products(x.q.data(), second.data(), out.data(), x.size());
    return out;
}

Engine::Products Engine::local_matmul(const Shares& x, const Shares& y) const {
    Products out(x.rows * y.cols);
    const auto multiply = [&](const Words& left, const Words& right) {
        kernel::add_matmul(left.data(), right.data(), out.data(), x.rows, x.cols, y.cols);
    };
    if (is_helper()) {
        multiply(sum_of(x.p, x.q), sum_of(y.p, y.q));
    } else {
        multiply(x.p, y.q);
        multiply(x.q, is_a() ? sum_of(y.p, y.q) : y.p);
    }
    return out;
}

Result<Shares> Engine::reshare(Products local, std::size_t rows, std::size_t cols) {
    if (is_b() && local.size() > kStraightWords) return reshare_passing(std::move(local), rows, cols);
    C2D_TRY(const AdditiveShares dealt, share_from_helper(local, local.size(), Role::b));
    if (!is_helper()) kernel::add(dealt.data(), local.data(), local.size());
    return reshare_pair(local, rows, cols);
}

/// B alone waits for what H deals: of a large message it passes on to A what it has so far.
Result<Shares> Engine::reshare_passing(Products local, std::size_t rows, std::size_t cols) {
    Shares out{rows, cols, bh_->words(Purpose::share, local.size()), {}};
    out.q = difference_of(local, out.p);
    local = {};
    Words dealt(kStraightWords);
    for (std::size_t from = 0; from < out.q.size(); from += kStraightWords) {
        const std::size_t count = std::min(kStraightWords, out.q.size() - from);
        const std::span<std::uint8_t> piece = span_of(std::span(dealt).first(count));
        C2D_CHECK(from == 0 ? receive(kH, piece) : link_.receive_rest(kH, piece));
        kernel::add(dealt.data(), &out.q[from], count);
        C2D_CHECK(link_.send(kA, view_of(std::span<const Word>(out.q).subspan(from, count))));
    }
    Words theirs(out.q.size());
    C2D_CHECK(receive(kA, span_of(theirs)));
    kernel::add(theirs.data(), out.q.data(), theirs.size());
    return out;
}

Result<Engine::Cut> Engine::cut(Products local, unsigned shift, std::size_t size) {
    const std::size_t count = local.size();
    constexpr Word kOffset = Word{1} << 62;
    // c = g + r with r = random - (helper's summand): no message from H is needed for the mask.
    Cut out{random_words(count), {}};
    if (is_helper()) {
        // What H deals of r: r >> shift, added up, and its top bit at the weight of a wrap.
        kernel::subtract(out.masked.data(), local.data(), out.masked.data(), count);
        Words dealt(size + count);
        for (std::size_t i = 0; i < count; ++i) {
            const Word r = out.masked[i];
            dealt[i % size] += r >> shift;
            dealt[size + i] = (r >> 63) << (64 - shift);
        }
        C2D_CHECK(share_from_helper(dealt, size + count, Role::b));
        return out;
    }
    kernel::add(local.data(), out.masked.data(), count);
    if (is_a())
        for (Word& word : out.masked) word += kOffset;
    // First, since B need not wait for H to send it.
    C2D_CHECK(open(out.masked));
    C2D_TRY(const AdditiveShares dealt, share_from_helper({}, size + count, Role::b));
    out.high.resize(size);
    for (std::size_t i = 0; i < size; ++i) out.high[i] = Word{0} - dealt[i];
    for (std::size_t i = 0; i < count; ++i) {
        Word& high = out.high[i % size];
        // The sum wrapped exactly if r's top bit is 1 and c's is 0, since 0 <= g + 2^62 < 2^63.
        if (out.masked[i] >> 63 == 0) high += dealt[size + i];
        if (is_a()) high += (out.masked[i] >> shift) - (kOffset >> shift);
    }
    return out;
}

Result<Shares> Engine::reshare_truncated(Products local, unsigned shift, std::size_t rows, std::size_t cols) {
    C2D_TRY(const Cut c, cut(std::move(local), shift, rows * cols));
    return reshare_pair(c.high, rows, cols);
}

Result<Shares> Engine::reshare_rounded(Products local, unsigned shift, std::size_t rows, std::size_t cols) {
    const std::size_t count = local.size();
    if (is_a())
        for (Word& word : local) word += Word{1} << (shift - 1);
    C2D_TRY(Cut c, cut(std::move(local), shift, count));
    // What the coin would be: whether the low part of c is below that of r. It is the sign of a difference of which A
    // and B know one part and H the other.
    const Word below = (Word{1} << shift) - 1;
    Shares low{count, 1, Words(count), Words(count)};
    for (std::size_t i = 0; i < count; ++i) {
        const Word part = (c.masked[i] & below) << (63 - shift);
        if (is_helper())
            low.p[i] = Word{0} - part;
        else
            low.q[i] = part;
    }
    const unsigned digits = std::max(2u, std::bit_ceil((shift + 3) / 4));
    C2D_TRY(const BooleanShares borrowed, msb(low, digits));
    C2D_TRY(const AdditiveShares borrow, to_additive(borrowed, count));
    kernel::subtract(c.high.data(), borrow.data(), c.high.data(), c.high.size());
    return reshare_pair(c.high, rows, cols);
}

}  // namespace c2d::mpc::rep3
