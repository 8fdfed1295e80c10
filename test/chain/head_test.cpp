/// Reading a chain as of one block, and page by page: on a ledger, on a served ledger, and on nodes
/// that cannot look back.
#include "chain/chain_reader.hpp"
#include "chain/fake_node.hpp"
#include "codec/abi.hpp"
#include "support/node_double.hpp"
#include "support/temp_dir.hpp"

#include <c2d/chain.hpp>

using namespace c2d;
using namespace c2d::test;
using json::Value;
using support::must;
using support::named_id;
using support::NodeDouble;
using support::TempDir;

namespace {

const Bytes32 kChecksum = keccak256("document");

/// A bank with one token, one composition of it and a task.
struct Market : support::Ledger {
    explicit Market(const std::string& path = ":memory:") : Ledger(path) {
        organisation("bank");
        must(chain->mint(signer("bank"), named_id("rows"), true, kChecksum, "Qm1"));
        must(chain->mint(signer("bank"), named_id("sum"), false, kChecksum, "Qm2"));
        must(chain->grant(signer("bank"), named_id("rows"), named_id("sum")));
        must(chain->start_compose(signer("bank"), named_id("sum"), {named_id("rows")}));
        task = must(chain->create_task(signer("bank"), "count", "how many?"));
    }
    void add_jobs(int count) {
        for (int i = 0; i < count; ++i) must(chain->add_job(signer("bank"), named_id("sum"), task));
    }
    std::uint64_t task = 0;
};

/// What goes on meanwhile does not show in `then`.
void check_stays(Market& market, Chain& then) {
    const auto head = must(then.info()).head;
    const auto jobs = must(then.jobs_of(named_id("sum"))).size();
    market.clock->now += 1000;
    market.add_jobs(3);
    must(market->revoke(market.signer("bank"), named_id("rows"), named_id("sum")));
    must(market->update_enterprise(market.signer("admin"), market.signer("bank").address(), "renamed", ""));
    CHECK(must(then.info()).head.hash == head.hash);
    CHECK(must(then.jobs_of(named_id("sum"))).size() == jobs);
    CHECK(must(then.job_count()) == jobs);
    CHECK(must(then.grant_state(named_id("rows"), named_id("sum"))).given);
    CHECK(must(then.revocations_of(named_id("rows"))).empty());
    CHECK(must(then.enterprise(market.signer("bank").address())).name == "bank");
    CHECK(then.create_task(market.signer("bank"), "late", "").status() == Status::UNSUPPORTED);
    CHECK(must(market->jobs_of(named_id("sum"))).size() == jobs + 3);
    CHECK(must(market->revocations_of(named_id("rows"))).size() == 1);
}

/// A client of the fake node, as over a network.
Chain client_of(const std::shared_ptr<FakeNode>& node, std::uint64_t log_blocks_max = 2'000) {
    ChainOptions options;
    options.network_url = "http://node.invalid";
    options.http = node;
    options.rpc.log_blocks_max = log_blocks_max;
    return must(Chain::open(options));
}

}  // namespace

TEST_CASE("a chain as of its head stays there: in memory, in a file with and without a trust folder") {
    TempDir folder;
    for (const auto& path : {std::string(":memory:"), (folder / "plain.db").string()}) {
        Market market(path);
        market.add_jobs(2);
        auto then = must(market->at_head());
        check_stays(market, then);
    }
    Market market((folder / "kept.db").string());
    market.options.trust_dir = (folder / "trust").string();
    market.chain.emplace(must(Chain::open(market.options)));
    market.add_jobs(2);
    auto then = must(market->at_head());
    check_stays(market, then);
    // And another process's view of the same file goes on besides.
    CHECK(must(must(Chain::open(market.options)).job_count()) == 5);
}

TEST_CASE("what the ledger knows as of a head is what it knew then") {
    Market market;
    market.add_jobs(1);
    const auto then = must(market->at_head());
    const auto head = must(then.info()).head;
    CHECK(must(then.block_time(head.number)) == head.time);
    CHECK(then.block_time(head.number + 1).status() == Status::NOT_FOUND);
    CHECK(must(then.node().nonce(market.signer("bank").address())) ==
          must(market->node().nonce(market.signer("bank").address())));
    const auto block = must(then.node().block(head.number));
    REQUIRE(block.has_value());
    REQUIRE(block->transactions.size() == 1);
    CHECK(must(then.node().receipt(block->transactions[0]))->block_number == head.number);
    CHECK(must(then.node().transaction(block->transactions[0]))->block_hash == head.hash);
    CHECK_FALSE(must(then.node().transaction(kChecksum)).has_value());
    CHECK_FALSE(must(then.node().receipt(kChecksum)).has_value());
    CHECK(then.node().call_data(kChecksum).status() == Status::NOT_FOUND);
    CHECK(then.verify().status() == Status::UNSUPPORTED);
    CHECK(then.check_contracts().ok());
    LogFilter all{market->network().contracts.task_market, {}, 0, UINT64_MAX};
    CHECK(must(then.node().logs(all)).size() == must(market->node().logs(all)).size());
}

TEST_CASE("jobs come in pages that fit together, however many blocks they fill") {
    Market market;
    market.add_jobs(300);
    std::vector<std::uint64_t> ids;
    std::size_t pages = 0;
    for (std::optional<std::uint64_t> from = 0; from; ++pages) {
        const auto page = must(market->jobs_page(named_id("sum"), *from));
        for (const auto& job : page.jobs) {
            ids.push_back(job.id);
            CHECK(job.block_number >= *from);
            CHECK(job.task == market.task);
            CHECK(job.solver == market.signer("bank").address());
        }
        from = page.next_block;
    }
    CHECK(pages == 3);
    REQUIRE(ids.size() == 300);
    for (std::size_t i = 0; i < ids.size(); ++i) CHECK(ids[i] == i + 1);
    CHECK(must(market->jobs_of(named_id("sum"))).size() == 300);
}

TEST_CASE("a task's summary needs none of its jobs, and its number leads to it") {
    Market market;
    market.add_jobs(2);
    const auto second = must(market->create_task(market.signer("bank"), "another\n\"名\"", "text"));
    CHECK(must(market->task_summary(market.task)).name == "count");
    const auto summary = must(market->task_summary(second));
    CHECK(summary.name == "another\n\"名\"");
    CHECK(summary.description == "text");
    CHECK(summary.demander == market.signer("bank").address());
    CHECK(market->task_summary(second + 1).status() == Status::NOT_FOUND);
}

TEST_CASE("an activation tells the children, the block and the transaction") {
    Market market;
    const auto made = must(market->activation(named_id("sum")));
    REQUIRE(made.has_value());
    CHECK(made->children == std::vector<TokenId>{named_id("rows")});
    CHECK(must(market->node().receipt(made->transaction))->block_number == made->block_number);
    CHECK_FALSE(must(market->activation(named_id("rows"))).has_value());
    CHECK(must(market->tokens_below(named_id("sum"))) == std::vector<TokenId>{named_id("rows")});
    CHECK(must(market->tokens_below(named_id("rows"))).empty());
}

namespace {

/// Shows compositions of ever more tokens.
std::optional<Result<Bytes>> endless_children(BytesView call) {
    if (!std::ranges::equal(call.first(4), abi::selector("getChildren(bytes32)"))) return std::nullopt;
    const auto child = abi::Value::of(keccak256(call));
    const auto other = abi::Value::of(keccak256(child.word().view()));
    return abi::encode({must(abi::parse_type("bytes32[]"))}, {abi::Value::list({child, other})});
}

Chain altered_chain(const std::shared_ptr<NodeDouble>& node) {
    ChainOptions options;
    options.node = node;
    return must(Chain::open(options));
}

}  // namespace

TEST_CASE("what a composition is made of is followed up to what a job may have") {
    Market market;
    market.add_jobs(1);
    const auto node = std::make_shared<NodeDouble>(market->node());
    const auto chain = altered_chain(node);
    CHECK(must(chain.tokens_below(named_id("sum"))).size() == 1);
    node->on_call = endless_children;
    for (const auto& failed : {chain.tokens_below(named_id("sum")).error(), chain.receipts_of(1).error()}) {
        CHECK(failed.status == Status::LIMIT);
        CHECK(failed.message.find("more than 4096 tokens") != std::string::npos);
    }
}

TEST_CASE("a served ledger says by name why it cannot answer as of a block") {
    Market market;
    const auto node = std::make_shared<NodeDouble>(market->node());
    ChainServer server(altered_chain(node));
    const auto ask = [&](const std::string& tag) {
        const auto call = Value::object({{"to", hex_text(market->network().contracts.dt_factory)},
                                         {"data", hex_text(abi::encode_call("getDTNum()", {}))}});
        const auto question =
            Value::object({{"jsonrpc", "2.0"}, {"id", 1}, {"method", "eth_call"}, {"params", json::Array{call, tag}}});
        return must(json::parse(server.handle({"POST", "/", json::compact(question), {}}).body));
    };
    Error ahead(Status::UNAVAILABLE, "the ledger is ahead");
    ahead.name = "ledger_ahead";
    ahead.code = 7;
    node->info_failure = ahead;
    const auto answer = ask("0x1");
    CHECK(answer.text_at({"error", "data", "c2dName"}) == "ledger_ahead");
    CHECK(answer.at({"error", "data", "c2dNumber"})->as_uint() == 7);
    // No name of a ledger's: its words alone, and never as if a contract had answered.
    node->info_failure = Error(Status::NOT_FOUND, "something is not there");
    CHECK(ask("0x1").at({"error", "code"})->as_int() == -32000);
    CHECK(ask("0x1").text_at({"error", "message"}) == "something is not there");
}

TEST_CASE("a client is told why a served ledger does not answer as of its head") {
    auto node = std::make_shared<FakeNode>();
    const auto chain = client_of(node);
    node->faults["eth_call"] = [](const Value& question) -> std::optional<FakeNode::Answer> {
        return FakeNode::say(Value::object(
            {{"jsonrpc", "2.0"},
             {"id", *question.find("id")},
             {"error", Value::object({{"code", -32000},
                                      {"message", "another file"},
                                      {"data", Value::object({{"c2dName", "ledger_replaced"}, {"c2dNumber", 0}})}})}}));
    };
    CHECK(chain.at_head().error().name == "ledger_replaced");
}

TEST_CASE("over a network, reads as of a head name its block, and a served ledger keeps that state") {
    auto node = std::make_shared<FakeNode>();
    auto& ledger = node->ledger;
    ledger.organisation("bank");
    must(ledger->mint(ledger.signer("bank"), named_id("rows"), true, kChecksum, "Qm1"));
    const auto chain = client_of(node);
    auto then = must(chain.at_head());
    const auto head = must(then.info()).head.number;
    must(ledger->mint(ledger.signer("bank"), named_id("more"), true, kChecksum, "Qm2"));
    CHECK(must(then.token_count()) == 1);
    CHECK(then.token(named_id("more")).status() == Status::NOT_FOUND);
    CHECK(must(then.info()).head.number == head);
    CHECK(must(chain.token_count()) == 2);
    CHECK(then.create_task(ledger.signer("bank"), "late", "").status() == Status::UNSUPPORTED);
}

namespace {

/// A client of the fake node as of an EVM network: where the contracts stand is in a file. What the ledger is at
/// `settled` the node goes on to answer.
struct Network {
    Network() {
        json::Value contracts = Value::object({});
        for (const auto& contract : kContracts)
            contracts.set(contract.name, address_text(node->ledger->network().contracts.*contract.address));
        support::write_text(folder / "addresses.json", json::compact(Value::object({{"fake", contracts}})));
        node->ledger.organisation("bank");
        settled = must(must(open(ReadBlock::latest).at_head()).info()).head.number;
        must(node->ledger->mint(node->ledger.signer("bank"), named_id("rows"), true, kChecksum, "Qm1"));
    }
    Chain open(ReadBlock read_block, std::uint64_t confirmations = 0) {
        ChainOptions options;
        options.network_url = "http://node.invalid";
        options.http = node;
        options.address_file = folder / "addresses.json";
        options.network_name = "fake";
        options.rpc.read_block = read_block;
        options.rpc.confirmations = confirmations;
        return must(Chain::open(options));
    }
    /// What the node says when it is asked which block is final.
    void when_asked_for_the_final_block(std::function<FakeNode::Answer(const Value&)> answer) {
        node->faults["eth_getBlockByNumber"] = [=](const Value& question) -> std::optional<FakeNode::Answer> {
            if (question.find("params")->items().at(0).text() != "finalized") return std::nullopt;
            return answer(question);
        };
    }
    void finalize(std::uint64_t block) {
        when_asked_for_the_final_block([this, block](Value question) {
            question.set("params", json::Array{fmt::format("{:#x}", block), false});
            return FakeNode::say(node->really(question));
        });
    }

    TempDir folder;
    std::shared_ptr<FakeNode> node = std::make_shared<FakeNode>();
    std::uint64_t settled = 0;
};

}  // namespace

TEST_CASE_FIXTURE(Network,
                  "decisions are read at the block that the node calls final, or so many blocks below its head") {
    finalize(settled);
    for (const auto& chain : {open(ReadBlock::finalized), open(ReadBlock::confirmations, 1)}) {
        auto then = must(chain.at_read_block());
        REQUIRE(then);
        CHECK(then->network().head.number == settled);
        CHECK(must(then->token_count()) == 0);
        CHECK(must(chain.token_count()) == 1);
        CHECK(then->create_task(node->ledger.signer("bank"), "late", "").status() == Status::UNSUPPORTED);
        CHECK_FALSE(must(then->at_read_block()));
    }
    CHECK_FALSE(must(open(ReadBlock::latest, 1).at_read_block()));
    const auto head = must(open(ReadBlock::confirmations).at_read_block());
    REQUIRE(head);
    CHECK(must(head->token_count()) == 1);
}

TEST_CASE_FIXTURE(Network, "the blocks of a served ledger are final, and so are those of a file") {
    ChainOptions options;
    options.network_url = "http://node.invalid";
    options.http = node;
    options.rpc.read_block = ReadBlock::finalized;
    CHECK_FALSE(must(must(Chain::open(options)).at_read_block()));
    CHECK_FALSE(must(node->ledger->at_read_block()));
}

TEST_CASE_FIXTURE(Network,
                  "where the block that decisions are read at cannot be read, nothing else is read in its place") {
    const auto chain = open(ReadBlock::finalized);
    const auto fails_with = [&](Status status, const char* said) {
        const auto failed = chain.at_read_block();
        CHECK(failed.status() == status);
        CHECK_MESSAGE(failed.error().message.find(said) != std::string::npos, failed.error().message);
    };
    when_asked_for_the_final_block(
        [](const Value& question) { return FakeNode::error(question, -32602, "what is that"); });
    fails_with(Status::UNSUPPORTED, "read_block = confirmations");
    when_asked_for_the_final_block([](const Value& question) { return FakeNode::result(question, Value()); });
    fails_with(Status::UNAVAILABLE, "final yet");
    finalize(settled);
    const auto say = [&](std::function<FakeNode::Answer(const Value&)> answer) {
        node->faults["eth_call"] = [=](const Value& question) -> std::optional<FakeNode::Answer> {
            if (question.find("params")->items().at(1).text() == "latest") return std::nullopt;
            return answer(question);
        };
    };
    say([](const Value& question) { return FakeNode::error(question, -32000, "missing trie node"); });
    fails_with(Status::UNAVAILABLE, "missing trie node");
    say([](const Value& question) { return FakeNode::result(question, "0x"); });
    fails_with(Status::UNAVAILABLE, "not there yet");
    node->faults.clear();
    node->down = true;
    fails_with(Status::UNAVAILABLE, "connection refused");
}

TEST_CASE("a node that answers as of no block is read as it is") {
    auto node = std::make_shared<FakeNode>();
    const auto chain = client_of(node);
    node->faults["eth_call"] = [](const Value& question) -> std::optional<FakeNode::Answer> {
        const auto& tag = question.find("params")->items().at(1);
        if (tag.text() == "latest") return std::nullopt;
        return FakeNode::error(question, -32000, "missing trie node");
    };
    const auto then = must(chain.at_head());
    CHECK(must(then.token_count()) == 0);
}

TEST_CASE("a node that lets go of the block that is read says so, and a newer one is read") {
    auto node = std::make_shared<FakeNode>();
    const auto chain = client_of(node);
    node->ledger.organisation("bank");
    const auto then = must(chain.at_head());
    int refusals = 0;
    node->faults["eth_call"] = [&](const Value& question) -> std::optional<FakeNode::Answer> {
        const auto& tag = question.find("params")->items().at(1);
        if (tag.text() != "0x2") return std::nullopt;
        ++refusals;
        return FakeNode::error(question, -32000, "missing trie node");
    };
    const auto gone = then.job_count();
    CHECK(gone.status() == Status::UNAVAILABLE);
    CHECK(gone.error().name == kStateNotKept);
    CHECK(gone.error().message.find("block 2: missing trie node") != std::string::npos);

    must(node->ledger->mint(node->ledger.signer("bank"), named_id("rows"), true, kChecksum, "Qm1"));
    int rounds = 0;
    refusals = 0;
    const auto count = must(at_held_head(chain, [&](const Chain& reader) -> Result<std::uint64_t> {
        if (++rounds == 1) return gone.error();
        return reader.token_count();
    }));
    CHECK(count == 1);
    CHECK(rounds == 2);
    CHECK(refusals == 0);
}

TEST_CASE("the state of a block that nobody asked for in time is not made up") {
    auto node = std::make_shared<FakeNode>();
    const auto ask = [&](const std::string& tag) {
        const auto& at = node->ledger->network().contracts.dt_factory;
        const auto call = Value::object({{"to", hex_text(at)}, {"data", hex_text(abi::encode_call("getDTNum()", {}))}});
        return node->really(
            Value::object({{"jsonrpc", "2.0"}, {"id", 1}, {"method", "eth_call"}, {"params", json::Array{call, tag}}}));
    };
    node->ledger.organisation("bank");
    CHECK(ask("0x2").find("result"));
    CHECK(ask("latest").find("result"));
    CHECK(ask("0x1").text_at({"error", "message"}).find("is not kept") != std::string::npos);
    CHECK(ask("0x3").text_at({"error", "message"}).find("the head is block 2") != std::string::npos);
    CHECK(ask("0xzz").at({"error", "code"})->as_int() == -32602);
    // What was asked for in time is kept.
    must(node->ledger->mint(node->ledger.signer("bank"), named_id("rows"), true, kChecksum, "Qm1"));
    CHECK(ask("0x2").text_at({"result"}).ends_with("0"));
    CHECK(ask("0x3").text_at({"result"}).ends_with("1"));
}

TEST_CASE("logs of many transactions in few blocks stand in their order") {
    auto node = std::make_shared<FakeNode>();
    auto& ledger = node->ledger;
    ledger.organisation("bank");
    for (int i = 0; i < 20; ++i)
        must(ledger->mint(ledger.signer("bank"), named_id("rows " + std::to_string(i)), true, kChecksum, "Qm1"));
    const auto chain = client_of(node, 3);
    LogFilter filter{chain.network().contracts.dt_factory, {}, 0, UINT64_MAX};
    const auto logs = must(chain.node().logs(filter));
    REQUIRE(logs.size() == 20);
    for (std::size_t i = 1; i < logs.size(); ++i) CHECK(logs[i - 1].block_number < logs[i].block_number);
    // In pages the same.
    std::size_t count = 0;
    for (std::optional<std::uint64_t> from = 0; from;) {
        filter.from_block = *from;
        const auto page = must(chain.node().log_page(filter));
        count += page.logs.size();
        CHECK(page.logs.size() <= 3);
        from = page.next_block;
    }
    CHECK(count == 20);
}
