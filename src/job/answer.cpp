#include "job/answer.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "codec/base64url.hpp"
#include "crypto/eip712.hpp"
#include "crypto/hash.hpp"
#include "job/domain.hpp"

#include <c2d/key.hpp>

namespace c2d::job {

Bytes32 answer_digest(const Bytes32& request, int status, std::string_view body, const NetworkInfo& network) {
    static constexpr std::string_view kType = "Answer(bytes32 request,uint16 status,bytes32 bodyHash)";
    using eip712::word;
    const auto hash = eip712::hash_struct(kType, {request, word(std::uint64_t(status)), keccak256(body)});
    return eip712::digest(request_domain(network), hash);
}

Result<std::string> sign_answer(const Bytes32& request, int status, std::string_view body, const NetworkInfo& network,
                                Signer& signer) {
    C2D_TRY(const auto signature, signer.sign_digest(answer_digest(request, status, body, network)));
    return base64url_encode(signature);
}

Result<Address> answer_signer(std::string_view field, const Bytes32& request, int status, std::string_view body,
                              const NetworkInfo& network) {
    // What is not 65 bytes long is no signature: nothing longer is decoded.
    constexpr std::size_t kFieldChars = 87;
    const auto signature = field.size() == kFieldChars ? base64url_decode(field) : Result<Bytes>(Bytes());
    if (!signature || signature->empty())
        return fail(Status::INVALID_ARGUMENT, "expected {} characters of base64url", kFieldChars);
    auto signer = recover_signer(answer_digest(request, status, body, network), *signature);
    if (!signer) return fail(Status::INVALID_ARGUMENT, "{}", signer.error().message);
    return signer;
}

}  // namespace c2d::job
