/// The form of a provider's state file, and how one of an older form is brought up to date.
#pragma once

#include "store/sqlite.hpp"

#include <filesystem>

namespace c2d::provider {

/// Stands in the file as PRAGMA user_version. Format 1 wrote none (0) and kept the end of a run as one
/// text; format 2 did not note in a run whether it has a receipt; format 3 knew no grants that wait for the owner and
/// no tokens that the owner closed; format 4 did not note whether a run is joint; format 5 did not count the models
/// that score over a table; format 6 knew one attempt a job; format 7 kept no salts of inputs and no digests of the
/// peers'.
inline constexpr std::uint64_t kStateFormat = 8;

/// Makes the tables of a new file. One of an older format is copied to `PATH.formatN` first and then
/// changed in one transaction. Fails with `unsupported`, changing nothing, when a newer version wrote
/// it.
Result<Unit> bring_up_to_date(store::Database& db, const std::filesystem::path& path);

}  // namespace c2d::provider
