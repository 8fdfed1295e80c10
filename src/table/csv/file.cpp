#include "table/csv/file.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "table/csv/foreign_file.hpp"
#include "table/csv/header.hpp"
#include "table/csv/infer.hpp"
#include "table/csv/unusable.hpp"

#include <algorithm>

namespace c2d::table {

namespace {

/// How much of a file is looked at to find out how it is written.
constexpr std::size_t kStartBytes = std::size_t{256} << 10;

Result<Unit> check_options(const ReadOptions& options) {
    constexpr std::string_view kNever = "\"\n\r";
    if (options.delimiter != 0 &&
        (kNever.find(options.delimiter) != kNever.npos || std::uint8_t(options.delimiter) >= 0x80))
        return fail(Status::INVALID_ARGUMENT,
                    "expected a delimiter that is one ASCII character and neither a quote nor a "
                    "line end");
    if (options.decimal != 0 && options.decimal != '.' && options.decimal != ',')
        return fail(Status::INVALID_ARGUMENT, "expected . or , as the decimal mark, found '{}'", options.decimal);
    return Unit{};
}

std::vector<std::string> first_cells(const Batch& batch, char quote) {
    std::vector<std::string> out;
    std::string scratch;
    for (std::size_t i = 0; i < batch.columns; ++i) out.emplace_back(unquoted(batch.cell(0, i), quote, scratch));
    return out;
}

/// The same batch without its first record.
Batch below_first(Batch batch) {
    batch.records.erase(batch.records.begin());
    return batch;
}

}  // namespace

Result<std::unique_ptr<CsvFile>> CsvFile::open(Source source, const ReadOptions& options) {
    C2D_CHECK(check_options(options));
    std::unique_ptr<CsvFile> out(new CsvFile(std::move(source), options));
    C2D_CHECK(out->open_text());
    C2D_CHECK(out->find_layout());
    C2D_CHECK(out->find_header());
    out->layout_decided_ = out->decided_;
    return out;
}

Result<Unit> CsvFile::open_text() {
    std::string head(4096, '\0');
    C2D_TRY(const std::size_t count, source_.read(head.data(), head.size()));
    head.resize(count);
    if (const std::string other = foreign_file(head); !other.empty())
        return unusable(0, "expected a table as text, found {}", other);
    std::string encoding = options_.encoding;
    if (encoding.empty() && options_.schema) encoding = options_.schema->encoding;
    if (!encoding.empty()) {
        C2D_TRY(encoding, known_encoding(encoding));
    }
    C2D_TRY(auto text, TextStream::open(source_, encoding));
    text_.emplace(std::move(text));
    if (text_->marked() || text_->encoding() != "UTF-8")
        decided_.push_back("text in " + text_->encoding() + (text_->marked() ? ", as its byte order mark says" : ""));
    return Unit{};
}

Result<Unit> CsvFile::find_layout() {
    std::string start;
    for (bool more = true; more && start.size() < kStartBytes;) {
        C2D_TRY(more, text_->append(start, kStartBytes));
    }
    if (start.find_first_not_of(" \t\r\n") == start.npos) return unusable(0, "the file is empty");
    Stated stated;
    if (options_.schema && options_.schema->dialect) {
        stated.delimiter = options_.schema->dialect->delimiter;
        stated.quote = options_.schema->dialect->quote;
    }
    if (options_.delimiter != 0) stated.delimiter = options_.delimiter;
    C2D_TRY(marks_, find_marks(start, stated, decided_));
    return Unit{};
}

/// From the first piece: columns, names, and whether there are names.
Result<Unit> CsvFile::find_header() {
    C2D_CHECK(text_->rewind());
    Problems ignored(0);
    Records records(*text_, marks_, 0, false, ignored);
    Batch batch;
    for (bool more = true; more && batch.rows() == 0;) {
        C2D_TRY(more, records.next(batch));
    }
    if (batch.rows() == 0) return unusable(0, "the file has no line that can be read");
    columns_ = batch.columns;
    const auto first = first_cells(batch, marks_.quote);
    if (options_.header) {
        header_ = *options_.header;
    } else if (options_.schema && options_.schema->dialect) {
        header_ = options_.schema->dialect->header;
    } else if (options_.schema && std::ranges::all_of(options_.schema->fields, [&](const Field& field) {
                   return std::ranges::find(first, field.name) != first.end();
               })) {
        header_ = true;
    } else {
        const Batch below = below_first(std::move(batch));
        std::vector<Tally> tallies(columns_);
        for (std::size_t i = 0; i < columns_; ++i) tallies[i].add(below, i, marks_.quote);
        C2D_TRY(header_, is_header(first, tallies, decided_));
    }
    if (header_) header_names_ = first;
    return Unit{};
}

Dialect CsvFile::dialect() const { return {marks_.delimiter, marks_.quote, header_}; }

Result<Records> CsvFile::records(Problems& problems) {
    C2D_CHECK(text_->rewind());
    return Records(*text_, marks_, columns_, header_, problems);
}

Result<Unit> CsvFile::report(const char* doing) const {
    if (options_.cancel != nullptr && options_.cancel->cancelled()) return fail(Status::CANCELLED, "cancelled");
    if (options_.progress) options_.progress(source_.position(), source_.size(), doing);
    return Unit{};
}

Result<std::vector<Tally>> CsvFile::tally(bool start_only, Problems& problems) {
    C2D_TRY(auto records, this->records(problems));
    std::vector<Tally> out(columns_);
    Batch batch;
    for (;;) {
        C2D_TRY(const bool more, records.next(batch));
        if (!more) return out;
        for (std::size_t i = 0; i < columns_; ++i) out[i].add(batch, i, marks_.quote);
        if (start_only && batch.rows() != 0) return out;
        C2D_CHECK(report("looking at types"));
    }
}

/// A text column whose start holds other things, or nothing, may be of another type as a whole.
void CsvFile::note_unsure(const Schema& found, const std::vector<Tally>& tallies, Problems& problems) {
    for (std::size_t i = 0; i < tallies.size(); ++i) {
        const std::uint64_t present = tallies[i].present();
        if (found.fields[i].type != Type::string) continue;
        if (present != 0 && (tallies[i].count(CellKind::text) == present || tallies[i].numbers() == present)) continue;
        problems.add(0, found.fields[i].name, "", "the start of the file does not settle its type");
    }
}

Result<Unit> CsvFile::find_schema(bool start_only, Problems& problems) {
    if (options_.schema) return bind(*options_.schema, problems);
    std::vector<std::string> decided = layout_decided_;
    const auto names = column_names(header_names_, columns_, problems, decided);
    Problems ignored(0);  // whoever reads the cells tells of them
    C2D_TRY(const auto tallies, tally(start_only, ignored));
    const Wishes wishes{options_.id, options_.label, options_.decimal,
                        !header_names_.empty() && header_names_[0].empty()};
    Schema found = infer_schema(names, tallies, wishes, problems, decided);
    if (start_only) note_unsure(found, tallies, problems);
    found.dialect = dialect();
    found.encoding = text_->encoding();
    if (start_only) found.missing = kMissingWords;
    decided_ = std::move(decided);
    return bind(found, problems);
}

/// Brings a schema's fields into the order of the file. Those that are not there, and columns that no field names, are
/// problems; without a header the order is the schema's.
Result<Unit> CsvFile::bind(const Schema& schema, Problems& problems) {
    whole_schema_ = schema_ = schema;
    schema_.fields.clear();
    kept_.clear();
    if (schema_.dialect) schema_.dialect = dialect();
    Problems unseen(0);
    std::vector<std::string> nowhere;
    const auto names = header_ ? column_names(header_names_, columns_, unseen, nowhere) : std::vector<std::string>{};
    if (!header_ && schema.fields.size() != columns_)
        return unusable(0, "the schema has {} fields, the file {} columns and no header", schema.fields.size(),
                        columns_);
    std::vector<std::string> surplus;
    for (std::size_t i = 0; i < columns_; ++i) {
        const Field* const field = header_ ? schema.find(names[i]) : &schema.fields[i];
        if (field == nullptr) {
            surplus.push_back(names[i]);
            continue;
        }
        if (field->role == Role::ignore) continue;
        kept_.push_back(i);
        schema_.fields.push_back(*field);
    }
    if (!surplus.empty()) problems.add(1, "", "", "columns that the schema does not have: " + listed(surplus));
    std::vector<std::string> absent;
    for (const auto& field : schema.fields)
        if (header_ && std::ranges::find(names, field.name) == names.end()) absent.push_back(field.name);
    if (!absent.empty())
        problems.add(1, "", "", "columns of the schema that the file does not have: " + listed(absent));
    return Unit{};
}

TypedColumns::TypedColumns(const CsvFile& file, Problems& problems, std::size_t unique_max)
    : file_(&file), missing_(file.schema().missing) {
    const auto wants_unique = [](const Field& field) { return field.constraints.unique || field.role == Role::id; };
    unique_max_ = unique_max /
                  std::size_t(std::max<std::ptrdiff_t>(1, std::ranges::count_if(file.schema().fields, wants_unique)));
    for (const auto& field : file.schema().fields)
        columns_.emplace_back(field, missing_, file.marks().quote, problems, unique_max_);
}

void TypedColumns::append(const Batch& batch) {
    for (std::size_t i = 0; i < columns_.size(); ++i) columns_[i].append(batch, file_->kept()[i]);
}

std::size_t TypedColumns::bytes() const noexcept {
    std::size_t out = 0;
    for (const auto& column : columns_) out += column.bytes();
    return out;
}

std::vector<Column> TypedColumns::finish() {
    std::vector<Column> out;
    for (auto& column : columns_) out.push_back(column.finish());
    return out;
}

std::vector<std::string> TypedColumns::notes() const {
    std::vector<std::string> out;
    for (const TypedColumn& column : columns_)
        for (auto& note : column.notes(unique_max_)) out.push_back(std::move(note));
    return out;
}

}  // namespace c2d::table
