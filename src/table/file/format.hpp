/// The table file, byte by byte (docs/formats.md): what writer and reader agree on.
#pragma once

#include <c2d/table.hpp>

#include <cstdint>

namespace c2d::table {

inline constexpr std::string_view kTableFileMagic = "C2DTABLE";
inline constexpr std::uint32_t kTableFileVersion = 1;
/// Of the schema's text.
inline constexpr std::size_t kTableFileSchemaMax = std::size_t{8} << 20;
/// A group ends with the row with which it has so many rows, or weighs so much. That is all that a reader or a writer
/// holds, and since nobody may choose where groups end, equal rows are equal bytes.
inline constexpr std::size_t kGroupRowsMax = 65536, kGroupWeightMax = std::size_t{8} << 20;

/// A cell weighs 8, a text its bytes besides.
inline constexpr std::size_t kCellWeight = 8;

inline bool is_group_full(std::size_t rows, std::size_t weight) noexcept {
    return rows >= kGroupRowsMax || weight >= kGroupWeightMax;
}

/// What of a schema is said of a table, rather than of a file of text that it was read from.
Schema table_file_schema(const Schema& schema);
/// What is wrong with a value of a table; null: nothing.
const char* value_problem(Type type, std::int64_t value) noexcept;

}  // namespace c2d::table
