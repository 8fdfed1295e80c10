#include "provider/service.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "job/answer.hpp"
#include "provider/answers.hpp"

namespace c2d::provider {

namespace {

/// Said to whoever has no part in what was asked about. Their nonces are not kept: anybody could
/// fill the store with made-up signers.
bool is_stranger(Reason reason) {
    switch (reason) {
        case Reason::wrong_signer:
        case Reason::wrong_audience:
        case Reason::signature_invalid:
        case Reason::job_wrong_solver:
        case Reason::job_unknown:
        case Reason::dt_unknown:
        case Reason::dt_not_ours:
        case Reason::cdt_unknown:
        case Reason::not_found:
        case Reason::not_permitted:
            return true;
        default:
            return false;
    }
}

}  // namespace

Service::Service(const JobVerifier& verifier, const ProviderOptions& options, std::shared_ptr<JobStore> store,
                 Runner& runner)
    : verifier_(verifier), options_(options), store_(std::move(store)), runner_(runner) {}

HttpResponse Service::handle(const HttpRequest& request) {
    Call call{request, find_route(request.method, request.target), {}};
    try {
        return reply(call, dispatch(call));
    } catch (const std::exception& error) {
        return reply(call, fail(Status::INTERNAL, "{}", error.what()));
    }
}

Result<HttpResponse> Service::dispatch(Call& call) {
    const Route* route = call.match.route;
    if (!route) return refused(Reason::not_found, "route", "a route of this provider", "another");
    if (route->signed_as) C2D_CHECK(open(call));
    return (this->*route->handler)(call);
}

Result<Unit> Service::open(Call& call) {
    const Method method = *call.match.route->signed_as;
    Envelope envelope;
    const auto verdict = call.request.method == "GET"
                             ? verifier_.check_authorization(method, call.request.authorization, envelope)
                             : verifier_.check_envelope(method, call.request.body, envelope);
    if ((verdict && verdict->accepted()) || !envelope.digest.is_zero()) call.envelope = std::move(envelope);
    return require(verdict);
}

HttpResponse Service::reply(const Call& call, Result<HttpResponse> answered) {
    HttpResponse response = answered ? *std::move(answered) : refuse(call, answered.error());
    const auto signed_now = sign(call, response);
    return signed_now ? response : refuse(call, signed_now.error());
}

/// Requests in the original's form have no digest, and those who send them know of no signed answers.
Result<Unit> Service::sign(const Call& call, HttpResponse& response) const {
    if (!call.envelope || call.envelope->digest.is_zero()) return Unit{};
    C2D_TRY(auto field, job::sign_answer(call.envelope->digest, response.status, response.body,
                                         verifier_.registry().chain().network(), *options_.signer));
    response.headers.emplace_back(job::kAnswerHeader, std::move(field));
    return Unit{};
}

std::string Service::request_id() const {
    std::array<std::uint8_t, 8> id{};
    return options_.random->fill(id) ? hex_text(id).substr(2) : "unknown";
}

HttpResponse Service::refuse(const Call& call, const Error& error) {
    const auto id = request_id();
    if (!call.match.route) return refusal(Reason::not_found, id);
    const Reason reason = reason_of(error);
    options_.logger->log(is_refusal(error) ? LogLevel::warn : LogLevel::error,
                         fmt::format("{} {} {}: {}", call.match.route->path,
                                     is_refusal(error) ? "refused" : "failed", id, error.message));
    return refusal(reason, id, reason == Reason::ledger_ahead ? error.code : 0);
}

Result<Unit> Service::settle(const Envelope& envelope, Result<Verdict> verdict) {
    if (!verdict || envelope.legacy || is_stranger(verdict->reason)) return require(std::move(verdict));
    C2D_TRY(const bool fresh, store_->remember(envelope.signer, envelope.request.nonce, envelope.request.expiry, now()));
    if (fresh) return require(std::move(verdict));
    return refused(Reason::replayed, "nonce", "a fresh nonce", hex_text(envelope.request.nonce));
}

}  // namespace c2d::provider
