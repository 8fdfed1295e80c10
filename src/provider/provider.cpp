#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/try.hpp"
#include "codec/base64url.hpp"
#include "provider/answers.hpp"
#include "provider/data_paths.hpp"
#include "provider/job_folder.hpp"
#include "provider/peer_policy.hpp"
#include "provider/runner.hpp"

#include <c2d/provider.hpp>

#include <charconv>

namespace c2d {

using json::Value;
using provider::Run;
using provider::RunState;

namespace {

/// What a solver gets of one job's outputs and log.
constexpr std::size_t kReleaseBytesMax = std::size_t(1) << 20;
constexpr std::size_t kLogTailBytes = 8192;
constexpr std::size_t kListMax = 200;
constexpr std::size_t kLogFileBytesMax = std::size_t(64) << 20;

Error too_large(const Run& run) {
    Error error = fail(Status::LIMIT, "the outputs of job {} pass {} bytes", run.job_id, kReleaseBytesMax);
    error.name = reason_name(Reason::result_too_large);
    return error;
}

/// Said to whoever has no part in what was asked about. Their nonces are not kept: anybody could
/// fill the store with made-up signers.
bool is_stranger(Reason reason) {
    switch (reason) {
        case Reason::wrong_signer:
        case Reason::wrong_audience:
        case Reason::signature_invalid:
        case Reason::job_wrong_solver:
        case Reason::job_unknown:
        case Reason::dt_unknown:
        case Reason::dt_not_ours:
        case Reason::cdt_unknown:
        case Reason::not_found:
        case Reason::not_permitted:
            return true;
        default:
            return false;
    }
}

}  // namespace

struct Provider::Impl {
    Impl(JobVerifier v, ProviderOptions o, std::shared_ptr<provider::JobStore> s, Sandbox sandbox)
        : verifier(std::move(v)),
          options(std::move(o)),
          store(std::move(s)),
          runner(verifier, options, std::move(sandbox), store) {}

    JobVerifier verifier;
    ProviderOptions options;
    std::shared_ptr<provider::JobStore> store;
    provider::Runner runner;

    std::uint64_t now() const { return options.clock->now_seconds(); }
    std::string request_id() const;
    HttpResponse refuse(const Verdict& verdict, std::string_view route);
    HttpResponse failed(const Error& error, std::string_view route);
    HttpResponse answer(Result<Verdict> verdict, std::string_view route, const Value& body);
    /// Burns the nonce of a request that is answered without an admission, whatever the answer;
    /// then gives the verdict.
    Result<Verdict> settle(const Envelope& envelope, Result<Verdict> verdict);

    HttpResponse route(const HttpRequest& request);
    HttpResponse route_job(const HttpRequest& request, std::string_view rest);
    HttpResponse grant_permission(const HttpRequest& request);
    HttpResponse on_premise_compute(const HttpRequest& request);
    HttpResponse insert_dt_store(const HttpRequest& request);
    HttpResponse verify(const HttpRequest& request);
    HttpResponse list(const HttpRequest& request);
    HttpResponse read_run(const HttpRequest& request, std::uint64_t job_id, Method method);
    HttpResponse cancel(const HttpRequest& request, std::uint64_t job_id);
    Result<Verdict> find_run(const Envelope& envelope, std::uint64_t job_id, Run& out);
    Result<Value> read_log(const Run& run, bool owner);
    Result<Value> read_result(const Run& run);
};

// Answers -----------------------------------------------------------------------------------------

std::string Provider::Impl::request_id() const {
    std::array<std::uint8_t, 8> id{};
    return options.random->fill(id) ? hex_text(id).substr(2) : "unknown";
}

/// The reason goes to the requester, the rest to the owner's log.
HttpResponse Provider::Impl::refuse(const Verdict& verdict, std::string_view at) {
    const auto id = request_id();
    options.logger->log(LogLevel::warn,
                        fmt::format("{} refused {}: {} at {}: expected {}, found {}", at, id,
                                    reason_name(verdict.reason), verdict.path, verdict.expected,
                                    verdict.actual));
    return provider::refusal(verdict.reason, id);
}

HttpResponse Provider::Impl::failed(const Error& error, std::string_view at) {
    const auto id = request_id();
    options.logger->log(LogLevel::error, fmt::format("{} failed {}: {}", at, id, error.message));
    const bool ledger = error.status == Status::UNAVAILABLE || error.status == Status::TIMEOUT;
    const auto named = parse_reason(error.name);
    const auto reason = named                          ? *named
                        : error.status == Status::LIMIT ? Reason::busy
                        : ledger                        ? Reason::ledger_unavailable
                                                        : Reason::internal;
    return provider::refusal(reason, id);
}

HttpResponse Provider::Impl::answer(Result<Verdict> verdict, std::string_view at, const Value& body) {
    if (!verdict) return failed(verdict.error(), at);
    if (verdict->refused()) return refuse(*verdict, at);
    return provider::success(body);
}

Result<Verdict> Provider::Impl::settle(const Envelope& envelope, Result<Verdict> verdict) {
    if (!verdict || envelope.legacy || is_stranger(verdict->reason)) return verdict;
    C2D_TRY(const bool fresh, store->remember(envelope.signer, envelope.request.nonce,
                                              envelope.request.expiry, now()));
    if (fresh) return verdict;
    return Verdict::refuse(Reason::replayed, "nonce", "a fresh nonce", hex_text(envelope.request.nonce));
}

// Routes ------------------------------------------------------------------------------------------

#define C2D_OPEN(envelope, opened, route)                            \
    Envelope envelope;                                               \
    {                                                                \
        auto open_result = (opened);                                 \
        if (!open_result) return failed(open_result.error(), route); \
        if (open_result->refused()) return refuse(*open_result, route); \
    }
#define C2D_REQUIRE(expression, route)                               \
    do {                                                             \
        auto required = (expression);                                \
        if (!required) return failed(required.error(), route);       \
        if (required->refused()) return refuse(*required, route);    \
    } while (false)

HttpResponse Provider::Impl::grant_permission(const HttpRequest& request) {
    constexpr auto kRoute = "/grantPermission";
    C2D_OPEN(envelope, verifier.check_envelope(Method::grantPermission, request.body, envelope), kRoute);
    C2D_REQUIRE(settle(envelope, verifier.verify_grant(envelope)), kRoute);
    const auto& asked = envelope.request;
    auto granted = verifier.registry().grant(*options.signer, asked.dt, asked.algo_dt);
    // Asking again for a grant that stands is answered with its state.
    if (!granted && granted.error().name != "granted_already") return failed(granted.error(), kRoute);
    options.logger->log(LogLevel::info, fmt::format("granted {} to {}", token_text(asked.dt),
                                                    token_text(asked.algo_dt)));
    return provider::success(Value::object({{"dt", token_text(asked.dt)},
                                            {"algo_dt", token_text(asked.algo_dt)},
                                            {"result", "Success"},
                                            {"state", "granted"}}));
}

HttpResponse Provider::Impl::on_premise_compute(const HttpRequest& request) {
    constexpr auto kRoute = "/onPremiseCompute";
    C2D_OPEN(envelope, verifier.check_envelope(Method::onPremiseCompute, request.body, envelope), kRoute);
    JobTerms terms;
    const auto verdict = verifier.verify_job(envelope, &terms);
    if (!verdict) return failed(verdict.error(), kRoute);
    const auto endpoints = verdict->accepted() ? provider::check_endpoints(options.peers, terms) : *verdict;
    if (endpoints.refused()) C2D_REQUIRE(settle(envelope, endpoints), kRoute);
    using Admitted = provider::JobStore::Admitted;
    const auto admitted = store->admit(envelope, terms, now(), options.queue_max);
    if (!admitted) return failed(admitted.error(), kRoute);
    if (*admitted == Admitted::replayed)
        return refuse(Verdict::refuse(Reason::replayed, "nonce", "a fresh nonce", "a known one"), kRoute);
    if (*admitted == Admitted::queue_full)
        return refuse(Verdict::refuse(Reason::busy, "queue", fmt::format("at most {}", options.queue_max),
                                      "more"), kRoute);
    runner.wake();
    const auto run = store->run(terms.job_id, terms.party);
    if (!run) return failed(run.error(), kRoute);
    Value body = *run ? provider::run_status(**run) : Value();
    body.set("dt", token_text(envelope.request.dt));
    body.set("result", "Success");
    return provider::success(body);
}

HttpResponse Provider::Impl::insert_dt_store(const HttpRequest& request) {
    constexpr auto kRoute = "/insertDtStore";
    C2D_OPEN(envelope, verifier.check_envelope(Method::insertDtStore, request.body, envelope), kRoute);
    if (envelope.signer != options.signer->address())
        return refuse(Verdict::refuse(Reason::wrong_signer, "signature", address_text(options.signer->address()),
                                      address_text(envelope.signer)), kRoute);
    C2D_REQUIRE(settle(envelope, Verdict::accept()), kRoute);
    const auto dt = envelope.request.dt;
    const auto record = verifier.registry().chain().token(dt);
    if (!record && record.status() != Status::NOT_FOUND) return failed(record.error(), kRoute);
    if (!record) return refuse(Verdict::refuse(Reason::dt_unknown, token_text(dt)), kRoute);
    if (record->owner != options.signer->address())
        return refuse(Verdict::refuse(Reason::dt_not_ours, token_text(dt)), kRoute);
    const auto path = provider::registrable_path(options, envelope.store_path);
    if (!path)
        return refuse(Verdict::refuse(Reason::path_not_allowed, "store_path", "a file within assets_path",
                                      envelope.store_path), kRoute);
    std::error_code error;
    const auto configured = options.assets.find(dt);
    if (configured != options.assets.end() &&
        !std::filesystem::equivalent(configured->second, envelope.store_path, error))
        return refuse(Verdict::refuse(Reason::path_not_allowed, "store_path", "the path that assets_path configures",
                                      envelope.store_path), kRoute);
    if (const auto stored = store->set_path(dt, path->string()); !stored) return failed(stored.error(), kRoute);
    return provider::success(Value::object({{"dt", token_text(dt)},
                                            {"store_path", envelope.store_path},
                                            {"result", "Success"}}));
}

HttpResponse Provider::Impl::verify(const HttpRequest& request) {
    constexpr auto kRoute = "/v1/verify";
    C2D_OPEN(envelope, verifier.check_envelope(Method::verify, request.body, envelope), kRoute);
    JobTerms terms;
    C2D_REQUIRE(settle(envelope, verifier.verify_job(envelope, &terms)), kRoute);
    C2D_REQUIRE(Result<Verdict>(provider::check_endpoints(options.peers, terms)), kRoute);
    return provider::success(Value::object({{"verdict", "accepted"},
                                            {"job_id", terms.job_id},
                                            {"dt", token_text(envelope.request.dt)},
                                            {"party", terms.party}}));
}

HttpResponse Provider::Impl::list(const HttpRequest& request) {
    constexpr auto kRoute = "/v1/jobs";
    C2D_OPEN(envelope, verifier.check_authorization(Method::list, request.authorization, envelope), kRoute);
    const bool owner = envelope.signer == options.signer->address();
    const auto runs = store->runs_of(owner ? std::nullopt : std::optional(envelope.signer), kListMax);
    if (!runs) return failed(runs.error(), kRoute);
    const auto known = runs->empty() ? Verdict::refuse(Reason::not_found) : Verdict::accept();
    if (const auto settled = settle(envelope, known); !settled || settled->reason == Reason::replayed)
        return answer(settled, kRoute, {});
    json::Array jobs;
    for (const auto& run : *runs) jobs.push_back(provider::run_status(run));
    return provider::success(Value::object({{"jobs", std::move(jobs)}}));
}

/// The run of the job that the named data set takes part in; for its solver and for the owner.
Result<Verdict> Provider::Impl::find_run(const Envelope& envelope, std::uint64_t job_id, Run& out) {
    const std::string path = fmt::format("job {}", job_id);
    if (envelope.request.job_id != job_id)
        return Verdict::refuse(Reason::malformed, "jobId", path, fmt::format("{}", envelope.request.job_id));
    C2D_TRY(const auto run, store->run_of(job_id, envelope.request.dt));
    if (!run) return Verdict::refuse(Reason::not_found, path, "an admitted job", "none");
    if (envelope.signer != run->solver && envelope.signer != options.signer->address())
        return Verdict::refuse(Reason::not_permitted, path, address_text(run->solver),
                               address_text(envelope.signer));
    out = *run;
    return Verdict::accept();
}

/// The operator's own words may hold rows: they go out only as the owner's terms say.
Result<Value> Provider::Impl::read_log(const Run& run, bool owner) {
    Value body = provider::run_status(run);
    const std::string release = owner ? "full" : run.release_log;
    body.set("release", release);
    if (release == "none" || run.folder.empty() || !provider::is_final(run.state)) return body;
    auto stored = read_file(std::filesystem::path(run.folder) / "log", kLogFileBytesMax);
    // A run that was cut off by a crash has none.
    if (!stored && stored.status() == Status::NOT_FOUND) return body;
    C2D_TRY(std::string log, std::move(stored));
    const auto keep = release == "tail" ? kLogTailBytes : kReleaseBytesMax / 2;
    if (log.size() > keep) log.erase(0, log.size() - keep);
    body.set("log", sanitise_log(log));
    return body;
}

Result<Value> Provider::Impl::read_result(const Run& run) {
    Value body = provider::run_status(run);
    json::Array files;
    std::size_t total = 0;
    for (const auto& name : run.outputs) {
        if (run.state != RunState::succeeded) break;
        auto content = read_file(std::filesystem::path(run.folder) / "outputs" / name, kReleaseBytesMax);
        if (!content && content.status() == Status::NOT_FOUND) continue;
        if (!content && content.status() == Status::LIMIT) return too_large(run);
        if (!content) return content.error();
        total += content->size();
        if (total > kReleaseBytesMax) return too_large(run);
        files.push_back(Value::object({{"name", name},
                                       {"bytes", std::uint64_t(content->size())},
                                       {"content", base64url_encode(as_bytes(*content))}}));
    }
    body.set("files", std::move(files));
    return body;
}

HttpResponse Provider::Impl::read_run(const HttpRequest& request, std::uint64_t job_id, Method method) {
    constexpr auto kRoute = "/v1/jobs/N";
    C2D_OPEN(envelope, verifier.check_authorization(method, request.authorization, envelope), kRoute);
    Run run;
    C2D_REQUIRE(settle(envelope, find_run(envelope, job_id, run)), kRoute);
    if (method == Method::status) return provider::success(provider::run_status(run));
    const bool owner = envelope.signer == options.signer->address();
    const auto body = method == Method::log ? read_log(run, owner) : read_result(run);
    return body ? provider::success(*body) : failed(body.error(), kRoute);
}

HttpResponse Provider::Impl::cancel(const HttpRequest& request, std::uint64_t job_id) {
    constexpr auto kRoute = "/v1/jobs/N/cancel";
    C2D_OPEN(envelope, verifier.check_envelope(Method::cancel, request.body, envelope), kRoute);
    Run run;
    C2D_REQUIRE(settle(envelope, find_run(envelope, job_id, run)), kRoute);
    const auto cancelled = runner.cancel(job_id, run.party);
    if (!cancelled) return failed(cancelled.error(), kRoute);
    if (!*cancelled)
        return refuse(Verdict::refuse(Reason::state_conflict, fmt::format("job {}", job_id),
                                      "a job that has not ended", provider::run_state_name(run.state)), kRoute);
    return provider::success(Value::object({{"job_id", job_id}, {"result", "Success"}}));
}

/// /v1/jobs/N, /v1/jobs/N/log, /v1/jobs/N/result, /v1/jobs/N/cancel.
HttpResponse Provider::Impl::route_job(const HttpRequest& request, std::string_view rest) {
    std::uint64_t job_id = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), job_id);
    const std::string_view what = rest.substr(std::size_t(end - rest.data()));
    if (error == std::errc() && request.method == "GET") {
        if (what.empty()) return read_run(request, job_id, Method::status);
        if (what == "/log") return read_run(request, job_id, Method::log);
        if (what == "/result") return read_run(request, job_id, Method::result);
    }
    if (error == std::errc() && request.method == "POST" && what == "/cancel") return cancel(request, job_id);
    return provider::refusal(Reason::not_found, request_id());
}

/// The path of a target, which may be a whole URL (RFC 9112, absolute-form) and may have a query.
std::string_view path_of(std::string_view target) {
    if (const auto scheme = target.find("://"); scheme != target.npos) {
        const auto path = target.find('/', scheme + 3);
        target = path == target.npos ? "/" : target.substr(path);
    }
    return target.substr(0, target.find('?'));
}

HttpResponse Provider::Impl::route(const HttpRequest& request) {
    constexpr std::string_view kJobs = "/v1/jobs/";
    const std::string_view target = path_of(request.target);
    if (request.method == "GET" && target == "/healthz")
        return provider::success(Value::object({{"status", "ok"}}));
    if (request.method == "GET" && target == "/v1/jobs") return list(request);
    if (target.starts_with(kJobs)) return route_job(request, target.substr(kJobs.size()));
    if (request.method == "POST") {
        if (target == "/grantPermission") return grant_permission(request);
        if (target == "/onPremiseCompute") return on_premise_compute(request);
        if (target == "/insertDtStore") return insert_dt_store(request);
        if (target == "/v1/verify") return verify(request);
    }
    return provider::refusal(Reason::not_found, request_id());
}

// The class ---------------------------------------------------------------------------------------

namespace {

Result<Unit> complete(ProviderOptions& options) {
    if (!options.signer) return fail(Status::INVALID_ARGUMENT, "ProviderOptions.signer must be set");
    if (!options.clock) options.clock = Clock::system();
    if (!options.random) options.random = Random::system();
    if (!options.logger) options.logger = Logger::silent();
    if (!options.sandbox.logger) options.sandbox.logger = options.logger;
    if (options.workers == 0 || options.workers > 64)
        return fail(Status::INVALID_ARGUMENT, "expected 1 to 64 workers, found {}", options.workers);
    return provider::check_policy(options.peers);
}

}  // namespace

Result<Provider> Provider::open(AssetRegistry registry, ProviderOptions options) {
    C2D_CHECK(complete(options));
    if (const auto error = make_private_folder(options.exec_dirpath))
        return fail(Status::IO, "cannot make exec_dirpath {}: {}", options.exec_dirpath.string(),
                    error.message());
    // Two providers may share exec_dirpath: each has its own state.
    const auto name = "provider_" + hex_text(options.signer->address()).substr(2, 8) + ".db";
    C2D_TRY(auto store, provider::JobStore::open(options.exec_dirpath / name));
    C2D_TRY(const auto interrupted, store->fail_interrupted(options.clock->now_seconds()));
    if (interrupted > 0)
        options.logger->log(LogLevel::warn, fmt::format("{} interrupted runs were failed", interrupted));
    JobVerifierOptions rules;
    rules.self = options.signer->address();
    rules.nonces = store;
    rules.clock = options.clock;
    rules.logger = options.logger;
    rules.accepted_parties = options.accepted_parties;
    rules.allow_collusion = options.allow_collusion;
    rules.accept_legacy_signatures = options.accept_legacy_signatures;
    C2D_TRY(auto verifier, JobVerifier::open(std::move(registry), std::move(rules)));
    C2D_TRY(auto sandbox, Sandbox::open(options.sandbox));
    auto impl = std::make_unique<Impl>(std::move(verifier), std::move(options), std::move(store),
                                       std::move(sandbox));
    impl->runner.start();
    return Provider(std::move(impl));
}

Provider::Provider(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Provider::Provider(Provider&&) noexcept = default;
Provider& Provider::operator=(Provider&&) noexcept = default;
Provider::~Provider() = default;

HttpResponse Provider::handle(const HttpRequest& request) {
    try {
        return impl_->route(request);
    } catch (const std::exception& error) {
        return impl_->failed(fail(Status::INTERNAL, "{}", error.what()), request.target);
    }
}
Address Provider::address() const noexcept { return impl_->options.signer->address(); }

namespace {

ProviderRun for_owner(const Run& run) {
    return {run.job_id, run.party,  run.algo_dt, run.solver,  provider::run_state_name(run.state), run.outcome,
            run.detail, run.folder, run.outputs, run.created, run.updated};
}

Result<std::vector<ProviderRun>> for_owner(Result<std::vector<Run>> runs) {
    if (!runs) return runs.error();
    std::vector<ProviderRun> out;
    for (const auto& run : *runs) out.push_back(for_owner(run));
    return out;
}

}  // namespace

Result<std::vector<ProviderRun>> Provider::runs() const {
    return for_owner(impl_->store->runs_of(std::nullopt, kListMax));
}

Result<std::vector<ProviderRun>> Provider::runs_of(std::uint64_t job_id) const {
    C2D_TRY(auto runs, for_owner(impl_->store->runs_of_job(job_id)));
    if (runs.empty()) return fail(Status::NOT_FOUND, "job {} was not admitted here", job_id);
    return runs;
}

Result<Unit> Provider::cancel(std::uint64_t job_id) {
    C2D_TRY(const auto runs, runs_of(job_id));
    bool any = false;
    for (const auto& run : runs) {
        C2D_TRY(const bool cancelled, impl_->runner.cancel(job_id, run.party));
        any |= cancelled;
    }
    if (!any) return fail(Status::CONFLICT, "job {} has ended already", job_id);
    return Unit{};
}

void Provider::drain() { impl_->runner.drain(); }

}  // namespace c2d
