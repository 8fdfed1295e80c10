#include "fuzz/fuzz.hpp"

#include <c2d/preprocessing.hpp>

#include <cmath>

using namespace c2d;
using namespace c2d::table;
using fuzz::require;

namespace {

/// Two columns of each type, some cells missing.
Table example() {
    ReadOptions options;
    options.schema =
        *parse_schema(R"({"fields": [{"name": "x", "type": "number"}, {"name": "c"}, {"name": "d", "type": "date"}]})");
    return *parse_csv("x,c,d\n1,a,2024-01-01\n,b,2024-01-02\n3,,\n1e300,\"a long text\",0001-01-01\n", "example",
                      options);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Table table = example();
    const auto text = fuzz::text_of(data, size);
    if (const auto plan = parse_plan(text); plan.ok()) {
        const auto again = parse_plan(plan_json(*plan));
        require(again.ok() && *again == *plan, "a plan that is written reads back as the same");
        if (const auto rule = PreprocessingRule::fit(table, *plan); rule.ok())
            require(rule->apply(table).ok(), "a rule applies to what it was fitted on");
    }
    const auto rule = PreprocessingRule::parse(text);
    if (!rule.ok()) return 0;
    const auto again = PreprocessingRule::parse(rule->json());
    require(again.ok() && again->columns() == rule->columns(), "a rule that is written reads back as the same");
    require(again->digest() == rule->digest(), "and has the same digest");
    if (const auto prepared = rule->apply(table); prepared.ok())
        require(prepared->data.size() == prepared->rows * rule->output_names().size(),
                "a number for each row and name");
    return 0;
}
