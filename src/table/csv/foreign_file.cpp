#include "table/csv/foreign_file.hpp"

#include <algorithm>
#include <cstdint>

namespace c2d::table {

namespace {

using namespace std::string_view_literals;

struct Kind {
    std::string_view start, is;
};
constexpr std::string_view kUnpack = "; unpack it first";
constexpr Kind kPacked[] = {
    {"\x1f\x8b"sv, "a gzip archive"},
    {"BZh"sv, "a bzip2 archive"},
    {"\xfd"
     "7zXZ\0"sv,
     "an xz archive"},
    {"\x28\xb5\x2f\xfd"sv, "a zstd archive"},
    {"7z\xbc\xaf"sv, "a 7z archive"},
    {"Rar!"sv, "a RAR archive"},
};
constexpr Kind kOthers[] = {
    {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv, "an old Excel workbook (.xls); save it as CSV in UTF-8"},
    {"C2DTABLE"sv, "a table file of c2d, which is no text; read it as a table"},
    {"PAR1"sv, "a Parquet file; write it as CSV, or pass it as an Arrow table"},
    {"ARROW1"sv, "an Arrow file; write it as CSV, or pass it as an Arrow table"},
    {"FEA1"sv, "a Feather file; write it as CSV, or pass it as an Arrow table"},
    {"SQLite format 3\0"sv, "an SQLite database; write its table as CSV"},
    {"\x89HDF"sv, "an HDF5 file; write it as CSV"},
    {"\x89PNG"sv, "a PNG image"},
    {"\xff\xd8\xff"sv, "a JPEG image"},
    {"%PDF"sv, "a PDF document"},
    {"\x7f"
     "ELF"sv,
     "a program"},
    {"Obj\x01"sv, "an Avro file; write it as CSV"},
    {"\x80\x04\x95"sv, "a Python pickle; write it as CSV"},
    {"\x80\x05\x95"sv, "a Python pickle; write it as CSV"},
    {"$FL2"sv, "an SPSS file; write it as CSV"},
    {"<stata_dta>"sv, "a Stata file; write it as CSV"},
    {"\xff\xfe\0\0"sv, "text in UTF-32; save it as UTF-8"},
    {"\0\0\xfe\xff"sv, "text in UTF-32; save it as UTF-8"},
};

/// The marks of some kinds are letters, which a table may begin with, too: those kinds hold control characters soon.
bool may_be(std::string_view head, std::string_view start) {
    const auto is_control = [](char c) { return std::uint8_t(c) < 9; };
    const auto is_letter = [](char c) { return std::uint8_t(c) >= 0x20 && std::uint8_t(c) < 0x7f; };
    return head.starts_with(start) && (!std::ranges::all_of(start, is_letter) || start.starts_with('%') ||
                                       start.starts_with('<') || std::ranges::any_of(head, is_control));
}

bool is_markup(std::string_view head) {
    head.remove_prefix(std::min(head.find_first_not_of(" \t\r\n"), head.size()));
    std::string start(head.substr(0, 16));
    for (auto& c : start) c = c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
    return start.starts_with("<!doctype") || start.starts_with("<html") || start.starts_with("<?xml");
}

bool is_json(std::string_view head) {
    head.remove_prefix(std::min(head.find_first_not_of(" \t\r\n"), head.size()));
    if (head.empty()) return false;
    const char opens = head.front();
    head.remove_prefix(1);
    head.remove_prefix(std::min(head.find_first_not_of(" \t\r\n"), head.size()));
    return (opens == '{' && head.starts_with('"')) ||
           (opens == '[' && (head.starts_with('{') || head.starts_with('[')));
}

}  // namespace

std::string foreign_file(std::string_view head) {
    for (const auto& [start, is] : kPacked)
        if (may_be(head, start)) return std::string(is) + std::string(kUnpack);
    for (const auto& [start, is] : kOthers)
        if (may_be(head, start)) return std::string(is);
    if (head.starts_with("PK\x03\x04"))
        return head.find("xl/") != head.npos || head.find("[Content_Types].xml") != head.npos
                   ? "an Excel workbook (.xlsx); save it as CSV in UTF-8"
                   : "a zip archive; unpack it first";
    if (is_markup(head)) return "a page of HTML or XML";
    if (is_json(head)) return "JSON; write it as CSV";
    return {};
}

}  // namespace c2d::table
