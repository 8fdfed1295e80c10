/// The client of EVM networks against a node that fails in every way that nodes were seen to fail:
/// no transaction is lost or doubled, and each failure is said clearly.
#include "chain/fake_node.hpp"

#include <c2d/chain.hpp>

#include <thread>

using namespace c2d;
using namespace c2d::test;
using json::Value;
using support::must;
using support::named_address;
using support::named_id;

namespace {

using std::chrono::milliseconds;

const Bytes32 kChecksum = keccak256("document");

/// A bank that mints tokens over the faulty node.
struct Remote {
    std::shared_ptr<FakeNode> node = std::make_shared<FakeNode>();
    support::CountingSigner& bank = node->ledger.organisation("bank");
    std::optional<Chain> chain;

    explicit Remote(milliseconds deadline = milliseconds(20'000), std::uint64_t confirmations = 0) {
        ChainOptions options;
        options.network_url = "http://node.invalid";
        options.http = node;
        options.rpc.receipt_deadline = deadline;
        options.rpc.confirmations = confirmations;
        options.rpc.log_blocks_max = 1'000'000;
        chain.emplace(must(Chain::open(options)));
        node->asked.clear();
    }
    Result<Receipt> mint(const std::string& name) { return chain->mint(bank, named_id(name), true, kChecksum, "Qm1"); }
    std::uint64_t minted() { return must(node->ledger->token_count()); }
    std::uint64_t transactions() { return must(node->ledger->node().nonce(bank.address())); }
    FakeNode::Fault& fault(const std::string& method) { return node->faults[method]; }
};

/// Fails the first `count` calls as a connection that breaks.
FakeNode::Fault breaks(int count) {
    return [left = count](const Value&) mutable -> std::optional<FakeNode::Answer> {
        if (left-- <= 0) return std::nullopt;
        return FakeNode::Answer(Error(Status::UNAVAILABLE, "connection reset"));
    };
}

void check_says(const Error& error, std::string_view words) {
    CHECK_MESSAGE(error.message.find(words) != std::string::npos, error.message);
}

}  // namespace

TEST_CASE("a node that is down is unavailable, and nothing is signed for it") {
    Remote remote;
    remote.node->down = true;
    const auto before = remote.bank.signatures.load();
    const auto sent = remote.mint("one");
    REQUIRE(sent.status() == Status::UNAVAILABLE);
    check_says(sent.error(), "connection refused");
    CHECK(remote.bank.signatures == before);
    CHECK(remote.chain->token(named_id("one")).status() == Status::UNAVAILABLE);
    remote.node->down = false;
    CHECK(remote.mint("one").ok());
}

TEST_CASE("a send whose answer is lost counts once, whether the bytes arrived or not") {
    Remote remote;
    bool arrives = true;
    SUBCASE("they arrived") {}
    SUBCASE("they did not") { arrives = false; }
    bool lost = false;
    remote.fault("eth_sendRawTransaction") = [&](const Value& question) -> std::optional<FakeNode::Answer> {
        if (lost) return std::nullopt;
        lost = true;
        if (arrives) remote.node->really(question);
        return FakeNode::Answer(Error(Status::TIMEOUT, "no answer"));
    };
    const auto before = remote.bank.signatures.load();
    CHECK(must(remote.mint("one")).succeeded);
    CHECK(remote.minted() == 1);
    CHECK(remote.transactions() == 1);
    CHECK(remote.bank.signatures == before + 1);  // the same bytes, never new ones
}

TEST_CASE("a restart in mid-flight loses nothing") {
    Remote remote;
    // The node takes the bytes, goes away for a while, and comes back without them.
    bool taken = false;
    int away = 6;
    remote.fault("eth_sendRawTransaction") = [&](const Value& question) -> std::optional<FakeNode::Answer> {
        if (taken) return std::nullopt;
        taken = true;
        return FakeNode::result(question,
                                hex_text(keccak256(must(parse_hex(question.find("params")->items()[0].text())))));
    };
    const auto outage = [&](const Value&) -> std::optional<FakeNode::Answer> {
        if (!taken || away-- <= 0) return std::nullopt;
        return FakeNode::Answer(Error(Status::UNAVAILABLE, "connection refused"));
    };
    remote.fault("eth_getTransactionReceipt") = outage;
    remote.fault("eth_chainId") = outage;
    CHECK(must(remote.mint("one")).succeeded);
    CHECK(remote.minted() == 1);
    CHECK(remote.transactions() == 1);
    CHECK(remote.node->asked["eth_sendRawTransaction"] == 2);
}

TEST_CASE("a node that takes a transaction and drops it gets the same bytes again") {
    Remote remote(milliseconds(1'500));
    int drops = 1;
    SUBCASE("once") {}
    SUBCASE("always") { drops = 1'000'000; }
    std::vector<std::string> seen;
    remote.fault("eth_sendRawTransaction") = [&](const Value& question) -> std::optional<FakeNode::Answer> {
        const auto raw = question.find("params")->items()[0].text();
        seen.push_back(raw);
        if (drops-- <= 0) return std::nullopt;
        return FakeNode::result(question, hex_text(keccak256(must(parse_hex(raw)))));
    };
    const auto sent = remote.mint("one");
    CHECK(seen.size() >= 2);
    for (const auto& raw : seen) CHECK(raw == seen[0]);
    if (drops > 0) {
        REQUIRE(sent.status() == Status::TIMEOUT);
        check_says(sent.error(), "look it up before sending anew");
        CHECK(sent.error().transaction == keccak256(must(parse_hex(seen[0]))).data);
        CHECK(remote.minted() == 0);
    } else {
        CHECK(sent.ok());
        CHECK(remote.minted() == 1);
    }
}

TEST_CASE("bytes that the node knows already are no failure") {
    Remote remote;
    remote.fault("eth_sendRawTransaction") = [&](const Value& question) -> std::optional<FakeNode::Answer> {
        remote.node->really(question);
        return FakeNode::error(question, -32000, "already known");
    };
    CHECK(must(remote.mint("one")).succeeded);
    CHECK(remote.minted() == 1);
}

TEST_CASE("a nonce that another process took is asked for anew, and only then") {
    Remote remote;
    // The first answer is the count before the other process's transaction.
    const auto stale = must(remote.node->ledger->node().nonce(remote.bank.address()));
    must(remote.node->ledger->mint(remote.bank, named_id("other"), true, kChecksum, "Qm1"));
    int lies = 1;
    remote.fault("eth_getTransactionCount") = [&](const Value& question) -> std::optional<FakeNode::Answer> {
        if (lies-- <= 0) return std::nullopt;
        return FakeNode::result(question, "0x" + std::to_string(stale));
    };
    const char* message = "nonce too low";
    SUBCASE("geth, anvil") {}
    SUBCASE("ganache") {
        message = "the tx doesn't have the correct nonce. account has nonce of: 1 tx has nonce of: 0";
    }
    SUBCASE("still in the pool") { message = "replacement transaction underpriced"; }
    remote.fault("eth_sendRawTransaction") = [&](const Value& question) -> std::optional<FakeNode::Answer> {
        const auto real = remote.node->really(question);
        return real.find("error") ? FakeNode::error(question, -32000, message) : FakeNode::say(real);
    };
    const auto before = remote.bank.signatures.load();
    CHECK(must(remote.mint("one")).succeeded);
    CHECK(remote.bank.signatures == before + 2);
    CHECK(remote.minted() == 2);
    CHECK(remote.transactions() == 2);
}

TEST_CASE("a nonce that may have been used by these very bytes is waited for, not signed anew") {
    Remote remote;
    int sends = 0, hidden = 5;
    remote.fault("eth_sendRawTransaction") = [&](const Value& question) -> std::optional<FakeNode::Answer> {
        if (++sends > 1) return FakeNode::error(question, -32000, "nonce too low");
        remote.node->really(question);
        return FakeNode::Answer(Error(Status::TIMEOUT, "no answer"));
    };
    // Mined, but the receipt is not indexed yet.
    remote.fault("eth_getTransactionReceipt") = [&](const Value& question) -> std::optional<FakeNode::Answer> {
        if (sends < 2 || hidden-- > 0) return FakeNode::result(question, Value());
        return std::nullopt;
    };
    const auto before = remote.bank.signatures.load();
    CHECK(must(remote.mint("one")).succeeded);
    CHECK(remote.bank.signatures == before + 1);
    CHECK(remote.transactions() == 1);
}

TEST_CASE("another chain behind the same address is refused before anything is sent") {
    Remote remote;
    remote.fault("eth_chainId") = [](const Value& question) { return FakeNode::result(question, "0x7a69"); };
    const auto sent = remote.mint("one");
    REQUIRE_FALSE(sent.ok());
    CHECK(sent.error().name == "wrong_chain");
    check_says(sent.error(), "31337");
    CHECK(remote.node->asked["eth_sendRawTransaction"] == 0);
    CHECK(remote.chain->info().error().name == "wrong_chain");

    ChainOptions options;
    options.network_url = "http://node.invalid";
    options.http = remote.node;
    options.rpc.chain_id = 5;
    CHECK(Chain::open(options).error().name == "wrong_chain");
}

TEST_CASE("another chain after an outage is not sent to") {
    Remote remote;
    bool sent_once = false;
    remote.fault("eth_sendRawTransaction") = [&](const Value&) -> std::optional<FakeNode::Answer> {
        sent_once = true;
        return FakeNode::Answer(Error(Status::UNAVAILABLE, "connection reset"));
    };
    remote.fault("eth_chainId") = [&](const Value& question) -> std::optional<FakeNode::Answer> {
        if (!sent_once) return std::nullopt;
        return FakeNode::result(question, "0x1");
    };
    const auto sent = remote.mint("one");
    REQUIRE_FALSE(sent.ok());
    CHECK(sent.error().name == "wrong_chain");
    CHECK(remote.node->asked["eth_sendRawTransaction"] == 1);
}

TEST_CASE("a slow node is waited for, up to the deadline") {
    Remote remote(milliseconds(3'000));
    const auto born = std::chrono::steady_clock::now();
    const auto mined_after = [&](milliseconds delay) {
        remote.fault("eth_getTransactionReceipt") = [&,
                                                     delay](const Value& question) -> std::optional<FakeNode::Answer> {
            if (std::chrono::steady_clock::now() - born < delay) return FakeNode::result(question, Value());
            return std::nullopt;
        };
    };
    SUBCASE("in time") {
        mined_after(milliseconds(600));
        CHECK(must(remote.mint("one")).succeeded);
    }
    SUBCASE("too late") {
        mined_after(milliseconds(1'000'000));
        const auto sent = remote.mint("one");
        CHECK(sent.status() == Status::TIMEOUT);
        CHECK(sent.error().transaction != std::array<std::uint8_t, 32>{});
    }
    CHECK(remote.transactions() == 1);
}

TEST_CASE("an index that is being built is no receipt yet") {
    Remote remote;
    int busy = 3;
    remote.fault("eth_getTransactionReceipt") = [&](const Value& question) -> std::optional<FakeNode::Answer> {
        if (busy-- <= 0) return std::nullopt;
        return FakeNode::error(question, -32000, "transaction indexing is in progress");
    };
    CHECK(must(remote.mint("one")).succeeded);
}

TEST_CASE("a refused range of logs is halved until it fits, and nothing is read twice") {
    Remote remote;
    support::CountingSigner& solver = remote.node->ledger.organisation("solver");
    Chain& ledger = *remote.node->ledger;
    must(ledger.mint(remote.bank, named_id("leaf"), true, kChecksum, "Qm1"));
    std::vector<TokenId> grantees;
    for (int i = 0; i < 20; ++i) {
        const auto id = named_id("cdt " + std::to_string(i));
        must(ledger.mint(solver, id, false, kChecksum, "Qm2"));
        must(ledger.grant(remote.bank, named_id("leaf"), id));
        grantees.push_back(id);
    }
    const std::pair<std::int64_t, const char*> refusals[] = {
        {-32005, "query returned more than 10000 results"},
        {-32602, "Requested range exceeds maximum RPC range limit"},
        {-32000, "block range is too wide"}};
    for (const auto& [code, message] : refusals) {
        const std::string shown = message;
        INFO(shown);
        remote.fault("eth_getLogs") = [&, code = code,
                                       message = message](const Value& question) -> std::optional<FakeNode::Answer> {
            const auto& filter = question.find("params")->items()[0];
            const auto from = std::stoull(filter.text_at({"fromBlock"}), nullptr, 16);
            const auto to = std::stoull(filter.text_at({"toBlock"}), nullptr, 16);
            if (to - from < 3) return std::nullopt;
            return FakeNode::error(question, code, message);
        };
        std::vector<TokenId> found;
        for (const auto& grant : must(remote.chain->grants_of(named_id("leaf")))) found.push_back(grant.grantee);
        CHECK(found == grantees);
    }
    // One block that is refused by itself is a refusal.
    remote.fault("eth_getLogs") = [](const Value& question) {
        return FakeNode::error(question, -32005, "limit exceeded");
    };
    const auto refused = remote.chain->grants_of(named_id("leaf"));
    REQUIRE(refused.status() == Status::REFUSED);
    check_says(refused.error(), "limit exceeded");
}

TEST_CASE("logs of a block that no longer counts are dropped") {
    Remote remote;
    support::CountingSigner& solver = remote.node->ledger.organisation("solver");
    must(remote.node->ledger->mint(remote.bank, named_id("leaf"), true, kChecksum, "Qm1"));
    must(remote.node->ledger->mint(solver, named_id("cdt"), false, kChecksum, "Qm2"));
    must(remote.node->ledger->grant(remote.bank, named_id("leaf"), named_id("cdt")));
    REQUIRE(must(remote.chain->grants_of(named_id("leaf"))).size() == 1);
    remote.fault("eth_getLogs") = [&](const Value& question) {
        auto answer = remote.node->really(question);
        for (auto& log : answer.find("result")->items()) log.set("removed", true);
        return FakeNode::say(answer);
    };
    CHECK(must(remote.chain->grants_of(named_id("leaf"))).empty());
}

TEST_CASE("a receipt is believed once enough blocks stand on it, through a reorganisation of two") {
    Remote remote(milliseconds(20'000), 2);
    Chain& ledger = *remote.node->ledger;
    support::CountingSigner& miner = remote.node->ledger.organisation("miner");
    int polls = 0;
    bool reorganised = false, read_on_the_dead_branch = false;
    std::string raw;
    remote.fault("eth_sendRawTransaction") = [&](const Value& question) -> std::optional<FakeNode::Answer> {
        raw = question.find("params")->items()[0].text();
        return std::nullopt;
    };
    // The first branch shows a receipt in a block that is gone two blocks later.
    remote.fault("eth_getTransactionReceipt") = [&](const Value& question) -> std::optional<FakeNode::Answer> {
        ++polls;
        must(ledger.mint(miner, named_id("block " + std::to_string(polls)), true, kChecksum, "Qm1"));
        if (polls >= 3) reorganised = true;
        if (reorganised) return std::nullopt;
        auto answer = remote.node->really(question);
        if (answer.find("result")->is_null()) return FakeNode::say(answer);
        read_on_the_dead_branch = true;
        answer.find("result")->set("blockHash", hex_text(keccak256("dead branch")));
        return FakeNode::say(answer);
    };
    const auto receipt = must(remote.mint("one"));
    CHECK(read_on_the_dead_branch);
    CHECK(reorganised);
    const auto block = must(ledger.node().block(receipt.block_number));
    REQUIRE(block);
    CHECK(receipt.block_hash == block->head.hash);
    CHECK(must(ledger.info()).head.number >= receipt.block_number + 2);
    CHECK(remote.transactions() == 1);
}

TEST_CASE("a transaction that a reorganisation threw out is sent again") {
    Remote remote(milliseconds(6'000), 1);
    Chain& ledger = *remote.node->ledger;
    support::CountingSigner& miner = remote.node->ledger.organisation("miner");
    int sends = 0, polls = 0;
    std::optional<Value> ghost;
    // The first send is mined on a branch that dies: the ledger never sees it.
    remote.fault("eth_sendRawTransaction") = [&](const Value& question) -> std::optional<FakeNode::Answer> {
        if (++sends > 1) return std::nullopt;
        return FakeNode::result(question,
                                hex_text(keccak256(must(parse_hex(question.find("params")->items()[0].text())))));
    };
    remote.fault("eth_getTransactionReceipt") = [&](const Value&) -> std::optional<FakeNode::Answer> {
        must(ledger.mint(miner, named_id("block " + std::to_string(++polls)), true, kChecksum, "Qm1"));
        return std::nullopt;
    };
    CHECK(must(remote.mint("one")).succeeded);
    CHECK(sends == 2);
    CHECK(remote.transactions() == 1);
}

TEST_CASE("answers that make no sense are corrupt, and too large ones are not read") {
    Remote remote;
    const auto ask = [&] { return remote.chain->token(named_id("one")); };
    const std::string bodies[] = {"",
                                  "<html>502</html>",
                                  "{\"jsonrpc\":\"2.0\",\"id\":1,\"resu",
                                  "[]",
                                  "{\"jsonrpc\":\"2.0\",\"id\":999999,\"result\":\"0x\"}",
                                  "{\"jsonrpc\":\"2.0\",\"result\":\"0x\"}",
                                  "{\"id\":{},\"result\":\"0x\"}",
                                  "\xff\xfe",
                                  std::string(100'000, '[')};
    for (const auto& body : bodies) {
        INFO(body.substr(0, 60));
        remote.fault("eth_call") = [&](const Value&) -> std::optional<FakeNode::Answer> {
            return HttpResponse{200, "application/json", body};
        };
        CHECK(ask().status() == Status::CORRUPT);
    }
    const Value results[] = {"0x0", "0xzz", "hello", 7, Value(), Value::object({})};
    for (const auto& result : results) {
        INFO(json::compact(result));
        remote.fault("eth_call") = [&](const Value& question) { return FakeNode::result(question, result); };
        const auto status = ask().status();
        CHECK((status == Status::CORRUPT || status == Status::NOT_FOUND));
    }
    // A length inside the ABI that promises more than is there.
    remote.fault("eth_call") = [&](const Value& question) {
        return FakeNode::result(question, "0x" + std::string(62, '0') + "20" + std::string(64, 'f'));
    };
    CHECK(remote.chain->enterprise(named_address("x")).status() == Status::CORRUPT);
    remote.fault("eth_call") = [&](const Value&) -> std::optional<FakeNode::Answer> {
        return HttpResponse{200, "application/json", std::string(std::size_t(17) << 20, ' ')};
    };
    CHECK_FALSE(ask().ok());
    remote.node->faults.erase("eth_call");
    CHECK(ask().status() == Status::NOT_FOUND);
}

TEST_CASE("a wrong receipt is not taken for ours") {
    Remote remote;
    remote.fault("eth_getTransactionReceipt") = [&](const Value& question) -> std::optional<FakeNode::Answer> {
        auto answer = remote.node->really(question);
        if (answer.find("result")->is_null()) return FakeNode::say(answer);
        answer.find("result")->set("transactionHash", hex_text(keccak256("another")));
        return FakeNode::say(answer);
    };
    CHECK(remote.mint("one").status() == Status::CORRUPT);
}

TEST_CASE("reads are asked again when a connection breaks, a bounded number of times") {
    Remote remote;
    must(remote.mint("one"));
    remote.fault("eth_call") = breaks(2);
    CHECK(remote.chain->token(named_id("one")).ok());
    remote.fault("eth_call") = breaks(1'000);
    remote.node->asked.clear();
    CHECK(remote.chain->token(named_id("one")).status() == Status::UNAVAILABLE);
    CHECK(remote.node->asked["eth_call"] == 3);
}

TEST_CASE("many threads with one key: no transaction is lost or doubled while answers break") {
    Remote remote;
    int count = 0;
    remote.fault("eth_sendRawTransaction") = [&](const Value& question) -> std::optional<FakeNode::Answer> {
        if (++count % 3 != 0) return std::nullopt;
        if (count % 2 == 0) remote.node->really(question);
        return FakeNode::Answer(Error(Status::UNAVAILABLE, "connection reset"));
    };
    constexpr int kThreads = 4, kEach = 5;
    std::vector<std::thread> threads;
    std::atomic<int> done{0};
    for (int t = 0; t < kThreads; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < kEach; ++i)
                done += remote.mint("token " + std::to_string(t) + "/" + std::to_string(i)).ok();
        });
    for (auto& thread : threads) thread.join();
    CHECK(done == kThreads * kEach);
    CHECK(remote.minted() == kThreads * kEach);
    CHECK(remote.transactions() == kThreads * kEach);
}
