#include "table/values.hpp"

namespace c2d::table {

using json::Value;

Value to_value(const Problem& problem) {
    Value out = Value::object({{"what", problem.what}});
    if (problem.line != 0) out.set("line", problem.line);
    if (problem.row != 0) out.set("row", problem.row);
    if (!problem.column.empty()) out.set("column", problem.column);
    if (!problem.found.empty()) out.set("found", problem.found);
    return out;
}

Value to_value(const ColumnProfile& column) {
    Value out = Value::object({{"name", column.name},
                               {"type", type_name(column.type)},
                               {"role", role_name(column.role)},
                               {"missing", column.missing},
                               {"distinct", column.distinct},
                               {"distinct_exact", column.distinct_exact},
                               {"smallest", column.smallest},
                               {"largest", column.largest}});
    if (column.mean) out.set("mean", *column.mean);
    if (!column.frequent.empty())
        out.set("frequent", json::list_of(column.frequent, [](const auto& value) {
                    return Value::object({{"value", value.first}, {"rows", value.second}});
                }));
    return out;
}

Value to_value(const CheckReport& report) {
    return Value::object({{"usable", report.usable()},
                          {"rows", report.rows},
                          {"bytes", report.bytes},
                          {"problem_count", report.problem_count},
                          {"problems", json::list_of(report.problems)},
                          {"decided", json::list_of(report.decided)},
                          {"columns", json::list_of(report.columns)},
                          {"schema", to_value(report.schema)}});
}

Value to_value(const Prepared& prepared) {
    return Value::object({{"names", json::list_of(prepared.names)},
                          {"surprises", json::list_of(prepared.surprises, [](const Surprise& surprise) {
                               return Value::object({{"column", surprise.column},
                                                     {"unseen", surprise.unseen},
                                                     {"newly_missing", surprise.newly_missing}});
                           })}});
}

}  // namespace c2d::table
