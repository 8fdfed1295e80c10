#include "mpc/ml/evidence.hpp"

#include "base/try.hpp"

#include <bit>
#include <cmath>
#include <numeric>

namespace c2d::mpc::ml {
namespace {

/// Smoothing is counted in these.
constexpr double kSmoothingSteps = 16;
static_assert(kSmoothingMin * kSmoothingSteps == 1);
/// Shares of all are below 1; they are divided as large as quotients may be.
constexpr double kShareUnit = 4096;
constexpr int kShareUnitBits = 12;
static_assert(kShareUnit < kQuotientMax && kShareUnit == 1 << kShareUnitBits);
/// Evidence is below 2^5: ln of what a smoothed count of up to 2^22 rows may be times another.
static_assert(kFractionBits + kShareUnitBits + kLogBits + 5 < 62);

std::vector<std::size_t> numbers(std::size_t first, std::size_t count) {
    std::vector<std::size_t> out(count);
    std::iota(out.begin(), out.end(), first);
    return out;
}

/// Of each bin and column, and of all bins together.
struct Counted {
    TensorPtr ones, zeros, all_ones, all_zeros;
};
Result<Counted> counted(Backend& backend, const TensorData& counts) {
    const std::size_t bins = counts.rows / 2;
    Counted out;
    C2D_TRY(out.ones, backend.gather(counts, numbers(0, bins)));
    C2D_TRY(out.zeros, backend.gather(counts, numbers(bins, bins)));
    C2D_TRY(out.all_ones, backend.sum(*out.ones, Sum::each_column));
    C2D_TRY(out.all_zeros, backend.sum(*out.zeros, Sum::each_column));
    return out;
}

/// 16 (rows part + smoothing all): a bin with `smoothing` average customers more, as an integer.
Result<TensorPtr> smoothed(Backend& backend, const TensorData& part, const TensorData& all, double rows,
                           double smoothing) {
    C2D_TRY(const TensorPtr own, backend.scale(part, kSmoothingSteps * rows));
    C2D_TRY(const TensorPtr average, backend.scale(all, std::round(kSmoothingSteps * smoothing)));
    C2D_TRY(const TensorPtr averages, backend.broadcast(*average, part.rows, part.cols));
    return backend.add(*own, *averages);
}

/// Bits of the largest smoothed count.
unsigned bits_of(std::size_t rows) {
    const auto largest = static_cast<std::uint64_t>(kSmoothingSteps) * rows * (rows + std::uint64_t{64});
    return static_cast<unsigned>(std::bit_width(largest));
}

Result<TensorPtr> evidence_of(Protocol& protocol, const Counted& of, std::size_t rows, double smoothing) {
    Backend& backend = *protocol.backend;
    const std::size_t bins = of.ones->rows;
    const auto n = static_cast<double>(rows);
    C2D_TRY(const TensorPtr zeros, smoothed(backend, *of.zeros, *of.all_zeros, n, smoothing));
    C2D_TRY(const TensorPtr ones, smoothed(backend, *of.ones, *of.all_ones, n, smoothing));
    C2D_TRY(const TensorPtr all, backend.vconcat({zeros.get(), of.all_zeros.get(), ones.get(), of.all_ones.get()}));
    C2D_TRY(const TensorPtr logs, protocol.binning->logarithm_of_integers(*all, bits_of(rows)));
    if (!logs) return TensorPtr();
    C2D_TRY(const TensorPtr log_zeros, backend.gather(*logs, numbers(0, bins + 1)));
    C2D_TRY(const TensorPtr log_ones, backend.gather(*logs, numbers(bins + 1, bins + 1)));
    C2D_TRY(const TensorPtr odds, backend.sub(*log_zeros, *log_ones));
    C2D_TRY(const TensorPtr of_bins, backend.gather(*odds, numbers(0, bins)));
    C2D_TRY(const TensorPtr of_all, backend.gather(*odds, numbers(bins, 1)));
    C2D_TRY(const TensorPtr prior, backend.broadcast(*of_all, bins, of.ones->cols));
    return backend.sub(*of_bins, *prior);
}

/// part / all at 2^28, in [0, 1].
Result<TensorPtr> share_of(Protocol& protocol, const TensorData& part, const TensorData& all) {
    C2D_TRY(const TensorPtr large, protocol.backend->scale(part, kShareUnit));
    C2D_TRY(const TensorPtr divisor, protocol.backend->broadcast(all, part.rows, part.cols));
    C2D_TRY(const TensorPtr quotient, protocol.backend->divide(*large, *divisor));
    return protocol.glm->times_power_of_two(*quotient, -kShareUnitBits);
}

}  // namespace

Result<TensorPtr> bin_counts(Protocol& protocol, const Bins& bins, const TensorData& labels) {
    Backend& backend = *protocol.backend;
    C2D_TRY(const TensorPtr ones, protocol.binning->ones_in_bins(bins, labels));
    std::optional<Matrix> sizes;
    if (!bins.numbers.empty()) {
        sizes = Matrix{bins.count, bins.cols, std::vector<double>(bins.count * bins.cols)};
        for (std::size_t row = 0; row < bins.rows; ++row)
            for (std::size_t c = 0; c < bins.cols; ++c) sizes->at(bins.at(row, c), c) += 1;
    }
    C2D_TRY(const TensorPtr all,
            backend.input(bins.owner, sizes ? &*sizes : nullptr, bins.count, bins.cols, InputKind::integers));
    C2D_TRY(const TensorPtr zeros, backend.sub(*all, *ones));
    C2D_TRY(TensorPtr out, backend.vconcat({ones.get(), zeros.get()}));
    out->owner = bins.owner;
    out->counted = bins.rows;
    return out;
}

Result<TensorPtr> rounded_ones(Protocol& protocol, const TensorData& counts) {
    // A fifth of a count is never nearer to a half than a tenth: this is as good as exact.
    constexpr int kBits = 30;
    C2D_TRY(const TensorPtr ones, protocol.backend->gather(counts, numbers(0, counts.rows / 2)));
    C2D_TRY(const TensorPtr large, protocol.backend->scale(*ones, std::round(std::ldexp(1.0 / kCountUnit, kBits))));
    C2D_TRY(const TensorPtr units, protocol.glm->times_power_of_two(*large, -kBits));
    return protocol.glm->rounded(*units, 0);
}

Result<TensorPtr> weight_of_evidence(Protocol& protocol, const TensorData& counts, double smoothing) {
    C2D_TRY(const Counted of, counted(*protocol.backend, counts));
    return evidence_of(protocol, of, counts.counted, smoothing);
}

Result<TensorPtr> information_value(Protocol& protocol, const TensorData& counts, double smoothing) {
    Backend& backend = *protocol.backend;
    C2D_TRY(const Counted of, counted(backend, counts));
    C2D_TRY(const TensorPtr evidence, evidence_of(protocol, of, counts.counted, smoothing));
    if (!evidence) return TensorPtr();
    C2D_TRY(const TensorPtr both, backend.vconcat({of.zeros.get(), of.ones.get()}));
    C2D_TRY(const TensorPtr all_zeros, backend.broadcast(*of.all_zeros, of.zeros->rows, of.zeros->cols));
    C2D_TRY(const TensorPtr all_ones, backend.broadcast(*of.all_ones, of.zeros->rows, of.zeros->cols));
    C2D_TRY(const TensorPtr totals, backend.vconcat({all_zeros.get(), all_ones.get()}));
    C2D_TRY(const TensorPtr shares, share_of(protocol, *both, *totals));
    C2D_TRY(const TensorPtr of_zeros, backend.gather(*shares, numbers(0, of.zeros->rows)));
    C2D_TRY(const TensorPtr of_ones, backend.gather(*shares, numbers(of.zeros->rows, of.zeros->rows)));
    C2D_TRY(const TensorPtr difference, backend.sub(*of_zeros, *of_ones));
    C2D_TRY(const TensorPtr terms, protocol.glm->mul_at(*difference, *evidence, kLogBits));
    return backend.sum(*terms, Sum::each_column);
}

}  // namespace c2d::mpc::ml
