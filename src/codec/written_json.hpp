/// JSON that people wrote, in a file or an argument.
#pragma once

#include "codec/json.hpp"

namespace c2d::json {

/// As `parse`, but a byte order mark before UTF-8 is skipped, and a failure says what the text seems to be when it is
/// none of JSON.
Result<Value> parse_written(std::string_view text, Limits limits = {});

}  // namespace c2d::json
