#include "store/sqlite.hpp"

#include "store/undurable_write.hpp"
#include "support/doubles.hpp"
#include "support/temp_dir.hpp"

using namespace c2d;
using namespace c2d::store;
using support::must;
using support::TempDir;

namespace {

struct Memory {
    Database db = must(Database::open(":memory:", Database::Mode::create));
    std::uint64_t number(std::string_view sql) {
        auto query = must(db.prepare(sql));
        REQUIRE(must(query.step()));
        return query.number(0);
    }
};

}  // namespace

TEST_CASE_FIXTURE(Memory, "values come back as they were bound, each in its type") {
    must(db.execute("CREATE TABLE t (a, b, c, d, e, f)"));
    auto insert = must(db.prepare("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?)"));
    const Bytes32 hash = keccak256("x");
    insert.bind(1, UINT64_MAX).bind(2, std::string_view("tex\0t", 5)).bind(3, hash.view()).bind_null(4);
    insert.bind(5, BytesView{}).bind(6, std::string_view());
    must(insert.run());
    auto row = must(db.prepare("SELECT a, b, c, d, e, f FROM t"));
    REQUIRE(must(row.step()));
    CHECK(row.number(0) == UINT64_MAX);
    CHECK(row.text(1) == std::string("tex\0t", 5));
    CHECK(must(row.bytes32(2)) == hash);
    CHECK(row.is_null(3));
    CHECK(std::string(row.type(4)) == "blob");  // empty, and not NULL
    CHECK(row.blob(4).empty());
    CHECK(std::string(row.type(5)) == "text");
    CHECK(row.bytes32(1).status() == Status::CORRUPT);
    CHECK_FALSE(must(row.step()));
    CHECK(must(row.step()));  // reset for the next use
}

TEST_CASE_FIXTURE(Memory, "a write transaction that was not committed leaves nothing") {
    must(db.execute("CREATE TABLE t (a UNIQUE)"));
    {
        const auto write = must(WriteTransaction::begin(db));
        must(db.execute("INSERT INTO t VALUES (1)"));
    }
    CHECK(number("SELECT count(*) FROM t") == 0);
    auto write = must(WriteTransaction::begin(db));
    must(db.execute("INSERT INTO t VALUES (1)"));
    must(write.commit());
    CHECK(number("SELECT count(*) FROM t") == 1);
    CHECK(db.changes() == 1);
    CHECK(db.execute("INSERT INTO t VALUES (1)").status() == Status::CONFLICT);
    CHECK_FALSE(db.prepare("SELECT nonsense FROM nowhere").ok());
}

TEST_CASE_FIXTURE(Memory, "a write that does not wait for the disk is whole or nothing, and the next one waits again") {
    must(db.execute("CREATE TABLE t (a)"));
    const auto level = [this] { return number("PRAGMA synchronous"); };
    const auto full = level();
    {
        UndurableWrite write(db);
        must(write.begin());
        must(db.execute("INSERT INTO t VALUES (1)"));
        CHECK(level() != full);
    }
    CHECK(number("SELECT count(*) FROM t") == 0);
    CHECK(level() == full);
    {
        UndurableWrite write(db);
        must(write.begin());
        must(db.execute("INSERT INTO t VALUES (1)"));
        must(write.commit());
    }
    CHECK(number("SELECT count(*) FROM t") == 1);
    CHECK(level() == full);
    {
        // One that cannot begin, since another one is under way.
        auto other = must(WriteTransaction::begin(db));
        UndurableWrite write(db);
        CHECK_FALSE(write.begin().ok());
    }
    CHECK(level() == full);
}

TEST_CASE("a new file is made durable and shared; an existing one keeps the mode it has") {
    TempDir folder;
    const auto path = (folder / "new").string();
    const auto mode = [](Database& db) {
        auto query = must(db.prepare("PRAGMA journal_mode"));
        must(query.step());
        return query.text(0);
    };
    {
        auto db = must(Database::open(path, Database::Mode::create));
        CHECK(mode(db) == "wal");
        auto level = must(db.prepare("PRAGMA synchronous"));
        must(level.step());
        CHECK(level.number(0) == 2);
        must(db.execute("CREATE TABLE t (a)"));
    }
    auto again = must(Database::open(path, Database::Mode::existing));
    CHECK(mode(again) == "wal");
}

TEST_CASE("absent, foreign and locked files have their own status") {
    TempDir folder;
    CHECK(Database::open((folder / "absent").string(), Database::Mode::existing).status() == Status::NOT_FOUND);
    support::write_text(folder / "text", std::string(5000, 't'));
    auto foreign = Database::open((folder / "text").string(), Database::Mode::existing);
    CHECK((foreign ? foreign->prepare("SELECT * FROM sqlite_schema").status() : foreign.status()) == Status::CORRUPT);

    const auto path = (folder / "shared").string();
    auto first = must(Database::open(path, Database::Mode::create));
    must(first.execute("CREATE TABLE t (a)"));
    auto second = must(Database::open(path, Database::Mode::existing, 20));
    const auto held = must(WriteTransaction::begin(first));
    const auto refused = WriteTransaction::begin(second);
    CHECK(refused.status() == Status::UNAVAILABLE);
    CHECK(refused.error().message.find("locked") != std::string::npos);
    CHECK(second.prepare("SELECT count(*) FROM t").ok());
}

TEST_CASE("statements and databases can be moved, and what was moved from is empty") {
    auto db = must(Database::open(":memory:", Database::Mode::create));
    auto query = must(db.prepare("SELECT 7"));
    auto moved = std::move(query);
    REQUIRE(must(moved.step()));
    CHECK(moved.number(0) == 7);
    query = std::move(moved);
    CHECK(query.number(0) == 7);
    auto other = std::move(db);
    CHECK(other.execute("CREATE TABLE t (a)").ok());
}
