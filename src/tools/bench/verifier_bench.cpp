// c2d-bench verifier: how many job verdicts a second, each reading ledger and documents anew.

#include "base/try.hpp"
#include "tools/bench/bench.hpp"

#include <c2d/job_verifier.hpp>
#include <c2d/key.hpp>

namespace c2d::bench {

namespace {

constexpr int kVerdicts = 300;

constexpr const char* kLeaf = R"({"metadata": {"main": {"type": "Dataset", "name": "d"}}, "services":
    [{"index": "s", "endpoint": "127.0.0.1:1", "descriptor": {"template": "TID", "constraint":
    {"rows": {"$schema": {"type": "integer", "maximum": 1000}}, "mode": {}}},
    "attributes": {"path": "./inputs/d.csv"}}]})";
constexpr const char* kAlgorithm = R"({"metadata": {"main": {"type": "Algorithm", "name": "a"}},
    "child_dts": ["DT"], "services": [{"index": "a", "descriptor": {"workflow": {"DT":
    {"service": "s", "constraint": {"rows": 100, "mode": "mean"}}}}}]})";

std::string with(std::string text, const std::string& name, const std::string& value) {
    for (auto at = text.find('"' + name + '"'); at != std::string::npos; at = text.find('"' + name + '"'))
        text.replace(at, name.size() + 2, '"' + value + '"');
    return text;
}

struct World {
    JobVerifier verifier;
    Envelope envelope;
};

Result<World> make_world() {
    C2D_TRY(const auto admin, PrivateKey::generate());
    C2D_TRY(const auto owner, PrivateKey::generate());
    ChainOptions options;
    options.network_url = "ledger::memory:";
    C2D_TRY(auto chain, Chain::create(options, *admin));
    C2D_CHECK(chain.register_enterprise(*admin, owner->address(), "org", "bench"));
    C2D_CHECK(chain.add_provider(*admin, owner->address()));
    AssetRegistryOptions registry_options;
    registry_options.documents = DocumentStore::memory();
    C2D_TRY(auto registry, AssetRegistry::open(chain, registry_options));
    OperatorDraft draft;
    draft.metadata_json = R"({"main": {"type": "Operation", "name": "op"}})";
    draft.operation = "print(1)\n";
    draft.params_json = R"({"rows": {}, "mode": {}})";
    C2D_TRY(const auto tid, registry.publish_operator(*admin, draft));
    C2D_TRY(const auto dt, registry.publish(*owner, with(kLeaf, "TID", token_text(tid))));
    C2D_TRY(const auto cdt, registry.publish(*owner, with(kAlgorithm, "DT", token_text(dt))));
    C2D_CHECK(registry.grant(*owner, dt, cdt));
    C2D_CHECK(registry.activate(*owner, cdt));
    C2D_TRY(const auto task, chain.create_task(*owner, "t", "bench"));
    Envelope envelope;
    envelope.signer = owner->address();
    envelope.request.dt = dt;
    envelope.request.algo_dt = cdt;
    C2D_TRY(envelope.request.job_id, chain.add_job(*owner, cdt, task));
    JobVerifierOptions rules;
    rules.self = owner->address();
    rules.nonces = NonceStore::memory();
    C2D_TRY(auto verifier, JobVerifier::open(registry, rules));
    return World{std::move(verifier), envelope};
}

}  // namespace

Result<std::vector<Goal>> verifier_bench() {
    C2D_TRY(const auto world, make_world());
    Result<Verdict> last = Verdict::accept();
    const double spent = seconds([&] {
        for (int i = 0; i < kVerdicts && last && last->accepted(); ++i)
            last = world.verifier.verify_job(world.envelope, nullptr);
    });
    if (!last) return last.error();
    if (last->refused()) return Error(Status::INTERNAL, reason_name(last->reason));
    return std::vector<Goal>{report("job verdicts a second", kVerdicts / spent)};
}

}  // namespace c2d::bench
