#include "chain/ledger/view.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace c2d::ledger {

namespace {

constexpr int kVersion = 1;
/// Pages that stay in memory: the upper levels of the trees of some million tokens.
constexpr const char* kCacheSize = "PRAGMA cache_size = -16384";

constexpr const char* kTables =
    "CREATE TABLE IF NOT EXISTS view (version INTEGER NOT NULL, genesis BLOB NOT NULL);"
    "CREATE TABLE IF NOT EXISTS blocks (number INTEGER PRIMARY KEY, hash BLOB NOT NULL, time "
    "INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS state (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS places (key INTEGER NOT NULL, block INTEGER NOT NULL, "
    "PRIMARY KEY (key, block)) WITHOUT ROWID;";

std::uint64_t word_at(const std::uint8_t* bytes) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    return word;
}

std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
    hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
    return hash ^ hash >> 32;
}

void remove_database(const std::string& path) {
    std::error_code ignored;
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path + suffix, ignored);
}

}  // namespace

IndexKey index_key(const Bytes32& transaction) { return word_at(transaction.data.data()); }

IndexKey index_key(const Address& contract, std::size_t t, const Bytes32& topic) {
    std::uint64_t hash = mix(t + 1, word_at(contract.data.data() + 12));
    for (std::size_t at = 0; at < 32; at += 8) hash = mix(hash, word_at(topic.data.data() + at));
    return hash;
}

bool is_indexed(std::size_t t, const Bytes32& topic) {
    return t == 0 || std::any_of(topic.data.begin(), topic.data.begin() + 24,
                                 [](std::uint8_t byte) { return byte != 0; });
}

Result<std::unique_ptr<View>> View::open(const std::string& path, const Bytes32& genesis) {
    auto out = open_existing(path, genesis);
    if (out || out.status() != Status::CORRUPT || path.empty()) return out;
    remove_database(path);
    return open_existing(path, genesis);
}

Result<std::unique_ptr<View>> View::open_existing(const std::string& path, const Bytes32& genesis) {
    auto out = std::make_unique<View>();
    C2D_CHECK(out->attach(path, genesis));
    return out;
}

Result<Unit> View::attach(const std::string& path, const Bytes32& genesis) {
    C2D_TRY(db_, store::Database::open(path, store::Database::Mode::create));
    // The journal keeps it whole at a power cut; what a cut takes off its end is replayed.
    C2D_CHECK(db_.execute(path.empty() ? "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF"
                                       : "PRAGMA synchronous = NORMAL"));
    C2D_CHECK(db_.execute(kCacheSize));
    C2D_CHECK(make_tables(genesis));
    C2D_CHECK(prepare());
    C2D_TRY(head_, stored_head());
    return Unit{};
}

Result<Unit> View::make_tables(const Bytes32& genesis) {
    C2D_TRY(auto write, store::WriteTransaction::begin(db_));
    C2D_CHECK(db_.execute(kTables));
    C2D_TRY(auto query, db_.prepare("SELECT version, genesis FROM view"));
    C2D_TRY(const bool known, query.step());
    if (known) {
        const bool ours =
            query.number(0) == kVersion && std::ranges::equal(query.blob(1), genesis.view());
        query.reset();
        if (!ours) return fail(Status::CORRUPT, "the view is of another version or another ledger");
        return write.commit();
    }
    C2D_TRY(auto insert, db_.prepare("INSERT INTO view VALUES (?, ?)"));
    C2D_CHECK(insert.bind(1, kVersion).bind(2, genesis.view()).run());
    return write.commit();
}

Result<Unit> View::prepare() {
    C2D_TRY(get_state_, db_.prepare("SELECT value FROM state WHERE key = ?"));
    C2D_TRY(put_state_, db_.prepare("INSERT OR REPLACE INTO state VALUES (?, ?)"));
    C2D_TRY(get_head_,
            db_.prepare("SELECT number, hash, time FROM blocks ORDER BY number DESC LIMIT 1"));
    C2D_TRY(get_block_, db_.prepare("SELECT hash FROM blocks WHERE number = ?"));
    C2D_TRY(put_block_, db_.prepare("INSERT OR IGNORE INTO blocks VALUES (?, ?, ?)"));
    C2D_TRY(get_places_,
            db_.prepare("SELECT block FROM places WHERE key = ? AND block BETWEEN ? AND ?"));
    C2D_TRY(put_place_, db_.prepare("INSERT OR IGNORE INTO places VALUES (?, ?)"));
    return Unit{};
}

Result<std::optional<Head>> View::stored_head() {
    C2D_TRY(const bool found, get_head_.step());
    if (!found) return std::optional<Head>();
    Head head{get_head_.number(0), {}, get_head_.number(2)};
    auto hash = get_head_.bytes32(1);
    get_head_.reset();
    C2D_TRY(head.hash, std::move(hash));
    return std::optional<Head>(head);
}

Result<View::Snapshot> View::snapshot() {
    C2D_CHECK(db_.begin_read());
    Snapshot out(*this);
    // SQLite fixes what is seen with the first read.
    C2D_TRY(const auto stored, stored_head());
    if (stored && (!head_ || stored->number > head_->number)) {
        forget_unwritten();
        head_ = stored;
    }
    return out;
}

Result<std::optional<Bytes>> View::get(const std::string& key) {
    // What is unwritten covers all that changed since the file's head, wherever that stands.
    const auto found = state_.find(key);
    if (found != state_.end()) return std::optional<Bytes>(found->second);
    get_state_.bind(1, as_bytes(key));
    C2D_TRY(const bool row, get_state_.step());
    if (!row) return std::optional<Bytes>();
    Bytes value = get_state_.blob(0);
    get_state_.reset();
    return std::optional<Bytes>(std::move(value));
}

void View::put(const std::string&, Bytes) { std::abort(); }

Result<std::optional<Bytes32>> View::block_hash(std::uint64_t number) {
    if (!blocks_.empty() && number >= blocks_.front().number && number <= blocks_.back().number)
        return std::optional<Bytes32>(blocks_[number - blocks_.front().number].hash);
    if (number > INT64_MAX) return std::optional<Bytes32>();
    get_block_.bind(1, number);
    C2D_TRY(const bool found, get_block_.step());
    if (!found) return std::optional<Bytes32>();
    auto hash = get_block_.bytes32(0);
    get_block_.reset();
    C2D_TRY(const auto value, std::move(hash));
    return std::optional<Bytes32>(value);
}

Result<std::vector<std::uint64_t>> View::find(IndexKey key, std::uint64_t from, std::uint64_t to) {
    std::vector<std::uint64_t> out;
    if (from > INT64_MAX) return out;
    get_places_.bind(1, key).bind(2, from).bind(3, std::min<std::uint64_t>(to, INT64_MAX));
    for (;;) {
        C2D_TRY(const bool row, get_places_.step());
        if (!row) break;
        out.push_back(get_places_.number(0));
    }
    for (const auto& row : places_)
        if (row.key == key && row.block >= from && row.block <= to) out.push_back(row.block);
    std::ranges::sort(out);
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

void View::take(TakenBlock& block) {
    blocks_.push_back(block.head);
    while (!block.writes.empty()) {
        auto row = block.writes.extract(block.writes.begin());
        state_.insert_or_assign(std::move(row.key()), std::move(row.mapped()));
    }
    const auto first = places_.size();
    for (const auto& hash : block.transactions)
        places_.push_back({index_key(hash), block.head.number});
    for (const auto& logs : block.receipts)
        for (const auto& log : logs)
            for (std::size_t t = 0; t < log.topics.size(); ++t)
                if (is_indexed(t, log.topics[t]))
                    places_.push_back(
                        {index_key(log.address, t, log.topics[t]), block.head.number});
    // The transactions of one block often share topics.
    const auto here = places_.begin() + std::ptrdiff_t(first);
    std::sort(here, places_.end());
    places_.erase(std::unique(here, places_.end()), places_.end());
    head_ = block.head;
}

void View::forget_unwritten() {
    state_.clear();
    places_.clear();
    blocks_.clear();
}

Result<Unit> View::flush(const std::function<Result<Unit>()>& with_lock) {
    C2D_TRY(auto write, store::WriteTransaction::begin(db_));
    C2D_TRY(const auto stored, stored_head());
    // Another process may have written the same blocks, or more of them.
    const bool behind = head_ && (!stored || stored->number < head_->number);
    if (behind) C2D_CHECK(write_rows());
    if (with_lock) C2D_CHECK(with_lock());
    C2D_CHECK(write.commit());
    forget_unwritten();
    if (!behind) head_ = stored;
    return Unit{};
}

/// In key order, which touches each page once.
Result<Unit> View::write_rows() {
    std::vector<const std::pair<const std::string, Bytes>*> rows;
    rows.reserve(state_.size());
    for (const auto& row : state_) rows.push_back(&row);
    std::ranges::sort(rows, {}, [](const auto* row) -> const std::string& { return row->first; });
    for (const auto* row : rows)
        C2D_CHECK(put_state_.bind(1, as_bytes(row->first)).bind(2, row->second).run());
    std::ranges::sort(places_);
    for (const auto& row : places_) C2D_CHECK(put_place_.bind(1, row.key).bind(2, row.block).run());
    for (const auto& head : blocks_)
        C2D_CHECK(
            put_block_.bind(1, head.number).bind(2, head.hash.view()).bind(3, head.time).run());
    return Unit{};
}

Result<Unit> View::compare(View& other) {
    constexpr std::pair<const char*, int> kQueries[] = {
        {"SELECT number, hash, time FROM blocks ORDER BY number", 3},
        {"SELECT key, value FROM state ORDER BY key", 2},
        {"SELECT key, block FROM places ORDER BY key, block", 2}};
    for (const auto& [sql, columns] : kQueries) {
        C2D_TRY(auto mine, db_.prepare(sql));
        C2D_TRY(auto theirs, other.db_.prepare(sql));
        for (std::uint64_t row = 0;; ++row) {
            C2D_TRY(const bool here, mine.step());
            C2D_TRY(const bool there, theirs.step());
            bool same = here == there;
            for (int i = 0; here && there && i < columns; ++i)
                same = same && mine.blob(i) == theirs.blob(i);
            if (!same)
                return fail(Status::CORRUPT, "row {} of \"{}\" is not what the blocks give", row,
                            sql);
            if (!here) break;
        }
    }
    return Unit{};
}

}  // namespace c2d::ledger
