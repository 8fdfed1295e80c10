/// Attribute files: JSON whose `${NAME}` (or `${NAME:-default}`) is filled by --var NAME=VALUE.
#pragma once

#include <c2d/result.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace c2d::cli {

using Variables = std::map<std::string, std::string>;

/// Reads "NAME=VALUE" words. Fails with `invalid_argument`.
Result<Variables> parse_variables(const std::vector<std::string>& words);
/// Replaces every variable; inside a JSON string the value is escaped, elsewhere it stands as it is.
/// A name without value and default fails with `invalid_argument`.
Result<std::string> fill_variables(std::string_view text, const Variables& variables);
/// Reads a file of at most 1 MiB and fills it.
Result<std::string> read_attributes(const std::string& file, const Variables& variables);

}  // namespace c2d::cli
