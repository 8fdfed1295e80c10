/// A schema out of what the cells of a file look like.
#pragma once

#include "table/csv/tally.hpp"

namespace c2d::table {

/// What a caller wants of a schema that is found out.
struct Wishes {
    std::string id, label;
    /// 0: found out.
    char decimal = 0;
    /// The header has no name for the first column.
    bool first_unnamed = false;
};

/// Fields of these names, and words for missing values, from one tally a column. A column that may be read in two ways
/// is a problem; other decisions are said in `decided`.
Schema infer_schema(const std::vector<std::string>& names, const std::vector<Tally>& tallies, const Wishes& wishes,
                    Problems& problems, std::vector<std::string>& decided);

}  // namespace c2d::table
