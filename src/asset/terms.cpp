#include "asset/terms.hpp"

#include "asset/schema.hpp"

#include <algorithm>

namespace c2d::asset {

namespace {

using json::Value;

Verdict narrows_schema(const Value& outer, const Value& inner, const std::string& path) {
    if (auto verdict = check_schema(outer, path); verdict.refused()) return verdict;
    if (is_schema(inner) && json::equal(outer, inner)) return Verdict::accept();
    // Whether one schema implies another is not decided here: repeat it, or give a value.
    if (is_open(inner))
        return Verdict::refuse(Reason::argument_refused, path, json::compact(outer), json::compact(inner));
    const auto problem = mismatch(*outer.find("$schema"), inner, path);
    if (!problem.empty())
        return Verdict::refuse(Reason::argument_refused, path, json::compact(outer), problem);
    return Verdict::accept();
}

Verdict narrows_object(const Value& outer, const Value& inner, const std::string& path) {
    if (!inner.is_object() || is_free(inner) || is_schema(inner))
        return Verdict::refuse(Reason::argument_refused, path, json::compact(outer), json::compact(inner));
    for (const auto& [key, member] : inner.members())
        if (!outer.find(key))
            return Verdict::refuse(Reason::argument_unexpected, path + "/" + key, "absent",
                                   json::compact(member));
    for (const auto& [key, member] : outer.members()) {
        const Value* given = inner.find(key);
        if (!given)
            return Verdict::refuse(Reason::argument_missing, path + "/" + key, json::compact(member),
                                   "absent");
        if (auto verdict = narrows(member, *given, path + "/" + key); verdict.refused()) return verdict;
    }
    return Verdict::accept();
}

}  // namespace

bool is_free(const Value& constraint) noexcept {
    return constraint.is_object() && constraint.members().empty();
}

bool is_schema(const Value& constraint) noexcept {
    return constraint.is_object() && constraint.members().size() == 1 &&
           constraint.members()[0].first == "$schema";
}

bool is_open(const Value& constraint) noexcept {
    if (is_free(constraint) || is_schema(constraint)) return true;
    const auto member_open = [](const auto& member) { return is_open(member.second); };
    return std::ranges::any_of(constraint.items(), is_open) ||
           std::ranges::any_of(constraint.members(), member_open);
}

Verdict check_schema(const Value& schema, const std::string& path) {
    const auto problem = unsupported_in(*schema.find("$schema"), "$schema");
    if (problem.empty()) return Verdict::accept();
    return Verdict::refuse(Reason::schema_unsupported, path, "a supported schema", problem);
}

Verdict check_schemas_within(const Value& constraint, const std::string& path) {
    if (is_schema(constraint)) return check_schema(constraint, path);
    for (const auto& [key, member] : constraint.members())
        if (auto verdict = check_schemas_within(member, path + "/" + key); verdict.refused())
            return verdict;
    return Verdict::accept();
}

Verdict narrows(const Value& outer, const Value& inner, const std::string& path) {
    if (is_free(outer)) return check_schemas_within(inner, path);
    if (is_schema(outer)) return narrows_schema(outer, inner, path);
    if (outer.is_object()) return narrows_object(outer, inner, path);
    if (json::equal(outer, inner)) return Verdict::accept();
    return Verdict::refuse(Reason::argument_refused, path, json::compact(outer), json::compact(inner));
}

}  // namespace c2d::asset
