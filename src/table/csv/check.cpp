// A file looked through from end to end, whatever its size: problems, and what it holds.

#include "base/try.hpp"
#include "table/csv/file.hpp"
#include "table/csv/whole_file.hpp"
#include "table/profile/column_profile.hpp"

#include <algorithm>

namespace c2d::table {

namespace {

class Check {
public:
    Check(CsvFile& file, Problems& problems) : file_(file), problems_(problems) {}

    Result<Unit> run(CheckReport& out) {
        C2D_CHECK(file_.find_schema(false, problems_));
        out.schema = file_.whole_schema();
        out.decided = file_.decided();
        TypedColumns columns(file_, problems_, kUniqueRowsMax);
        for (const auto& field : file_.schema().fields) profilers_.emplace_back(field, budget_);
        const auto read = pass(columns, out);
        for (const auto& profiler : profilers_) out.columns.push_back(profiler.finish());
        for (auto& note : columns.notes()) out.decided.push_back(std::move(note));
        if (!read) return read.error();
        return file_.source().check_unchanged();
    }

private:
    Result<Unit> pass(TypedColumns& columns, CheckReport& out) {
        C2D_TRY(auto records, file_.records(problems_));
        Batch batch;
        for (;;) {
            C2D_TRY(const bool more, records.next(batch));
            if (!more) return Unit{};
            columns.append(batch);
            const auto read = columns.finish();
            for (std::size_t i = 0; i < read.size(); ++i) profilers_[i].add(read[i]);
            out.rows += batch.rows();
            C2D_CHECK(file_.report("checking"));
        }
    }

    CsvFile& file_;
    Problems& problems_;
    DistinctBudget budget_;
    std::vector<ColumnProfiler> profilers_;
};

Result<Unit> check_into(CheckReport& out, Source source, const ReadOptions& options, Problems& problems) {
    C2D_TRY(const auto file, CsvFile::open(std::move(source), options));
    return Check(*file, problems).run(out);
}

}  // namespace

Result<CheckReport> check_csv_source(Source source, const ReadOptions& options) {
    return checked(std::move(source), options, Problems::Place::line, check_into);
}

Result<CheckReport> check_csv(const std::string& path, const ReadOptions& options) {
    C2D_TRY(auto source, Source::open(path));
    return check_csv_source(std::move(source), options);
}

Result<CheckReport> check_csv_text(std::string_view text, std::string_view name, const ReadOptions& options) {
    return check_csv_source(Source::from_text(std::string(text), name), options);
}

void propose_allowed(CheckReport& report, std::uint64_t rows_min) {
    for (const auto& column : report.columns) {
        const auto field = std::ranges::find(report.schema.fields, column.name, &Field::name);
        if (field == report.schema.fields.end() || field->type != Type::string || field->role != Role::feature)
            continue;
        for (const auto& [text, rows] : column.frequent)
            if (rows >= rows_min) field->constraints.allowed.push_back(text);
        std::ranges::sort(field->constraints.allowed);
    }
}

}  // namespace c2d::table
