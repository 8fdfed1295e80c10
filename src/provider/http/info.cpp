#include "provider/http/info.hpp"

#include "base/version.hpp"

namespace c2d::provider {

using json::Value;

namespace {

constexpr std::uint64_t kEditionsKnown[] = {1, kEditionLast};

}  // namespace

Value build_info(std::uint64_t edition) {
    return Value::object({{"version", kVersionText},
                          {"editions", Value::object({{"known", json::list_of(kEditionsKnown)}, {"head", edition}})},
                          {"protocols", json::list_of(kMpcProtocols)}});
}

}  // namespace c2d::provider
