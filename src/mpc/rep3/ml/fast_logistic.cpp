#include "mpc/rep3/ml/fast_logistic.hpp"

#include "base/try.hpp"

#include <algorithm>
#include <cmath>

namespace c2d::mpc::rep3 {

std::optional<FixedPointPlan> FixedPointPlan::of(double lr, unsigned feature_bits, Range value_bits) {
    const Rate rate(lr);
    // shift = features' + value's bits + halvings - weights' bits
    const int without_value = static_cast<int>(feature_bits) + rate.halvings - static_cast<int>(kWeightBits);
    const int bits = std::min(value_bits.most, shift_max(feature_bits) - without_value);
    if (bits < value_bits.least) return std::nullopt;
    return FixedPointPlan{rate.mantissa, static_cast<unsigned>(bits), static_cast<unsigned>(without_value + bits),
                          static_cast<Word>(std::llround(std::ldexp(rate.mantissa, bits)))};
}

Result<bool> DomainFlags::all_inside(Engine& engine) {
    C2D_TRY(const bool outside, engine.reveal_any(view_of(words_)));
    words_.clear();
    return !outside;
}

Result<Unit> FastLogistic::begin(const Shares& w, std::size_t, std::size_t) {
    w_ = w;
    flags_.clear();
    return Unit{};
}

void FastLogistic::subtract_labels(const std::vector<std::uint32_t>& batch, Words& p, Words& q) const {
    for (auto [labels, error] : {std::pair{&y_.p, &p}, std::pair{&y_.q, &q}})
        for (std::size_t i = 0; i < batch.size(); ++i) (*error)[i] -= (*labels)[batch[i]] * plan_.unit;
}

}  // namespace c2d::mpc::rep3
