#include "bench/verifier_world.hpp"

#include "base/try.hpp"

namespace c2d::bench {

namespace {

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

}  // namespace

Result<JobVerifier> VerifierWorld::verifier() const {
    JobVerifierOptions rules;
    rules.self = owner->address();
    rules.nonces = NonceStore::memory();
    return JobVerifier::open(registry, rules);
}

Result<Solver> VerifierWorld::add_solver() {
    C2D_TRY(const auto key, PrivateKey::generate());
    auto& chain = registry.chain();
    C2D_CHECK(chain.register_enterprise(*admin, key->address(), address_text(key->address()), "bench"));
    C2D_CHECK(chain.add_provider(*admin, key->address()));
    C2D_TRY(const auto cdt, registry.publish(*key, with(kAlgorithm, "DT", token_text(dt))));
    C2D_CHECK(registry.grant(*owner, dt, cdt));
    C2D_CHECK(registry.activate(*key, cdt));
    C2D_TRY(const auto task, chain.create_task(*key, "t", "bench"));
    C2D_TRY(const auto job, chain.add_job(*key, cdt, task));
    return Solver{key, cdt, job};
}

Result<VerifierWorld> make_verifier_world(const std::string& network_url, std::shared_ptr<DocumentStore> documents) {
    ChainOptions options;
    options.network_url = network_url;
    return make_verifier_world(options, std::move(documents));
}

Result<VerifierWorld> make_verifier_world(const ChainOptions& options, std::shared_ptr<DocumentStore> documents) {
    C2D_TRY(const auto admin, PrivateKey::generate());
    C2D_TRY(const auto owner, PrivateKey::generate());
    C2D_TRY(auto chain, Chain::create(options, *admin));
    C2D_CHECK(chain.register_enterprise(*admin, owner->address(), "org", "bench"));
    C2D_CHECK(chain.add_provider(*admin, owner->address()));
    AssetRegistryOptions registry_options;
    registry_options.documents = std::move(documents);
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
    C2D_TRY(const auto job, chain.add_job(*owner, cdt, task));
    return VerifierWorld{std::move(registry), admin, owner, dt, cdt, job};
}

}  // namespace c2d::bench
