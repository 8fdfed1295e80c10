/// Released outputs as files below a folder of the solver's.
#pragma once

#include "client/released_run.hpp"

namespace c2d::client {

/// As `Client::save_results`: fetches everything, checks everything, and only then names it.
Result<std::vector<SavedFile>> save_runs(const ProviderCall& call, const std::vector<ReleasedRun>& runs,
                                         const std::filesystem::path& folder, const SaveOptions& how, Random& random);

}  // namespace c2d::client
