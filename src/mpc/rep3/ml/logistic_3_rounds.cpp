// Three rounds: a masked logit, a fresh sharing of the error, a masked gradient. H only sends.
//
// The weights are shared modulo 2^(64 - shift): a masked gradient's wrap then falls out of the
// ring, and what is left of a logit still covers the range in which it is opened.
#include "base/try.hpp"
#include "mpc/core/kernels.hpp"
#include "mpc/core/sender_thread.hpp"
#include "mpc/rep3/ml/sgd_schedule.hpp"
#include "mpc/rep3/ml/short_sigmoid.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace c2d::mpc::rep3 {
namespace {

using short_sigmoid::kTerms;

/// The shift may take so many bits that a logit's range is still inside what is left of the ring.
constexpr int kShiftMax = 64 - static_cast<int>(kLogitBits + short_sigmoid::kRangeBits);
/// Fractional bits of an error: at least so many that rounding is lost in the noise of sampling.
constexpr int kValueBitsMin = 14, kValueBitsMax = 17;
static_assert(kShiftMax == 15 && kLogitBits >= short_sigmoid::kMaskedBits);

/// shift = features' + value's bits + halvings - weights' bits.
int shift_of(int value_bits, int halvings) {
    return static_cast<int>(kFractionBits) + value_bits + halvings - static_cast<int>(kWeightBits);
}
int value_bits_for(int halvings) { return std::min(kValueBitsMax, kShiftMax - shift_of(0, halvings)); }

/// One iteration's draws of one pair of parties, in one stretch of their key stream.
struct Draws {
    /// With A the helper also draws half of the sines and of the tables, with B half of the
    /// cosines.
    Draws(bool with_a, std::size_t n, std::size_t d)
        : words((n + 1) / 2 + n + d + (with_a ? d + (kTerms + 1) * n : kTerms * n)) {
        error = (n + 1) / 2;
        gradient = error + n;
        weights = gradient + d;
        sin_cos = weights + (with_a ? d : 0);
        table = sin_cos + kTerms * n;
    }
    void draw(Engine& engine, Role peer) {
        engine.draw(peer, Purpose::mask, {reinterpret_cast<std::uint8_t*>(words.data()), words.size() * sizeof(Word)});
    }
    std::uint32_t logit(std::size_t i) const { return static_cast<std::uint32_t>(words[i / 2] >> (32 * (i % 2))); }

    Words words;
    std::size_t error, gradient, weights, sin_cos, table;
};

/// What one iteration needs of H. It computes while another thread sends what it computed before
/// and draws what it will need: so many iterations at most.
struct Dealing {
    Dealing(std::size_t n, std::size_t d)
        : with_a(true, n, d), with_b(false, n, d), to_a(kTerms * n), to_b((kTerms + 1) * n + d) {}
    Draws with_a, with_b;
    /// Cosines to A; sines, tables and B's part of the weights to B.
    Words to_a, to_b;
};
constexpr std::size_t kDealings = 4;

/// The buffers of a training, whose batches have one size: an iteration allocates nothing.
struct Buffers {
    Buffers(std::size_t n, std::size_t d, bool helper)
        : dealings(helper ? kDealings : 1, Dealing(n, d)),
          m(n),
          their_m(n),
          theirs(std::max(n, d)),
          z(n),
          error_p(n),
          error_q(n),
          gradient(d),
          dither(2 * kTerms * n) {}

    /// A and B have one.
    std::vector<Dealing> dealings;
    std::vector<std::uint32_t> m, their_m;
    Words theirs, z, error_p, error_q, gradient;
    Bytes dither;
};

class Logistic3Rounds final : public SgdSchedule {
public:
    Logistic3Rounds(Engine& engine, LinearProducts& x, const Shares& y, const Rate& rate)
        : engine_(engine), y_(y), products_(x), mantissa_(rate.mantissa) {
        const auto value_bits = static_cast<unsigned>(value_bits_for(rate.halvings));
        // Sixteen rounded coefficients add up, so they get more bits than the sines.
        const unsigned sine_bits = (value_bits - 3) / 2;
        scale_ = {sine_bits, value_bits - sine_bits};
        shift_ = static_cast<unsigned>(shift_of(static_cast<int>(value_bits), rate.halvings));
        unit_ = static_cast<Word>(std::llround(std::ldexp(mantissa_, static_cast<int>(value_bits))));
    }

    Result<Unit> begin(const Shares& w, std::size_t first, std::size_t last) override {
        w_ = w;
        inside_.clear();
        left_ = last - first;
        drawn_ahead_ = false;
        undrawn_.reset();
        return Unit{};
    }

    Result<Unit> step(const std::vector<std::uint32_t>& batch, const std::vector<std::uint32_t>& next) override {
        if (!buffers_) buffers_ = std::make_unique<Buffers>(batch.size(), w_.size(), engine_.is_helper());
        --left_;
        products_.forward(batch.data(), w_.p, w_.q, buffers_->z);
        return engine_.is_helper() ? deal(batch, next) : take_part(batch, next);
    }

    Result<Unit> drain() override { return sender_ ? sender_->drain() : Result<Unit>(Unit{}); }

    Result<bool> in_domain() override {
        C2D_TRY(const bool outside, engine_.reveal_any(view_of(inside_)));
        inside_.clear();
        return !outside;
    }

    Result<Shares> weights() override { return engine_.extend_ring(w_, 64 - shift_); }

private:
    /// A logit's summand as it is opened. Cut by itself: the sum is low by at most 3 * 2^-23.
    static std::uint32_t cut(Word z) {
        return static_cast<std::uint32_t>(z >> (kLogitBits - short_sigmoid::kMaskedBits));
    }

    /// H: knows every mask, so everything that the others will need. docs/mpc/protocol.md, Figure 20.
    Result<Unit> deal(const std::vector<std::uint32_t>& batch, const std::vector<std::uint32_t>& next) {
        Buffers& b = *buffers_;
        const std::size_t n = batch.size(), d = w_.size();
        C2D_TRY(const std::size_t slot, next_dealing());
        auto& [with_a, with_b, to_a, to_b] = b.dealings[slot];
        for (std::size_t i = 0; i < n; ++i) b.m[i] = with_a.logit(i) + with_b.logit(i) - cut(b.z[i]);
        fourier::fill_sin_cos(short_sigmoid::kSeries, b.m.data(), n, scale_.sine_bits, to_a.data(), to_b.data());
        subtract_drawn(with_b, with_b.sin_cos, kTerms * n, to_a.data());
        subtract_drawn(with_a, with_a.sin_cos, kTerms * n, to_b.data());
        Word* table = to_b.data() + kTerms * n;
        for (std::size_t i = 0; i < n; ++i) table[i] = short_sigmoid::dealt_table(b.m[i]);
        for (std::size_t i = 0; i < n; ++i) table[i] ^= with_a.words[with_a.table + i];

        copy_drawn(with_a, with_a.error, b.error_p);
        copy_drawn(with_b, with_b.error, b.error_q);
        subtract_labels(batch);
        products_.backward(batch, b.error_p, b.error_q, b.gradient);
        Word* weights = table + n;
        for (std::size_t j = 0; j < d; ++j) {
            const Word mask = with_a.words[with_a.gradient + j] + with_b.words[with_b.gradient + j] - b.gradient[j];
            const Word half = with_a.words[with_a.weights + j];
            weights[j] = (mask >> shift_) - half;
            w_.p[j] += half;
            w_.q[j] += weights[j];
        }
        products_.fetch(next);
        return sender_->push();
    }

    /// H: the one to fill, with its draws. The first ones of a segment are drawn here.
    Result<std::size_t> next_dealing() {
        if (!sender_) sender_.emplace(kDealings, [this](std::size_t slot) { return send(slot); });
        C2D_TRY(const std::size_t slot, sender_->slot());
        if (!undrawn_) {
            C2D_CHECK(sender_->drain());
            undrawn_ = left_ + 1;
            for (std::size_t i = 0; i < kDealings; ++i) draw(buffers_->dealings[(slot + i) % kDealings]);
        }
        return slot;
    }
    /// In the order of the iterations, and no more than there are: other draws come after them.
    void draw(Dealing& dealing) {
        if (*undrawn_ == 0) return;
        --*undrawn_;
        dealing.with_a.draw(engine_, Role::a);
        dealing.with_b.draw(engine_, Role::b);
    }
    /// H, on the sender's thread.
    Result<Unit> send(std::size_t slot) {
        Dealing& dealing = buffers_->dealings[slot];
        C2D_CHECK(engine_.send_buffered(0, view_of(dealing.to_a)));
        C2D_CHECK(engine_.send_buffered(1, view_of(dealing.to_b)));
        C2D_CHECK(engine_.flush());
        draw(dealing);
        return Unit{};
    }

    /// A and B.
    Result<Unit> take_part(const std::vector<std::uint32_t>& batch, const std::vector<std::uint32_t>& next) {
        Buffers& b = *buffers_;
        const std::size_t n = batch.size(), d = w_.size();
        Dealing& mine = b.dealings[0];
        Draws& drawn = engine_.is_a() ? mine.with_a : mine.with_b;
        if (!drawn_ahead_) drawn.draw(engine_, Role::h);
        for (std::size_t i = 0; i < n; ++i) b.m[i] = cut(b.z[i]) + drawn.logit(i);
        C2D_CHECK(send(view_of(b.m)));
        engine_.draw(engine_.is_a() ? Role::b : Role::a, Purpose::rounding, b.dither);
        products_.fetch(next);
        C2D_CHECK(add_theirs(b.m));

        Words& dealt = engine_.is_a() ? mine.to_a : mine.to_b;
        C2D_CHECK(engine_.receive(2, span_of(dealt)));
        evaluate_series(drawn, dealt, n);
        copy_drawn(drawn, drawn.error, b.error_p);
        kernel::subtract(b.error_q.data(), b.error_p.data(), b.error_q.data(), n);
        C2D_CHECK(send(view_of(b.error_q)));
        note_domain(drawn, dealt, n);
        C2D_CHECK(add_theirs(b.error_q));

        subtract_labels(batch);
        products_.backward(batch, b.error_p, b.error_q, b.gradient);
        kernel::add(drawn.words.data() + drawn.gradient, b.gradient.data(), d);
        C2D_CHECK(send(view_of(b.gradient)));
        const Word* own = engine_.is_a() ? drawn.words.data() + drawn.weights : dealt.data() + (kTerms + 1) * n;
        kernel::add(own, w_.p.data(), d);
        // While the other's message is under way. After the last step, other draws come first.
        drawn_ahead_ = left_ > 0;
        if (drawn_ahead_) drawn.draw(engine_, Role::h);
        C2D_CHECK(add_theirs(b.gradient));
        for (std::size_t j = 0; j < d; ++j) w_.q[j] -= b.gradient[j] >> shift_;
        return Unit{};
    }

    /// This party's summand of the sigmoid, into error_q.
    void evaluate_series(const Draws& drawn, const Words& dealt, std::size_t n) {
        Buffers& b = *buffers_;
        const bool a = engine_.is_a();
        const Word* cosine = a ? dealt.data() : drawn.words.data() + drawn.sin_cos;
        const Word* sine = a ? drawn.words.data() + drawn.sin_cos : dealt.data();
        std::fill(b.error_q.begin(), b.error_q.end(), a ? unit_ / 2 : 0);
        fourier::add(short_sigmoid::kSeries, b.m.data(), n, scale_, mantissa_, b.dither.data(), cosine, sine,
                     b.error_q.data());
    }

    /// Remembers shares of "inside"; A's are complemented, so that all inside means equal strings.
    void note_domain(const Draws& drawn, const Words& dealt, std::size_t n) {
        const bool a = engine_.is_a();
        const Word* table = a ? drawn.words.data() + drawn.table : dealt.data() + kTerms * n;
        for (std::size_t i = 0; i < n; ++i) {
            if (i % 64 == 0) inside_.push_back(0);
            const Word bit = short_sigmoid::in_domain(buffers_->m[i], table[i]) ^ (a ? 1u : 0u);
            inside_.back() |= bit << (i % 64);
        }
    }

    void subtract_labels(const std::vector<std::uint32_t>& batch) {
        for (auto [labels, error] : {std::pair{&y_.p, &buffers_->error_p}, std::pair{&y_.q, &buffers_->error_q}})
            for (std::size_t i = 0; i < batch.size(); ++i) (*error)[i] -= (*labels)[batch[i]] * unit_;
    }

    static void copy_drawn(const Draws& drawn, std::size_t from, Words& out) {
        std::copy_n(drawn.words.begin() + static_cast<std::ptrdiff_t>(from), out.size(), out.begin());
    }
    static void subtract_drawn(const Draws& drawn, std::size_t from, std::size_t count, Word* out) {
        kernel::subtract(out, drawn.words.data() + from, out, count);
    }

    /// To the other one of A and B, at once: what follows is done while it is under way.
    Result<Unit> send(BytesView bytes) {
        C2D_CHECK(engine_.send_buffered(other(), bytes));
        return engine_.flush();
    }
    /// The second half of an opening between A and B.
    Result<Unit> add_theirs(std::vector<std::uint32_t>& own) {
        std::vector<std::uint32_t>& theirs = buffers_->their_m;
        C2D_CHECK(engine_.receive(other(), span_of(theirs)));
        for (std::size_t i = 0; i < own.size(); ++i) own[i] += theirs[i];
        return Unit{};
    }
    Result<Unit> add_theirs(Words& own) {
        Words& theirs = buffers_->theirs;
        C2D_CHECK(
            engine_.receive(other(), {reinterpret_cast<std::uint8_t*>(theirs.data()), sizeof(Word) * own.size()}));
        kernel::add(theirs.data(), own.data(), own.size());
        return Unit{};
    }
    unsigned other() const { return engine_.is_a() ? 1 : 0; }

    Engine& engine_;
    const Shares& y_;
    LinearProducts& products_;
    double mantissa_;
    fourier::Scale scale_{};
    unsigned shift_ = 0;
    /// One, and a label of 1, at the scale of errors.
    Word unit_ = 0;
    Shares w_;
    Words inside_;
    /// Steps until the next check, and whether the next one's draws stand in the buffers.
    std::size_t left_ = 0;
    bool drawn_ahead_ = false;
    /// H: how many iterations of this segment lack their draws, once its first ones are made.
    std::optional<std::size_t> undrawn_;
    std::unique_ptr<Buffers> buffers_;
    /// H's. The last member, since its end waits for the thread that uses the others.
    std::optional<SenderThread> sender_;
};

}  // namespace

std::unique_ptr<SgdSchedule> logistic_3_rounds(Engine& engine, LinearProducts& x, const Shares& y, double lr) {
    const Rate rate(lr);
    if (value_bits_for(rate.halvings) < kValueBitsMin) return nullptr;
    return std::make_unique<Logistic3Rounds>(engine, x, y, rate);
}

}  // namespace c2d::mpc::rep3
