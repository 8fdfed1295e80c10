/// Which file stands behind which token: the configuration, then what `/insertDtStore` registered.
#pragma once

#include "provider/job_store.hpp"

#include <c2d/provider.hpp>

#include <optional>

namespace c2d::provider {

/// The path of a token's data; empty when none is known. Only its last part may still be a link: the
/// folder of a configured file is resolved here, a registered one was when it was registered.
Result<std::optional<std::filesystem::path>> data_path(const ProviderOptions& options, JobStore& store,
                                                       const TokenId& dt);
/// The canonical path, when `path` is no link and is one of the registrable files or lies below one
/// of the registrable folders. Compared on canonical paths, so that links and dots lead nowhere else.
std::optional<std::filesystem::path> registrable_path(const ProviderOptions& options,
                                                      const std::filesystem::path& path);

}  // namespace c2d::provider
