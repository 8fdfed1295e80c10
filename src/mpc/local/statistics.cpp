/// Column statistics as a program over the general operations, for every backend alike.

#include "base/fail.hpp"
#include "base/try.hpp"
#include "mpc/core/domain.hpp"
#include "mpc/guard/derive.hpp"
#include "mpc/local/computation.hpp"

#include <algorithm>

namespace c2d::mpc {
namespace {

/// rows * magnitude^2: sums of squares stay within what `divide` takes as a dividend.
constexpr double kSquaresMax = 0x1p30;

Error too_few(std::size_t count_min) {
    return fail(Status::DOMAIN, "column statistics: fewer than {} rows are counted, so nothing is revealed", count_min);
}

/// Whether these columns, rows and parties can be asked for.
Result<Unit> check_statistics(const Tensor& a, const Tensor& included, std::size_t count_min) {
    const double bound = a.data()->bound;
    if (!(bound > 0 && static_cast<double>(a.rows()) * bound * bound <= kSquaresMax) || bound > kInputMax)
        return fail(Status::INVALID_ARGUMENT,
                    "column statistics: needs inputs of magnitude at most 64, with rows times its "
                    "square at most 2^30; found {} rows up to {}",
                    a.rows(), bound);
    if (count_min < 2)
        return fail(Status::INVALID_ARGUMENT,
                    "column statistics: a group of {} shows a single row, the minimum must be 2 or "
                    "more",
                    count_min);
    if (included && (included.rows() != a.rows() || included.cols() != 1))
        return fail(Status::INVALID_ARGUMENT, "column statistics: {}x{} bits for {} rows", included.rows(),
                    included.cols(), a.rows());
    if (included && !included.data()->is_bits)
        return fail(Status::INVALID_ARGUMENT,
                    "column statistics: which rows count must come from input_labels or less");
    if (a.rows() < count_min) return too_few(count_min);
    return Unit{};
}

}  // namespace

Result<Tensor> LocalComputation::included_count(const Tensor& included, std::size_t count_min) {
    C2D_TRY(const Tensor count, make({Operation::sum, {included}, {static_cast<std::uint64_t>(Sum::all)}}));
    const Matrix minimum{1, 1, {static_cast<double>(count_min)}};
    C2D_TRY(const Tensor least, make({Operation::constant, {}, {}, {}, &minimum}));
    C2D_TRY(const Tensor below, make({Operation::less, {count, least}}));
    // The only thing that is known of a group too small: that it is.
    guard_.count("minimum");
    C2D_TRY(const auto opened, protocol_->backend->reveal(*below.data(), {0, 1, 2}));
    if (!opened || opened->data[0] != 0) return too_few(count_min);
    return count;
}

Result<Tensor> LocalComputation::statistics_of(const Tensor& a, const Tensor& included, const Tensor& count) {
    const std::size_t n = a.rows(), d = a.cols();
    constexpr auto kEachColumn = static_cast<std::uint64_t>(Sum::each_column);
    const auto kept = [&](const Tensor& x) -> Result<Tensor> {
        if (!included) return x;
        C2D_TRY(const Tensor bits, make({Operation::repeat, {included}, {n, d}}));
        return make({Operation::mul, {bits, x}});
    };
    C2D_TRY(const Tensor counts, make({Operation::repeat, {count}, {1, d}}));
    C2D_TRY(const Tensor values, kept(a));
    C2D_TRY(const Tensor total, make({Operation::sum, {values}, {kEachColumn}}));
    C2D_TRY(const Tensor mean, make({Operation::divide, {total, counts}}));
    // Around the mean: a sum of squares minus a squared sum would lose small variances.
    C2D_TRY(const Tensor means, make({Operation::repeat, {mean}, {n, d}}));
    C2D_TRY(const Tensor centred, make({Operation::sub, {a, means}}));
    C2D_TRY(const Tensor deviation, kept(centred));
    C2D_TRY(const Tensor squares, make({Operation::mul, {deviation, centred}}));
    C2D_TRY(const Tensor spread, make({Operation::sum, {squares}, {kEachColumn}}));
    C2D_TRY(const Tensor variance, make({Operation::divide, {spread, counts}}));
    return make({Operation::vconcat, {counts, mean, variance}});
}

Result<Reply> LocalComputation::column_statistics(const Call& call, const TrainProgress&) {
    const Tensor& a = call.tensors[0];
    const Tensor included = call.tensors.size() > 1 ? call.tensors[1] : Tensor();
    C2D_TRY(const std::vector<unsigned> to, parties_of(call, 1));
    C2D_CHECK(check_statistics(a, included, call.integers[0]));
    const std::size_t count_min = std::max<std::size_t>(call.integers[0], guard_.rules().rows);
    if (const auto needs = needs_of_statistics(a, included))
        C2D_CHECK(guard_.open(*needs, "statistics"));
    else
        C2D_CHECK(guard_.open_any("column statistics: not of rows that each went in once"));
    if (known()) return Reply{{}, {}, known()->opened};
    Tensor count;
    if (included) {
        C2D_TRY(count, included_count(included, count_min));
    } else {
        const Matrix all{1, 1, {static_cast<double>(a.rows())}};
        C2D_TRY(count, make({Operation::constant, {}, {}, {}, &all}));
    }
    C2D_TRY(const Tensor found, statistics_of(a, included, count));
    Reply out;
    C2D_TRY(out.opened, protocol_->backend->reveal(*found.data(), to));
    return out;
}

}  // namespace c2d::mpc
