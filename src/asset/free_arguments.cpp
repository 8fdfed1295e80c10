#include "asset/free_arguments.hpp"

#include "asset/pattern.hpp"
#include "asset/terms.hpp"
#include "base/display_text.hpp"

#include <algorithm>
#include <array>

namespace c2d::asset {

namespace {

using json::Value;

bool has_any(const Value& schema, std::initializer_list<std::string_view> keywords) {
    return std::ranges::any_of(keywords, [&](std::string_view keyword) { return schema.find(keyword); });
}

bool bounds_array(const Value& schema) {
    const Value* items = schema.find("items");
    return schema.find("maxItems") && items && is_bounded(*items);
}

bool bounds_object(const Value& schema) {
    const Value* additional = schema.find("additionalProperties");
    if (!additional || !additional->is_bool() || additional->boolean()) return false;
    const Value* properties = schema.find("properties");
    return !properties || std::ranges::all_of(properties->members(),
                                              [](const json::Member& member) { return is_bounded(member.second); });
}

bool bounds_text(const Value& schema) {
    const Value* pattern = schema.find("pattern");
    return pattern && pattern->is_string() && bounds_length(pattern->text());
}

bool bounds_type(const Value& schema, std::string_view type) {
    if (type == "integer" || type == "number")
        return has_any(schema, {"minimum", "exclusiveMinimum"}) && has_any(schema, {"maximum", "exclusiveMaximum"});
    if (type == "string") return schema.find("maxLength") || bounds_text(schema);
    if (type == "array") return bounds_array(schema);
    if (type == "object") return bounds_object(schema);
    return true;  // null and boolean
}

/// Walks the constraints of one service.
class Finder {
public:
    Finder(const Service& service, std::vector<FreeArgument>& out) : service_(service), out_(out) {}

    void collect(const Value& constraint) {
        if (out_.size() == kFreeArgumentsMax) return;
        if (is_schema(constraint) ? !is_bounded(*constraint.find("$schema")) : is_free(constraint)) add(constraint);
        if (is_schema(constraint)) return;
        for (const auto& [name, member] : constraint.members()) visit(name, member);
    }
    void visit(std::string_view name, const Value& constraint) {
        path_.push_back(name);
        collect(constraint);
        path_.pop_back();
    }

private:
    void add(const Value& constraint) {
        std::string path;
        for (const auto name : path_) path += (path.empty() ? "" : "/") + display_text(name);
        out_.push_back({display_text(service_.index), std::move(path), display_text(json::compact(constraint))});
    }

    const Service& service_;
    std::vector<FreeArgument>& out_;
    std::vector<std::string_view> path_;
};

}  // namespace

bool is_bounded(const Value& schema) {
    if (has_any(schema, {"const", "enum"})) return true;
    const Value* type = schema.find("type");
    if (!type) return false;
    if (type->is_string()) return bounds_type(schema, type->text());
    return std::ranges::all_of(type->items(), [&](const Value& one) { return bounds_type(schema, one.text()); });
}

std::vector<FreeArgument> free_arguments(const Ddo& ddo) {
    std::vector<FreeArgument> out;
    for (const auto& service : ddo.services) {
        Finder finder(service, out);
        if (ddo.is_leaf()) finder.collect(service.constraint);
        for (const auto& step : service.workflow) finder.visit(token_text(step.child), step.constraint);
    }
    return out;
}

}  // namespace c2d::asset
