/// Released files held against receipts of their runs that the solver was handed.
#pragma once

#include "client/released_run.hpp"

namespace c2d::client {

/// Each document must be the receipt of one of the runs, signed by its owner and held by the
/// ledger, and every file that this run releases must be among its outputs with the same size and
/// SHA-256. Fails with `invalid_argument` for a receipt of no such run, as `read_receipt` and
/// `confirm_receipt` do, and with `corrupt` and the name `result_invalid` for a file that differs.
Result<Unit> check_receipts(const std::vector<std::string>& documents, std::uint64_t job_id, const Chain& chain,
                            const std::vector<ReleasedRun>& runs);

}  // namespace c2d::client
