/// The same contracts on three networks: a ledger in this process, a ledger behind JSON-RPC, and an
/// EVM. All have the same chain id, administrator and clock, so that one signed transaction is good
/// for each and everything it leaves can be compared byte for byte.
#pragma once

#include "codec/json.hpp"
#include "support/anvil.hpp"
#include "support/doubles.hpp"
#include "support/temp_dir.hpp"
#include "tools/http_server.hpp"

#include <c2d/chain_server.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace c2d::evm {

/// A call of a view.
struct View {
    Address to;
    Bytes data;
};

struct Network {
    std::string name;
    Chain chain;
    /// Where it answers JSON-RPC; empty for the ledger in this process.
    std::string url;

    /// What each view answers, in hexadecimal, or "reverts".
    std::vector<std::string> answers(const std::vector<View>& views) const;
};

class Networks {
public:
    Networks();

    std::vector<Network>& all() { return all_; }
    const ContractAddresses& contracts() { return all_[0].chain.network().contracts; }
    std::uint64_t chain_id() { return all_[0].chain.network().chain_id; }

    std::uint64_t now() const { return clock_->now; }
    /// Lets time pass on all of them: it counts from the next block on.
    void pass(std::uint64_t seconds);
    /// Time stands there again: for what no network makes a block of.
    void back_to(std::uint64_t time) { clock_->now = time; }
    /// Runs what changes the EVM alone, and undoes it.
    void undone_on_evm(const std::function<void(Network& evm)>& run);
    /// New ledgers, and the EVM as it was after the deployment.
    void restart();
    /// Where the ledger of this process is stored.
    const ChainOptions& ledger_options() const { return ledger_options_; }
    /// The key of a name: the same on all of them.
    static PrivateKey& key(std::string_view name);

private:
    /// To a snapshot. A transaction leaves the pool some time after its receipt is there; while it is in it, none with
    /// the same nonce would be taken.
    void take_evm_back(const std::string& snapshot);
    Chain make_ledger(std::string_view path);
    void make_ledgers();
    void start_server();
    void start_anvil();
    /// Five deployments make five blocks; five refused calls let the ledgers keep up.
    void pad_ledgers();

    support::TempDir folder_;
    ChainOptions ledger_options_;
    std::size_t ledgers_made_ = 0;
    std::string anvil_start_;
    std::shared_ptr<support::FakeClock> clock_ = std::make_shared<support::FakeClock>();
    std::unique_ptr<ChainServer> server_;
    std::unique_ptr<tools::HttpServer> http_server_;
    std::unique_ptr<support::Anvil> anvil_;
    std::vector<Network> all_;
};

/// Asks a node directly: `result`, or a test failure.
json::Value ask(const std::string& url, std::string_view method, json::Array parameters);

}  // namespace c2d::evm
