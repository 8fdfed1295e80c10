/// Which file stands behind which token: the configuration, then what `/insertDtStore` registered.
#pragma once

#include "base/file.hpp"
#include "provider/state/job_store.hpp"

#include <c2d/provider.hpp>

#include <optional>

namespace c2d::provider {

/// The path of a configured file as it is now. Links are followed, the file itself may be one: the owner named it, and
/// "latest.csv" or what a container mounts are links.
std::filesystem::path configured_path(const std::filesystem::path& written);
/// The path of a token's data; empty when none is known. Of a registered one the last
/// part may have become a link since, which is not followed; a configured one is resolved here.
Result<std::optional<std::filesystem::path>> data_path(const ProviderOptions& options, JobStore& store,
                                                       const TokenId& dt);
/// Opens the data of a token for reading, at this moment. Fails with `not_found` when no file is known
/// or there is none, with `io` when it is no plain file or may not be read; the message is the owner's.
Result<Fd> open_data(const ProviderOptions& options, JobStore& store, const TokenId& dt);
/// Can the data of the job's inputs be opened? Refuses with `data_unavailable`.
Result<Verdict> check_data(const ProviderOptions& options, JobStore& store, const JobTerms& terms);
/// One warning to the owner's log for each configured data file that cannot be opened, and each source that cannot be
/// asked.
void warn_of_missing_data(const ProviderOptions& options, JobStore& store);

/// The canonical path, when `path` is no link and is one of the registrable files or lies below one
/// of the registrable folders. Compared on canonical paths, so that links and dots lead nowhere else.
std::optional<std::filesystem::path> registrable_path(const ProviderOptions& options,
                                                      const std::filesystem::path& path);

}  // namespace c2d::provider
