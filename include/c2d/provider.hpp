/// A bank's side of the flow: verifies requests by itself, runs operators next to the data.
///
/// Embeddable: `handle` takes a request as a value, without any HTTP server. Thread-safe.
#pragma once

#include <c2d/http.hpp>
#include <c2d/job_verifier.hpp>
#include <c2d/run_end.hpp>
#include <c2d/sandbox.hpp>
#include <c2d/table_source.hpp>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace c2d {

/// Where this provider's own parties listen, and with which networks they may speak.
struct PeerPolicy {
    std::string bind_host = "127.0.0.1";
    /// The port of all joint computations at a time, which our own endpoints may name; 0: none.
    std::uint16_t port = 0;
    /// Ports that our own endpoints may name instead, inclusive. Empty, and no `port`: no joint computations.
    std::vector<std::pair<std::uint16_t, std::uint16_t>> ports = {};
    /// Private and loopback ranges (CIDR) that peers may be in; public addresses need no entry.
    std::vector<std::string> networks = {};
    std::chrono::milliseconds connect_deadline{60'000};
    /// A peer's provider that is not heard of for so long while an operator runs is lost. At least 5 s.
    std::chrono::milliseconds silence{30'000};
    /// Networks (CIDR) that peers call from, beside the addresses that their endpoints resolve to: half
    /// of the places for callers is kept for these, so that nobody else's connections keep them out.
    std::vector<std::string> sources = {};
    /// True: nobody else may call. Peers behind address translation must then be among `sources`.
    bool sources_only = false;
    /// Files with a secret that was agreed on beforehand with an organisation, by its address: at least 32 characters,
    /// for us alone to read. It goes into the keys of every joint run with that organisation, which must have the same:
    /// who records the connection, and learns its keys later, still knows none of them. Read for each run.
    std::map<Address, std::filesystem::path> pre_shared = {};
};

/// What `Provider::open` takes. `signer` is required.
struct ProviderOptions {
    /// Signs answers, peer bindings, receipts and, where it may, grants, in the name of `organisation`.
    std::shared_ptr<Signer> signer = {};
    /// The owner of our tokens and the audience of requests; `signer` must act for it (`KeyUse::work`). Zero: whom the
    /// ledger says that it acts for, else its own address.
    Address organisation = {};
    std::shared_ptr<Clock> clock = {};
    std::shared_ptr<Random> random = {};
    std::shared_ptr<Logger> logger = {};
    /// Job folders and, below it, the provider's own state.
    std::filesystem::path exec_dirpath = "./tests/";
    /// The key under which the keys of artifacts are wrapped, made with the first one; empty: beside the artifacts,
    /// below `exec_dirpath`. Elsewhere, a copy of that folder opens nothing. A `pkcs11:` URI names one that stays in a
    /// token (docs/keys.md): it is opened by `Provider::open`, which fails where it is not there, and never made.
    std::filesystem::path artifact_key = {};
    /// Data behind our tokens. A file that cannot be opened is said to the log, and jobs on it are refused as
    /// `data_unavailable`; without a `logger` it is an error of `Provider::open`.
    std::map<TokenId, std::filesystem::path> assets = {};
    /// Databases behind our tokens, in place of a file. A run asks before its operator starts, which gets the answer as
    /// a table file. One that cannot be asked is said as a data file is; a run whose query fails ends as
    /// `input_unusable`.
    std::map<TokenId, table::TableSource> sources = {};
    /// Files, or folders whose files, `/insertDtStore` may register.
    std::vector<std::filesystem::path> registrable = {};
    std::vector<std::string> accepted_parties = {};
    /// Organisations whose compositions may use our tokens, by address or legal id; empty: any registered one.
    std::vector<std::string> accepted_composers = {};
    bool allow_collusion = false;
    bool accept_legacy_signatures = false;
    PeerPolicy peers = {};
    SandboxOptions sandbox = {};
    SandboxLimits limits = {};
    /// Shown read-only to operators; the Python package and the library go here.
    std::vector<SandboxMount> runtime = {};
    std::vector<std::pair<std::string, std::string>> environment = {};
    /// Runs at a time, and runs that may wait.
    unsigned workers = 2;
    std::size_t queue_max = 64;
    /// Runs of one solver that may wait; 0: a quarter of `queue_max`, at least 1.
    std::size_t queue_share = 0;
    /// Solvers are served in turn: who has weight 2 (to 1000) has two runs taken where another has one. 1 unless named.
    std::map<Address, unsigned> queue_weights = {};
    /// How long a run waits for the rest of its data sets to be asked for.
    std::chrono::seconds waiting{600};
    /// How long the receipt of a run waits for another attempt, where its end and the terms allow one.
    std::chrono::seconds attempt_wait{900};
    /// How far apart a long computation of a job that may be tried again writes checkpoints; of its parties the
    /// shortest counts.
    std::chrono::seconds checkpoint_every{60};
    /// Free bytes below `exec_dirpath` that must be left for another run to begin; the queue pauses
    /// below.
    std::uint64_t disk_bytes_min = 64ull << 20;
    /// What the solver gets of one run's outputs at most, in pieces. Larger ones are refused as `result_too_large`.
    std::uint64_t release_bytes_max = std::uint64_t(1) << 20;
    /// Set by whoever puts a server in front: `open` leaves the state alone and `handle` answers
    /// `starting` until `start` is called, once the port is ours.
    bool defer_start = false;
    /// For tests: sees the plain frames of every relay.
    std::function<void(bool outgoing, unsigned peer, BytesView payload)> transcript = {};
};

/// One party of one job, as its owner sees it.
struct ProviderRun {
    std::uint64_t job_id = 0;
    unsigned party = 0;
    TokenId algo_dt;
    Address solver;
    /// waiting, queued, preparing, connecting, running, succeeded, failed, cancelled.
    std::string state;
    /// How it ended (c2d/run_end.hpp); nothing before that, and `outcome` is its text. The detail is
    /// one line, for the owner only.
    std::optional<RunEnd> end;
    std::string outcome, detail;
    std::filesystem::path folder;
    std::vector<std::string> outputs;
    /// Seconds since the Unix epoch.
    std::uint64_t created = 0, updated = 0;
    /// Which attempt at the job this is, and how many the terms allow.
    std::uint32_t attempt = 1, attempts_max = 1;
    /// Another attempt may be asked for: its receipt waits.
    bool again = false;
};

class Provider {
public:
    /// Checks the options (`invalid_argument`, with everything that is wrong in one message), locks the state in
    /// `exec_dirpath` for this process, and calls `start` unless `defer_start` is set. Fails with `conflict` when
    /// another provider works on that state; a failure leaves the state as it was. `refused`: the signer does not act
    /// for the organisation.
    static Result<Provider> open(AssetRegistry registry, ProviderOptions options);
    /// Opens the durable state (one of an older version is copied beside and brought up to date, one
    /// of a newer version is `unsupported`) and starts the workers. Runs that were under way when the
    /// last process ended are failed as interrupted. Does nothing when it was called before.
    Result<Unit> start();

    /// Answers one request on the caller's thread; never throws. Bodies beyond the bound are refused, not
    /// read. A request that waits for a run to change (`GET /v1/jobs/N?wait=SECONDS`) keeps the caller as long.
    HttpResponse handle(const HttpRequest& request);
    /// Takes the answer of one request. Called once, from any thread; must not throw and not block.
    using Answered = std::function<void(HttpResponse)>;
    /// The same for servers with event loops: returns at once and calls `done` when there is an answer, at the
    /// latest after 90 s, or when the provider ends. What needs no signature (`/healthz`, unknown routes) is answered
    /// before this returns. Signatures are checked, then the ledger asked, then documents read, by threads of the
    /// provider, in turn between `HttpRequest::client` addresses and between signers; what finds no room is
    /// answered 429 `busy`.
    void answer(HttpRequest request, Answered done);
    /// The bound that a server in front should apply to bodies.
    static constexpr std::size_t kBodyBytesMax = kRequestBytesMax;

    /// Takes over, of `options`, what may change while it runs: `accepted_parties`, `accepted_composers`, `queue_max`,
    /// `queue_share`, `queue_weights`, `waiting`, `attempt_wait`, `disk_bytes_min` and `limits`, for requests and runs
    /// from now on; what else differs is left as it is. Fails with `invalid_argument` and everything that is wrong with
    /// the options as a whole, and changes nothing then.
    Result<Unit> reconfigure(const ProviderOptions& options);

    /// The organisation's address: the audience of requests, in whose name answers and receipts are signed.
    Address address() const noexcept;

    /// The owner's own view: the newest runs, at most 200.
    Result<std::vector<ProviderRun>> runs() const;
    /// The runs of one job, one a party of ours. Fails with `not_found`.
    Result<std::vector<ProviderRun>> runs_of(std::uint64_t job_id) const;
    /// Cancels what has not ended of a job, and waits for no other attempt at the rest. Fails with `not_found`, or with
    /// `conflict` when all of it has ended.
    Result<Unit> cancel(std::uint64_t job_id);
    /// Requests for grants that only the owner may give (`grant_needs_owner`), at most 256, oldest first. They are
    /// answered by granting: `AssetRegistry::grant` with the owner's key.
    Result<std::vector<WaitingGrant>> waiting_grants() const;
    /// Closes a token of ours at this provider: no grants, no new jobs, and runs under way end as `revoked`. It stays
    /// so over restarts until it is opened. Fails with `refused` when the token is not ours.
    Result<Unit> close_token(const TokenId& dt);
    Result<Unit> open_token(const TokenId& dt);
    /// Waits until no run is queued or running; while held, until none has begun.
    void drain();
    /// Held: no run is taken from the queue, until it is released or the provider starts anew; what has begun goes on.
    void hold(bool held);

    Provider(Provider&&) noexcept;
    Provider& operator=(Provider&&) noexcept;
    /// Cancels what runs, and waits for it.
    ~Provider();

private:
    struct Impl;
    struct Opened;
    explicit Provider(std::unique_ptr<Opened> opened);
    std::unique_ptr<Opened> opened_;
};

}  // namespace c2d
