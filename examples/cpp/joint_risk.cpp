/// Two banks and a fintech company train a risk model that none of them could train alone.
///
/// c++ -std=c++20 joint_risk.cpp $(pkg-config --cflags --libs c2d_static) -o joint_risk
/// ./joint_risk STORY DATA WORK [PORT SPLIT BATCH EPOCH [PREFIX]]
///
/// STORY is the folder joint_risk beside this one: operator and terms. DATA holds org1_feature.csv,
/// org1_label.csv and org2_feature.csv (STORY/generate_data.py makes them up). WORK, a
/// new folder, becomes the providers' job folders. Three ports from PORT (8911) must be free; the model trains on the
/// first SPLIT rows (40000) in EPOCH iterations (10001) of BATCH rows (256). A program that links the static library
/// and stands elsewhere names the PREFIX of the installation, where the sandbox's helper is.
///
/// Ledger, documents and all organisations are in this one process: requests go from the client to the
/// providers as values. The three parties of the computation are processes of their own, each walled
/// off in a sandbox, and speak TLS with each other.
#include <c2d/client.hpp>
#include <c2d/key.hpp>
#include <c2d/provider.hpp>
#include <c2d/tracer.hpp>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

namespace {

namespace fs = std::filesystem;

// The keys of the original demonstration. Public: never use them for anything of value.
constexpr auto kSystem = "4472aa5d4e2efe297784a3d44d840c9652cdb7663e22dedd920958bf6edfaf7e";
constexpr auto kBankA = "5c25a2fb9b5427bbe8b68b4ddc0655ae7621f87a147a489b1337ca166bca0173";
constexpr auto kBankB = "eee795df5de4fc3636abfcfb6d1741665a903efa2b5ded74cea33ca92111b953";
constexpr auto kCompany = "6bba7694acf53fd8d02120263e6e5aaacbab4b623f4a401ac835c9d8ec54e122";
constexpr auto kOperatorId = "dt:ownership:caf831804693f76b0b988639a9cb680f45fcaeb23ee8f3b8a7b8d93e59616b3b";

[[noreturn]] void stop(std::string_view why) {
    std::cerr << why << '\n';
    std::exit(1);
}

/// The value, or the end of the program.
template <class T>
T must(c2d::Result<T> result, std::string_view what) {
    if (result) return *std::move(result);
    stop(std::string(what) + ": " + result.error().message + " (" + c2d::status_name(result.status()) + ")");
}

/// Where everything is, and how much is computed.
struct Settings {
    fs::path story, data, work, prefix;
    int port = 8911;
    std::string split = "40000", batch = "256", epoch = "10001";

    std::string read(const std::string& name) const {
        std::ifstream file(story / "samples" / name);
        std::ostringstream text;
        if (!(text << file.rdbuf())) stop("cannot read " + (story / "samples" / name).string());
        return text.str();
    }

    /// A token's attributes from the story, with this run's numbers and ports.
    std::string attributes(const std::string& token) const {
        std::string text = read("ddo/" + token + "_attr.json");
        const auto fill = [&text](const std::string& from, const std::string& to) {
            for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
                text.replace(at, from.size(), to);
        };
        fill("${IN_DIM:-72}", "72");
        fill("${LR:-0.01}", "0.01");
        fill("${SPLIT:-40000}", split);
        fill("${SHUFFLE:-false}", "false");
        fill("${BATCH_SIZE:-256}", batch);
        fill("${EPOCH:-10001}", epoch);
        for (int party = 0; party < 3; ++party)
            fill("127.0.0.1:" + std::to_string(8911 + party), "127.0.0.1:" + std::to_string(port + party));
        return text;
    }
};

/// An organisation: its key, the data behind its tokens, and its provider once that runs.
struct Party {
    std::string name, endpoint;
    std::shared_ptr<c2d::PrivateKey> key;
    std::map<c2d::TokenId, fs::path> assets;
    std::optional<c2d::Provider> provider;
};
using Parties = std::vector<Party>;

Party organisation(std::string name, std::string endpoint, std::string_view secret) {
    return {std::move(name), std::move(endpoint), must(c2d::PrivateKey::from_hex(secret), "key"), {}, {}};
}

/// The system administrator registers the organisations and publishes the reviewed operator.
void prepare(c2d::AssetRegistry& registry, c2d::Signer& admin, const Parties& parties, const Settings& settings) {
    for (const Party& party : parties) {
        must(registry.chain().register_enterprise(admin, party.key->address(), party.name, ""), party.name);
        must(registry.chain().add_provider(admin, party.key->address()), party.name);
    }
    c2d::OperatorDraft draft;
    draft.id = must(c2d::parse_token(kOperatorId), "operator");
    draft.operation = settings.read("op/rtt_op.py");
    draft.params_json = settings.read("op/rtt_params.json");
    draft.metadata_json = R"({"main": {"type": "Operation", "name": "op1", "desc": "test op",
        "mpc": {"parties": 3, "threshold": 1, "party": "party_id", "endpoints": "exec_endpoints"}}})";
    must(registry.publish_operator(admin, draft), "operator");
}

/// Publishes a token of the story; `file` holds its data, if it has any.
c2d::TokenId publish(c2d::AssetRegistry& registry, Party& party, const Settings& settings, const std::string& token,
                     const std::string& file = {}) {
    const auto dt = must(registry.publish(*party.key, settings.attributes(token)), token);
    if (!file.empty()) party.assets[dt] = settings.data / file;
    return dt;
}

/// Opens a provider next to the data; as party `number` of a computation it listens on a port of its own.
void start(const c2d::AssetRegistry& registry, Party& party, int number, const Settings& settings) {
    c2d::ProviderOptions options;
    options.signer = party.key;
    options.exec_dirpath = settings.work / party.name;
    options.assets = party.assets;
    const auto port = std::uint16_t(settings.port + number);
    options.peers.ports = {{port, port}};
    // Everything runs on one machine here: without this private peers are refused.
    options.peers.networks = {"127.0.0.0/8"};
    auto python = c2d::PythonRuntime::find();
    if (!settings.prefix.empty()) {
        options.sandbox.helper = settings.prefix / "libexec/c2d/c2d-sandbox-helper";
        python = c2d::PythonRuntime::find(settings.prefix / "share/c2d/python/c2d");
    }
    options.runtime = python.mounts;
    options.environment = python.environment;
    party.provider = must(c2d::Provider::open(registry, std::move(options)), party.name);
}

/// In place of the network: a request goes to the provider at its endpoint.
class InProcess final : public c2d::HttpTransport {
public:
    explicit InProcess(Parties& parties) : parties_(parties) {}
    c2d::Result<c2d::HttpResponse> send(const c2d::HttpRequest& request) override {
        for (Party& party : parties_)
            if (request.target.starts_with("http://" + party.endpoint + "/")) return party.provider->handle(request);
        return c2d::Error(c2d::Status::UNAVAILABLE, "nobody is at " + request.target);
    }

private:
    Parties& parties_;
};

/// The company composes under the banks' terms, runs the job and prints what was released; returns the
/// Algorithm.
c2d::TokenId compute(const c2d::AssetRegistry& registry, Parties& parties, const Settings& settings) {
    c2d::ClientOptions options;
    options.http = std::make_shared<InProcess>(parties);
    auto client = must(c2d::Client::open(registry, parties[2].key, options), "client");
    const auto algorithm = must(client.compose(settings.attributes("3rd_algo")), "compose");
    const auto task = must(client.create_task("test", "test_task"), "task");
    const auto job = must(client.execute(task, algorithm), "job");
    const auto show = [](auto, auto, std::string_view line) { std::cerr << line << '\n'; };
    for (const auto& part : must(client.wait(job, show), "wait"))
        if (part.state != "succeeded") stop("the job failed: " + part.outcome);
    for (const auto& file : must(client.results(job), "results"))
        std::cout << std::string(file.content.begin(), file.content.end());
    return algorithm;
}

void play(const Settings& settings) {
    const auto admin = must(c2d::PrivateKey::from_hex(kSystem), "key");
    c2d::ChainOptions where;
    where.network_url = "ledger::memory:";
    c2d::AssetRegistryOptions options;
    options.documents = c2d::DocumentStore::memory();
    auto registry =
        must(c2d::AssetRegistry::open(must(c2d::Chain::create(where, *admin), "new ledger"), options), "registry");
    Parties parties;
    parties.push_back(organisation("org1", "127.0.0.1:8090", kBankA));
    parties.push_back(organisation("org2", "127.0.0.1:8091", kBankB));
    parties.push_back(organisation("3rd-party", "127.0.0.1:8092", kCompany));
    prepare(registry, *admin, parties, settings);

    publish(registry, parties[0], settings, "org1_feature", "org1_feature.csv");
    publish(registry, parties[0], settings, "org1_label", "org1_label.csv");
    const auto accounts = publish(registry, parties[1], settings, "org2_feature", "org2_feature.csv");
    publish(registry, parties[2], settings, "3rd_compute");
    for (int number = 0; number < 3; ++number) start(registry, parties[std::size_t(number)], number, settings);

    const auto algorithm = compute(registry, parties, settings);
    // The regulator walks from the Algorithm, and from bank B's data.
    for (const auto& root : {algorithm, accounts})
        std::cout << c2d::trace_text(must(c2d::Tracer(registry).walk({root}), "trace"));
    must(registry.chain().verify(), "the ledger does not hold");
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4 || argc > 9) stop("usage: joint_risk STORY DATA WORK [PORT SPLIT BATCH EPOCH [PREFIX]]");
    Settings settings{argv[1], argv[2], argv[3], argc > 8 ? argv[8] : ""};
    if (argc > 4) settings.port = std::atoi(argv[4]);
    if (argc > 5) settings.split = argv[5];
    if (argc > 6) settings.batch = argv[6];
    if (argc > 7) settings.epoch = argv[7];
    play(settings);
}
