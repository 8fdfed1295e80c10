#include "tools/cli/published_table.hpp"

#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "table/stated_schema.hpp"
#include "table/values.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace c2d::cli {

namespace {

using json::Value;
using table::CheckReport;
using table::Field;
using table::Schema;

/// The attributes of services that stand for the file.
std::vector<Value*> attributes_with_path(Value& document) {
    std::vector<Value*> out;
    Value* const services = document.find("services");
    if (!services || !services->is_array()) return out;
    for (Value& service : services->items()) {
        Value* const attributes = service.find("attributes");
        if (attributes && attributes->find("path")) out.push_back(attributes);
    }
    return out;
}

/// The schema that the document states, the same in all services; nothing where none does.
Result<std::optional<Schema>> stated_schema(const std::vector<Value*>& services) {
    std::optional<Schema> out;
    for (const Value* attributes : services) {
        const Value* const value = attributes->find("schema");
        if (!value) continue;
        auto schema = table::schema_of(*value);
        if (!schema) return fail(schema.status(), "attributes.schema: {}", schema.error().message);
        if (out && *out != *schema)
            return fail(Status::INVALID_ARGUMENT, "attributes.schema: the services of one token state different ones");
        out = *std::move(schema);
    }
    return out;
}

/// What everybody may read: nothing of how the file is written, and values only as somebody wrote them.
Value public_part(const Schema& schema, bool with_allowed) {
    json::Array fields;
    for (const Field& field : schema.fields) {
        Value out = Value::object(
            {{"name", field.name}, {"type", table::type_name(field.type)}, {"role", table::role_name(field.role)}});
        if (with_allowed && !field.constraints.allowed.empty()) {
            json::Array allowed;
            for (const std::string& value : field.constraints.allowed) allowed.emplace_back(value);
            out.set("constraints", Value::object({{"enum", std::move(allowed)}}));
        }
        fields.push_back(std::move(out));
    }
    return Value::object({{"fields", std::move(fields)}});
}

Error unusable(const std::string& file, std::uint64_t problems) {
    return fail(Status::INVALID_ARGUMENT, "{}: {} problems, nothing was published; dt-cli data check tells more", file,
                problems);
}

void note_problems(const CheckReport& report) {
    for (const auto& problem : report.problems) Output::note("problem: " + table::problem_text(problem));
}

/// Texts that could be allowed values, and nobody has said so.
void note_categories(CheckReport report) {
    const Schema before = report.schema;
    table::propose_allowed(report);
    std::string names;
    for (std::size_t i = 0; i < before.fields.size(); ++i)
        if (before.fields[i].constraints.allowed != report.schema.fields[i].constraints.allowed)
            names += (names.empty() ? "" : ", ") + display_text(before.fields[i].name);
    if (names.empty()) return;
    Output::note("no allowed values are published of " + names +
                 ": dt-cli data schema --allowed proposes those of ten rows and more, for --schema");
}

Result<CheckReport> check(const TableFlags& flags) {
    table::ReadOptions options;
    if (!flags.schema.empty()) {
        C2D_TRY(options.schema, table::read_schema(flags.schema));
    }
    options.id = flags.id;
    options.label = flags.label;
    return flags.source.check(flags.table, options);
}

/// Holds the file against what the document states.
Result<Unit> compare(const TableFlags& flags, const CheckReport& found, const Schema& stated) {
    const auto others = table::other_columns(found.schema, stated, "attributes.schema");
    for (const auto& problem : others) Output::note("problem: " + table::problem_text(problem));
    table::ReadOptions options;
    options.schema = table::as_stated(found.schema, stated);
    C2D_TRY(const auto report, flags.source.check(flags.table, options));
    note_problems(report);
    const std::uint64_t problems = others.size() + report.problem_count;
    if (problems != 0) return unusable(flags.source.name(flags.table), problems);
    return Unit{};
}

}  // namespace

void TableFlags::declare(Args& args) {
    args.optional("--table", table, "the file behind the token: checked, and its names, types and roles are published");
    source.declare(args);
    args.optional("--schema", schema, "the file's schema (docs/tables.md); without one types are found out");
    args.optional("--id_column", id, "the column that names customers, where there is no schema");
    args.optional("--label_column", label, "the column to be learnt, where there is no schema");
}

Result<std::string> TableFlags::complete(std::string attributes) const {
    C2D_TRY(auto document, json::parse(attributes));
    const auto services = attributes_with_path(document);
    C2D_TRY(const auto stated, stated_schema(services));
    if (table.empty() && !source.given()) {
        if (schema.empty() && id.empty() && label.empty()) return attributes;
        return fail(Status::INVALID_ARGUMENT,
                    "--schema, --id_column and --label_column say how to read a --table or a database");
    }
    if (services.empty())
        return fail(Status::INVALID_ARGUMENT, "--table: no service has attributes.path, which stands for the file");
    C2D_TRY(const auto report, check(*this));
    if (report.schema.fields.empty() || (!stated && !report.usable())) {
        note_problems(report);
        return unusable(source.name(table), report.problem_count);
    }
    for (const auto& line : report.decided) Output::note("note: " + line);
    if (stated) {
        C2D_CHECK(compare(*this, report, *stated));
        return attributes;
    }
    for (Value* service : services) service->set("schema", public_part(report.schema, !schema.empty()));
    if (schema.empty()) note_categories(report);
    return json::compact(document);
}

}  // namespace c2d::cli
