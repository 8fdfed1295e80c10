#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "codec/number_text.hpp"
#include "table/rule/column_values.hpp"

namespace c2d::table {

namespace {

constexpr std::size_t kNumbersMax = std::size_t{1} << 28;

/// An integer is a number, too. Of what type a column without a value is nobody can say.
bool types_agree(Type fitted, const Column& found) {
    const auto numeric = [](Type type) { return type == Type::integer || type == Type::number; };
    return fitted == found.type() || (numeric(fitted) && numeric(found.type())) || found.missing() == found.rows();
}

std::vector<std::string> names_of(const ColumnRule& rule) {
    std::vector<std::string> out;
    switch (rule.treatment) {
        case Treatment::drop: return out;
        case Treatment::number:
            out.push_back(rule.name);
            if (rule.flag) out.push_back(rule.name + " (missing)");
            return out;
        case Treatment::map: out.push_back(rule.name); return out;
        case Treatment::one_hot:
            for (const auto& value : rule.values) out.push_back(rule.name + "=" + value);
            if (rule.other) out.push_back(rule.name + " (other)");
            break;
        case Treatment::bins:
            if (rule.ordered) {
                out.push_back(rule.name);
                return out;
            }
            for (const double edge : rule.edges) out.push_back(rule.name + "<=" + ecmascript_number_text(edge));
            out.push_back(rule.name + ">" + ecmascript_number_text(rule.edges.back()));
            for (const double value : rule.special) out.push_back(rule.name + "=" + ecmascript_number_text(value));
            break;
    }
    if (rule.missing) out.push_back(rule.name + " (missing)");
    return out;
}

/// How many columns a rule makes.
std::size_t width_of(const ColumnRule& rule) { return rule.numbered ? 1 : names_of(rule).size(); }

/// Writes the columns that one rule makes, `stride` numbers apart.
class ColumnApply {
public:
    ColumnApply(const ColumnRule& rule, const Column& column, double* out, std::size_t stride)
        : rule_(rule), column_(column), out_(out), stride_(stride) {
        surprise_.column = rule.name;
    }

    Surprise run() {
        for (std::size_t row = 0; row < column_.rows(); ++row) {
            double* const to = out_ + row * stride_;
            const bool missing = column_.is_missing(row);
            surprise_.newly_missing += missing && !rule_.missing_seen ? 1 : 0;
            switch (rule_.treatment) {
                case Treatment::number: number(row, missing, to); break;
                case Treatment::bins: bins(row, missing, to); break;
                case Treatment::one_hot: one_hot(row, missing, to); break;
                case Treatment::map: map(row, missing, to); break;
                case Treatment::drop: break;
            }
        }
        return surprise_;
    }

private:
    void number(std::size_t row, bool missing, double* to) const {
        const double value = shaped(rule_, missing ? rule_.fill : raw_number(rule_, column_, row));
        to[0] = (value - rule_.mean) / rule_.scale;
        if (rule_.flag) to[1] = missing ? 1 : 0;
    }
    /// In that of the columns, or as its number.
    void mark(std::size_t place, double* to) const {
        if (rule_.ordered || rule_.numbered)
            to[0] = double(place);
        else
            to[place] = 1;
    }
    void bins(std::size_t row, bool missing, double* to) const {
        if (missing && rule_.missing) return mark(rule_.edges.size() + 1 + rule_.special.size(), to);
        mark(missing ? interval_of(rule_, rule_.fill) : bin_of(rule_, raw_number(rule_, column_, row)), to);
    }
    /// The place of a text among the rule's values, or their number.
    std::size_t place_of(std::string_view text) const {
        const auto found = std::ranges::lower_bound(rule_.values, text, std::less<>());
        return found != rule_.values.end() && *found == text ? std::size_t(found - rule_.values.begin())
                                                             : rule_.values.size();
    }
    void one_hot(std::size_t row, bool missing, double* to) {
        const std::size_t values = rule_.values.size();
        if (rule_.numbered) to[0] = rule_.fill;  // unless it has a bin
        if (missing) {
            if (rule_.missing) mark(values + (rule_.other ? 1 : 0), to);
            return;
        }
        const std::size_t place = place_of(column_.text(row));
        if (place < values || rule_.other) mark(place, to);
        if (place == values && !std::ranges::binary_search(rule_.rare, column_.text(row), std::less<>()))
            ++surprise_.unseen;
    }
    void map(std::size_t row, bool missing, double* to) {
        if (missing) {
            to[0] = rule_.missing_weight;
            return;
        }
        const std::size_t place = place_of(column_.text(row));
        to[0] = place < rule_.values.size() ? rule_.weights[place] : rule_.other_weight;
        surprise_.unseen += place == rule_.values.size() ? 1 : 0;
    }

    const ColumnRule& rule_;
    const Column& column_;
    double* out_;
    std::size_t stride_;
    Surprise surprise_;
};

}  // namespace

std::vector<std::string> PreprocessingRule::output_names() const {
    std::vector<std::string> out;
    for (const auto& rule : columns_) {
        if (rule.numbered)
            out.push_back(rule.name);
        else
            for (auto& name : names_of(rule)) out.push_back(std::move(name));
    }
    return out;
}

Result<Prepared> PreprocessingRule::apply(const Table& table) const {
    Prepared out;
    out.rows = table.rows();
    out.names = output_names();
    std::string wrong;
    std::vector<std::size_t> indices;
    for (const auto& rule : columns_) {
        const auto index = table.index_of(rule.name);
        indices.push_back(index.value_or(0));
        if (rule.treatment == Treatment::drop || wrong.size() > 1000) continue;
        const std::string name = (wrong.empty() ? "column " : "; column ") + display_text(rule.name, 80);
        if (!index)
            wrong += name + " is not there";
        else if (const Column& found = table.column(*index); !types_agree(rule.type, found))
            wrong += name + " is " + type_name(found.type()) + ", where training had " + type_name(rule.type);
    }
    if (!wrong.empty())
        return fail(Status::INVALID_ARGUMENT, "the table is not of the form that the rule was fitted on: {}", wrong);
    if (out.cols() != 0 && out.rows > kNumbersMax / out.cols())
        return fail(Status::LIMIT, "{} rows of {} columns are more than {} numbers", out.rows, out.cols(), kNumbersMax);
    out.data.resize(out.rows * out.cols());
    std::size_t first = 0;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (columns_[i].treatment == Treatment::drop) continue;
        auto surprise = ColumnApply(columns_[i], table.column(indices[i]), out.data.data() + first, out.cols()).run();
        if (surprise.unseen != 0 || surprise.newly_missing != 0) out.surprises.push_back(std::move(surprise));
        first += width_of(columns_[i]);
    }
    return out;
}

Result<Prepared> numbers_of(const Table& table) {
    Prepared out;
    out.rows = table.rows();
    std::string wrong;
    for (std::size_t i = 0; i < table.cols(); ++i) {
        const std::string& name = table.field(i).name;
        out.names.push_back(name);
        const bool text = table.column(i).type() == Type::string;
        if ((!text && table.column(i).missing() == 0) || wrong.size() > 1000) continue;
        wrong += (wrong.empty() ? "column " : "; column ") + display_text(name, 80) +
                 (text ? " is text" : fmt::format(" has {} missing cells", table.column(i).missing()));
    }
    if (!wrong.empty())
        return fail(Status::INVALID_ARGUMENT, "expected numbers, to which a preprocessing rule makes a table: {}",
                    wrong);
    if (out.cols() != 0 && out.rows > kNumbersMax / out.cols())
        return fail(Status::LIMIT, "{} rows of {} columns are more than {} numbers", out.rows, out.cols(), kNumbersMax);
    out.data.resize(out.rows * out.cols());
    for (std::size_t i = 0; i < table.cols(); ++i)
        for (std::size_t row = 0; row < out.rows; ++row) out.data[row * out.cols() + i] = table.column(i).number(row);
    return out;
}

}  // namespace c2d::table
