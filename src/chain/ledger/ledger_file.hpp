/// The tables of a ledger: blocks, the state they leave, and indexes over them. Everything in them
/// follows from the blocks, and `verify` compares all of it.
#pragma once

#include "chain/ledger/block.hpp"
#include "contracts/state.hpp"
#include "store/sqlite.hpp"

namespace c2d::ledger {

struct StoredBlock {
    Head head;
    Bytes header, transactions, receipts;
};

struct TransactionPlace {
    std::uint64_t block = 0;
    std::uint64_t position = 0;
    bool operator==(const TransactionPlace&) const = default;
};

/// Statements over the tables; one thread at a time.
class LedgerFile final : public contracts::State {
public:
    /// Makes the tables and appends the first block, in one transaction. Fails with `conflict` when
    /// the file holds something already.
    static Result<LedgerFile> create(const std::string& path, const StoredBlock& first,
                                     const std::map<std::string, Bytes>& writes);
    static Result<LedgerFile> open(const std::string& path);

    store::Database& database() { return db_; }

    Result<std::optional<Bytes>> get(const std::string& key) override;
    /// Not for use: writes go through `append`.
    void put(const std::string& key, Bytes value) override;

    Result<Head> head();
    Result<std::optional<StoredBlock>> block(std::uint64_t number);
    /// Appends a block with the writes it made; call inside a write transaction.
    Result<Unit> append(const StoredBlock& block, const std::map<std::string, Bytes>& writes,
                        const std::vector<Bytes32>& transaction_hashes,
                        const std::vector<std::vector<Log>>& logs);
    /// Fails with `corrupt` when the file's tables and indexes are not exactly those of a ledger.
    Result<Unit> check_schema();
    Result<std::optional<TransactionPlace>> find(const Bytes32& transaction);
    Result<std::vector<Log>> logs(const LogFilter& filter);

private:
    LedgerFile() = default;
    Result<Unit> prepare();
    Result<Unit> append_logs(std::uint64_t block, const std::vector<Bytes32>& transaction_hashes,
                             const std::vector<std::vector<Log>>& logs);

    store::Database db_;
    store::Statement get_state_, put_state_, get_head_, get_block_, put_block_, put_transaction_,
        get_transaction_, put_log_;
};

/// The schema as sqlite_schema must list it, statement by statement.
const std::vector<std::string>& schema();

}  // namespace c2d::ledger
