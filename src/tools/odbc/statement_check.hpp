/// Is a text one statement that reads? A first look, so that what was not meant is said at once; what a database
/// executes it still holds to reading itself.
#pragma once

#include <c2d/result.hpp>

#include <string_view>

namespace c2d::odbc {

/// Fails with `invalid_argument`. Comments, quoted texts and names are passed over.
Result<Unit> check_statement(std::string_view sql);

}  // namespace c2d::odbc
