/// The composer's and solver's side: asks providers for grants, starts jobs, fetches results.
///
/// Providers are found through the endpoints in the tokens' documents ("host:port", or a URL).
/// A provider's refusal is an `Error` with status `refused` and the reason's name. Every answer must be
/// signed by the owner of the token that was asked about, over the request itself (docs/formats.md); one
/// that is not fails with the name `answer_unproven` and nothing of it is believed. Thread-safe.
#pragma once

#include <c2d/age.hpp>
#include <c2d/asset_registry.hpp>
#include <c2d/http.hpp>
#include <c2d/request.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace c2d {

/// What `Client::open` takes. Null: libcurl, the system's clock and randomness, no log.
struct ClientOptions {
    std::shared_ptr<HttpTransport> http = {};
    std::shared_ptr<Clock> clock = {};
    std::shared_ptr<Random> random = {};
    std::shared_ptr<Logger> logger = {};
    /// What a run may release at most, all its files together.
    std::uint64_t result_bytes_max = std::uint64_t(64) << 20;
};

/// One leaf of a job at its provider.
struct JobPart {
    TokenId dt;
    std::string endpoint;
    unsigned party = 0;
    /// waiting, queued, preparing, connecting, running, succeeded, failed, cancelled; unknown before its provider said.
    std::string state;
    std::string outcome;
    /// How its receipt stands with the ledger: pending, posted, unsupported, refused; waiting, while another attempt
    /// may be asked for; empty before.
    std::string receipt;
    /// Why its provider did not answer when it was asked last; all else is what it said before.
    std::optional<Error> unanswered = {};
    /// Which attempt at the job it is in, and how many the terms allow.
    std::uint32_t attempt = 1, attempts_max = 1;
    /// It ended so that another attempt may be asked for, for a while.
    bool again = false;
    /// Nothing more will happen to it.
    bool ended() const noexcept { return state == "succeeded" || state == "failed" || state == "cancelled"; }
};

/// An output that a provider released.
struct ReleasedFile {
    TokenId dt;
    std::string name;
    Bytes content;
};

/// A released output as a file.
struct SavedFile {
    TokenId dt;
    std::string name;
    /// The folder with what was made below it.
    std::filesystem::path path;
    /// Of what was written.
    std::uint64_t bytes = 0;
    Bytes32 sha256;
};

/// How `Client::save_results` writes.
struct SaveOptions {
    /// Replace files that stand there; else they are refused with `conflict`, before anything is fetched.
    bool replace = false;
    /// Receipts of the job's runs that the solver was handed (c2d/job_receipt.hpp), as their text. Each must be
    /// held by the ledger, and every file that its run releases must be among its outputs, byte for byte; else
    /// nothing is fetched, with the name `result_invalid`.
    std::vector<std::string> receipts = {};
    /// Whose key the results were encrypted to (`results_to`): what is written is what was encrypted. Every file must
    /// be so.
    std::optional<AgeIdentity> identity = {};
};

/// What an owner releases of the operator's log.
struct ReleasedLog {
    TokenId dt;
    /// none, tail or full.
    std::string release;
    std::string text;
};

/// A provider of a token of ours that did not say what waits there.
struct UnansweredProvider {
    TokenId dt;
    /// As the token's document names it; empty where the document itself could not be read.
    std::string endpoint;
    Error error;
};

/// Requests for grants that wait for our word, as far as their providers said.
struct WaitingGrants {
    std::vector<WaitingGrant> grants;
    /// Where others may wait.
    std::vector<UnansweredProvider> unanswered;
};

/// What a run left with a provider of ours.
struct HeldArtifact {
    Artifact artifact;
    /// What a model token says of it; nothing while the run has no receipt, or once it was destroyed.
    std::optional<ArtifactOrigin> origin = {};
};

/// A run at our provider that has not ended.
struct QueuedRun {
    std::uint64_t job_id = 0;
    unsigned party = 0;
    TokenId algo_dt;
    Address solver;
    /// waiting, queued, preparing, connecting or running.
    std::string state;
    std::uint32_t attempt = 1, attempts_max = 1;
    /// Seconds since the Unix epoch.
    std::uint64_t created = 0, updated = 0;
    bool under_way() const noexcept { return state != "waiting" && state != "queued"; }
};

/// What our provider has to do.
struct ProviderQueue {
    std::string endpoint;
    /// No run is taken from the queue until it is released, or the provider starts anew.
    bool held = false;
    std::uint64_t workers = 0, queue_max = 0, queue_share = 0;
    /// 200 at most, oldest first.
    std::vector<QueuedRun> runs;
};

class Client {
public:
    /// In the name of `signer`.
    static Result<Client> open(AssetRegistry registry, std::shared_ptr<Signer> signer, ClientOptions options = {});

    /// Publishes a token in our own name, as `AssetRegistry::publish`, once the ledger confirms the artifacts that it
    /// names.
    Result<TokenId> publish(std::string_view attributes_json, std::optional<TokenId> id = std::nullopt);
    /// Opens a task in our own name; its number.
    Result<std::uint64_t> create_task(std::string_view name, std::string_view description);

    /// Asks the owner of `dt` to grant it to our composition `cdt`.
    Result<Unit> request_grant(const TokenId& dt, const TokenId& cdt);
    /// Confirms the artifacts that the children name, publishes the composition, asks for the grant of every child and
    /// activates it. When grants are refused the composition stands on the ledger inactive, the error names it and all
    /// who refused, and the same call with its id goes on from there.
    Result<TokenId> compose(std::string_view attributes_json, std::optional<TokenId> id = std::nullopt);
    /// Tells our own provider where the data of a leaf are.
    Result<Unit> insert_dt_store(const TokenId& dt, std::string_view path);
    /// Requests for grants that wait for our word (`grant_needs_owner`) at the provider of `dt`, a token of ours, which
    /// must answer, or at those of all our tokens, where one that does not is named beside what the others said. They
    /// are answered by `AssetRegistry::grant` with our key.
    Result<WaitingGrants> waiting_grants(std::optional<TokenId> dt = std::nullopt);
    /// What a job left with our providers, as they tell us.
    Result<std::vector<HeldArtifact>> artifacts(std::uint64_t job_id);
    /// `attributes.origin` of a model token over an output that a job left with us, asked of our provider and confirmed
    /// on the ledger. `party`: which one of the job we were, where we were several. Fails with `not_found`, with
    /// `conflict` where more than one party left it, and as `confirm_origin` does.
    Result<ArtifactOrigin> origin(std::uint64_t job_id, std::string_view output,
                                  std::optional<unsigned> party = std::nullopt);
    /// Tells our provider that a grant of `dt` to `cdt`, which stands, is given anew: peers' inputs that are not those
    /// of the jobs before (`input_changed`) are right from now on. Fails with `refused` where there is no such grant.
    Result<Unit> renew_grant(const TokenId& dt, const TokenId& cdt);
    /// Closes a token of ours: no grants, no new jobs, and runs under way end as `revoked`. On the ledger where its
    /// rules know of closed tokens (edition 2), else at our provider.
    Result<Unit> close_token(const TokenId& dt);
    Result<Unit> open_token(const TokenId& dt);

    /// The queue of our own provider, which is the one of `dt`, a token of ours; without one it is the one that all our
    /// tokens name, and `invalid_argument` where they name several.
    Result<ProviderQueue> provider_queue(std::optional<TokenId> dt = std::nullopt);
    /// Has our provider take no run from its queue from now on, or go on with it; requests are still admitted.
    Result<ProviderQueue> hold_queue(bool held, std::optional<TokenId> dt = std::nullopt);
    /// Holds the queue, and returns when nothing is under way there: the provider can be ended without interrupting a
    /// run. `progress` counts the runs that ended.
    Result<ProviderQueue> drain_queue(std::optional<TokenId> dt = std::nullopt, const Progress& progress = {},
                                      const CancelToken* cancel = nullptr);
    /// Cancels our own runs of a job, whoever its solver is; `conflict` when nothing was left to cancel.
    Result<Unit> cancel_own_runs(std::uint64_t job_id);

    /// Asks every leaf's provider whether it would run a job, starting nothing.
    Result<Unit> verify(std::uint64_t job_id, const TokenId& cdt);
    /// Starts a registered job at every leaf's provider; on a refusal cancels the rest, but not what a provider has
    /// under way as another attempt.
    Result<Unit> start(std::uint64_t job_id, const TokenId& cdt);
    /// Registers a job on the ledger, starting nothing. Returns its number. Before that it checks what it can: that
    /// `cdt` is an Algorithm of ours, active, its documents, terms and links, that every provider answers, and would
    /// take such a job now; "no job was registered" then.
    Result<std::uint64_t> register_job(std::uint64_t task_id, const TokenId& cdt);
    /// Registers a job and starts it. Returns its number. On a refusal by a provider after it was registered the job
    /// stands on the ledger; `Error::message` names it, and `start_attempt` or `wait_with_attempts` goes on from there.
    Result<std::uint64_t> execute(std::uint64_t task_id, const TokenId& cdt);
    /// Asks for the next attempt at a registered job of ours, and returns its number: the first one where no provider
    /// was asked yet, at those where it is missing, and the one after the last where all parts have ended. Parts that
    /// have succeeded by themselves are left as they are. Fails with `conflict` where nothing is left to start, or a
    /// part ended so that it is not tried again. A provider that is `busy` is asked for up to 60 s. On a refusal the
    /// rest is cancelled; where a provider does not answer it is not, if the terms allow yet another attempt.
    Result<std::uint32_t> start_attempt(std::uint64_t job_id);

    /// Every part as its provider tells it within 10 s; parts that we may not see are left out. Of a provider that does
    /// not answer the part is `unanswered`; fails where none does.
    Result<std::vector<JobPart>> status(std::uint64_t job_id);
    /// Waits until every part has ended and, for a while, until its receipt is on the ledger.
    /// `progress` gets a line whenever a state changes, or a provider stops answering, which is borne for 10 minutes.
    Result<std::vector<JobPart>> wait(std::uint64_t job_id, const Progress& progress = {},
                                      const CancelToken* cancel = nullptr);
    /// As `wait`, of a job of ours: starts it first where it is registered and some provider was not asked yet, and
    /// asks for the next attempt whenever all parts have ended and it may be made, as often as the terms allow. Where a
    /// part has ended for good the others wait for no other attempt. Fails with `corrupt` where a provider took an
    /// attempt and has an earlier one ended once more.
    Result<std::vector<JobPart>> wait_with_attempts(std::uint64_t job_id, const Progress& progress = {},
                                                    const CancelToken* cancel = nullptr);
    Result<std::vector<ReleasedLog>> logs(std::uint64_t job_id);
    /// The released outputs of every run, in memory. Names are those that the verified arguments spell as
    /// outputs of that party, each once, and so plain: no folders, no "..". Size and SHA-256 are those of the
    /// provider's signed manifest. Fails with `corrupt` and the name `result_invalid` when a provider sends
    /// anything else, with `limit` beyond `result_bytes_max`.
    Result<std::vector<ReleasedFile>> results(std::uint64_t job_id);
    /// The same, as files of mode 0600 below `folder`, which is made if need be. If the terms spell one name
    /// for two parties, each has a folder party_N. Nothing is opened outside of the folder or over a link, and
    /// a file gets its name when everything was fetched and found right; on a failure none is left.
    Result<std::vector<SavedFile>> save_results(std::uint64_t job_id, const std::filesystem::path& folder,
                                                const SaveOptions& options = {});
    /// Cancels every part that has not ended, and says of those that have that no other attempt follows; fails with the
    /// first refusal after trying all, and with `conflict` when nothing was left to cancel.
    Result<Unit> cancel(std::uint64_t job_id);

private:
    struct Impl;
    explicit Client(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
    std::shared_ptr<Impl> impl_;
};

}  // namespace c2d
