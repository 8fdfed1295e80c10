#include "chain/ledger/view_file.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"

#include <algorithm>
#include <cstring>

namespace c2d::ledger {

namespace {

/// 2: topics that are numbers of jobs and tasks are indexed.
constexpr int kVersion = 2;
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

}  // namespace

IndexKey index_key(const Bytes32& transaction) { return word_at(transaction.data.data()); }

IndexKey index_key(const Address& contract, std::size_t t, const Bytes32& topic) {
    std::uint64_t hash = mix(t + 1, word_at(contract.data.data() + 12));
    for (std::size_t at = 0; at < 32; at += 8) hash = mix(hash, word_at(topic.data.data() + at));
    return hash;
}

bool is_indexed(std::size_t t, const Bytes32& topic) { return t == 0 || !topic.is_zero(); }

void ViewRows::take(AppliedBlock& block) {
    blocks_.push_back(block.head);
    while (!block.writes.empty()) {
        auto row = block.writes.extract(block.writes.begin());
        state_.insert_or_assign(std::move(row.key()), std::move(row.mapped()));
    }
    const auto first = places_.size();
    for (const auto& hash : block.transactions) places_.push_back({index_key(hash), block.head.number});
    for (const auto& logs : block.receipts)
        for (const auto& log : logs)
            for (std::size_t t = 0; t < log.topics.size(); ++t)
                if (is_indexed(t, log.topics[t]))
                    places_.push_back({index_key(log.address, t, log.topics[t]), block.head.number});
    // The transactions of one block often share topics.
    const auto here = places_.begin() + std::ptrdiff_t(first);
    std::sort(here, places_.end());
    places_.erase(std::unique(here, places_.end()), places_.end());
}

void ViewRows::prepend(ViewRows&& earlier) {
    state_.merge(earlier.state_);  // what is here is newer, and stays
    places_.insert(places_.begin(), earlier.places_.begin(), earlier.places_.end());
    blocks_.insert(blocks_.begin(), earlier.blocks_.begin(), earlier.blocks_.end());
}

const Bytes* ViewRows::get(const std::string& key) const {
    const auto found = state_.find(key);
    return found == state_.end() ? nullptr : &found->second;
}

void ViewRows::keys_below(const std::string& prefix, std::set<std::string>& out) const {
    for (const auto& [key, value] : state_)
        if (key.starts_with(prefix)) out.insert(key);
}

const Head* ViewRows::block(std::uint64_t number) const {
    if (blocks_.empty() || number < blocks_.front().number || number > blocks_.back().number) return nullptr;
    return &blocks_[number - blocks_.front().number];
}

void ViewRows::find(IndexKey key, std::uint64_t from, std::uint64_t to, std::vector<std::uint64_t>& out) const {
    for (const auto& place : places_)
        if (place.key == key && place.block >= from && place.block <= to) out.push_back(place.block);
}

Result<ViewFile> ViewFile::copy_of(ViewFile& other) {
    ViewFile out;
    C2D_TRY(out.db_, store::Database::open("", store::Database::Mode::create));
    C2D_CHECK(out.db_.copy_from(other.db_));
    C2D_CHECK(out.db_.execute(kCacheSize));
    C2D_CHECK(out.prepare());
    return out;
}

Result<ViewFile> ViewFile::open(const std::string& path, const Bytes32& genesis) {
    ViewFile out;
    C2D_TRY(out.db_, store::Database::open(path, store::Database::Mode::create));
    // The journal keeps it whole at a power cut; what a cut takes off its end is replayed.
    C2D_CHECK(out.db_.execute(path.empty() ? "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF"
                                           : "PRAGMA synchronous = NORMAL"));
    C2D_CHECK(out.db_.execute(kCacheSize));
    C2D_CHECK(out.make_tables(genesis));
    C2D_CHECK(out.prepare());
    return out;
}

Result<Unit> ViewFile::make_tables(const Bytes32& genesis) {
    C2D_TRY(auto write, store::WriteTransaction::begin(db_));
    C2D_CHECK(db_.execute(kTables));
    C2D_TRY(auto query, db_.prepare("SELECT version, genesis FROM view"));
    C2D_TRY(const bool known, query.step());
    if (known) {
        const bool ours = query.number(0) == kVersion && std::ranges::equal(query.blob(1), genesis.view());
        query.reset();
        if (!ours) return fail(Status::CORRUPT, "the view is of another version or another ledger");
        return write.commit();
    }
    C2D_TRY(auto insert, db_.prepare("INSERT INTO view VALUES (?, ?)"));
    C2D_CHECK(insert.bind(1, kVersion).bind(2, genesis.view()).run());
    return write.commit();
}

Result<Unit> ViewFile::prepare() {
    C2D_TRY(get_state_, db_.prepare("SELECT value FROM state WHERE key = ?"));
    C2D_TRY(put_state_, db_.prepare("INSERT OR REPLACE INTO state VALUES (?, ?)"));
    C2D_TRY(get_head_, db_.prepare("SELECT number, hash, time FROM blocks ORDER BY number DESC LIMIT 1"));
    C2D_TRY(get_block_, db_.prepare("SELECT number, hash, time FROM blocks WHERE number = ?"));
    C2D_TRY(put_block_, db_.prepare("INSERT OR IGNORE INTO blocks VALUES (?, ?, ?)"));
    C2D_TRY(get_places_, db_.prepare("SELECT block FROM places WHERE key = ? AND block BETWEEN ? AND ? "
                                     "ORDER BY block LIMIT ?"));
    C2D_TRY(put_place_, db_.prepare("INSERT OR IGNORE INTO places VALUES (?, ?)"));
    return Unit{};
}

namespace {

/// The row of a query of number, hash and time, if there is one.
Result<std::optional<Head>> read_head(store::Statement& query) {
    C2D_TRY(const bool found, query.step());
    if (!found) return std::optional<Head>();
    Head head{query.number(0), {}, query.number(2)};
    auto hash = query.bytes32(1);
    query.reset();
    C2D_TRY(head.hash, std::move(hash));
    return std::optional<Head>(head);
}

}  // namespace

Result<std::optional<Head>> ViewFile::head() { return read_head(get_head_); }

Result<std::optional<Bytes>> ViewFile::get(const std::string& key) {
    get_state_.bind(1, as_bytes(key));
    C2D_TRY(const bool row, get_state_.step());
    if (!row) return std::optional<Bytes>();
    Bytes value = get_state_.blob(0);
    get_state_.reset();
    return std::optional<Bytes>(std::move(value));
}

Result<Unit> ViewFile::keys_below(const std::string& prefix, std::size_t count_max, std::set<std::string>& out) {
    // A prefix ends with a slash, and a key never goes on with what comes after that.
    std::string end = prefix;
    ++end.back();
    C2D_TRY(auto query, db_.prepare("SELECT key FROM state WHERE key >= ? AND key < ? ORDER BY key LIMIT ?"));
    query.bind(1, as_bytes(prefix)).bind(2, as_bytes(end)).bind(3, std::uint64_t(count_max) + 1);
    for (;;) {
        C2D_TRY(const bool row, query.step());
        if (!row) return Unit{};
        const Bytes key = query.blob(0);
        out.emplace(as_text(key));
    }
}

Result<std::optional<Head>> ViewFile::block(std::uint64_t number) {
    if (number > INT64_MAX) return std::optional<Head>();
    return read_head(get_block_.bind(1, number));
}

Result<Unit> ViewFile::find(IndexKey key, std::uint64_t from, std::uint64_t to, std::size_t count_max,
                            std::vector<std::uint64_t>& out) {
    if (from > INT64_MAX) return Unit{};
    get_places_.bind(1, key)
        .bind(2, from)
        .bind(3, std::min<std::uint64_t>(to, INT64_MAX))
        .bind(4, std::min<std::uint64_t>(count_max, INT64_MAX));
    for (;;) {
        C2D_TRY(const bool row, get_places_.step());
        if (!row) return Unit{};
        out.push_back(get_places_.number(0));
    }
}

Result<Unit> ViewFile::write(const ViewRows& rows, const std::function<Result<Unit>()>& with_lock) {
    C2D_TRY(auto write, store::WriteTransaction::begin(db_));
    C2D_TRY(const auto stored, head());
    // Another process may have written the same blocks, or more of them.
    if (rows.size() > 0 && (!stored || stored->number < rows.head().number)) C2D_CHECK(put(rows));
    if (with_lock) C2D_CHECK(with_lock());
    return write.commit();
}

/// In key order, which touches each page once.
Result<Unit> ViewFile::put(const ViewRows& rows) {
    std::vector<const std::pair<const std::string, Bytes>*> state;
    state.reserve(rows.state_.size());
    for (const auto& row : rows.state_) state.push_back(&row);
    std::ranges::sort(state, {}, [](const auto* row) -> const std::string& { return row->first; });
    for (const auto* row : state) C2D_CHECK(put_state_.bind(1, as_bytes(row->first)).bind(2, row->second).run());
    auto places = rows.places_;
    std::ranges::sort(places);
    for (const auto& row : places) C2D_CHECK(put_place_.bind(1, row.key).bind(2, row.block).run());
    for (const auto& head : rows.blocks_)
        C2D_CHECK(put_block_.bind(1, head.number).bind(2, head.hash.view()).bind(3, head.time).run());
    return Unit{};
}

Result<Unit> ViewFile::compare(ViewFile& other) {
    constexpr std::pair<const char*, int> kQueries[] = {{"SELECT number, hash, time FROM blocks ORDER BY number", 3},
                                                        {"SELECT key, value FROM state ORDER BY key", 2},
                                                        {"SELECT key, block FROM places ORDER BY key, block", 2}};
    for (const auto& [sql, columns] : kQueries) {
        C2D_TRY(auto mine, db_.prepare(sql));
        C2D_TRY(auto theirs, other.db_.prepare(sql));
        for (std::uint64_t row = 0;; ++row) {
            C2D_TRY(const bool here, mine.step());
            C2D_TRY(const bool there, theirs.step());
            bool same = here == there;
            for (int i = 0; here && there && i < columns; ++i) same = same && mine.blob(i) == theirs.blob(i);
            if (!same) return fail(Status::CORRUPT, "row {} of \"{}\" is not what the blocks give", row, sql);
            if (!here) break;
        }
    }
    return Unit{};
}

}  // namespace c2d::ledger
