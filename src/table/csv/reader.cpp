// Tables out of CSV: whole, and piece by piece.

#include "base/fail.hpp"
#include "base/try.hpp"
#include "table/csv/file.hpp"
#include "table/csv/whole_file.hpp"

namespace c2d::table {

Error error_of(const std::string& name, const Problems& problems) {
    std::string told;
    for (const auto& problem : problems.kept()) {
        if (told.size() > 1000) break;
        told += (told.empty() ? "" : "; ") + problem_text(problem);
    }
    if (problems.count() > problems.kept().size())
        told += fmt::format("; {} problems in all: dt-cli data check tells them", problems.count());
    return fail(Status::INVALID_ARGUMENT, "{}: {}", name, told);
}

Result<Table> usable_or_told(const std::string& name, Result<Table> table, Problems& problems) {
    if (!table && !is_unusable(table.error())) return table;
    if (!table) problems.add(problem_of(table.error()));
    if (problems.count() != 0) return error_of(name, problems);
    return table;
}

namespace {

/// What a caller sees of what a file's reading failed with.
Error told(const std::string& name, Error error) {
    if (!is_unusable(error)) return error;
    Problems one(1);
    one.add(problem_of(error));
    return error_of(name, one);
}

Result<Table> read_with_schema(CsvFile& file, Problems& problems) {
    C2D_TRY(auto records, file.records(problems));
    TypedColumns columns(file, problems, ~std::size_t{0});
    Batch batch;
    for (;;) {
        C2D_TRY(const bool more, records.next(batch));
        if (!more) break;
        columns.append(batch);
        if (columns.bytes() > file.options().bytes_max)
            return fail(Status::LIMIT, "{}: takes more than {} bytes in memory; read it piece by piece",
                        file.source().name(), file.options().bytes_max);
        C2D_CHECK(file.report("reading"));
    }
    C2D_CHECK(file.source().check_unchanged());
    return Table::make(file.schema(), columns.finish());
}

/// The types that the start gives, where the whole file agrees with them.
Result<std::optional<Table>> read_at_once(CsvFile& file) {
    Problems problems(0);
    C2D_CHECK(file.find_schema(true, problems));
    if (problems.count() != 0) return std::optional<Table>();
    auto table = read_with_schema(file, problems);
    if (!table && !is_unusable(table.error())) return table.error();
    if (!table || problems.count() != 0) return std::optional<Table>();
    return std::optional<Table>(*std::move(table));
}

Result<Table> read_fully(CsvFile& file) {
    Problems problems(kProblemsTold);
    C2D_CHECK(file.find_schema(false, problems));
    return usable_or_told(file.source().name(), read_with_schema(file, problems), problems);
}

}  // namespace

Result<Table> read_csv_source(Source source, const ReadOptions& options) {
    const std::string name = source.name();
    auto opened = CsvFile::open(std::move(source), options);
    if (!opened) return told(name, std::move(opened).error());
    CsvFile& file = **opened;
    auto at_once = read_at_once(file);
    if (!at_once) return told(name, std::move(at_once).error());
    if (*at_once) return **std::move(at_once);
    auto table = read_fully(file);
    if (!table) return told(name, std::move(table).error());
    return table;
}

std::string problem_text(const Problem& problem) {
    std::string out;
    if (problem.line != 0) out += fmt::format("line {}", problem.line);
    if (problem.row != 0) out += fmt::format("row {}", problem.row);
    if (!problem.column.empty()) out += (out.empty() ? "" : ", ") + ("column " + problem.column);
    if (!out.empty()) out += ": ";
    out += problem.what;
    if (!problem.found.empty()) out += ", found \"" + problem.found + "\"";
    return out;
}

Result<Table> read_csv(const std::string& path, const ReadOptions& options) {
    C2D_TRY(auto source, Source::open(path));
    return read_csv_source(std::move(source), options);
}

Result<Table> parse_csv(std::string_view text, std::string_view name, const ReadOptions& options) {
    return read_csv_source(Source::from_text(std::string(text), name), options);
}

struct CsvReader::Impl {
    std::unique_ptr<CsvFile> file;
    Problems problems{kProblemsTold};
    std::optional<Records> records;
    std::optional<TypedColumns> columns;
};

CsvReader::CsvReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CsvReader::CsvReader(CsvReader&&) noexcept = default;
CsvReader& CsvReader::operator=(CsvReader&&) noexcept = default;
CsvReader::~CsvReader() = default;

const Schema& CsvReader::schema() const noexcept { return impl_->file->schema(); }
const std::vector<std::string>& CsvReader::decided() const noexcept { return impl_->file->decided(); }

namespace {

Result<std::unique_ptr<CsvFile>> open_with_schema(Source source, const ReadOptions& options, Problems& problems) {
    const std::string name = source.name();
    auto opened = CsvFile::open(std::move(source), options);
    if (!opened) return told(name, std::move(opened).error());
    const auto found = (*opened)->find_schema(false, problems);
    if (!found) return told(name, found.error());
    if (problems.count() != 0) return error_of(name, problems);
    return opened;
}

}  // namespace

Result<CsvReader> CsvReader::open(const std::string& path, const ReadOptions& options) {
    C2D_TRY(auto source, Source::open(path));
    auto impl = std::make_unique<Impl>();
    C2D_TRY(impl->file, open_with_schema(std::move(source), options, impl->problems));
    return CsvReader(std::move(impl));
}

Result<CsvReader> CsvReader::open_text(std::string text, std::string_view name, const ReadOptions& options) {
    auto impl = std::make_unique<Impl>();
    C2D_TRY(impl->file, open_with_schema(Source::from_text(std::move(text), name), options, impl->problems));
    return CsvReader(std::move(impl));
}

Result<std::optional<Table>> CsvReader::next() {
    CsvFile& file = *impl_->file;
    const auto failed = [&](Error error) { return told(file.source().name(), std::move(error)); };
    if (!impl_->records) {
        auto records = file.records(impl_->problems);
        if (!records) return failed(std::move(records).error());
        impl_->records.emplace(*std::move(records));
        impl_->columns.emplace(file, impl_->problems, kUniqueRowsMax);
    }
    Batch batch;
    for (;;) {
        auto more = impl_->records->next(batch);
        if (!more) return failed(std::move(more).error());
        if (!*more) {
            C2D_CHECK(file.source().check_unchanged());
            return std::optional<Table>();
        }
        impl_->columns->append(batch);
        if (impl_->problems.count() != 0) return error_of(file.source().name(), impl_->problems);
        C2D_CHECK(file.report("reading"));
        if (batch.rows() == 0) continue;
        C2D_TRY(auto table, Table::make(file.schema(), impl_->columns->finish()));
        return std::optional<Table>(std::move(table));
    }
}

}  // namespace c2d::table
