/// Which columns say the same: arguments, and what all learn.

#include "mpc/ml/correlation.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "mpc/core/domain.hpp"
#include "mpc/guard/derive.hpp"
#include "mpc/local/computation.hpp"

namespace c2d::mpc {
namespace {

constexpr std::size_t kColumnsMax = 1024;
constexpr std::size_t kRowsMax = std::size_t{1} << 24;

}  // namespace

Result<Reply> LocalComputation::correlations(const Call& call, const TrainProgress&) {
    const TensorData& features = *call.tensors[0].data();
    if (!(features.bound > 0 && features.bound <= kFeatureMax))
        return fail(Status::INVALID_ARGUMENT, "correlations: features must be inputs of magnitude at most {}",
                    kFeatureMax);
    if (features.rows < 2)
        return fail(Status::INVALID_ARGUMENT, "correlations: needs 2 rows or more, found {}", features.rows);
    if (features.cols > kColumnsMax || features.rows > kRowsMax)
        return fail(Status::LIMIT, "correlations: at most {} columns and {} rows, found {} and {}", kColumnsMax,
                    kRowsMax, features.cols, features.rows);
    TensorData shape;
    shape.rows = shape.cols = features.cols;
    C2D_CHECK(admit_bits(derive(call, shape, guard_.rules().rows), "correlations"));
    guard_.count("domain");
    return made(call, ml::correlations(*protocol_, features));
}

Result<Reply> LocalComputation::variance_inflation(const Call& call, const TrainProgress&) {
    const Tensor& of = call.tensors[0];
    if (of.rows() != of.cols() || of.rows() > kColumnsMax)
        return fail(Status::INVALID_ARGUMENT, "variance_inflation: expected what correlations returned, found {} x {}",
                    of.rows(), of.cols());
    TensorData shape;
    shape.rows = 1;
    shape.cols = of.cols();
    C2D_CHECK(admit_bits(derive(call, shape, guard_.rules().rows), "variance_inflation"));
    guard_.count("domain", 2);
    C2D_TRY(TensorPtr found, ml::variance_inflation(*protocol_, *of.data()));
    if (!found) return fail(Status::DOMAIN, "variance_inflation: these are no correlations, or of too many columns");
    return made(call, std::move(found));
}

}  // namespace c2d::mpc
