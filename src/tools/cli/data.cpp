// dt-cli data: what a file of data is like, before anything of it is published.

#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/try.hpp"
#include "table/values.hpp"
#include "tools/cli/source_flags.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace c2d::cli {

namespace {

using namespace c2d::table;
using json::Value;

/// How a file is to be read; the flags that all commands share.
struct FileFlags {
    std::string file, schema, encoding, delimiter, decimal, header, id, label;
    SourceFlags source;

    void declare(Args& args) {
        auto* const named = args.optional("file", file, "a CSV file, or a table file");
        source.declare(args);
        args.require_one({named, source.options[0], source.options[1]}, "a file, --sqlite or --odbc");
        args.optional("--schema", schema, "its schema (docs/tables.md); without one types are found out");
        args.optional("--encoding", encoding, "its encoding (default: its byte order mark, else UTF-8)");
        args.optional("--delimiter", delimiter, "what separates cells: one character, or tab (default: found out)");
        args.optional("--decimal", decimal, "the decimal mark, . or , (default: found out)");
        args.optional("--header", header, "whether line 1 holds names: yes or no (default: found out)")
            ->check(CLI::IsMember({"yes", "no"}));
        args.optional("--id", id, "the column that names customers, where there is no schema");
        args.optional("--label", label, "the column to be learnt, where there is no schema");
    }
    Result<ReadOptions> options() const;
};

Result<char> one_character(const std::string& text, const char* flag) {
    if (text == "tab" || text == "\\t") return '\t';
    if (text.size() != 1)
        return fail(Status::INVALID_ARGUMENT, "{}: expected one character, found \"{}\"", flag, display_text(text, 40));
    return text[0];
}

Result<ReadOptions> FileFlags::options() const {
    ReadOptions out;
    if (!schema.empty()) {
        C2D_TRY(out.schema, read_schema(schema));
    }
    out.encoding = encoding;
    if (!delimiter.empty()) {
        C2D_TRY(out.delimiter, one_character(delimiter, "--delimiter"));
    }
    if (!decimal.empty()) {
        C2D_TRY(out.decimal, one_character(decimal, "--decimal"));
    }
    if (!header.empty()) out.header = header == "yes";
    out.id = id;
    out.label = label;
    return out;
}

/// One line that is written over, where somebody watches.
class ProgressLine {
public:
    ProgressLine() : watched_(::isatty(STDERR_FILENO) != 0) {}
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;
    ~ProgressLine() {
        if (shown_ >= 0) std::fputs("\r\x1b[K", stderr);
    }
    Progress progress() {
        return [this](std::uint64_t done, std::uint64_t total, std::string_view line) {
            const int percent = total == 0 ? 0 : int(done * 100 / total);
            if (!watched_ || percent == shown_) return;
            shown_ = percent;
            std::fprintf(stderr, "\r\x1b[K%.*s: %d %%", int(line.size()), line.data(), percent);
        };
    }

private:
    bool watched_;
    int shown_ = -1;
};

Result<CheckReport> check(const FileFlags& flags, std::size_t problems_max) {
    C2D_TRY(auto options, flags.options());
    options.problems_max = problems_max;
    ProgressLine line;
    options.progress = line.progress();
    return flags.source.check(flags.file, options);
}

std::string profile_text(const CheckReport& report) {
    std::string out = row({"column", "type", "role", "missing", "distinct", "smallest", "largest", "mean"});
    for (const auto& column : report.columns)
        out += row({column.name, type_name(column.type), role_name(column.role), std::to_string(column.missing),
                    (column.distinct_exact ? "" : "about ") + std::to_string(column.distinct), column.smallest,
                    column.largest, column.mean ? fmt::format("{:.6g}", *column.mean) : "-"});
    return out;
}

std::string report_text(const CheckReport& report) {
    std::string out;
    for (const auto& line : report.decided) out += "note: " + line + "\n";
    for (const auto& problem : report.problems) out += problem_text(problem) + "\n";
    if (report.problem_count > report.problems.size())
        out += fmt::format("and {} more problems\n", report.problem_count - report.problems.size());
    out += fmt::format("{} rows, {} columns, {}\n", report.rows, report.columns.size(),
                       report.usable() ? "no problem: the file can be used"
                                       : fmt::format("{} problems: the file cannot be used", report.problem_count));
    return out;
}

struct CheckFile {
    static constexpr About about{"check", "tell every problem of a data file, with column, line and text",
                                 "dt-cli data check accounts.csv --id customer_id"};
    FileFlags flags;
    std::uint64_t problems_max = 1000;

    void declare(Args& args) {
        flags.declare(args);
        args.number("--problems_max", problems_max, "so many problems are shown; all are counted (default 1000)");
    }
    Result<int> run(Session& session) {
        C2D_TRY(const auto report, check(flags, problems_max));
        session.output.answer(to_value(report), report_text(report));
        return report.usable() ? 0 : 1;
    }
};

struct Profile {
    static constexpr About about{"profile", "tell what the columns of a data file hold",
                                 "dt-cli data profile accounts.csv --json"};
    FileFlags flags;

    void declare(Args& args) { flags.declare(args); }
    Result<int> run(Session& session) {
        C2D_TRY(const auto report, check(flags, 10));
        session.output.answer(to_value(report), profile_text(report) + report_text(report));
        return report.usable() ? 0 : 1;
    }
};

struct WriteSchema {
    static constexpr About about{"schema", "write the schema of a data file, for its owner to go through",
                                 "dt-cli data schema accounts.csv --id customer_id --label default --allowed"};
    FileFlags flags;
    std::string out;
    bool allowed = false;

    void declare(Args& args) {
        flags.declare(args);
        args.optional("--out", out, "where to write it (default: standard output)");
        args.flag("--allowed", allowed,
                  "allow texts that 10 rows and more have, and no others; rare ones may name a person");
    }
    Result<int> run(Session& session) {
        C2D_TRY(auto report, check(flags, 10));
        if (allowed) propose_allowed(report);
        for (const auto& problem : report.problems) Output::note("problem: " + problem_text(problem));
        if (report.schema.fields.empty()) return 1;
        for (const auto& line : report.decided) Output::note("note: " + line);
        if (out.empty()) {
            Output::answer_as_is(schema_json(report.schema));
        } else {
            C2D_CHECK(write_file_atomic(out, schema_json(report.schema)));
            session.output.answer(Value::object({{"schema", out}, {"columns", report.schema.fields.size()}}));
        }
        return report.usable() ? 0 : 1;
    }
};

}  // namespace

void add_data(const Group& program) {
    const Group group = program.group("data", "look at data before they are published");
    group.add<CheckFile>();
    group.add<Profile>();
    group.add<WriteSchema>();
}

}  // namespace c2d::cli
