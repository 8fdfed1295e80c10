/// The ledger file: one table of blocks and nothing else. Whoever can write to it can write any
/// bytes there; what may be believed is decided by replay.hpp.
#pragma once

#include "chain/ledger/block.hpp"
#include "chain/ledger/file_place.hpp"
#include "store/sqlite.hpp"

namespace c2d::ledger {

/// A row as it stands in the file, unchecked.
struct StoredBlock {
    Head head;
    Bytes header, transactions, receipts;
};

/// Statements over the table; one thread at a time.
class LedgerFile {
public:
    /// Makes the table and appends the first block, in one transaction. Fails with `conflict` when
    /// the file holds something already.
    static Result<LedgerFile> create(const std::string& path, const StoredBlock& first);
    static Result<LedgerFile> open(const std::string& path);

    store::Database& database() { return db_; }

    struct LastRow {
        std::uint64_t number = 0;
        Bytes32 hash;
    };
    /// Fails with `ledger_replaced` when another file stands at the path, or none: every read and
    /// every write begins here.
    Result<LastRow> last();
    /// The same question alone.
    Result<Unit> require_in_place() const { return place_.require_same(); }
    Result<std::optional<StoredBlock>> block(std::uint64_t number);
    /// Appends a block; call inside a write transaction.
    Result<Unit> append(const StoredBlock& block);
    /// Removes the blocks from `number` on; call inside a write transaction.
    Result<Unit> remove_from(std::uint64_t number);
    /// Fails with `corrupt` when the file's schema is not exactly that of a ledger.
    Result<Unit> check_schema();

private:
    LedgerFile() = default;
    Result<Unit> prepare();

    store::Database db_;
    FilePlace place_;
    store::Statement get_last_, get_block_, put_block_;
};

/// The schema as sqlite_schema must list it.
extern const char* const kSchema;

}  // namespace c2d::ledger
