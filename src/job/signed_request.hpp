/// A signed request with its digest, by which its answer is known.
#pragma once

#include <c2d/request.hpp>

namespace c2d::job {

struct SignedRequest {
    /// The JSON body of a POST, or the `Authorization` value of a GET.
    std::string text;
    Bytes32 digest;
};

/// As `signed_body` and `authorization` (c2d/request.hpp).
Result<SignedRequest> sign_body(const RequestBody& body, const NetworkInfo& network, Signer& signer, Random& random,
                                std::uint64_t now_seconds, std::uint64_t lifetime_seconds);
Result<SignedRequest> sign_authorization(const RequestBody& body, const NetworkInfo& network, Signer& signer,
                                         Random& random, std::uint64_t now_seconds, std::uint64_t lifetime_seconds);

}  // namespace c2d::job
