/// What `Provider::open` finds wrong with its options, before anything is touched.
#pragma once

#include <c2d/provider.hpp>

#include <string>
#include <vector>

namespace c2d::provider {

/// Everything at once, a line each; empty: nothing. A data file that cannot be opened is one of them only where no log
/// can say so: it may come back, and jobs on other data need not wait for it.
std::vector<std::string> option_problems(const ProviderOptions& options);

}  // namespace c2d::provider
