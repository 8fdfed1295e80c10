// Two rounds: a masked logit that all three learn, and a masked gradient. For links of high latency.
// docs/mpc/protocol.md, Figure 21.
//
// Everything that does not depend on the data is done ahead, while the wires are idle: shares of the
// sines and cosines of masks that nobody knows. In exchange H takes part and twice the bytes cross.
// Features have 12 fractional bits here, which leaves the bits that one factor more needs.
#include "base/try.hpp"
#include "mpc/core/kernels.hpp"
#include "mpc/rep3/ml/fast_logistic.hpp"

#include <algorithm>
#include <deque>
#include <optional>

namespace c2d::mpc::rep3 {
namespace {

using short_sigmoid::kTerms;

constexpr unsigned kCoarseLogitBits = kCoarseFeatureBits + kWeightBits;
static_assert(FixedPointPlan::shift_max(kCoarseFeatureBits) == 19);
/// Of an error: two dealt factors and a coefficient.
constexpr FixedPointPlan::Range kValueBits{20, 27};
/// How many iterations ahead randomness is made: so that what must cross has long arrived.
constexpr std::size_t kAhead = 4;

std::uint32_t opened(Word z) { return opened_part<kCoarseLogitBits>(z); }

/// cos(k a) and sin(k a), [k][i], at 2^bits.
struct SinCos {
    Words cosine, sine;
    SinCos(const std::vector<std::uint32_t>& angle, unsigned bits)
        : cosine(kTerms * angle.size()), sine(cosine.size()) {
        fourier::fill_sin_cos(short_sigmoid::kSeries, angle.data(), angle.size(), bits, cosine.data(), sine.data());
    }
};

/// Replicated shares of cos(k u) and sin(k u), where the mask of a logit is u = rho + tau: H knows rho, A and B know
/// tau.
struct SinCosShares {
    Words cosine_p, cosine_q, sine_p, sine_q;
};

/// What both roles need.
class Logistic2Rounds : public FastLogistic {
public:
    Logistic2Rounds(Engine& engine, LinearProducts& x, const Shares& y, const FixedPointPlan& plan,
                    const Batches& batches)
        : FastLogistic(engine, x, y, plan),
          batches_(batches),
          dealt_bits_(plan.value_bits / 3),
          tau_bits_(plan.value_bits / 3),
          coefficient_bits_(plan.value_bits - dealt_bits_ - tau_bits_) {}

    Result<Unit> begin(const Shares& w, std::size_t first, std::size_t last) override {
        next_ = first;
        last_ = last;
        return FastLogistic::begin(w, first, last);
    }
    bool helper_listens() const final { return true; }

protected:
    /// Iterations whose randomness is made before the first round of a segment.
    std::size_t to_prepare() const { return std::min(kAhead, last_ - next_); }
    /// Whether there is an iteration kAhead after this one.
    bool more_after(std::size_t iteration) const { return iteration + kAhead < last_; }
    /// Sines or cosines of one iteration.
    std::size_t sines() const { return kTerms * batches_.size; }

    Words drawn(Role peer, Purpose purpose, std::size_t count) {
        Words out(count);
        engine_.draw(peer, purpose, span_of(out));
        return out;
    }
    std::vector<std::uint32_t> drawn_halfwords(Role peer) {
        std::vector<std::uint32_t> out(batches_.size);
        engine_.draw(peer, Purpose::mask, span_of(out));
        return out;
    }

    Words local_logits(const std::vector<std::uint32_t>& batch) {
        Words z(batch.size());
        products_.forward(batch.data(), w_.p, w_.q, z);
        return z;
    }

    /// This party's summand of the gradient. Errors are shares of sigmoid(z) - y: a public linear combination of
    /// shares, at all three alike. `half`: 1/2, where this party holds it.
    Words local_gradient(const std::vector<std::uint32_t>& batch, const std::vector<std::uint32_t>& m,
                         const SinCosShares& shares, Word half) {
        const fourier::Scale scale{dealt_bits_ + tau_bits_, coefficient_bits_};
        Words p(m.size()), q(m.size(), half);
        // Public coefficients are rounded to the nearest: m is uniform, so errors average out.
        fourier::add(short_sigmoid::kSeries, m.data(), m.size(), scale, plan_.mantissa, nullptr, shares.cosine_p.data(),
                     shares.sine_p.data(), p.data());
        fourier::add(short_sigmoid::kSeries, m.data(), m.size(), scale, plan_.mantissa, nullptr, shares.cosine_q.data(),
                     shares.sine_q.data(), q.data());
        subtract_labels(batch, p, q);
        Words g(w_.size());
        products_.backward(batch, p, q, g);
        return g;
    }

    const Batches batches_;
    const unsigned dealt_bits_, tau_bits_, coefficient_bits_;
    std::size_t next_ = 0, last_ = 0;
};

/// A or B. The first iterations' randomness is made before the first round. From then on every step makes that of one
/// iteration, kAhead later: H deals it behind its gradient; A and B take it before the next one, send their summands
/// behind their own gradient, and add the other's up before the next logits. All streams have this order, so nobody
/// waits for anything but a round.
class Holder final : public Logistic2Rounds {
public:
    Holder(Engine& engine, LinearProducts& x, const Shares& y, const FixedPointPlan& plan, const Batches& batches)
        : Logistic2Rounds(engine, x, y, plan, batches), peer_(engine.is_a() ? Role::b : Role::a) {}

    Result<Unit> begin(const Shares& w, std::size_t first, std::size_t last) override {
        ready_.clear();
        arriving_.clear();
        return Logistic2Rounds::begin(w, first, last);
    }

    Result<Unit> step(const std::vector<std::uint32_t>& batch, const std::vector<std::uint32_t>&) override {
        if (ready_.empty()) C2D_CHECK(prepare());
        const Prepared prepared = std::move(ready_.front());
        ready_.pop_front();
        C2D_TRY(const std::vector<std::uint32_t> m, open_logits(batch, prepared));
        note_domain(prepared, m);
        C2D_CHECK(update(prepared, local_gradient(batch, m, prepared.sin_cos, plan_.unit / 2)));
        ++next_;
        return Unit{};
    }

private:
    /// What this party holds for one iteration before it begins.
    struct Prepared {
        std::vector<std::uint32_t> mask;  // what it adds to its summand of a logit
        std::vector<std::uint32_t> tau;
        SinCosShares sin_cos;
        Words gradient;     // half of the gradient's mask
        Words from_helper;  // hides H's gradient on its way to the other
        Words weights;      // half of the gradient's whole mask >> shift
        Words table;
    };

    // ------------------------------------------------------------ ahead of the iterations

    Result<Unit> prepare() {
        for (std::size_t t = to_prepare(); t > 0; --t) {
            C2D_TRY(Prepared prepared, take_dealt());
            C2D_CHECK(send_summands(std::move(prepared)));
        }
        return take_summands();
    }

    /// The draws of one iteration, in H's order.
    Prepared draw() {
        Prepared out;
        const std::size_t n = batches_.size, d = w_.size();
        out.mask = drawn_halfwords(Role::h);
        out.tau = drawn_halfwords(peer_);
        // A's half of tau is drawn, B's is what is left of a second draw: both know both.
        const std::vector<std::uint32_t> first = drawn_halfwords(peer_);
        for (std::size_t i = 0; i < n; ++i) out.mask[i] += engine_.is_a() ? first[i] : out.tau[i] - first[i];
        (engine_.is_a() ? out.sin_cos.sine_q : out.sin_cos.cosine_q) = drawn(Role::h, Purpose::deal, sines());
        if (engine_.is_a()) out.table = drawn(Role::h, Purpose::bits, n);
        out.gradient = drawn(Role::h, Purpose::mask, d);
        out.from_helper = drawn(Role::h, Purpose::mask, d);
        if (engine_.is_a()) out.weights = drawn(Role::h, Purpose::deal, d);
        // The new components of cosines and sines.
        out.sin_cos.cosine_p = drawn(Role::h, Purpose::share, sines());
        out.sin_cos.sine_p = drawn(Role::h, Purpose::share, sines());
        return out;
    }

    /// A's dealt halves are cosines, B's sines, tables and weights.
    Result<Prepared> take_dealt() {
        Prepared out = draw();
        if (engine_.is_a()) {
            out.sin_cos.cosine_q.resize(sines());
            C2D_CHECK(engine_.receive(2, span_of(out.sin_cos.cosine_q)));
            return out;
        }
        out.sin_cos.sine_q.resize(sines());
        out.table.resize(batches_.size);
        out.weights.resize(w_.size());
        for (Words* words : {&out.sin_cos.sine_q, &out.table, &out.weights})
            C2D_CHECK(engine_.receive(2, span_of(*words)));
        return out;
    }

    /// Summands of cos and sin of k rho become summands of those of k (rho + tau): tau is known to both.
    void rotate_by_tau(Prepared& prepared) const {
        const SinCos tau(prepared.tau, tau_bits_);
        SinCosShares& shares = prepared.sin_cos;
        for (std::size_t i = 0; i < tau.cosine.size(); ++i) {
            const Word c = shares.cosine_q[i], s = shares.sine_q[i];
            shares.cosine_q[i] = c * tau.cosine[i] - s * tau.sine[i];
            shares.sine_q[i] = s * tau.cosine[i] + c * tau.sine[i];
        }
    }

    /// Summands of the sines and cosines of u, hidden by fresh draws; the sum will be m's component.
    Result<Unit> send_summands(Prepared prepared) {
        rotate_by_tau(prepared);
        SinCosShares& shares = prepared.sin_cos;
        for (const auto& [p, q] :
             {std::pair{&shares.cosine_p, &shares.cosine_q}, std::pair{&shares.sine_p, &shares.sine_q}}) {
            kernel::subtract(q->data(), p->data(), q->data(), q->size());
            C2D_CHECK(engine_.send_buffered(other(), view_of(*q)));
        }
        arriving_.push_back(std::move(prepared));
        return Unit{};
    }
    Result<Unit> take_summands() {
        for (; !arriving_.empty(); arriving_.pop_front()) {
            Prepared& prepared = arriving_.front();
            Words theirs(sines());
            for (Words* q : {&prepared.sin_cos.cosine_q, &prepared.sin_cos.sine_q}) {
                C2D_CHECK(engine_.receive(other(), span_of(theirs)));
                kernel::add(theirs.data(), q->data(), q->size());
            }
            ready_.push_back(std::move(prepared));
        }
        return Unit{};
    }

    // ------------------------------------------------------------ the two rounds

    /// Round 1: z + u, to all three. A's message is hidden from B by H's draw and from H by tau's half.
    Result<std::vector<std::uint32_t>> open_logits(const std::vector<std::uint32_t>& batch, const Prepared& prepared) {
        const Words z = local_logits(batch);
        std::vector<std::uint32_t> m(z.size()), theirs(z.size());
        for (std::size_t i = 0; i < m.size(); ++i) m[i] = opened(z[i]) + prepared.mask[i];
        C2D_CHECK(engine_.send_buffered(other(), view_of(m)));
        C2D_CHECK(engine_.send_buffered(2, view_of(m)));
        C2D_CHECK(take_summands());
        C2D_CHECK(engine_.receive(other(), span_of(theirs)));
        for (std::size_t i = 0; i < m.size(); ++i) m[i] += theirs[i];
        return m;
    }

    /// H's table is of rho, so tau comes off first.
    void note_domain(const Prepared& prepared, const std::vector<std::uint32_t>& m) {
        flags_.add(engine_.role(), m.size(), [&](std::size_t i) -> Word {
            return short_sigmoid::in_domain(m[i] - prepared.tau[i], prepared.table[i]);
        });
    }

    /// Round 2: g + r. What H sends to one is hidden by what it draws with the other, who takes it off again.
    Result<Unit> update(const Prepared& prepared, Words g) {
        const std::size_t d = w_.size();
        kernel::add(prepared.gradient.data(), g.data(), d);
        Words message(d), theirs(d);
        kernel::subtract(g.data(), prepared.from_helper.data(), message.data(), d);
        C2D_CHECK(engine_.send_buffered(other(), view_of(message)));
        C2D_CHECK(engine_.receive(other(), span_of(theirs)));
        kernel::add(theirs.data(), g.data(), d);
        std::optional<Prepared> later;
        if (more_after(next_)) {
            C2D_TRY(later, take_dealt());
        }
        C2D_CHECK(engine_.receive(2, span_of(theirs)));
        kernel::add(theirs.data(), g.data(), d);
        for (std::size_t j = 0; j < d; ++j) {
            w_.p[j] += prepared.weights[j];
            w_.q[j] -= g[j] >> plan_.shift;
        }
        return later ? send_summands(*std::move(later)) : Result<Unit>(Unit{});
    }

    const Role peer_;
    /// Of the next iterations, the first first: complete, and without the other's summands.
    std::deque<Prepared> ready_, arriving_;
};

/// H: deals ahead, learns the masked logits and sends its summand of the gradient.
class Helper final : public Logistic2Rounds {
public:
    using Logistic2Rounds::Logistic2Rounds;

    Result<Unit> begin(const Shares& w, std::size_t first, std::size_t last) override {
        ready_.clear();
        return Logistic2Rounds::begin(w, first, last);
    }

    Result<Unit> step(const std::vector<std::uint32_t>& batch, const std::vector<std::uint32_t>&) override {
        if (ready_.empty()) {
            for (std::size_t t = 0, count = to_prepare(); t < count; ++t) C2D_CHECK(deal(next_ + t));
            C2D_CHECK(deal_ahead(next_));
        }
        const Prepared prepared = std::move(ready_.front());
        ready_.pop_front();
        std::vector<std::uint32_t> m(batch.size()), theirs(batch.size());
        C2D_CHECK(engine_.receive(0, span_of(m)));
        C2D_CHECK(engine_.receive(1, span_of(theirs)));
        for (std::size_t i = 0; i < m.size(); ++i) m[i] += theirs[i];
        C2D_CHECK(send_gradient(prepared, local_gradient(batch, m, prepared.sin_cos, 0)));
        ++next_;
        return deal_ahead(next_);
    }

private:
    struct Prepared {
        SinCosShares sin_cos;
        Words gradient;      // the gradient's whole mask
        Words for_a, for_b;  // what hides the gradient on the way to each
    };

    /// For the iteration kAhead after this one, if there is one.
    Result<Unit> deal_ahead(std::size_t iteration) {
        if (more_after(iteration)) C2D_CHECK(deal(iteration + kAhead));
        return engine_.flush();
    }

    /// Everything that is dealt of an iteration, and H's own shares of it.
    Result<Unit> deal(std::size_t iteration) {
        Prepared prepared;
        const std::vector<std::uint32_t> rho = draw_rho(iteration);
        SinCos dealt(rho, dealt_bits_);
        const Words cosine_b = drawn(Role::b, Purpose::deal, sines());
        const Words sine_a = drawn(Role::a, Purpose::deal, sines());
        kernel::subtract(dealt.cosine.data(), cosine_b.data(), dealt.cosine.data(), sines());
        kernel::subtract(dealt.sine.data(), sine_a.data(), dealt.sine.data(), sines());
        Words table = drawn(Role::a, Purpose::bits, rho.size());
        for (std::size_t i = 0; i < rho.size(); ++i) table[i] ^= short_sigmoid::dealt_table(rho[i]);
        const Words weights_b = deal_weights(prepared);
        // The components of cos(k u) and sin(k u) that A and B will reshare.
        SinCosShares& shares = prepared.sin_cos;
        for (const auto& [p, q] :
             {std::pair{&shares.cosine_p, &shares.cosine_q}, std::pair{&shares.sine_p, &shares.sine_q}}) {
            *p = drawn(Role::a, Purpose::share, sines());
            *q = drawn(Role::b, Purpose::share, sines());
        }
        C2D_CHECK(engine_.send_buffered(0, view_of(dealt.cosine)));
        for (const Words* words : std::initializer_list<const Words*>{&dealt.sine, &table, &weights_b})
            C2D_CHECK(engine_.send_buffered(1, view_of(*words)));
        ready_.push_back(std::move(prepared));
        return Unit{};
    }

    /// The part of a logit's mask that H knows, less its summand of the logit.
    std::vector<std::uint32_t> draw_rho(std::size_t iteration) {
        std::vector<std::uint32_t> batch(batches_.size);
        batches_.sampler->batch(iteration, batches_.rows, batch);
        const Words z = local_logits(batch);
        std::vector<std::uint32_t> rho = drawn_halfwords(Role::a);
        const std::vector<std::uint32_t> other_half = drawn_halfwords(Role::b);
        for (std::size_t i = 0; i < rho.size(); ++i) rho[i] += other_half[i] - opened(z[i]);
        return rho;
    }

    /// The masks of a gradient, and what they make of later weights; returns B's part of that.
    Words deal_weights(Prepared& prepared) {
        const std::size_t d = w_.size();
        prepared.gradient = drawn(Role::a, Purpose::mask, d);
        kernel::add(drawn(Role::b, Purpose::mask, d).data(), prepared.gradient.data(), d);
        prepared.for_a = drawn(Role::b, Purpose::mask, d);
        prepared.for_b = drawn(Role::a, Purpose::mask, d);
        const Words half = drawn(Role::a, Purpose::deal, d);
        Words to_b(d);
        for (std::size_t j = 0; j < d; ++j) {
            to_b[j] = (prepared.gradient[j] >> plan_.shift) - half[j];
            w_.p[j] += half[j];
            w_.q[j] += to_b[j];
        }
        return to_b;
    }

    Result<Unit> send_gradient(const Prepared& prepared, const Words& g) {
        for (const unsigned peer : {0u, 1u}) {
            Words hidden = peer == 0 ? prepared.for_a : prepared.for_b;
            kernel::add(g.data(), hidden.data(), hidden.size());
            C2D_CHECK(engine_.send_buffered(peer, view_of(hidden)));
        }
        return engine_.flush();
    }

    std::deque<Prepared> ready_;
};

}  // namespace

std::unique_ptr<SgdSchedule> logistic_2_rounds(Engine& engine, LinearProducts& x, const Shares& y, double lr,
                                               const Batches& batches) {
    const auto plan = FixedPointPlan::of(lr, kCoarseFeatureBits, kValueBits);
    if (!plan) return nullptr;
    if (engine.is_helper()) return std::make_unique<Helper>(engine, x, y, *plan, batches);
    return std::make_unique<Holder>(engine, x, y, *plan, batches);
}

}  // namespace c2d::mpc::rep3
