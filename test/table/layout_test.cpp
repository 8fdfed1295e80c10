#include "support/must.hpp"

#include <c2d/table.hpp>

using namespace c2d;
using namespace c2d::table;
using support::must;

namespace {

CheckReport check(std::string_view text, const ReadOptions& options = {}) {
    return must(check_csv_text(text, "t.csv", options));
}

bool has(const std::vector<std::string>& lines, std::string_view part) {
    for (const auto& line : lines)
        if (line.find(part) != line.npos) return true;
    return false;
}

bool refused(const CheckReport& report, std::string_view part) {
    for (const auto& problem : report.problems)
        if (problem_text(problem).find(part) != std::string::npos) return true;
    return false;
}

std::string many(const std::string& line, int count) {
    std::string out;
    for (int i = 0; i < count; ++i) out += line;
    return out;
}

}  // namespace

TEST_CASE("layout: delimiters are found and said") {
    CHECK(has(check("a;b\n1;x\n2;y\n").decided, "a semicolon separates"));
    CHECK(has(check("a\tb\n1\tx\n").decided, "a tab separates"));
    CHECK(has(check("a|b\n1|x\n").decided, "a bar separates"));
    CHECK(has(check("a,b\n1,x\n").decided, "a comma separates"));
    CHECK(has(check("amount\n1\n2\n").decided, "one column"));
    CHECK(has(check("name;remark\nx;hello, world\ny;good, bye\n").decided, "a semicolon separates"));
    CHECK(check("\"a,1\",b\n\"x;y\",2\n").columns[0].name == "a,1");
}

TEST_CASE("layout: semicolon and decimal comma") {
    const auto report = check("age;income\n0,4241;1,0369\n-0,8761;0,9052\n");
    CHECK(report.usable());
    CHECK(has(report.decided, "a semicolon separates"));
    CHECK(has(report.decided, "decimal comma"));
    CHECK(report.schema.fields[0].type == Type::number);
    CHECK(report.schema.fields[0].decimal == ',');
    CHECK(report.columns[1].largest == "1.0369");
}

TEST_CASE("layout: one column of decimal commas or two of whole numbers is refused, and settled when it is stated") {
    CHECK(refused(check("0,5\n1,5\n2,25\n"), "one column of numbers with a decimal comma, or two"));
    CHECK(refused(check("x\n0,5\n1,5\n"), "one column of numbers with a decimal comma, or two"));
    ReadOptions options;
    options.delimiter = ';';
    options.decimal = ',';
    options.header = true;
    const auto one = check("x\n0,5\n1,5\n", options);
    CHECK(one.usable());
    CHECK(one.columns[0].largest == "1.5");
    options.delimiter = ',';
    options.decimal = '.';
    options.header = false;
    const auto two = check("0,5\n1,5\n2,25\n", options);
    CHECK(two.usable());
    CHECK(two.columns.size() == 2);
}

TEST_CASE("layout: names that are numbers") {
    const auto numbered = check("0,1,2\n0.5,1.5,2.5\n0.1,0.2,0.3\n");
    CHECK(numbered.rows == 2);
    CHECK(numbered.columns[2].name == "2");
    CHECK(has(numbered.decided, "are taken as names"));
    CHECK(check("2019,2020\n0.5,1.5\n0.1,0.2\n").columns[0].name == "2019");
    CHECK(check("id,2019\nA,0.5\nB,0.1\n").columns[1].name == "2019");
    CHECK(refused(check("0\n1\n1\n0\n"), "may be names or the first row"));
    CHECK(check("0\n1.5\n0.5\n").rows == 2);
}

TEST_CASE("layout: no header") {
    const auto report = check("0.5,1.5\n0.1,0.2\n");
    CHECK(report.rows == 2);
    CHECK(report.columns[0].name == "column_1");
    CHECK(has(report.decided, "taken as data"));
    const auto lacking = check("NA,0.5,0.25\n0.1,0.2,0.3\n");
    CHECK(lacking.rows == 2);
    CHECK(lacking.columns[0].missing == 1);
    ReadOptions options;
    options.header = false;
    CHECK(check("0\n1\n1\n0\n", options).rows == 4);
    options.header = true;
    CHECK(check("0\n1\n1\n0\n", options).rows == 3);
}

TEST_CASE("layout: the index that pandas writes is left out, and said") {
    const auto report = check(",y\n0,1\n1,0\n2,1\n");
    CHECK(report.usable());
    CHECK(report.columns.size() == 1);
    CHECK(report.columns[0].name == "y");
    CHECK(has(report.decided, "the index that pandas writes"));
    // A column without a name that does not count is kept.
    CHECK(check(",y\n5,1\n1,0\n2,1\n").columns.size() == 2);
}

TEST_CASE("layout: two columns of one name, and columns that the schema has not") {
    CHECK(refused(check("a,b,a\n1,2,3\n"), "two columns have this name"));
    ReadOptions options;
    options.schema = must(parse_schema(R"({"fields": [{"name": "a", "type": "integer"}, {"name": "c"}]})"));
    options.header = true;
    const auto report = check("a,b\n1,2\n", options);
    CHECK(refused(report, "columns that the schema does not have: b"));
    CHECK(refused(report, "columns of the schema that the file does not have: c"));
}

TEST_CASE("layout: what the schema says of a file goes before what the file looks like") {
    ReadOptions options;
    options.schema = must(parse_schema(
        R"({"fields": [{"name": "a", "type": "integer"}, {"name": "b", "type": "integer"}], "dialect": {"header": false}})"));
    const auto report = check("0,1\n1,0\n", options);
    CHECK(report.usable());
    CHECK(report.rows == 2);
    CHECK(report.columns[1].name == "b");
}

TEST_CASE("layout: a schema that was found out reads the same file again") {
    for (const std::string& text :
         {std::string(",y,z\n0,1,a\n1,0,b\n"), std::string("0.5,1.5\n0.1,0.2\n"), "a;b\n1,5;NA\n" + many("2,5;x\n", 30),
          std::string("id,d\nA,31.12.2024\nB,01.02.2024\n")}) {
        const auto first = check(text);
        ReadOptions options;
        options.schema = must(parse_schema(schema_json(first.schema)));
        const auto again = check(text, options);
        CHECK(again.usable());
        CHECK(again.rows == first.rows);
        CHECK(again.columns.size() == first.columns.size());
    }
}
