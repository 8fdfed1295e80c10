#include "support/must.hpp"
#include "support/temp_dir.hpp"
#include "table/stated_schema.hpp"

#include <c2d/table.hpp>

#include <sys/resource.h>

using namespace c2d;
using namespace c2d::table;
using support::must;

namespace {

CheckReport check(std::string_view text, const char* schema = nullptr) {
    ReadOptions options;
    if (schema != nullptr) options.schema = must(parse_schema(schema));
    return must(check_csv_text(text, "t.csv", options));
}

std::vector<std::string> told(const CheckReport& report) {
    std::vector<std::string> out;
    for (const auto& problem : report.problems) out.push_back(problem_text(problem));
    return out;
}

}  // namespace

TEST_CASE("check_csv: every problem of a file in one run, with column, line and text") {
    const auto report = check("id,income,opened\nA,1.5,2024-01-31\n,abc,2024-02-30\nA,,x\nB,2\n", R"({"fields": [
        {"name": "id", "role": "id", "constraints": {"unique": true}},
        {"name": "income", "type": "number", "constraints": {"required": true, "minimum": 2}}, {"name": "opened", "type": "date"}]})");
    CHECK(told(report) == std::vector<std::string>{
                              "line 2, column income: below the schema's minimum 2, found \"1.5\"",
                              "line 3, column id: the id is missing",
                              "line 3, column income: expected a number, found \"abc\"",
                              "line 3, column opened: expected a date like 2024-01-31, found \"2024-02-30\"",
                              "line 4, column id: equal to an earlier row, and the schema says unique, found \"A\"",
                              "line 4, column income: missing, but the schema requires it",
                              "line 4, column opened: expected a date like 2024-01-31, found \"x\"",
                              "line 5: expected 3 cells, found 2, found \"B,2\"",
                          });
    CHECK_FALSE(report.usable());
}

TEST_CASE("check_csv: each constraint") {
    const char* schema =
        R"({"fields": [{"name": "a", "constraints": {"enum": ["x", "客户"], "minLength": 1, "maxLength": 2}},
        {"name": "b", "type": "integer", "constraints": {"enum": [1, 2], "maximum": 5, "unique": true}},
        {"name": "c", "type": "date", "constraints": {"minimum": "2024-01-01"}}]})";
    CHECK(check("a,b,c\nx,1,2024-01-01\n客户,2,2024-01-02\n,,\n", schema).usable());
    const auto report = check("a,b,c\nabc,7,2023-12-31\nx,2,2024-01-01\nx,2,2024-01-01\n", schema);
    CHECK(report.problem_count == 6);
    CHECK(told(report)[4] == "line 2, column c: below the schema's minimum 2024-01-01, found \"2023-12-31\"");
}

TEST_CASE("check_csv: problems are kept up to a bound, and all are counted") {
    std::string text = "a\n";
    for (int i = 0; i < 5000; ++i) text += "x\n";
    ReadOptions options;
    options.schema = must(parse_schema(R"({"fields": [{"name": "a", "type": "integer"}]})"));
    options.problems_max = 10;
    const auto report = must(check_csv_text(text, "t.csv", options));
    CHECK(report.problems.size() == 10);
    CHECK(report.problem_count == 5000);
}

TEST_CASE("check_csv: what a file says drives no terminal") {
    const auto report =
        check("a,b\n1,\"\x1b[31m\xe2\x80\xae\"\n", R"({"fields": [{"name": "a"}, {"name": "b", "type": "number"}]})");
    CHECK(told(report)[0] == "line 2, column b: expected a number, found \"\\x1b[31m\\u202e\"");
}

TEST_CASE("check_csv: profile") {
    std::string text = "id,income,city,opened\n";
    for (int i = 0; i < 20000; ++i)
        text += "A" + std::to_string(i) + "," + std::to_string(i % 100) + ".5," +
                (i % 3 == 0   ? "Bern"
                 : i % 3 == 1 ? "Basel"
                              : "") +
                ",2024-01-" + (i % 2 == 0 ? "01" : "31") + "\n";
    const auto report = check(text);
    CHECK(report.rows == 20000);
    CHECK_FALSE(report.columns[0].distinct_exact);
    CHECK(double(report.columns[0].distinct) == doctest::Approx(20000).epsilon(0.07));
    CHECK(report.columns[1].distinct == 100);
    CHECK(report.columns[1].smallest == "0.5");
    CHECK(report.columns[1].largest == "99.5");
    CHECK(*report.columns[1].mean == doctest::Approx(50));
    CHECK(report.columns[2].missing == 6666);
    CHECK(report.columns[2].frequent.size() == 2);
    CHECK(report.columns[2].frequent[0].second == 6667);
    CHECK(report.columns[3].smallest == "2024-01-01");
    CHECK(report.columns[3].largest == "2024-01-31");
}

TEST_CASE("check_csv: values of ten rows and more are proposed, ids and rare values are not") {
    std::string text = "id,city\n";
    for (int i = 0; i < 30; ++i)
        text += "A" + std::to_string(i) + (i < 10 ? ",Bern\n" : i < 29 ? ",Basel\n" : ",Celerina\n");
    ReadOptions options;
    options.id = "id";
    auto report = must(check_csv_text(text, "t.csv", options));
    CHECK(report.columns[0].frequent.empty());
    propose_allowed(report);
    CHECK(report.schema.fields[0].constraints.allowed.empty());
    CHECK(report.schema.fields[1].constraints.allowed == std::vector<std::string>{"Basel", "Bern"});
}

TEST_CASE("check_stated: a file differs from what is stated of it in columns and cells, and all of it is told") {
    const auto stated =
        must(parse_schema(R"({"fields": [{"name": "id", "role": "id"}, {"name": "income", "type": "number"},
        {"name": "town"}, {"name": "opened", "type": "date"}]})"));
    support::TempDir folder;
    const auto differences = [&](const char* text) {
        support::write_text(folder / "t.csv", text);
        return told(must(check_stated(folder / "t.csv", stated, "the document")));
    };
    // How it is written is the file's to say, and so is the order of its columns.
    CHECK(differences("opened;town;id;income\n31.01.2024;Bern;A;1,5\n30.01.2024;;B;\n").empty());
    CHECK(differences("id,income,town,opened\nA,1,Bern,2024-01-31\nA,,,\n").empty());
    CHECK(differences("id,salary,town,opened\nA,1,Bern,yes\nB,2,Chur,2024-01-31\n") ==
          std::vector<std::string>{"column income: the document states it, the file does not have it",
                                   "column salary: the file has it, the document does not state it",
                                   "line 2, column opened: expected a date like 2024-01-31, found \"yes\""});
    CHECK_FALSE(differences("PK\x03\x04").empty());
}

TEST_CASE("check_csv: the memory of a check does not grow with the file") {
    support::TempDir folder;
    std::string text = "id,income,note\n";
    for (int i = 0; text.size() < (std::size_t{80} << 20); ++i)
        text += "C" + std::to_string(i) + "," + std::to_string(i) + ".25,\"a note, " + std::to_string(i % 977) + "\"\n";
    support::write_text(folder / "t.csv", text);
    std::string().swap(text);
    struct rusage before {
    }, after{};
    // The text above was the peak until now; a check must stay below it.
    ::getrusage(RUSAGE_SELF, &before);
    const auto report = must(table::check_csv(folder / "t.csv"));
    ::getrusage(RUSAGE_SELF, &after);
    CHECK(report.usable());
    CHECK(report.rows > 2000000);
    CHECK(after.ru_maxrss == before.ru_maxrss);
}
