#include "table/stated_schema.hpp"

#include "base/display_text.hpp"
#include "base/try.hpp"

#include <fmt/format.h>

namespace c2d::table {

Schema as_stated(Schema found, const Schema& stated) {
    for (Field& field : found.fields) {
        const Field* const wanted = stated.find(field.name);
        if (!wanted) continue;
        if (wanted->type != field.type) field = Field{field.name, wanted->type};
        field.role = wanted->role;
        field.constraints = wanted->constraints;
    }
    return found;
}

std::vector<Problem> other_columns(const Schema& found, const Schema& stated, std::string_view stated_by) {
    std::vector<Problem> out;
    for (const Field& field : stated.fields)
        if (!found.find(field.name))
            out.push_back(
                {0, display_text(field.name), "", fmt::format("{} states it, the file does not have it", stated_by)});
    for (const Field& field : found.fields)
        if (!stated.find(field.name))
            out.push_back(
                {0, display_text(field.name), "", fmt::format("the file has it, {} does not state it", stated_by)});
    return out;
}

Result<CheckReport> check_stated(const std::string& path, const Schema& stated, std::string_view stated_by,
                                 const CancelToken* cancel) {
    ReadOptions options;
    options.cancel = cancel;
    C2D_TRY(auto found, check_table(path, options));
    if (found.schema.fields.empty()) return found;
    options.schema = as_stated(found.schema, stated);
    // Whether an id may stand there twice, or not at all, whoever matches by it says.
    for (Field& field : options.schema->fields)
        if (field.role == Role::id) field.role = Role::feature;
    C2D_TRY(auto report, check_table(path, options));
    auto others = other_columns(found.schema, stated, stated_by);
    report.problem_count += others.size();
    report.problems.insert(report.problems.begin(), others.begin(), others.end());
    return report;
}

}  // namespace c2d::table
