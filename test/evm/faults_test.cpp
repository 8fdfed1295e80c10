// The client on a real node that loses transactions, is restarted, and changes its mind about blocks.
// What a node can say wrong besides is in test/chain/rpc_faults_test.cpp.

#include "chain/evm/json_rpc.hpp"
#include "support/anvil.hpp"
#include "support/doubles.hpp"
#include "support/temp_dir.hpp"

#include <c2d/chain.hpp>

#include <thread>

namespace c2d::evm {

namespace {

using namespace std::chrono_literals;
using support::must;
using support::named_id;
using support::named_key;

/// Sends to wherever the node is just now.
struct Switch final : HttpTransport {
    std::shared_ptr<HttpTransport> below = HttpTransport::curl();
    std::mutex mutex;
    std::string url;

    Result<HttpResponse> send(const HttpRequest& request) override {
        HttpRequest moved = request;
        {
            const std::lock_guard lock(mutex);
            if (url.empty()) return Error(Status::UNAVAILABLE, "connection refused");
            moved.target = url;
        }
        return below->send(moved);
    }
    void move(std::string to) {
        const std::lock_guard lock(mutex);
        url = std::move(to);
    }
};

/// A network without fees, our contracts on it, and a bank that mints.
struct Place {
    support::TempDir folder;
    std::unique_ptr<support::Anvil> anvil;
    std::shared_ptr<Switch> http = std::make_shared<Switch>();
    std::shared_ptr<PrivateKey> admin = named_key("admin"), bank = named_key("bank");
    std::optional<Chain> chain;

    Place() {
        start();
        ChainOptions options = base();
        must(Chain::deploy(options, *admin));
        options.rpc.receipt_deadline = 18s;
        chain.emplace(must(Chain::open(options)));
        must(chain->register_enterprise(*admin, bank->address(), "bank", ""));
        must(chain->add_provider(*admin, bank->address()));
    }
    ChainOptions base() {
        ChainOptions options;
        options.network_url = "http://node.invalid";
        options.address_file = folder / "addresses.json";
        options.network_name = "place";
        options.http = http;
        options.rpc.gas_price = 0;
        return options;
    }
    /// On the state of the last one, if there was one.
    void start() {
        http->move("");
        anvil.reset();
        anvil = must(support::Anvil::start(
            C2D_SOURCE_DIR, {"--gas-price", "0", "--block-base-fee-per-gas", "0", "--slots-in-an-epoch", "1", "--state",
                             (folder / "state.json").string()}));
        http->move(anvil->url());
    }
    json::Value ask(std::string_view method, json::Array parameters = {}) {
        return must(JsonRpc(anvil->url(), HttpTransport::curl(), Logger::silent()).call(method, std::move(parameters)));
    }
    std::string transactions(const char* at) {
        return ask("eth_getTransactionCount", {address_text(bank->address()), at}).text();
    }
    template <class Condition>
    static void wait_until(const char* what, const Condition& holds) {
        const auto deadline = std::chrono::steady_clock::now() + 60s;
        while (!holds()) {
            REQUIRE_MESSAGE(std::chrono::steady_clock::now() < deadline, "waited in vain: " << what);
            std::this_thread::sleep_for(10ms);
        }
    }
    void check_minted_once() {
        CHECK(must(chain->token(named_id("one"))).owner == bank->address());
        CHECK(must(chain->token_count()) == 1);
        CHECK(transactions("latest") == "0x1");
        CHECK(transactions("pending") == "0x1");
    }
};

/// Mints on a thread of its own; ends with the test.
class Minting {
public:
    explicit Minting(Chain chain, Signer& bank)
        : thread_([this, chain, &bank]() mutable {
              result = chain.mint(bank, named_id("one"), true, keccak256("document"), "Qm1");
              done = true;
          }) {}
    ~Minting() { thread_.join(); }

    Result<Receipt> result = Error();
    std::atomic<bool> done{false};

private:
    std::thread thread_;
};

}  // namespace

TEST_CASE_FIXTURE(Place, "a transaction that the node dropped is sent again, and counts once") {
    ask("evm_setAutomine", {false});
    Minting minting(*chain, *bank);
    wait_until("the pool holds it", [&] { return transactions("pending") == "0x1"; });
    ask("anvil_dropAllTransactions");
    CHECK(transactions("pending") == "0x0");
    wait_until("the same bytes again", [&] { return transactions("pending") == "0x1"; });
    ask("evm_mine");
    wait_until("the receipt", [&] { return minting.done.load(); });
    CHECK(must(minting.result).succeeded);
    check_minted_once();
}

TEST_CASE_FIXTURE(Place, "a restart that empties the pool loses nothing") {
    ask("evm_setAutomine", {false});
    Minting minting(*chain, *bank);
    wait_until("the pool holds it", [&] { return transactions("pending") == "0x1"; });
    start();
    wait_until("the receipt", [&] { return minting.done.load(); });
    CHECK(must(minting.result).succeeded);
    check_minted_once();
}

TEST_CASE_FIXTURE(Place, "a reorganisation of two blocks throws the transaction out, and it comes back") {
    ChainOptions options = base();
    options.rpc.confirmations = 3;
    options.rpc.receipt_deadline = 18s;
    const Chain careful = must(Chain::open(options));
    Minting minting(careful, *bank);
    wait_until("a block holds it", [&] { return transactions("latest") == "0x1"; });
    ask("evm_mine");
    CHECK_FALSE(minting.done);  // one block on top is not three
    ask("anvil_reorg", {2, json::Array{}});
    CHECK(transactions("latest") == "0x0");
    wait_until("it is there again", [&] { return transactions("latest") == "0x1"; });
    for (int i = 0; i < 3; ++i) ask("evm_mine");
    wait_until("the receipt", [&] { return minting.done.load(); });
    const auto receipt = must(minting.result);
    const auto block = must(careful.node().block(receipt.block_number));
    REQUIRE(block);
    CHECK(block->head.hash == receipt.block_hash);
    check_minted_once();
}

TEST_CASE_FIXTURE(Place, "decisions wait until the network calls a block final, or until so many stand on top") {
    ChainOptions options = base();
    options.rpc.read_block = ReadBlock::finalized;
    const Chain by_finality = must(Chain::open(options));
    options.rpc.read_block = ReadBlock::confirmations;
    options.rpc.confirmations = 2;
    const Chain by_depth = must(Chain::open(options));
    must(chain->mint(*bank, named_id("one"), true, keccak256("document"), "Qm1"));
    const auto settled = [](const Chain& reader) {
        const auto then = must(reader.at_read_block());
        REQUIRE(then);
        return then->token(named_id("one")).ok();
    };
    // Two epochs, of one block each here, are what the node takes for final.
    for (const auto* reader : {&by_finality, &by_depth}) CHECK_FALSE(settled(*reader));
    ask("evm_mine");
    for (const auto* reader : {&by_finality, &by_depth}) CHECK_FALSE(settled(*reader));
    ask("evm_mine");
    for (const auto* reader : {&by_finality, &by_depth}) CHECK(settled(*reader));
}

TEST_CASE_FIXTURE(Place, "a node that is away says so, and answers when it is back") {
    http->move("");
    CHECK(chain->token_count().status() == Status::UNAVAILABLE);
    CHECK(chain->mint(*bank, named_id("one"), true, keccak256("document"), "Qm1").status() == Status::UNAVAILABLE);
    start();
    must(chain->mint(*bank, named_id("one"), true, keccak256("document"), "Qm1"));
    check_minted_once();
}

}  // namespace c2d::evm
