#include "support/must.hpp"

#include <c2d/table.hpp>

using namespace c2d;
using namespace c2d::table;
using support::must;

namespace {

Table example() { return must(parse_csv("id,age,city\nA,30,Bern\nB,,\"Basel, Stadt\"\nC,50,\n", "example")); }

}  // namespace

TEST_CASE("table: columns by name and rows by number") {
    const Table table = example();
    CHECK(table.rows() == 3);
    CHECK(table.cols() == 3);
    CHECK(table.column(1).missing() == 1);
    CHECK(table.column(1).is_missing(1));
    CHECK(table.column(2).text(1) == "Basel, Stadt");
    const Table some = must(must(table.select({"city", "id"})).take(std::vector<std::uint64_t>{2, 0, 0}));
    CHECK(some.rows() == 3);
    CHECK(some.field(0).name == "city");
    CHECK(some.column(0).is_missing(0));
    CHECK(some.column(0).text(1) == "Bern");
    CHECK(some.column(1).text(2) == "A");
}

TEST_CASE("table: what is not there is refused") {
    const Table table = example();
    const auto absent = table.select({"income"});
    CHECK(absent.status() == Status::NOT_FOUND);
    CHECK(absent.error().message == "there is no column income; there are id, age, city");
    CHECK(table.take(std::vector<std::uint64_t>{3}).status() == Status::INVALID_ARGUMENT);
    CHECK(Table::make(table.schema(), {table.column(0)}).status() == Status::INVALID_ARGUMENT);
    CHECK(Table::make(table.schema(), {table.column(1), table.column(0), table.column(2)}).status() ==
          Status::INVALID_ARGUMENT);
    const Table shorter = must(table.take(std::vector<std::uint64_t>{0}));
    CHECK(Table::make(table.schema(), {table.column(0), shorter.column(1), table.column(2)}).status() ==
          Status::INVALID_ARGUMENT);
}

TEST_CASE("table: a copy outlives what it was copied from") {
    Column city;
    {
        const Table table = example();
        city = table.column(2);
    }
    CHECK(city.text(0) == "Bern");
}
