#include "base/defaults.hpp"
#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/private_files.hpp"
#include "base/try.hpp"
#include "provider/http/document_time.hpp"
#include "provider/http/service.hpp"
#include "provider/inputs/data_paths.hpp"
#include "provider/option_problems.hpp"
#include "provider/outputs/kept_outputs.hpp"
#include "provider/peers/peer_ports.hpp"
#include "provider/runs/checkpoints.hpp"
#include "provider/state/answers.hpp"
#include "provider/state/job_folder.hpp"
#include "provider/state/state_lock.hpp"
#include "store/fetch_once.hpp"

#include <c2d/provider.hpp>

#include <atomic>
#include <mutex>

namespace c2d {

using provider::JobRun;

struct Provider::Impl {
    Impl(JobVerifier v, ProviderOptions o, std::shared_ptr<provider::JobStore> s,
         const std::shared_ptr<provider::OwnerStore>& owner, Sandbox sandbox,
         std::unique_ptr<provider::PeerPorts> ports)
        : verifier(std::move(v)),
          options(std::move(o)),
          tuning(options),
          store(std::move(s)),
          runner(verifier, options, tuning, std::move(sandbox), store, owner, std::move(ports)),
          service(verifier, options, tuning, store, owner, runner) {}

    JobVerifier verifier;
    ProviderOptions options;
    provider::Tuning tuning;
    std::shared_ptr<provider::JobStore> store;
    provider::Runner runner;
    provider::Service service;
};

namespace {

Result<Unit> complete(ProviderOptions& options) {
    if (const auto problems = provider::option_problems(options); !problems.empty())
        return fail(Status::INVALID_ARGUMENT, "{}", fmt::join(problems, "; "));
    use_defaults(options);
    if (!options.sandbox.logger) options.sandbox.logger = options.logger;
    return Unit{};
}

Error speaks_for_nobody(const Address& key, const Address& organisation) {
    return fail(Status::REFUSED,
                "expected a key that acts for {} on the ledger, found {}, which does not: its time is over, it was "
                "revoked, or another key is the owner's; dt-cli system keys shows who does",
                address_text(organisation), address_text(key));
}

/// Such a key may be one that its organisation revoked, or has not named yet.
Result<Unit> warn_without_role(const ProviderOptions& options, const Chain& chain) {
    C2D_TRY(const bool provider, chain.has_role(options.organisation, LedgerRole::provider));
    if (provider) return Unit{};
    options.logger->log(
        LogLevel::warn,
        fmt::format("the provider works in the name of its own key {}, for which no role of a provider "
                    "stands: expected a key of an organisation that an administrator registered (dt-cli "
                    "system org), or one that acts for it (dt-cli system add_delegate)",
                    address_text(options.organisation)));
    return Unit{};
}

/// In whose name the provider works, as the ledger has it now.
Result<Unit> find_organisation(ProviderOptions& options, const Chain& chain) {
    const auto key = options.signer->address();
    C2D_TRY(const auto found, chain.principal(key, KeyUse::work));
    if (options.organisation.is_zero()) options.organisation = found.is_zero() ? key : found;
    if (found != options.organisation) return speaks_for_nobody(key, options.organisation);
    if (key == found) return warn_without_role(options, chain);
    C2D_TRY(const bool grants, chain.acts_for(key, found, KeyUse::grant));
    options.logger->log(LogLevel::info,
                        fmt::format("the key {} works in the name of {}{}", address_text(key), address_text(found),
                                    grants ? "" : "; it gives no grants: requests for these wait"));
    return Unit{};
}

}  // namespace

/// What is there from `open` on. Everything that touches the state comes with `start`.
struct Provider::Opened {
    ProviderOptions options;
    AssetRegistry registry;
    Sandbox sandbox;
    std::filesystem::path state;
    Fd lock;
    std::optional<artifact::ArtifactKey> token_key;
    std::mutex starting;
    std::unique_ptr<Impl> impl;
    /// What other threads go by: set once `impl` is whole.
    std::atomic<Impl*> started = nullptr;

    Result<Impl*> running() const {
        if (Impl* there = started) return there;
        return fail(Status::CONFLICT, "the provider was not started; call start first");
    }
    Result<std::unique_ptr<Impl>> make() const;
};

Result<Provider> Provider::open(AssetRegistry registry, ProviderOptions options) {
    C2D_CHECK(complete(options));
    if (const auto held = hold_private_folder(options.exec_dirpath); !held)
        return fail(held.status(), "exec_dirpath: {}", held.error().message);
    C2D_CHECK(find_organisation(options, registry.chain()));
    // Two providers may share exec_dirpath: each has its own state, which another key of its organisation goes on with.
    const auto name = "provider_" + hex_text(options.organisation).substr(2, 8) + ".db";
    const auto state = options.exec_dirpath / name;
    C2D_TRY(auto lock, provider::lock_state(state));
    C2D_TRY(auto token_key, provider::hold_token_key(options));
    C2D_TRY(auto sandbox, Sandbox::open(options.sandbox));
    const bool later = options.defer_start;
    Provider out(std::unique_ptr<Opened>(new Opened{std::move(options),
                                                    std::move(registry),
                                                    std::move(sandbox),
                                                    state,
                                                    std::move(lock),
                                                    std::move(token_key),
                                                    {},
                                                    {},
                                                    {}}));
    if (!later) C2D_CHECK(out.start());
    return out;
}

namespace {

/// The numbers of jobs say nothing on another ledger.
Result<Unit> require_same_ledger(provider::JobStore& store, const Chain& chain, const std::filesystem::path& state) {
    C2D_TRY(const auto mark, store.ledger_mark());
    const auto here = chain.network().chain_id;
    if (!mark || mark->chain_id == here) return Unit{};
    C2D_TRY(const auto runs, store.runs_of(std::nullopt, 1));
    if (runs.empty()) return Unit{};
    return fail(Status::CONFLICT,
                "{} holds runs of the ledger with chain id {}, but the configured one has {}: configure that ledger, "
                "name another exec_dirpath, or move the file away",
                state.string(), mark->chain_id, here);
}

}  // namespace

Result<std::unique_ptr<Provider::Impl>> Provider::Opened::make() const {
    C2D_TRY(auto store, provider::JobStore::open(state));
    store->set_weights(options.queue_weights);
    C2D_TRY(const auto owner, provider::OwnerStore::open(state));
    C2D_CHECK(require_same_ledger(*store, registry.chain(), state));
    JobVerifierOptions rules;
    rules.self = options.organisation;
    rules.nonces = store;
    rules.clock = options.clock;
    rules.logger = options.logger;
    rules.accepted_parties = options.accepted_parties;
    rules.accepted_composers = options.accepted_composers;
    rules.allow_collusion = options.allow_collusion;
    rules.accept_legacy_signatures = options.accept_legacy_signatures;
    // However many ask for one document at a time, it is fetched once.
    AssetRegistryOptions reading = registry.options();
    reading.documents = provider::within_document_time(store::fetch_once(reading.documents));
    C2D_TRY(auto read_once, AssetRegistry::open(registry.chain(), std::move(reading)));
    C2D_TRY(auto verifier, JobVerifier::open(std::move(read_once), std::move(rules)));
    C2D_TRY(auto ports, provider::PeerPorts::open(options.peers));
    // Runs are ended and folders swept once nothing else can fail.
    C2D_CHECK(provider::recover_interrupted(*store, options, registry.chain().network()));
    C2D_CHECK(provider::sweep_artifacts(options, *store));
    C2D_CHECK(provider::sweep_checkpoints(options, *store));
    provider::sweep_job_folders(options.exec_dirpath, options.organisation);
    provider::warn_of_missing_data(options, *store);
    return std::make_unique<Impl>(std::move(verifier), options, std::move(store), owner, sandbox, std::move(ports));
}

Result<Unit> Provider::start() {
    const std::lock_guard lock(opened_->starting);
    if (opened_->impl) return Unit{};
    C2D_TRY(opened_->impl, opened_->make());
    opened_->impl->runner.start();
    opened_->started = opened_->impl.get();
    return Unit{};
}

Provider::Provider(std::unique_ptr<Opened> opened) : opened_(std::move(opened)) {}
Provider::Provider(Provider&&) noexcept = default;
Provider& Provider::operator=(Provider&&) noexcept = default;
Provider::~Provider() = default;

HttpResponse Provider::handle(const HttpRequest& request) {
    if (Impl* const impl = opened_->started) return impl->service.handle(request);
    return provider::refusal(Reason::starting, "unknown");
}
void Provider::answer(HttpRequest request, Answered done) {
    if (Impl* const impl = opened_->started) return impl->service.answer(std::move(request), std::move(done));
    done(provider::refusal(Reason::starting, "unknown"));
}
Result<Unit> Provider::reconfigure(const ProviderOptions& options) {
    C2D_TRY(Impl* const impl, opened_->running());
    ProviderOptions checked = options;
    checked.signer = impl->options.signer;
    checked.logger = impl->options.logger;
    if (const auto problems = provider::option_problems(checked); !problems.empty())
        return fail(Status::INVALID_ARGUMENT, "{}", fmt::join(problems, "; "));
    impl->verifier.accept_only(options.accepted_parties, options.accepted_composers);
    impl->store->set_weights(options.queue_weights);
    impl->tuning.set(provider::Tuned::of(options));
    impl->runner.wake();
    return Unit{};
}

Address Provider::address() const noexcept { return opened_->options.organisation; }

namespace {

ProviderRun for_owner(const JobRun& run) {
    return {run.job_id,
            run.party,
            run.algo_dt,
            run.solver,
            provider::run_state_name(run.state),
            run.end,
            run.end ? run.end->text() : "",
            run.detail,
            run.folder,
            run.outputs,
            run.created,
            run.updated,
            run.attempt,
            run.attempts_max,
            run.waits_for_attempt()};
}

Result<std::vector<ProviderRun>> for_owner(Result<std::vector<JobRun>> runs) {
    if (!runs) return runs.error();
    std::vector<ProviderRun> out;
    for (const auto& run : *runs) out.push_back(for_owner(run));
    return out;
}

}  // namespace

Result<std::vector<ProviderRun>> Provider::runs() const {
    C2D_TRY(Impl* const impl, opened_->running());
    return for_owner(impl->store->runs_of(std::nullopt, provider::kRunsListedMax));
}

Result<std::vector<ProviderRun>> Provider::runs_of(std::uint64_t job_id) const {
    C2D_TRY(Impl* const impl, opened_->running());
    C2D_TRY(auto runs, for_owner(impl->store->runs_of_job(job_id)));
    if (runs.empty()) return fail(Status::NOT_FOUND, "job {} was not admitted here", job_id);
    return runs;
}

Result<Unit> Provider::cancel(std::uint64_t job_id) {
    C2D_TRY(Impl* const impl, opened_->running());
    C2D_TRY(const auto runs, runs_of(job_id));
    bool any = false;
    for (const auto& run : runs) {
        C2D_TRY(const bool cancelled, impl->runner.cancel(job_id, run.party));
        any |= cancelled;
    }
    if (!any) return fail(Status::CONFLICT, "job {} has ended already", job_id);
    return Unit{};
}

Result<std::vector<WaitingGrant>> Provider::waiting_grants() const {
    C2D_TRY(Impl* const impl, opened_->running());
    return impl->service.waiting();
}

Result<Unit> Provider::close_token(const TokenId& dt) {
    C2D_TRY(Impl* const impl, opened_->running());
    return impl->service.set_closed(dt, true);
}

Result<Unit> Provider::open_token(const TokenId& dt) {
    C2D_TRY(Impl* const impl, opened_->running());
    return impl->service.set_closed(dt, false);
}

void Provider::hold(bool held) {
    if (Impl* const impl = opened_->started) impl->runner.hold(held);
}

void Provider::drain() {
    if (Impl* const impl = opened_->started) impl->runner.drain();
}

}  // namespace c2d
