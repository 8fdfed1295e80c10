/// Answers of a provider: EIP-712 typed data that ties a status and a body to the one request that
/// they answer, signed by the provider. docs/formats.md has the bytes.
#pragma once

#include <c2d/chain_node.hpp>

#include <string>
#include <string_view>

namespace c2d::job {

/// The header field that carries the signature, as base64url.
inline constexpr const char* kAnswerHeader = "C2D-Answer";

/// `Answer(bytes32 request,uint16 status,bytes32 bodyHash)` in the domain of requests. `request` is
/// the digest of the request (`request_digest`), `body` is hashed as it goes over the wire.
Bytes32 answer_digest(const Bytes32& request, int status, std::string_view body, const NetworkInfo& network);

/// The value of the header field.
Result<std::string> sign_answer(const Bytes32& request, int status, std::string_view body, const NetworkInfo& network,
                                Signer& signer);
/// Who signed an answer. Fails with `invalid_argument` when the field is not the base64url of a
/// signature.
Result<Address> answer_signer(std::string_view field, const Bytes32& request, int status, std::string_view body,
                              const NetworkInfo& network);

}  // namespace c2d::job
