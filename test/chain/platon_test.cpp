/// The client against nodes as PlatON and Alaya have them: methods and addresses of their own,
/// blocks that count milliseconds.
#include "chain/fake_node.hpp"
#include "codec/bech32.hpp"
#include "codec/transaction.hpp"
#include "contracts/interface.hpp"

#include <c2d/chain.hpp>

using namespace c2d;
using namespace c2d::test;
using json::Value;
using support::must;
using support::named_address;
using support::named_id;

namespace {

constexpr std::string_view kPrefix = "lat";
const Bytes32 kChecksum = keccak256("document");

bool is_hex_address(const Value& value) {
    return value.is_string() && value.text().size() == 42 && value.text().starts_with("0x");
}

/// Speaks platon_… and bech32 to the client and asks the ledger behind it in its own words. An
/// address as 0x… is refused, as the two may not be mixed.
class PlatonNode final : public HttpTransport {
public:
    std::shared_ptr<FakeNode> behind = std::make_shared<FakeNode>();
    std::map<std::string, int> asked;
    std::vector<Bytes> sent;

    Result<HttpResponse> send(const HttpRequest& request) override {
        const auto question = must(json::parse(request.body, {std::size_t(4) << 20, 64}));
        const auto method = question.text_at({"method"});
        ++asked[method];
        if (method == "c2d_network") return behind->send(request);
        if (!method.starts_with("platon_")) return FakeNode::error(question, -32601, "the method does not exist");
        if (method == "platon_sendRawTransaction")
            sent.push_back(must(parse_hex(question.find("params")->items()[0].text())));
        bool mixed = false;
        const auto params = inwards(*question.find("params"), mixed);
        if (mixed) return FakeNode::error(question, -32602, "expected a bech32 address");
        const auto answer = behind->really(Value::object({{"jsonrpc", "2.0"},
                                                          {"id", *question.find("id")},
                                                          {"method", "eth_" + method.substr(7)},
                                                          {"params", params}}));
        return FakeNode::say(outwards(answer, {}));
    }

private:
    static Value inwards(const Value& value, bool& mixed) {
        if (is_hex_address(value)) mixed = true;
        if (value.is_string() && value.text().starts_with(std::string(kPrefix) + "1"))
            return Value(hex_text(must(parse_bech32_address(kPrefix, value.text()))));
        return each(value, [&](std::string_view, const Value& part) { return inwards(part, mixed); });
    }
    static Value outwards(const Value& value, std::string_view name) {
        if (is_hex_address(value) && name != "data" && name != "input")
            return Value(bech32_address(kPrefix, must(parse_address(value.text()))));
        // Three digits more: another time than the ledger's, and one that seconds are not.
        if (name == "timestamp") return Value(value.text() + "000");
        return each(value, [](std::string_view key, const Value& part) { return outwards(part, key); });
    }
    template <class Change>
    static Value each(const Value& value, Change change) {
        if (value.is_array()) {
            json::Array out;
            for (const auto& item : value.items()) out.push_back(change({}, item));
            return Value(std::move(out));
        }
        if (!value.is_object()) return value;
        auto out = value;
        for (const auto& [key, member] : value.members()) out.set(key, change(key, member));
        return out;
    }
};

struct Platon {
    std::shared_ptr<PlatonNode> node = std::make_shared<PlatonNode>();
    support::CountingSigner& bank = node->behind->ledger.organisation("bank");
    support::CountingSigner& solver = node->behind->ledger.organisation("solver");

    Result<Chain> open(std::string methods = "platon", std::string prefix = std::string(kPrefix)) {
        ChainOptions options;
        options.network_url = "http://node.invalid";
        options.http = node;
        options.rpc.methods = std::move(methods);
        options.rpc.address_prefix = std::move(prefix);
        options.rpc.milliseconds = true;
        options.rpc.log_blocks_max = 1'000'000;
        return Chain::open(options);
    }
};

}  // namespace

TEST_CASE("a node with methods and addresses of its own is used like any other") {
    Platon network;
    auto chain = must(network.open());
    must(chain.mint(network.bank, named_id("leaf"), true, kChecksum, "Qm1"));
    const auto receipt = must(chain.mint(network.solver, named_id("cdt"), false, kChecksum, "Qm2"));
    CHECK(receipt.from == network.solver.address());
    CHECK(receipt.to == chain.network().contracts.dt_factory);
    REQUIRE_FALSE(receipt.logs.empty());
    CHECK(receipt.logs[0].address == chain.network().contracts.dt_factory);
    must(chain.grant(network.bank, named_id("leaf"), named_id("cdt")));
    CHECK(must(chain.has_grant(named_id("leaf"), named_id("cdt"))));
    const auto grants = must(chain.grants_of(named_id("leaf")));
    REQUIRE(grants.size() == 1);
    CHECK(grants[0].grantee == named_id("cdt"));
    for (const auto& asked : network.node->asked)
        CHECK_MESSAGE((asked.first.starts_with("platon_") || asked.first == "c2d_network"), asked.first);
}

TEST_CASE("a node without the methods asked for is said to lack them") {
    Platon network;
    const auto chain = network.open("eth");
    REQUIRE(chain.status() == Status::REFUSED);
    CHECK(chain.error().message.find("does not exist") != std::string::npos);
    CHECK(chain.error().message.find("rpc_methods") != std::string::npos);
}

TEST_CASE("addresses of the wrong spelling are refused by the node, not sent elsewhere") {
    Platon network;
    const auto chain = network.open("platon", "");
    REQUIRE(chain.status() == Status::REFUSED);
    CHECK(chain.error().message.find("bech32") != std::string::npos);
    CHECK(network.node->sent.empty());
}

TEST_CASE("where blocks count milliseconds, contracts get them and callers see seconds") {
    Platon network;
    auto chain = must(network.open());
    CHECK(chain.network().time_units == 1'000);
    must(chain.mint(network.bank, named_id("leaf"), true, kChecksum, "Qm1"));
    must(chain.mint(network.solver, named_id("cdt"), false, kChecksum, "Qm2"));
    const std::uint64_t end = 4'000'000'000;
    must(chain.grant(network.bank, named_id("leaf"), named_id("cdt"), {end, 3}));
    const auto stored = must(network.node->behind->ledger->grant_state(named_id("leaf"), named_id("cdt")));
    CHECK(stored.limits.expiry == end * 1'000);
    const auto state = must(chain.grant_state(named_id("leaf"), named_id("cdt")));
    CHECK(state.limits.expiry == end);
    CHECK(state.limits.uses == 3);
    const auto head = must(chain.info()).head;
    CHECK(head.time == (network.node->behind->ledger.clock->now << 12) / 1'000);
    const auto too_far = chain.grant(network.bank, named_id("leaf"), named_id("other"), {UINT64_MAX / 999, 0});
    CHECK(too_far.status() == Status::INVALID_ARGUMENT);
}
