#include "job/nonce_store.hpp"

#include "support/doubles.hpp"
#include "support/temp_dir.hpp"

#include <fmt/format.h>

using namespace c2d;
using support::must;
using support::named_address;

namespace {

constexpr std::uint64_t kNow = 1'800'000'000;

/// Both stores behind one face: the memory's and the table's.
struct Store {
    virtual ~Store() = default;
    virtual Result<bool> seen(const char* signer, std::uint64_t nonce) = 0;
    virtual Result<bool> remember(const char* signer, std::uint64_t nonce, std::uint64_t expiry, std::uint64_t now) = 0;
    static Bytes32 nonce(std::uint64_t number) { return keccak256(std::to_string(number)); }
};
struct Memory : Store {
    std::shared_ptr<NonceStore> nonces = NonceStore::memory();
    Result<bool> seen(const char* signer, std::uint64_t n) override {
        return nonces->seen(named_address(signer), nonce(n));
    }
    Result<bool> remember(const char* signer, std::uint64_t n, std::uint64_t expiry, std::uint64_t now) override {
        return nonces->remember(named_address(signer), nonce(n), expiry, now);
    }
};
struct Table : Store {
    store::Database db = must(store::Database::open(":memory:", store::Database::Mode::create));
    NonceTable nonces = must(NonceTable::open(db));
    Address last;
    std::string last_name;
    const Address& of(const char* signer) {
        if (last_name != signer) last_name = signer, last = named_address(signer);
        return last;
    }
    Result<bool> seen(const char* signer, std::uint64_t n) override { return nonces.seen(of(signer), nonce(n)); }
    Result<bool> remember(const char* signer, std::uint64_t n, std::uint64_t expiry, std::uint64_t now) override {
        return nonces.remember(of(signer), nonce(n), expiry, now);
    }
};

/// Of as many as one wants, at once.
Address signer(std::uint64_t number) {
    Address out;
    out.data.back() = 1;
    for (std::size_t i = 0; i < sizeof number; ++i) out.data[i] = std::uint8_t(number >> (8 * i));
    return out;
}

}  // namespace

TEST_CASE_TEMPLATE("a nonce is remembered once for its signer", S, Memory, Table) {
    S store;
    CHECK_FALSE(must(store.seen("solver", 1)));
    CHECK(must(store.remember("solver", 1, kNow + 300, kNow)));
    CHECK(must(store.seen("solver", 1)));
    CHECK_FALSE(must(store.remember("solver", 1, kNow + 300, kNow)));
    CHECK_FALSE(must(store.seen("bank", 1)));
    CHECK(must(store.remember("bank", 1, kNow + 300, kNow)));
    CHECK(must(store.remember("solver", 2, kNow + 300, kNow)));
}

TEST_CASE_TEMPLATE("a nonce outlives its request by the skew that the expiry check forgives", S, Memory, Table) {
    S store;
    must(store.remember("solver", 1, kNow, kNow));
    // A request of expiry kNow is taken until kNow + 60: until then its nonce must be known.
    CHECK_FALSE(must(store.remember("solver", 1, kNow, kNow + 60)));
    must(store.remember("solver", 2, kNow + 900, kNow + 60));
    CHECK(must(store.seen("solver", 1)));
    must(store.remember("solver", 3, kNow + 900, kNow + 121));
    CHECK_FALSE(must(store.seen("solver", 1)));
    CHECK(must(store.seen("solver", 2)));
}

TEST_CASE("the live nonces of a signer are bounded, and make room when they expire") {
    Memory memory;
    for (std::uint64_t i = 0; i < kNoncesPerSignerMax; ++i)
        REQUIRE(memory.nonces->remember(Address{}, Store::nonce(i), kNow + 300, kNow).ok());
    CHECK(memory.nonces->remember(Address{}, Store::nonce(9999), kNow + 300, kNow).status() == Status::LIMIT);
    CHECK(memory.remember("another", 1, kNow + 300, kNow).ok());
    for (std::uint64_t later = 100; later <= 400; later += 100)
        CHECK(memory.nonces->remember(Address{}, Store::nonce(9999), kNow + 900, kNow + later).status() ==
              Status::LIMIT);
    CHECK(must(memory.nonces->remember(Address{}, Store::nonce(9999), kNow + 900, kNow + 421)));
}

TEST_CASE("signers without live nonces make room for others, and replay nothing") {
    const auto nonces = NonceStore::memory();
    // More signers than nonces may live, some thousands of them at a time.
    const auto time = [](std::uint64_t number) { return kNow + number / 100; };
    const std::uint64_t count = kNoncesMax + 1000;
    std::uint64_t refused = 0;
    for (std::uint64_t i = 0; i < count; ++i)
        refused += !nonces->remember(signer(i), {}, time(i), time(i)).value_or(false);
    CHECK(refused == 0);
    // The clock goes back: whoever was forgotten whole replays as little as whoever was not.
    for (const std::uint64_t i : {std::uint64_t(0), std::uint64_t(1), count / 2, count - 20'000, count - 1})
        CHECK_FALSE(must(nonces->remember(signer(i), {}, time(i), time(i))));
    CHECK(must(nonces->remember(signer(0), Store::nonce(1), time(count) + 300, time(count))));
}

TEST_CASE("the table keeps no more idle signers than the memory does, and replays nothing of the others") {
    Table table;
    const auto time = [](std::uint64_t number) { return kNow + number / 100; };
    const auto signers = [&table] {
        auto rows = must(table.db.prepare("SELECT count(*) FROM nonce_signers WHERE live = 0"));
        must(rows.step());
        return rows.number(0);
    };
    // As a table of earlier builds, which forgot nobody.
    constexpr std::uint64_t kBefore = kIdleSignersMax + 2000;
    must(table.db.execute(fmt::format("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) "
                                      "INSERT INTO nonce_signers SELECT printf('old%017d', i), 0, {} FROM n",
                                      kBefore, kNow - 500)
                              .c_str()));
    table.nonces = must(NonceTable::open(table.db));
    CHECK(signers() == kBefore);
    auto write = must(store::WriteTransaction::begin(table.db));
    constexpr std::uint64_t kCount = 100'000;
    for (std::uint64_t i = 0; i < kCount; ++i) REQUIRE(must(table.nonces.remember(signer(i), {}, time(i), time(i))));
    CHECK(signers() <= kIdleSignersMax + 1100);
    for (const std::uint64_t i : {std::uint64_t(0), std::uint64_t(1), kCount / 2, kCount - 1})
        CHECK_FALSE(must(table.nonces.remember(signer(i), {}, time(i), time(i))));
    CHECK(must(table.nonces.remember(signer(0), Store::nonce(1), time(kCount) + 300, time(kCount))));
    must(write.commit());
}

TEST_CASE("idle signers whose removal was rolled back are removed by the next") {
    Table table;
    constexpr std::uint64_t kBefore = kIdleSignersMax + 2000;
    must(table.db.execute(fmt::format("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) "
                                      "INSERT INTO nonce_signers SELECT printf('old%017d', i), 0, i FROM n",
                                      kBefore)
                              .c_str()));
    table.nonces = must(NonceTable::open(table.db));
    const auto idle = [&table] {
        auto rows = must(table.db.prepare("SELECT count(*) FROM nonce_signers WHERE live = 0"));
        must(rows.step());
        return rows.number(0);
    };
    {
        const auto abandoned = must(store::WriteTransaction::begin(table.db));
        REQUIRE(must(table.remember("solver", 1, kNow + 300, kNow)));
        CHECK(idle() <= kIdleSignersMax + 1);
    }
    CHECK(idle() == kBefore);
    auto write = must(store::WriteTransaction::begin(table.db));
    REQUIRE(must(table.remember("solver", 1, kNow + 300, kNow)));
    must(write.commit());
    CHECK(idle() <= kIdleSignersMax + 1);  // and the row of those who were forgotten whole
}

TEST_CASE("the table is bounded too, within one transaction") {
    Table table;
    auto write = must(store::WriteTransaction::begin(table.db));
    for (std::uint64_t i = 0; i < kNoncesPerSignerMax; ++i) REQUIRE(table.remember("solver", i, kNow + 300, kNow).ok());
    CHECK(table.remember("solver", 9999, kNow + 300, kNow).status() == Status::LIMIT);
    CHECK(table.remember("another", 1, kNow + 300, kNow).ok());
    for (std::uint64_t later = 100; later <= 400; later += 100) {
        const auto refused = table.remember("solver", 9999, kNow + 900, kNow + later);
        CHECK(refused.status() == Status::LIMIT);
        CHECK(refused.error().name == "too_many_requests");
    }
    CHECK(must(table.remember("solver", 9999, kNow + 900, kNow + 421)));
    must(write.commit());
}

TEST_CASE("a restart forgets no nonce, and an abandoned transaction remembers none") {
    support::TempDir folder;
    const auto path = (folder / "state.db").string();
    const auto solver = named_address("solver");
    {
        auto db = must(store::Database::open(path, store::Database::Mode::create));
        auto table = must(NonceTable::open(db));
        must(table.remember(solver, Store::nonce(1), kNow + 300, kNow));
        const auto write = must(store::WriteTransaction::begin(db));
        must(table.remember(solver, Store::nonce(2), kNow + 300, kNow));
    }
    auto db = must(store::Database::open(path, store::Database::Mode::existing));
    auto table = must(NonceTable::open(db));
    CHECK(must(table.seen(solver, Store::nonce(1))));
    CHECK_FALSE(must(table.seen(solver, Store::nonce(2))));
}

// The clock ---------------------------------------------------------------------------------------

TEST_CASE_TEMPLATE("a clock that jumps ahead forgets no nonce, and back again replays none", S, Memory, Table) {
    S store;
    REQUIRE(must(store.remember("solver", 1, kNow + 300, kNow)));
    // A day ahead, with requests that are good by that clock.
    const auto day = kNow + 86'400;
    for (std::uint64_t i = 10; i < 100; ++i) REQUIRE(must(store.remember("other", i, day + 300, day)));
    // And back: the first request is good again by the clock, and known.
    CHECK(must(store.seen("solver", 1)));
    CHECK_FALSE(must(store.remember("solver", 1, kNow + 300, kNow + 10)));
    // New ones are taken.
    CHECK(must(store.remember("solver", 2, kNow + 310, kNow + 10)));
}

TEST_CASE_TEMPLATE("what was forgotten in its time is not taken again when the clock goes back", S, Memory, Table) {
    S store;
    REQUIRE(must(store.remember("solver", 1, kNow + 300, kNow)));
    for (std::uint64_t later = 60; later <= 540; later += 60)
        REQUIRE(must(store.remember("solver", 1 + later, kNow + later + 300, kNow + later)));
    REQUIRE_FALSE(must(store.seen("solver", 1)));
    CHECK_FALSE(must(store.remember("solver", 1, kNow + 300, kNow + 10)));
    CHECK_FALSE(must(store.remember("solver", 999, kNow + 290, kNow + 10)));
    CHECK(must(store.remember("another", 1, kNow + 300, kNow + 10)));
}

TEST_CASE("the clock of nonces follows the wall clock but not its jumps") {
    std::int64_t steady = 0;
    NonceClock clock(1'000, [&steady] { return steady; });
    std::uint64_t wall = kNow;
    const auto after = [&](std::int64_t wall_step, std::int64_t steady_step) {
        wall = std::uint64_t(std::int64_t(wall) + wall_step);
        steady += steady_step;
        return clock.at(wall);
    };
    CHECK(after(0, 0) == 1'000);
    CHECK(after(60, 60) == 1'060);
    CHECK(after(120, 0) == 1'180);     // a clock that is set a little
    CHECK(after(86'400, 5) == 1'185);  // a jump
    CHECK(after(-86'400, 5) == 1'190);
    CHECK(after(-30, 0) == 1'190);        // never back
    CHECK(after(7'200, 7'200) == 8'390);  // a long quiet time is no jump
}

TEST_CASE("one solver waits a day for a hundred jobs within the bound of live nonces") {
    Table table;
    auto write = must(store::WriteTransaction::begin(table.db));
    const auto solver = named_address("solver");
    std::uint64_t number = 0, refused = 0;
    // Each wait is one request of 30 s, and lives 300 s.
    for (std::uint64_t now = kNow; now < kNow + 86'400; now += 30)
        for (int job = 0; job < 100; ++job)
            refused += !table.nonces.remember(solver, Store::nonce(++number), now + 300, now).ok();
    CHECK(refused == 0);
    // Asking every half second, as before there were waits, three jobs are too many.
    Table other;
    for (std::uint64_t now = kNow; now < kNow + 600; ++now)
        for (int request = 0; request < 6 * 2; ++request)
            refused += !other.nonces.remember(solver, Store::nonce(++number), now + 300, now).ok();
    CHECK(refused > 0);
}

TEST_CASE("a table of an earlier build is taken over, and nothing of it forgotten") {
    auto db = must(store::Database::open(":memory:", store::Database::Mode::create));
    must(
        db.execute("CREATE TABLE nonces (signer BLOB NOT NULL, nonce BLOB NOT NULL, keep_until INTEGER NOT NULL, "
                   "PRIMARY KEY (signer, nonce)) WITHOUT ROWID; CREATE INDEX nonces_by_end ON nonces (keep_until)"));
    const auto solver = named_address("solver");
    auto insert = must(db.prepare("INSERT INTO nonces VALUES (?, ?, ?)"));
    must(insert.bind(1, solver.view()).bind(2, Store::nonce(1).view()).bind(3, kNow + 420).run());
    auto table = must(NonceTable::open(db));
    CHECK(must(table.seen(solver, Store::nonce(1))));
    CHECK_FALSE(must(table.remember(solver, Store::nonce(1), kNow + 300, kNow)));
    CHECK(must(table.remember(solver, Store::nonce(2), kNow + 300, kNow)));
    auto again = must(NonceTable::open(db));
    CHECK(must(again.seen(solver, Store::nonce(1))));
}
