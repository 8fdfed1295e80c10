/// What work costs before it begins: bytes, rounds, time and memory. docs/mpc/costs.md has the table behind it.
#pragma once

#include <c2d/mpc.hpp>

#include <array>

namespace c2d::mpc {

/// Calls that a program is made of. The table in docs/mpc/costs.md says of each which these are, and what of `WorkSize`
/// it takes.
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
/// The work of an enumerator's name. Fails with `invalid_argument`, which names them all.
Result<Work> work_named(std::string_view name);

/// How much of it.
struct WorkSize {
    std::size_t rows = 0;  ///< of the table
    std::size_t columns = 0;
    std::size_t bins = 10;
    std::size_t steps = 8;
    std::size_t batch_size = 256;
};

/// What lies between each two parties; as it is by default, a network of one place.
struct Wire {
    double round_trip_seconds = 0.0002;  ///< there and back
    double bytes_per_second = 1.25e8;    ///< that a party sends
};

/// What it takes.
struct Cost {
    /// By party: bank A, bank B, the helper. Of inputs, evidence and encoding bank B has the columns, and bank A the
    /// labels; to bank A scores and codes are opened.
    std::array<double, kParties> bytes_sent{};
    double rounds = 0;   ///< of A and B, one after the other
    double seconds = 0;  ///< from its start to its end
    /// At the party that needs most, while the work runs.
    double memory_bytes = 0;

    /// One after the other: memory is the larger one's.
    Cost& operator+=(const Cost& next);
};

/// Bytes are within a fifth of what is sent, from 1,000 rows on; time and memory within a factor of two on processors
/// of 2026. Fails with `invalid_argument` where there is nothing to do.
Result<Cost> cost_of(Work work, const WorkSize& size, const Wire& wire = {});

}  // namespace c2d::mpc
