/// Which character separates cells, found out from the start of a file.
#pragma once

#include "table/csv/separators.hpp"

#include <c2d/table.hpp>

namespace c2d::table {

/// What is known before, from a caller or a schema.
struct Stated {
    char delimiter = 0;
    char quote = '"';
};

/// "a comma", "a semicolon", "a tab", or the character itself.
std::string mark_name(char delimiter);

/// Fails with `kUnusable` where two readings of the start fit; appends what was decided to `decided`.
Result<Marks> find_marks(std::string_view start, const Stated& stated, std::vector<std::string>& decided);

}  // namespace c2d::table
