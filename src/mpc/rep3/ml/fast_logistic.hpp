/// What the schedules of two and of three rounds have in common, at whichever party.
///
/// Weights are shared modulo 2^(64 - shift): a masked gradient's wrap then falls out of the ring, and what is left of a
/// logit still covers the range in which it is opened.
#pragma once

#include "mpc/rep3/ml/sgd_schedule.hpp"
#include "mpc/rep3/ml/short_sigmoid.hpp"

#include <optional>

namespace c2d::mpc::rep3 {

/// How the ring's bits are divided, at one rate, between features, errors and the shift that ends an iteration.
struct FixedPointPlan {
    /// How many fractional bits an error may have. Fewer than the least: the rate has no plan.
    struct Range {
        int least, most;
    };
    static std::optional<FixedPointPlan> of(double lr, unsigned feature_bits, Range value_bits);

    /// The shift may take so many bits that a logit's range is still inside what is left of the ring.
    static constexpr int shift_max(unsigned feature_bits) {
        return 64 - static_cast<int>(feature_bits + kWeightBits + short_sigmoid::kRangeBits);
    }

    /// Of the rate; a factor of errors.
    double mantissa;
    /// Fractional bits of an error.
    unsigned value_bits;
    /// From a gradient's fractional bits to a weight's, rate included.
    unsigned shift;
    /// One, and a label of 1, at the scale of errors.
    Word unit;
};

/// A logit's summand as it is opened, 23 fractional bits mod 2^9. Cut by itself: the sum is low by at most 3 * 2^-23.
template <unsigned logit_bits>
std::uint32_t opened_part(Word z) {
    static_assert(logit_bits >= short_sigmoid::kMaskedBits);
    return static_cast<std::uint32_t>(z >> (logit_bits - short_sigmoid::kMaskedBits));
}

/// A and B: shares of "inside the domain" of every logit since the last check. A's are complemented, so that all inside
/// means that the two strings are equal. H has none.
class DomainFlags {
public:
    void clear() { words_.clear(); }
    /// `share(i)` for each of `count` logits.
    template <class Share>
    void add(Role role, std::size_t count, Share share) {
        const Word complement = role == Role::a ? 1 : 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (i % 64 == 0) words_.push_back(0);
            words_.back() |= (share(i) ^ complement) << (i % 64);
        }
    }
    /// Opens whether all were inside, and forgets them.
    Result<bool> all_inside(Engine& engine);

private:
    Words words_;
};

class FastLogistic : public SgdSchedule {
public:
    Result<Unit> begin(const Shares& w, std::size_t first, std::size_t last) override;
    Result<bool> in_domain() final { return flags_.all_inside(engine_); }
    Result<Shares> weights() final { return engine_.extend_ring(w_, 64 - plan_.shift); }

protected:
    FastLogistic(Engine& engine, LinearProducts& x, const Shares& y, const FixedPointPlan& plan)
        : engine_(engine), y_(y), products_(x), plan_(plan) {}

    /// From shares of sigmoids those of errors.
    void subtract_labels(const std::vector<std::uint32_t>& batch, Words& p, Words& q) const;
    /// A's and B's number for the other of them.
    unsigned other() const { return engine_.is_a() ? 1 : 0; }

    Engine& engine_;
    const Shares& y_;
    LinearProducts& products_;
    const FixedPointPlan plan_;
    Shares w_;
    DomainFlags flags_;
};

}  // namespace c2d::mpc::rep3
