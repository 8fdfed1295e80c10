#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "table/rule/column_values.hpp"
#include "table/rule/statistics.hpp"

#include <map>
#include <numeric>
#include <set>

namespace c2d::table {

namespace {

bool is_date(Type type) { return type == Type::date || type == Type::datetime; }

ColumnRule dropped(ColumnRule rule, std::string why) {
    ColumnRule out;
    out.name = rule.name;
    out.type = rule.type;
    out.why = std::move(why);
    return out;
}

/// Fits one column.
class ColumnFit {
public:
    ColumnFit(const ColumnPlan& plan, const Field& field, const Column& column) : plan_(plan), column_(column) {
        rule_.name = field.name;
        rule_.type = field.type;
        rule_.treatment = plan.treatment;
        rule_.missing_seen = column.missing() != 0;
        role_ = field.role;
    }

    /// Fails with what is wrong, without the column's name.
    Result<ColumnRule> run() {
        if (plan_.treatment == Treatment::drop)
            return dropped(rule_, role_ == Role::id ? "an id" : "the plan leaves it out");
        if (column_.rows() == column_.missing()) return dropped(rule_, "no value at all");
        switch (plan_.treatment) {
            case Treatment::number: return fit_number();
            case Treatment::bins: return fit_bins();
            case Treatment::one_hot: return fit_one_hot();
            default: return fit_map();
        }
    }

private:
    static Error wrong(const char* what) { return Error(Status::INVALID_ARGUMENT, what); }

    /// The values that are there, as numbers, and what takes the place of the others.
    Result<std::vector<double>> present() {
        if (column_.type() == Type::string) return wrong("is text, which becomes no number: one_hot or map");
        if (is_date(column_.type())) {
            rule_.newest = INT64_MIN;
            for (std::size_t row = 0; row < column_.rows(); ++row)
                if (!column_.is_missing(row)) rule_.newest = std::max(*rule_.newest, column_.integers()[row]);
        }
        std::vector<double> out;
        out.reserve(column_.rows() - column_.missing());
        for (std::size_t row = 0; row < column_.rows(); ++row)
            if (!column_.is_missing(row)) out.push_back(raw_number(rule_, column_, row));
        return out;
    }

    double fill_of(std::vector<double>& values) const {
        switch (plan_.fill) {
            case Fill::median: return quantile(values, 0.5);
            case Fill::mean: return moments_of(values).mean;
            case Fill::most_frequent: return most_frequent(values);
            case Fill::constant: return plan_.fill_value;
        }
        return 0;
    }

    /// Bounds that would leave one value alone of several are none: a rare flag is what a model wants to know.
    void fit_clip(std::vector<double>& values) {
        if (plan_.clip_values) rule_.clip = plan_.clip_values;
        if (!plan_.clip_quantiles) return;
        const double low = quantile(values, plan_.clip_quantiles->first),
                     high = quantile(values, plan_.clip_quantiles->second);
        if (low < high) rule_.clip = {low, high};
    }

    Result<ColumnRule> fit_number() {
        C2D_TRY(auto values, present());
        rule_.fill = fill_of(values);
        rule_.flag = double(column_.missing()) > plan_.flag_above * double(column_.rows());
        fit_clip(values);
        rule_.log = plan_.log;
        std::vector<double> all;
        all.reserve(column_.rows());
        for (std::size_t row = 0; row < column_.rows(); ++row)
            all.push_back(shaped(rule_, column_.is_missing(row) ? rule_.fill : raw_number(rule_, column_, row)));
        const Moments moments = moments_of(all);
        const auto [least, most] = std::ranges::minmax(all);
        if (least == most && !rule_.flag) return dropped(rule_, "the same value in every row");
        if (plan_.standardise && least < most) {
            rule_.mean = moments.mean;
            rule_.scale = moments.deviation;
        }
        return rule_;
    }

    Result<ColumnRule> fit_bins() {
        C2D_TRY(auto values, present());
        rule_.edges = plan_.edges;
        rule_.ordered = plan_.ordered;
        rule_.numbered = plan_.numbered;
        take_special(values);
        if (values.empty()) return dropped(rule_, "no value that is not special");
        if (plan_.bins > 1 && !(rule_.numbered && one_for_each(values)))
            for (unsigned bin = 1; bin < plan_.bins; ++bin) {
                const double edge = quantile(values, double(bin) / plan_.bins);
                if (rule_.edges.empty() || rule_.edges.back() < edge) rule_.edges.push_back(edge);
            }
        rule_.missing = rule_.missing_seen && !rule_.ordered;
        rule_.fill = fill_of(values);
        if (rule_.numbered && plan_.bins > 1) return joined(values);
        if (rule_.edges.empty()) return wrong("needs edges, or a number of bins of at least 2");
        return rule_.numbered ? joined(values) : rule_;
    }

    /// Special values leave `values`; of `numbered` bins those alone that have enough rows.
    void take_special(std::vector<double>& values) {
        for (const double special : plan_.special)
            if (!rule_.numbered || std::uint64_t(std::ranges::count(values, special)) >= plan_.rows_min)
                rule_.special.push_back(special);
        std::erase_if(values, [&](double value) { return std::ranges::binary_search(rule_.special, value); });
    }

    /// Whether there are so few different values that each can have a bin; it has one then.
    bool one_for_each(const std::vector<double>& values) {
        std::set<double> different;
        for (const double value : values) {
            different.insert(value);
            if (different.size() > plan_.bins) return false;
        }
        rule_.edges.assign(different.begin(), std::prev(different.end()));
        return true;
    }

    /// Intervals joined with the next until each has enough rows, the last ones with the one before.
    ColumnRule joined(const std::vector<double>& values) {
        rule_.missing = rule_.missing && column_.missing() >= plan_.rows_min;
        std::vector<std::uint64_t> rows(rule_.edges.size() + 1);
        for (const double value : values) ++rows[interval_of(rule_, value)];
        if (rule_.missing_seen && !rule_.missing) rows[interval_of(rule_, rule_.fill)] += column_.missing();
        std::vector<double> edges;
        std::uint64_t open = 0, after = std::accumulate(rows.begin(), rows.end(), std::uint64_t{0});
        for (std::size_t bin = 0; bin + 1 < rows.size(); ++bin) {
            open += rows[bin];
            after -= rows[bin];
            if (open < plan_.rows_min || after < plan_.rows_min) continue;
            edges.push_back(rule_.edges[bin]);
            open = 0;
        }
        rule_.edges = std::move(edges);
        if (rule_.edges.empty()) return dropped(rule_, "one bin has all rows");
        return rule_;
    }

    std::map<std::string, std::uint64_t, std::less<>> counts(std::size_t values_max) const {
        std::map<std::string, std::uint64_t, std::less<>> out;
        for (std::size_t row = 0; row < column_.rows() && out.size() <= values_max; ++row) {
            if (column_.is_missing(row)) continue;
            const std::string_view text = column_.text(row);
            const auto found = out.find(text);
            if (found == out.end())
                out.emplace(text, 1);
            else
                ++found->second;
        }
        return out;
    }

    Result<ColumnRule> fit_one_hot() {
        if (column_.type() != Type::string) return wrong("is no text: number or bins");
        const auto found = counts(plan_.values_max);
        if (found.size() > plan_.values_max)
            return dropped(rule_, fmt::format("more than {} different texts", plan_.values_max));
        for (const auto& [text, rows] : found) (rows >= plan_.rows_min ? rule_.values : rule_.rare).push_back(text);
        rule_.other = !rule_.rare.empty();
        rule_.missing = rule_.missing_seen;
        rule_.numbered = plan_.numbered;
        if (rule_.numbered) number_texts(found);
        if (rule_.numbered && rule_.values.empty()) return dropped(rule_, "no value has enough rows");
        if (rule_.values.size() + (rule_.other ? 1 : 0) + (rule_.missing ? 1 : 0) < 2)
            return dropped(rule_, found.size() < 2 ? "the same value in every row" : "no value has enough rows");
        return rule_;
    }

    /// Other texts and missing cells have bins of their own if these have enough rows; else they count as the most
    /// frequent text.
    void number_texts(const std::map<std::string, std::uint64_t, std::less<>>& rows_of) {
        std::uint64_t others = 0, most = 0;
        for (const auto& text : rule_.rare) others += rows_of.at(text);
        for (std::size_t i = 0; i < rule_.values.size(); ++i)
            if (rows_of.at(rule_.values[i]) > most) most = rows_of.at(rule_.values[i]), rule_.fill = double(i);
        rule_.other = rule_.other && others >= plan_.rows_min;
        rule_.missing = rule_.missing && column_.missing() >= plan_.rows_min;
    }

    Result<ColumnRule> fit_map() {
        if (column_.type() != Type::string) return wrong("is no text, which a map needs");
        for (const auto& [text, weight] : plan_.weights) {
            rule_.values.push_back(text);
            rule_.weights.push_back(weight);
        }
        rule_.other_weight = plan_.other_weight;
        rule_.missing_weight = plan_.missing_weight;
        return rule_;
    }

    const ColumnPlan& plan_;
    const Column& column_;
    ColumnRule rule_;
    Role role_ = Role::feature;
};

}  // namespace

Result<PreprocessingRule> PreprocessingRule::fit(const Table& table, const std::vector<ColumnPlan>& plan) {
    if (table.rows() == 0) return fail(Status::INVALID_ARGUMENT, "a rule is fitted on rows, and the table has none");
    PreprocessingRule out;
    std::string wrong;
    for (const auto& column : plan) {
        const auto index = table.index_of(column.name);
        auto rule = index ? ColumnFit(column, table.field(*index), table.column(*index)).run()
                          : Result<ColumnRule>(Error(Status::INVALID_ARGUMENT, "is not there"));
        if (rule)
            out.columns_.push_back(*std::move(rule));
        else if (wrong.size() < 1000)
            wrong +=
                (wrong.empty() ? "" : "; ") + ("column " + display_text(column.name, 80) + " " + rule.error().message);
    }
    if (!wrong.empty()) return fail(Status::INVALID_ARGUMENT, "the plan does not fit the table: {}", wrong);
    // What cannot be read again is no rule: names that collide, numbers that are not finite.
    return parse(out.json());
}

}  // namespace c2d::table
