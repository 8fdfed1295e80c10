#include "table/file/bound_file.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "table/column_builder.hpp"
#include "table/value_text.hpp"

#include <algorithm>

namespace c2d::table {

namespace {

/// What a schema may say of a column besides its own type: ids and labels are texts whatever they are made of.
bool may_become(Type from, Type to) {
    return from == to || to == Type::string || (from == Type::integer && to == Type::number);
}

Column converted(const Column& from, Type to) {
    if (from.type() == to) return from;
    ColumnBuilder out(to);
    out.reserve(from.rows());
    for (std::size_t row = 0; row < from.rows(); ++row) {
        if (from.is_missing(row))
            out.add_missing();
        else if (to == Type::string)
            out.add_text(cell_text(from, row));
        else
            out.add_number(double(from.integers()[row]));
    }
    return out.finish();
}

}  // namespace

Result<std::unique_ptr<BoundTableFile>> BoundTableFile::open(Source source, const ReadOptions& options,
                                                             std::size_t unique_max, Problems& problems) {
    C2D_TRY(auto reader, TableFileReader::open(std::move(source)));
    std::unique_ptr<BoundTableFile> out(new BoundTableFile(std::move(reader), options, problems));
    if (options.schema)
        out->bind(*options.schema);
    else
        out->give_roles();
    const auto wants_unique = [](const Field& field) { return field.constraints.unique || field.role == Role::id; };
    out->unique_max_ =
        unique_max / std::size_t(std::max<std::ptrdiff_t>(1, std::ranges::count_if(out->schema_.fields, wants_unique)));
    for (const Field& field : out->schema_.fields) out->checks_.emplace_back(field, problems, out->unique_max_);
    return out;
}

/// The file's own schema, with the id and the label that the options name.
void BoundTableFile::give_roles() {
    Schema named = reader_.schema();
    for (const auto& [name, role] : {std::pair(options_.id, Role::id), std::pair(options_.label, Role::label)}) {
        if (name.empty()) continue;
        const auto field = std::ranges::find(named.fields, name, &Field::name);
        if (field == named.fields.end())
            problems_.add(0, name, "", "there is no column of this name");
        else
            field->role = role;
    }
    bind(named);
}

void BoundTableFile::bind(const Schema& wanted) {
    whole_schema_ = schema_ = table_file_schema(wanted);
    schema_.fields.clear();
    std::vector<std::string> surplus, absent;
    const auto& there = reader_.schema().fields;
    for (std::size_t i = 0; i < there.size(); ++i) {
        const Field* const field = whole_schema_.find(there[i].name);
        if (field == nullptr) {
            surplus.push_back(there[i].name);
        } else if (!may_become(there[i].type, field->type)) {
            problems_.add(0, field->name, "",
                          fmt::format("the schema says {}, the table file holds {}", type_name(field->type),
                                      type_name(there[i].type)));
        } else if (field->role != Role::ignore) {
            kept_.push_back(i);
            schema_.fields.push_back(*field);
        }
    }
    if (!surplus.empty()) problems_.add(0, "", "", "columns that the schema does not have: " + listed(surplus));
    for (const Field& field : whole_schema_.fields)
        if (reader_.schema().find(field.name) == nullptr) absent.push_back(field.name);
    if (!absent.empty())
        problems_.add(0, "", "", "columns of the schema that the file does not have: " + listed(absent));
}

void BoundTableFile::check(const Column& column, ConstraintCheck& check) const {
    if (!check.constrained() && column.missing() == 0) return;
    for (std::size_t row = 0; row < column.rows(); ++row) {
        const std::uint64_t number = rows_ + row + 1;
        if (column.is_missing(row))
            check.hold_missing("", number);
        else if (column.type() == Type::string)
            check.hold_text(column.text(row), number);
        else if (column.type() == Type::number)
            check.hold_number(column.numbers()[row], number);
        else
            check.hold_integer(column.integers()[row], number);
    }
}

Result<std::optional<std::vector<Column>>> BoundTableFile::next(const char* doing) {
    if (options_.cancel != nullptr && options_.cancel->cancelled()) return fail(Status::CANCELLED, "cancelled");
    if (options_.progress) options_.progress(reader_.source().position(), reader_.source().size(), doing);
    C2D_TRY(auto group, reader_.next());
    if (!group) return group;
    std::vector<Column> out;
    for (std::size_t i = 0; i < kept_.size(); ++i) {
        out.push_back(converted((*group)[kept_[i]], schema_.fields[i].type));
        check(out.back(), checks_[i]);
    }
    rows_ += group->front().rows();
    return std::optional(std::move(out));
}

std::vector<std::string> BoundTableFile::notes() const {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < checks_.size(); ++i)
        for (auto& note : checks_[i].notes(unique_max_)) out.push_back(std::move(note));
    return out;
}

}  // namespace c2d::table
