#include "mpc/model/logistic.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "mpc/model/sampling.hpp"
#include "mpc/protocol/kernels.hpp"
#include "mpc/protocol/rep3/sigmoid.hpp"

#include <cmath>
#include <utility>

namespace c2d::mpc {
namespace {

constexpr unsigned kLogitBits = kFractionBits + kWeightBits;
/// How far H may run ahead of A and B, in iterations: bounds what they must buffer.
constexpr std::size_t kCreditEvery = 16;

/// The right-hand sides of a product with features, prepared once per vector.
struct Factors {
    Words with_p, with_q;
};

/// What x.p and x.q are multiplied by: see Engine::products_of.
Factors factors_of(const Engine& engine, const Words& p, const Words& q) {
    Factors out;
    Words sum = p;
    kernel::add(q.data(), sum.data(), sum.size());
    if (engine.is_helper()) return {sum, sum};
    out.with_p = q;
    out.with_q = engine.is_a() ? sum : p;
    return out;
}

/// Summands of X[index] w + b at 2^40.
Words forward(const Engine& engine, const Shares& x, const std::uint32_t* index, std::size_t first,
              std::size_t count, const Shares& w) {
    const std::size_t d = x.cols;
    const Factors factors = factors_of(engine, w.p, w.q);
    Words z(count);
    kernel::add_rows_times(x.p.data(), d, index, first, count, factors.with_p.data(), z.data());
    kernel::add_rows_times(x.q.data(), d, index, first, count, factors.with_q.data(), z.data());
    // Summands of b: A alpha + m, B beta, H nothing.
    if (!engine.is_helper()) {
        const Word bias = (engine.is_a() ? w.p[d] + w.q[d] : w.p[d]) << kFractionBits;
        for (Word& word : z) word += bias;
    }
    return z;
}

/// Summands of X[index]^T e, and of the sum of e, at 2^(16 + 30).
Words backward(const Engine& engine, const Shares& x, const std::vector<std::uint32_t>& index,
               const Shares& e) {
    const std::size_t d = x.cols;
    const Factors factors = factors_of(engine, e.p, e.q);
    Words g(d + 1);
    kernel::add_transposed_times(x.p.data(), d, index.data(), index.size(), factors.with_p.data(),
                                 g.data());
    kernel::add_transposed_times(x.q.data(), d, index.data(), index.size(), factors.with_q.data(),
                                 g.data());
    if (!engine.is_helper())
        for (std::size_t i = 0; i < index.size(); ++i)
            g[d] += (engine.is_a() ? e.p[i] + e.q[i] : e.p[i]) << kFractionBits;
    return g;
}

Shares rows_of(const Shares& y, const std::vector<std::uint32_t>& index) {
    Shares out{index.size(), 1, Words(index.size()), Words(index.size())};
    for (std::size_t i = 0; i < index.size(); ++i) {
        out.p[i] = y.p[index[i]];
        out.q[i] = y.q[index[i]];
    }
    return out;
}

Shares starting_weights(const Engine& engine, std::uint64_t seed, std::size_t d) {
    const std::vector<std::int64_t> start = Sampler::weights(seed, d);
    Words values(start.begin(), start.end());
    values.push_back(0);
    return engine.constant(values.data(), d + 1, 1);
}

/// B tells H now and then how far it is, by a byte that means nothing else, so that H does not run
/// away. `settle` takes the byte that is still on its way, before H reads anything else from B.
class Pace {
public:
    explicit Pace(Engine& engine) : engine_(engine) {}

    Result<Unit> step(std::size_t iteration) {
        if (iteration % kCreditEvery != 0) return Unit{};
        C2D_CHECK(settle());
        on_its_way_ = true;
        const std::uint8_t credit = 0;
        return engine_.is_b() ? engine_.post(2, BytesView(&credit, 1)) : Result<Unit>(Unit{});
    }
    Result<Unit> settle() {
        std::uint8_t credit = 0;
        if (std::exchange(on_its_way_, false) && engine_.is_helper())
            return engine_.take(1, {&credit, 1});
        return Unit{};
    }

private:
    Engine& engine_;
    bool on_its_way_ = false;
};

Result<Unit> check_domain(Engine& engine, Bits& outside, std::size_t& count) {
    C2D_TRY(const bool bad, engine.any(outside, count));
    outside.clear();
    count = 0;
    if (!bad) return Unit{};
    return fail(Status::DOMAIN,
                "a logit left the domain of {} (training diverges: are the columns standardised, "
                "and is the rate low enough for a sum over the batch?)",
                kLogitMax);
}

}  // namespace

Result<Shares> train(Engine& engine, const Shares& x, const Shares& y, std::size_t rows,
                     const TrainOptions& options, const AtCheck& at_check) {
    // lr = mantissa * 2^exponent: the mantissa is a factor of the sigmoid, the power of two part of
    // the one shift, so the rate is never rounded by itself.
    int exponent = 0;
    const double mantissa = std::frexp(options.lr, &exponent);
    const auto shift =
        static_cast<unsigned>(static_cast<int>(kFractionBits + kSigmoidBits - kWeightBits) - exponent);
    const auto label_unit = static_cast<Word>(std::llround(mantissa * 0x1p30));
    Sampler sampler(options.seed);
    Shares w = starting_weights(engine, options.seed, x.cols);
    Pace pace(engine);
    Bits outside;
    std::size_t outside_count = 0;
    for (std::size_t i = 0; i < options.iterations; ++i) {
        C2D_CHECK(pace.step(i));
        const std::vector<std::uint32_t> batch = sampler.batch(options.batch_size, rows);
        const Words z = forward(engine, x, batch.data(), 0, batch.size(), w);
        C2D_TRY(const Sigmoid p, sigmoid_of(engine, z, kLogitBits, mantissa));
        outside.insert(outside.end(), p.outside.begin(), p.outside.end());
        outside_count += batch.size();
        if (i % options.evaluate_every == 0) {
            C2D_CHECK(pace.settle());
            C2D_CHECK(check_domain(engine, outside, outside_count));
            C2D_TRY(const bool go_on, at_check(i, w));
            if (!go_on) return fail(Status::CANCELLED, "the progress callback ended the training");
        }
        C2D_TRY(Shares error, engine.reshare(p.value, batch.size(), 1));
        Shares labels = rows_of(y, batch);
        multiply_by(labels, label_unit);
        subtract_from(error, labels);
        Words g = backward(engine, x, batch, error);
        C2D_TRY(const Shares step, engine.finish_truncated(std::move(g), shift, x.cols + 1, 1));
        subtract_from(w, step);
    }
    C2D_CHECK(pace.settle());
    C2D_CHECK(check_domain(engine, outside, outside_count));
    return w;
}

Result<Shares> score(Engine& engine, const Shares& x, std::size_t first, const Shares& weights) {
    const std::size_t count = x.rows - first;
    Words z = forward(engine, x, nullptr, first, count, weights);
    return engine.finish_truncated(std::move(z), kLogitBits - kFractionBits, count, 1);
}

}  // namespace c2d::mpc
