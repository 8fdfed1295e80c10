/// Answers the requests of a provider: finds the route, checks the signature, lets the handler decide.
///
/// A request passes three gates, each cheaper than the next: its signature, without ledger or store; whether
/// the ledger knows its signer to be concerned; documents. Threads of different pools stand behind the
/// first and behind the others, so that whoever holds no key, or a made-up one, keeps nobody waiting who does.
///
/// Every answer passes through one place, `Service::reply`, with the envelope of the request if its
/// signature held.
#pragma once

#include "provider/http/document_time.hpp"
#include "provider/http/fair_pool.hpp"
#include "provider/http/key_watch.hpp"
#include "provider/http/long_polls.hpp"
#include "provider/http/periodic_task.hpp"
#include "provider/http/recent_signers.hpp"
#include "provider/http/request_log.hpp"
#include "provider/http/routes.hpp"
#include "provider/runs/runner.hpp"
#include "provider/state/job_store.hpp"
#include "provider/state/owner_store.hpp"

#include <c2d/provider.hpp>

#include <chrono>
#include <mutex>
#include <optional>
#include <string>

namespace c2d::provider {

/// A request that waits for its run to leave a state.
struct RunWait {
    std::chrono::steady_clock::time_point until;
    unsigned party = 0;
    TokenId algo_dt;
    RunState seen = RunState::waiting;
};

/// A request on its way to its answer.
struct Call {
    Call(HttpRequest asked, Provider::Answered answered)
        : request(std::move(asked)), match(find_route(request.method, request.target)), done(std::move(answered)) {}
    /// Work that was dropped is answered, too.
    ~Call();
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    HttpRequest request;
    RouteMatch match;
    /// Empty once it was called.
    Provider::Answered done;
    std::chrono::steady_clock::time_point deadline;
    /// There once the signature holds, whatever is said of the request then.
    std::optional<Envelope> envelope;
    /// The ledger, or our own state, says that the signer has a part in what is asked about.
    bool concerned = false;
    /// Through the second gate.
    bool checked = false;
    /// Set by a handler whose answer is not due yet.
    std::optional<RunWait> wait;
    /// In whose name it is asked (`Service::asker`), once the ledger was asked.
    std::optional<Address> asker;
};

/// How often the ledger is asked what changed there for those who wait.
inline constexpr std::chrono::seconds kLedgerLook{2};

/// Thread-safe.
class Service {
public:
    Service(const JobVerifier& verifier, const ProviderOptions& options, const Tuning& tuning,
            std::shared_ptr<JobStore> store, std::shared_ptr<OwnerStore> owner, Runner& runner);
    /// Answers what waits, ends what is under way.
    ~Service();

    /// Answers one request on the caller's thread; never throws.
    HttpResponse handle(const HttpRequest& request);
    /// See `Provider::answer`.
    void answer(HttpRequest request, Provider::Answered done);

    // The handlers of the routes. A refusal is an error that carries the name of its reason.
    Result<HttpResponse> health(Call& call);
    Result<HttpResponse> info(Call& call);
    Result<HttpResponse> grant_permission(Call& call);
    Result<HttpResponse> on_premise_compute(Call& call);
    Result<HttpResponse> insert_dt_store(Call& call);
    Result<HttpResponse> verify(Call& call);
    Result<HttpResponse> list(Call& call);
    Result<HttpResponse> status(Call& call);
    Result<HttpResponse> log(Call& call);
    Result<HttpResponse> result(Call& call);
    Result<HttpResponse> result_bytes(Call& call);
    Result<HttpResponse> cancel(Call& call);
    Result<HttpResponse> waiting_grants(Call& call);
    Result<HttpResponse> artifacts(Call& call);
    Result<HttpResponse> close_token(Call& call);
    Result<HttpResponse> renew_grant(Call& call);
    Result<HttpResponse> open_token(Call& call);
    Result<HttpResponse> queue(Call& call);
    Result<HttpResponse> hold_queue(Call& call);
    Result<HttpResponse> release_queue(Call& call);

    /// Requests for grants that wait for the owner's word; those that were answered on the ledger are forgotten.
    Result<std::vector<WaitingGrant>> waiting();
    /// Of a token of ours, for this provider alone.
    Result<Unit> set_closed(const TokenId& dt, bool closed);

private:
    using Shared = std::shared_ptr<Call>;

    /// The first gate: the signature alone.
    Result<Unit> open(Call& call) const;
    void open_and_queue(const Shared& call);
    /// The second gate: a nonce not seen, and the ledger where the route says so.
    Result<Unit> check_concern(Call& call);
    void check_concern_and_queue(const Shared& call);
    /// The third: whatever the handler does, documents among it.
    Result<HttpResponse> run_handler(Call& call);
    void serve(const Shared& call);
    /// `run_handler`, with a share of the time that documents may take.
    Result<HttpResponse> run_handler_in_document_time(Call& call);
    void queue_for_signer(const Shared& call);
    /// Answers now, or when the run that is waited for has changed.
    void finish_or_wait(const Shared& call, Result<HttpResponse> answered);
    /// What is waited for as it is now, to whoever may still see it.
    Result<HttpResponse> waited_for(const Call& call) const;
    void answer_waiting(const Shared& call);
    /// What may change on the ledger while nobody asks: its edition, and whether keys that wait still act for whom they
    /// did.
    void look_at_ledger();
    void refresh_info();
    void end_polls_of_former_keys();
    void finish(Call& call, Result<HttpResponse> answered);
    /// Where every answer passes.
    HttpResponse reply(const Call& call, Result<HttpResponse> answered);
    /// Signs the answer to a request whose signature held (job/answer.hpp).
    Result<Unit> sign(const Call& call, HttpResponse& response) const;
    /// Tells the owner's log; the reason alone is the answer.
    HttpResponse refuse(const Call& call, const Error& error);

    void note_concern(Call& call);
    /// Burns the nonce of a concerned signer's request that is answered without an admission, whatever the
    /// answer; then gives the verdict.
    Result<Unit> burn_nonce(const Call& call, Result<Verdict> verdict);
    Result<Unit> require_admitted(JobStore::Admitted admitted, const Call& call, const JobTerms& terms) const;
    /// The run of the job in the path that the named data set takes part in; for its solver and for the
    /// owner.
    Result<JobRun> find_run(Call& call);
    /// Grants within what the terms let a provider give by itself; one request at a time, since what one is given
    /// counts for the next.
    Result<Unit> grant_in_turn(const Request& asked);
    /// Our key may say yes in the organisation's name.
    Result<Unit> require_grant_key(const Request& asked) const;
    /// The organisation that the signer speaks for; zero where it speaks for none. A registered address whose owner key
    /// is another by now does not even speak for itself.
    Result<Address> asker(Call& call) const;
    /// The request is our owner's own, by a key for that use.
    Result<Unit> require_owner(Call& call, KeyUse use);
    Result<Unit> require_our_token(const TokenId& dt) const;
    Result<Verdict> verify_open_job(const Envelope& envelope, JobTerms& terms) const;
    Result<Verdict> check_own_runtime(const JobTerms& terms) const;
    Result<HttpResponse> answer_closed(Call& call, bool closed);
    Result<HttpResponse> answer_held(Call& call, bool held);
    Result<HttpResponse> answer_queue();
    JobStore::QueueLimits queue_limits() const;
    Result<Unit> check_registrable(const Envelope& envelope, std::filesystem::path& path);

    const Address& self() const { return options_.organisation; }
    std::uint64_t now() const { return options_.clock->now_seconds(); }
    std::string request_id() const;

    const JobVerifier& verifier_;
    const ProviderOptions& options_;
    const Tuning& tuning_;
    const std::shared_ptr<JobStore> store_;
    const std::shared_ptr<OwnerStore> owner_;
    Runner& runner_;
    std::mutex granting_;
    /// What `GET /v1/info` says: made before anybody asks, so that whoever does costs no more than a copy.
    mutable std::mutex info_mutex_;
    HttpResponse info_;
    std::uint64_t edition_;
    CancelToken ending_;
    RequestLog log_;
    RecentSigners recent_;
    LongPolls polls_;
    LongReads long_reads_;
    /// Signatures, and the second gate for signers whom nothing is known of, in turn between addresses; then
    /// requests of those who are concerned, in turn between signers.
    FairPool signatures_, newcomers_, concerned_;
    /// Answers to requests that waited.
    FairPool waiters_;
    KeyWatch key_watch_;
    PeriodicTask ledger_watch_;
};

}  // namespace c2d::provider
