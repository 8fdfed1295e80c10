/// Whether the first record holds names, and which.
#pragma once

#include "table/csv/tally.hpp"

namespace c2d::table {

/// Is `first` a line of names over a body that `below` counts, a tally for each column? Fails with `kUnusable` where
/// both readings fit. Says why in `decided`.
Result<bool> is_header(const std::vector<std::string>& first, const std::vector<Tally>& below,
                       std::vector<std::string>& decided);

/// The names that columns have: those of a header, with a name for those without one, or column_1 and so on where there
/// is no header (`first` is empty). Two of one name, and names that none may have, are problems.
std::vector<std::string> column_names(const std::vector<std::string>& first, std::size_t columns, Problems& problems,
                                      std::vector<std::string>& decided);

}  // namespace c2d::table
