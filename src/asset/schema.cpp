#include "asset/schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace c2d::asset {

namespace {

using json::Value;

constexpr const char* kTooCostly = " costs too much to check";

constexpr std::array<std::string_view, 7> kTypeNames = {"null",   "boolean", "integer", "number",
                                                        "string", "array",   "object"};

bool is_count(const Value& value) { return value.as_uint().has_value(); }
bool is_type_name(const Value& value) {
    return value.is_string() && std::ranges::find(kTypeNames, value.text()) != kTypeNames.end();
}
bool is_text_list(const Value& value) {
    return value.is_array() && std::ranges::all_of(value.items(), [](const Value& v) { return v.is_string(); });
}
bool is_type(const Value& value) {
    if (value.is_array()) return !value.items().empty() && std::ranges::all_of(value.items(), is_type_name);
    return is_type_name(value);
}

std::string check_pattern(const Value& expression, const std::string& here, Effort& effort) {
    if (!expression.is_string()) return here + " must be a text";
    const auto pattern = effort.pattern(expression.text());
    return pattern ? std::string() : here + ": " + pattern.error().message;
}

std::string check_properties(const Value& properties, const std::string& here, Effort& effort) {
    if (!properties.is_object()) return here + " must be an object";
    for (const auto& [name, schema] : properties.members()) {
        auto problem = unsupported_in(schema, here + "/" + name, effort);
        if (!problem.empty()) return problem;
    }
    return {};
}

std::string check_keyword(const std::string& key, const Value& value, const std::string& path, Effort& effort) {
    const std::string here = path + "/" + key;
    const auto unless = [&](bool good, std::string_view what) {
        return good ? std::string() : fmt::format("{} must be {}", here, what);
    };
    if (!effort.enter(here) || !effort.look_through(value.items().size())) return here + kTooCostly;
    if (key == "type") return unless(is_type(value), "a type name or a list of them");
    if (key == "enum") return unless(value.is_array() && !value.items().empty(), "a non-empty list");
    if (key == "const") return {};
    if (key == "minimum" || key == "maximum" || key == "exclusiveMinimum" || key == "exclusiveMaximum")
        return unless(value.is_number(), "a number");
    if (key == "minLength" || key == "maxLength" || key == "minItems" || key == "maxItems")
        return unless(is_count(value), "a whole number");
    if (key == "required") return unless(is_text_list(value), "a list of texts");
    if (key == "pattern") return check_pattern(value, here, effort);
    if (key == "items") return unsupported_in(value, here, effort);
    if (key == "additionalProperties") return value.is_bool() ? std::string() : unsupported_in(value, here, effort);
    if (key == "properties") return check_properties(value, here, effort);
    return fmt::format("{} is not a supported keyword", here);
}

bool is_integer(const Value& value) {
    const double number = value.number();
    return value.is_number() && std::isfinite(number) && number == std::floor(number);
}

bool has_type(const Value& value, const std::string& type) {
    switch (value.kind()) {
        case Value::Kind::null: return type == "null";
        case Value::Kind::boolean: return type == "boolean";
        case Value::Kind::number: return type == "number" || (type == "integer" && is_integer(value));
        case Value::Kind::string: return type == "string";
        case Value::Kind::array: return type == "array";
        case Value::Kind::object: return type == "object";
        case Value::Kind::written: break;
    }
    return false;
}

bool fits_type(const Value& type, const Value& value) {
    if (type.is_string()) return has_type(value, type.text());
    return std::ranges::any_of(type.items(), [&](const Value& one) { return has_type(value, one.text()); });
}

/// Counts what bringing a value into its RFC 8785 form costs.
bool spend_on(const Value& value, Effort& effort) {
    if (!effort.enter(value.text())) return false;
    const auto spend_member = [&](const json::Member& member) {
        return effort.enter(member.first) && spend_on(member.second, effort);
    };
    return std::ranges::all_of(value.items(), [&](const Value& item) { return spend_on(item, effort); }) &&
           std::ranges::all_of(value.members(), spend_member);
}

/// Length in code points, as JSON Schema counts.
std::size_t text_length(const std::string& text) {
    return std::size_t(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string check_object(const Value& schema, const Value& value, const std::string& path, Effort& effort) {
    const Value* properties = schema.find("properties");
    const Value* additional = schema.find("additionalProperties");
    for (const auto& [name, member] : value.members()) {
        if (properties && !effort.look_through(properties->members().size())) return path + kTooCostly;
        const Value* property = properties ? properties->find(name) : nullptr;
        std::string problem;
        if (property)
            problem = mismatch(*property, member, path + "/" + name, effort);
        else if (additional && additional->is_bool() && !additional->boolean())
            problem = fmt::format("{}/{} is not allowed", path, name);
        else if (additional && additional->is_object())
            problem = mismatch(*additional, member, path + "/" + name, effort);
        if (!problem.empty()) return problem;
    }
    if (const Value* required = schema.find("required"))
        for (const auto& name : required->items()) {
            if (!effort.look_through(1 + value.members().size())) return path + kTooCostly;
            if (!value.find(name.text())) return fmt::format("{}/{} is required", path, name.text());
        }
    return {};
}

std::string check_array(const Value& schema, const Value& value, const std::string& path, Effort& effort) {
    const auto size = value.items().size();
    if (const Value* min = schema.find("minItems"); min && size < *min->as_uint()) return path + " has too few items";
    if (const Value* max = schema.find("maxItems"); max && size > *max->as_uint()) return path + " has too many items";
    if (const Value* items = schema.find("items"))
        for (std::size_t i = 0; i < size; ++i) {
            auto problem = mismatch(*items, value.items()[i], fmt::format("{}/{}", path, i), effort);
            if (!problem.empty()) return problem;
        }
    return {};
}

std::string check_number(const Value& schema, const Value& value, const std::string& path) {
    const double number = value.number();
    const auto bound = [&](const char* key, auto holds) {
        const Value* limit = schema.find(key);
        return !limit || holds(number, limit->number()) ? std::string()
                                                        : fmt::format("{} breaks {} {}", path, key, limit->digits());
    };
    for (const auto& problem : {bound("minimum", std::greater_equal<>()), bound("maximum", std::less_equal<>()),
                                bound("exclusiveMinimum", std::greater<>()), bound("exclusiveMaximum", std::less<>())})
        if (!problem.empty()) return problem;
    return {};
}

std::string check_text(const Value& schema, const Value& value, const std::string& path, Effort& effort) {
    const auto length = text_length(value.text());
    if (const Value* min = schema.find("minLength"); min && length < *min->as_uint()) return path + " is too short";
    if (const Value* max = schema.find("maxLength"); max && length > *max->as_uint()) return path + " is too long";
    const Value* expression = schema.find("pattern");
    if (!expression) return {};
    const auto pattern = effort.pattern(expression->text());
    if (!pattern) return path + ": " + pattern.error().message;
    if (!effort.spend(pattern->program_size() * (1 + value.text().size()))) return path + kTooCostly;
    return pattern->matches(value.text()) ? std::string() : path + " does not fit the pattern as a whole";
}

}  // namespace

bool is_same(const Value& a, const Value& b, Effort& effort) {
    if (!effort.look_through(1) || a.kind() != b.kind()) return false;
    if (a.is_string()) return a.text() == b.text();
    return spend_on(a, effort) && spend_on(b, effort) && json::equal(a, b);
}

std::string unsupported_in(const Value& schema, const std::string& path, Effort& effort) {
    if (!schema.is_object()) return path + " must be an object";
    if (!effort.enter(path)) return path + kTooCostly;
    for (const auto& [key, value] : schema.members()) {
        auto problem = check_keyword(key, value, path, effort);
        if (!problem.empty()) return problem;
    }
    return {};
}

std::string mismatch(const Value& schema, const Value& value, const std::string& path, Effort& effort) {
    const Value* type = schema.find("type");
    if (!effort.enter(path) || !effort.enter(value.text()) || !effort.look_through(type ? type->items().size() : 0))
        return path + kTooCostly;
    if (type && !fits_type(*type, value)) return path + " has another type";
    if (const Value* constant = schema.find("const"); constant && !is_same(*constant, value, effort))
        return path + " differs from const";
    if (const Value* list = schema.find("enum");
        list && std::ranges::none_of(list->items(), [&](const Value& one) { return is_same(one, value, effort); }))
        return path + " is not in enum";
    if (value.is_number()) return check_number(schema, value, path);
    if (value.is_string()) return check_text(schema, value, path, effort);
    if (value.is_array()) return check_array(schema, value, path, effort);
    if (value.is_object()) return check_object(schema, value, path, effort);
    return {};
}

}  // namespace c2d::asset
