#include "table/csv/tally.hpp"

#include "support/must.hpp"

using namespace c2d;
using namespace c2d::table;
using support::must;

namespace {

/// A column of these cells below a name, beside one of letters.
CheckReport column_of(const std::vector<std::string>& cells, const ReadOptions& options = {}) {
    std::string text = "x;y\n";
    for (const auto& cell : cells) text += "\"" + cell + "\";a\n";
    return must(check_csv_text(text, "t.csv", options));
}

bool refused(const CheckReport& report, std::string_view part) {
    return report.problem_count != 0 && problem_text(report.problems.front()).find(part) != std::string::npos;
}

std::vector<std::string> many(const std::string& cell, std::size_t count,
                              std::initializer_list<std::string> others = {}) {
    std::vector<std::string> out(count, cell);
    out.insert(out.end(), others);
    return out;
}

}  // namespace

TEST_CASE("infer: kinds of cells") {
    const std::pair<const char*, CellKind> cells[] = {{"", CellKind::empty},
                                                      {"NA", CellKind::missing_word},
                                                      {"0", CellKind::integer},
                                                      {"-12", CellKind::integer},
                                                      {"007", CellKind::zero_led},
                                                      {"6222021234567890123", CellKind::long_integer},
                                                      {"1.5", CellKind::point_decimal},
                                                      {"1e5", CellKind::point_decimal},
                                                      {"1,5", CellKind::comma_decimal},
                                                      {"0,123", CellKind::comma_decimal},
                                                      {"1,234", CellKind::comma_unsure},
                                                      {"1,234,567", CellKind::comma_grouped},
                                                      {"1,234.5", CellKind::comma_grouped},
                                                      {"1.234,5", CellKind::point_grouped},
                                                      {"1.234.567", CellKind::point_grouped},
                                                      {"true", CellKind::boolean},
                                                      {"2024-01-31", CellKind::date},
                                                      {"2024-01-31T08:00", CellKind::datetime},
                                                      {"31.01.2024", CellKind::date_dots},
                                                      {"2024/01/31", CellKind::date_slashes},
                                                      {"31/01/2024", CellKind::day_first},
                                                      {"01/31/2024", CellKind::month_first},
                                                      {"01/02/2024", CellKind::day_unsure},
                                                      {"2024年1月31日", CellKind::date_chinese},
                                                      {"1,23,456", CellKind::text},
                                                      {"12a", CellKind::text},
                                                      {"-", CellKind::text},
                                                      {".", CellKind::text},
                                                      {"inf", CellKind::text},
                                                      {"1.2.3", CellKind::text}};
    for (const auto& cell : cells) {
        const auto text = cell.first;
        CAPTURE(text);
        CHECK(kind_of_cell(text) == cell.second);
    }
}

TEST_CASE("infer: types of columns") {
    const auto type = [](const std::vector<std::string>& cells) { return column_of(cells).schema.fields[0].type; };
    CHECK(type({"1", "2", ""}) == Type::integer);
    CHECK(type({"1", "2.5"}) == Type::number);
    CHECK(type({"true", "False"}) == Type::boolean);
    CHECK(type({"2024-01-31", ""}) == Type::date);
    CHECK(type({"2024-01-31 08:00"}) == Type::datetime);
    CHECK(type({"31.01.2024"}) == Type::date);
    CHECK(type({"01/31/2024", "01/02/2024"}) == Type::date);
    CHECK(type({"yes", "no"}) == Type::string);
    CHECK(type({"00123", "00456"}) == Type::string);
    CHECK(type({"6222021234567890123"}) == Type::string);
    CHECK(type({"", ""}) == Type::string);
    CHECK(type(many("12", 10, {"A1", "A2"})) == Type::string);
}

TEST_CASE("infer: a few cells that are no numbers are problems, not another type") {
    const auto report = column_of(many("1.5", 99, {"abc"}));
    CHECK(report.schema.fields[0].type == Type::number);
    CHECK(report.problem_count == 1);
    CHECK(problem_text(report.problems[0]) == "line 101, column x: expected a number, found \"abc\"");
}

TEST_CASE("infer: numbers and dates that may be read in two ways are refused until it is stated") {
    CHECK(refused(column_of({"1,234", "5,678"}), "may be a fraction or a thousand"));
    CHECK(refused(column_of({"1,5", "1.5"}), "others a decimal point"));
    CHECK(refused(column_of({"01/02/2024", "03/04/2024"}), "January or February"));
    CHECK(refused(column_of({"13/02/2024", "02/13/2024"}), "day first, others the month"));
    ReadOptions options;
    options.decimal = '.';
    const auto grouped = column_of({"1,234", "5,678.5"}, options);
    CHECK(grouped.usable());
    CHECK(grouped.columns[0].largest == "5678.5");
    options.decimal = ',';
    CHECK(column_of({"1,234", "5,678"}, options).columns[0].largest == "5.678");
}

TEST_CASE("infer: one column with decimal commas settles the others") {
    const auto report = must(check_csv_text("a;b\n1,234;0,5\n2,345;1,25\n", "t.csv"));
    CHECK(report.usable());
    CHECK(report.columns[0].largest == "2.345");
}

TEST_CASE("infer: words for missing values that were seen stand in the schema") {
    const auto report = column_of(many("5", 20, {"NA", "", "null"}));
    CHECK(report.schema.missing == std::vector<std::string>{"", "NA", "null"});
    CHECK(report.columns[0].missing == 3);
    CHECK(report.schema.fields[0].type == Type::integer);
}

TEST_CASE("infer: roles as they are wished for, by name") {
    ReadOptions options;
    options.id = "y";
    options.label = "z";
    const auto report = column_of({"1"}, options);
    CHECK(report.schema.fields[1].role == Role::id);
    CHECK(refused(report, "there is no column of this name"));
}
