// What each route does once the signature of its request holds.

#include "base/fail.hpp"
#include "base/fail_point.hpp"
#include "base/try.hpp"
#include "base/verdict_try.hpp"
#include "provider/http/service.hpp"
#include "provider/inputs/data_paths.hpp"
#include "provider/inputs/label_budget.hpp"
#include "provider/inputs/model_limits.hpp"
#include "provider/outputs/release.hpp"
#include "provider/outputs/results.hpp"
#include "provider/peers/peer_policy.hpp"
#include "provider/peers/peer_runtime.hpp"
#include "provider/state/answers.hpp"

#include <algorithm>
#include <charconv>

namespace c2d::provider {

using json::Value;

namespace {

constexpr unsigned kWaitSecondsMax = 60;

/// Runs of one solver that may wait.
std::size_t queue_share(const Tuned& options) {
    return options.queue_share != 0 ? options.queue_share : std::max<std::size_t>(1, options.queue_max / 4);
}

/// How long a request wants to wait for a change; 0 when it does not say.
Result<unsigned> wait_seconds(std::string_view target) {
    const auto text = query_value(target, "wait");
    if (!text) return 0u;
    unsigned seconds = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
    if (error != std::errc() || end != text->data() + text->size() || seconds > kWaitSecondsMax)
        return refused(Reason::malformed, "wait", fmt::format("0 to {} seconds", kWaitSecondsMax), *text);
    return seconds;
}

}  // namespace

JobStore::QueueLimits Service::queue_limits() const {
    const auto tuned = tuning_.now();
    return {tuned.queue_max, queue_share(tuned)};
}

Result<HttpResponse> Service::health(Call&) { return success(Value::object({{"status", "ok"}})); }

Result<HttpResponse> Service::info(Call&) {
    const std::lock_guard lock(info_mutex_);
    return info_;
}

/// What the owner closed here is closed whatever the ledger says.
Result<Verdict> Service::verify_open_job(const Envelope& envelope, JobTerms& terms) const {
    C2D_ACCEPT(check_open(*owner_, envelope.request.dt));
    return verifier_.verify_job(envelope, &terms);
}

/// What our operators are shown; what the others show theirs is heard when the parties connect.
Result<Verdict> Service::check_own_runtime(const JobTerms& terms) const {
    if (terms.accepted_runtimes.empty()) return Verdict::accept();
    C2D_TRY(const auto shown, runner_.runtime());
    return check_runtime(terms, terms.party, shown);
}

Result<Unit> Service::require_admitted(JobStore::Admitted admitted, const Call& call, const JobTerms& terms) const {
    const auto limits = queue_limits();
    switch (admitted) {
        case JobStore::Admitted::added:
        case JobStore::Admitted::known: return Unit{};
        case JobStore::Admitted::replayed:
            return refused(Reason::replayed, "nonce", "a fresh nonce", hex_text(call.envelope->request.nonce));
        case JobStore::Admitted::queue_full:
            return refused(Reason::busy, "queue", fmt::format("at most {} runs", limits.all), "more");
        case JobStore::Admitted::share_full:
            return refused(Reason::busy, "queue", fmt::format("at most {} runs of one solver", limits.of_one), "more");
        case JobStore::Admitted::ended: break;
    }
    return refused(
        Reason::state_conflict, fmt::format("job {} attempt {}", terms.job_id, terms.attempt),
        "a run that waits for this data set, or one that ended so that it may be tried again and whose receipt "
        "is not due",
        "another");
}

Result<HttpResponse> Service::on_premise_compute(Call& call) {
    const Envelope& envelope = *call.envelope;
    JobTerms terms;
    C2D_TRY(const auto verdict, verify_open_job(envelope, terms));
    auto allowed = verdict.accepted() ? check_endpoints(options_.peers, terms) : verdict;
    if (allowed.accepted()) allowed = check_protocols(terms, self(), envelope.protocols);
    if (allowed.accepted()) {
        C2D_TRY(allowed, check_own_runtime(terms));
    }
    if (allowed.accepted()) {
        C2D_TRY(allowed, check_models(*owner_, terms));
    }
    if (allowed.accepted()) {
        C2D_TRY(allowed, check_label_counts(*owner_, verifier_.registry().chain(), terms));
    }
    if (allowed.accepted()) {
        C2D_TRY(allowed, check_data(options_, *store_, terms));
    }
    if (allowed.refused()) C2D_CHECK(burn_nonce(call, allowed));
    C2D_TRY(const auto others, store_->forget_other_job(terms));
    if (others > 0)
        options_.logger->log(LogLevel::warn, fmt::format("job {} is another one now than it was: {} runs of the other "
                                                         "one were forgotten, their folders stay",
                                                         terms.job_id, others));
    C2D_TRY(const auto admitted, store_->admit(envelope, terms, now(), queue_limits()));
    fail_point("job_admitted");
    C2D_CHECK(require_admitted(admitted, call, terms));
    runner_.wake();
    C2D_TRY(const auto run, store_->run(terms.job_id, terms.party));
    Value body = run ? run_status(*run) : Value();
    body.set("dt", token_text(envelope.request.dt));
    body.set("result", "Success");
    return success(body);
}

Result<Unit> Service::check_registrable(const Envelope& envelope, std::filesystem::path& path) {
    const auto dt = envelope.request.dt;
    C2D_CHECK(require_our_token(dt));
    const auto allowed = registrable_path(options_, envelope.store_path);
    if (!allowed)
        return refused(Reason::path_not_allowed, "store_path", "a file within assets_path", envelope.store_path);
    if (options_.sources.contains(dt))
        return refused(Reason::path_not_allowed, "store_path", "no path: assets_path names a source",
                       envelope.store_path);
    std::error_code error;
    const auto configured = options_.assets.find(dt);
    if (configured != options_.assets.end() &&
        !std::filesystem::equivalent(configured->second, envelope.store_path, error))
        return refused(Reason::path_not_allowed, "store_path", "the path that assets_path configures",
                       envelope.store_path);
    path = *allowed;
    return Unit{};
}

Result<HttpResponse> Service::insert_dt_store(Call& call) {
    const Envelope& envelope = *call.envelope;
    C2D_CHECK(require_owner(call, KeyUse::work));
    std::filesystem::path path;
    C2D_CHECK(check_registrable(envelope, path));
    C2D_CHECK(store_->set_path(envelope.request.dt, path.string()));
    return success(Value::object(
        {{"dt", token_text(envelope.request.dt)}, {"store_path", envelope.store_path}, {"result", "Success"}}));
}

Result<HttpResponse> Service::verify(Call& call) {
    const Envelope& envelope = *call.envelope;
    JobTerms terms;
    C2D_CHECK(burn_nonce(call, verify_open_job(envelope, terms)));
    C2D_CHECK(require(check_endpoints(options_.peers, terms)));
    C2D_CHECK(require(check_protocols(terms, self(), envelope.protocols)));
    C2D_CHECK(require(check_own_runtime(terms)));
    C2D_CHECK(require(check_models(*owner_, terms)));
    C2D_CHECK(require(check_label_counts(*owner_, verifier_.registry().chain(), terms)));
    C2D_CHECK(require(check_data(options_, *store_, terms)));
    C2D_TRY(const auto place, store_->would_admit(envelope.request.dt, terms, now(), queue_limits()));
    C2D_CHECK(require_admitted(place, call, terms));
    return success(Value::object({{"verdict", "accepted"},
                                  {"job_id", terms.job_id},
                                  {"dt", token_text(envelope.request.dt)},
                                  {"party", terms.party}}));
}

Result<HttpResponse> Service::list(Call& call) {
    C2D_TRY(const auto by, asker(call));
    const bool owner = by == self();
    C2D_TRY(const auto runs, store_->runs_of(owner ? std::nullopt : std::optional(by), kRunsListedMax));
    if (owner || !runs.empty()) {
        note_concern(call);
        C2D_CHECK(burn_nonce(call, Verdict::accept()));
    }
    json::Array jobs;
    for (const auto& run : runs) jobs.push_back(run_status(run, owner));
    return success(Value::object({{"jobs", std::move(jobs)}}));
}

Result<Address> Service::asker(Call& call) const {
    if (!call.asker) {
        C2D_TRY(call.asker, verifier_.registry().chain().principal(call.envelope->signer, KeyUse::work));
    }
    return *call.asker;
}

Result<JobRun> Service::find_run(Call& call) {
    const Envelope& envelope = *call.envelope;
    const auto job_id = call.match.job_id;
    const std::string path = fmt::format("job {}", job_id);
    if (envelope.request.job_id != job_id)
        return refused(Reason::malformed, "jobId", path, fmt::format("{}", envelope.request.job_id));
    C2D_TRY(auto run, store_->run_of(job_id, envelope.request.dt));
    if (!run) return refused(Reason::not_found, path, "an admitted job", "none");
    C2D_TRY(const auto by, asker(call));
    if (by != run->solver && by != self())
        return refused(Reason::not_permitted, path, address_text(run->solver), address_text(envelope.signer));
    note_concern(call);
    C2D_CHECK(burn_nonce(call, Verdict::accept()));
    return *std::move(run);
}

Result<HttpResponse> Service::status(Call& call) {
    C2D_TRY(const auto seconds, wait_seconds(call.request.target));
    C2D_TRY(const auto run, find_run(call));
    const auto known = query_value(call.request.target, "state");
    const bool changed = known && *known != run_state_name(run.state);
    if (seconds > 0 && !changed && !is_final(run.state))
        call.wait = {std::chrono::steady_clock::now() + std::chrono::seconds(seconds), run.party, run.algo_dt,
                     run.state};
    return success(run_status(run, call.asker == self()));
}

Result<HttpResponse> Service::log(Call& call) {
    C2D_TRY(const auto run, find_run(call));
    C2D_TRY(const auto body, released_log(run, call.asker == self()));
    return success(body);
}

Result<HttpResponse> Service::result(Call& call) {
    C2D_TRY(const auto run, find_run(call));
    C2D_TRY(const auto body, result_manifest(run, options_.release_bytes_max));
    return success(body);
}

Result<HttpResponse> Service::result_bytes(Call& call) {
    C2D_TRY(const auto run, find_run(call));
    return result_piece(run, options_.release_bytes_max, call.match.name, call.request.range);
}

Result<HttpResponse> Service::cancel(Call& call) {
    C2D_TRY(const auto run, find_run(call));
    C2D_TRY(const bool cancelled, runner_.cancel(run.job_id, run.party));
    if (!cancelled)
        return refused(Reason::state_conflict, fmt::format("job {}", run.job_id), "a job that has not ended",
                       run_state_name(run.state));
    return success(Value::object({{"job_id", run.job_id}, {"result", "Success"}}));
}

}  // namespace c2d::provider
