#include "base/call_scope.hpp"
#include "base/defaults.hpp"
#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "client/attempts.hpp"
#include "client/owner_calls.hpp"
#include "client/peer_protocols.hpp"
#include "client/provider_call.hpp"
#include "client/receipt_check.hpp"
#include "client/released_run.hpp"
#include "client/save_results.hpp"
#include "client/wait_pace.hpp"
#include "codec/json.hpp"
#include "codec/written_json.hpp"
#include "job/run_outputs.hpp"

#include <c2d/client.hpp>
#include <c2d/reason.hpp>

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>

namespace c2d {

using json::Value;

namespace {

class WaitProgress;

/// How long a provider may keep a question: less than transports and proxies do.
constexpr std::chrono::seconds kWaitForChange{30};
/// How long an answer to any other question about a job may take.
constexpr std::chrono::seconds kAnswerTime{10};
/// The state of a part whose provider has not answered yet.
constexpr const char* kUnknown = "unknown";

Error nothing_to_cancel(std::uint64_t job_id) {
    Error error = fail(Status::CONFLICT,
                       "job {} runs nowhere: every part has ended or was never started; nothing was cancelled", job_id);
    error.name = reason_name(Reason::state_conflict);
    return error;
}

}  // namespace

struct Client::Impl {
    AssetRegistry registry;
    std::shared_ptr<Signer> signer;
    ClientOptions options;

    /// The organisation that we ask for.
    Result<Address> self() const { return registry.chain().in_name_of(*signer); }

    client::ProviderCall call() const;
    Result<Value> post(std::string_view endpoint, std::string_view path, const RequestBody& body) const;
    /// What a provider says of its run of `job`.
    Result<Value> get(const client::JobIdentity& job, std::string_view endpoint, std::string_view path,
                      const RequestBody& body) const;
    Result<client::JobIdentity> identity(std::uint64_t job_id) const;
    /// The leaves of a job, each with its owner.
    Result<std::vector<LeafRun>> leaves(const client::JobIdentity& job) const;
    Result<RequestBody> body_for(Method method, const TokenId& dt) const;
    Result<RequestBody> job_body(Method method, std::uint64_t job_id, const TokenId& cdt, const TokenId& dt) const;
    /// Publishes, or finds the same composition of ours standing there half done.
    Result<TokenId> publish_or_resume(std::string_view attributes_json, std::optional<TokenId> id);
    /// What the provider of every leaf of a job is asked.
    struct Asking {
        Method method = Method::verify;
        std::string_view path;
        std::uint64_t job_id = 0;
        TokenId cdt;
        std::uint32_t attempt = 1;
        /// Of these leaves alone; null: of all.
        const std::vector<TokenId>* only = nullptr;
    };
    /// What was asked so far, whether or not it was answered, and how many attempts the terms allow.
    struct Asked {
        std::vector<LeafRun> leaves;
        std::uint64_t attempts_max = 1;
    };
    Result<Unit> request_grant(const TokenId& dt, const TokenId& cdt) const;
    /// Asks for every child's, so that all who refuse are named.
    Result<Unit> request_grants(const std::vector<TokenId>& children, const TokenId& cdt) const;
    Result<Unit> ask_all(const Asking& asking, Asked* asked) const;
    Result<Unit> start(std::uint64_t job_id, const TokenId& cdt, std::uint32_t attempt,
                       const std::vector<TokenId>* only) const;
    Result<Value> post_unless_busy(const LeafRun& leaf, const Asking& asking, const RequestBody& body) const;
    Result<Unit> require_taken(const TokenId& cdt) const;
    Result<std::vector<client::PartSeen>> parts_seen(const client::JobIdentity& job) const;
    Result<std::uint32_t> start_attempt(std::uint64_t job_id) const;
    Result<std::uint32_t> start_attempt_in_time(std::uint64_t job_id) const;
    Result<Unit> give_up(std::uint64_t job_id, std::vector<JobPart>& parts, WaitProgress& progress) const;
    Result<std::vector<JobPart>> wait(std::uint64_t job_id, WaitProgress& progress) const;
    /// What each run releases; runs that we may not see are left out, unless that is all of them.
    Result<std::vector<client::ReleasedRun>> released_runs(std::uint64_t job_id) const;
    Result<Unit> set_closed(const TokenId& dt, bool closed) const;
    Result<client::OwnProvider> own_provider(const std::optional<TokenId>& dt) const;
    Result<Unit> cancel_part(std::uint64_t job_id, const LeafRun& leaf) const;
    /// How many parts it ended; those that are over already are none.
    Result<std::size_t> cancel_parts(std::uint64_t job_id, const std::vector<LeafRun>& runs) const;
    /// What can be known before a job is registered, which costs a fee and stands for good.
    Result<Unit> check_before_job(const TokenId& cdt) const;
    Result<Unit> require_answer(const LeafRun& leaf) const;
    struct Part {
        LeafRun leaf;
        /// Or why there is none from a provider that may answer later.
        Result<Value> body;
    };
    /// Asks for a part as it is once it has left the state that we know, or after a while.
    Result<JobPart> ask_for_change(const client::JobIdentity& job, const JobPart& part) const;
    Result<std::vector<JobPart>> status(std::uint64_t job_id) const;
    /// As `status`, once there is room for the question.
    Result<std::vector<JobPart>> wait_for_status(std::uint64_t job_id) const;
    Result<Unit> wait_for_ends(const client::JobIdentity& job, std::vector<JobPart>& parts,
                               WaitProgress& progress) const;
    Result<Unit> wait_for_receipts(std::uint64_t job_id, std::vector<JobPart>& parts, WaitProgress& progress) const;
    /// What each provider says of its part; parts that we may not see are left out, unless that is
    /// all of them.
    Result<std::vector<Part>> read_parts(Method method, std::string_view what, std::uint64_t job_id) const;
    /// The same of one part.
    Result<Value> read_part(Method method, std::string_view what, const client::JobIdentity& job,
                            const LeafRun& leaf) const;
};

Result<Client> Client::open(AssetRegistry registry, std::shared_ptr<Signer> signer, ClientOptions options) {
    if (!signer) return fail(Status::INVALID_ARGUMENT, "a client needs a signer");
    options.http = or_default(std::move(options.http), [] { return HttpTransport::curl(); });
    use_defaults(options);
    return Client(std::make_shared<Impl>(Impl{std::move(registry), std::move(signer), std::move(options)}));
}

client::ProviderCall Client::Impl::call() const { return {registry.chain(), *signer, options}; }

Result<Value> Client::Impl::post(std::string_view endpoint, std::string_view path, const RequestBody& body) const {
    C2D_TRY(const auto response, call().post({std::string(endpoint), std::string(path), {}}, body));
    return client::read_json_answer(endpoint, response);
}

Result<Value> Client::Impl::get(const client::JobIdentity& job, std::string_view endpoint, std::string_view path,
                                const RequestBody& body) const {
    C2D_TRY(const auto response, call().get({std::string(endpoint), std::string(path), {}}, body));
    return client::read_run_answer(endpoint, response, job);
}

Result<Unit> Client::Impl::set_closed(const TokenId& dt, bool closed) const {
    C2D_TRY(const auto edition, registry.chain().edition());
    if (edition < 2) {
        C2D_TRY(const auto owner, self());
        return client::set_closed(registry, call(), owner, dt, closed);
    }
    auto& chain = registry.chain();
    C2D_CHECK(closed ? chain.close_token(*signer, dt) : chain.open_token(*signer, dt));
    return Unit{};
}

Result<client::OwnProvider> Client::Impl::own_provider(const std::optional<TokenId>& dt) const {
    C2D_TRY(const auto owner, self());
    return client::own_provider(registry, owner, dt);
}

Result<RequestBody> Client::Impl::body_for(Method method, const TokenId& dt) const {
    C2D_TRY(const auto record, registry.chain().token(dt));
    RequestBody body;
    body.method = method;
    body.audience = record.owner;
    body.dt = dt;
    return body;
}

Result<RequestBody> Client::Impl::job_body(Method method, std::uint64_t job_id, const TokenId& cdt,
                                           const TokenId& dt) const {
    C2D_TRY(auto body, body_for(method, dt));
    body.job_id = job_id;
    body.algo_dt = cdt;
    return body;
}

// Composing ---------------------------------------------------------------------------------------

namespace {

/// Whether a published document was made of these attributes.
Result<bool> has_same_attributes(std::string_view document_json, const Value& attributes) {
    C2D_TRY(const auto document, json::parse(document_json));
    for (const char* name : {"metadata", "services", "child_dts"}) {
        const Value *published = document.find(name), *given = attributes.find(name);
        if (!published || !given) return published == given;
        C2D_TRY(const auto one, json::canonical(*published));
        C2D_TRY(const auto other, json::canonical(*given));
        if (one != other) return false;
    }
    return true;
}

}  // namespace

Result<TokenId> Client::Impl::publish_or_resume(std::string_view attributes_json, std::optional<TokenId> id) {
    auto published = registry.publish(*signer, attributes_json, id);
    if (published || published.error().name != "token_exists") return published;
    C2D_TRY(const auto attributes, json::parse_written(attributes_json));
    if (!id) {
        C2D_TRY(id, parse_token(attributes.text_at({"id"})));
    }
    const auto standing = registry.resolve(*id);
    C2D_TRY(const auto owner, self());
    if (!standing || standing->active || standing->record.owner != owner) return published;
    C2D_TRY(const bool same, has_same_attributes(standing->document_json, attributes));
    return same ? Result<TokenId>(*id) : published;
}

Result<TokenId> Client::publish(std::string_view attributes_json, std::optional<TokenId> id) {
    C2D_TRY(const auto owner, impl_->self());
    C2D_CHECK(client::confirm_origins(impl_->registry, attributes_json, owner));
    return impl_->registry.publish(*impl_->signer, attributes_json, id);
}

Result<Unit> Client::Impl::request_grant(const TokenId& dt, const TokenId& cdt) const {
    C2D_TRY(const auto asset, registry.resolve(dt));
    if (asset.services[0].endpoint.empty())
        return fail(Status::NOT_FOUND, "the document of {} names no endpoint to ask", token_text(dt));
    C2D_TRY(auto body, body_for(Method::grantPermission, dt));
    body.algo_dt = cdt;
    C2D_CHECK(post(asset.services[0].endpoint, "/grantPermission", body));
    return Unit{};
}

Result<Unit> Client::Impl::request_grants(const std::vector<TokenId>& children, const TokenId& cdt) const {
    std::optional<Error> refused;
    for (const auto& child : children) {
        auto granted = request_grant(child, cdt);
        if (granted) continue;
        // Who does not answer is waited for; one such wait is enough.
        if (granted.status() != Status::REFUSED) return granted;
        if (refused)
            refused->message += "; " + granted.error().message;
        else
            refused = granted.error();
    }
    return refused ? Result<Unit>(std::move(*refused)) : Unit{};
}

Result<Unit> Client::request_grant(const TokenId& dt, const TokenId& cdt) { return impl_->request_grant(dt, cdt); }

Result<TokenId> Client::compose(std::string_view attributes_json, std::optional<TokenId> id) {
    C2D_TRY(const auto owner, impl_->self());
    C2D_CHECK(client::confirm_origins(impl_->registry, attributes_json, owner));
    C2D_TRY(const auto cdt, impl_->publish_or_resume(attributes_json, id));
    C2D_TRY(const auto asset, impl_->registry.resolve(cdt));
    if (auto granted = impl_->request_grants(asset.children, cdt); !granted) {
        auto error = std::move(granted).error();
        const auto text = fmt::format(
            "{} is published, and not active before all grants are there; then compose "
            "again with this id: {}",
            token_text(cdt), error.message);
        error.message = Error(error.status, text).message;  // which cuts it
        return error;
    }
    C2D_CHECK(impl_->registry.activate(*impl_->signer, cdt));
    return cdt;
}

Result<Unit> Client::insert_dt_store(const TokenId& dt, std::string_view path) {
    C2D_TRY(const auto asset, impl_->registry.resolve(dt));
    C2D_TRY(auto body, impl_->body_for(Method::insertDtStore, dt));
    body.store_path = path;
    C2D_CHECK(impl_->post(asset.services[0].endpoint, "/insertDtStore", body));
    return Unit{};
}

Result<WaitingGrants> Client::waiting_grants(std::optional<TokenId> dt) {
    C2D_TRY(const auto owner, impl_->self());
    return client::waiting_grants(impl_->registry, impl_->call(), owner, dt);
}

Result<std::vector<HeldArtifact>> Client::artifacts(std::uint64_t job_id) {
    C2D_TRY(const auto owner, impl_->self());
    return client::artifacts_of(impl_->registry, impl_->call(), owner, job_id);
}

Result<ArtifactOrigin> Client::origin(std::uint64_t job_id, std::string_view output, std::optional<unsigned> party) {
    C2D_TRY(const auto owner, impl_->self());
    C2D_TRY(const auto held, client::artifacts_of(impl_->registry, impl_->call(), owner, job_id));
    return client::origin_of(impl_->registry, held, owner, output, party);
}

Result<Unit> Client::renew_grant(const TokenId& dt, const TokenId& cdt) {
    C2D_TRY(const auto owner, impl_->self());
    return client::renew_grant(impl_->registry, impl_->call(), owner, dt, cdt);
}

Result<Unit> Client::close_token(const TokenId& dt) { return impl_->set_closed(dt, true); }
Result<Unit> Client::open_token(const TokenId& dt) { return impl_->set_closed(dt, false); }

// Our own provider's queue -----------------------------------------------------------------------------

Result<ProviderQueue> Client::provider_queue(std::optional<TokenId> dt) {
    C2D_TRY(const auto provider, impl_->own_provider(dt));
    return client::ask_queue(impl_->call(), provider);
}

Result<ProviderQueue> Client::hold_queue(bool held, std::optional<TokenId> dt) {
    C2D_TRY(const auto provider, impl_->own_provider(dt));
    return client::hold_queue(impl_->call(), provider, held);
}

Result<ProviderQueue> Client::drain_queue(std::optional<TokenId> dt, const Progress& progress,
                                          const CancelToken* cancel) {
    const CallScope scope(CallScope::kNever, cancel);
    C2D_TRY(const auto provider, impl_->own_provider(dt));
    C2D_CHECK(client::hold_queue(impl_->call(), provider, true));
    return client::wait_until_idle(impl_->call(), provider, progress);
}

Result<Unit> Client::cancel_own_runs(std::uint64_t job_id) {
    C2D_TRY(const auto owner, impl_->self());
    C2D_TRY(const auto job, impl_->identity(job_id));
    C2D_TRY(auto runs, impl_->leaves(job));
    std::vector<LeafRun> ours;
    for (auto& leaf : runs) {
        C2D_TRY(const auto record, impl_->registry.chain().token(leaf.dt));
        if (record.owner == owner) ours.push_back(std::move(leaf));
    }
    if (ours.empty()) return fail(Status::NOT_FOUND, "job {} uses no token of {}", job_id, address_text(owner));
    C2D_TRY(const auto ended, impl_->cancel_parts(job_id, ours));
    return ended > 0 ? Result<Unit>(Unit{}) : nothing_to_cancel(job_id);
}

// Jobs --------------------------------------------------------------------------------------------

Result<std::uint64_t> Client::create_task(std::string_view name, std::string_view description) {
    return impl_->registry.chain().create_task(*impl_->signer, name, description);
}

namespace {

/// A request names a token, not the path that leads to it in a nested composition.
std::vector<LeafRun> once_each(std::vector<LeafRun> runs) {
    std::set<TokenId> seen;
    std::erase_if(runs, [&](const LeafRun& run) { return !seen.insert(run.dt).second; });
    return runs;
}

}  // namespace

Result<client::JobIdentity> Client::Impl::identity(std::uint64_t job_id) const {
    C2D_TRY(const auto job, registry.chain().job(job_id));
    return client::JobIdentity{job_id, job.cdt};
}

Result<std::vector<LeafRun>> Client::Impl::leaves(const client::JobIdentity& job) const {
    C2D_TRY(auto runs, registry.plan(job.algorithm));
    return once_each(std::move(runs));
}

Result<Unit> Client::Impl::ask_all(const Asking& asking, Asked* asked) const {
    C2D_TRY(auto runs, registry.plan(asking.cdt));
    struct Question {
        LeafRun leaf;
        RequestBody body;
    };
    std::vector<Question> questions;
    std::vector<client::JobProvider> providers;
    for (auto& leaf : once_each(std::move(runs))) {
        C2D_TRY(auto body, job_body(asking.method, asking.job_id, asking.cdt, leaf.dt));
        body.attempt = asking.attempt;
        providers.push_back({body.audience, leaf.endpoint});
        if (!asking.only || std::ranges::count(*asking.only, leaf.dt) > 0)
            questions.push_back({std::move(leaf), std::move(body)});
    }
    // Nobody else's protocol matters to a job of one provider.
    const auto is_first = [&](const auto& provider) { return provider.address == providers.front().address; };
    const auto protocols =
        std::ranges::all_of(providers, is_first) ? PeerProtocols() : client::ask_protocols(providers, *options.http);
    for (auto& [leaf, body] : questions) {
        // Before the answer: it may be lost although the provider took the request.
        if (asked) asked->leaves.push_back(leaf);
        body.protocols = protocols;
        const auto done = post_unless_busy(leaf, asking, body);
        if (!done) return client::with_protocols(done.error(), protocols);
        const Value* const attempts = done->find("attempts_max");
        if (asked) asked->attempts_max = attempts ? attempts->as_uint().value_or(1) : 1;
    }
    return Unit{};
}

/// One that is to start a part and has no room for it is asked again for a while: less than its peers wait for it.
Result<Value> Client::Impl::post_unless_busy(const LeafRun& leaf, const Asking& asking, const RequestBody& body) const {
    constexpr std::chrono::seconds kBusyWait{45};
    const auto until = std::chrono::steady_clock::now() + kBusyWait;
    for (client::Pause pause;; CallScope::pause(pause.next())) {
        auto done = post(leaf.endpoint, asking.path, body);
        const bool is_busy = !done && done.error().name == reason_name(Reason::busy);
        if (!is_busy || asking.method != Method::onPremiseCompute) return done;
        if (CallScope::over() || std::chrono::steady_clock::now() >= until) return done;
    }
}

Result<Unit> Client::verify(std::uint64_t job_id, const TokenId& cdt) {
    return impl_->ask_all({Method::verify, "/v1/verify", job_id, cdt}, nullptr);
}

Result<Unit> Client::start(std::uint64_t job_id, const TokenId& cdt) { return impl_->start(job_id, cdt, 1, nullptr); }

namespace {

/// Of a provider that may answer later, as one that starts anew does.
bool is_silence(const Error& error) {
    return error.status == Status::UNAVAILABLE || error.status == Status::TIMEOUT ||
           error.name == reason_name(Reason::busy);
}

}  // namespace

Result<Unit> Client::Impl::start(std::uint64_t job_id, const TokenId& cdt, std::uint32_t attempt,
                                 const std::vector<TokenId>* only) const {
    Asked asked;
    auto done = ask_all({Method::onPremiseCompute, "/onPremiseCompute", job_id, cdt, attempt, only}, &asked);
    if (done) return done;
    if (is_silence(done.error()) && attempt < asked.attempts_max) {
        Error error = done.error();
        error.message += fmt::format("; what was started ends by itself, and attempt {} of {} may follow", attempt + 1,
                                     asked.attempts_max);
        return error;
    }
    if (const auto cancelled = cancel_parts(job_id, asked.leaves); !cancelled)
        options.logger->log(LogLevel::warn, "not all parts could be cancelled: " + cancelled.error().message);
    return done;
}

namespace {

unsigned party_of(const Value& body) {
    const Value* party = body.find("party");
    return unsigned(party ? party->as_uint().value_or(0) : 0);
}

/// 1 where a provider says nothing of attempts.
std::uint32_t number_in(const Value& body, std::string_view name) {
    const Value* const number = body.find(name);
    return std::uint32_t(std::min<std::uint64_t>(number ? number->as_uint().value_or(1) : 1, kAttemptsMax));
}

/// What a provider says of its part.
JobPart part_of(const TokenId& dt, const std::string& endpoint, const Value& body) {
    const Value* const again = body.find("again");
    return {dt,
            endpoint,
            party_of(body),
            body.text_at({"state"}),
            body.text_at({"outcome"}),
            body.text_at({"receipt", "posting"}),
            {},
            number_in(body, "attempt"),
            number_in(body, "attempts_max"),
            again && again->is_bool() && again->boolean()};
}

}  // namespace

// Attempts ----------------------------------------------------------------------------------------

Result<std::vector<client::PartSeen>> Client::Impl::parts_seen(const client::JobIdentity& job) const {
    C2D_TRY(const auto runs, leaves(job));
    std::vector<client::PartSeen> out;
    for (const auto& leaf : runs) {
        const auto body = read_part(Method::status, "", job, leaf);
        const bool is_absent =
            !body && (body.error().name == reason_name(Reason::not_found) || body.error().name == client::kAnotherJob);
        if (!body && !is_absent) return body.error();
        out.push_back({leaf.dt, body ? std::optional(part_of(leaf.dt, leaf.endpoint, *body)) : std::nullopt});
    }
    return out;
}

Result<std::uint32_t> Client::Impl::start_attempt(std::uint64_t job_id) const {
    C2D_TRY(const auto job, identity(job_id));
    C2D_TRY(const auto runs, job::outputs_of_runs(registry, job.algorithm));
    const bool joint = std::ranges::any_of(runs, &job::RunOutputs::joint);
    C2D_TRY(const auto seen, parts_seen(job));
    C2D_TRY(const auto next, client::next_attempt(job_id, seen, joint));
    C2D_CHECK(start(job_id, job.algorithm, next.number, &next.parts));
    return next.number;
}

Result<std::uint32_t> Client::start_attempt(std::uint64_t job_id) { return impl_->start_attempt(job_id); }

Result<Unit> Client::Impl::require_answer(const LeafRun& leaf) const {
    if (leaf.endpoint.empty())
        return fail(Status::NOT_FOUND, "the document of {} names no endpoint to ask; no job was registered",
                    token_text(leaf.dt));
    const auto answer = options.http->send({"GET", client::url_of({leaf.endpoint, "/healthz", {}}), {}, {}});
    if (answer && answer->status == 200) return Unit{};
    return fail(answer ? Status::UNAVAILABLE : answer.status(),
                "the provider of {} at {} does not answer: {}; no job was registered", token_text(leaf.dt),
                display_text(leaf.endpoint),
                answer ? fmt::format("/healthz says {}", answer->status) : answer.error().message);
}

Result<Unit> Client::Impl::check_before_job(const TokenId& cdt) const {
    C2D_TRY(const auto runs, registry.plan(cdt));  // an Algorithm, its documents, its terms
    C2D_TRY(const auto algorithm, registry.resolve(cdt));
    C2D_TRY(const auto owner, self());
    if (algorithm.record.owner != owner)
        return fail(Status::REFUSED, "{} belongs to {}: only its owner registers jobs of it; no job was registered",
                    token_text(cdt), address_text(algorithm.record.owner));
    C2D_TRY(const bool linked, registry.chain().links_hold(cdt, algorithm.children));
    if (!algorithm.active || !linked)
        return fail(Status::REFUSED, "{} is {}; no job was registered", token_text(cdt),
                    algorithm.active ? "not granted all that it is composed of" : "not active yet");
    std::set<std::string> asked;
    for (const auto& leaf : runs)
        if (asked.insert(leaf.endpoint).second) C2D_CHECK(require_answer(leaf));
    return Unit{};
}

/// Asks about job 0, which stands for one that is registered next.
Result<Unit> Client::Impl::require_taken(const TokenId& cdt) const {
    const auto taken = ask_all({Method::verify, "/v1/verify", 0, cdt}, nullptr);
    if (taken) return taken;
    Error error = taken.error();
    // So says one that knows only jobs of the ledger.
    if (error.name == reason_name(Reason::job_unknown)) return Unit{};
    error.message += "; no job was registered";
    return error;
}

Result<std::uint64_t> Client::execute(std::uint64_t task_id, const TokenId& cdt) {
    C2D_CHECK(impl_->check_before_job(cdt));
    C2D_CHECK(impl_->require_taken(cdt));
    C2D_TRY(const auto job_id, impl_->registry.chain().add_job(*impl_->signer, cdt, task_id));
    const auto done = start(job_id, cdt);
    if (done) return job_id;
    Error error = done.error();
    error.message = fmt::format("job {} is registered but was not started: {}", job_id, error.message);
    return error;
}

namespace {

/// Of a part that we may not see.
bool is_hidden(const Error& error) { return error.name == reason_name(Reason::not_permitted); }

/// A job stands on the ledger also when a provider refused to start it.
Error not_started_or(Error error, std::uint64_t job_id, const LeafRun& leaf) {
    if (error.name == reason_name(Reason::not_found))
        error.message = fmt::format("job {} is registered, but was not started at {}: {}", job_id,
                                    display_text(leaf.endpoint), error.message);
    return error;
}

}  // namespace

Result<std::vector<Client::Impl::Part>> Client::Impl::read_parts(Method method, std::string_view what,
                                                                 std::uint64_t job_id) const {
    C2D_TRY(const auto job, identity(job_id));
    C2D_TRY(const auto runs, leaves(job));
    std::vector<Part> parts;
    std::optional<Error> hidden;
    for (const auto& leaf : runs) {
        auto answer = read_part(method, what, job, leaf);
        if (CallScope::over()) return CallScope::error(fmt::format("asking about job {}", job_id));
        if (answer || is_silence(answer.error()))
            parts.push_back({leaf, std::move(answer)});
        else if (is_hidden(answer.error()))
            hidden = answer.error();
        else
            return not_started_or(answer.error(), job_id, leaf);
    }
    if (parts.empty() && hidden) return *hidden;
    const bool known = std::ranges::any_of(parts, [](const Part& part) { return part.body.ok(); });
    if (!known && !parts.empty()) return parts.front().body.error();
    return parts;
}

Result<Value> Client::Impl::read_part(Method method, std::string_view what, const client::JobIdentity& job,
                                      const LeafRun& leaf) const {
    // A provider that takes the question and says nothing does not hide what the others say.
    const CallScope scope(std::chrono::steady_clock::now() + kAnswerTime, nullptr);
    C2D_TRY(auto body, body_for(method, leaf.dt));
    body.job_id = job.id;
    return get(job, leaf.endpoint, fmt::format("/v1/jobs/{}{}", job.id, what), body);
}

namespace {

JobPart unanswered_part(const LeafRun& leaf, const Error& error) {
    JobPart part{leaf.dt, leaf.endpoint};
    part.state = kUnknown;
    part.unanswered = error;
    return part;
}

/// Tells of parts as they change, and now and then that nothing did.
class WaitProgress {
public:
    explicit WaitProgress(const Progress& progress) : progress_(progress) {}

    void report(const std::vector<JobPart>& parts) {
        if (!progress_) return;
        const auto ended = std::uint64_t(std::ranges::count_if(parts, &JobPart::ended));
        told_.resize(parts.size());
        for (std::size_t i = 0; i < parts.size(); ++i) {
            auto line = line_of(parts[i]);
            if (line == told_[i]) continue;
            say(ended, parts.size(), line);
            told_[i] = std::move(line);
        }
        const auto now = SteadyClock::now();
        if (now - spoken_ <= kSignOfLife) return;
        const auto elapsed = std::chrono::duration_cast<std::chrono::seconds>(now - started_);
        say(ended, parts.size(), fmt::format("{} s, {} of {} parts ended", elapsed.count(), ended, parts.size()));
    }

    /// Something that concerns all parts.
    void say(const std::vector<JobPart>& parts, const std::string& line) {
        if (progress_) say(0, parts.size(), line);
    }

private:
    using SteadyClock = std::chrono::steady_clock;
    static constexpr std::chrono::seconds kSignOfLife{15};

    static std::string line_of(const JobPart& part) {
        const std::string silent =
            part.unanswered ? fmt::format(", does not answer ({})", status_name(part.unanswered->status)) : "";
        const std::string attempt =
            part.attempts_max > 1 ? fmt::format(", attempt {} of {}", part.attempt, part.attempts_max) : "";
        return fmt::format("party {} at {}: {}{}{}{}{}", part.party, display_text(part.endpoint),
                           display_text(part.state), part.outcome.empty() ? "" : ", ", display_text(part.outcome),
                           attempt, silent);
    }

    void say(std::uint64_t ended, std::size_t parts, const std::string& line) {
        progress_(ended, parts, line);
        spoken_ = SteadyClock::now();
    }

    const Progress& progress_;
    const SteadyClock::time_point started_ = SteadyClock::now();
    SteadyClock::time_point spoken_ = started_;
    /// What was told of each part last; no more, since providers choose the texts.
    std::vector<std::string> told_;
};

/// A provider that proves itself and has no room for a question is asked for ever, a silent one for a while.
bool may_be_asked_again(const Error& error, client::Silence& silence) {
    if (error.name != reason_name(Reason::busy))
        return is_silence(error) && silence.tolerate(std::chrono::steady_clock::now());
    silence.reset();
    return true;
}

/// Too busy to answer, whoever says so.
bool says_busy(const Error& error) {
    return error.name == reason_name(Reason::busy) ||
           (error.name == client::kAnswerUnproven && error.status == Status::UNAVAILABLE);
}

/// What is known of parts by now: of those that are not answered for, what was known before.
void learn(std::vector<JobPart>& known, std::vector<JobPart> now) {
    for (auto& part : now) {
        if (!part.unanswered) continue;
        const auto before = std::ranges::find(known, part.dt, &JobPart::dt);
        if (before == known.end()) continue;
        before->unanswered = std::move(part.unanswered);
        part = std::move(*before);
    }
    known = std::move(now);
}

}  // namespace

Result<JobPart> Client::Impl::ask_for_change(const client::JobIdentity& job, const JobPart& part) const {
    C2D_TRY(auto body, body_for(Method::status, part.dt));
    body.job_id = job.id;
    auto path = fmt::format("/v1/jobs/{}?wait={}", job.id, kWaitForChange.count());
    // What the provider said goes into no address unless it is a word of ours.
    if (client::progress_of(part.state)) path += "&state=" + part.state;
    C2D_TRY(const auto answer, get(job, part.endpoint, path, body));
    return part_of(part.dt, part.endpoint, answer);
}

Result<std::vector<JobPart>> Client::Impl::status(std::uint64_t job_id) const {
    C2D_TRY(const auto read, read_parts(Method::status, "", job_id));
    std::vector<JobPart> parts;
    parts.reserve(read.size());
    for (const auto& [leaf, body] : read)
        parts.push_back(body ? part_of(leaf.dt, leaf.endpoint, *body) : unanswered_part(leaf, body.error()));
    return parts;
}

Result<std::vector<JobPart>> Client::status(std::uint64_t job_id) { return impl_->status(job_id); }

/// Asks the parts that have not ended in turn; each provider answers when its part changes, or after a while.
/// Those that answer at once are asked at growing intervals.
Result<Unit> Client::Impl::wait_for_ends(const client::JobIdentity& job, std::vector<JobPart>& parts,
                                         WaitProgress& progress) const {
    client::WaitPace pace;
    std::vector<client::Silence> silence(parts.size());
    for (std::size_t turn = 0, ended = 0; ended < parts.size(); ++turn) {
        const auto place = turn % parts.size();
        JobPart& part = parts[place];
        ended = part.ended() ? ended + 1 : 0;
        if (part.ended()) continue;
        const auto asked = std::chrono::steady_clock::now();
        auto now = ask_for_change(job, part);
        if (CallScope::over()) return CallScope::error(fmt::format("waiting for job {}", job.id));
        if (!now && is_hidden(now.error()) && part.state == kUnknown && parts.size() > 1) {
            parts.erase(parts.begin() + std::ptrdiff_t(place));
            silence.erase(silence.begin() + std::ptrdiff_t(place));
            continue;
        }
        if (!now && !may_be_asked_again(now.error(), silence[place])) return now.error();
        if (now) silence[place].reset();
        if (!now) part.unanswered = now.error();
        const auto pause = pace.after(place, now ? now->state : "", std::chrono::steady_clock::now() - asked);
        if (now) part = *std::move(now);
        progress.report(parts);
        CallScope::pause(pause);
    }
    return Unit{};
}

Result<std::vector<JobPart>> Client::Impl::wait_for_status(std::uint64_t job_id) const {
    client::Silence silence;
    for (client::Pause pause;; CallScope::pause(pause.next())) {
        if (CallScope::over()) return CallScope::error(fmt::format("waiting for job {}", job_id));
        auto parts = status(job_id);
        if (parts || !says_busy(parts.error()) || !may_be_asked_again(parts.error(), silence)) return parts;
    }
}

/// Of a job that has ended, until its receipts are on the ledger, or not soon: then as it was known last.
Result<Unit> Client::Impl::wait_for_receipts(std::uint64_t job_id, std::vector<JobPart>& parts,
                                             WaitProgress& progress) const {
    constexpr std::chrono::seconds kReceiptWait{15};
    const auto ended = std::chrono::steady_clock::now();
    client::Silence silence;
    for (client::Pause pause;; CallScope::pause(pause.next())) {
        if (CallScope::over()) return CallScope::error(fmt::format("waiting for job {}", job_id));
        auto now = status(job_id);
        if (!now && !may_be_asked_again(now.error(), silence)) return now.error();
        const bool known = now.ok();
        if (known) learn(parts, *std::move(now));
        progress.report(parts);
        const bool posting = std::ranges::any_of(parts, [](const JobPart& p) { return p.receipt == "pending"; });
        if ((known && !posting) || std::chrono::steady_clock::now() - ended > kReceiptWait) return Unit{};
    }
}

Result<std::vector<JobPart>> Client::Impl::wait(std::uint64_t job_id, WaitProgress& progress) const {
    C2D_TRY(const auto job, identity(job_id));
    C2D_TRY(auto parts, wait_for_status(job_id));
    progress.report(parts);
    C2D_CHECK(wait_for_ends(job, parts, progress));
    C2D_CHECK(wait_for_receipts(job_id, parts, progress));
    return parts;
}

Result<std::vector<JobPart>> Client::wait(std::uint64_t job_id, const Progress& progress, const CancelToken* cancel) {
    const CallScope scope(CallScope::kNever, cancel);
    WaitProgress told(progress);
    return impl_->wait(job_id, told);
}

/// A provider that is down for a while is waited for, as in `wait`.
Result<std::uint32_t> Client::Impl::start_attempt_in_time(std::uint64_t job_id) const {
    client::Silence silence;
    for (client::Pause pause;; CallScope::pause(pause.next())) {
        if (CallScope::over()) return CallScope::error(fmt::format("trying job {} again", job_id));
        auto started = start_attempt(job_id);
        if (started || !may_be_asked_again(started.error(), silence)) return started;
    }
}

/// No other attempt follows: what waits for one says so on the ledger.
Result<Unit> Client::Impl::give_up(std::uint64_t job_id, std::vector<JobPart>& parts, WaitProgress& progress) const {
    if (std::ranges::none_of(parts, &JobPart::again)) return Unit{};
    std::vector<LeafRun> waiting;
    for (const auto& part : parts)
        if (part.again) waiting.push_back({part.dt, part.endpoint, {}});
    C2D_CHECK(cancel_parts(job_id, waiting));
    return wait_for_receipts(job_id, parts, progress);
}

Result<std::vector<JobPart>> Client::wait_with_attempts(std::uint64_t job_id, const Progress& progress,
                                                        const CancelToken* cancel) {
    const CallScope scope(CallScope::kNever, cancel);
    WaitProgress told(progress);
    for (;;) {
        C2D_TRY(auto parts, impl_->wait(job_id, told));
        if (!client::may_try_again(parts)) {
            C2D_CHECK(impl_->give_up(job_id, parts, told));
            return parts;
        }
        C2D_TRY(const auto attempt, impl_->start_attempt_in_time(job_id));
        told.say(parts, fmt::format("job {}: attempt {} of {}", job_id, attempt, parts.front().attempts_max));
    }
}

Result<std::vector<ReleasedLog>> Client::logs(std::uint64_t job_id) {
    C2D_TRY(const auto read, impl_->read_parts(Method::log, "/log", job_id));
    std::vector<ReleasedLog> logs;
    logs.reserve(read.size());
    for (const auto& [leaf, body] : read) {
        if (!body) return body.error();
        logs.push_back({leaf.dt, body->text_at({"release"}), body->text_at({"log"})});
    }
    return logs;
}

Result<std::vector<client::ReleasedRun>> Client::Impl::released_runs(std::uint64_t job_id) const {
    C2D_TRY(const auto job, identity(job_id));
    C2D_TRY(const auto runs, job::outputs_of_runs(registry, job.algorithm));
    std::vector<client::ReleasedRun> released;
    std::optional<Error> hidden;
    for (const auto& run : runs) {
        auto answer = client::ReleasedRun::ask(call(), job, run, options.result_bytes_max);
        if (answer)
            released.push_back(*std::move(answer));
        else if (answer.error().name == reason_name(Reason::not_permitted))
            hidden = answer.error();
        else
            return answer.error();
    }
    if (released.empty() && hidden) return *hidden;
    return released;
}

Result<std::vector<ReleasedFile>> Client::results(std::uint64_t job_id) {
    C2D_TRY(const auto runs, impl_->released_runs(job_id));
    std::vector<ReleasedFile> files;
    for (const auto& run : runs)
        for (const auto& file : run.files()) {
            Bytes content;
            C2D_CHECK(run.read(impl_->call(), file, [&content](BytesView bytes) -> Result<Unit> {
                content.insert(content.end(), bytes.begin(), bytes.end());
                return Unit{};
            }));
            files.push_back({run.run().dt, file.name, std::move(content)});
        }
    return files;
}

Result<std::vector<SavedFile>> Client::save_results(std::uint64_t job_id, const std::filesystem::path& folder,
                                                    const SaveOptions& options) {
    C2D_TRY(const auto runs, impl_->released_runs(job_id));
    C2D_CHECK(client::check_receipts(options.receipts, job_id, impl_->registry.chain(), runs));
    return client::save_runs(impl_->call(), runs, folder, options, *impl_->options.random);
}

Result<Unit> Client::Impl::cancel_part(std::uint64_t job_id, const LeafRun& leaf) const {
    C2D_TRY(auto body, body_for(Method::cancel, leaf.dt));
    body.job_id = job_id;
    C2D_CHECK(post(leaf.endpoint, fmt::format("/v1/jobs/{}/cancel", job_id), body));
    return Unit{};
}

Result<std::size_t> Client::Impl::cancel_parts(std::uint64_t job_id, const std::vector<LeafRun>& runs) const {
    std::size_t ended = 0;
    std::optional<Error> first;
    for (const auto& leaf : runs) {
        const auto done = cancel_part(job_id, leaf);
        // Never admitted there, or a sibling's cancellation has ended this run already.
        const bool over = !done && (done.error().name == reason_name(Reason::state_conflict) ||
                                    done.error().name == reason_name(Reason::not_found));
        ended += done.ok();
        if (!done && !over && !first) first = done.error();
    }
    return first ? Result<std::size_t>(*std::move(first)) : Result<std::size_t>(ended);
}

Result<Unit> Client::cancel(std::uint64_t job_id) {
    C2D_TRY(const auto job, impl_->identity(job_id));
    C2D_TRY(const auto runs, impl_->leaves(job));
    C2D_TRY(const auto ended, impl_->cancel_parts(job_id, runs));
    return ended > 0 ? Result<Unit>(Unit{}) : nothing_to_cancel(job_id);
}

}  // namespace c2d
