#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/private_files.hpp"
#include "base/try.hpp"
#include "provider/peer_policy.hpp"
#include "provider/service.hpp"
#include "store/fetch_once.hpp"

#include <c2d/provider.hpp>

namespace c2d {

using provider::Run;

namespace {

constexpr std::size_t kListMax = 200;

}  // namespace

struct Provider::Impl {
    Impl(JobVerifier v, ProviderOptions o, std::shared_ptr<provider::JobStore> s, Sandbox sandbox)
        : verifier(std::move(v)),
          options(std::move(o)),
          store(std::move(s)),
          runner(verifier, options, std::move(sandbox), store),
          service(verifier, options, store, runner) {}

    JobVerifier verifier;
    ProviderOptions options;
    std::shared_ptr<provider::JobStore> store;
    provider::Runner runner;
    provider::Service service;
};

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
    if (const auto held = hold_private_folder(options.exec_dirpath); !held)
        return fail(held.status(), "exec_dirpath: {}", held.error().message);
    // Two providers may share exec_dirpath: each has its own state.
    const auto name = "provider_" + hex_text(options.signer->address()).substr(2, 8) + ".db";
    C2D_TRY(auto store, provider::JobStore::open(options.exec_dirpath / name));
    C2D_TRY(const auto interrupted, store->fail_interrupted(options.clock->now_seconds()));
    if (interrupted > 0)
        options.logger->log(LogLevel::warn, fmt::format("{} interrupted runs were failed", interrupted));
    // However many ask for one document at a time, it is fetched once.
    AssetRegistryOptions reading = registry.options();
    reading.documents = store::fetch_once(reading.documents);
    C2D_TRY(registry, AssetRegistry::open(registry.chain(), std::move(reading)));
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

HttpResponse Provider::handle(const HttpRequest& request) { return impl_->service.handle(request); }
void Provider::answer(HttpRequest request, Answered done) {
    impl_->service.answer(std::move(request), std::move(done));
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
