// c2d-bench provider: signed requests a second with few and with a million nonces, beside hostile clients, whether a
// provider answers while a document store or a ledger stalls, and jobs from end to end.

#include "base/call_scope.hpp"
#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/try.hpp"
#include "bench/provider_load.hpp"
#include "crypto/hash.hpp"
#include "job/nonce_store.hpp"
#include "support/temp_dir.hpp"
#include "tools/http_server.hpp"

#include <c2d/provider.hpp>

namespace c2d::bench {

namespace {

using namespace std::chrono_literals;

constexpr unsigned kSolvers = 8, kHostile = 64;
constexpr std::uint64_t kNonces = 1'000'000, kSigners = 1'000;
constexpr Plan kPlan{.turns = 5, .repeats = 3, .warm_up = 1};
constexpr auto kRound = 300ms;

/// A provider behind the real server, with a state of its own.
struct Served {
    std::unique_ptr<Provider> provider;
    std::unique_ptr<tools::HttpServer> server;
    std::uint16_t port() const { return server->port(); }
};

std::filesystem::path state_file(const std::filesystem::path& folder, const Address& owner) {
    return folder / ("provider_" + hex_text(owner).substr(2, 8) + ".db");
}

Result<Served> serve(const AssetRegistry& registry, const VerifierWorld& world, const std::filesystem::path& folder) {
    ProviderOptions options;
    options.signer = world.owner;
    options.exec_dirpath = folder;
    // Verification looks whether the data are there.
    options.assets[world.dt] = folder.parent_path() / "d.csv";
    C2D_TRY(auto provider, Provider::open(registry, options));
    Served out;
    out.provider = std::make_unique<Provider>(std::move(provider));
    tools::HttpServerOptions listen;
    listen.connections_per_address_max = listen.connections_max;
    C2D_TRY(out.server,
            tools::HttpServer::start(listen, [provider = out.provider.get()](HttpRequest request, auto done) {
                provider->answer(std::move(request), std::move(done));
            }));
    return out;
}

/// Fills the state of a provider that is not open: a million nonces that live longer than the bench.
Result<Unit> fill_nonces(const std::filesystem::path& folder, const Address& owner) {
    std::filesystem::create_directories(folder);
    C2D_TRY(auto db, store::Database::open(state_file(folder, owner).string(), store::Database::Mode::create));
    C2D_TRY(auto table, NonceTable::open(db));
    C2D_TRY(auto write, store::WriteTransaction::begin(db));
    const auto now = Clock::system()->now_seconds();
    for (std::uint64_t i = 0; i < kNonces; ++i) {
        Address signer;
        const auto name = keccak256(std::to_string(i % kSigners));
        std::copy_n(name.data.begin(), signer.data.size(), signer.data.begin());
        C2D_CHECK(table.remember(signer, keccak256(std::to_string(i)), now + kRequestExpirySecondsMax, now));
    }
    return write.commit();
}

Result<double> verify_rate(const VerifierWorld& world, const std::vector<Solver>& solvers, const Served& served) {
    C2D_TRY(const auto load, verify_load(served.port(), world, solvers, kRound));
    return load.rate();
}

Result<Unit> compare_nonces(const VerifierWorld& world, const std::vector<Solver>& solvers, const Served& few,
                            const Served& many, std::vector<Goal>& goals) {
    C2D_TRY(const auto rates, in_turns({[&] { return verify_rate(world, solvers, many); },
                                        [&] { return verify_rate(world, solvers, few); }},
                                       kPlan));
    goals.push_back(report("verify requests a second, 8 clients", rates[1]));
    goals.push_back(at_least("the same with 1,000,000 nonces, ratio", ratio(rates[0], rates[1]), 0.85));
    return Unit{};
}

Result<double> slowest_percent(const VerifierWorld& world, const std::vector<Solver>& solvers, const Served& served) {
    C2D_TRY(const auto load, verify_load(served.port(), world, solvers, kRound));
    return quantile(load.latencies, 0.99);
}

Result<Unit> under_attack(const VerifierWorld& world, const std::vector<Solver>& solvers, const Served& served,
                          std::vector<Goal>& goals) {
    std::vector<double> health;
    std::uint64_t hostile_answers = 0;
    const auto alone = [&] { return slowest_percent(world, solvers, served); };
    const auto beside = [&] {
        const Hostile hostile(served.port(), world, kHostile);
        Result<double> latency = 0.0;
        const auto looks = health_during(served.port(), [&] { latency = alone(); });
        hostile_answers += hostile.answers();
        health.insert(health.end(), looks.begin(), looks.end());
        return latency;
    };
    C2D_TRY(const auto latencies, in_turns({beside, alone}, kPlan));
    goals.push_back(report("answers to 64 hostile clients meanwhile", double(hostile_answers)));
    goals.push_back(
        at_most("p99 of honest requests beside them, times that alone", ratio(latencies[0], latencies[1]), 5));
    goals.push_back(at_most("p99 of /healthz beside them, ms", 1e3 * quantile(health, 0.99), 50));
    return Unit{};
}

/// The Algorithm's document of one solver never comes, but for whoever gives up.
class StallingStore final : public DocumentStore {
public:
    explicit StallingStore(std::shared_ptr<DocumentStore> below) : below_(std::move(below)) {}
    Result<std::string> put(std::string_view document) override { return below_->put(document); }
    Result<std::string> get(std::string_view cid) override {
        while (cid == stalled && !CallScope::over()) std::this_thread::sleep_for(5ms);
        return cid == stalled ? Result<std::string>(fail(Status::TIMEOUT, "stalled")) : below_->get(cid);
    }
    std::string stalled;

private:
    const std::shared_ptr<DocumentStore> below_;
};

/// Asks without waiting for answers.
Result<std::vector<std::thread>> ask_in_vain(std::uint16_t port, const VerifierWorld& world, const Solver& solver,
                                             Method method, const char* route, int count) {
    std::vector<std::thread> asking;
    for (int i = 0; i < count; ++i) {
        RequestBody body;
        body.method = method;
        body.audience = world.owner->address();
        body.dt = world.dt;
        body.algo_dt = solver.algorithm;
        if (method == Method::verify) body.job_id = solver.job_id;
        C2D_TRY(auto text, signed_body(body, world.registry.chain().network(), *solver.key, *Random::system(),
                                       Clock::system()->now_seconds()));
        asking.emplace_back([port, route, text = std::move(text)] {
            (void)HttpTransport::curl()
                ->send({"POST", fmt::format("http://127.0.0.1:{}{}", port, route), text, {}})
                .ok();
        });
    }
    return asking;
}

constexpr auto kStallLook = 2s;

Result<double> health_beside_stalled_store(VerifierWorld& world, const Solver& solver,
                                           const std::filesystem::path& folder) {
    const auto store = std::make_shared<StallingStore>(world.registry.options().documents);
    C2D_TRY(const auto record, world.registry.chain().token(solver.algorithm));
    store->stalled = record.document;
    AssetRegistryOptions options;
    options.documents = store;
    C2D_TRY(const auto registry, AssetRegistry::open(world.registry.chain(), options));
    C2D_TRY(auto served, serve(registry, world, folder));
    C2D_TRY(auto asking, ask_in_vain(served.port(), world, solver, Method::verify, "/v1/verify", 32));
    const auto health = health_during(served.port(), [] { std::this_thread::sleep_for(kStallLook); });
    served.server.reset();
    for (auto& one : asking) one.join();
    return 1e3 * quantile(health, 0.99);
}

Result<double> health_beside_locked_ledger(const VerifierWorld& world, const Solver& solver, const std::string& ledger,
                                           const Served& served) {
    C2D_TRY(auto other, store::Database::open(ledger, store::Database::Mode::existing));
    C2D_TRY(auto lock, store::WriteTransaction::begin(other));
    C2D_TRY(auto asking, ask_in_vain(served.port(), world, solver, Method::grantPermission, "/grantPermission", 32));
    const auto health = health_during(served.port(), [] { std::this_thread::sleep_for(kStallLook); });
    { const auto ended = std::move(lock); }
    for (auto& one : asking) one.join();
    return 1e3 * quantile(health, 0.99);
}

/// A simulated day: each job's solver asks to be told of changes, again whenever its time is over.
Result<double> nonces_of_a_day() {
    constexpr std::uint64_t kWait = 30, kLifetime = 300, kDay = 86'400, kStart = 1'800'000'000, kJobs = 100;
    C2D_TRY(auto db, store::Database::open(":memory:", store::Database::Mode::create));
    C2D_TRY(auto table, NonceTable::open(db));
    C2D_TRY(auto live, db.prepare("SELECT live FROM nonce_total"));
    Address solver;
    std::uint64_t number = 0, most = 0;
    for (auto now = kStart; now < kStart + kDay; now += kWait) {
        for (std::uint64_t job = 0; job < kJobs; ++job)
            C2D_CHECK(table.remember(solver, keccak256(std::to_string(++number)), now + kLifetime, now));
        C2D_CHECK(live.step());
        most = std::max(most, live.number(0));
        live.reset();
    }
    return double(most);
}

}  // namespace

Result<std::vector<Goal>> provider_bench() {
    const support::TempDir place;
    const auto ledger = (place / "ledger.db").string();
    C2D_CHECK(write_file_atomic(place / "d.csv", "1\n", 0600));
    C2D_TRY(auto world, make_verifier_world("ledger:" + ledger, DocumentStore::memory()));
    std::vector<Solver> solvers;
    for (unsigned i = 0; i < kSolvers; ++i) {
        C2D_TRY(auto solver, world.add_solver());
        solvers.push_back(std::move(solver));
    }
    C2D_CHECK(fill_nonces(place / "many", world.owner->address()));
    C2D_TRY(const auto few, serve(world.registry, world, place / "few"));
    C2D_TRY(const auto many, serve(world.registry, world, place / "many"));
    std::vector<Goal> goals;
    C2D_CHECK(compare_nonces(world, solvers, few, many, goals));
    C2D_TRY(const auto attacked, serve(world.registry, world, place / "attacked"));
    C2D_CHECK(under_attack(world, solvers, attacked, goals));
    C2D_TRY(const auto stalled, health_beside_stalled_store(world, solvers[0], place / "stalled"));
    goals.push_back(at_most("p99 of /healthz beside a stalled document store, ms", stalled, 50));
    C2D_TRY(const auto locked, health_beside_locked_ledger(world, solvers[0], ledger, few));
    goals.push_back(at_most("p99 of /healthz beside a locked ledger, ms", locked, 50));
    C2D_CHECK(jobs_end_to_end(goals));
    C2D_TRY(const auto day, nonces_of_a_day());
    goals.push_back(at_most("live nonces of a solver who waits a day for 100 jobs", day, kNoncesPerSignerMax));
    return goals;
}

}  // namespace c2d::bench
