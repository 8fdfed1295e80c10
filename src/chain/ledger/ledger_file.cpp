#include "chain/ledger/ledger_file.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"

#include <cstdlib>
#include <sstream>

namespace c2d::ledger {

namespace {

/// Type, name and table as sqlite_schema must list them beside a statement.
std::string entry_of(const std::string& sql) {
    std::istringstream words(sql);
    std::string create, type, name, on, table;
    words >> create >> type >> name >> on >> table;
    return type == "TABLE" ? fmt::format("table {} {}", name, name) : fmt::format("index {} {}", name, table);
}

}  // namespace

const std::vector<std::string>& schema() {
    static const std::vector<std::string> kSchema = {
        "CREATE TABLE blocks (number INTEGER PRIMARY KEY, hash BLOB NOT NULL, header BLOB NOT NULL, "
        "transactions BLOB NOT NULL, receipts BLOB NOT NULL)",
        "CREATE TABLE state (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
        "CREATE TABLE transaction_index (hash BLOB PRIMARY KEY, block INTEGER NOT NULL, "
        "position INTEGER NOT NULL) WITHOUT ROWID",
        "CREATE TABLE log_index (block INTEGER NOT NULL, position INTEGER NOT NULL, "
        "log INTEGER NOT NULL, address BLOB NOT NULL, topic0 BLOB, topic1 BLOB, topic2 BLOB, "
        "topic3 BLOB, PRIMARY KEY (block, position, log)) WITHOUT ROWID",
        "CREATE INDEX log_topic1 ON log_index (address, topic0, topic1, block)",
        "CREATE INDEX log_topic2 ON log_index (address, topic0, topic2, block)",
        "CREATE INDEX log_topic3 ON log_index (address, topic0, topic3, block)"};
    return kSchema;
}

Result<Unit> LedgerFile::prepare() {
    C2D_TRY(get_state_, db_.prepare("SELECT value FROM state WHERE key = ?"));
    C2D_TRY(put_state_, db_.prepare("INSERT OR REPLACE INTO state VALUES (?, ?)"));
    C2D_TRY(get_head_, db_.prepare("SELECT number, hash, header FROM blocks ORDER BY number DESC LIMIT 1"));
    C2D_TRY(get_block_, db_.prepare(
                            "SELECT hash, header, transactions, receipts FROM blocks WHERE number = ?"));
    C2D_TRY(put_block_, db_.prepare("INSERT INTO blocks VALUES (?, ?, ?, ?, ?)"));
    C2D_TRY(put_transaction_, db_.prepare("INSERT INTO transaction_index VALUES (?, ?, ?)"));
    C2D_TRY(get_transaction_,
            db_.prepare("SELECT block, position FROM transaction_index WHERE hash = ?"));
    C2D_TRY(put_log_, db_.prepare("INSERT INTO log_index VALUES (?, ?, ?, ?, ?, ?, ?, ?)"));
    return Unit{};
}

Result<LedgerFile> LedgerFile::create(const std::string& path, const StoredBlock& first,
                                      const std::map<std::string, Bytes>& writes) {
    LedgerFile out;
    C2D_TRY(out.db_, store::Database::open(path, store::Database::Mode::create));
    C2D_TRY(auto transaction, store::WriteTransaction::begin(out.db_));
    C2D_TRY(auto tables, out.db_.prepare("SELECT count(*) FROM sqlite_schema"));
    C2D_CHECK(tables.step());
    if (tables.number(0) != 0)
        return fail(Status::CONFLICT, "{} exists already and is not empty; choose another path", path);
    tables.reset();
    for (const auto& statement : schema()) C2D_CHECK(out.db_.execute(statement.c_str()));
    C2D_CHECK(out.prepare());
    C2D_CHECK(out.append(first, writes, {}, {}));
    C2D_CHECK(transaction.commit());
    return out;
}

Result<LedgerFile> LedgerFile::open(const std::string& path) {
    LedgerFile out;
    C2D_TRY(out.db_, store::Database::open(path, store::Database::Mode::existing));
    C2D_TRY(auto tables,
            out.db_.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'blocks'"));
    C2D_CHECK(tables.step());
    if (tables.number(0) != 1)
        return fail(Status::CORRUPT, "{} is no ledger; make one with: dt-cli chain init", path);
    tables.reset();
    C2D_CHECK(out.check_schema());
    C2D_CHECK(out.prepare());
    return out;
}

Result<Unit> LedgerFile::check_schema() {
    C2D_TRY(auto query, db_.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid"));
    auto expected = schema().begin();
    for (;; ++expected) {
        C2D_TRY(const bool row, query.step());
        if (!row) break;
        const auto entry = fmt::format("{} {} {}", query.text(0), query.text(1), query.text(2));
        if (expected == schema().end() || query.text(3) != *expected || entry != entry_of(*expected))
            return fail(Status::CORRUPT, "the tables of the file are not those of a ledger");
    }
    if (expected != schema().end())
        return fail(Status::CORRUPT, "the file lacks a table or an index of a ledger");
    return Unit{};
}

Result<std::optional<Bytes>> LedgerFile::get(const std::string& key) {
    get_state_.bind(1, as_bytes(key));
    C2D_TRY(const bool found, get_state_.step());
    if (!found) return std::optional<Bytes>();
    Bytes value = get_state_.blob(0);
    get_state_.reset();
    return std::optional<Bytes>(std::move(value));
}

void LedgerFile::put(const std::string&, Bytes) { std::abort(); }

Result<Head> LedgerFile::head() {
    C2D_TRY(const bool found, get_head_.step());
    if (!found) return fail(Status::CORRUPT, "the ledger holds no block, not even the first");
    Head head;
    head.number = get_head_.number(0);
    auto hash = get_head_.bytes32(1);
    auto header = decode_header(get_head_.blob(2));
    get_head_.reset();
    C2D_TRY(head.hash, std::move(hash));
    C2D_TRY(const auto decoded, std::move(header));
    head.time = decoded.time;
    return head;
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
    C2D_TRY(const auto header, decode_header(block.header));
    block.head.time = header.time;
    return std::optional<StoredBlock>(std::move(block));
}

Result<Unit> LedgerFile::append_logs(std::uint64_t block, const std::vector<Bytes32>& hashes,
                                     const std::vector<std::vector<Log>>& logs) {
    for (std::size_t position = 0; position < hashes.size(); ++position) {
        put_transaction_.bind(1, hashes[position].view()).bind(2, block).bind(3, std::uint64_t(position));
        C2D_CHECK(put_transaction_.run());
        for (std::size_t i = 0; i < logs[position].size(); ++i) {
            const Log& log = logs[position][i];
            put_log_.bind(1, block).bind(2, std::uint64_t(position)).bind(3, std::uint64_t(i));
            put_log_.bind(4, log.address.view());
            for (int t = 0; t < 4; ++t) {
                if (std::size_t(t) < log.topics.size())
                    put_log_.bind(5 + t, log.topics[std::size_t(t)].view());
                else
                    put_log_.bind_null(5 + t);
            }
            C2D_CHECK(put_log_.run());
        }
    }
    return Unit{};
}

Result<Unit> LedgerFile::append(const StoredBlock& block, const std::map<std::string, Bytes>& writes,
                                const std::vector<Bytes32>& transaction_hashes,
                                const std::vector<std::vector<Log>>& logs) {
    put_block_.bind(1, block.head.number)
        .bind(2, block.head.hash.view())
        .bind(3, block.header)
        .bind(4, block.transactions)
        .bind(5, block.receipts);
    C2D_CHECK(put_block_.run());
    for (const auto& [key, value] : writes) {
        put_state_.bind(1, as_bytes(key)).bind(2, value);
        C2D_CHECK(put_state_.run());
    }
    return append_logs(block.head.number, transaction_hashes, logs);
}

Result<std::optional<TransactionPlace>> LedgerFile::find(const Bytes32& transaction) {
    get_transaction_.bind(1, transaction.view());
    C2D_TRY(const bool found, get_transaction_.step());
    if (!found) return std::optional<TransactionPlace>();
    const TransactionPlace place{get_transaction_.number(0), get_transaction_.number(1)};
    get_transaction_.reset();
    return std::optional<TransactionPlace>(place);
}

Result<std::vector<Log>> LedgerFile::logs(const LogFilter& filter) {
    // SQLite's integers are signed; no block number comes near the bound.
    if (filter.from_block > INT64_MAX) return std::vector<Log>{};
    const auto to_block = std::min<std::uint64_t>(filter.to_block, INT64_MAX);
    std::string sql = "SELECT block, position, log FROM log_index WHERE address = ?1 "
                      "AND block BETWEEN ?2 AND ?3";
    for (int t = 0; t < 4; ++t)
        if (filter.topics[std::size_t(t)]) sql += fmt::format(" AND topic{} = ?{}", t, 4 + t);
    sql += " ORDER BY block, position, log";
    C2D_TRY(auto query, db_.prepare(sql));
    query.bind(1, filter.address.view()).bind(2, filter.from_block).bind(3, to_block);
    for (int t = 0; t < 4; ++t)
        if (filter.topics[std::size_t(t)]) query.bind(4 + t, filter.topics[std::size_t(t)]->view());

    std::vector<Log> out;
    for (;;) {
        C2D_TRY(const bool row, query.step());
        if (!row) return out;
        const auto number = query.number(0);
        C2D_TRY(const auto stored, block(number));
        if (!stored) return fail(Status::CORRUPT, "the log index names block {}, which is absent", number);
        C2D_TRY(const auto receipts, decode_receipts(stored->receipts));
        C2D_TRY(const auto transactions, decode_transactions(stored->transactions));
        const auto position = query.number(1), index = query.number(2);
        if (position >= receipts.size() || position >= transactions.size() ||
            index >= receipts[position].size())
            return fail(Status::CORRUPT, "the log index names a log that block {} lacks", number);
        Log log = receipts[position][index];
        log.block_number = number;
        C2D_TRY(const auto transaction, decode_transaction(transactions[position]));
        log.transaction = transaction.hash;
        out.push_back(std::move(log));
    }
}

}  // namespace c2d::ledger
