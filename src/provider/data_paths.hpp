/// Which file stands behind which token: the configuration, then what `/insertDtStore` registered.
#pragma once

#include "provider/job_store.hpp"

#include <c2d/provider.hpp>

namespace c2d::provider {

/// The path of a token's data; empty when none is known.
Result<std::optional<std::filesystem::path>> data_path(const ProviderOptions& options, JobStore& store,
                                                       const TokenId& dt);
/// True when `path` is one of the registrable files, or lies below one of the registrable folders.
/// Compared on canonical paths, so that links and dots lead nowhere else.
bool may_register(const ProviderOptions& options, const std::filesystem::path& path);

}  // namespace c2d::provider
