#include "provider/info.hpp"

#include "base/version.hpp"

namespace c2d::provider {

using json::Value;

namespace {

constexpr unsigned kEditionsKnown[] = {1, 2};

}  // namespace

Value build_info(const NetworkInfo& network) {
    return Value::object(
        {{"version", kVersionText},
         {"editions", Value::object({{"known", json::list_of(kEditionsKnown)}, {"head", network.edition}})},
         {"protocols", json::list_of(kMpcProtocols)}});
}

}  // namespace c2d::provider
