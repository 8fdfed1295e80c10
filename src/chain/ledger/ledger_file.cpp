#include "chain/ledger/ledger_file.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"

namespace c2d::ledger {

const char* const kSchema =
    "CREATE TABLE blocks (number INTEGER PRIMARY KEY, hash BLOB NOT NULL, header BLOB NOT NULL, "
    "transactions BLOB NOT NULL, receipts BLOB NOT NULL)";

namespace {
constexpr std::string_view kMemory = ":memory:";
}

Result<Unit> LedgerFile::prepare() {
    C2D_TRY(get_last_, db_.prepare("SELECT number, hash FROM blocks ORDER BY number DESC LIMIT 1"));
    C2D_TRY(get_block_, db_.prepare("SELECT hash, header, transactions, receipts FROM blocks WHERE number = ?"));
    C2D_TRY(put_block_, db_.prepare("INSERT INTO blocks VALUES (?, ?, ?, ?, ?)"));
    return Unit{};
}

Result<LedgerFile> LedgerFile::create(const std::string& path, const StoredBlock& first) {
    LedgerFile out;
    C2D_TRY(out.db_, store::Database::open(path, store::Database::Mode::create));
    C2D_TRY(auto transaction, store::WriteTransaction::begin(out.db_));
    C2D_TRY(auto tables, out.db_.prepare("SELECT count(*) FROM sqlite_schema"));
    C2D_CHECK(tables.step());
    if (tables.number(0) != 0)
        return fail(Status::CONFLICT, "{} exists already and is not empty; choose another path", path);
    tables.reset();
    C2D_CHECK(out.db_.execute(kSchema));
    C2D_CHECK(out.prepare());
    C2D_CHECK(out.append(first));
    C2D_CHECK(transaction.commit());
    if (path != kMemory) out.place_ = FilePlace::of(path);
    return out;
}

Result<LedgerFile> LedgerFile::open(const std::string& path) {
    LedgerFile out;
    const auto before = FilePlace::of(path);
    auto database = store::Database::open(path, store::Database::Mode::existing);
    if (!database && database.status() == Status::NOT_FOUND)
        return fail(Status::NOT_FOUND, "{} is missing: create a ledger with: dt-cli chain init ({})", path,
                    database.error().message);
    C2D_TRY(out.db_, std::move(database));
    C2D_TRY(auto tables, out.db_.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'blocks'"));
    C2D_CHECK(tables.step());
    if (tables.number(0) != 1)
        return fail(Status::CORRUPT, "{} is no ledger; create one with: dt-cli chain init", path);
    tables.reset();
    C2D_CHECK(out.check_schema());
    C2D_CHECK(out.prepare());
    // The log is there since the first read, the file from before to now: what was opened is what is watched.
    C2D_CHECK(before.require_same());
    out.place_ = FilePlace::of(path);
    return out;
}

Result<Unit> LedgerFile::check_schema() {
    C2D_TRY(auto query, db_.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema"));
    C2D_TRY(const bool row, query.step());
    if (!row || query.text(0) != "table" || query.text(1) != "blocks" || query.text(2) != "blocks" ||
        query.text(3) != kSchema)
        return fail(Status::CORRUPT, "the table of the file is not that of a ledger");
    C2D_TRY(const bool more, query.step());
    if (more)
        return fail(Status::CORRUPT, "the file holds \"{}\" beside the blocks; a ledger holds nothing else",
                    query.text(1));
    return Unit{};
}

Result<LedgerFile::LastRow> LedgerFile::last() {
    C2D_CHECK(require_in_place());
    C2D_TRY(const bool found, get_last_.step());
    if (!found) return fail(Status::CORRUPT, "the ledger holds no block, not even the first");
    LastRow last{get_last_.number(0), {}};
    auto hash = get_last_.bytes32(1);
    get_last_.reset();
    if (!hash) return fail(Status::CORRUPT, "block {}, field hash: expected 32 bytes", last.number);
    last.hash = *hash;
    return last;
}

Result<std::optional<StoredBlock>> LedgerFile::block(std::uint64_t number) {
    get_block_.bind(1, number);
    C2D_TRY(const bool found, get_block_.step());
    if (!found) return std::optional<StoredBlock>();
    StoredBlock block;
    block.head.number = number;
    auto hash = get_block_.bytes32(0);
    block.header = get_block_.blob(1);
    block.transactions = get_block_.blob(2);
    block.receipts = get_block_.blob(3);
    get_block_.reset();
    C2D_TRY(block.head.hash, std::move(hash));
    auto header = decode_header(block.header);
    // A later edition is said of a block that is whole; what was altered is damaged.
    if (header.status() == Status::UNSUPPORTED && block_hash(block.header) != block.head.hash)
        return fail(Status::CORRUPT, "the hash of block {} differs from its header's", number);
    if (!header) return header.error();
    block.head.time = header->time;
    return std::optional<StoredBlock>(std::move(block));
}

Result<Unit> LedgerFile::remove_from(std::uint64_t number) {
    C2D_TRY(auto remove, db_.prepare("DELETE FROM blocks WHERE number >= ?"));
    return remove.bind(1, number).run();
}

Result<Unit> LedgerFile::append(const StoredBlock& block) {
    put_block_.bind(1, block.head.number)
        .bind(2, block.head.hash.view())
        .bind(3, block.header)
        .bind(4, block.transactions)
        .bind(5, block.receipts);
    return put_block_.run();
}

}  // namespace c2d::ledger
