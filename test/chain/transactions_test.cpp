/// Which signed transactions a ledger takes, and that the others leave it as it was.
#include "chain/ledger/execution.hpp"
#include "contracts/interface.hpp"
#include "support/ledger.hpp"
#include "support/temp_dir.hpp"

#include <atomic>
#include <set>
#include <thread>

using namespace c2d;
using support::Ledger;
using support::must;
using support::named_address;

namespace {

struct Sender : Ledger {
    using Ledger::Ledger;

    /// A good transaction of the admin: the next nonce, this chain, a known function.
    Transaction good() {
        Transaction t;
        t.chain_id = chain->network().chain_id;
        t.nonce = must(chain->node().nonce(named_address("admin")));
        t.gas_limit = 10'000'000;
        t.to = chain->network().contracts.asset_provider;
        t.data = abi::encode_call(contracts::asset_provider::kAddProvider.signature,
                                  {abi::Value::of(named_address("bank"))});
        return t;
    }
    Bytes raw(const Transaction& transaction) { return must(sign_transaction(transaction, signer("admin"))).raw; }
    Result<Receipt> submit(const Transaction& transaction) { return chain->node().submit(raw(transaction)); }

    /// The transaction fails so, and head, nonce and state stay.
    void check_left_alone(const Transaction& transaction, Status status) {
        const auto head = must(chain->info()).head.hash;
        const auto nonce = must(chain->node().nonce(named_address("admin")));
        CHECK(submit(transaction).status() == status);
        CHECK(must(chain->info()).head.hash == head);
        CHECK(must(chain->node().nonce(named_address("admin"))) == nonce);
        CHECK_FALSE(must(chain->is_provider(named_address("bank"))));
        CHECK(chain->verify().ok());
    }
};

}  // namespace

TEST_CASE_FIXTURE(Sender, "a good transaction gives its receipt, which can be asked for again") {
    const auto t = good();
    const auto receipt = must(submit(t));
    CHECK(receipt.succeeded);
    CHECK(receipt.from == named_address("admin"));
    CHECK(receipt.to == *t.to);
    CHECK(receipt.block_number == 1);
    CHECK(receipt.block_time == clock->now);
    CHECK(receipt.block_hash == must(chain->info()).head.hash);
    CHECK(receipt.transaction == keccak256(raw(t)));
    REQUIRE(receipt.logs.size() == 2);
    CHECK(receipt.logs[1].index == 1);
    CHECK(receipt.logs[1].block_number == 1);
    CHECK(receipt.logs[1].transaction == receipt.transaction);

    const auto again = must(chain->node().receipt(receipt.transaction));
    REQUIRE(again.has_value());
    CHECK(again->transaction == receipt.transaction);
    CHECK(again->from == receipt.from);
    CHECK(again->to == receipt.to);
    CHECK(again->block_hash == receipt.block_hash);
    CHECK(again->block_time == receipt.block_time);
    REQUIRE(again->logs.size() == 2);
    CHECK(again->logs[1].topics == receipt.logs[1].topics);
    CHECK(again->logs[1].data == receipt.logs[1].data);
    CHECK(again->logs[1].transaction == receipt.transaction);
    CHECK_FALSE(must(chain->node().receipt(Bytes32{})).has_value());
}

TEST_CASE_FIXTURE(Sender, "every kind of Ethereum transaction is taken") {
    for (const auto type :
         {Transaction::Type::legacy, Transaction::Type::access_list, Transaction::Type::dynamic_fee}) {
        auto t = good();
        t.type = type;
        CHECK(submit(t).ok());
    }
    CHECK(must(chain->info()).head.number == 3);
}

TEST_CASE_FIXTURE(Sender, "a nonce that is not the next is a conflict, also the same transaction twice") {
    auto t = good();
    t.nonce += 1;
    check_left_alone(t, Status::CONFLICT);
    t.nonce -= 2;
    check_left_alone(t, Status::CONFLICT);
    const auto once = good();
    CHECK(submit(once).ok());
    CHECK(submit(once).status() == Status::CONFLICT);
    CHECK(must(chain->info()).head.number == 1);
}

TEST_CASE_FIXTURE(Sender, "a transaction for another chain is not run here") {
    auto t = good();
    t.chain_id += 1;
    check_left_alone(t, Status::INVALID_ARGUMENT);
}

TEST_CASE_FIXTURE(Sender, "value and deployments are not taken") {
    auto paying = good();
    paying.value.data[31] = 1;
    check_left_alone(paying, Status::INVALID_ARGUMENT);
    auto deploying = good();
    deploying.to.reset();
    check_left_alone(deploying, Status::INVALID_ARGUMENT);
}

TEST_CASE_FIXTURE(Sender, "call data that would revert leave nothing behind") {
    auto no_contract = good();
    no_contract.to = named_address("nobody");
    check_left_alone(no_contract, Status::NOT_FOUND);
    auto no_function = good();
    no_function.data = {1, 2, 3, 4};
    check_left_alone(no_function, Status::NOT_FOUND);
    auto cut = good();
    cut.data.pop_back();
    check_left_alone(cut, Status::NOT_FOUND);
    auto empty = good();
    empty.data.clear();
    check_left_alone(empty, Status::NOT_FOUND);
}

TEST_CASE_FIXTURE(Sender, "a transaction of 128 KiB is taken and one byte more is not") {
    constexpr auto kMax = ledger::kTransactionBytesMax;
    auto whole = good();
    // Bytes behind the arguments are allowed, as Solidity allows them.
    whole.data.resize(kMax - 200);
    while (raw(whole).size() < kMax) whole.data.push_back(0);
    REQUIRE(raw(whole).size() == kMax);
    auto longer = whole;
    longer.data.push_back(0);
    REQUIRE(raw(longer).size() == kMax + 1);
    check_left_alone(longer, Status::LIMIT);
    CHECK(submit(whole).ok());
}

TEST_CASE_FIXTURE(Sender, "bytes that are no signed transaction are refused") {
    const auto head = must(chain->info()).head.hash;
    auto bytes = raw(good());
    for (const Bytes& bad : {Bytes{}, Bytes{0xc0}, Bytes(40, 0xff), Bytes(bytes.begin(), bytes.end() - 1)})
        CHECK(chain->node().submit(bad).status() == Status::INVALID_ARGUMENT);
    CHECK(must(chain->info()).head.hash == head);
}

TEST_CASE_FIXTURE(Sender, "a changed signature speaks for another sender, who has no right") {
    auto bytes = raw(good());
    bytes[bytes.size() - 40] ^= 1;  // inside r
    const auto receipt = chain->node().submit(bytes);
    if (receipt) CHECK(receipt->from != named_address("admin"));
    CHECK_FALSE(must(chain->is_provider(named_address("bank"))));
}

TEST_CASE_FIXTURE(Sender, "a refusal of a contract is a block like any other and uses the nonce up") {
    CHECK(submit(good()).ok());
    const auto second = must(submit(good()));  // the provider exists
    CHECK(second.succeeded);
    CHECK(second.logs.size() == 1);
    CHECK(must(chain->info()).head.number == 2);
    CHECK(must(chain->node().nonce(named_address("admin"))) == 7);
    CHECK(chain->verify().ok());
}

TEST_CASE_FIXTURE(Sender, "calling a write as a view changes nothing") {
    const auto t = good();
    CHECK(chain->node().call(*t.to, t.data).ok());
    CHECK(must(chain->info()).head.number == 0);
    CHECK_FALSE(must(chain->is_provider(named_address("bank"))));
    CHECK(chain->node().call(named_address("nobody"), t.data).status() == Status::NOT_FOUND);
}

TEST_CASE("transactions that share a block build upon each other") {
    // On a disk, whose commits take their time: in memory few would ever meet.
    const support::TempDir folder;
    Sender ledger((folder / "ledger.db").string());
    auto& chain = ledger.chain;
    const auto signer = [&](const std::string& name) -> Signer& { return ledger.signer(name); };
    constexpr std::size_t kThreads = 8, kEach = 25;
    const auto bank = [](std::size_t i) { return "bank " + std::to_string(i); };
    for (std::size_t i = 0; i < kThreads; ++i)
        must(chain->register_enterprise(signer("admin"), named_address(bank(i)), bank(i), ""));
    const auto before = must(chain->info()).head.number;
    Transaction task = ledger.good();
    task.to = chain->network().contracts.task_market;
    task.data = abi::encode_call(contracts::task_market::kCreateTask.signature,
                                 {abi::Value::text("a task"), abi::Value::text("")});
    std::vector<std::thread> threads;
    std::atomic<std::size_t> taken{0};
    for (std::size_t i = 0; i < kThreads; ++i)
        threads.emplace_back([&, task, &own = signer(bank(i))]() mutable {
            for (task.nonce = 0; task.nonce < kEach; ++task.nonce)
                if (chain->node().submit(must(sign_transaction(task, own)).raw)) ++taken;
        });
    for (auto& thread : threads) thread.join();
    CHECK(taken == kThreads * kEach);
    CHECK(must(chain->task(kThreads * kEach)).name == "a task");
    CHECK(chain->task(kThreads * kEach + 1).status() == Status::NOT_FOUND);
    CHECK(must(chain->info()).head.number < before + kThreads * kEach);
    std::set<std::pair<std::uint64_t, std::uint32_t>> places;
    for (const auto& log : must(chain->node().logs({*task.to, {}, before + 1, UINT64_MAX}))) {
        places.emplace(log.block_number, log.index);
        const auto receipt = must(chain->node().receipt(log.transaction));
        REQUIRE(receipt);
        CHECK(receipt->logs.at(0).index == log.index);
    }
    CHECK(places.size() == kThreads * kEach);
    CHECK(chain->verify().ok());
}
