#include "provider/http/routes.hpp"

#include "provider/http/service.hpp"

#include <charconv>

namespace c2d::provider {

namespace {

constexpr Route kRoutes[] = {
    {"GET", "/healthz", std::nullopt, &Service::health},
    {"GET", "/v1/info", std::nullopt, &Service::info},
    {"POST", "/grantPermission", Method::grantPermission, &Service::grant_permission, true},
    {"POST", "/onPremiseCompute", Method::onPremiseCompute, &Service::on_premise_compute, true},
    {"POST", "/insertDtStore", Method::insertDtStore, &Service::insert_dt_store},
    {"POST", "/v1/verify", Method::verify, &Service::verify, true},
    {"GET", "/v1/jobs", Method::list, &Service::list},
    {"GET", "/v1/jobs/{job}", Method::status, &Service::status},
    {"GET", "/v1/jobs/{job}/log", Method::log, &Service::log},
    {"GET", "/v1/jobs/{job}/result", Method::result, &Service::result},
    {"GET", "/v1/jobs/{job}/result/{name}", Method::result, &Service::result_bytes},
    {"GET", "/v1/grants", Method::grants, &Service::waiting_grants},
    {"GET", "/v1/artifacts", Method::artifacts, &Service::artifacts},
    {"POST", "/v1/close", Method::close, &Service::close_token},
    {"POST", "/v1/open", Method::open, &Service::open_token},
    {"POST", "/v1/renew", Method::renew, &Service::renew_grant},
    {"GET", "/v1/queue", Method::queue, &Service::queue},
    {"POST", "/v1/hold", Method::hold, &Service::hold_queue},
    {"POST", "/v1/release", Method::release, &Service::release_queue},
    {"POST", "/v1/jobs/{job}/cancel", Method::cancel, &Service::cancel},
};

/// The path of a target, which may be a whole URL (RFC 9112, absolute-form) and may have a query.
std::string_view path_of(std::string_view target) {
    if (const auto scheme = target.find("://"); scheme != target.npos) {
        const auto path = target.find('/', scheme + 3);
        target = path == target.npos ? "/" : target.substr(path);
    }
    return target.substr(0, target.find('?'));
}

/// What stands where the pattern has "{job}" and "{name}", if the rest is the same; nothing: no match.
std::optional<RouteMatch> match_path(const Route& route, std::string_view path) {
    constexpr std::string_view kJob = "{job}", kName = "{name}";
    RouteMatch match{&route};
    auto pattern = route.path;
    if (pattern.ends_with(kName)) {
        pattern.remove_suffix(kName.size());
        match.name = path.substr(path.rfind('/') + 1);
        path.remove_suffix(match.name.size());
        if (match.name.empty()) return std::nullopt;
    }
    const auto at = pattern.find(kJob);
    if (at == pattern.npos) return path == pattern ? std::optional(match) : std::nullopt;
    if (!path.starts_with(pattern.substr(0, at))) return std::nullopt;
    const auto [end, error] = std::from_chars(path.data() + at, path.data() + path.size(), match.job_id);
    if (error != std::errc()) return std::nullopt;
    const auto rest = path.substr(std::size_t(end - path.data()));
    return rest == pattern.substr(at + kJob.size()) ? std::optional(match) : std::nullopt;
}

}  // namespace

RouteMatch find_route(std::string_view method, std::string_view target) {
    const bool head = method == "HEAD";
    const auto path = path_of(target);
    for (const auto& route : kRoutes) {
        if (route.method != (head ? "GET" : method) || (head && route.signed_as)) continue;
        if (const auto match = match_path(route, path)) return *match;
    }
    return {};
}

std::optional<std::string_view> query_value(std::string_view target, std::string_view name) {
    const auto mark = target.find('?');
    if (mark == target.npos) return std::nullopt;
    for (auto rest = target.substr(mark + 1); !rest.empty();) {
        const auto pair = rest.substr(0, rest.find('&'));
        const auto equals = pair.find('=');
        if (pair.substr(0, equals) == name) return equals == pair.npos ? std::string_view() : pair.substr(equals + 1);
        rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    }
    return std::nullopt;
}

}  // namespace c2d::provider
