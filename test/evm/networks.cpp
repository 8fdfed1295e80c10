#include "evm/networks.hpp"

#include "chain/evm/json_rpc.hpp"
#include "e2e/wait.hpp"

#include <fmt/format.h>

#include <map>

namespace c2d::evm {

namespace {

using json::Value;
using support::must;

constexpr std::size_t kBatch = 100;
constexpr int kDeployments = 5;

HttpTransport& http() {
    static const auto transport = HttpTransport::curl();
    return *transport;
}

Value call_request(const View& view, std::size_t id) {
    const Value call = Value::object({{"to", hex_text(view.to)}, {"data", hex_text(view.data)}});
    return Value::object({{"jsonrpc", "2.0"},
                          {"id", std::uint64_t(id)},
                          {"method", "eth_call"},
                          {"params", json::Array{call, "latest"}}});
}

/// Views [start, end) in one request; answers come in any order.
void ask_batch(const std::string& url, const std::vector<View>& views, std::size_t start, std::size_t end,
               std::vector<std::string>& out) {
    json::Array batch;
    for (std::size_t i = start; i < end; ++i) batch.push_back(call_request(views[i], i));
    const auto response = must(http().send({"POST", url, json::compact(Value(std::move(batch))), {}}));
    const auto answers = must(json::parse(response.body, {std::size_t(16) << 20, 64}));
    REQUIRE(answers.items().size() == end - start);
    for (const auto& answer : answers.items()) {
        const auto* id = answer.find("id");
        REQUIRE(id);
        const Value* error = answer.find("error");
        if (error)
            CHECK_MESSAGE(error->text_at({"message"}).find("revert") != std::string::npos, json::compact(answer));
        out.at(id->as_uint().value_or(out.size())) = error ? "reverts" : answer.text_at({"result"});
    }
}

}  // namespace

Value ask(const std::string& url, std::string_view method, json::Array parameters) {
    JsonRpc rpc(url, HttpTransport::curl(), Logger::silent());
    return must(rpc.call(method, std::move(parameters)));
}

std::vector<std::string> Network::answers(const std::vector<View>& views) const {
    std::vector<std::string> out(views.size());
    if (!url.empty()) {
        for (std::size_t start = 0; start < views.size(); start += kBatch)
            ask_batch(url, views, start, std::min(views.size(), start + kBatch), out);
        return out;
    }
    for (std::size_t i = 0; i < views.size(); ++i) {
        const auto answer = chain.node().call(views[i].to, views[i].data);
        if (!answer) CHECK(answer.status() == Status::NOT_FOUND);
        out[i] = answer ? hex_text(*answer) : "reverts";
    }
    return out;
}

PrivateKey& Networks::key(std::string_view name) {
    static std::map<std::string, std::shared_ptr<PrivateKey>, std::less<>> keys;
    auto found = keys.find(name);
    if (found == keys.end()) found = keys.emplace(name, support::named_key(name)).first;
    return *found->second;
}

Networks::Networks() {
    start_server();
    make_ledgers();
    start_anvil();
}

void Networks::restart() {
    take_evm_back(anvil_start_);
    anvil_start_ = ask(anvil_->url(), "evm_snapshot", {}).text();
    clock_->now = support::FakeClock().now.load();
    make_ledgers();
}

Chain Networks::make_ledger(std::string_view path) {
    ChainOptions options;
    options.network_url = fmt::format("ledger:{}", path);
    options.trust_dir = (folder_ / fmt::format("trust {}", ledgers_made_)).string();
    options.clock = clock_;
    options.random = std::make_shared<support::RepeatableRandom>("three networks");
    ledger_options_ = options;
    return must(Chain::create(options, key("admin")));
}

void Networks::start_server() {
    tools::HttpServerOptions listen;
    listen.body_bytes_max = ChainServer::kBodyBytesMax;
    http_server_ = must(tools::HttpServer::start(
        listen, [this](const HttpRequest& request, const auto& answered) { answered(server_->handle(request)); }));
}

void Networks::make_ledgers() {
    server_ = std::make_unique<ChainServer>(make_ledger(":memory:"));
    ChainOptions options;
    options.network_url = fmt::format("http://127.0.0.1:{}", http_server_->port());
    const Network served = {"served ledger", must(Chain::open(options)), options.network_url};
    const auto file = folder_ / fmt::format("ledger {}.sqlite", ++ledgers_made_);
    const Network ledger = {"ledger", make_ledger(file.string()), ""};
    if (all_.empty()) {
        all_ = {ledger, served};
    } else {
        all_[0] = ledger;
        all_[1] = served;
    }
    pad_ledgers();
}

void Networks::pad_ledgers() {
    for (std::size_t i = 0; i < 2; ++i)
        for (int blocks = 0; blocks < kDeployments; ++blocks)
            CHECK(all_[i].chain.add_admin(key("admin"), Address{}).status() == Status::REFUSED);
}

void Networks::start_anvil() {
    // A network as consortia run them: gas is free, and no opcode is newer than the contracts need.
    anvil_ = must(support::Anvil::start(
        C2D_SOURCE_DIR, {"--hardfork", "paris", "--chain-id", std::to_string(chain_id()), "--gas-price", "0",
                         "--block-base-fee-per-gas", "0", "--timestamp", std::to_string(clock_->now - 100'000)}));
    ChainOptions options;
    options.network_url = anvil_->url();
    options.address_file = folder_ / "addresses.json";
    options.network_name = "anvil";
    options.rpc.gas_price = 0;
    options.rpc.force_legacy = true;
    const auto deployment = must(Chain::deploy(options, key("admin")));
    CHECK(deployment.contracts == contracts());
    // As many as on the ledgers, whose first five are not used by deployments.
    ask(anvil_->url(), "anvil_setNonce", {hex_text(key("admin").address()), fmt::format("{:#x}", 2 * kDeployments)});
    all_.push_back({"anvil", must(Chain::open(options)), options.network_url});
    for (const auto& network : all_) CHECK(must(network.chain.info()).head.number == kDeployments);
    anvil_start_ = ask(anvil_->url(), "evm_snapshot", {}).text();
}

void Networks::pass(std::uint64_t seconds) {
    clock_->now += seconds;
    ask(anvil_->url(), "evm_setNextBlockTimestamp", {clock_->now.load()});
}

void Networks::undone_on_evm(const std::function<void(Network& evm)>& run) {
    const auto before = ask(anvil_->url(), "evm_snapshot", {}).text();
    run(all_.back());
    take_evm_back(before);
}

void Networks::take_evm_back(const std::string& snapshot) {
    const auto is_pool_empty = [&] { return ask(anvil_->url(), "txpool_status", {}).text_at({"pending"}) == "0x0"; };
    test::wait_until("a pool without what is in blocks", is_pool_empty);
    CHECK(ask(anvil_->url(), "evm_revert", {snapshot}).boolean());
}

}  // namespace c2d::evm
