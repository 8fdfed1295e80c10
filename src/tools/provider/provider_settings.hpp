/// The [provider] section as options.
#pragma once

#include <c2d/config.hpp>
#include <c2d/provider.hpp>

#include "tools/http_server.hpp"

namespace c2d::tools {

/// Everything but the signer. Fails with `invalid_argument` and all problems, each naming its key.
Result<ProviderOptions> provider_options(const Config& config);
Result<HttpServerOptions> server_options(const Config& config);
/// How long what has begun may take to end, once the service is told to.
Result<std::chrono::seconds> drain_time(const Config& config);

/// The values of the keys of [provider] that a file has, by their digests: secrets are not kept.
using ConfigMarks = std::map<std::string, Bytes32>;
ConfigMarks config_marks(const Config& config);

/// The keys whose values differ.
struct ConfigChanges {
    /// Those that `Provider::reconfigure` takes over, with drain_seconds, and the others.
    std::vector<std::string> in_effect, need_restart;
};
ConfigChanges changes_between(const ConfigMarks& before, const ConfigMarks& now);

}  // namespace c2d::tools
