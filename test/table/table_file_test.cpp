/// Table files: written and read back, equal for equal rows, and nothing believed of one that is damaged.
#include "table/csv/whole_file.hpp"
#include "table/file/format.hpp"
#include "table/file/writer.hpp"

#include "support/must.hpp"
#include "support/temp_dir.hpp"

#include <c2d/table.hpp>

#include <doctest/doctest.h>

#include <fcntl.h>
#include <limits>
#include <unistd.h>

using namespace c2d;
using namespace c2d::table;
using support::must;
using support::TempDir;

namespace {

constexpr const char* kEveryType = R"({"fields": [
    {"name": "id", "role": "id"}, {"name": "n", "type": "integer"}, {"name": "x", "type": "number"},
    {"name": "b", "type": "boolean"}, {"name": "d", "type": "date"}, {"name": "t", "type": "datetime"}]})";

Table example(std::string_view rows =
                  "A,1,1.5,true,2024-01-31,2024-01-31T08:30:00\nB,,,,,\n\"q,\",-3,1e300,false,0001-01-01,1999-12-31T23:"
                  "59:59.5\n") {
    ReadOptions options;
    options.schema = must(parse_schema(kEveryType));
    return must(parse_csv("id,n,x,b,d,t\n" + std::string(rows), "example", options));
}

struct Files {
    TempDir folder;
    std::string path(const char* name) const { return (folder / name).string(); }
    std::string written(const Table& table, const char* name = "a.table") {
        must(write_table(table, path(name)));
        return support::read_text(folder / name);
    }
};

Result<Table> read_bytes(std::string bytes, const ReadOptions& options = {}) {
    return read_table_file(Source::from_text(std::move(bytes), "damaged"), options);
}

/// A file of one column of integers from 0 on.
std::string counted(Files& files, std::size_t rows) {
    std::string text = "n\n";
    for (std::size_t i = 0; i < rows; ++i) text += std::to_string(i) + "\n";
    ReadOptions options;
    options.schema = must(parse_schema(R"({"fields": [{"name": "n", "type": "integer"}]})"));
    return files.written(must(parse_csv(text, "counted", options)), "counted");
}

}  // namespace

TEST_CASE_FIXTURE(Files, "what is written is read back, cell by cell") {
    const Table before = example();
    written(before);
    const Table after = must(read_table(path("a.table")));
    REQUIRE(after.rows() == 3);
    CHECK(after.schema() == table_file_schema(before.schema()));
    for (std::size_t row = 0; row < 3; ++row)
        for (std::size_t i = 0; i < before.cols(); ++i)
            CHECK(must(cell_text_of(after, row, i)) == must(cell_text_of(before, row, i)));
    CHECK(after.column(2).is_missing(1));
}

TEST_CASE_FIXTURE(Files, "equal rows are equal bytes, others are not") {
    const std::string bytes = written(example());
    CHECK(written(example(), "b.table") == bytes);
    CHECK(written(must(read_table(path("a.table"))), "c.table") == bytes);
    CHECK(written(must(example().take(std::vector<std::uint64_t>{1, 0, 2})), "d.table") != bytes);
    // How a file of text was written is not part of the table.
    Schema other = example().schema();
    other.missing = {"", "NA"};
    other.encoding = "UTF-16";
    std::vector<Column> columns;
    for (std::size_t i = 0; i < example().cols(); ++i) columns.push_back(example().column(i));
    CHECK(written(must(Table::make(other, columns)), "e.table") == bytes);
}

TEST_CASE_FIXTURE(Files, "groups of rows end where they must") {
    CHECK(must(read_bytes(counted(*this, kGroupRowsMax - 1))).rows() == kGroupRowsMax - 1);
    CHECK(must(read_bytes(counted(*this, kGroupRowsMax))).rows() == kGroupRowsMax);
    const std::string two = counted(*this, kGroupRowsMax + 1);
    const Table read = must(read_bytes(two));
    CHECK(read.column(0).integers()[kGroupRowsMax] == std::int64_t(kGroupRowsMax));
    // The same rows in other groups would be other bytes for the same table.
    const std::string one = counted(*this, 1);
    const auto head = one.size() - (4 + 4 + 8) - (4 + 8);
    const std::string group = one.substr(head, 4 + 4 + 8);
    const std::string end = std::string(4, '\0') + std::string("\2\0\0\0\0\0\0\0", 8);
    const auto split = read_bytes(one.substr(0, head) + group + group + end);
    REQUIRE_FALSE(split.ok());
    CHECK(split.error().message.find("groups of rows do not end where they must") != std::string::npos);
}

TEST_CASE_FIXTURE(Files, "whatever byte is changed, a table is read that writes these bytes, or none") {
    const std::string bytes = written(example());
    for (std::size_t at = 0; at < bytes.size(); ++at)
        for (const int bit : {0, 7}) {
            std::string damaged = bytes;
            damaged[at] = char(damaged[at] ^ (1 << bit));
            const auto read = read_bytes(damaged);
            if (read.ok())
                CHECK(written(*read, "again") == damaged);
            else
                CHECK(read.status() == Status::INVALID_ARGUMENT);
        }
    for (std::size_t length = 0; length < bytes.size(); ++length) CHECK_FALSE(read_bytes(bytes.substr(0, length)).ok());
    CHECK_FALSE(read_bytes(bytes + "x").ok());
}

TEST_CASE_FIXTURE(Files, "a file of a newer version says so") {
    std::string bytes = written(example());
    bytes[8] = 2;
    CHECK(read_bytes(bytes).error().message.find("a table file of version 2") != std::string::npos);
}

TEST_CASE_FIXTURE(Files, "what no table holds is not written") {
    const int fd = ::open(path("w").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    auto writer = must(TableFileWriter::start(fd, must(parse_schema(kEveryType))));
    CHECK_FALSE(writer.add_number(2, std::numeric_limits<double>::infinity()).ok());
    CHECK_FALSE(writer.add_number(2, std::numeric_limits<double>::quiet_NaN()).ok());
    CHECK_FALSE(writer.add_text(0, "\xff").ok());
    CHECK_FALSE(writer.add_integer(3, 2).ok());
    CHECK_FALSE(writer.add_integer(4, 100'000'000).ok());
    const auto large = writer.add_text(0, std::string(kRecordBytesMax + 1, 'a'));
    REQUIRE_FALSE(large.ok());
    CHECK(large.error().message.find("column id: a row of more than") == 0);
    Schema twice;
    twice.fields = {{"a"}, {"a"}};
    CHECK_FALSE(TableFileWriter::start(fd, twice).ok());
    CHECK_FALSE(TableFileWriter::start(fd, Schema{}).ok());
    ::close(fd);
}

TEST_CASE_FIXTURE(Files,
                  "a schema binds columns by name, with roles, constraints and what may become a text or a number") {
    written(example());
    ReadOptions options;
    options.schema = must(parse_schema(R"({"fields": [{"name": "n", "type": "number"}, {"name": "x", "role": "label"},
        {"name": "id", "role": "ignore"}, {"name": "b"}, {"name": "d"}, {"name": "t", "type": "datetime"}]})"));
    const Table read = must(read_table(path("a.table"), options));
    CHECK(read.cols() == 5);
    CHECK(read.column(must(read.index_of("n"))).numbers()[2] == -3);
    CHECK(read.field(must(read.index_of("x"))).role == Role::label);
    CHECK(must(cell_text_of(read, 0, must(read.index_of("x")))) == "1.5");
    CHECK(must(cell_text_of(read, 2, must(read.index_of("b")))) == "false");
    CHECK(read.column(must(read.index_of("d"))).text(0) == "2024-01-31");
}

TEST_CASE_FIXTURE(Files, "a check tells every problem, by row") {
    written(must(example().select({"id", "n", "d"})));
    ReadOptions options;
    options.schema = must(parse_schema(R"({"fields": [{"name": "id", "role": "id", "constraints": {"enum": ["A", "B"]}},
        {"name": "n", "type": "integer", "constraints": {"required": true, "minimum": 0}},
        {"name": "d", "type": "number"}, {"name": "more"}]})"));
    const auto report = must(check_table(path("a.table"), options));
    std::vector<std::string> told;
    for (const auto& problem : report.problems) told.push_back(problem_text(problem));
    CHECK(told == std::vector<std::string>{
                      "column d: the schema says number, the table file holds date",
                      "columns of the schema that the file does not have: more",
                      "row 2, column n: missing, but the schema requires it",
                      "row 3, column id: not among the values that the schema allows, found \"q,\"",
                      "row 3, column n: below the schema's minimum 0, found \"-3\"",
                  });
    CHECK_FALSE(report.usable());
    CHECK(report.rows == 3);
    const auto read = read_table(path("a.table"), options);
    CHECK(read.error().message.find("row 2, column n: missing") != std::string::npos);
}

TEST_CASE_FIXTURE(Files, "without a schema the options name the id and the label") {
    written(example());
    ReadOptions options;
    options.id = "id";
    options.label = "b";
    const auto report = must(check_table(path("a.table"), options));
    CHECK(report.usable());
    CHECK(report.schema.find("b")->role == Role::label);
    CHECK(report.columns[1].missing == 1);
    CHECK(report.columns[2].largest == "1e+300");
    options.label = "none";
    CHECK(must(check_table(path("a.table"), options)).problems.front().column == "none");
}

TEST_CASE_FIXTURE(Files, "files of both kinds are told apart by how they begin") {
    support::write_text(folder / "a.csv", "id,n\nA,1\n");
    CHECK(must(read_table(path("a.csv"))).rows() == 1);
    CHECK(must(check_table(path("a.csv"))).usable());
    written(example());
    const auto as_text = read_csv(path("a.table"));
    REQUIRE_FALSE(as_text.ok());
    CHECK(as_text.error().message.find("a table file of c2d") != std::string::npos);
    CHECK(must(check_table(path("a.table"))).decided ==
          std::vector<std::string>{"a table file, with names and types of its own"});
}
