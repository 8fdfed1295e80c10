#include "fuzz/fuzz.hpp"
#include "table/csv/whole_file.hpp"
#include "table/file/writer.hpp"

#include <sys/mman.h>
#include <unistd.h>

using namespace c2d;
using namespace c2d::table;
using fuzz::require;

namespace {

std::string written(const Table& table) {
    const int fd = ::memfd_create("table", MFD_CLOEXEC);
    auto writer = TableFileWriter::start(fd, table.schema());
    require(writer.ok(), "what was read can be written");
    for (std::size_t row = 0; row < table.rows(); ++row) {
        for (std::size_t i = 0; i < table.cols(); ++i)
            require(writer->add_cell(i, table.column(i), row).ok(), "every cell that was read can be written");
        require(writer->end_row().ok(), "so can every row");
    }
    require(writer->finish().ok(), "and the end");
    std::string out(std::size_t(writer->bytes()), '\0');
    require(::pread(fd, out.data(), out.size(), 0) == ssize_t(out.size()), "it is read back");
    ::close(fd);
    return out;
}

}  // namespace

// Whatever bytes a table file holds: a check ends and says what reading says, and no two files hold one table.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(fuzz::text_of(data, size));
    const auto report = check_table_file(Source::from_text(text, "fuzz"), {});
    require(report.ok(), "bytes in memory can always be checked");
    const auto table = read_table_file(Source::from_text(text, "fuzz"), {});
    require(table.ok() || table.status() == Status::INVALID_ARGUMENT, "a table is read, or is none");
    if (report->usable()) require(table.ok() && table->rows() == report->rows, "what a check finds usable can be read");
    if (table.ok() && table->cols() == report->schema.fields.size())
        require(written(*table) == text, "a table that was read writes the same bytes");
    return 0;
}
