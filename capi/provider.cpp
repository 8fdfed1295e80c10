#include <c2d/capi/provider.h>
#include <c2d/provider.hpp>

#include "job/values.hpp"
#include "json_text.hpp"
#include "provider/values.hpp"
#include "same_options.hpp"

using c2d::Error;
using c2d::Result;
using c2d::Status;
using c2d::Unit;
using c2d::capi::give_json;
using c2d::capi::give_text;
using c2d::capi::guard;
using c2d::capi::read_list;
using c2d::capi::read_texts;
using c2d::capi::text_or_empty;
using c2d::json::list_of;

struct c2d_provider {
    /// Behind a pointer: handling a request changes what the provider remembers, not the handle.
    std::unique_ptr<c2d::Provider> value;
    std::string address;
};

namespace {

using Paths = std::vector<std::filesystem::path>;

Result<Unit> read_data(const c2d_provider_options& options, c2d::ProviderOptions& out) {
    C2D_TRY(const auto assets,
            read_list(options.assets, options.assets_count, "assets",
                      [](const c2d_provider_asset& asset) -> Result<std::pair<c2d::TokenId, std::string>> {
                          C2D_CAPI_NEED(asset.dt, asset.path);
                          C2D_TRY(const c2d::TokenId dt, c2d::parse_token(asset.dt));
                          return std::pair(dt, std::string(asset.path));
                      }));
    for (const auto& [dt, path] : assets) {
        if (!out.assets.emplace(dt, path).second)
            return Error(Status::INVALID_ARGUMENT, "assets name " + c2d::token_text(dt) + " twice");
        out.registrable.emplace_back(path);
    }
    C2D_TRY(
        const auto sources,
        read_list(options.sources, options.sources_count, "sources",
                  [](const c2d_provider_source& source) -> Result<std::pair<c2d::TokenId, c2d::table::TableSource>> {
                      C2D_CAPI_NEED(source.dt, source.source);
                      C2D_TRY(const c2d::TokenId dt, c2d::parse_token(source.dt));
                      C2D_TRY(auto parsed, c2d::table::parse_table_source(source.source));
                      return std::pair(dt, std::move(parsed));
                  }));
    for (const auto& [dt, source] : sources)
        if (!out.sources.emplace(dt, source).second)
            return Error(Status::INVALID_ARGUMENT, "sources name " + c2d::token_text(dt) + " twice");
    C2D_TRY(const auto more, read_texts(options.registrable, options.registrable_count, "registrable"));
    out.registrable.insert(out.registrable.end(), more.begin(), more.end());
    return Unit{};
}

constexpr std::uint64_t kDayMs = std::uint64_t(24) * 3600 * 1000;

Result<c2d::PeerPolicy> read_peers(const c2d_provider_options& options) {
    c2d::PeerPolicy out;
    if (options.peer_bind) out.bind_host = options.peer_bind;
    C2D_TRY(out.ports,
            read_list(options.peer_ports, options.peer_ports_count, "peer_ports",
                      [](const c2d_port_range& range) { return Result(std::pair(range.first, range.last)); }));
    C2D_TRY(out.networks, read_texts(options.peer_networks, options.peer_networks_count, "peer_networks"));
    C2D_TRY(out.sources, read_texts(options.peer_sources, options.peer_sources_count, "peer_sources"));
    C2D_TRY(const auto secrets,
            read_list(options.peer_psk, options.peer_psk_count, "peer_psk",
                      [](const c2d_provider_peer_psk& secret) -> Result<std::pair<c2d::Address, std::string>> {
                          C2D_CAPI_NEED(secret.organisation, secret.path);
                          C2D_TRY(const c2d::Address organisation, c2d::parse_address(secret.organisation));
                          return std::pair(organisation, std::string(secret.path));
                      }));
    for (const auto& [organisation, path] : secrets)
        if (!out.pre_shared.emplace(organisation, path).second)
            return Error(Status::INVALID_ARGUMENT, "peer_psk names " + c2d::address_text(organisation) + " twice");
    if (options.peer_silence_ms > kDayMs)
        return Error(Status::INVALID_ARGUMENT, "expected peer_silence_ms of a day at most");
    C2D_CHECK(c2d::capi::take_peer_policy(options, out));
    if (options.peer_connect_ms > kDayMs)
        return Error(Status::INVALID_ARGUMENT, "expected peer_connect_ms of a day at most");
    if (options.peer_connect_ms != 0) out.connect_deadline = std::chrono::milliseconds(options.peer_connect_ms);
    return out;
}

/// What operators see beside their job.
Result<Unit> read_runtime(const c2d_provider_options& options, c2d::ProviderOptions& out) {
    auto python =
        c2d::PythonRuntime::find(text_or_empty(options.python_package), text_or_empty(options.python_library));
    if (!python.found() && (options.python_package || options.python_library))
        return Error(Status::NOT_FOUND,
                     "python_package and python_library name no Python package c2d with its "
                     "library; NULL looks for them");
    C2D_TRY(out.runtime, read_list(options.mounts, options.mounts_count, "mounts",
                                   [](const c2d_provider_mount& mount) -> Result<c2d::SandboxMount> {
                                       C2D_CAPI_NEED(mount.host, mount.inside);
                                       return c2d::SandboxMount{mount.host, mount.inside};
                                   }));
    using Variable = std::pair<std::string, std::string>;
    C2D_TRY(out.environment, read_list(options.variables, options.variables_count, "variables",
                                       [](const c2d_provider_variable& variable) -> Result<Variable> {
                                           C2D_CAPI_NEED(variable.name, variable.value);
                                           return Variable(variable.name, variable.value);
                                       }));
    out.runtime.insert(out.runtime.begin(), python.mounts.begin(), python.mounts.end());
    out.environment.insert(out.environment.begin(), python.environment.begin(), python.environment.end());
    return Unit{};
}

/// Whose turns count how much.
Result<Unit> read_queue(const c2d_provider_options& options, c2d::ProviderOptions& out) {
    C2D_TRY(const auto weights,
            read_list(options.queue_weights, options.queue_weights_count, "queue_weights",
                      [](const c2d_provider_queue_weight& one) -> Result<std::pair<c2d::Address, unsigned>> {
                          C2D_CAPI_NEED(one.solver);
                          C2D_TRY(const c2d::Address solver, c2d::parse_address(one.solver));
                          return std::pair(solver, one.weight);
                      }));
    out.queue_weights = {weights.begin(), weights.end()};
    return Unit{};
}

Result<c2d::ProviderOptions> to_cpp(const c2d_provider_options* given) {
    C2D_TRY(const c2d_provider_options options, c2d::capi::read_options(given));
    C2D_CAPI_NEED(options.key);
    c2d::ProviderOptions out;
    out.signer = options.key->signer;
    if (options.organisation) {
        C2D_TRY(out.organisation, c2d::parse_address(options.organisation));
    }
    c2d::capi::use_environment(options.environment, out);
    if (options.waiting_seconds > std::uint64_t(24) * 3600)
        return Error(Status::INVALID_ARGUMENT, "expected waiting_seconds of a day at most");
    C2D_CHECK(c2d::capi::take_provider_options(options, out));
    C2D_CHECK(read_data(options, out));
    C2D_TRY(out.accepted_parties,
            read_texts(options.accepted_parties, options.accepted_parties_count, "accepted_parties"));
    C2D_TRY(out.accepted_composers,
            read_texts(options.accepted_composers, options.accepted_composers_count, "accepted_composers"));
    C2D_TRY(out.peers, read_peers(options));
    if (options.sandbox) {
        C2D_TRY(out.sandbox, c2d::capi::read_sandbox_options(options.sandbox));
        out.sandbox.logger = out.logger;
    }
    if (options.limits) {
        C2D_TRY(out.limits, c2d::capi::read_limits(options.limits));
    }
    C2D_CHECK(read_queue(options, out));
    if (options.attempt_seconds > std::uint64_t(7) * 24 * 3600)
        return Error(Status::INVALID_ARGUMENT, "expected attempt_seconds of a week at most");
    if (options.attempt_seconds != 0) out.attempt_wait = std::chrono::seconds(options.attempt_seconds);
    if (options.checkpoint_seconds > std::uint64_t(24) * 3600)
        return Error(Status::INVALID_ARGUMENT, "expected checkpoint_seconds of a day at most");
    if (options.checkpoint_seconds != 0) out.checkpoint_every = std::chrono::seconds(options.checkpoint_seconds);
    C2D_CHECK(read_runtime(options, out));
    return out;
}

Result<c2d::HttpRequest> to_cpp(const c2d_http_request* given) {
    C2D_TRY(const c2d_http_request request, c2d::capi::read_options(given));
    C2D_CAPI_NEED(request.method, request.target);
    if (request.body_size != 0) C2D_CAPI_NEED(request.body);
    c2d::HttpRequest out;
    out.method = request.method;
    out.target = request.target;
    if (request.body) out.body.assign(request.body, request.body_size);
    out.authorization = text_or_empty(request.authorization);
    out.range = text_or_empty(request.range);
    return out;
}

}  // namespace

extern "C" {

void c2d_provider_options_init(c2d_provider_options* options) {
    if (options) *options = C2D_PROVIDER_OPTIONS_INIT;
}

c2d_status c2d_provider_open(const c2d_asset_registry* registry, const c2d_provider_options* options,
                             c2d_provider** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(registry, options, out);
        C2D_TRY(c2d::ProviderOptions wanted, to_cpp(options));
        C2D_TRY(c2d::Provider provider, c2d::Provider::open(registry->value, std::move(wanted)));
        std::string address = c2d::address_text(provider.address());
        *out = new c2d_provider{std::make_unique<c2d::Provider>(std::move(provider)), std::move(address)};
        return Unit{};
    });
}

c2d_status c2d_provider_start(const c2d_provider* provider, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(provider);
        return provider->value->start();
    });
}

c2d_status c2d_provider_handle(const c2d_provider* provider, const c2d_http_request* request, c2d_http_response** out,
                               c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(provider, request, out);
        C2D_TRY(const c2d::HttpRequest asked, to_cpp(request));
        *out = new c2d_http_response{provider->value->handle(asked)};
        return Unit{};
    });
}

size_t c2d_provider_body_bytes_max(void) { return c2d::Provider::kBodyBytesMax; }

const char* c2d_provider_address(const c2d_provider* provider) { return provider ? provider->address.c_str() : ""; }

c2d_status c2d_provider_runs(const c2d_provider* provider, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(provider, out);
        C2D_TRY(const auto runs, provider->value->runs());
        return give_json(list_of(runs), out);
    });
}

c2d_status c2d_provider_runs_of(const c2d_provider* provider, uint64_t job, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(provider, out);
        C2D_TRY(const auto runs, provider->value->runs_of(job));
        return give_json(list_of(runs), out);
    });
}

c2d_status c2d_provider_cancel(const c2d_provider* provider, uint64_t job, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(provider);
        return provider->value->cancel(job);
    });
}

c2d_status c2d_provider_waiting_grants(const c2d_provider* provider, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(provider, out);
        C2D_TRY(const auto requests, provider->value->waiting_grants());
        return give_json(list_of(requests), out);
    });
}

c2d_status c2d_provider_close_token(const c2d_provider* provider, const char* dt, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(provider, dt);
        C2D_TRY(const c2d::TokenId id, c2d::parse_token(dt));
        return provider->value->close_token(id);
    });
}

c2d_status c2d_provider_open_token(const c2d_provider* provider, const char* dt, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(provider, dt);
        C2D_TRY(const c2d::TokenId id, c2d::parse_token(dt));
        return provider->value->open_token(id);
    });
}

c2d_status c2d_provider_hold(const c2d_provider* provider, int held, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(provider);
        provider->value->hold(held != 0);
        return Unit{};
    });
}

c2d_status c2d_provider_drain(const c2d_provider* provider, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(provider);
        provider->value->drain();
        if (c2d::CallScope::over()) return c2d::CallScope::error("waiting for the runs");
        return Unit{};
    });
}

void c2d_provider_destroy(c2d_provider* provider) { delete provider; }

}  // extern "C"
