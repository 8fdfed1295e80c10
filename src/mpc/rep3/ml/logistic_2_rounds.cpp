// Two rounds: a masked logit that all three learn, and a masked gradient. For links of high latency.
//
// Everything that does not depend on the data is done ahead, while the wires are idle: shares of the
// sines and cosines of masks that nobody knows. In exchange H takes part and twice the bytes cross.
// Features have 12 fractional bits here, which leaves the bits that one factor more needs.
#include "base/try.hpp"
#include "mpc/core/kernels.hpp"
#include "mpc/rep3/ml/sgd_schedule.hpp"
#include "mpc/rep3/ml/short_sigmoid.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <optional>

namespace c2d::mpc::rep3 {
namespace {

using short_sigmoid::kTerms;

constexpr unsigned kCoarseLogitBits = kCoarseFeatureBits + kWeightBits;
/// As in logistic_3_rounds: a gradient's wrap falls out of the ring, and a logit's range stays inside it.
constexpr int kShiftMax = 64 - static_cast<int>(kCoarseLogitBits + short_sigmoid::kRangeBits);
static_assert(kShiftMax == 19 && kCoarseLogitBits >= short_sigmoid::kMaskedBits);
/// Fractional bits of an error: two dealt factors and a coefficient.
constexpr int kValueBitsMin = 20, kValueBitsMax = 27;
/// How many iterations ahead randomness is made: so that what must cross has long arrived.
constexpr std::size_t kAhead = 4;

int shift_of(int value_bits, int halvings) {
    return static_cast<int>(kCoarseFeatureBits) + value_bits + halvings - static_cast<int>(kWeightBits);
}
int value_bits_for(int halvings) { return std::min(kValueBitsMax, kShiftMax - shift_of(0, halvings)); }

/// A logit's summand as it is opened, 23 fractional bits mod 2^9.
std::uint32_t cut(Word z) { return static_cast<std::uint32_t>(z >> (kCoarseLogitBits - short_sigmoid::kMaskedBits)); }

/// cos(k a) and sin(k a), [k][i], at 2^bits.
struct SinCos {
    Words cosine, sine;
    SinCos(const std::vector<std::uint32_t>& angle, unsigned bits)
        : cosine(kTerms * angle.size()), sine(cosine.size()) {
        fourier::fill_sin_cos(short_sigmoid::kSeries, angle.data(), angle.size(), bits, cosine.data(), sine.data());
    }
};

/// What a party holds for one iteration before it begins. The mask of a logit is u = rho + tau: H
/// knows rho, A and B know tau.
struct Ready {
    std::vector<std::uint32_t> mask;  // what this party adds to its summand of a logit; H: rho
    std::vector<std::uint32_t> tau;   // A and B
    Words cosine_p, cosine_q;         // replicated shares of cos(k u), sin(k u)
    Words sine_p, sine_q;
    Words gradient;      // A and B: half of the gradient's mask; H: the whole
    Words from_helper;   // A and B: hides H's gradient on its way to the other
    Words for_a, for_b;  // H: what hides its gradient on the way to each
    Words weights;       // this party's half of mask >> shift
    Words table;
};

class Logistic2Rounds final : public SgdSchedule {
public:
    Logistic2Rounds(Engine& engine, LinearProducts& x, const Shares& y, const Rate& rate, const Batches& batches)
        : engine_(engine), y_(y), products_(x), batches_(batches), mantissa_(rate.mantissa) {
        const auto value_bits = static_cast<unsigned>(value_bits_for(rate.halvings));
        dealt_bits_ = value_bits / 3;
        tau_bits_ = value_bits / 3;
        coefficient_bits_ = value_bits - dealt_bits_ - tau_bits_;
        shift_ = static_cast<unsigned>(shift_of(static_cast<int>(value_bits), rate.halvings));
        unit_ = static_cast<Word>(std::llround(std::ldexp(mantissa_, static_cast<int>(value_bits))));
    }

    Result<Unit> begin(const Shares& w, std::size_t first, std::size_t last) override {
        w_ = w;
        inside_.clear();
        ready_.clear();
        arriving_.clear();
        next_ = first;
        last_ = last;
        return Unit{};
    }

    Result<Unit> step(const std::vector<std::uint32_t>& batch, const std::vector<std::uint32_t>&) override {
        if (ready_.empty()) C2D_CHECK(prepare(std::min(kAhead, last_ - next_)));
        const Ready ready = std::move(ready_.front());
        ready_.pop_front();
        C2D_TRY(const std::vector<std::uint32_t> m, open_logits(batch, ready));
        if (!engine_.is_helper()) note_domain(ready, m);
        Words error_p(m.size()), error_q(m.size());
        errors(batch, ready, m, error_p, error_q);
        Words g(w_.size());
        products_.backward(batch, error_p, error_q, g);
        C2D_CHECK(update(ready, std::move(g)));
        ++next_;
        return Unit{};
    }

    bool helper_listens() const override { return true; }

    Result<bool> in_domain() override {
        C2D_TRY(const bool outside, engine_.reveal_any(view_of(inside_)));
        inside_.clear();
        return !outside;
    }
    Result<Shares> weights() override { return engine_.extend_ring(w_, 64 - shift_); }

private:
    // ------------------------------------------------------------ ahead of the iterations

    /// The first iterations' randomness. From then on every step makes that of one iteration,
    /// kAhead later: H deals it behind its gradient; A and B take it before the next one, send their
    /// summands behind their own gradient, and add the other's up before the next logits. All streams
    /// have this order, so nobody waits for anything but a round.
    Result<Unit> prepare(std::size_t count) {
        for (std::size_t t = 0; t < count; ++t) {
            if (engine_.is_helper()) {
                C2D_CHECK(deal(next_ + t));
                continue;
            }
            C2D_TRY(Ready ready, take_dealt());
            C2D_CHECK(send_summands(std::move(ready)));
        }
        return engine_.is_helper() ? deal_ahead(next_) : take_summands();
    }

    /// H: for the iteration kAhead after this one, if there is one.
    bool more_after(std::size_t iteration) const { return iteration + kAhead < last_; }
    Result<Unit> deal_ahead(std::size_t iteration) {
        if (more_after(iteration)) C2D_CHECK(deal(iteration + kAhead));
        return engine_.flush();
    }

    /// A and B: their summands of the sines and cosines of u, hidden by fresh draws; the sum will be m's component.
    Result<Unit> send_summands(Ready ready) {
        rotate_by_tau(ready);
        for (const auto& [p, q] :
             {std::pair{&ready.cosine_p, &ready.cosine_q}, std::pair{&ready.sine_p, &ready.sine_q}}) {
            kernel::subtract(q->data(), p->data(), q->data(), q->size());
            C2D_CHECK(engine_.send_buffered(other(), view_of(*q)));
        }
        arriving_.push_back(std::move(ready));
        return Unit{};
    }
    Result<Unit> take_summands() {
        for (; !arriving_.empty(); arriving_.pop_front()) {
            Ready& ready = arriving_.front();
            Words theirs(ready.cosine_q.size());
            for (Words* q : {&ready.cosine_q, &ready.sine_q}) {
                C2D_CHECK(engine_.receive(other(), span_of(theirs)));
                kernel::add(theirs.data(), q->data(), q->size());
            }
            ready_.push_back(std::move(ready));
        }
        return Unit{};
    }

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

    /// H: everything that it will say of iteration `iteration`, and its own shares of it.
    Result<Unit> deal(std::size_t iteration) {
        Ready ready;
        const std::size_t n = batches_.size, d = w_.size(), sines = kTerms * n;
        std::vector<std::uint32_t> batch(n);
        batches_.sampler->batch(iteration, batches_.rows, batch);
        Words z(n);
        products_.forward(batch.data(), w_.p, w_.q, z);
        ready.mask = drawn_halfwords(Role::a);
        const std::vector<std::uint32_t> other = drawn_halfwords(Role::b);
        for (std::size_t i = 0; i < n; ++i) ready.mask[i] += other[i] - cut(z[i]);

        SinCos rho(ready.mask, dealt_bits_);
        const Words cosine_b = drawn(Role::b, Purpose::deal, sines);
        const Words sine_a = drawn(Role::a, Purpose::deal, sines);
        kernel::subtract(rho.cosine.data(), cosine_b.data(), rho.cosine.data(), sines);
        kernel::subtract(rho.sine.data(), sine_a.data(), rho.sine.data(), sines);
        Words table = drawn(Role::a, Purpose::bits, n);
        for (std::size_t i = 0; i < n; ++i) table[i] ^= short_sigmoid::dealt_table(ready.mask[i]);

        ready.gradient = drawn(Role::a, Purpose::mask, d);
        kernel::add(drawn(Role::b, Purpose::mask, d).data(), ready.gradient.data(), d);
        ready.for_a = drawn(Role::b, Purpose::mask, d);
        ready.for_b = drawn(Role::a, Purpose::mask, d);
        const Words half = drawn(Role::a, Purpose::deal, d);
        Words to_b(d);
        for (std::size_t j = 0; j < d; ++j) {
            to_b[j] = (ready.gradient[j] >> shift_) - half[j];
            w_.p[j] += half[j];
            w_.q[j] += to_b[j];
        }
        // The components of cos(k u) and sin(k u) that A and B will reshare.
        for (const auto& [p, q] :
             {std::pair{&ready.cosine_p, &ready.cosine_q}, std::pair{&ready.sine_p, &ready.sine_q}}) {
            *p = drawn(Role::a, Purpose::share, sines);
            *q = drawn(Role::b, Purpose::share, sines);
        }
        C2D_CHECK(engine_.send_buffered(0, view_of(rho.cosine)));
        for (const Words* words : {&rho.sine, &table, &to_b}) C2D_CHECK(engine_.send_buffered(1, view_of(*words)));
        ready_.push_back(std::move(ready));
        return Unit{};
    }

    /// A and B: the draws of one iteration, in H's order.
    Ready draw() {
        Ready ready;
        const std::size_t n = batches_.size, d = w_.size(), sines = kTerms * n;
        const Role peer = engine_.is_a() ? Role::b : Role::a;
        ready.mask = drawn_halfwords(Role::h);
        ready.tau = drawn_halfwords(peer);
        // A's half of tau is drawn, B's is what is left of a second draw: both know both.
        const std::vector<std::uint32_t> first = drawn_halfwords(peer);
        for (std::size_t i = 0; i < n; ++i) ready.mask[i] += engine_.is_a() ? first[i] : ready.tau[i] - first[i];
        (engine_.is_a() ? ready.sine_q : ready.cosine_q) = drawn(Role::h, Purpose::deal, sines);
        if (engine_.is_a()) ready.table = drawn(Role::h, Purpose::bits, n);
        ready.gradient = drawn(Role::h, Purpose::mask, d);
        ready.from_helper = drawn(Role::h, Purpose::mask, d);
        if (engine_.is_a()) ready.weights = drawn(Role::h, Purpose::deal, d);
        // The new components of cosines and sines.
        ready.cosine_p = drawn(Role::h, Purpose::share, sines);
        ready.sine_p = drawn(Role::h, Purpose::share, sines);
        return ready;
    }

    /// A's dealt halves are cosines, B's sines, tables and weights.
    Result<Ready> take_dealt() {
        const std::size_t n = batches_.size, sines = kTerms * n;
        Ready ready = draw();
        if (engine_.is_a()) {
            ready.cosine_q.resize(sines);
            C2D_CHECK(engine_.receive(2, span_of(ready.cosine_q)));
            return ready;
        }
        ready.sine_q.resize(sines);
        ready.table.resize(n);
        ready.weights.resize(w_.size());
        for (Words* words : {&ready.sine_q, &ready.table, &ready.weights})
            C2D_CHECK(engine_.receive(2, span_of(*words)));
        return ready;
    }

    /// Summands of cos and sin of k rho become summands of those of k \(rho + tau\): tau is known to both.
    void rotate_by_tau(Ready& ready) const {
        const SinCos tau(ready.tau, tau_bits_);
        for (std::size_t i = 0; i < tau.cosine.size(); ++i) {
            const Word c = ready.cosine_q[i], s = ready.sine_q[i];
            ready.cosine_q[i] = c * tau.cosine[i] - s * tau.sine[i];
            ready.sine_q[i] = s * tau.cosine[i] + c * tau.sine[i];
        }
    }

    // ------------------------------------------------------------ the two rounds

    /// Round 1: z + u, to all three. A's message is hidden from B by H's draw and from H by tau's half.
    Result<std::vector<std::uint32_t>> open_logits(const std::vector<std::uint32_t>& batch, const Ready& ready) {
        const std::size_t n = batch.size();
        std::vector<std::uint32_t> m(n), theirs(n);
        if (engine_.is_helper()) {
            C2D_CHECK(engine_.receive(0, span_of(m)));
            C2D_CHECK(engine_.receive(1, span_of(theirs)));
        } else {
            Words z(n);
            products_.forward(batch.data(), w_.p, w_.q, z);
            for (std::size_t i = 0; i < n; ++i) m[i] = cut(z[i]) + ready.mask[i];
            C2D_CHECK(engine_.send_buffered(other(), view_of(m)));
            C2D_CHECK(engine_.send_buffered(2, view_of(m)));
            C2D_CHECK(take_summands());
            C2D_CHECK(engine_.receive(other(), span_of(theirs)));
        }
        for (std::size_t i = 0; i < n; ++i) m[i] += theirs[i];
        return m;
    }

    /// Shares of sigmoid(z) - y: a public linear combination of shares, at all three alike.
    void errors(const std::vector<std::uint32_t>& batch, const Ready& ready, const std::vector<std::uint32_t>& m,
                Words& p, Words& q) const {
        const fourier::Scale scale{dealt_bits_ + tau_bits_, coefficient_bits_};
        const std::size_t n = m.size();
        if (!engine_.is_helper()) std::fill(q.begin(), q.end(), unit_ / 2);
        // Public coefficients are rounded to the nearest: m is uniform, so errors average out.
        fourier::add(short_sigmoid::kSeries, m.data(), n, scale, mantissa_, nullptr, ready.cosine_p.data(),
                     ready.sine_p.data(), p.data());
        fourier::add(short_sigmoid::kSeries, m.data(), n, scale, mantissa_, nullptr, ready.cosine_q.data(),
                     ready.sine_q.data(), q.data());
        for (std::size_t i = 0; i < n; ++i) {
            p[i] -= y_.p[batch[i]] * unit_;
            q[i] -= y_.q[batch[i]] * unit_;
        }
    }

    /// Round 2: g + r, to A and B. What H sends to one is hidden by what it draws with the other, who
    /// takes it off again.
    Result<Unit> update(const Ready& ready, Words g) {
        const std::size_t d = w_.size();
        if (engine_.is_helper()) {
            for (const unsigned peer : {0u, 1u}) {
                Words hidden = peer == 0 ? ready.for_a : ready.for_b;
                kernel::add(g.data(), hidden.data(), d);
                C2D_CHECK(engine_.send_buffered(peer, view_of(hidden)));
            }
            C2D_CHECK(engine_.flush());
            return deal_ahead(next_ + 1);
        }
        kernel::add(ready.gradient.data(), g.data(), d);
        Words message(d), theirs(d);
        kernel::subtract(g.data(), ready.from_helper.data(), message.data(), d);
        C2D_CHECK(engine_.send_buffered(other(), view_of(message)));
        C2D_CHECK(engine_.receive(other(), span_of(theirs)));
        kernel::add(theirs.data(), g.data(), d);
        std::optional<Ready> later;
        if (more_after(next_)) {
            C2D_TRY(later, take_dealt());
        }
        C2D_CHECK(engine_.receive(2, span_of(theirs)));
        kernel::add(theirs.data(), g.data(), d);
        for (std::size_t j = 0; j < d; ++j) {
            w_.p[j] += ready.weights[j];
            w_.q[j] -= g[j] >> shift_;
        }
        return later ? send_summands(*std::move(later)) : Result<Unit>(Unit{});
    }

    /// Shares of "inside", A's complemented. H's table is of rho, so tau comes off first.
    void note_domain(const Ready& ready, const std::vector<std::uint32_t>& m) {
        for (std::size_t i = 0; i < m.size(); ++i) {
            if (i % 64 == 0) inside_.push_back(0);
            const Word bit = short_sigmoid::in_domain(m[i] - ready.tau[i], ready.table[i]) ^ (engine_.is_a() ? 1u : 0u);
            inside_.back() |= bit << (i % 64);
        }
    }

    unsigned other() const { return engine_.is_a() ? 1 : 0; }

    Engine& engine_;
    const Shares& y_;
    LinearProducts& products_;
    Batches batches_;
    double mantissa_;
    unsigned dealt_bits_ = 0, tau_bits_ = 0, coefficient_bits_ = 0, shift_ = 0;
    Word unit_ = 0;
    Shares w_;
    Words inside_;
    std::deque<Ready> ready_, arriving_;
    std::size_t next_ = 0, last_ = 0;
};

}  // namespace

std::unique_ptr<SgdSchedule> logistic_2_rounds(Engine& engine, LinearProducts& x, const Shares& y, double lr,
                                               const Batches& batches) {
    const Rate rate(lr);
    if (value_bits_for(rate.halvings) < kValueBitsMin) return nullptr;
    return std::make_unique<Logistic2Rounds>(engine, x, y, rate, batches);
}

}  // namespace c2d::mpc::rep3
