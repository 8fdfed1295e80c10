/// Column statistics as a program over the general operations, for every backend alike.

#include "base/fail.hpp"
#include "base/try.hpp"
#include "mpc/core/domain.hpp"
#include "mpc/core/tensor.hpp"

#include <algorithm>

namespace c2d::mpc {
namespace {

/// rows * magnitude^2: sums of squares stay within what `divide` takes as a dividend.
constexpr double kSquaresMax = 0x1p30;

Error too_few(std::size_t count_min) {
    return fail(Status::DOMAIN, "column statistics: fewer than {} rows are counted, so nothing is revealed", count_min);
}

std::vector<double> row_of(const Matrix& all, std::size_t row) {
    const auto first = all.data.begin() + static_cast<std::ptrdiff_t>(row * all.cols);
    return {first, first + static_cast<std::ptrdiff_t>(all.cols)};
}

/// Whether these columns, rows and parties can be asked for.
Result<Unit> check_statistics(const Tensor& a, const Tensor& included, std::size_t count_min,
                              const std::vector<unsigned>& to) {
    if (!a) return no_tensor();
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
    for (const unsigned party : to)
        if (party >= kParties) return fail(Status::INVALID_ARGUMENT, "column statistics: there is no party {}", party);
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

Result<Tensor> Session::included_count(const Tensor& included, std::size_t count_min) {
    C2D_TRY(const Tensor count, sum(included, Sum::all));
    C2D_TRY(const Tensor least, constant({1, 1, {static_cast<double>(count_min)}}));
    C2D_TRY(const Tensor below, less(count, least));
    // The only thing that is known of a group too small: that it is.
    C2D_TRY(const auto opened, reveal(below, {0, 1, 2}));
    if (!opened || opened->data[0] != 0) return too_few(count_min);
    return count;
}

Result<std::optional<ColumnStatistics>> Session::column_statistics(const Tensor& a, const Tensor& included,
                                                                   std::size_t count_min,
                                                                   const std::vector<unsigned>& to) {
    C2D_CHECK(check_statistics(a, included, count_min, to));
    const std::size_t n = a.rows(), d = a.cols();
    Tensor count;
    if (included) {
        C2D_TRY(count, included_count(included, count_min));
    } else {
        C2D_TRY(count, constant({1, 1, {static_cast<double>(n)}}));
    }
    const auto kept = [&](const Tensor& x) -> Result<Tensor> {
        if (!included) return x;
        C2D_TRY(const Tensor bits, repeat(included, n, d));
        return mul(bits, x);
    };
    C2D_TRY(const Tensor counts, repeat(count, 1, d));
    C2D_TRY(const Tensor values, kept(a));
    C2D_TRY(const Tensor total, sum(values, Sum::each_column));
    C2D_TRY(const Tensor mean, divide(total, counts));
    // Around the mean: a sum of squares minus a squared sum would lose small variances.
    C2D_TRY(const Tensor means, repeat(mean, n, d));
    C2D_TRY(const Tensor centred, sub(a, means));
    C2D_TRY(const Tensor deviation, kept(centred));
    C2D_TRY(const Tensor squares, mul(deviation, centred));
    C2D_TRY(const Tensor spread, sum(squares, Sum::each_column));
    C2D_TRY(const Tensor variance, divide(spread, counts));
    C2D_TRY(const Tensor first, transpose(counts));
    C2D_TRY(const Tensor second, transpose(mean));
    C2D_TRY(const Tensor third, transpose(variance));
    C2D_TRY(const Tensor columns, hconcat({first, second, third}));
    C2D_TRY(const Tensor all, transpose(columns));
    C2D_TRY(const auto opened, reveal(all, to));
    std::optional<ColumnStatistics> out;
    if (opened) out = ColumnStatistics{opened->data[0], row_of(*opened, 1), row_of(*opened, 2)};
    return out;
}

}  // namespace c2d::mpc
