/// What stands behind a `Chain`: one interface, whether the rules run in the embedded ledger or in
/// an EVM network.
#pragma once

#include <c2d/contract_list.h>
#include <c2d/environment.hpp>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace c2d {

/// Where the seven contracts stand. JobReceipts is made by TaskMarket, and zero on networks with the original
/// contracts; Identity is made by AssetProvider, and zero there and on EVM networks with contracts of edition 1.
struct ContractAddresses {
    Address role_controller, asset_provider, op_template, dt_factory, task_market;
    Address job_receipts, identity;
    bool operator==(const ContractAddresses&) const = default;
};

/// What a contract is called, and where its address stands.
struct NamedContract {
    const char* name;
    Address ContractAddresses::*address;
};
/// All contracts, the deployed ones first and in the order of their deployment.
inline constexpr NamedContract kContracts[] = {
#define C2D_X(member, name) {name, &ContractAddresses::member},
    C2D_CONTRACT_LIST(C2D_X)
#undef C2D_X
};

/// How many of them are deployed; those make the others.
inline constexpr std::size_t kDeployedContracts = 0
#define C2D_X(member, name) +1
    C2D_DEPLOYED_CONTRACT_LIST(C2D_X)
#undef C2D_X
    ;

/// The last block.
struct Head {
    std::uint64_t number = 0;
    Bytes32 hash;
    /// Seconds since the epoch.
    std::uint64_t time = 0;
};

/// A block of a ledger whose time is further ahead of this machine's clock than clocks may differ:
/// the clock of who wrote it was wrong, or this machine's is.
struct LedgerAhead {
    std::uint64_t block = 0;
    /// Of the block, in seconds since the epoch.
    std::uint64_t time = 0;
    /// Seconds until this machine's clock believes it.
    std::uint64_t wait = 0;
};

/// What the contracts of a network do beyond the original ones.
struct NetworkFeatures {
    /// Grants have an end and a number of jobs; they can be taken back.
    bool grant_limits = false, revoking = false;
    bool closing_tasks = false;
    bool receipts = false;
    /// An activation's children can be read, and the list of tokens by pages.
    bool stored_children = false, token_pages = false;
    /// Edition 2 of the rules: decisions about organisations, closed tokens, keys, legal ids, counted disclosures,
    /// roles that can be taken back.
    bool edition_2 = false;
};

/// What tells one network from another, and where it stands.
struct NetworkInfo {
    /// "ledger" or "rpc".
    std::string kind;
    std::uint64_t chain_id = 0;
    /// The genesis salt of a ledger; zero on an EVM network.
    Bytes32 salt;
    /// Who initialised a ledger; zero on an EVM network.
    Address admin;
    ContractAddresses contracts;
    Head head;
    /// What contracts count a second of block time as: 1, or 1000 on PlatON and Alaya. `Chain` and
    /// `ChainNode` speak of seconds everywhere.
    std::uint64_t time_units = 1;
    /// Set while a ledger's last block is ahead. Reads answer from the blocks before it, as far as
    /// this process had not believed it earlier; writes fail with `ledger_ahead`.
    std::optional<LedgerAhead> ahead;
    /// Of the rules: 0 with the original contracts, 1, or 2 (docs/contracts.md). On a ledger, of the next block.
    std::uint64_t edition = 0;

    /// Known without a call: our contracts are one set, and only that has JobReceipts.
    NetworkFeatures features() const noexcept {
        const bool ours = !contracts.job_receipts.is_zero();
        return {ours, ours, ours, ours, ours, ours, edition >= 2};
    }
};

/// One event as a contract emitted it (Ethereum log).
struct Log {
    Address address;
    std::vector<Bytes32> topics;
    Bytes data;
    std::uint64_t block_number = 0;
    Bytes32 transaction;
    /// Position in the block.
    std::uint32_t index = 0;
};

/// What became of a transaction.
struct Receipt {
    Bytes32 transaction;
    Address from, to;
    bool succeeded = false;
    std::uint64_t block_number = 0;
    std::uint64_t block_time = 0;
    Bytes32 block_hash;
    std::vector<Log> logs;
};

/// Selects logs of one contract; an empty topic matches anything.
struct LogFilter {
    Address address = {};
    std::array<std::optional<Bytes32>, 4> topics = {};
    std::uint64_t from_block = 0;
    std::uint64_t to_block = UINT64_MAX;
};

/// Logs of some blocks in a row, in their order.
struct LogPage {
    std::vector<Log> logs;
    /// The `from_block` of the page after this one; nothing when this was the last.
    std::optional<std::uint64_t> next_block;
};

/// A block as readers see it.
struct BlockInfo {
    Head head;
    Bytes32 parent;
    std::vector<Bytes32> transactions;
};

/// A transaction as it was sent, and where it stands.
struct TransactionInfo {
    Bytes raw;
    std::uint64_t block_number = 0;
    Bytes32 block_hash;
    std::uint32_t index = 0;
};

/// What a transaction must offer to be taken.
struct GasTerms {
    bool dynamic_fee = false;
    std::uint64_t gas_limit = 10'000'000;
    /// Price, or fee cap of a dynamic fee, in wei.
    std::uint64_t gas_price = 0;
    std::uint64_t priority_fee = 0;
};

/// Accepts signed raw transactions and answers reads. Implementations are thread-safe.
class ChainNode {
public:
    virtual ~ChainNode() = default;
    /// What it is and where its head stands.
    virtual Result<NetworkInfo> info() = 0;
    /// The next nonce of an account.
    virtual Result<std::uint64_t> nonce(const Address& account) = 0;
    /// Takes a signed raw transaction and returns after its receipt. Fails with `conflict` when the
    /// nonce is not the next one, with `invalid_argument` when the transaction cannot be run.
    virtual Result<Receipt> submit(BytesView raw_transaction) = 0;
    /// Runs a view. A revert fails with `not_found`.
    virtual Result<Bytes> call(const Address& to, BytesView data) = 0;
    virtual Result<std::vector<Log>> logs(const LogFilter& filter) = 0;
    /// As many of them as are read at once: what a reader holds does not grow with the chain. A page
    /// may be empty though others follow. Here: all at once.
    virtual Result<LogPage> log_page(const LogFilter& filter);
    virtual Result<std::optional<Receipt>> receipt(const Bytes32& transaction) = 0;
    /// An empty optional when there is none. `unsupported` where the node does not offer it.
    virtual Result<std::optional<BlockInfo>> block(std::uint64_t number);
    virtual Result<std::optional<TransactionInfo>> transaction(const Bytes32& hash);
    /// Hash and time of a block without its transactions.
    virtual Result<std::optional<Head>> block_head(std::uint64_t number);
    /// What a transaction asked of its contract. Fails with `not_found` when there is no such one.
    virtual Result<Bytes> call_data(const Bytes32& transaction);
    /// A node whose every read answers as of the block that is the head now, whatever is added
    /// meanwhile; it takes no transactions. Null where a node cannot look back.
    virtual Result<std::shared_ptr<ChainNode>> at_head();
    /// The same as of the block that decisions are read at, as `Chain::at_read_block` says. Null where that is the
    /// latest.
    virtual Result<std::shared_ptr<ChainNode>> at_read_block();
    /// Fails with `invalid_argument` when something else stands where the contracts should. To be
    /// asked before a fee is paid; a ledger's contracts are part of it.
    virtual Result<Unit> check_contracts();
    /// Gas and fees for a call; free of charge unless the node says otherwise.
    virtual Result<GasTerms> gas_terms(const Address& from, const Address& to, BytesView data);
    /// Replays everything from the start and checks every link; `progress` counts blocks.
    /// `unsupported` where the node is not a ledger.
    virtual Result<Head> verify(const Progress& progress, const CancelToken* cancel) = 0;
};

}  // namespace c2d
