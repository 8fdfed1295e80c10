/// Looks whether receipts that were posted still stand on the ledger: it may have lost blocks since,
/// to its keeper (`chain cut`), to a file that was replaced, or to a reorganisation of a network.
#pragma once

#include "provider/state/job_store.hpp"

#include <c2d/chain.hpp>
#include <c2d/environment.hpp>

namespace c2d::provider {

/// Whether the ledger has the job that was admitted under its number: `not_found` where it has none.
Result<bool> is_on_ledger(const Chain& chain, const Admission& admission);

bool is_of_this_ledger(const Chain& chain, const StoredReceipt& receipt);

/// Cheap as long as nothing was lost: one block is asked for. Otherwise every receipt of this ledger that is not
/// on it goes back to `pending`. Fails where the ledger does not answer.
Result<Unit> recheck_posted_receipts(const Chain& chain, JobStore& store, Logger& logger);

}  // namespace c2d::provider
