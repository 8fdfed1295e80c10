#include <c2d/capi/request.h>
#include <c2d/request.hpp>

#include "handles.hpp"

using c2d::Method;
using c2d::Result;
using c2d::Status;
using c2d::Unit;
using c2d::capi::guard;

static_assert(int(Method::grantPermission) == C2D_METHOD_GRANT_PERMISSION &&
              int(Method::onPremiseCompute) == C2D_METHOD_ON_PREMISE_COMPUTE &&
              int(Method::insertDtStore) == C2D_METHOD_INSERT_DT_STORE && int(Method::verify) == C2D_METHOD_VERIFY &&
              int(Method::status) == C2D_METHOD_STATUS && int(Method::log) == C2D_METHOD_LOG &&
              int(Method::result) == C2D_METHOD_RESULT && int(Method::cancel) == C2D_METHOD_CANCEL &&
              int(Method::list) == C2D_METHOD_LIST && int(Method::grants) == C2D_METHOD_GRANTS &&
              int(Method::close) == C2D_METHOD_CLOSE && int(Method::open) == C2D_METHOD_OPEN &&
              int(Method::artifacts) == C2D_METHOD_ARTIFACTS && int(Method::queue) == C2D_METHOD_QUEUE &&
              int(Method::hold) == C2D_METHOD_HOLD && int(Method::release) == C2D_METHOD_RELEASE &&
              int(Method::renew) == C2D_METHOD_RENEW);

namespace {

/// A request in C++ terms, with the world to sign it in.
struct Draft {
    c2d::RequestBody body;
    std::uint64_t lifetime_seconds = 300;
    std::shared_ptr<c2d::Clock> clock;
    std::shared_ptr<c2d::Random> random;
};

Result<Draft> to_cpp(const c2d_request* given) {
    C2D_TRY(const c2d_request request, c2d::capi::read_options(given));
    C2D_CAPI_NEED(request.audience, request.dt);
    if (!c2d_method_name(request.method)) return c2d::Error(Status::INVALID_ARGUMENT, "there is no such method");
    Draft out;
    out.body.method = static_cast<Method>(request.method);
    C2D_TRY(out.body.audience, c2d::parse_address(request.audience));
    C2D_TRY(out.body.dt, c2d::parse_token(request.dt));
    if (request.algo_dt) {
        C2D_TRY(out.body.algo_dt, c2d::parse_token(request.algo_dt));
    }
    out.body.job_id = request.job_id;
    if (request.attempt > c2d::kAttemptsMax)
        return c2d::Error(Status::INVALID_ARGUMENT,
                          "expected an attempt of at most " + std::to_string(c2d::kAttemptsMax));
    if (request.attempt != 0) out.body.attempt = std::uint32_t(request.attempt);
    out.body.store_path = c2d::capi::text_or_empty(request.store_path);
    if (request.lifetime_seconds != 0) out.lifetime_seconds = request.lifetime_seconds;
    if (out.lifetime_seconds > c2d::kRequestExpirySecondsMax)
        return c2d::Error(Status::INVALID_ARGUMENT,
                          "lifetime_seconds is past " + std::to_string(c2d::kRequestExpirySecondsMax));
    c2d::capi::use_environment(request.environment, out);
    c2d::use_defaults(out);
    return out;
}

/// signed_body and authorization take the same arguments.
template <class Sign>
c2d_status sign(const c2d_request* request, const c2d_chain* chain, const c2d_key* signer, char** out,
                c2d_error** error, Sign make) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(request, chain, signer, out);
        C2D_TRY(const Draft draft, to_cpp(request));
        C2D_TRY(const std::string text, make(draft.body, chain->value.network(), *signer->signer, *draft.random,
                                             draft.clock->now_seconds(), draft.lifetime_seconds));
        return c2d::capi::give_text(text, out);
    });
}

}  // namespace

extern "C" {

const char* c2d_method_name(c2d_method method) {
    const int number = static_cast<int>(method);
    if (number < C2D_METHOD_GRANT_PERMISSION || number > C2D_METHOD_RELEASE) return nullptr;
    return c2d::method_name(static_cast<Method>(number));
}

void c2d_request_init(c2d_request* request) {
    if (request) *request = C2D_REQUEST_INIT;
}

c2d_status c2d_request_sign_body(const c2d_request* request, const c2d_chain* chain, const c2d_key* signer, char** out,
                                 c2d_error** error) {
    return sign(request, chain, signer, out, error, c2d::signed_body);
}

c2d_status c2d_request_sign_authorization(const c2d_request* request, const c2d_chain* chain, const c2d_key* signer,
                                          char** out, c2d_error** error) {
    return sign(request, chain, signer, out, error, c2d::authorization);
}

}  // extern "C"
