#include "asset/attributes.hpp"

#include "asset/opening_terms.hpp"
#include "asset/origin.hpp"
#include "asset/runtime_terms.hpp"
#include "asset/terms.hpp"
#include "base/display_text.hpp"
#include "base/file_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace c2d::asset {

namespace {

using json::Value;

constexpr std::array<std::string_view, 9> kKnown = {"path",   "release",    "grant",   "minimum", "alignment",
                                                    "origin", "models_max", "runtime", "attempts"};
constexpr std::array<std::string_view, 3> kReleases = {"none", "tail", "full"};
/// More are not listed.
constexpr std::size_t kProblemsMax = 32;
constexpr std::string_view kNameRule = "1 to 128 of A-Z a-z 0-9 _ . -, the first no . or -";

std::string found(const Value& value) { return display_text(json::compact(value)); }

/// As people mean a name: ASCII letters without case, nothing that joins words.
std::string folded(std::string_view name) {
    std::string out;
    for (const char c : name)
        if (c != '_' && c != '-' && c != ' ' && c != '.') out += c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
    return out;
}

/// A Damerau-Levenshtein distance of at most 1: one letter added, left out, changed or swapped with the next.
bool is_likely_typo(std::string_view a, std::string_view b) {
    if (a.size() < b.size()) std::swap(a, b);
    if (a.size() > b.size() + 1) return false;
    const auto at = std::size_t(std::ranges::mismatch(a, b).in1 - a.begin());
    if (a.size() > b.size()) return a.substr(at + 1) == b.substr(at);
    if (at == a.size() || a.substr(at + 1) == b.substr(at + 1)) return true;
    return at + 1 < a.size() && a[at] == b[at + 1] && a[at + 1] == b[at] && a.substr(at + 2) == b.substr(at + 2);
}

class Checker {
public:
    Checker(const Service& service, std::vector<std::string>& out) : service_(service), out_(out) {}

    void check() {
        const Value& attributes = service_.attributes;
        if (!attributes.is_null() && !attributes.is_object())
            return add("attributes must be an object, found {}", found(attributes));
        for (const auto& [name, value] : attributes.members()) check_spelling(name);
        if (const Value* path = attributes.find("path")) check_path(*path);
        if (const Value* release = attributes.find("release")) check_release(*release);
        if (attributes.is_object())
            if (const auto rules = opening_rules_of(attributes); !rules) add("{}", rules.error().message);
        if (const auto models = models_max_of(attributes); !models) add("{}", models.error().message);
        if (const auto grant = grant_terms_of(service_); !grant) add("{}", grant.error().message);
        if (const auto runtime = runtime_terms_of(attributes); !runtime) add("{}", runtime.error().message);
        if (const auto origin = origin_of(attributes); !origin) add("{}", origin.error().message);
        if (const auto attempts = attempts_of(attributes); !attempts) add("{}", attempts.error().message);
        check_constraint("constraint", service_.constraint);
        for (const auto& step : service_.workflow)
            check_constraint("workflow." + token_text(step.child) + ".constraint", step.constraint);
    }

private:
    template <class... Args>
    void add(fmt::format_string<Args...> format, Args&&... args) {
        if (out_.size() == kProblemsMax) return;
        out_.push_back(fmt::format("service \"{}\": {}", display_text(service_.index),
                                   fmt::format(format, std::forward<Args>(args)...)));
    }

    void check_spelling(std::string_view name) {
        if (std::ranges::find(kKnown, name) != kKnown.end()) return;
        for (const auto known : kKnown)
            if (is_likely_typo(folded(name), known))
                return add("attributes.{} has no effect: \"{}\" is meant, or choose another name", display_text(name),
                           known);
    }

    void check_path(const Value& path) {
        if (!path.is_string() || !plain_name(path.text(), "inputs"))
            add("attributes.path: expected \"./inputs/NAME\" with NAME = {}, found {}", kNameRule, found(path));
    }

    void check_release(const Value& release) {
        if (!release.is_object())
            return add(
                "attributes.release: expected an object with log, exit, reveal, scores or label_counts, found {}",
                found(release));
        for (const auto& [name, value] : release.members()) check_release_member(name, value);
    }
    void check_release_member(std::string_view name, const Value& value) {
        if (name == "log") {
            if (!value.is_string() || std::ranges::find(kReleases, value.text()) == kReleases.end())
                add("attributes.release.log: expected \"none\", \"tail\" or \"full\", found {}", found(value));
        } else if (name == "exit") {
            if (!value.is_bool()) add("attributes.release.exit: expected true or false, found {}", found(value));
        } else if (name != "reveal" && name != "label_counts" && name != "scores" && name != "score_rows_max" &&
                   name != "reason_codes" && name != "coefficients") {  // which `opening_rules_of` looks at
            add("attributes.release: expected log, exit, reveal, scores, score_rows_max, reason_codes, coefficients or "
                "label_counts, found \"{}\"",
                display_text(name));
        }
    }

    /// A constraint of a child that is composed itself names that one's children, and what is left to them.
    void check_constraint(const std::string& path, const Value& constraint) {
        if (!constraint.is_object()) return;
        for (const auto& [name, member] : constraint.members()) {
            if (name == "outputs")
                check_outputs(path + ".outputs", member);
            else if (parse_token(name))
                check_constraint(path + "." + name, member);
        }
    }

    /// One path, a list of them, or an object of both; what is free is for others to name.
    void check_outputs(const std::string& path, const Value& outputs) {
        if (!outputs.is_object()) return check_output_list(path, outputs);
        if (is_free(outputs) || is_schema(outputs)) return;
        for (const auto& [name, entry] : outputs.members())
            if (!is_free(entry) && !is_schema(entry)) check_output_list(path, entry);
    }
    void check_output_list(const std::string& path, const Value& entry) {
        if (!entry.is_array()) return check_output(path, entry);
        std::set<std::string> names;
        for (const auto& item : entry.items()) {
            check_output(path, item);
            if (item.is_string() && !names.insert(item.text()).second)
                add("{}: expected each name once, found {} twice", path, found(item));
        }
    }
    void check_output(const std::string& path, const Value& entry) {
        if (!entry.is_string() || !plain_name(entry.text(), "outputs"))
            add("{}: expected \"./outputs/NAME\" with NAME = {}, found {}", path, kNameRule, found(entry));
    }

    const Service& service_;
    std::vector<std::string>& out_;
};

}  // namespace

std::vector<std::string> attribute_problems(const Ddo& ddo) {
    std::vector<std::string> out;
    for (const auto& service : ddo.services) Checker(service, out).check();
    return out;
}

}  // namespace c2d::asset
