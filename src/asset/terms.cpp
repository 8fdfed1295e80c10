#include "asset/terms.hpp"

#include "asset/schema.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace c2d::asset {

namespace {

using json::Value;

Verdict too_costly(const std::string& path) {
    return Verdict::refuse(Reason::terms_too_deep, path, fmt::format("terms that take {} steps to check", kEffortMax),
                           "more");
}

/// Accepts when the schema uses nothing but the closed subset, rightly typed.
Verdict check_schema(const Value& schema, const std::string& path, Effort& effort) {
    const auto problem = unsupported_in(*schema.find("$schema"), "$schema", effort);
    if (effort.is_spent()) return too_costly(path);
    if (problem.empty()) return Verdict::accept();
    return Verdict::refuse(Reason::schema_unsupported, path, "a supported schema", problem);
}

/// Accepts when every `$schema` inside a constraint passes `check_schema`.
Verdict check_schemas_within(const Value& constraint, const std::string& path, Effort& effort) {
    if (!effort.enter(path)) return too_costly(path);
    if (is_schema(constraint)) return check_schema(constraint, path, effort);
    for (const auto& [key, member] : constraint.members())
        if (auto verdict = check_schemas_within(member, path + "/" + key, effort); verdict.refused()) return verdict;
    return Verdict::accept();
}

Verdict narrows_schema(const Value& outer, const Value& inner, const std::string& path, Effort& effort) {
    if (auto verdict = check_schema(outer, path, effort); verdict.refused()) return verdict;
    if (is_schema(inner) && is_same(outer, inner, effort)) return Verdict::accept();
    if (effort.is_spent()) return too_costly(path);
    // Whether one schema implies another is not decided here: repeat it, or give a value.
    if (is_open(inner))
        return Verdict::refuse(Reason::argument_refused, path, json::compact(outer), json::compact(inner));
    const auto problem = mismatch(*outer.find("$schema"), inner, path, effort);
    if (effort.is_spent()) return too_costly(path);
    if (!problem.empty()) return Verdict::refuse(Reason::argument_refused, path, json::compact(outer), problem);
    return Verdict::accept();
}

/// The member of that name, which is likely to stand at `place`: documents keep the order of params.
const Value* find_near(const Value& object, const std::string& name, std::size_t place, Effort& effort) {
    const auto& members = object.members();
    if (place < members.size() && members[place].first == name) return &members[place].second;
    return effort.look_through(members.size()) ? object.find(name) : nullptr;
}

Verdict narrows_object(const Value& outer, const Value& inner, const std::string& path, Effort& effort) {
    if (!inner.is_object() || is_free(inner) || is_schema(inner))
        return Verdict::refuse(Reason::argument_refused, path, json::compact(outer), json::compact(inner));
    std::size_t place = 0;
    for (const auto& [key, member] : inner.members())
        if (!find_near(outer, key, place++, effort))
            return effort.is_spent() ? too_costly(path)
                                     : Verdict::refuse(Reason::argument_unexpected, path + "/" + key, "absent",
                                                       json::compact(member));
    place = 0;
    for (const auto& [key, member] : outer.members()) {
        const Value* given = find_near(inner, key, place++, effort);
        if (!given)
            return effort.is_spent()
                       ? too_costly(path)
                       : Verdict::refuse(Reason::argument_missing, path + "/" + key, json::compact(member), "absent");
        if (auto verdict = narrows(member, *given, path + "/" + key, effort); verdict.refused()) return verdict;
    }
    return Verdict::accept();
}

}  // namespace

bool is_free(const Value& constraint) noexcept { return constraint.is_object() && constraint.members().empty(); }

bool is_schema(const Value& constraint) noexcept {
    return constraint.is_object() && constraint.members().size() == 1 && constraint.members()[0].first == "$schema";
}

bool is_open(const Value& constraint) noexcept {
    if (is_free(constraint) || is_schema(constraint)) return true;
    const auto member_open = [](const auto& member) { return is_open(member.second); };
    return std::ranges::any_of(constraint.items(), is_open) || std::ranges::any_of(constraint.members(), member_open);
}

Verdict narrows(const Value& outer, const Value& inner, const std::string& path, Effort& effort) {
    if (!effort.enter(path)) return too_costly(path);
    if (is_free(outer)) return check_schemas_within(inner, path, effort);
    if (is_schema(outer)) return narrows_schema(outer, inner, path, effort);
    if (outer.is_object()) return narrows_object(outer, inner, path, effort);
    if (is_same(outer, inner, effort)) return Verdict::accept();
    if (effort.is_spent()) return too_costly(path);
    return Verdict::refuse(Reason::argument_refused, path, json::compact(outer), json::compact(inner));
}

}  // namespace c2d::asset
