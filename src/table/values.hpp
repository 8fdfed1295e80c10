/// The one field list of each record of this module, for the C interface and the command line.
#pragma once

#include "codec/json.hpp"

#include <c2d/preprocessing.hpp>

namespace c2d::table {

json::Value to_value(const Schema& schema);
json::Value to_value(const Problem& problem);
json::Value to_value(const ColumnProfile& column);
/// All but the schema's values: "rows", "bytes", "usable", "problem_count", "problems", "decided", "columns", "schema".
json::Value to_value(const CheckReport& report);

/// "names" and "surprises", without the numbers.
json::Value to_value(const Prepared& prepared);

/// The schema that a value describes, as `parse_schema` has it.
Result<Schema> schema_of(const json::Value& value);

}  // namespace c2d::table
