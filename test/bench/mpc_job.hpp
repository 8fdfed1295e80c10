/// The reference job's data, and the engine's rate on it, for benches that compare with it.
#pragma once

#include <c2d/mpc.hpp>

namespace c2d::bench {

inline constexpr std::size_t kJobRows = 50'000, kJobSplit = 40'000, kJobIterations = 10'001;

struct JobData {
    mpc::Matrix a, b, label;
};
/// Standard normal columns (30 and 42) and a label whose logit has standard deviation 1.8.
JobData make_job_data();
/// The first rows of a matrix.
mpc::Matrix head(const mpc::Matrix& all, std::size_t rows);
/// Iterations a second of three processes over TLS, input and dealing included, no evaluation.
Result<double> engine_rate(const JobData& data);

}  // namespace c2d::bench
