#include "support/must.hpp"
#include "support/temp_dir.hpp"

#include <c2d/table.hpp>

#include <iterator>

using namespace c2d;
using namespace c2d::table;
using support::must;
using namespace std::string_literals;

namespace {

/// The one problem that a file has, which ends the reading.
std::string problem(const std::string& text, const ReadOptions& options = {}) {
    const auto report = must(check_csv_text(text, "t.csv", options));
    REQUIRE(report.problem_count == 1);
    // Whoever reads the table hears the same.
    const auto table = parse_csv(text, "t.csv", options);
    CHECK(table.status() == Status::INVALID_ARGUMENT);
    CHECK(table.error().message == "t.csv: " + problem_text(report.problems[0]));
    return problem_text(report.problems[0]);
}

std::string rows(int count, const std::string& line = "A,1.5\n") {
    std::string out = "id,income\n";
    for (int i = 0; i < count; ++i) out += line;
    return out;
}

}  // namespace

TEST_CASE("unusable: what is no table is called what it is") {
    const std::pair<std::string, const char*> files[] = {
        {"\x1f\x8b\x08 and so on", "a gzip archive; unpack it first"},
        {"PK\x03\x04 ... xl/workbook.xml", "an Excel workbook (.xlsx)"},
        {"PK\x03\x04 ... notes.txt", "a zip archive"},
        {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook"},
        {"PAR1\x15\x04"s, "a Parquet file"},
        {"SQLite format 3\0"s, "an SQLite database"},
        {"%PDF-1.7", "a PDF document"},
        {"{\"a\": 1}", "JSON"},
        {"[{\"a\": 1}]", "JSON"},
        {"<!DOCTYPE html><html>", "a page of HTML or XML"},
        {"\x7f"
         "ELF\x02",
         "a program"},
        {"\xff\xfe\0\0a\0\0\0"s, "text in UTF-32"},
    };
    for (const auto& [text, what] : files) {
        const auto said = problem(text);
        CHECK_MESSAGE(said.find("expected a table as text, found "s + what) != std::string::npos, said);
    }
    CHECK(must(check_csv_text("PAR1,PAR2\nx,y\n", "t.csv")).usable());
}

TEST_CASE("unusable: nothing, or nothing but names") {
    CHECK(problem("") == "the file is empty");
    CHECK(problem("\n\n \n") == "the file is empty");
    CHECK(must(check_csv_text("a,b\n", "t.csv")).problems[0].what == "the file has no row");
}

TEST_CASE("unusable: quotes") {
    CHECK(problem(rows(3) + "\"B,2\nC,3\n").find("line 5: a quote that opens in this record is not closed") !=
          std::string::npos);
    CHECK(problem(rows(3) + "B\"x,2\nC,3\n").find("line 5: a quote stands within a cell") != std::string::npos);
    CHECK(problem(rows(3) + "\"B\"x,2\nC,3\n").find("line 5: a quote stands within a cell") != std::string::npos);
    CHECK(problem(rows(3) + "\"B\nb\",2\nC\",3\n").find("line 7: a quote") != std::string::npos);
}

TEST_CASE("unusable: bytes that are no text") {
    CHECK(problem(rows(3) + "B\0,2\n"s).find("line 5: holds a NUL byte") != std::string::npos);
    CHECK(problem(rows(40000) + "B\0,2\n"s).find("line 40002: holds a NUL byte") != std::string::npos);
    const auto broken = problem(rows(3) + "\xd5\xc5\xc8\xfd,2\n");
    CHECK(broken.find("line 5: byte 1 of the line (0xd5) is not UTF-8") != std::string::npos);
    CHECK(broken.find("GB18030") != std::string::npos);
    CHECK(problem(rows(60000, "客户,1.5\n") + "x\xff,2\n").find("line 60002: byte 2") != std::string::npos);
    CHECK(problem(rows(3) + "客\xe5"s).find("line 5: byte 4") != std::string::npos);
}

TEST_CASE("unusable: a mark that contradicts what is stated, bytes that the stated encoding has not") {
    ReadOptions options;
    options.encoding = "GB18030";
    CHECK(problem("\xef\xbb\xbf" + rows(1), options).find("byte order mark of UTF-8, but GB18030 is stated") !=
          std::string::npos);
    CHECK(problem(rows(1) + "\xff\xff,2\n", options).find("the file is not in GB18030: byte 17") != std::string::npos);
    options.encoding = "UTF-16LE";
    CHECK(problem("a\0,\0b\0\n\0c"s, options).find("is not in UTF-16LE") != std::string::npos);
}

TEST_CASE("unusable: more columns, and longer lines, than a table has") {
    std::string wide;
    for (int i = 0; i < 100000; ++i) wide += "c" + std::to_string(i) + (i + 1 < 100000 ? "," : "\n");
    CHECK(problem(wide + wide).find("line 1: has 100000 columns; at most 16384 are read") != std::string::npos);
    CHECK(problem(rows(3) + std::string(kRecordBytesMax + 1000000, 'x') + "\n")
              .find("line 5: a record is longer than 4 MiB") != std::string::npos);
}

TEST_CASE("unusable: a line of a gigabyte takes no gigabyte of memory") {
    support::TempDir folder;
    support::write_text(folder / "t.csv", "id,income\n");
    std::filesystem::resize_file(folder / "t.csv", std::uintmax_t{1} << 30);  // zeros, which are no text either
    const auto report = must(table::check_csv(folder / "t.csv"));
    CHECK(report.problem_count == 1);
    CHECK(problem_text(report.problems[0]).find("NUL byte") != std::string::npos);
}
