/// Requests to a provider: EIP-712 typed data that names who is asked for what, once, until when.
///
/// `Request(string method,address audience,bytes32 dt,bytes32 algoDt,uint256 jobId,bytes32 bodyHash,
/// bytes32 nonce,uint64 expiry)` in the domain {name "c2d", version "1", chainId, verifyingContract =
/// DTFactory, salt}. `audience` is the owner of the dt. `bodyHash` is the Keccak-256 of the RFC 8785
/// form of the JSON body without `signature`; for a request without a body, of the empty string.
#pragma once

#include <c2d/chain_node.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace c2d {

/// What a request asks for. The stable names are the members' own: "grantPermission", ….
enum class Method {
    grantPermission,
    onPremiseCompute,
    insertDtStore,
    verify,
    status,
    log,
    result,
    cancel,
    list,
    grants,
    close,
    open,
    artifacts,
    queue,
    hold,
    release,
    renew
};
/// The name on the wire, for example "grantPermission".
const char* method_name(Method method) noexcept;

/// Requests expire at most this far ahead, and clocks may differ by the skew.
inline constexpr std::uint64_t kRequestExpirySecondsMax = std::uint64_t(15) * 60;
inline constexpr std::uint64_t kRequestSkewSeconds = 60;

/// What providers say that operators of theirs can speak with other parties' ("c2d-mpc/3", …), by the providers'
/// addresses.
using PeerProtocols = std::map<Address, std::vector<std::string>>;
/// Bounds of what a request may say of that.
inline constexpr std::size_t kPeersMax = 64, kPeerProtocolsMax = 16, kProtocolBytesMax = 64;

/// Attempts at one job that terms may allow (`attributes.attempts`).
inline constexpr std::uint32_t kAttemptsMax = 100;

/// What is signed.
struct Request {
    Method method = Method::verify;
    Address audience = {};
    TokenId dt = {};
    TokenId algo_dt = {};
    std::uint64_t job_id = 0;
    Bytes32 body_hash = {};
    Bytes32 nonce = {};
    /// Seconds since the epoch.
    std::uint64_t expiry = 0;
};

/// The digest that the requester signs.
Bytes32 request_digest(const Request& request, const NetworkInfo& network);

/// A request for a grant of `dt` to `cdt` that its owner's provider may not answer by itself.
struct WaitingGrant {
    TokenId dt, cdt;
    /// Who owns the composition.
    Address composer;
    /// When it was first asked for, in seconds since the epoch.
    std::uint64_t since = 0;
};

/// Members of a request's JSON body; absent ones are not written.
struct RequestBody {
    Method method = Method::verify;
    Address audience = {};
    TokenId dt = {};
    TokenId algo_dt = {};
    std::uint64_t job_id = 0;
    /// insertDtStore only.
    std::string store_path = {};
    /// verify and onPremiseCompute only: what the requester found at `GET /v1/info` of the job's providers.
    PeerProtocols protocols = {};
    /// verify and onPremiseCompute only: which attempt at the job this is, from 1.
    std::uint32_t attempt = 1;
};

/// The signed JSON body of a POST: the original's members (`algo_dt`, `dt`, `job_id`, `store_path`)
/// with `audience`, `signer`, `nonce`, `expiry` and `signature`. The nonce comes from `random`, the
/// expiry is `now + lifetime_seconds`.
Result<std::string> signed_body(const RequestBody& body, const NetworkInfo& network, Signer& signer, Random& random,
                                std::uint64_t now_seconds, std::uint64_t lifetime_seconds = 300);

/// The value of an `Authorization` header for a GET: "C2D " and the base64url of the struct's JSON.
Result<std::string> authorization(const RequestBody& body, const NetworkInfo& network, Signer& signer, Random& random,
                                  std::uint64_t now_seconds, std::uint64_t lifetime_seconds = 300);

}  // namespace c2d
