// Plans and rules as JSON: strict both ways, every mistake at once.

#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "codec/written_json.hpp"
#include "crypto/hash.hpp"
#include "table/date.hpp"
#include "table/values.hpp"

#include <c2d/preprocessing.hpp>

#include <algorithm>
#include <cmath>
#include <set>

namespace c2d::table {

namespace {

using json::Value;

constexpr std::size_t kBytesMax = std::size_t{16} << 20, kTextsMax = 10000, kNumbersMax = 10000, kTextBytesMax = 4096;
constexpr std::pair<Treatment, const char*> kTreatments[] = {{Treatment::drop, "drop"},
                                                             {Treatment::number, "number"},
                                                             {Treatment::one_hot, "one_hot"},
                                                             {Treatment::bins, "bins"},
                                                             {Treatment::map, "map"}};
constexpr std::pair<Fill, const char*> kFills[] = {{Fill::median, "median"},
                                                   {Fill::mean, "mean"},
                                                   {Fill::most_frequent, "most_frequent"},
                                                   {Fill::constant, "constant"}};
constexpr std::pair<Type, const char*> kTypes[] = {{Type::string, "string"}, {Type::integer, "integer"},
                                                   {Type::number, "number"}, {Type::boolean, "boolean"},
                                                   {Type::date, "date"},     {Type::datetime, "datetime"}};

template <class Kind, std::size_t N>
const char* name_in(const std::pair<Kind, const char*> (&names)[N], Kind kind) {
    return std::ranges::find(names, kind, &std::pair<Kind, const char*>::first)->second;
}

/// The members of one object, each taken once; what is left over is a mistake.
class Members {
public:
    Members(const Value& value, std::string where, std::string& wrong)
        : value_(value), where_(std::move(where)), wrong_(wrong) {
        if (!value.is_object()) complain("expected an object");
    }
    Members(const Members&) = delete;
    Members& operator=(const Members&) = delete;
    ~Members() = default;

    void complain(const std::string& what) {
        if (wrong_.size() < 1500) wrong_ += (wrong_.empty() ? "" : "; ") + where_ + ": " + what;
    }
    void take(const char* name, bool& out) {
        if (const auto* value = member(name)) {
            if (!value->is_bool()) complain(std::string(name) + " is true or false");
            out = value->boolean();
        }
    }
    void take(const char* name, double& out) {
        if (const auto* value = member(name)) out = number(name, *value);
    }
    void take(const char* name, std::uint64_t& out) {
        if (const auto* value = member(name)) {
            if (!value->as_uint()) complain(std::string(name) + " is a whole number");
            out = value->as_uint().value_or(0);
        }
    }
    void take(const char* name, std::string& out) {
        if (const auto* value = member(name)) out = text(name, *value);
    }
    void take(const char* name, std::vector<double>& out) {
        for (const auto& item : items(name, kNumbersMax)) out.push_back(number(name, item));
    }
    void take(const char* name, std::vector<std::string>& out) {
        for (const auto& item : items(name, kTextsMax)) out.push_back(text(name, item));
    }
    void take(const char* name, std::optional<std::pair<double, double>>& out) {
        std::vector<double> both;
        if (value_.find(name) == nullptr) return;
        take(name, both);
        if (both.size() != 2 || both[0] > both[1])
            return complain(std::string(name) + " is two numbers, the smaller first");
        out = {both[0], both[1]};
    }
    template <class Kind, std::size_t N>
    void take(const char* name, const std::pair<Kind, const char*> (&names)[N], Kind& out) {
        const auto* value = member(name);
        if (value == nullptr) return;
        std::string known;
        for (const auto& [kind, called] : names) {
            if (value->is_string() && value->text() == called) {
                out = kind;
                return;
            }
            known += (known.empty() ? "" : ", ") + std::string(called);
        }
        complain(std::string(name) + " is one of " + known);
    }
    const Value* member(const char* name) {
        taken_.insert(name);
        return value_.find(name);
    }
    void end() {
        for (const auto& [name, value] : value_.members())
            if (!taken_.contains(name)) complain("a member \"" + display_text(name, 40) + "\" is not read");
    }

private:
    double number(const char* name, const Value& value) {
        if (!value.is_number() || !std::isfinite(value.number())) complain(std::string(name) + " is a finite number");
        return value.is_number() && std::isfinite(value.number()) ? value.number() : 0;
    }
    std::string text(const char* name, const Value& value) {
        if (!value.is_string() || value.text().size() > kTextBytesMax)
            complain(std::string(name) + " is a text of at most 4096 bytes");
        return value.text();
    }
    json::Array items(const char* name, std::size_t count_max) {
        const auto* value = member(name);
        if (value == nullptr) return {};
        if (value->is_array() && value->items().size() <= count_max) return value->items();
        complain(std::string(name) + " is a list of at most " + std::to_string(count_max));
        return {};
    }

    const Value& value_;
    std::string where_;
    std::string& wrong_;
    std::set<std::string> taken_;
};

bool ascends(const std::vector<double>& numbers) {
    return std::ranges::adjacent_find(numbers, std::greater_equal<>()) == numbers.end();
}
bool ascends(const std::vector<std::string>& texts) {
    return std::ranges::adjacent_find(texts, std::greater_equal<>()) == texts.end();
}

ColumnPlan read_plan(const Value& value, const std::string& where, std::string& wrong) {
    ColumnPlan out;
    Members members(value, where, wrong);
    members.take("name", out.name);
    members.take("as", kTreatments, out.treatment);
    members.take("fill", kFills, out.fill);
    members.take("fill_value", out.fill_value);
    members.take("flag_above", out.flag_above);
    members.take("clip_quantiles", out.clip_quantiles);
    members.take("clip_values", out.clip_values);
    members.take("log", out.log);
    members.take("standardise", out.standardise);
    members.take("rows_min", out.rows_min);
    members.take("values_max", out.values_max);
    std::uint64_t bins = 0;
    members.take("bins", bins);
    members.take("edges", out.edges);
    members.take("ordered", out.ordered);
    members.take("numbered", out.numbered);
    members.take("special", out.special);
    members.take("other_weight", out.other_weight);
    members.take("missing_weight", out.missing_weight);
    if (const auto* weights = members.member("weights"))
        for (const auto& [text, weight] : weights->members()) {
            if (!weight.is_number() || !std::isfinite(weight.number())) members.complain("weights are finite numbers");
            out.weights.emplace_back(text, weight.number());
        }
    members.end();
    std::ranges::sort(out.weights);
    if (out.name.empty()) members.complain("a column has a name");
    if (bins > 1000) members.complain("bins is at most 1000");
    if (out.values_max > kTextsMax) members.complain("values_max is at most 10000");
    if (out.weights.size() > kTextsMax) members.complain("weights are at most 10000");
    out.bins = unsigned(std::min<std::uint64_t>(bins, 1000));
    if (!ascends(out.edges)) members.complain("edges ascend");
    if (!ascends(out.special)) members.complain("special values ascend");
    const bool in_columns = out.treatment == Treatment::bins || out.treatment == Treatment::one_hot;
    if (out.numbered && (!in_columns || out.ordered)) members.complain("numbered are bins and one_hot, unless ordered");
    if (!out.special.empty() && out.treatment != Treatment::bins) members.complain("special values are of bins");
    if (const auto& both = out.clip_quantiles; both && (both->first < 0 || both->second > 1))
        members.complain("clip_quantiles lie between 0 and 1");
    return out;
}

/// Values keep what `fit` promises of them.
void check_rule(const ColumnRule& rule, Members& members) {
    if (rule.name.empty()) members.complain("a column has a name");
    if (!(rule.scale > 0)) members.complain("scale is above 0");
    if (!ascends(rule.edges)) members.complain("edges ascend");
    if (!ascends(rule.special)) members.complain("special values ascend");
    if (!ascends(rule.values) || !ascends(rule.rare)) members.complain("values ascend");
    const bool texts = rule.treatment == Treatment::one_hot || rule.treatment == Treatment::map;
    const bool numbers = rule.treatment == Treatment::number || rule.treatment == Treatment::bins;
    if (texts && rule.type != Type::string) members.complain("one_hot and map are of strings");
    if (numbers && rule.type == Type::string) members.complain("number and bins are not of strings");
    if (rule.treatment == Treatment::bins && rule.edges.empty()) members.complain("bins have edges");
    const bool in_columns = rule.treatment == Treatment::bins || rule.treatment == Treatment::one_hot;
    if (rule.numbered && (!in_columns || rule.ordered))
        members.complain("numbered are bins and one_hot, unless ordered");
    if (!rule.special.empty() && rule.treatment != Treatment::bins) members.complain("special values are of bins");
    const bool fills_a_bin = rule.numbered && rule.treatment == Treatment::one_hot;
    if (fills_a_bin &&
        !(rule.fill >= 0 && rule.fill < double(rule.values.size()) && rule.fill == std::floor(rule.fill)))
        members.complain("fill is the number of one of the values");
    if (rule.treatment == Treatment::map && rule.weights.size() != rule.values.size())
        members.complain("a map has a weight for each value");
    const bool dates = rule.type == Type::date || rule.type == Type::datetime;
    if (rule.newest.has_value() != (dates && numbers)) members.complain("newest is of dates, and of nothing else");
}

std::optional<std::int64_t> read_newest(const Value* value, Type type, Members& members) {
    if (value == nullptr) return std::nullopt;
    const auto newest = type == Type::date ? parse_date(value->text()) : parse_datetime(value->text());
    if (!newest) members.complain("newest is a date");
    return newest;
}

ColumnRule read_rule(const Value& value, const std::string& where, std::string& wrong) {
    ColumnRule out;
    Members members(value, where, wrong);
    members.take("name", out.name);
    members.take("type", kTypes, out.type);
    members.take("as", kTreatments, out.treatment);
    members.take("why", out.why);
    members.take("fill", out.fill);
    members.take("flag", out.flag);
    members.take("log", out.log);
    members.take("ordered", out.ordered);
    members.take("numbered", out.numbered);
    members.take("special", out.special);
    out.newest = read_newest(members.member("newest"), out.type, members);
    members.take("clip", out.clip);
    members.take("mean", out.mean);
    members.take("scale", out.scale);
    members.take("edges", out.edges);
    members.take("values", out.values);
    members.take("rare", out.rare);
    members.take("other", out.other);
    members.take("missing", out.missing);
    members.take("weights", out.weights);
    members.take("other_weight", out.other_weight);
    members.take("missing_weight", out.missing_weight);
    members.take("missing_seen", out.missing_seen);
    members.end();
    check_rule(out, members);
    return out;
}

Value rule_value(const ColumnRule& rule) {
    const ColumnRule usual;
    Value out = Value::object(
        {{"name", rule.name}, {"type", type_name(rule.type)}, {"as", name_in(kTreatments, rule.treatment)}});
    const auto set = [&out](const char* name, const auto& value, const auto& otherwise) {
        if (value != otherwise) out.set(name, value);
    };
    set("why", rule.why, usual.why);
    set("fill", rule.fill, usual.fill);
    set("flag", rule.flag, usual.flag);
    set("log", rule.log, usual.log);
    set("ordered", rule.ordered, usual.ordered);
    set("numbered", rule.numbered, usual.numbered);
    if (rule.newest) out.set("newest", rule.type == Type::date ? date_text(*rule.newest) : datetime_text(*rule.newest));
    if (rule.clip) out.set("clip", json::Array{rule.clip->first, rule.clip->second});
    set("mean", rule.mean, usual.mean);
    set("scale", rule.scale, usual.scale);
    if (!rule.edges.empty()) out.set("edges", json::list_of(rule.edges));
    if (!rule.special.empty()) out.set("special", json::list_of(rule.special));
    if (!rule.values.empty()) out.set("values", json::list_of(rule.values));
    if (!rule.rare.empty()) out.set("rare", json::list_of(rule.rare));
    set("other", rule.other, usual.other);
    set("missing", rule.missing, usual.missing);
    if (!rule.weights.empty()) out.set("weights", json::list_of(rule.weights));
    set("other_weight", rule.other_weight, usual.other_weight);
    set("missing_weight", rule.missing_weight, usual.missing_weight);
    set("missing_seen", rule.missing_seen, usual.missing_seen);
    return out;
}

Value plan_value(const ColumnPlan& plan) {
    const ColumnPlan usual;
    Value out = Value::object({{"name", plan.name}, {"as", name_in(kTreatments, plan.treatment)}});
    const auto set = [&out](const char* name, const auto& value, const auto& otherwise) {
        if (value != otherwise) out.set(name, value);
    };
    if (plan.fill != usual.fill) out.set("fill", name_in(kFills, plan.fill));
    set("fill_value", plan.fill_value, usual.fill_value);
    set("flag_above", plan.flag_above, usual.flag_above);
    if (const auto& both = plan.clip_quantiles) out.set("clip_quantiles", json::Array{both->first, both->second});
    if (const auto& both = plan.clip_values) out.set("clip_values", json::Array{both->first, both->second});
    set("log", plan.log, usual.log);
    set("standardise", plan.standardise, usual.standardise);
    set("rows_min", plan.rows_min, usual.rows_min);
    set("values_max", plan.values_max, usual.values_max);
    set("bins", plan.bins, usual.bins);
    if (!plan.edges.empty()) out.set("edges", json::list_of(plan.edges));
    set("ordered", plan.ordered, usual.ordered);
    set("numbered", plan.numbered, usual.numbered);
    if (!plan.special.empty()) out.set("special", json::list_of(plan.special));
    Value weights = Value::object({});
    for (const auto& [text, weight] : plan.weights) weights.set(text, weight);
    if (!plan.weights.empty()) out.set("weights", std::move(weights));
    set("other_weight", plan.other_weight, usual.other_weight);
    set("missing_weight", plan.missing_weight, usual.missing_weight);
    return out;
}

/// The items of a list of columns, each with a name of its own.
template <class Item, class Read>
std::vector<Item> read_columns(const Value& columns, std::string& wrong, Read read) {
    std::vector<Item> out;
    if (!columns.is_array() || columns.items().empty() || columns.items().size() > kColumnsMax) {
        wrong = "expected a list of 1 to " + std::to_string(kColumnsMax) + " columns";
        return out;
    }
    std::set<std::string> names;
    for (const auto& item : columns.items()) {
        const auto* const name = item.find("name");
        const std::string called = name != nullptr ? display_text(name->text(), 60) : std::to_string(out.size());
        out.push_back(read(item, "column " + called, wrong));
        if (!names.insert(out.back().name).second && wrong.size() < 1500)
            wrong += (wrong.empty() ? "" : "; ") + ("two columns are called " + called);
    }
    return out;
}

}  // namespace

Result<std::vector<ColumnPlan>> parse_plan(std::string_view json) {
    C2D_TRY(const auto value, json::parse_written(json, {kBytesMax, 16}));
    std::string wrong;
    auto out = read_columns<ColumnPlan>(value, wrong, read_plan);
    if (!wrong.empty()) return fail(Status::INVALID_ARGUMENT, "plan: {}", wrong);
    return out;
}

std::string plan_json(const std::vector<ColumnPlan>& plan) {
    return json::pretty(Value(json::list_of(plan, plan_value))) + "\n";
}

Result<PreprocessingRule> PreprocessingRule::parse(std::string_view json) {
    C2D_TRY(const auto value, json::parse_written(json, {kBytesMax, 16}));
    std::string wrong;
    PreprocessingRule out;
    Members members(value, "rule", wrong);
    std::uint64_t version = 1;
    members.take("version", version);
    const auto* const columns = members.member("columns");
    members.end();
    if (version != 1) return fail(Status::UNSUPPORTED, "rules of version {} are not known here", version);
    if (wrong.empty())
        out.columns_ = read_columns<ColumnRule>(columns != nullptr ? *columns : Value(), wrong, read_rule);
    std::set<std::string> names;
    if (!wrong.empty()) return fail(Status::INVALID_ARGUMENT, "preprocessing rule: {}", wrong);
    for (auto& name : out.output_names()) {
        const auto [at, is_new] = names.insert(std::move(name));
        if (!is_new && wrong.size() < 1500)
            wrong += (wrong.empty() ? "" : "; ") + ("two columns would come out as " + display_text(*at, 80));
    }
    if (!wrong.empty()) return fail(Status::INVALID_ARGUMENT, "preprocessing rule: {}", wrong);
    return out;
}

std::string PreprocessingRule::json() const {
    const Value value = Value::object({{"version", 1}, {"columns", json::list_of(columns_, rule_value)}});
    return *json::canonical(value);
}

Bytes32 PreprocessingRule::digest() const { return sha256(as_bytes(json())); }

}  // namespace c2d::table
