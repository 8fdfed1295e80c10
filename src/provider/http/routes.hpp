/// The routes of a provider: which handler answers which method and path, and how its requests are signed.
#pragma once

#include <c2d/http.hpp>
#include <c2d/request.hpp>

#include <optional>
#include <string_view>

namespace c2d::provider {

struct Call;
class Service;

struct Route {
    std::string_view method;
    /// "{job}" stands for the number of a job, a last "{name}" for the name of a file.
    std::string_view path;
    /// What the signature must be for; nothing: open to anybody, and answered without any wait.
    std::optional<Method> signed_as;
    Result<HttpResponse> (Service::*handler)(Call&);
    /// Whether it concerns its signer, only the ledger tells; else the handler knows by itself.
    bool asks_ledger = false;
};

struct RouteMatch {
    const Route* route = nullptr;
    /// The number in the path; 0 when the route has none.
    std::uint64_t job_id = 0;
    /// The file's name in the path, a view into the target: only to be compared with names that we know.
    std::string_view name;
};

/// The route of a request; no route: `not_found`. A HEAD is answered where its GET is open to anybody.
RouteMatch find_route(std::string_view method, std::string_view target);

/// The value of a parameter in the query of a target, as it stands there; nothing when it is absent.
std::optional<std::string_view> query_value(std::string_view target, std::string_view name);

}  // namespace c2d::provider
