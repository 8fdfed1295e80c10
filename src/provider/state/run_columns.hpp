/// The columns of the table of runs, as its readers and writers share them.
#pragma once

#include <string>
#include <vector>

namespace c2d::provider {

/// Reads runs; a WHERE follows.
inline constexpr const char* kSelectRuns =
    "SELECT job_id, party, algo_dt, solver, state, end_kind, detail, folder, release_log, outputs, created, "
    "updated, posting, digest, end_named, release_exit, joint, attempt, attempts_max, starts, disclosed, due FROM runs "
    "LEFT JOIN receipts USING (job_id, party) ";

/// Names of outputs as JSON text.
std::string encode_outputs(const std::vector<std::string>& outputs);

}  // namespace c2d::provider
