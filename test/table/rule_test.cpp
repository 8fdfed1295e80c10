#include "support/must.hpp"

#include <c2d/preprocessing.hpp>

#include <cmath>
#include <functional>

using namespace c2d;
using namespace c2d::table;
using support::must;

namespace {

Table read(const std::string& text, const char* schema = nullptr) {
    ReadOptions options;
    options.id = schema == nullptr && text.starts_with("id") ? "id" : "";
    if (schema != nullptr) options.schema = must(parse_schema(schema));
    return must(parse_csv(text, "t.csv", options));
}

Table rows_of(const std::string& names, int count, const std::function<std::string(int)>& row) {
    std::string text = names + "\n";
    for (int i = 0; i < count; ++i) text += row(i) + "\n";
    return read(text);
}

PreprocessingRule fitted(const Table& table) {
    return must(PreprocessingRule::fit(table, default_plan(table.schema())));
}

std::string why(const PreprocessingRule& rule, std::size_t column) { return rule.columns()[column].why; }

}  // namespace

TEST_CASE("rule: numbers are filled, flagged, clipped and standardised") {
    const Table table = rows_of("id,income,other", 1000, [](int i) {
        return "A" + std::to_string(i) + "," +
               (i % 50 == 0 ? ""
                : i == 1    ? "1000000"
                            : std::to_string(i)) +
               "," + std::to_string(i % 7);
    });
    const PreprocessingRule rule = fitted(table);
    CHECK(rule.output_names() == std::vector<std::string>{"income", "income (missing)", "other"});
    CHECK(why(rule, 0) == "an id");
    const Prepared prepared = must(rule.apply(table));
    double sum = 0, squares = 0;
    for (std::size_t row = 0; row < prepared.rows; ++row) {
        sum += prepared.at(row, 0);
        squares += prepared.at(row, 0) * prepared.at(row, 0);
        CHECK(prepared.at(row, 1) == (row % 50 == 0 ? 1 : 0));
    }
    CHECK(std::fabs(sum / 1000) < 1e-12);
    CHECK(squares / 1000 == doctest::Approx(1));
    CHECK(prepared.at(1, 0) < 2);  // a million was clipped to the 99.5 % of all
    CHECK(prepared.surprises.empty());
}

TEST_CASE("rule: what is the same in every row is dropped, a rare flag is not") {
    const Table table = rows_of("same,rare,empty,x", 2000, [](int i) {
        return "5," + std::string(i == 77 || i == 78 ? "1" : "0") + ",," + std::to_string(i);
    });
    const PreprocessingRule rule = fitted(table);
    CHECK(rule.output_names() == std::vector<std::string>{"rare", "x"});
    CHECK(why(rule, 0) == "the same value in every row");
    CHECK(why(rule, 2) == "no value at all");
    CHECK_FALSE(rule.columns()[1].clip.has_value());
}

TEST_CASE("rule: texts of 30 rows and more have a column, rare ones are others, missing ones have their own") {
    const Table table = rows_of("city,x", 100, [](int i) {
        return std::string(i < 40 ? "Bern" : i < 80 ? "Basel" : i < 90 ? "Chur" : "") + "," + std::to_string(i);
    });
    const PreprocessingRule rule = fitted(table);
    CHECK(rule.output_names() ==
          std::vector<std::string>{"city=Basel", "city=Bern", "city (other)", "city (missing)", "x"});
    const Prepared prepared = must(rule.apply(table));
    const auto one_hot = [&](std::size_t row) {
        std::string out;
        for (std::size_t i = 0; i < 4; ++i) out += prepared.at(row, i) == 1 ? "1" : "0";
        return out;
    };
    CHECK(one_hot(0) == "0100");
    CHECK(one_hot(50) == "1000");
    CHECK(one_hot(85) == "0010");
    CHECK(one_hot(95) == "0001");
}

TEST_CASE("rule: more than 200 different texts are dropped, and it says so") {
    const Table table =
        rows_of("note,x", 300, [](int i) { return "note " + std::to_string(i) + "," + std::to_string(i); });
    CHECK(why(fitted(table), 0) == "more than 200 different texts");
}

TEST_CASE("rule: dates are days before the newest, also at scoring") {
    const Table table = rows_of("opened,x", 31, [](int i) {
        return "2024-01-" + std::string(i < 9 ? "0" : "") + std::to_string(i + 1) + "," + std::to_string(i);
    });
    const PreprocessingRule rule = fitted(table);
    CHECK(rule.columns()[0].newest == 19753);
    const Prepared training = must(rule.apply(table));
    CHECK(training.at(0, 0) > training.at(30, 0));
    // A later day than training knew is clipped to the newest that it took.
    CHECK(must(rule.apply(read("opened,x\n2030-01-01,1\n2024-01-31,2\n"))).at(0, 0) ==
          doctest::Approx(training.at(30, 0)).epsilon(0.1));
}

TEST_CASE("rule: what training did not know is defined, counted and told by column") {
    const Table table = rows_of("city,income", 120, [](int i) {
        return std::string(i < 60 ? "Bern" : i < 115 ? "Basel" : "Chur") + "," + std::to_string(i);
    });
    const PreprocessingRule rule = fitted(table);
    const Prepared scored =
        must(rule.apply(read("city,income\nGenf,3\nChur,4\n,\nBern,5\n",
                             R"({"fields": [{"name": "city"}, {"name": "income", "type": "number"}]})")));
    REQUIRE(scored.surprises.size() == 2);
    CHECK(scored.surprises[0].column == "city");
    CHECK(scored.surprises[0].unseen == 1);  // Genf; Chur was rare, but there
    CHECK(scored.surprises[0].newly_missing == 1);
    CHECK(scored.surprises[1].newly_missing == 1);
    CHECK(scored.at(0, 2) == 1);  // others
    CHECK((scored.at(2, 0) == 0 && scored.at(2, 1) == 0 && scored.at(2, 2) == 0));
}

TEST_CASE("rule: a table of another form is refused with all that is wrong") {
    const Table table = rows_of("city,income,x", 120, [](int i) {
        return std::string(i < 60 ? "Bern" : "Basel") + "," + std::to_string(i) + ",1.5";
    });
    const PreprocessingRule rule = fitted(table);
    const auto other = rule.apply(read("income,y\nlow,1\nhigh,2\n"));
    REQUIRE_FALSE(other.ok());
    CHECK(other.error().message ==
          "the table is not of the form that the rule was fitted on: column city is not there; column "
          "income is string, where training had integer");
    CHECK(must(rule.apply(must(table.select({"income", "city"})))).rows ==
          120);  // x is the same everywhere, and dropped
    CHECK(must(rule.apply(must(table.select({"city", "income"})))).names == rule.output_names());
}

TEST_CASE("rule: a column without any value is of every type") {
    const Table table = rows_of("city,income,opened", 120, [](int i) {
        return std::string(i < 60 ? "Bern" : "Basel") + "," + std::to_string(i) + ",2024-01-" +
               (i % 2 == 0 ? "01" : "31");
    });
    const PreprocessingRule rule = fitted(table);
    const Prepared one = must(rule.apply(read("city,income,opened\nBern,,\n")));
    CHECK(one.surprises.size() == 2);
    const Prepared none = must(rule.apply(read("city,income,opened\n,7,2024-01-01\n")));
    CHECK(none.at(0, 0) + none.at(0, 1) == 0);
}

TEST_CASE("rule: JSON is canonical, and reads back as the same rule") {
    const Table table = rows_of("id,city,income,opened", 200, [](int i) {
        return "A" + std::to_string(i) + "," + (i % 3 == 0 ? "客户" : "\"x, y\"") + "," + std::to_string(i * 1e15) +
               ",2024-01-" + (i % 2 == 0 ? "01" : "31");
    });
    const PreprocessingRule rule = fitted(table);
    const PreprocessingRule again = must(PreprocessingRule::parse(rule.json()));
    CHECK(again.columns() == rule.columns());
    CHECK(again.json() == rule.json());
    CHECK(again.digest() == rule.digest());
    CHECK(must(again.apply(table)).data == must(rule.apply(table)).data);
    CHECK(rule.json().find('\n') == std::string::npos);
}

TEST_CASE("rule: plans") {
    const auto plan = must(parse_plan(R"([{"name": "x", "as": "bins", "edges": [10, 20], "ordered": true},
        {"name": "y", "as": "bins", "bins": 4}, {"name": "z", "fill": "constant", "fill_value": -1, "log": true,
        "standardise": false, "clip_values": [0, 100]}, {"name": "c", "as": "map", "weights": {"a": 0.5, "b": -0.5},
        "other_weight": 0.25, "missing_weight": 0.75}])"));
    CHECK(must(parse_plan(plan_json(plan))) == plan);
    const Table table = read("x,y,z,c\n5,1,1000,a\n10,2,3,b\n15,3,,d\n25,4,5,\n7,5,8,a\n9,6,1,b\n3,7,2,a\n2,8,4,b\n");
    const PreprocessingRule rule = must(PreprocessingRule::fit(table, plan));
    CHECK(rule.output_names() ==
          std::vector<std::string>{"x", "y<=2.75", "y<=4.5", "y<=6.25", "y>6.25", "z", "z (missing)", "c"});
    const Prepared prepared = must(rule.apply(table));
    CHECK((prepared.at(0, 0) == 0 && prepared.at(1, 0) == 0 && prepared.at(2, 0) == 1 && prepared.at(3, 0) == 2));
    CHECK((prepared.at(0, 1) == 1 && prepared.at(7, 4) == 1));
    CHECK(prepared.at(0, 5) == std::log1p(100.0));
    CHECK(prepared.at(2, 5) == 0);  // -1 is clipped to 0
    CHECK(prepared.at(2, 6) == 1);
    CHECK((prepared.at(0, 7) == 0.5 && prepared.at(2, 7) == 0.25 && prepared.at(3, 7) == 0.75));
}

TEST_CASE("rule: plans and rules that are none") {
    for (const char* plan : {"{}", "[]", R"([{"as": "number"}])", R"([{"name": "x", "as": "cube"}])",
                             R"([{"name": "x", "colour": 1}])", R"([{"name": "x", "clip_quantiles": [0.9, 0.1]}])",
                             R"([{"name": "x", "clip_quantiles": [-1, 2]}])", R"([{"name": "x", "edges": [2, 1]}])",
                             R"([{"name": "x"}, {"name": "x"}])", R"([{"name": "x", "bins": 5000}])"}) {
        CAPTURE(plan);
        CHECK(parse_plan(plan).status() == Status::INVALID_ARGUMENT);
    }
    for (const char* rule :
         {"[]", R"({"version": 1})",
          R"({"version": 1, "columns": [{"name": "x", "type": "number", "as": "number", "scale": 0}]})",
          R"({"version": 1, "columns": [{"name": "x", "type": "string", "as": "number"}]})",
          R"({"version": 1, "columns": [{"name": "x", "type": "number", "as": "bins"}]})",
          R"({"version": 1, "columns": [{"name": "x", "type": "date", "as": "number"}]})",
          R"({"version": 1, "columns": [{"name": "x", "type": "string", "as": "map", "values": ["a"]}]})",
          R"({"version": 1, "columns": [{"name": "x", "type": "string", "as": "one_hot", "values": ["b", "a"]}]})",
          R"({"version": 1, "columns": [{"name": "x", "type": "number", "as": "number", "extra": 1}]})"}) {
        CAPTURE(rule);
        CHECK(PreprocessingRule::parse(rule).status() == Status::INVALID_ARGUMENT);
    }
    CHECK(PreprocessingRule::parse(R"({"version": 2, "columns": []})").status() == Status::UNSUPPORTED);
}

TEST_CASE("rule: a plan that does not fit the table is refused with every column") {
    const Table table = read("x,c\n1,a\n2,b\n");
    const auto rule = PreprocessingRule::fit(
        table, must(parse_plan(R"([{"name": "c"}, {"name": "x", "as": "one_hot"}, {"name": "y"}])")));
    REQUIRE_FALSE(rule.ok());
    for (const char* part : {"column c is text", "column x is no text", "column y is not there"})
        CHECK(rule.error().message.find(part) != std::string::npos);
    const Table clash = rows_of("a,a (missing)", 100,
                                [](int i) { return (i % 3 == 0 ? "" : std::to_string(i)) + "," + std::to_string(i); });
    CHECK(PreprocessingRule::fit(clash, default_plan(clash.schema()))
              .error()
              .message.find("two columns would come out as a (missing)") != std::string::npos);
}

TEST_CASE("rule: labels and weights are no part of the default") {
    const Table table = read("x,y,w\n1,0,1\n2,1,1\n", R"({"fields": [{"name": "x", "type": "integer"},
        {"name": "y", "type": "integer", "role": "label"}, {"name": "w", "type": "number", "role": "weight"}]})");
    CHECK(fitted(table).output_names() == std::vector<std::string>{"x"});
}

TEST_CASE("rule: numbers of a table as they are, or the columns that are none") {
    CHECK(must(numbers_of(read("a,b\n1,2.5\n3,4\n"))).data == std::vector<double>{1, 2.5, 3, 4});
    const auto texts = numbers_of(read("a,b,c\n1,x,\n3,y,2\n"));
    CHECK(texts.error().message.find("column b is text; column c has 1 missing cells") != std::string::npos);
}

namespace {

ColumnPlan numbered(const char* name, Treatment treatment, std::uint64_t rows_min) {
    ColumnPlan out;
    out.name = name;
    out.treatment = treatment;
    out.numbered = true;
    out.rows_min = rows_min;
    if (treatment == Treatment::bins) out.bins = 10;
    return out;
}

/// How many rows have each number of the first column.
std::vector<int> rows_by_number(const Prepared& prepared) {
    std::vector<int> out;
    for (std::size_t row = 0; row < prepared.rows; ++row) {
        const auto number = std::size_t(prepared.at(row, 0));
        if (out.size() <= number) out.resize(number + 1);
        ++out[number];
    }
    return out;
}

}  // namespace

TEST_CASE("rule: numbered bins have enough rows each; missing and special values have their own") {
    const Table table = rows_of("x,y", 1000, [](int i) {
        return (i < 50 ? std::string() : i < 100 ? "-999" : i < 105 ? "-1" : std::to_string(i)) + ",1";
    });
    ColumnPlan plan = numbered("x", Treatment::bins, 20);
    plan.special = {-999, -1};
    const PreprocessingRule rule = must(PreprocessingRule::fit(table, {plan}));
    CHECK(rule.output_names() == std::vector<std::string>{"x"});
    CHECK(rule.columns()[0].special == std::vector<double>{-999});  // five rows are no bin: -1 is a number then
    const Prepared prepared = must(rule.apply(table));
    const std::vector<int> rows = rows_by_number(prepared);
    CHECK(rows.size() == 12);
    for (int bin = 0; bin < 10; ++bin) CHECK(rows[std::size_t(bin)] == doctest::Approx(90).epsilon(0.02));
    CHECK(rows[10] == 50);
    CHECK(rows[11] == 50);
    CHECK(must(PreprocessingRule::parse(rule.json())).json() == rule.json());
    // Special values lose their bin where it is too small, and missing cells go where the median is.
    plan.rows_min = 60;
    const Prepared joined = must(must(PreprocessingRule::fit(table, {plan})).apply(table));
    CHECK(rows_by_number(joined).size() == 10);
    for (const int count : rows_by_number(joined)) CHECK(count >= 60);
}

TEST_CASE("rule: few different numbers have a numbered bin each, or go to a neighbour") {
    const Table table = rows_of("x,y", 1000, [](int i) {
        return std::string(i < 30 ? "0" : i < 40 ? "1" : "2") + ",1";
    });
    const auto rows = [&](std::uint64_t rows_min) {
        const auto rule = must(PreprocessingRule::fit(table, {numbered("x", Treatment::bins, rows_min)}));
        return rule.output_names().empty() ? std::vector<int>{} : rows_by_number(must(rule.apply(table)));
    };
    CHECK(rows(10) == std::vector<int>{30, 10, 960});
    CHECK(rows(20) == std::vector<int>{30, 970});
    CHECK(rows(35) == std::vector<int>{40, 960});
    CHECK(rows(50).empty());
    ColumnPlan given = numbered("x", Treatment::bins, 10);
    given.bins = 0;
    given.edges = {0.5, 7};
    CHECK(rows_by_number(must(must(PreprocessingRule::fit(table, {given})).apply(table))) == std::vector<int>{30, 970});
}

TEST_CASE("rule: numbered texts") {
    const Table table = rows_of("city,y", 400, [](int i) {
        return std::string(i < 200   ? "Bern"
                           : i < 300 ? "Basel"
                           : i < 310 ? "Chur"
                           : i < 340 ? ""
                                     : "town" + std::to_string(i)) +
               ",1";
    });
    const auto rule = must(PreprocessingRule::fit(table, {numbered("city", Treatment::one_hot, 30)}));
    // Basel, Bern, others, missing.
    CHECK(rows_by_number(must(rule.apply(table))) == std::vector<int>{100, 200, 70, 30});
    // Too few others and too few missing count as the most frequent.
    const Table fewer = rows_of("city,y", 320, [](int i) {
        return std::string(i < 200 ? "Bern" : i < 300 ? "Basel" : i < 310 ? "Chur" : "") + ",1";
    });
    const auto two = must(PreprocessingRule::fit(fewer, {numbered("city", Treatment::one_hot, 30)}));
    CHECK(rows_by_number(must(two.apply(fewer))) == std::vector<int>{100, 220});
    // So does what training never saw.
    const Prepared later = must(two.apply(table));
    CHECK(rows_by_number(later) == std::vector<int>{100, 300});
    CHECK(later.surprises.size() == 1);
    CHECK_FALSE(
        PreprocessingRule::parse(
            R"({"columns":[{"name":"c","type":"string","as":"one_hot","numbered":true,"fill":2,"values":["a","b"]}],"version":1})")
            .ok());
    CHECK_FALSE(parse_plan(R"([{"name":"c","as":"number","numbered":true}])").ok());
    CHECK_FALSE(parse_plan(R"([{"name":"c","as":"number","special":[1]}])").ok());
    CHECK_FALSE(parse_plan(R"([{"name":"c","as":"bins","special":[2,1]}])").ok());
}
