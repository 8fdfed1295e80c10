#include "base/call_scope.hpp"
#include "base/defaults.hpp"
#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "client/client_impl.hpp"
#include "client/job_parts.hpp"
#include "client/receipt_check.hpp"
#include "client/save_results.hpp"
#include "job/run_outputs.hpp"

#include <c2d/reason.hpp>

#include <algorithm>
#include <set>

namespace c2d {

using json::Value;

namespace {

/// How long an answer to any other question about a job may take.
constexpr std::chrono::seconds kAnswerTime{10};

Error nothing_to_cancel(std::uint64_t job_id) {
    Error error = fail(Status::CONFLICT,
                       "job {} runs nowhere: every part has ended or was never started; nothing was cancelled", job_id);
    error.name = reason_name(Reason::state_conflict);
    return error;
}

}  // namespace

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

Result<Unit> Client::insert_dt_store(const TokenId& dt, std::string_view path) {
    C2D_TRY(const auto asset, impl_->registry.resolve(dt));
    C2D_TRY(auto body, impl_->body_for(Method::insertDtStore, dt));
    body.store_path = path;
    C2D_CHECK(impl_->post(asset.services[0].endpoint, "/insertDtStore", body));
    return Unit{};
}

Result<WaitingGrants> Client::waiting_grants(std::optional<TokenId> dt) {
    C2D_TRY(auto owner, impl_->self());
    // Who may only grant must see what for.
    if (owner == impl_->signer->address()) {
        C2D_TRY(owner, impl_->granting_self());
    }
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
    C2D_TRY(const auto owner, impl_->granting_self());
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

namespace {

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
        if (answer || client::is_silence(answer.error()))
            parts.push_back({leaf, std::move(answer)});
        else if (client::is_hidden(answer.error()))
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
