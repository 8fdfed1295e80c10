#include "mpc/rep3/ml/sgd_schedule.hpp"

#include <cmath>

namespace c2d::mpc::rep3 {

Rate::Rate(double lr) {
    int exponent = 0;
    mantissa = std::frexp(lr, &exponent);
    halvings = -exponent;
}

void add_penalty(const Engine& engine, const Shares& w, std::int64_t factor, Words& g) {
    if (engine.is_helper() || factor == 0) return;
    for (std::size_t j = 0; j + 1 < g.size(); ++j)
        g[j] += static_cast<Word>(factor) * (w.p[j] + (engine.is_a() ? w.q[j] : 0));
}

}  // namespace c2d::mpc::rep3
