#include "support/must.hpp"
#include "support/temp_dir.hpp"

#include <c2d/table.hpp>

using namespace c2d;
using namespace c2d::table;
using support::must;

namespace {

constexpr const char* kSchema = R"({"fields": [
  {"name": "id", "type": "string", "role": "id"}, {"name": "income", "type": "number"}, {"name": "age", "type": "integer"},
  {"name": "opened", "type": "date"}, {"name": "active", "type": "boolean"}]})";

ReadOptions with_schema(const char* json = kSchema) {
    ReadOptions options;
    options.schema = must(parse_schema(json));
    return options;
}

std::string failure(std::string_view text, const ReadOptions& options = {}) {
    const auto table = parse_csv(text, "t.csv", options);
    REQUIRE_FALSE(table.ok());
    CHECK(table.status() == Status::INVALID_ARGUMENT);
    return table.error().message;
}

}  // namespace

TEST_CASE("read_csv: typed columns by a schema, in whatever order the file has them") {
    const Table table =
        must(parse_csv("age,id,active,opened,income\r\n30,A,true,2024-01-31,1.5\r\n,\"B \"\"2\"\"\",False,,\r\n",
                       "t.csv", with_schema()));
    CHECK(table.rows() == 2);
    CHECK(table.column(*table.index_of("income")).numbers()[0] == 1.5);
    CHECK(table.column(*table.index_of("age")).integers()[0] == 30);
    CHECK(table.column(*table.index_of("age")).is_missing(1));
    CHECK(table.column(*table.index_of("id")).text(1) == "B \"2\"");
    CHECK(table.column(*table.index_of("opened")).integers()[0] == 19753);
    CHECK(table.column(*table.index_of("active")).integers()[0] == 1);
    CHECK(table.column(*table.index_of("active")).integers()[1] == 0);
}

TEST_CASE("read_csv: a newline within quotes belongs to the cell, and lines count on") {
    const Table table = must(parse_csv("a,b\n\"x\ny\",1\nz,2\n", "t.csv"));
    CHECK(table.column(0).text(0) == "x\ny");
    CHECK(failure("a,b\n\"x\ny\",1\nz,2,3\n").find("line 4: expected 2 cells, found 3") != std::string::npos);
}

TEST_CASE("read_csv: a file without a last line end, with carriage returns alone, with a byte order mark") {
    CHECK(must(parse_csv("a,b\nx,2", "t.csv")).rows() == 1);
    CHECK(must(parse_csv("a,b\rx,2\ry,3\r", "t.csv")).rows() == 2);
    const Table marked =
        must(parse_csv("\xef\xbb\xbf"
                       "a,b\nx,2\n",
                       "t.csv"));
    CHECK(marked.field(0).name == "a");
    CHECK(must(parse_csv("a,b\nx,2\n\n\n", "t.csv")).rows() == 1);
}

TEST_CASE("read_csv: the message tells the first problems and how many there are") {
    std::string text = "id,income\n";
    for (int i = 0; i < 200; ++i) text += "A" + std::to_string(i) + (i % 20 == 7 ? ",abc\n" : ",1.5\n");
    ReadOptions options =
        with_schema(R"({"fields": [{"name": "id", "role": "id"}, {"name": "income", "type": "number"}]})");
    const auto message = failure(text, options);
    CHECK(message.starts_with("t.csv: line 9, column income: expected a number, found \"abc\"; line 29"));
    CHECK(message.find("10 problems in all") != std::string::npos);
}

TEST_CASE("read_csv: the start of a file settles types only where the rest agrees") {
    std::string text = "a,b,c\n";
    for (int i = 0; i < 40000; ++i) text += "12,,x\n";
    text += "1.5,7,NA\n";
    const Table table = must(parse_csv(text, "t.csv"));
    CHECK(table.field(0).type == Type::number);
    CHECK(table.field(1).type == Type::integer);
    CHECK(table.column(1).integers()[40000] == 7);
    CHECK(table.column(2).is_missing(40000));
}

TEST_CASE("read_csv: text of GB18030 and UTF-16") {
    support::TempDir folder;
    support::write_text(folder / "gb.csv", "\xbf\xcd\xbb\xa7,\xca\xd5\xc8\xeb\n\xd5\xc5\xc8\xfd,5\n");
    ReadOptions options;
    options.encoding = "gbk";
    const Table table = must(table::read_csv(folder / "gb.csv", options));
    CHECK(table.field(0).name == "客户");
    CHECK(table.column(0).text(0) == "张三");
    std::string wide = "\xff\xfe";
    for (const char c : std::string("a,b\nx,2\n")) wide += {c, '\0'};
    CHECK(must(parse_csv(wide, "t.csv")).column(0).text(0) == "x");
    options.encoding = "klingon";
    CHECK(failure("a,b\nx,2\n", options).find("expected an encoding of UTF-8") != std::string::npos);
}

TEST_CASE("read_csv: pieces together are the whole") {
    std::string text = "id,income\n";
    for (int i = 0; i < 100000; ++i) text += "A" + std::to_string(i) + "," + std::to_string(i) + ".5\n";
    CsvReader reader = must(CsvReader::open_text(text, "t.csv"));
    std::size_t rows = 0, pieces = 0;
    double sum = 0;
    for (;;) {
        const auto piece = must(reader.next());
        if (!piece) break;
        ++pieces;
        rows += piece->rows();
        for (const double value : piece->column(1).numbers()) sum += value;
    }
    CHECK(rows == 100000);
    CHECK(pieces > 3);
    CHECK(sum == 100000.0 * 99999 / 2 + 50000);
    CHECK(must(parse_csv(text, "t.csv")).rows() == rows);
}

TEST_CASE("read_csv: what cannot be opened, is too large, or is cancelled") {
    support::TempDir folder;
    CHECK(table::read_csv(folder / "none.csv").status() == Status::NOT_FOUND);
    CHECK(table::read_csv(folder.path).status() == Status::INVALID_ARGUMENT);
    ReadOptions options;
    options.bytes_max = 1;
    CHECK(parse_csv("a,b\nx,2\n", "t.csv", options).status() == Status::LIMIT);
    CancelToken cancel;
    cancel.cancel();
    options = {};
    options.cancel = &cancel;
    CHECK(parse_csv("a,b\nx,2\n", "t.csv", options).status() == Status::CANCELLED);
}

TEST_CASE("read_csv: options that are none") {
    ReadOptions options;
    options.delimiter = '"';
    CHECK(failure("a,b\nx,2\n", options).find("delimiter") != std::string::npos);
    options = {};
    options.decimal = ';';
    CHECK(failure("a,b\nx,2\n", options).find("decimal mark") != std::string::npos);
}

TEST_CASE("read_csv: a file that changes while it is read is noticed") {
    support::TempDir folder;
    std::string text = "id,income\n";
    for (int i = 0; i < 100000; ++i) text += "A" + std::to_string(i) + ",1\n";
    support::write_text(folder / "t.csv", text);
    ReadOptions options;
    options.progress = [&](std::uint64_t, std::uint64_t, std::string_view) {
        support::write_text(folder / "t.csv", text + "x,2\n");
    };
    const auto table = table::read_csv(folder / "t.csv", options);
    CHECK(table.status() == Status::CONFLICT);
}
