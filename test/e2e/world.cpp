#include "e2e/world.hpp"

#include "asset/publishing.hpp"
#include "chain/ledger/ledger_node.hpp"
#include "crypto/hash.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <thread>

namespace c2d::test {

using json::Value;

namespace {

constexpr const char* kParams = R"({"rows":{},"strict":{},"inputs":{"0":{},"limit":{}},"outputs":{}})";
constexpr const char* kJointParams = R"({"party_id":{},"exec_endpoints":{"0":{},"1":{},"2":{}},"outputs":{}})";
constexpr const char* kMetadata = R"({"main":{"type":"Operation","name":"alone"}})";
constexpr const char* kJointMetadata =
    R"({"main":{"type":"Operation","name":"joint","mpc":{"parties":3,"threshold":1,
        "party":"party_id","endpoints":"exec_endpoints"}}})";

Value parsed(const std::string& text) { return must(json::parse(text)); }
Key key_number(unsigned n) { return must(PrivateKey::from_hex(fmt::format("{:064x}", n))); }
std::uint64_t now() { return Clock::system()->now_seconds(); }

Chain ledger_of_edition_1(PrivateKey& admin) {
    ledger::LedgerOptions how{":memory:", {}, Clock::system(), Random::system(), Logger::silent()};
    how.edition = 1;
    ChainOptions options;
    options.node = must(ledger::create_ledger(how, admin));
    return must(Chain::open(options));
}

}  // namespace

std::string_view route_of(Method method) {
    switch (method) {
        case Method::grantPermission: return "/grantPermission";
        case Method::onPremiseCompute: return "/onPremiseCompute";
        case Method::insertDtStore: return "/insertDtStore";
        case Method::verify: return "/v1/verify";
        case Method::list: return "/v1/jobs";
        default: return "";
    }
}

// LogBook ----------------------------------------------------------------------------------------

void LogBook::log(LogLevel, std::string_view line) {
    const std::lock_guard lock(mutex_);
    lines_.emplace_back(line);
}

bool LogBook::said(std::string_view one, std::string_view other) const {
    const std::lock_guard lock(mutex_);
    for (const auto& line : lines_)
        if (line.find(one) != line.npos && line.find(other) != line.npos) return true;
    return false;
}

std::size_t LogBook::lines() const {
    const std::lock_guard lock(mutex_);
    return lines_.size();
}

// World -------------------------------------------------------------------------------------------

World::World(Options options)
    : admin(key_number(1)),
      bank_a(key_number(2)),
      bank_a2(key_number(3)),
      bank_b(key_number(4)),
      company(key_number(5)),
      outsider(key_number(6)),
      provider_key(bank_a),
      options_(options) {
    ChainOptions chain_options;
    chain_options.network_url =
        options_.ledger_in_file ? "ledger:" + (folder / "ledger.db").string() : "ledger::memory:";
    ledger_ = options_.edition_1 ? ledger_of_edition_1(*admin) : must(Chain::create(chain_options, *admin));
    node = std::make_shared<NodeDouble>(ledger_->node());
    ChainOptions overlaid;
    overlaid.node = node;
    AssetRegistryOptions registry_options;
    registry_options.documents = must(DocumentStore::directory(folder / "documents"));
    if (options_.documents) registry_options.documents = options_.documents(registry_options.documents);
    registry_options.accept_legacy_checksum = options_.accept_legacy_checksum;
    registry_ = must(AssetRegistry::open(must(Chain::open(overlaid)), registry_options));
    const std::pair<Key, const char*> organisations[] = {
        {bank_a, "Bank A"}, {bank_a2, " bank a\t"}, {bank_b, "Bank B"}, {company, "Company C"}};
    for (const auto& [who, name] : organisations) {
        must(chain().register_enterprise(*admin, who->address(), name, "for this test"));
        must(chain().add_provider(*admin, who->address()));
    }
    start();
}

World::~World() { end(); }

ProviderOptions World::provider_options() const {
    ProviderOptions options;
    options.signer = provider_key;
    options.organisation = organisation;
    options.logger = log;
    options.exec_dirpath = folder / "exec";
    options.registrable = {folder / "data"};
    options.peers.ports = {{8911, 8913}};
    options.peers.networks = {"127.0.0.0/8"};
    options.sandbox.helper = C2D_BINARY_DIR "/bin/c2d-sandbox-helper";
    options.limits.memory_bytes = 256ull << 20;
    options.workers = options_.workers;
    options.queue_max = options_.queue_max;
    options.disk_bytes_min = disk_bytes_min;
    return options;
}

Result<Provider> World::open_provider() { return Provider::open(*registry_, provider_options()); }

void World::start() {
    provider_ = must(open_provider());
    server_ =
        must(tools::HttpServer::start(options_.http, [this](HttpRequest request, tools::HttpServer::Answered done) {
            provider_->answer(std::move(request), std::move(done));
        }));
}

void World::end() {
    server_.reset();
    provider_.reset();
}

void World::restart() {
    end();
    start();
}

// Publishing --------------------------------------------------------------------------------------

TokenId World::add_operator(const std::string& operation, bool joint, const std::string& declared,
                            const std::string& params) {
    OperatorDraft draft;
    draft.metadata_json = joint ? kJointMetadata : kMetadata;
    if (!declared.empty())
        draft.metadata_json = R"({"main":{"type":"Operation","name":"keeps","outputs":)" + declared + "}}";
    draft.operation = operation;
    draft.params_json = !params.empty() ? params : joint ? kJointParams : kParams;
    return must(registry_->publish_operator(*admin, draft));
}

TokenId World::mint(const Key& owner, const Value& attributes, std::optional<Bytes32> checksum) {
    const auto id = must(random_token(*Random::system()));
    Value document = asset::make_ddo(attributes, id, owner->address());
    must(asset::pin_templates(document, chain()));
    const auto sealed = must(asset::seal(document, now()));
    const auto cid = must(registry_->documents().put(sealed.text));
    const auto* children = attributes.find("child_dts");
    must(chain().mint(*owner, id, !children, checksum.value_or(sealed.checksum), cid));
    return id;
}

Value World::leaf(const TokenId& op, const std::string& constraint, unsigned attempts) const {
    return parsed(fmt::format(
        R"({{"metadata":{{"main":{{"type":"Dataset","name":"rows"}}}},"services":[{{"index":"s",
            "endpoint":"127.0.0.1:1","descriptor":{{"template":"{}","constraint":{}}},
            "attributes":{{"price":1,"attempts":{}}}}}]}})",
        token_text(op), constraint, attempts));
}

Value World::algorithm(const std::vector<std::pair<TokenId, std::string>>& arguments) const {
    Value workflow = Value::object({});
    json::Array children;
    for (const auto& [child, text] : arguments) {
        children.push_back(token_text(child));
        workflow.set(token_text(child), Value::object({{"service", "s"}, {"constraint", parsed(text)}}));
    }
    Value out = parsed(R"({"metadata":{"main":{"type":"Algorithm","name":"model"}},"services":[]})");
    out.set("child_dts", std::move(children));
    out.find("services")
        ->push_back(
            Value::object({{"index", "s"}, {"descriptor", Value::object({{"workflow", std::move(workflow)}})}}));
    return out;
}

Deal World::offer(const Terms& terms) {
    Deal deal;
    deal.op = add_operator(terms.operation, false, terms.declared, terms.params);
    deal.dt = mint(bank_a, leaf(deal.op, terms.constraint, terms.attempts));
    deal.cdt = mint(company, algorithm({{deal.dt, terms.arguments}}));
    deal.children = {{deal.dt, bank_a}};
    return deal;
}

Deal World::offer_joint(const std::vector<Key>& owners) {
    Deal deal;
    deal.op = add_operator("print('together')\n", true);
    std::vector<std::pair<TokenId, std::string>> arguments;
    for (std::size_t party = 0; party < owners.size(); ++party) {
        deal.children.emplace_back(mint(owners[party], leaf(deal.op, kJointParams)), owners[party]);
        arguments.emplace_back(deal.children.back().first,
                               fmt::format(R"({{"party_id":{},"exec_endpoints":{{"0":"127.0.0.1:8911",
                                   "1":"127.0.0.1:8912","2":"127.0.0.1:8913"}},
                                   "outputs":{{"0":"./outputs/out.txt"}}}})",
                                           party));
    }
    deal.dt = deal.children[0].first;
    deal.cdt = mint(company, algorithm(arguments));
    return deal;
}

void World::activate(const Deal& deal) {
    std::vector<TokenId> children;
    for (const auto& [child, owner] : deal.children) {
        must(chain().grant(*owner, child, deal.cdt));
        children.push_back(child);
    }
    must(chain().start_compose(*company, deal.cdt, children));
}

void World::register_job(Deal& deal) {
    const auto task = must(chain().create_task(*company, "task", "for this test"));
    deal.job = must(chain().add_job(*company, deal.cdt, task));
}

Deal World::deal(const Terms& terms) {
    Deal deal = offer(terms);
    activate(deal);
    register_job(deal);
    return deal;
}

std::filesystem::path World::document_file(const std::string& cid) const { return folder.path / "documents" / cid; }

// Asking ------------------------------------------------------------------------------------------

RequestBody World::about(Method method, const Deal& deal) const {
    RequestBody body;
    body.method = method;
    body.audience = bank_a->address();
    body.dt = deal.dt;
    body.algo_dt = deal.cdt;
    if (method != Method::grantPermission) body.job_id = deal.job;
    return body;
}

std::string World::sign(const Key& key, const RequestBody& body, std::int64_t now_offset, std::uint64_t lifetime) {
    return must(signed_body(body, chain().network(), *key, *Random::system(),
                            std::uint64_t(std::int64_t(now()) + now_offset), lifetime));
}

std::string World::header(const Key& key, const RequestBody& body) {
    return must(authorization(body, chain().network(), *key, *Random::system(), now()));
}

HttpResponse World::post(std::string_view target, const std::string& body) {
    return must(http_->send({"POST", fmt::format("http://127.0.0.1:{}{}", port(), target), body, {}}));
}

HttpResponse World::get(std::string_view target, const std::string& authorization) {
    return must(http_->send({"GET", fmt::format("http://127.0.0.1:{}{}", port(), target), {}, authorization}));
}

HttpResponse World::ask(Method method, const Deal& deal) {
    return post(route_of(method), sign(company, about(method, deal)));
}

std::string World::state(const Deal& deal) {
    const auto answer = get(fmt::format("/v1/jobs/{}", deal.job), header(company, about(Method::status, deal)));
    REQUIRE_MESSAGE(answer.status == 200, answer.body);
    return parsed(answer.body).text_at({"state"});
}

void World::wait_for_state(const Deal& deal, const std::function<bool(std::string_view)>& wanted) {
    using namespace std::chrono_literals;
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    std::string last;
    while (std::chrono::steady_clock::now() < deadline) {
        last = state(deal);
        if (wanted(last)) return;
        std::this_thread::sleep_for(20ms);
    }
    FAIL("job " << deal.job << " stays " << last);
}

}  // namespace c2d::test
