#include "table/value_text.hpp"

#include "codec/number_text.hpp"
#include "table/date.hpp"

#include <cmath>

namespace c2d::table {

std::string value_text(Type type, double value) {
    switch (type) {
        case Type::date: return date_text(std::int64_t(value));
        case Type::datetime: return datetime_text(std::llround(value * 1e6));
        case Type::boolean: return value != 0 ? "true" : "false";
        default: return ecmascript_number_text(value);
    }
}

std::string cell_text(const Column& column, std::size_t row) {
    if (column.is_missing(row)) return {};
    switch (column.type()) {
        case Type::string: return std::string(column.text(row));
        case Type::number: return ecmascript_number_text(column.numbers()[row]);
        case Type::boolean: return column.integers()[row] != 0 ? "true" : "false";
        case Type::integer: return std::to_string(column.integers()[row]);
        case Type::date: return date_text(column.integers()[row]);
        case Type::datetime: return datetime_text(column.integers()[row]);
    }
    return {};
}

}  // namespace c2d::table
