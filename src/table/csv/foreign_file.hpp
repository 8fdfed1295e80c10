/// Files that are no text with separators, known by how they begin.
#pragma once

#include <string>
#include <string_view>

namespace c2d::table {

/// What a file is that begins so, and what to do: "a gzip archive; unpack it first". Empty: nothing speaks against a
/// table.
std::string foreign_file(std::string_view head);

}  // namespace c2d::table
