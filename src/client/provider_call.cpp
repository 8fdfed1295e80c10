#include "client/provider_call.hpp"

#include "base/display_text.hpp"
#include "base/endpoint.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "job/answer.hpp"
#include "job/signed_request.hpp"

#include <c2d/reason.hpp>

namespace c2d::client {

using json::Value;

namespace {

constexpr std::uint64_t kLifetimeSeconds = 300;
constexpr json::Limits kAnswerLimits{std::size_t(4) << 20, 64};

/// What an answer that nobody vouches for says of itself, for people: ", and claimed "busy"", or
/// nothing.
std::string claim_of(const HttpResponse& response) {
    const auto body = json::parse(response.body, kAnswerLimits);
    const auto code = body && body->is_object() ? body->text_at({"error", "code"}) : std::string();
    return code.empty() ? std::string() : fmt::format(" and claimed \"{}\"", display_text(code));
}

/// A provider that is too busy to look at signatures cannot sign either: to be asked again later,
/// as when nobody answers at all. Anything else will not get better.
Status status_of_unproven(const HttpResponse& response) {
    return response.status == 429 || response.status == 503 ? Status::UNAVAILABLE : Status::CORRUPT;
}

Error unproven(const std::string& endpoint, const HttpResponse& response, const Address& provider,
               std::string_view found) {
    Error error = fail(status_of_unproven(response),
                       "somebody at {} who did not prove to be the provider {} answered {}{}: "
                       "expected its signature "
                       "in {}, found {}; nothing of this answer is believed. Does the endpoint "
                       "lead to the provider "
                       "(https:// keeps others out), and is its c2d recent enough to sign answers?",
                       display_text(endpoint), address_text(provider), response.status, claim_of(response),
                       job::kAnswerHeader, found);
    error.source = endpoint;
    error.name = kAnswerUnproven;
    return error;
}

}  // namespace

std::string url_of(const ProviderTarget& target) {
    const std::string endpoint = normal_endpoint(target.endpoint);
    return fmt::format("{}{}{}", is_http_endpoint(endpoint) ? "" : "http://", endpoint, target.path);
}

Result<HttpResponse> ProviderCall::post(const ProviderTarget& target, const RequestBody& body) const {
    C2D_TRY(auto made, job::sign_body(body, chain_.network(), signer_, *options_.random, options_.clock->now_seconds(),
                                      kLifetimeSeconds));
    return send(target, {"POST", url_of(target), std::move(made.text), {}}, made.digest, body.audience);
}

Result<HttpResponse> ProviderCall::get(const ProviderTarget& target, const RequestBody& body) const {
    C2D_TRY(auto made, job::sign_authorization(body, chain_.network(), signer_, *options_.random,
                                               options_.clock->now_seconds(), kLifetimeSeconds));
    HttpRequest request{"GET", url_of(target), {}, std::move(made.text)};
    request.range = target.range;
    return send(target, request, made.digest, body.audience);
}

Result<HttpResponse> ProviderCall::send(const ProviderTarget& target, const HttpRequest& request, const Bytes32& digest,
                                        const Address& provider) const {
    C2D_TRY(auto response, options_.http->send(request));
    const auto field = response.header(job::kAnswerHeader);
    if (field.empty()) return unproven(target.endpoint, response, provider, "none");
    const auto signer = job::answer_signer(field, digest, response.status, response.body, chain_.network());
    if (!signer) return unproven(target.endpoint, response, provider, "none that can be read");
    C2D_TRY(const bool speaks, chain_.acts_for(*signer, provider, KeyUse::work));
    if (!speaks)
        return unproven(target.endpoint, response, provider,
                        "one over another answer, or by a key that does not act for it");
    return response;
}

Result<Value> read_json_answer(std::string_view endpoint, const HttpResponse& response) {
    auto body = json::parse(response.body, kAnswerLimits);
    if (!body)
        return fail(Status::CORRUPT, "{} answered {} without JSON: {}", display_text(endpoint), response.status,
                    body.error().message);
    if (response.status == 200) return body;
    const auto code = body->text_at({"error", "code"});
    const auto reason = parse_reason(code);
    if (!reason)
        return fail(Status::CORRUPT, "{} answered {} without a known code", display_text(endpoint), response.status);
    Error error = fail(reason_http_status(*reason) == 503 ? Status::UNAVAILABLE : Status::REFUSED,
                       "{} refused: {} ({}), request {}", display_text(endpoint), reason_text(*reason), code,
                       display_text(body->text_at({"error", "request_id"})));
    error.source = endpoint;
    error.name = code;
    const Value* wait = body->find("error")->find("retry_after");
    if (wait && wait->as_uint()) {
        error.code = *wait->as_uint();
        error.message += fmt::format("; ask again in {} s", error.code);
    }
    return error;
}

Result<Value> read_run_answer(std::string_view endpoint, const HttpResponse& response, const JobIdentity& job) {
    C2D_TRY(auto body, read_json_answer(endpoint, response));
    const Value* const id = body.find("job_id");
    const auto algorithm = body.text_at({"algo_dt"});
    if (id && id->as_uint() == job.id && algorithm == token_text(job.algorithm)) return body;
    Error error =
        fail(Status::NOT_FOUND,
             "{} answers about another job than the ledger has under number {}: expected one of {}, found one "
             "of {}; was the ledger cut, and this job never started there?",
             display_text(endpoint), job.id, token_text(job.algorithm), display_text(algorithm));
    error.source = endpoint;
    error.name = kAnotherJob;
    return error;
}

}  // namespace c2d::client
