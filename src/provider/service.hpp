/// Answers the requests of a provider: finds the route, checks the signature, lets the handler decide.
///
/// Every answer passes through one place, `Service::reply`, with the envelope of the request if its
/// signature held.
#pragma once

#include "provider/job_store.hpp"
#include "provider/routes.hpp"
#include "provider/runner.hpp"

#include <c2d/provider.hpp>

#include <optional>
#include <string>

namespace c2d::provider {

/// A request on its way to its answer.
struct Call {
    const HttpRequest& request;
    RouteMatch match;
    /// There once the signature holds, whatever is said of the request then.
    std::optional<Envelope> envelope;
};

/// Thread-safe.
class Service {
public:
    Service(const JobVerifier& verifier, const ProviderOptions& options, std::shared_ptr<JobStore> store,
            Runner& runner);

    /// Answers one request on the caller's thread; never throws.
    HttpResponse handle(const HttpRequest& request);

    // The handlers of the routes. A refusal is an error that carries the name of its reason.
    Result<HttpResponse> health(Call& call);
    Result<HttpResponse> grant_permission(Call& call);
    Result<HttpResponse> on_premise_compute(Call& call);
    Result<HttpResponse> insert_dt_store(Call& call);
    Result<HttpResponse> verify(Call& call);
    Result<HttpResponse> list(Call& call);
    Result<HttpResponse> status(Call& call);
    Result<HttpResponse> log(Call& call);
    Result<HttpResponse> result(Call& call);
    Result<HttpResponse> result_bytes(Call& call);
    Result<HttpResponse> cancel(Call& call);

private:
    /// Finds the route and has it answered.
    Result<HttpResponse> dispatch(Call& call);
    /// Fills the envelope, or fails with the refusal.
    Result<Unit> open(Call& call);
    /// Where every answer passes.
    HttpResponse reply(const Call& call, Result<HttpResponse> answered);
    /// Signs the answer to a request whose signature held (job/answer.hpp).
    Result<Unit> sign(const Call& call, HttpResponse& response) const;
    /// Tells the owner's log; the reason alone is the answer.
    HttpResponse refuse(const Call& call, const Error& error);

    /// Burns the nonce of a request that is answered without an admission, whatever the answer; then
    /// gives the verdict.
    Result<Unit> settle(const Envelope& envelope, Result<Verdict> verdict);
    /// The run of the job in the path that the named data set takes part in; for its solver and for the
    /// owner.
    Result<Run> find_run(const Call& call);
    Result<Unit> check_registrable(const Envelope& envelope, std::filesystem::path& path);

    Address self() const { return options_.signer->address(); }
    std::uint64_t now() const { return options_.clock->now_seconds(); }
    std::string request_id() const;

    const JobVerifier& verifier_;
    const ProviderOptions& options_;
    const std::shared_ptr<JobStore> store_;
    Runner& runner_;
};

}  // namespace c2d::provider
