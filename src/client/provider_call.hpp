/// One request to a provider and its answer, which counts only once the provider is proven to have
/// given it.
#pragma once

#include "codec/json.hpp"

#include <c2d/client.hpp>

namespace c2d::client {

/// Names of errors that are no provider's (docs/errors.md).
inline constexpr const char* kAnswerUnproven = "answer_unproven";
inline constexpr const char* kResultInvalid = "result_invalid";
inline constexpr const char* kAnotherJob = "another_job";

/// Where a request goes: `path` is the target at the endpoint, `range` a GET's `Range` header or
/// empty.
struct ProviderTarget {
    std::string endpoint;
    std::string path;
    std::string range;
};

/// The whole URL; http:// where the endpoint names no scheme.
std::string url_of(const ProviderTarget& target);

/// Asks in the name of one signer. What it returns was signed by a key that acts for the request's audience, over this
/// very request; else it fails with the name `answer_unproven`, and nothing of the answer is
/// believed.
class ProviderCall {
public:
    ProviderCall(const Chain& chain, Signer& signer, const ClientOptions& options)
        : chain_(chain), signer_(signer), options_(options) {}

    /// An answer of any status.
    Result<HttpResponse> post(const ProviderTarget& target, const RequestBody& body) const;
    Result<HttpResponse> get(const ProviderTarget& target, const RequestBody& body) const;

private:
    Result<HttpResponse> send(const ProviderTarget& target, const HttpRequest& request, const Bytes32& digest,
                              const Address& provider) const;

    const Chain& chain_;
    Signer& signer_;
    const ClientOptions& options_;
};

/// The JSON body of an answer with status 200, or the refusal as an error.
Result<json::Value> read_json_answer(std::string_view endpoint, const HttpResponse& response);

/// A job as the ledger has it. Its number alone may have stood for another one (`Chain::cut`).
struct JobIdentity {
    std::uint64_t id = 0;
    TokenId algorithm;
};

/// The same of an answer about a run: fails with `not_found` and the name `another_job` when it is not one of `job`.
Result<json::Value> read_run_answer(std::string_view endpoint, const HttpResponse& response, const JobIdentity& job);

}  // namespace c2d::client
