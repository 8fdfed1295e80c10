#include "fuzz/fuzz.hpp"

#include <c2d/table.hpp>

using namespace c2d;
using namespace c2d::table;
using fuzz::require;

// Whatever bytes a file holds: a check ends, tells bounded problems, and says of a file what reading it says.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::text_of(data, size);
    ReadOptions options;
    options.problems_max = 20;
    if (size != 0 && data[0] % 8 == 1) options.encoding = "GB18030";
    if (size != 0 && data[0] % 8 == 2) options.header = true;
    const auto report = check_csv_text(text, "fuzz", options);
    require(report.ok(), "text in memory can always be checked");
    require(report->problems.size() <= 20, "problems are bounded");
    for (const auto& problem : report->problems) {
        require(problem.found.size() <= 200 && problem.column.size() <= 200, "what is shown of a file is bounded");
        require(problem_text(problem).find('\x1b') == std::string::npos, "no problem drives a terminal");
    }
    const auto table = parse_csv(text, "fuzz", options);
    require(table.ok() || table.status() == Status::INVALID_ARGUMENT, "a table is read, or is none");
    if (report->usable()) {
        require(table.ok(), "what a check finds usable can be read");
        require(table->rows() == report->rows, "reading and checking see the same rows");
        require(parse_schema(schema_json(report->schema)).ok(), "a schema that was found out can be read");
    }
    return 0;
}
