/// The aggregator's and solver's side: asks providers for grants, starts jobs, fetches results.
///
/// Providers are found through the endpoints in the tokens' documents ("host:port", or a URL).
/// A provider's refusal is an `Error` with status `refused` and the reason's name. Thread-safe.
#pragma once

#include <c2d/asset_registry.hpp>
#include <c2d/http.hpp>
#include <c2d/request.hpp>

#include <memory>
#include <string>
#include <vector>

namespace c2d {

/// What `Client::open` takes. Null: libcurl, the system's clock and randomness, no log.
struct ClientOptions {
    std::shared_ptr<HttpTransport> http;
    std::shared_ptr<Clock> clock;
    std::shared_ptr<Random> random;
    std::shared_ptr<Logger> logger;
};

/// One leaf of a job at its provider.
struct JobPart {
    TokenId dt;
    std::string endpoint;
    unsigned party = 0;
    /// waiting, queued, preparing, connecting, running, succeeded, failed, cancelled.
    std::string state;
    std::string outcome;
    /// How its receipt stands with the ledger: pending, posted, unsupported, refused; empty before.
    std::string receipt;
    /// Nothing more will happen to it.
    bool ended() const noexcept {
        return state == "succeeded" || state == "failed" || state == "cancelled";
    }
};

/// An output that a provider released.
struct ReleasedFile {
    TokenId dt;
    std::string name;
    Bytes content;
};

/// What an owner releases of the operator's log.
struct ReleasedLog {
    TokenId dt;
    /// none, tail or full.
    std::string release;
    std::string text;
};

class Client {
public:
    /// In the name of `signer`.
    static Result<Client> open(AssetRegistry registry, std::shared_ptr<Signer> signer,
                               ClientOptions options = {});

    /// Publishes a token in our own name, as `AssetRegistry::publish`.
    Result<TokenId> publish(std::string_view attributes_json, std::optional<TokenId> id = std::nullopt);
    /// Opens a task in our own name; its number.
    Result<std::uint64_t> create_task(std::string_view name, std::string_view description);

    /// Asks the owner of `dt` to grant it to our composition `cdt`.
    Result<Unit> request_grant(const TokenId& dt, const TokenId& cdt);
    /// Publishes a composition, asks for the grant of every child and activates it. When a grant is
    /// refused the composition stands on the ledger inactive; the same call goes on from there.
    Result<TokenId> compose(std::string_view attributes_json, std::optional<TokenId> id = std::nullopt);
    /// Tells our own provider where the data of a leaf are.
    Result<Unit> insert_dt_store(const TokenId& dt, std::string_view path);

    /// Asks every leaf's provider whether it would run a job, starting nothing.
    Result<Unit> verify(std::uint64_t job_id, const TokenId& cdt);
    /// Starts a registered job at every leaf's provider; on a refusal cancels the rest.
    Result<Unit> start(std::uint64_t job_id, const TokenId& cdt);
    /// Registers a job on the ledger, verifies and starts it. Returns its number. On a refusal by
    /// a provider the job stands on the ledger; `Error::message` names it.
    Result<std::uint64_t> execute(std::uint64_t task_id, const TokenId& cdt);

    /// Every part as its provider tells it; parts that we may not see are left out.
    Result<std::vector<JobPart>> status(std::uint64_t job_id);
    /// Waits until every part has ended and, for a while, until its receipt is on the ledger.
    /// `progress` gets a line whenever a state changes.
    Result<std::vector<JobPart>> wait(std::uint64_t job_id, const Progress& progress = {},
                                      const CancelToken* cancel = nullptr);
    Result<std::vector<ReleasedLog>> logs(std::uint64_t job_id);
    /// The released outputs of every part.
    Result<std::vector<ReleasedFile>> results(std::uint64_t job_id);
    /// Cancels every part that has not ended; fails with the first refusal after trying all.
    Result<Unit> cancel(std::uint64_t job_id);

private:
    struct Impl;
    explicit Client(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
    std::shared_ptr<Impl> impl_;
};

}  // namespace c2d
