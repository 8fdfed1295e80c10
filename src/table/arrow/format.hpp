/// The format strings of Arrow's C data interface, as far as a column may have them.
#pragma once

#include <c2d/arrow_abi.h>
#include <c2d/table.hpp>

namespace c2d::table {

/// How the values of an Arrow column lie in memory.
enum class Layout {
    none,  ///< the null type: nothing but missing cells
    bits,
    int8,
    uint8,
    int16,
    uint16,
    int32,
    uint32,
    int64,
    uint64,
    float32,
    float64,
    text32,
    text64,
    text_view,
    date32,
    date64,
    timestamp,
    decimal128,
};

struct ArrowFormat {
    Layout layout = Layout::none;
    Type type = Type::string;
    /// Of timestamps: so many of the producer's units are a microsecond, or so many microseconds one unit.
    std::int64_t divide = 1, multiply = 1;
    /// Digits behind the point of a decimal.
    int scale = 0;
};

/// Nothing for a format that no column has.
std::optional<ArrowFormat> parse_arrow_format(std::string_view format);
/// What a format is called in a message: "a list", "a struct", the format itself.
std::string arrow_format_name(std::string_view format);

}  // namespace c2d::table
