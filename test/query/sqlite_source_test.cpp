/// SQLite databases behind tables: what types come out, and everything that must not happen.
#include "query/unnamed_file.hpp"

#include "support/database.hpp"
#include "support/temp_dir.hpp"

#include <c2d/table.hpp>
#include <c2d/table_source.hpp>

#include <doctest/doctest.h>

#include <sys/stat.h>

using namespace c2d;
using namespace c2d::table;
using support::must;
using support::TempDir;

namespace {

struct Bank {
    TempDir folder;

    Bank() {
        { must(store::Database::open(path(), store::Database::Mode::create)); }
        support::execute(path(),
                         "CREATE TABLE accounts (id TEXT, income REAL, age INTEGER, active BOOLEAN, "
                         "opened DATE, seen DATETIME, score NUMERIC, note)");
        support::execute(path(),
                         "INSERT INTO accounts VALUES ('A', 1.5, 30, 1, '2024-01-31', '2024-01-31 08:30:00', 7, 'x'),"
                         "('B', NULL, NULL, 0, NULL, NULL, 8.5, ''), ('C', 2, 40, NULL, '1999-12-31', "
                         "'1999-12-31T23:59:59', NULL, NULL)");
    }
    std::string path() const { return (folder / "bank.db").string(); }
    TableSource asking(std::string query) const {
        TableSource out;
        out.database = path();
        out.query = std::move(query);
        return out;
    }
    Result<Table> read(std::string query) const { return read_source(asking(std::move(query)), {}); }
    /// The message of a query that fails with `status`.
    std::string refused(std::string query, Status status) const {
        const auto table = read(std::move(query));
        REQUIRE_FALSE(table.ok());
        CHECK(table.status() == status);
        return table.error().message;
    }
};

bool says(const std::string& text, std::string_view words) { return text.find(words) != text.npos; }

std::vector<std::string> types_of(const Table& table) {
    std::vector<std::string> out;
    for (const auto& field : table.schema().fields) out.emplace_back(type_name(field.type));
    return out;
}

}  // namespace

TEST_CASE_FIXTURE(Bank, "types follow from what is there, and from what is declared where that leaves it open") {
    const Table table = must(read("SELECT *, age + income AS sum, count(*) OVER () AS n, NULL AS none FROM accounts"));
    CHECK(types_of(table) == std::vector<std::string>{"string", "number", "integer", "boolean", "date", "datetime",
                                                      "number", "string", "number", "integer", "string"});
    CHECK(table.rows() == 3);
    CHECK(must(cell_text_of(table, 0, 4)) == "2024-01-31");
    CHECK(must(cell_text_of(table, 2, 5)) == "1999-12-31T23:59:59");
    CHECK(must(cell_text_of(table, 2, 1)) == "2");
    CHECK(must(cell_text_of(table, 1, 7)) == "");  // an empty text is there, NULL is not
    CHECK_FALSE(must(cell_text_of(table, 2, 7)).has_value());
    CHECK(types_of(must(read("SELECT * FROM accounts WHERE 0"))).at(5) == "datetime");
}

TEST_CASE_FIXTURE(Bank, "what is no regular file is not asked") {
    const std::string pipe = (folder / "pipe").string();
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    const auto refused_at = [&](const std::string& database, Status status) {
        TableSource source = asking("SELECT 1 AS a");
        source.database = database;
        return read_source(source, {}).status() == status;
    };
    for (const std::string& no_file : {pipe, folder.path.string(), std::string("/dev/zero")})
        CHECK(refused_at(no_file, Status::INVALID_ARGUMENT));
    // Names, whatever SQLite may take them for.
    for (const std::string& none : {path() + ".not", std::string(":memory:"), "file:" + path() + "?mode=ro"})
        CHECK(refused_at(none, Status::NOT_FOUND));
}

TEST_CASE_FIXTURE(Bank, "two runs over equal rows are equal bytes") {
    const auto bytes = [&] {
        const auto file = must(query::unnamed_file(folder.path));
        CHECK(must(write_source_table(asking("SELECT * FROM accounts ORDER BY id"), file.get())) == 3);
        return must(read_fd(file.get(), 1 << 20));
    };
    const std::string first = bytes();
    CHECK(first.starts_with("C2DTABLE"));
    CHECK(bytes() == first);
    support::execute(path(), "UPDATE accounts SET age = 31 WHERE id = 'A'");
    CHECK(bytes() != first);
}

TEST_CASE_FIXTURE(Bank, "a query that does more than read is refused, before it runs") {
    for (const auto& wrong : {
             std::pair{"DELETE FROM accounts", "DELETE from accounts"},
             std::pair{"UPDATE accounts SET age = 1 RETURNING id", "UPDATE of accounts"},
             std::pair{"INSERT INTO accounts (id) VALUES ('x') RETURNING id", "INSERT into accounts"},
             std::pair{"CREATE TABLE more (x)", "the query does more than read"},
             std::pair{"PRAGMA query_only = OFF", "PRAGMA query_only"},
             std::pair{"PRAGMA table_info(accounts)", "PRAGMA table_info"},
             std::pair{"ATTACH '/etc/passwd' AS other", "ATTACH of /etc/passwd"},
             std::pair{"SELECT load_extension('x')", "the function load_extension"},
             std::pair{"COMMIT", "a transaction"},
             std::pair{"SELECT 1; DELETE FROM accounts", "more than one statement"},
             std::pair{"", "the query is empty"},
             std::pair{"-- nothing", "the query is empty"},
         }) {
        const std::string query = wrong.first, told = wrong.second;
        CAPTURE(query);
        CHECK(says(refused(query, Status::INVALID_ARGUMENT), told));
        CHECK_FALSE(check_source_access(asking(query), SourceCheck::database).ok());
    }
    CHECK(must(read("SELECT 1 AS one; -- and a remark")).rows() == 1);
    CHECK(must(read("SELECT * FROM accounts")).rows() == 3);
}

TEST_CASE_FIXTURE(Bank, "columns that no table has are named, all of them") {
    support::execute(path(), "INSERT INTO accounts (id, income, age) VALUES ('D', 'many', x'00')");
    const auto told = refused("SELECT * FROM accounts", Status::INVALID_ARGUMENT);
    CHECK(says(told, "column income: row 4 holds a text, row 1 a number"));
    CHECK(says(told, "column age: row 4 holds bytes"));
    support::execute(path(), "UPDATE accounts SET income = 1, age = 1, opened = '31.01.2024' WHERE id = 'D'");
    CHECK(says(refused("SELECT opened FROM accounts", Status::INVALID_ARGUMENT),
               "column opened, row 4: declared as date, expected one like 2024-01-31, found \"31.01.2024\""));
    CHECK(
        says(refused("SELECT id, age AS id FROM accounts", Status::INVALID_ARGUMENT), "two columns are called \"id\""));
    CHECK(says(refused("SELECT active + 1 AS x, 9e999 AS y FROM accounts", Status::INVALID_ARGUMENT), "not finite"));
}

TEST_CASE_FIXTURE(Bank, "what the query cannot be, or is not there, is said when the source is looked at") {
    CHECK(says(refused("SELECT salary FROM accounts", Status::INVALID_ARGUMENT), "no such column: salary"));
    auto source = asking("SELECT * FROM accounts");
    CHECK(check_source_access(source, SourceCheck::files).ok());
    source.database = (folder / "nowhere.db").string();
    CHECK(check_source_access(source, SourceCheck::files).status() == Status::NOT_FOUND);
    support::write_text(folder / "text.db", std::string(5000, 'x'));
    source.database = (folder / "text.db").string();
    CHECK(check_source_access(source, SourceCheck::files).status() == Status::CORRUPT);
}

TEST_CASE_FIXTURE(Bank, "an answer is bounded in rows, bytes and time, and can be cancelled") {
    constexpr const char* kEndless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
    auto source = asking(kEndless);
    source.rows_max = 1000;
    CHECK(says(read_source(source, {}).error().message, "more than 1000 rows"));
    source = asking("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT i FROM n");
    source.bytes_max = 100'000;
    CHECK(says(read_source(source, {}).error().message, "more than 100000 bytes"));
    source = asking(kEndless);
    source.timeout = std::chrono::seconds(1);
    const auto late = read_source(source, {});
    CHECK(late.status() == Status::TIMEOUT);
    CHECK(says(late.error().message, "longer than 1 s"));
    CancelToken cancel;
    cancel.cancel();
    ReadOptions options;
    options.cancel = &cancel;
    CHECK(read_source(asking(kEndless), options).status() == Status::CANCELLED);
}

TEST_CASE_FIXTURE(Bank, "a schema says what must come") {
    auto source = asking("SELECT id, age FROM accounts");
    source.schema = folder / "schema.json";
    support::write_text(source.schema,
                        R"({"fields": [{"name": "id", "role": "id"}, {"name": "age", "type": "integer"}]})");
    CHECK(check_source_access(source, SourceCheck::database).ok());
    CHECK(must(read_source(source, {})).rows() == 3);
    support::execute(path(), "UPDATE accounts SET age = 'old' WHERE age IS NOT NULL");
    const auto changed = read_source(source, {});
    REQUIRE_FALSE(changed.ok());
    CHECK(says(changed.error().message, "column age: the schema says integer, the table file holds string"));
    support::write_text(source.schema, "{}");
    CHECK_FALSE(check_source_access(source, SourceCheck::files).ok());
}
