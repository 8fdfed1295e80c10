#include "base/fail.hpp"
#include "base/try.hpp"
#include "codec/base64url.hpp"
#include "codec/json.hpp"
#include "crypto/eip712.hpp"
#include "crypto/hash.hpp"
#include "job/domain.hpp"
#include "job/signed_request.hpp"

#include <c2d/request.hpp>

namespace c2d {

using json::Value;

const char* method_name(Method method) noexcept {
    switch (method) {
        case Method::grantPermission: return "grantPermission";
        case Method::onPremiseCompute: return "onPremiseCompute";
        case Method::insertDtStore: return "insertDtStore";
        case Method::verify: return "verify";
        case Method::status: return "status";
        case Method::log: return "log";
        case Method::result: return "result";
        case Method::cancel: return "cancel";
        case Method::list: return "list";
        case Method::grants: return "grants";
        case Method::close: return "close";
        case Method::open: return "open";
        case Method::artifacts: return "artifacts";
        case Method::queue: return "queue";
        case Method::hold: return "hold";
        case Method::release: return "release";
        case Method::renew: return "renew";
    }
    return "verify";
}

eip712::Domain request_domain(const NetworkInfo& network) {
    return {network.chain_id, network.contracts.dt_factory, network.salt};
}

Bytes32 request_digest(const Request& r, const NetworkInfo& network) {
    static constexpr std::string_view kType =
        "Request(string method,address audience,bytes32 dt,bytes32 algoDt,uint256 jobId,"
        "bytes32 bodyHash,bytes32 nonce,uint64 expiry)";
    using eip712::word;
    const auto hash =
        eip712::hash_struct(kType, {word(std::string_view(method_name(r.method))), word(r.audience), word(r.dt),
                                    word(r.algo_dt), word(r.job_id), word(r.body_hash), word(r.nonce), word(r.expiry)});
    return eip712::digest(request_domain(network), hash);
}

namespace {

Value to_value(const PeerProtocols& protocols) {
    Value out;
    for (const auto& [provider, spoken] : protocols) out.set(address_text(provider), json::list_of(spoken));
    return out;
}

Result<Request> make_request(const RequestBody& body, Random& random, std::uint64_t expiry) {
    Request request{body.method, body.audience, body.dt, body.algo_dt, body.job_id, {}, {}, expiry};
    C2D_CHECK(random.fill(request.nonce.data));
    return request;
}

}  // namespace

Result<job::SignedRequest> job::sign_body(const RequestBody& body, const NetworkInfo& network, Signer& signer,
                                          Random& random, std::uint64_t now_seconds, std::uint64_t lifetime_seconds) {
    C2D_TRY(Request request, make_request(body, random, now_seconds + lifetime_seconds));
    Value json = Value::object({{"dt", token_text(body.dt)},
                                {"audience", address_text(body.audience)},
                                {"signer", address_text(signer.address())},
                                {"nonce", hex_text(request.nonce)},
                                {"expiry", request.expiry}});
    if (!body.algo_dt.is_zero()) json.set("algo_dt", token_text(body.algo_dt));
    // Of job 0, which is none yet, one may ask whether it would be taken.
    if (body.job_id != 0 || body.method == Method::verify) json.set("job_id", body.job_id);
    if (!body.store_path.empty()) json.set("store_path", body.store_path);
    if (!body.protocols.empty()) json.set("protocols", to_value(body.protocols));
    // The first one is signed as it was before there were others.
    if (body.attempt != 1) json.set("attempt", body.attempt);
    C2D_TRY(const auto text, json::canonical(json));
    request.body_hash = keccak256(text);
    const auto digest = request_digest(request, network);
    C2D_TRY(const auto signature, signer.sign_digest(digest));
    json.set("signature", hex_text(signature));
    return SignedRequest{json::compact(json), digest};
}

Result<job::SignedRequest> job::sign_authorization(const RequestBody& body, const NetworkInfo& network, Signer& signer,
                                                   Random& random, std::uint64_t now_seconds,
                                                   std::uint64_t lifetime_seconds) {
    C2D_TRY(Request request, make_request(body, random, now_seconds + lifetime_seconds));
    request.body_hash = keccak256(std::string_view());
    const auto digest = request_digest(request, network);
    C2D_TRY(const auto signature, signer.sign_digest(digest));
    const Value json = Value::object({{"method", method_name(request.method)},
                                      {"audience", address_text(request.audience)},
                                      {"dt", hex_text(request.dt)},
                                      {"algoDt", hex_text(request.algo_dt)},
                                      {"jobId", request.job_id},
                                      {"bodyHash", hex_text(request.body_hash)},
                                      {"nonce", hex_text(request.nonce)},
                                      {"expiry", request.expiry},
                                      {"signer", address_text(signer.address())},
                                      {"signature", hex_text(signature)}});
    return SignedRequest{"C2D " + base64url_encode(as_bytes(json::compact(json))), digest};
}

Result<std::string> signed_body(const RequestBody& body, const NetworkInfo& network, Signer& signer, Random& random,
                                std::uint64_t now_seconds, std::uint64_t lifetime_seconds) {
    C2D_TRY(auto made, job::sign_body(body, network, signer, random, now_seconds, lifetime_seconds));
    return std::move(made.text);
}

Result<std::string> authorization(const RequestBody& body, const NetworkInfo& network, Signer& signer, Random& random,
                                  std::uint64_t now_seconds, std::uint64_t lifetime_seconds) {
    C2D_TRY(auto made, job::sign_authorization(body, network, signer, random, now_seconds, lifetime_seconds));
    return std::move(made.text);
}

}  // namespace c2d
