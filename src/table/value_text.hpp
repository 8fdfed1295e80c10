/// Values as a file or a schema spells them.
#pragma once

#include <c2d/table.hpp>

#include <string>

namespace c2d::table {

/// A value as constraints hold it: datetimes in seconds.
inline double constraint_number(Type type, std::int64_t value) noexcept {
    return type == Type::datetime ? double(value) / 1e6 : double(value);
}
/// A number that `constraint_number` gave, as text.
std::string value_text(Type type, double value);
/// One cell as text; empty when it is missing.
std::string cell_text(const Column& column, std::size_t row);

}  // namespace c2d::table
