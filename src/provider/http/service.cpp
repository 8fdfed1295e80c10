#include "provider/http/service.hpp"

#include "base/call_scope.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "job/answer.hpp"
#include "job/envelope.hpp"
#include "provider/http/info.hpp"
#include "provider/state/answers.hpp"

#include <future>

namespace c2d::provider {

namespace {

using SteadyClock = std::chrono::steady_clock;

/// From the whole request to its answer, save what it wants to wait itself.
constexpr std::chrono::seconds kRequestSecondsMax{30};

/// One request a connection: a server's bound on connections is the bound on what waits here.
constexpr FairPoolBounds kSignatures{2, 4096, 1024, 2};
/// Most of their time they wait for a ledger, a disk or a document store.
constexpr FairPoolBounds kNewcomers{4, 256, 128, 2};
constexpr FairPoolBounds kConcerned{16, 512, 128, 4};
/// As many as may wait for a run, so that none of them is dropped when it changes.
constexpr FairPoolBounds kWaiters{2, LongPolls::kMax, LongPolls::kPerSignerMax, 2};
/// Half of the threads may be held by documents that do not come, whoever asks; the others never for long.
constexpr LongReads::Bounds kLongReads{kConcerned.threads / 2, 2, std::chrono::seconds(1)};

/// Who is served in turn with others.
std::string party_of(const Call& call) {
    return call.envelope->legacy ? call.request.client : hex_text(call.envelope->signer);
}

}  // namespace

Call::~Call() {
    if (done) done(refusal(Reason::busy, "none"));
}

Service::Service(const JobVerifier& verifier, const ProviderOptions& options, const Tuning& tuning,
                 std::shared_ptr<JobStore> store, std::shared_ptr<OwnerStore> owner, Runner& runner)
    : verifier_(verifier),
      options_(options),
      tuning_(tuning),
      store_(std::move(store)),
      owner_(std::move(owner)),
      runner_(runner),
      info_(success(build_info(verifier.registry().chain().network().edition))),
      edition_(verifier.registry().chain().network().edition),
      log_(options.logger),
      polls_([this] { log_.write_summary_if_due(); }),
      long_reads_(kLongReads),
      signatures_(kSignatures),
      newcomers_(kNewcomers),
      concerned_(kConcerned),
      waiters_(kWaiters),
      key_watch_(verifier_.registry().chain(), options_),
      ledger_watch_(kLedgerLook, [this] { look_at_ledger(); }) {
    store_->on_run_change([this] { polls_.changed(); });
}

Service::~Service() {
    store_->on_run_change({});
    ending_.cancel();
    signatures_.stop();
    newcomers_.stop();
    concerned_.stop();
    waiters_.stop();
    polls_.stop();
}

// On its way --------------------------------------------------------------------------------------

void Service::answer(HttpRequest request, Provider::Answered done) {
    const auto call = std::make_shared<Call>(std::move(request), std::move(done));
    call->deadline = SteadyClock::now() + kRequestSecondsMax;
    if (!call->match.route || !call->match.route->signed_as) return finish(*call, run_handler(*call));
    if (!signatures_.submit(call->request.client, [this, call] { open_and_queue(call); }))
        finish(*call, refused(Reason::busy, "requests", "room", "none"));
}

HttpResponse Service::handle(const HttpRequest& request) {
    // Shared: whoever gives the answer may still be at it when it is taken.
    const auto answer = std::make_shared<std::promise<HttpResponse>>();
    const auto call =
        std::make_shared<Call>(request, [answer](HttpResponse response) { answer->set_value(std::move(response)); });
    call->deadline = CallScope::kNever;
    auto future = answer->get_future();
    const bool is_open = !call->match.route || !call->match.route->signed_as;
    if (const auto opened = is_open ? Result<Unit>(Unit{}) : open(*call); !opened)
        finish(*call, opened.error());
    else
        finish_or_wait(call, run_handler(*call));
    return future.get();
}

Result<Unit> Service::open(Call& call) const {
    const Method method = *call.match.route->signed_as;
    const bool by_header = call.request.method == "GET";
    const job::EnvelopeContext context{verifier_.registry().chain().network(), self(), now(),
                                       options_.accept_legacy_signatures && !by_header};
    Envelope envelope;
    C2D_CHECK(require(by_header ? job::open_authorization(context, method, call.request.authorization, envelope)
                                : job::open_body(context, method, call.request.body, envelope)));
    call.envelope = std::move(envelope);
    return Unit{};
}

void Service::open_and_queue(const Shared& call) {
    try {
        if (const auto opened = open(*call); !opened) return finish(*call, opened.error());
    } catch (const std::exception& error) {
        return finish(*call, fail(Status::INTERNAL, "{}", error.what()));
    }
    const auto& signer = call->envelope->signer;
    if (!call->envelope->legacy && (signer == options_.signer->address() || recent_.contains(signer)))
        return queue_for_signer(call);
    if (!newcomers_.submit(call->request.client, [this, call] { check_concern_and_queue(call); }))
        finish(*call, refused(Reason::busy, "requests", "room", "none"));
}

void Service::check_concern_and_queue(const Shared& call) {
    if (SteadyClock::now() >= call->deadline)
        return finish(*call, refused(Reason::busy, "requests", "a turn in time", "none"));
    const CallScope scope(call->deadline, &ending_);
    if (!call->match.route->asks_ledger) return finish_or_wait(call, run_handler(*call));
    if (const auto checked = check_concern(*call); !checked) return finish(*call, checked.error());
    queue_for_signer(call);
}

void Service::queue_for_signer(const Shared& call) {
    const auto& envelope = *call->envelope;
    auto party = party_of(*call);
    // Grants wait for the ledger to write, which other requests of the signer need not.
    if (envelope.request.method == Method::grantPermission) party += " grants";
    if (!concerned_.submit(party, [this, call] { serve(call); }))
        finish(*call, refused(Reason::busy, "requests", "room", "none"));
}

void Service::serve(const Shared& call) {
    if (SteadyClock::now() >= call->deadline)
        return finish(*call, refused(Reason::busy, "requests", "a turn in time", "none"));
    const CallScope scope(call->deadline, &ending_);
    finish_or_wait(call, run_handler_in_document_time(*call));
}

Result<HttpResponse> Service::run_handler_in_document_time(Call& call) {
    DocumentTime time(long_reads_, party_of(call));
    auto answered = run_handler(call);
    if (answered || !time.ran_out() || reason_of(answered.error()) != Reason::document_unavailable) return answered;
    return refused(Reason::busy, "documents", "one that comes within a second while others are waited for for long",
                   answered.error().message);
}

Result<Unit> Service::check_concern(Call& call) {
    if (call.checked || !call.envelope) return Unit{};
    try {
        const Envelope& envelope = *call.envelope;
        if (!envelope.legacy) {
            C2D_TRY(const bool seen, store_->seen(envelope.signer, envelope.request.nonce));
            if (seen) return refused(Reason::replayed, "nonce", "a fresh nonce", hex_text(envelope.request.nonce));
        }
        if (call.match.route->asks_ledger) {
            C2D_CHECK(require(verifier_.check_requester(envelope)));
            note_concern(call);
        }
        call.checked = true;
        return Unit{};
    } catch (const std::exception& error) {
        return fail(Status::INTERNAL, "{}", error.what());
    }
}

Result<HttpResponse> Service::run_handler(Call& call) {
    const Route* route = call.match.route;
    if (!route) return refused(Reason::not_found, "route", "a route of this provider", "another");
    C2D_CHECK(check_concern(call));
    try {
        return (this->*route->handler)(call);
    } catch (const std::exception& error) {
        return fail(Status::INTERNAL, "{}", error.what());
    }
}

void Service::finish_or_wait(const Shared& call, Result<HttpResponse> answered) {
    if (!answered || !call->wait) return finish(*call, std::move(answered));
    const auto look = [this, call](bool last) {
        const auto run = store_->run(call->match.job_id, call->wait->party);
        if (!last && run && *run && (*run)->state == call->wait->seen) return false;
        if (!waiters_.submit(party_of(*call), [this, call] { answer_waiting(call); }))
            finish(*call, refused(Reason::busy, "requests", "room", "none"));
        return true;
    };
    // Too many wait: told how it stands.
    if (!polls_.add({call->envelope->signer, *call->asker}, call->wait->until, look))
        finish(*call, std::move(answered));
}

void Service::answer_waiting(const Shared& call) {
    const CallScope scope(SteadyClock::now() + kRequestSecondsMax, &ending_);
    try {
        finish(*call, waited_for(*call));
    } catch (const std::exception& error) {
        finish(*call, fail(Status::INTERNAL, "{}", error.what()));
    }
}

Result<HttpResponse> Service::waited_for(const Call& call) const {
    // The key may have been revoked since it asked.
    C2D_TRY(const auto by, verifier_.registry().chain().principal(call.envelope->signer, KeyUse::work));
    if (by != *call.asker)
        return refused(Reason::not_permitted, "signature", "a key that acts for " + address_text(*call.asker),
                       address_text(call.envelope->signer));
    C2D_TRY(const auto run, store_->run(call.match.job_id, call.wait->party));
    // The number may have become another job's meanwhile.
    if (!run || run->algo_dt != call.wait->algo_dt) return refused(Reason::not_found, "run", "a run", "none");
    return success(run_status(*run, by == self()));
}

// What changes on the ledger ----------------------------------------------------------------------

void Service::look_at_ledger() {
    refresh_info();
    end_polls_of_former_keys();
    key_watch_.look();
}

void Service::refresh_info() {
    // The original contracts and the last edition stay what they are.
    if (edition_ == 0 || edition_ >= kEditionLast) return;
    const auto now = verifier_.registry().chain().edition();
    if (!now || *now == edition_) return;
    edition_ = *now;
    const std::lock_guard lock(info_mutex_);
    info_ = success(build_info(edition_));
}

/// What cannot be read now is asked again, at the latest when it is answered.
void Service::end_polls_of_former_keys() {
    for (const auto& asker : polls_.askers()) {
        const auto by = verifier_.registry().chain().principal(asker.first, KeyUse::work);
        if (by && *by != asker.second) polls_.end(asker);
    }
}

// Answers -----------------------------------------------------------------------------------------

void Service::finish(Call& call, Result<HttpResponse> answered) {
    auto done = std::exchange(call.done, {});
    auto response = reply(call, std::move(answered));
    if (done) done(std::move(response));
}

HttpResponse Service::reply(const Call& call, Result<HttpResponse> answered) {
    HttpResponse response = answered ? *std::move(answered) : refuse(call, answered.error());
    const auto signed_now = sign(call, response);
    return signed_now ? response : refuse(call, signed_now.error());
}

/// Requests in the original's form have no digest, and those who send them know of no signed answers.
Result<Unit> Service::sign(const Call& call, HttpResponse& response) const {
    if (!call.envelope || call.envelope->digest.is_zero()) return Unit{};
    C2D_TRY(auto field, job::sign_answer(call.envelope->digest, response.status, response.body,
                                         verifier_.registry().chain().network(), *options_.signer));
    response.headers.emplace_back(job::kAnswerHeader, std::move(field));
    return Unit{};
}

std::string Service::request_id() const {
    std::array<std::uint8_t, 8> id{};
    return options_.random->fill(id) ? hex_text(id).substr(2) : "unknown";
}

HttpResponse Service::refuse(const Call& call, const Error& error) {
    const auto id = request_id();
    if (!call.match.route) return refusal(Reason::not_found, id);
    const Reason reason = reason_of(error);
    const bool expected = is_refusal(error);
    if (!call.envelope || (reason == Reason::busy && !call.checked))
        log_.count(reason);
    else
        log_.line(
            call.concerned ? Requester::concerned : Requester::unknown, expected ? LogLevel::warn : LogLevel::error,
            fmt::format("{} {} {}: {}", call.match.route->path, expected ? "refused" : "failed", id, error.message));
    return refusal(reason, id, reason == Reason::ledger_ahead ? error.code : 0);
}

// Who may ask -------------------------------------------------------------------------------------

void Service::note_concern(Call& call) {
    call.concerned = true;
    if (!call.envelope->legacy) recent_.add(call.envelope->signer);
}

Result<Unit> Service::burn_nonce(const Call& call, Result<Verdict> verdict) {
    const Envelope& envelope = *call.envelope;
    if (!verdict || envelope.legacy) return require(std::move(verdict));
    C2D_TRY(const bool fresh,
            store_->remember(envelope.signer, envelope.request.nonce, envelope.request.expiry, now()));
    if (fresh) return require(std::move(verdict));
    return refused(Reason::replayed, "nonce", "a fresh nonce", hex_text(envelope.request.nonce));
}

}  // namespace c2d::provider
