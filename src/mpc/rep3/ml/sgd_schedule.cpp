#include "mpc/rep3/ml/sgd_schedule.hpp"

#include "base/try.hpp"

#include <algorithm>
#include <cmath>

namespace c2d::mpc::rep3 {

Rate::Rate(double lr) {
    int exponent = 0;
    mantissa = std::frexp(lr, &exponent);
    halvings = -exponent;
}

Words gradient_pieces(LinearProducts& x, const std::vector<std::uint32_t>& batch, const Shares& e, std::size_t piece,
                      std::size_t size) {
    Words out(size);
    if (batch.size() <= piece) {
        x.backward(batch, e.p, e.q, out);
        return out;
    }
    out.clear();
    Words sums(size);
    const auto part = [&](const auto& of, std::size_t from, std::size_t to) {
        const auto first = of.begin() + static_cast<std::ptrdiff_t>(from);
        return std::decay_t<decltype(of)>(first, first + static_cast<std::ptrdiff_t>(to - from));
    };
    for (std::size_t from = 0; from < batch.size(); from += piece) {
        const std::size_t to = std::min(from + piece, batch.size());
        x.backward(part(batch, from, to), part(e.p, from, to), part(e.q, from, to), sums);
        out.insert(out.end(), sums.begin(), sums.end());
    }
    return out;
}

Result<Shares> truncated_sum(Engine& engine, Words pieces, unsigned shift, std::size_t size) {
    return engine.reshare_truncated(std::move(pieces), shift, size, 1);
}

void add_penalty(const Engine& engine, const Shares& w, std::int64_t factor, Words& g) {
    if (engine.is_helper() || factor == 0) return;
    for (std::size_t j = 0; j + 1 < w.size(); ++j)
        g[j] += static_cast<Word>(factor) * (w.p[j] + (engine.is_a() ? w.q[j] : 0));
}

}  // namespace c2d::mpc::rep3
