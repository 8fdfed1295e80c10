#include "base/try.hpp"
#include "crypto/hash.hpp"
#include "table/value_text.hpp"
#include "table/values.hpp"

#include <algorithm>

namespace c2d::table {

using json::Value;

const char* type_name(Type type) noexcept {
    switch (type) {
        case Type::string: return "string";
        case Type::integer: return "integer";
        case Type::number: return "number";
        case Type::boolean: return "boolean";
        case Type::date: return "date";
        case Type::datetime: return "datetime";
    }
    return "string";
}

const char* role_name(Role role) noexcept {
    switch (role) {
        case Role::feature: return "feature";
        case Role::id: return "id";
        case Role::label: return "label";
        case Role::weight: return "weight";
        case Role::ignore: return "ignore";
    }
    return "feature";
}

const Field* Schema::find(std::string_view name) const noexcept {
    const auto found = std::ranges::find(fields, name, &Field::name);
    return found == fields.end() ? nullptr : &*found;
}

namespace {

/// Dates as their text; numbers as numbers.
Value bound_value(Type type, double bound) {
    if (type == Type::date || type == Type::datetime) return value_text(type, bound);
    return bound;
}

Value constraints_value(const Field& field) {
    const Constraints& rules = field.constraints;
    Value out = Value::object({});
    if (rules.required) out.set("required", true);
    if (rules.unique) out.set("unique", true);
    if (rules.minimum) out.set("minimum", bound_value(field.type, *rules.minimum));
    if (rules.maximum) out.set("maximum", bound_value(field.type, *rules.maximum));
    if (rules.length_min) out.set("minLength", *rules.length_min);
    if (rules.length_max) out.set("maxLength", *rules.length_max);
    if (rules.allowed.empty()) return out;
    const bool texts = field.type == Type::string;
    out.set("enum", json::list_of(rules.allowed, [texts](const std::string& value) {
                return texts ? Value(value) : Value::number_literal(value);
            }));
    return out;
}

Value field_value(const Field& field) {
    const Field usual;
    Value out = Value::object({{"name", field.name}, {"type", type_name(field.type)}, {"role", role_name(field.role)}});
    if (field.format != usual.format) out.set("format", field.format);
    if (!field.title.empty()) out.set("title", field.title);
    if (!field.description.empty()) out.set("description", field.description);
    if (field.decimal != usual.decimal) out.set("decimalChar", std::string(1, field.decimal));
    if (field.group != 0) out.set("groupChar", std::string(1, field.group));
    if (field.true_values != usual.true_values) out.set("trueValues", json::list_of(field.true_values));
    if (field.false_values != usual.false_values) out.set("falseValues", json::list_of(field.false_values));
    if (auto rules = constraints_value(field); !rules.members().empty()) out.set("constraints", std::move(rules));
    return out;
}

}  // namespace

Value to_value(const Schema& schema) {
    Value out = Value::object(
        {{"fields", json::list_of(schema.fields, field_value)}, {"missingValues", json::list_of(schema.missing)}});
    if (schema.dialect) {
        const auto& [delimiter, quote, header] = *schema.dialect;
        out.set("dialect", Value::object({{"delimiter", std::string(1, delimiter)},
                                          {"quoteChar", quote == 0 ? std::string() : std::string(1, quote)},
                                          {"header", header}}));
    }
    if (!schema.encoding.empty()) out.set("encoding", schema.encoding);
    return out;
}

std::string schema_json(const Schema& schema) { return json::pretty(to_value(schema)) + "\n"; }

Bytes32 schema_digest(const Schema& schema) {
    const Value agreed = json::list_of(schema.fields, [](const Field& field) {
        return Value::object({{"name", field.name}, {"type", type_name(field.type)}, {"role", role_name(field.role)}});
    });
    return sha256(as_bytes(*json::canonical(agreed)));
}

}  // namespace c2d::table
