/// What work costs before it begins: bytes, rounds, time and memory. docs/mpc/costs.md has the table behind it.
#pragma once

#include <c2d/mpc.hpp>

#include <array>

namespace c2d::mpc {

/// Calls that a program is made of. `evidence` is `bin_counts`, `weight_of_evidence` and `information_value` of columns that
/// are not the label owner's; `training` is `train_logistic` without its evaluations; `inputs` are columns of a bank, `scoring` is
/// `score` with the opening to a bank, and `contributions` and `reasons` are what reason codes take.
enum class Work {
    labels,
    evidence,
    encoding,
    correlations,
    inflation,
    fit,
    training,
    auc,
    inputs,
    scoring,
    contributions,
    reasons
};
/// "labels", "evidence" and so on.
std::optional<Work> work_named(std::string_view name) noexcept;

/// How much of it.
struct WorkSize {
    std::size_t rows = 0;     ///< of the table
    std::size_t columns = 0;  ///< `labels` and `auc` have none; of reasons: characteristics
    std::size_t bins = 10;    ///< of evidence and encoding
    /// Of a fit, which ends by itself: 4 to 11. Of a training: its iterations. Of reasons: codes of a row.
    std::size_t steps = 8;
    std::size_t batch_size = 256;  ///< of a training
};

/// What lies between each two parties; as it is by default, a network of one place.
struct Wire {
    double round_trip_seconds = 0.0002;  ///< there and back
    double bytes_per_second = 1.25e8;    ///< that a party sends
};

/// What it takes.
struct Cost {
    /// By party: bank A, bank B, the helper. Of inputs, evidence and encoding bank B has the columns, and bank A the labels; to
    /// bank A scores and codes are opened.
    std::array<double, kParties> bytes_sent{};
    double rounds = 0;   ///< of A and B, one after the other
    double seconds = 0;  ///< from its start to its end
    /// At the party that needs most, while the work runs.
    double memory_bytes = 0;

    /// One after the other: memory is the larger one's.
    Cost& operator+=(const Cost& next);
};

/// Bytes are within a fifth of what is sent, from 1,000 rows on; time and memory within a factor of two on processors of 2026.
/// Fails with `invalid_argument` where there is nothing to do.
Result<Cost> cost_of(Work work, const WorkSize& size, const Wire& wire = {});

}  // namespace c2d::mpc
