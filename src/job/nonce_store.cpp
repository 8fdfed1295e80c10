#include "job/nonce_store.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"

#include <c2d/reason.hpp>
#include <c2d/request.hpp>

#include <map>
#include <mutex>
#include <set>

namespace c2d {

namespace {

/// How many each new nonce takes away at most.
constexpr std::size_t kForgetAtOnce = 32;
/// By how many more the table lets them grow before it looks through them.
constexpr std::uint64_t kIdleSlack = 1024;
/// The longest that a nonce is kept: of a request that came with the longest expiry, from a slow clock.
constexpr std::uint64_t kKeepSecondsMax = kRequestExpirySecondsMax + 3 * kRequestSkewSeconds;

Error too_many(std::string_view what, std::uint64_t max) {
    Error error = fail(Status::LIMIT, "{} has {} live requests; wait until some expire", what, max);
    error.name = reason_name(Reason::too_many_requests);
    return error;
}

/// A nonce must outlive its request by the skew that the expiry check forgives.
std::uint64_t keep_seconds(std::uint64_t expiry, std::uint64_t now) {
    const auto end = expiry + 2 * kRequestSkewSeconds;
    return end > now ? std::min(end - now, kKeepSecondsMax) : 0;
}

class MemoryNonces final : public NonceStore {
public:
    Result<bool> seen(const Address& signer, const Bytes32& nonce) override {
        const std::lock_guard lock(mutex_);
        const auto known = signers_.find(signer);
        return known != signers_.end() && known->second.live.contains(nonce);
    }

    Result<bool> remember(const Address& signer, const Bytes32& nonce, std::uint64_t expiry,
                          std::uint64_t now) override {
        const std::lock_guard lock(mutex_);
        const auto time = clock_.at(now);
        for (std::size_t i = 0; i < kForgetAtOnce && !by_end_.empty() && by_end_.begin()->end < time; ++i)
            forget(*by_end_.begin());
        C2D_CHECK(make_room(signer, time));
        const auto known = signers_.find(signer);
        const auto forgotten = known == signers_.end() ? forgotten_of_unknown_ : known->second.forgotten;
        if (forgotten != 0 && expiry <= forgotten) return false;
        if (known != signers_.end() && known->second.live.contains(nonce)) return false;
        add(signer, nonce, {expiry, time + keep_seconds(expiry, now)});
        return true;
    }

private:
    struct Kept {
        std::uint64_t expiry, end;
    };
    struct Signer {
        std::map<Bytes32, Kept> live;
        /// The latest expiry of a nonce that was forgotten.
        std::uint64_t forgotten = 0;
    };
    struct End {
        std::uint64_t end;
        Address signer;
        Bytes32 nonce;
        auto operator<=>(const End&) const = default;
    };

    /// For one more nonce of the signer, or fails.
    Result<Unit> make_room(const Address& signer, std::uint64_t time) {
        if (by_end_.size() >= kNoncesMax) return too_many("the provider", kNoncesMax);
        const auto known = signers_.find(signer);
        if (known == signers_.end() || known->second.live.size() < kNoncesPerSignerMax) return Unit{};
        forget_expired_of(signer, known->second, time);
        if (known->second.live.size() < kNoncesPerSignerMax) return Unit{};
        return too_many(address_text(signer), kNoncesPerSignerMax);
    }

    void add(const Address& signer, const Bytes32& nonce, const Kept& kept) {
        Signer& own = signers_.try_emplace(signer, Signer{{}, forgotten_of_unknown_}).first->second;
        if (own.live.empty()) idle_.erase({own.forgotten, signer});
        own.live[nonce] = kept;
        by_end_.insert({kept.end, signer, nonce});
    }

    void forget(End entry) {
        Signer& own = signers_[entry.signer];
        own.forgotten = std::max(own.forgotten, own.live[entry.nonce].expiry);
        own.live.erase(entry.nonce);
        by_end_.erase(entry);
        if (own.live.empty()) idle_.insert({own.forgotten, entry.signer});
        if (idle_.size() > kIdleSignersMax) forget_longest_idle();
    }

    /// Whom nothing is known of any more must not replay what was forgotten of them, so that holds for all of these.
    void forget_longest_idle() {
        const auto oldest = idle_.begin();
        forgotten_of_unknown_ = std::max(forgotten_of_unknown_, oldest->first);
        signers_.erase(oldest->second);
        idle_.erase(oldest);
    }

    void forget_expired_of(const Address& signer, const Signer& own, std::uint64_t time) {
        std::vector<End> expired;
        for (const auto& [nonce, kept] : own.live)
            if (kept.end < time && expired.size() < kForgetAtOnce) expired.push_back({kept.end, signer, nonce});
        for (const auto& entry : expired) forget(entry);
    }

    std::mutex mutex_;
    NonceClock clock_;
    std::map<Address, Signer> signers_;
    std::set<End> by_end_;
    /// Those without live nonces, by what was forgotten of them.
    std::set<std::pair<std::uint64_t, Address>> idle_;
    std::uint64_t forgotten_of_unknown_ = 0;
};

constexpr const char* kTables = R"(
CREATE TABLE IF NOT EXISTS live_nonces (
    signer BLOB NOT NULL, nonce BLOB NOT NULL, expiry INTEGER NOT NULL, keep_until INTEGER NOT NULL,
    PRIMARY KEY (signer, nonce)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS live_nonces_by_end ON live_nonces (keep_until);
CREATE TABLE IF NOT EXISTS nonce_signers (
    signer BLOB PRIMARY KEY, live INTEGER NOT NULL, forgotten INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS nonce_total (id INTEGER PRIMARY KEY CHECK (id = 1), live INTEGER NOT NULL, time INTEGER NOT NULL);
INSERT OR IGNORE INTO nonce_total VALUES (1, 0, 0);
)";

/// The one table of builds before, which kept the end by the wall clock: all of it is kept as long as can be.
Result<Unit> take_over(store::Database& db) {
    C2D_TRY(auto old, db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'nonces'"));
    C2D_TRY(const bool there, old.step());
    old.reset();
    if (!there) return Unit{};
    C2D_TRY(auto copy,
            db.prepare("INSERT OR IGNORE INTO live_nonces SELECT signer, nonce, keep_until - ?1, ?2 FROM nonces"));
    C2D_CHECK(copy.bind(1, 2 * kRequestSkewSeconds).bind(2, kKeepSecondsMax).run());
    C2D_CHECK(
        db.execute("INSERT OR REPLACE INTO nonce_signers SELECT signer, count(*), 0 FROM live_nonces GROUP BY signer;"
                   "UPDATE nonce_total SET live = (SELECT count(*) FROM live_nonces);"));
    return db.execute("DROP TABLE nonces");
}

}  // namespace

std::shared_ptr<NonceStore> NonceStore::memory() { return std::make_shared<MemoryNonces>(); }

Result<NonceTable> NonceTable::open(store::Database& db, SteadySeconds steady) {
    // A savepoint, since the caller may be within a transaction.
    C2D_CHECK(db.execute("SAVEPOINT make_nonces"));
    auto made = db.execute(kTables);
    if (made) made = take_over(db);
    C2D_CHECK(db.execute(made ? "RELEASE make_nonces" : "ROLLBACK TO make_nonces; RELEASE make_nonces"));
    C2D_CHECK(made);
    NonceTable out;
    C2D_TRY(out.find_, db.prepare("SELECT 1 FROM live_nonces WHERE signer = ? AND nonce = ?"));
    C2D_TRY(out.insert_, db.prepare("INSERT INTO live_nonces VALUES (?, ?, ?, ?)"));
    C2D_TRY(out.remove_, db.prepare("DELETE FROM live_nonces WHERE signer = ? AND nonce = ?"));
    constexpr auto kExpired = "SELECT signer, nonce, expiry FROM live_nonces WHERE {} keep_until < ?1 {} LIMIT {}";
    C2D_TRY(out.expired_, db.prepare(fmt::format(kExpired, "", "ORDER BY keep_until", kForgetAtOnce)));
    // Not by the index of ends, in which others' come first; a signer has no more rows than the bound.
    C2D_TRY(out.expired_of_signer_, db.prepare(fmt::format(kExpired, "signer = ?2 AND +", "", kForgetAtOnce)));
    C2D_TRY(out.get_signer_, db.prepare("SELECT live, forgotten FROM nonce_signers WHERE signer = ?"));
    C2D_TRY(out.add_to_signer_, db.prepare("INSERT INTO nonce_signers VALUES (?1, 1, ?2) "
                                           "ON CONFLICT (signer) DO UPDATE SET live = live + 1"));
    C2D_TRY(out.take_from_signer_,
            db.prepare("UPDATE nonce_signers SET live = live - 1, forgotten = max(forgotten, ?2) "
                       "WHERE signer = ?1"));
    // Zeros are nobody's address: that row holds what was forgotten of signers who were forgotten whole.
    constexpr auto kIdle = "FROM nonce_signers WHERE live = 0 AND signer != zeroblob(20)";
    C2D_TRY(out.count_idle_, db.prepare(fmt::format("SELECT count(*) {}", kIdle)));
    C2D_TRY(out.idle_until_, db.prepare(fmt::format("SELECT forgotten {} ORDER BY forgotten LIMIT 1 OFFSET ?", kIdle)));
    C2D_TRY(out.remove_idle_, db.prepare(fmt::format("DELETE {} AND forgotten <= ?", kIdle)));
    C2D_TRY(out.note_forgotten_,
            db.prepare("INSERT INTO nonce_signers VALUES (zeroblob(20), 0, ?) ON CONFLICT (signer) "
                       "DO UPDATE SET forgotten = max(forgotten, excluded.forgotten)"));
    C2D_TRY(out.get_total_, db.prepare("SELECT live, time FROM nonce_total"));
    C2D_TRY(out.set_total_, db.prepare("UPDATE nonce_total SET live = live + ?1, time = max(time, ?2)"));
    C2D_TRY(out.idle_, out.count_idle());
    C2D_CHECK(out.get_total_.step());
    out.clock_ = NonceClock(out.get_total_.number(1), std::move(steady));
    out.get_total_.reset();
    return out;
}

Result<bool> NonceTable::seen(const Address& signer, const Bytes32& nonce) {
    find_.bind(1, signer.view()).bind(2, nonce.view());
    C2D_TRY(const bool found, find_.step());
    find_.reset();
    return found;
}

Result<NonceTable::SignerRow> NonceTable::signer_row(const Address& signer) {
    get_signer_.bind(1, signer.view());
    C2D_TRY(const bool found, get_signer_.step());
    if (!found) {
        if (signer.is_zero()) return SignerRow{};
        C2D_TRY(const auto all, signer_row(Address{}));
        return SignerRow{0, all.forgotten};
    }
    const SignerRow row{get_signer_.number(0), get_signer_.number(1)};
    get_signer_.reset();
    return row;
}

Result<std::uint64_t> NonceTable::count_idle() {
    C2D_CHECK(count_idle_.step());
    const auto count = count_idle_.number(0);
    count_idle_.reset();
    return count;
}

/// Whom nothing is known of any more must not replay what was forgotten of them, so that holds for all of these.
Result<Unit> NonceTable::forget_longest_idle() {
    if (idle_ <= kIdleSignersMax + kIdleSlack) return Unit{};
    C2D_TRY(idle_, count_idle());
    if (idle_ <= kIdleSignersMax) return Unit{};
    C2D_CHECK(idle_until_.bind(1, idle_ - kIdleSignersMax).step());
    const auto until = idle_until_.number(0);
    idle_until_.reset();
    C2D_CHECK(remove_idle_.bind(1, until).run());
    // They stay counted until the next time: the caller may yet roll back that they are gone.
    return note_forgotten_.bind(1, until).run();
}

Result<std::uint64_t> NonceTable::forget(store::Statement& expired) {
    struct Row {
        Bytes signer, nonce;
        std::uint64_t expiry;
    };
    std::vector<Row> rows;
    for (;;) {
        C2D_TRY(const bool row, expired.step());
        if (!row) break;
        rows.push_back({expired.blob(0), expired.blob(1), expired.number(2)});
    }
    for (const auto& row : rows) {
        C2D_CHECK(remove_.bind(1, BytesView(row.signer)).bind(2, BytesView(row.nonce)).run());
        C2D_CHECK(take_from_signer_.bind(1, BytesView(row.signer)).bind(2, row.expiry).run());
        Address signer;
        if (row.signer.size() == signer.data.size()) std::ranges::copy(row.signer, signer.data.begin());
        C2D_TRY(const auto left, signer_row(signer));
        if (left.live == 0) ++idle_;
    }
    if (!rows.empty()) C2D_CHECK(set_total_.bind(1, -std::int64_t(rows.size())).bind(2, std::uint64_t(0)).run());
    return rows.size();
}

Result<Unit> NonceTable::make_room(const Address& signer, std::uint64_t time) {
    C2D_CHECK(forget(expired_.bind(1, time)));
    C2D_CHECK(forget_longest_idle());
    C2D_TRY(auto own, signer_row(signer));
    if (own.live >= kNoncesPerSignerMax) {
        C2D_TRY(const auto forgotten, forget(expired_of_signer_.bind(1, time).bind(2, signer.view())));
        if (forgotten == 0) return too_many(address_text(signer), kNoncesPerSignerMax);
    }
    C2D_CHECK(get_total_.step());
    const auto all = get_total_.number(0);
    get_total_.reset();
    return all < kNoncesMax ? Result<Unit>(Unit{}) : too_many("the provider", kNoncesMax);
}

Result<bool> NonceTable::remember(const Address& signer, const Bytes32& nonce, std::uint64_t expiry,
                                  std::uint64_t now) {
    C2D_TRY(const bool known, seen(signer, nonce));
    if (known) return false;
    const auto time = clock_.at(now);
    C2D_CHECK(make_room(signer, time));
    C2D_TRY(const auto own, signer_row(signer));
    if (own.forgotten != 0 && expiry <= own.forgotten) return false;
    C2D_CHECK(insert_.bind(1, signer.view())
                  .bind(2, nonce.view())
                  .bind(3, expiry)
                  .bind(4, time + keep_seconds(expiry, now))
                  .run());
    C2D_CHECK(add_to_signer_.bind(1, signer.view()).bind(2, own.forgotten).run());
    C2D_CHECK(set_total_.bind(1, std::int64_t(1)).bind(2, time).run());
    return true;
}

}  // namespace c2d
