// Three rounds: a masked logit, a fresh sharing of the error, a masked gradient. H only sends.
// docs/mpc/protocol.md, Figure 20.
#include "base/try.hpp"
#include "mpc/core/kernels.hpp"
#include "mpc/core/sender_thread.hpp"
#include "mpc/rep3/ml/fast_logistic.hpp"

#include <algorithm>
#include <utility>

namespace c2d::mpc::rep3 {
namespace {

using short_sigmoid::kTerms;

static_assert(FixedPointPlan::shift_max(kFractionBits) == 15);
/// Of an error: at least so many that rounding is lost in the noise of sampling.
constexpr FixedPointPlan::Range kValueBits{14, 17};

std::uint32_t opened(Word z) { return opened_part<kLogitBits>(z); }

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
    void draw(Engine& engine, Role peer) { engine.draw(peer, Purpose::mask, span_of(words)); }
    std::uint32_t logit(std::size_t i) const { return static_cast<std::uint32_t>(words[i / 2] >> (32 * (i % 2))); }
    const Word* at(std::size_t offset) const { return words.data() + offset; }

    Words words;
    std::size_t error, gradient, weights, sin_cos, table;
};

/// What H sends of one iteration, for n rows and d weights: cosines to A; sines, tables and B's part of the weights to
/// B.
struct Dealt {
    static std::size_t size(Role to, std::size_t n, std::size_t d) {
        return to == Role::a ? kTerms * n : weights_at(n) + d;
    }
    static std::size_t table_at(std::size_t n) { return kTerms * n; }
    static std::size_t weights_at(std::size_t n) { return (kTerms + 1) * n; }
};

/// What both roles need.
class Logistic3Rounds : public FastLogistic {
public:
    Logistic3Rounds(Engine& engine, LinearProducts& x, const Shares& y, const FixedPointPlan& plan)
        : FastLogistic(engine, x, y, plan) {
        // Sixteen rounded coefficients add up, so they get more bits than the sines.
        const unsigned sine_bits = (plan.value_bits - 3) / 2;
        scale_ = {sine_bits, plan.value_bits - sine_bits};
    }

protected:
    /// A training's batches have one size: after the first an iteration allocates nothing.
    void make_room(std::size_t n) {
        if (!m_.empty()) return;
        m_.resize(n);
        for (Words* words : {&z_, &error_p_, &error_q_}) words->resize(n);
        gradient_.resize(w_.size());
    }

    fourier::Scale scale_{};
    std::vector<std::uint32_t> m_;
    Words z_, error_p_, error_q_, gradient_;
};

/// A or B.
class Holder final : public Logistic3Rounds {
public:
    Holder(Engine& engine, LinearProducts& x, const Shares& y, const FixedPointPlan& plan)
        : Logistic3Rounds(engine, x, y, plan), peer_(engine.is_a() ? Role::b : Role::a) {}

    Result<Unit> begin(const Shares& w, std::size_t first, std::size_t last) override {
        left_ = last - first;
        drawn_ahead_ = false;
        return Logistic3Rounds::begin(w, first, last);
    }

    Result<Unit> step(const std::vector<std::uint32_t>& batch, const std::vector<std::uint32_t>& next) override {
        make_room(batch.size());
        --left_;
        products_.forward(batch.data(), w_.p, w_.q, z_);
        C2D_CHECK(open_logits(next));
        C2D_CHECK(share_errors());
        subtract_labels(batch, error_p_, error_q_);
        products_.backward(batch, error_p_, error_q_, gradient_);
        return update();
    }

private:
    void make_room(std::size_t n) {
        if (drawn_) return;
        Logistic3Rounds::make_room(n);
        drawn_.emplace(engine_.is_a(), n, w_.size());
        dealt_.resize(Dealt::size(engine_.role(), n, w_.size()));
        their_m_.resize(n);
        theirs_.resize(std::max(n, w_.size()));
        dither_.resize(2 * kTerms * n);
    }

    /// Round 1.
    Result<Unit> open_logits(const std::vector<std::uint32_t>& next) {
        if (!drawn_ahead_) drawn_->draw(engine_, Role::h);
        for (std::size_t i = 0; i < m_.size(); ++i) m_[i] = opened(z_[i]) + drawn_->logit(i);
        C2D_CHECK(send(view_of(m_)));
        engine_.draw(peer_, Purpose::rounding, dither_);
        products_.fetch(next);
        C2D_CHECK(engine_.receive(other(), span_of(their_m_)));
        for (std::size_t i = 0; i < m_.size(); ++i) m_[i] += their_m_[i];
        return Unit{};
    }

    /// Round 2.
    Result<Unit> share_errors() {
        C2D_CHECK(engine_.receive(2, span_of(dealt_)));
        evaluate_series();
        std::copy_n(drawn_->at(drawn_->error), error_p_.size(), error_p_.begin());
        kernel::subtract(error_q_.data(), error_p_.data(), error_q_.data(), error_q_.size());
        C2D_CHECK(send(view_of(error_q_)));
        note_domain();
        return add_theirs(error_q_);
    }

    /// Round 3.
    Result<Unit> update() {
        const std::size_t d = w_.size();
        kernel::add(drawn_->at(drawn_->gradient), gradient_.data(), d);
        C2D_CHECK(send(view_of(gradient_)));
        const Word* own = engine_.is_a() ? drawn_->at(drawn_->weights) : dealt_.data() + Dealt::weights_at(m_.size());
        kernel::add(own, w_.p.data(), d);
        // While the other's message is under way. After the last step, other draws come first.
        drawn_ahead_ = left_ > 0;
        if (drawn_ahead_) drawn_->draw(engine_, Role::h);
        C2D_CHECK(add_theirs(gradient_));
        for (std::size_t j = 0; j < d; ++j) w_.q[j] -= gradient_[j] >> plan_.shift;
        return Unit{};
    }

    /// This party's summand of the sigmoid, into error_q_.
    void evaluate_series() {
        const bool a = engine_.is_a();
        const Word *dealt = dealt_.data(), *drawn = drawn_->at(drawn_->sin_cos);
        std::fill(error_q_.begin(), error_q_.end(), a ? plan_.unit / 2 : 0);
        fourier::add(short_sigmoid::kSeries, m_.data(), m_.size(), scale_, plan_.mantissa, dither_.data(),
                     a ? dealt : drawn, a ? drawn : dealt, error_q_.data());
    }

    void note_domain() {
        const Word* table = engine_.is_a() ? drawn_->at(drawn_->table) : dealt_.data() + Dealt::table_at(m_.size());
        flags_.add(engine_.role(), m_.size(),
                   [&](std::size_t i) -> Word { return short_sigmoid::in_domain(m_[i], table[i]); });
    }

    /// To the other one of A and B, at once: what follows is done while it is under way.
    Result<Unit> send(BytesView bytes) {
        C2D_CHECK(engine_.send_buffered(other(), bytes));
        return engine_.flush();
    }
    /// The second half of an opening between A and B.
    Result<Unit> add_theirs(Words& own) {
        C2D_CHECK(engine_.receive(other(), span_of(theirs_).first(sizeof(Word) * own.size())));
        kernel::add(theirs_.data(), own.data(), own.size());
        return Unit{};
    }

    const Role peer_;
    /// Steps until the next check, and whether the next one's draws stand in `drawn_`.
    std::size_t left_ = 0;
    bool drawn_ahead_ = false;
    std::optional<Draws> drawn_;
    Words dealt_;
    std::vector<std::uint32_t> their_m_;
    Words theirs_;
    Bytes dither_;
};

/// H: knows every mask, so everything that the others will need.
class Helper final : public Logistic3Rounds {
public:
    using Logistic3Rounds::Logistic3Rounds;

    Result<Unit> begin(const Shares& w, std::size_t first, std::size_t last) override {
        left_ = last - first;
        undrawn_.reset();
        return Logistic3Rounds::begin(w, first, last);
    }

    Result<Unit> step(const std::vector<std::uint32_t>& batch, const std::vector<std::uint32_t>& next) override {
        make_room(batch.size());
        --left_;
        products_.forward(batch.data(), w_.p, w_.q, z_);
        C2D_TRY(const std::size_t slot, next_dealing());
        Dealing& dealing = dealings_[slot];
        deal_sin_cos(dealing);
        deal_errors(dealing, batch);
        deal_weights(dealing);
        products_.fetch(next);
        return sender_->push();
    }

    Result<Unit> drain() override { return sender_ ? sender_->drain() : Result<Unit>(Unit{}); }

private:
    /// What one iteration needs of H. It computes while another thread sends what it computed before
    /// and draws what it will need: so many iterations at most.
    struct Dealing {
        Dealing(std::size_t n, std::size_t d)
            : with_a(true, n, d),
              with_b(false, n, d),
              to_a(Dealt::size(Role::a, n, d)),
              to_b(Dealt::size(Role::b, n, d)) {}
        Draws with_a, with_b;
        Words to_a, to_b;
    };
    static constexpr std::size_t kDealings = 4;

    void make_room(std::size_t n) {
        if (!dealings_.empty()) return;
        Logistic3Rounds::make_room(n);
        dealings_.assign(kDealings, Dealing(n, w_.size()));
    }

    void deal_sin_cos(Dealing& dealing) {
        auto& [with_a, with_b, to_a, to_b] = dealing;
        const std::size_t n = m_.size();
        for (std::size_t i = 0; i < n; ++i) m_[i] = with_a.logit(i) + with_b.logit(i) - opened(z_[i]);
        fourier::fill_sin_cos(short_sigmoid::kSeries, m_.data(), n, scale_.sine_bits, to_a.data(), to_b.data());
        kernel::subtract(to_a.data(), with_b.at(with_b.sin_cos), to_a.data(), kTerms * n);
        kernel::subtract(to_b.data(), with_a.at(with_a.sin_cos), to_b.data(), kTerms * n);
        Word* table = to_b.data() + Dealt::table_at(n);
        for (std::size_t i = 0; i < n; ++i) table[i] = short_sigmoid::dealt_table(m_[i]);
        for (std::size_t i = 0; i < n; ++i) table[i] ^= with_a.words[with_a.table + i];
    }

    void deal_errors(Dealing& dealing, const std::vector<std::uint32_t>& batch) {
        const auto& [with_a, with_b, to_a, to_b] = dealing;
        std::copy_n(with_a.at(with_a.error), error_p_.size(), error_p_.begin());
        std::copy_n(with_b.at(with_b.error), error_q_.size(), error_q_.begin());
        subtract_labels(batch, error_p_, error_q_);
        products_.backward(batch, error_p_, error_q_, gradient_);
    }

    void deal_weights(Dealing& dealing) {
        auto& [with_a, with_b, to_a, to_b] = dealing;
        Word* weights = to_b.data() + Dealt::weights_at(m_.size());
        for (std::size_t j = 0; j < w_.size(); ++j) {
            const Word mask = with_a.words[with_a.gradient + j] + with_b.words[with_b.gradient + j] - gradient_[j];
            const Word half = with_a.words[with_a.weights + j];
            weights[j] = (mask >> plan_.shift) - half;
            w_.p[j] += half;
            w_.q[j] += weights[j];
        }
    }

    /// The one to fill, with its draws. The first ones of a segment are drawn here.
    Result<std::size_t> next_dealing() {
        if (!sender_) sender_.emplace(kDealings, [this](std::size_t slot) { return send(slot); });
        C2D_TRY(const std::size_t slot, sender_->slot());
        if (!undrawn_) {
            C2D_CHECK(sender_->drain());
            undrawn_ = left_ + 1;
            for (std::size_t i = 0; i < kDealings; ++i) draw(dealings_[(slot + i) % kDealings]);
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
    /// On the sender's thread.
    Result<Unit> send(std::size_t slot) {
        Dealing& dealing = dealings_[slot];
        C2D_CHECK(engine_.send_buffered(0, view_of(dealing.to_a)));
        C2D_CHECK(engine_.send_buffered(1, view_of(dealing.to_b)));
        C2D_CHECK(engine_.flush());
        draw(dealing);
        return Unit{};
    }

    /// Steps until the next check, and how many iterations of this segment lack their draws, once its first ones are
    /// made.
    std::size_t left_ = 0;
    std::optional<std::size_t> undrawn_;
    std::vector<Dealing> dealings_;
    /// The last member, since its end waits for the thread that uses the others.
    std::optional<SenderThread> sender_;
};

}  // namespace

std::unique_ptr<SgdSchedule> logistic_3_rounds(Engine& engine, LinearProducts& x, const Shares& y, double lr) {
    const auto plan = FixedPointPlan::of(lr, kFractionBits, kValueBits);
    if (!plan) return nullptr;
    if (engine.is_helper()) return std::make_unique<Helper>(engine, x, y, *plan);
    return std::make_unique<Holder>(engine, x, y, *plan);
}

}  // namespace c2d::mpc::rep3
