/// Two data sets are published, composed and used in a job; then their whole life is traced.
///
/// c++ -std=c++20 publish_and_trace.cpp $(pkg-config --cflags --libs c2d_static) -o publish_and_trace
///
/// Everything happens in memory: the ledger, the documents and three fresh keys. `must` ends the
/// program with the library's own explanation when a call failed.
#include <c2d/asset_registry.hpp>
#include <c2d/key.hpp>
#include <c2d/tracer.hpp>

#include <cstdlib>
#include <iostream>

namespace {

/// The value, or the end of the program.
template <class T>
T must(c2d::Result<T> result, std::string_view what) {
    if (result) return *std::move(result);
    std::cerr << what << ": " << result.error().message << " (" << c2d::status_name(result.status()) << ")\n";
    std::exit(1);
}

std::string json_string(std::string_view text) { return '"' + std::string(text) + '"'; }

/// Registers an organisation that may publish.
void register_organisation(c2d::Chain& chain, c2d::Signer& admin, const c2d::Signer& key, std::string_view name) {
    must(chain.register_enterprise(admin, key.address(), name, ""), name);
    must(chain.add_provider(admin, key.address()), name);
}

/// Code that was reviewed: it counts the rows of one file.
c2d::TokenId publish_operator(c2d::AssetRegistry& registry, c2d::Signer& admin) {
    c2d::OperatorDraft draft;
    draft.metadata_json = R"({"main": {"type": "Operation", "name": "count rows"}})";
    draft.operation = R"(import json, sys
args = json.load(open(sys.argv[2]))
rows = sum(1 for _ in open(args['input']))
open(args['outputs']['0'], 'w').write(str(rows))
)";
    draft.params_json = R"({"input": {}, "outputs": {}})";
    return must(registry.publish_operator(admin, draft), "publish the operator");
}

/// A data set, on offer for that operator alone: its terms leave nothing free.
c2d::TokenId publish_data(c2d::AssetRegistry& registry, c2d::Signer& owner, const c2d::TokenId& tid,
                          const std::string& name) {
    const std::string path = json_string("./inputs/" + name + ".csv");
    const std::string attributes = R"({"metadata": {"main": {"type": "Dataset", "name": )" + json_string(name) + R"(}},
            "services": [{"index": "count", "endpoint": "127.0.0.1:8090",
                          "descriptor": {"template": )" +
                                   json_string(c2d::token_text(tid)) + R"(,
                                         "constraint": {"input": )" +
                                   path + R"(,
                                                        "outputs": {"0": "./outputs/rows.txt"}}},
                          "attributes": {"price": 10, "path": )" +
                                   path + R"(}}]})";
    return must(registry.publish(owner, attributes), name);
}

/// An Algorithm: both data sets, with every argument fixed.
c2d::TokenId publish_algorithm(c2d::AssetRegistry& registry, c2d::Signer& owner, const c2d::TokenId& first,
                               const c2d::TokenId& second) {
    const auto use = [](const std::string& file) {
        return R"({"service": "count", "constraint": {"input": ")" + file +
               R"(", "outputs": {"0": "./outputs/rows.txt"}}})";
    };
    const std::string a = json_string(c2d::token_text(first)), b = json_string(c2d::token_text(second));
    const std::string attributes =
        R"({"metadata": {"main": {"type": "Algorithm", "name": "rows of both"}},
            "child_dts": [)" +
        a + ", " + b + R"(],
            "services": [{"index": "all", "endpoint": {}, "attributes": {},
                          "descriptor": {"workflow": {)" +
        a + ": " + use("./inputs/features.csv") + ", " + b + ": " + use("./inputs/labels.csv") + "}}}]}";
    return must(registry.publish(owner, attributes), "compose");
}

}  // namespace

int main() {
    const auto admin = must(c2d::PrivateKey::generate(), "new key");
    const auto bank = must(c2d::PrivateKey::generate(), "new key");
    const auto fintech = must(c2d::PrivateKey::generate(), "new key");

    c2d::ChainOptions where;
    where.network_url = "ledger::memory:";
    auto chain = must(c2d::Chain::create(where, *admin), "new ledger");
    c2d::AssetRegistryOptions options;
    options.documents = c2d::DocumentStore::memory();
    auto registry = must(c2d::AssetRegistry::open(chain, options), "registry");

    register_organisation(chain, *admin, *bank, "Bank A");
    register_organisation(chain, *admin, *fintech, "Fintech C");

    const auto tid = publish_operator(registry, *admin);
    const auto features = publish_data(registry, *bank, tid, "features");
    const auto labels = publish_data(registry, *bank, tid, "labels");
    const auto algorithm = publish_algorithm(registry, *fintech, features, labels);

    // The bank permits it, twice; only then can the composition be activated.
    must(registry.grant(*bank, features, algorithm), "grant");
    must(registry.grant(*bank, labels, algorithm), "grant");
    must(registry.activate(*fintech, algorithm), "activate");

    const auto task = must(chain.create_task(*bank, "count", "how many rows?"), "task");
    const auto job = must(chain.add_job(*fintech, algorithm, task), "job");
    std::cout << "job " << job << " of task " << task << '\n';

    std::cout << c2d::trace_text(must(c2d::Tracer(registry).walk({features}), "trace"));
    return 0;
}
