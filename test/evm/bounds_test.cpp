// The one bound that a composition meets: 1,024 links below it, on the ledger as on an EVM, and
// within what a block of an EVM holds.

#include "codec/transaction.hpp"
#include "contracts/interface.hpp"
#include "crypto/hash.hpp"
#include "evm/networks.hpp"

#include <fmt/format.h>

namespace c2d::evm {

namespace t = contracts::dt_factory;
using abi::Value;
using support::must;
using support::named_id;

namespace {

constexpr std::size_t kLeaves = 511;

TokenId leaf(std::size_t i) { return keccak256(fmt::format("leaf {}", i)); }

/// Two of the networks, and many transactions of one key that go to both.
struct Crowd {
    Networks networks;
    Network& ledger = networks.all()[0];
    Network& evm = networks.all()[2];
    PrivateKey& owner = Networks::key("owner");
    std::uint64_t nonce = 0;
    std::vector<Bytes> raws;

    Crowd() {
        for (auto* network : {&ledger, &evm}) {
            must(network->chain.register_enterprise(Networks::key("admin"), owner.address(), "o", ""));
            must(network->chain.add_provider(Networks::key("admin"), owner.address()));
        }
    }

    void call(const contracts::Function& function, const std::vector<Value>& arguments) {
        Transaction transaction;
        transaction.chain_id = networks.chain_id();
        transaction.to = networks.contracts().dt_factory;
        transaction.data = abi::encode_call(function.signature, arguments);
        transaction.gas_limit = 300'000;
        transaction.nonce = nonce++;
        raws.push_back(must(sign_transaction(transaction, owner)).raw);
    }
    void mint(const TokenId& id, bool is_leaf) {
        call(t::kMint,
             {Value::of(id), Value::of(owner.address()), Value::of(is_leaf), Value::of(id), Value::text("Qm")});
    }
    void grant(const TokenId& dt, const TokenId& cdt) { call(t::kGrant, {Value::of(dt), Value::of(cdt)}); }

    /// The ledger runs them one by one, the EVM in as few blocks as hold them.
    void run() {
        for (const auto& raw : raws) must(ledger.chain.node().submit(raw));
        ask(evm.url, "evm_setAutomine", {false});
        for (const auto& raw : raws) ask(evm.url, "eth_sendRawTransaction", {hex_text(raw)});
        for (int blocks = 0; must(evm.chain.node().receipt(keccak256(raws.back()))) == std::nullopt; ++blocks) {
            REQUIRE(blocks < 100);
            ask(evm.url, "evm_mine", {});
        }
        ask(evm.url, "evm_setAutomine", {true});
        raws.clear();
    }

    void compose(const TokenId& cdt, const std::vector<TokenId>& children) {
        for (auto* network : {&ledger, &evm}) must(network->chain.start_compose(owner, cdt, children));
        ++nonce;
    }
    std::string is_below(Network& network, const TokenId& cdt, const TokenId& dt) {
        return network.answers({{networks.contracts().dt_factory,
                                 abi::encode_call(t::kIsBelow.signature, {Value::of(cdt), Value::of(dt)})}})[0];
    }
};

}  // namespace

TEST_CASE_FIXTURE(Crowd, "1,024 links below a composition are a job, one more is too many") {
    const auto a = named_id("a"), b = named_id("b"), full = named_id("full"), over = named_id("over");
    for (const auto& cdt : {a, b, full, over}) mint(cdt, false);
    std::vector<TokenId> leaves;
    for (std::size_t i = 0; i < kLeaves; ++i) {
        leaves.push_back(leaf(i));
        mint(leaves.back(), true);
        grant(leaves.back(), a);
        grant(leaves.back(), b);
    }
    grant(leaves[0], over);
    run();
    compose(a, leaves);
    compose(b, leaves);
    for (const auto& cdt : {full, over}) {
        grant(a, cdt);
        grant(b, cdt);
    }
    run();
    compose(full, {a, b});             // 2 + 2 * 511
    compose(over, {a, b, leaves[0]});  // and one more

    for (auto* network : {&ledger, &evm}) {
        INFO(network->name);
        CHECK(is_below(*network, full, leaves.back()) ==
              hex_text(abi::encode({{abi::Kind::boolean}}, {Value::of(true)})));
        CHECK(is_below(*network, over, leaves[0]) == "reverts");
        CHECK(must(network->chain.create_task(owner, "t", "")) == 1);
        CHECK(must(network->chain.add_job(owner, full, 1)) == 1);
        CHECK_FALSE(network->chain.add_job(owner, over, 1).ok());
        CHECK(must(network->chain.job_count()) == 1);
    }
    const auto head = must(evm.chain.info()).head.number;
    const auto block = ask(evm.url, "eth_getBlockByNumber", {fmt::format("{:#x}", head), false});
    fmt::print("a job with 1,024 grants takes {} gas\n", std::stoull(block.text_at({"gasUsed"}), nullptr, 16));
}

}  // namespace c2d::evm
