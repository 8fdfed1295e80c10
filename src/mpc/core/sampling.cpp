#include "mpc/core/sampling.hpp"

#include <cmath>

namespace c2d::mpc {
namespace {

Prg public_prg(std::string_view label, std::uint64_t seed) {
    Bytes material(8);
    for (int i = 0; i < 8; ++i) material[i] = static_cast<std::uint8_t>(seed >> (8 * i));
    return Prg(Prg::derive(label, material));
}

}  // namespace

double rate_at(const TrainOptions& options, std::size_t iteration) {
    double rate = options.lr, power = options.lr_decay;
    std::size_t times = options.lr_decay_every == 0 ? 0 : iteration / options.lr_decay_every;
    for (; times != 0; times >>= 1) {
        if (times & 1) rate *= power;
        power *= power;
    }
    return rate;
}

PublicRounding::PublicRounding(std::uint64_t seed) : prg_(public_prg("c2d mpc rounding 1", seed)) {}

std::int64_t PublicRounding::operator()(double value) {
    const double low = std::floor(value);
    const double coin = static_cast<double>(prg_.words(Purpose::rounding, 1)[0] >> 11) * 0x1p-53;
    return static_cast<std::int64_t>(low) + (coin < value - low ? 1 : 0);
}

Sampler::Sampler(std::uint64_t seed) : prg_(public_prg("c2d mpc batch 1", seed)) {}

void Sampler::batch(std::size_t iteration, std::size_t rows, std::vector<std::uint32_t>& out) {
    draws_.resize(out.size());
    prg_.fill_at(Purpose::batch, iteration,
                 {reinterpret_cast<std::uint8_t*>(draws_.data()), draws_.size() * sizeof(Word)});
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint32_t>(below(draws_[i], rows));
}

std::vector<std::int64_t> Sampler::weights(std::uint64_t seed, std::size_t count) {
    Prg prg = public_prg("c2d mpc weights 1", seed);
    const Words draws = prg.words(Purpose::weights, 6 * count);
    const double scale = 0x1p-8 / std::sqrt(static_cast<double>(count));
    std::vector<std::int64_t> out(count);
    for (std::size_t i = 0; i < count; ++i) {
        // Twelve uniform 32-bit numbers have variance 1 when read as fractions.
        std::int64_t sum = -6 * (std::int64_t{1} << 32);
        for (std::size_t j = 0; j < 6; ++j) {
            const Word draw = draws[6 * i + j];
            sum += static_cast<std::int64_t>(draw & 0xffffffff) + static_cast<std::int64_t>(draw >> 32);
        }
        out[i] = std::llround(static_cast<double>(sum) * scale);
    }
    return out;
}

}  // namespace c2d::mpc
