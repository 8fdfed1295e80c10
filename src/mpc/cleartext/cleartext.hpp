/// The oracle: every party holds every value as a double. For tests only, chosen by operator code.
#pragma once

#include "mpc/core/backend.hpp"
#include "mpc/core/binning.hpp"
#include "mpc/core/glm.hpp"
#include "mpc/core/joining.hpp"
#include "mpc/core/learning.hpp"

namespace c2d::mpc::cleartext {

std::unique_ptr<Backend> make_backend(Link& link);
std::unique_ptr<Learning> make_learning(Link& link);
std::unique_ptr<Glm> make_glm();
std::unique_ptr<Binning> make_binning(Link& link);
std::unique_ptr<Joining> make_joining(Link& link);

struct ClearTensor final : TensorData {
    std::vector<double> values;
};

inline const std::vector<double>& values_of(const TensorData& data) {
    return static_cast<const ClearTensor&>(data).values;
}

inline std::shared_ptr<ClearTensor> make_tensor(std::size_t rows, std::size_t cols) {
    auto out = std::make_shared<ClearTensor>();
    out->rows = rows;
    out->cols = cols;
    out->values.resize(rows * cols);
    return out;
}

}  // namespace c2d::mpc::cleartext
