/// The [provider] section as options.
#pragma once

#include <c2d/config.hpp>
#include <c2d/provider.hpp>

#include "tools/http_server.hpp"

namespace c2d::tools {

/// Everything but the signer. Fails with `invalid_argument`, naming the key.
Result<ProviderOptions> provider_options(const Config& config);
Result<HttpServerOptions> server_options(const Config& config);
/// How long what has begun may take to end, once the service is told to.
Result<std::chrono::seconds> drain_time(const Config& config);

}  // namespace c2d::tools
