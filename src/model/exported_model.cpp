#include <c2d/exported_model.hpp>

#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "codec/json.hpp"

#include <algorithm>
#include <cmath>

namespace c2d {

namespace {

using json::Value;

constexpr std::size_t kBytesMax = std::size_t{64} << 20;
constexpr std::size_t kRulesMax = 3, kBinsMax = 62;
/// A value that is read takes a hundred bytes and more, and two in the file.
constexpr std::ptrdiff_t kCommasMax = 1 << 22;
/// Also of what an input of a session is at most.
constexpr double kNumberMax = 0x1p20;
constexpr double kSumMax = 0x1p30;
constexpr int kWeightBits = 24, kFractionBits = 16;
constexpr std::string_view kKinds[] = {"logistic regression", "scorecard"};

/// Rounded to 2^-bits, as a value is when it is shared.
std::int64_t fixed(double value, int bits) { return std::int64_t(std::nearbyint(std::ldexp(value, bits))); }

/// Without the last `bits`, rounded to the nearest, a half up.
__int128 rounded(__int128 value, int bits) { return (value + (__int128(1) << (bits - 1))) >> bits; }

/// What no session would take would be cut to some other number here.
Result<Unit> check_range(const table::Prepared& columns) {
    for (std::size_t i = 0; i < columns.data.size(); ++i)
        if (!(std::fabs(columns.data[i]) <= kNumberMax))
            return fail(Status::INVALID_ARGUMENT,
                        "score: column {} of row {} is {} once it is prepared; expected a number within +-2^20",
                        display_text(columns.names[i % columns.cols()], 80), i / columns.cols() + 1, columns.data[i]);
    return Unit{};
}

/// Points of a sum of 2^-16, rounded as on shares: the factor and its product to 2^-16, then the points.
double points_of(std::int64_t logit, const PointScale& scale) {
    const double factor = -scale.double_after / std::log(2.0);
    const double offset = scale.points + factor * std::log(scale.odds);
    // A whole factor is used as it is.
    const bool whole = factor == std::trunc(factor);
    const __int128 product =
        __int128(logit) * (whole ? std::int64_t(factor) : std::llround(std::ldexp(factor, kFractionBits)));
    const __int128 scaled = whole ? product : rounded(product, kFractionBits);
    return double(std::int64_t(rounded(scaled + fixed(offset, kFractionBits), kFractionBits)));
}

/// Of sums of 2^-16.
Result<ModelScores> scores_of(const std::vector<__int128>& sums, const PointScale& scale) {
    ModelScores out;
    for (const __int128 sum : sums) {
        const double logit = std::ldexp(double(sum), -kFractionBits);
        if (std::fabs(logit) > kSumMax)
            return fail(Status::INVALID_ARGUMENT, "score: row {} adds up to {}; expected a number within +-2^30",
                        out.logits.size() + 1, logit);
        out.logits.push_back(logit);
        out.points.push_back(points_of(std::int64_t(sum), scale));
        out.probabilities.push_back(1 / (1 + std::exp(-logit)));
    }
    return out;
}

}  // namespace

/// Reads the file member by member.
class ModelReader {
public:
    explicit ModelReader(const Value& file) : file_(file) {}

    Result<ExportedModel> read() {
        if (!file_.is_object()) return wrong("", "an object", file_);
        const Value* const version = file_.find("version");
        if (!version || version->as_uint() != 1) return wrong("version", "1", version ? *version : Value());
        C2D_CHECK(read_heads());
        C2D_CHECK(read_scale());
        C2D_CHECK(read_rules());
        C2D_CHECK(out_.kind_ == ExportedModel::Kind::scorecard ? read_points() : read_weights());
        return std::move(out_);
    }

private:
    static Error wrong(std::string_view member, std::string_view expected, const Value& found) {
        return fail(Status::INVALID_ARGUMENT, "model{}{}: expected {}, found {}", member.empty() ? "" : ".", member,
                    expected, display_text(json::compact(found), 80));
    }
    static Result<double> number(std::string_view member, const Value* value) {
        if (value && value->is_number() && std::fabs(value->number()) <= kNumberMax) return value->number();
        return wrong(member, "a number within +-2^20", value ? *value : Value());
    }
    static Result<std::vector<double>> numbers(std::string_view member, const Value* value, std::size_t count) {
        if (!value || !value->is_array() || value->items().size() != count)
            return wrong(member, fmt::format("a list of {} numbers", count), value ? *value : Value());
        std::vector<double> out;
        for (const Value& one : value->items()) {
            C2D_TRY(out.emplace_back(), number(member, &one));
        }
        return out;
    }

    Result<Unit> read_heads() {
        const std::string kind = file_.text_at({"model"});
        if (kind != kKinds[0] && kind != kKinds[1])
            return wrong("model", "\"logistic regression\" or \"scorecard\"", kind);
        out_.kind_ = kind == kKinds[1] ? ExportedModel::Kind::scorecard : ExportedModel::Kind::logistic_regression;
        out_.name_ = file_.text_at({"name"});
        out_.binding_ = file_.text_at({"binding"});
        return Unit{};
    }
    Result<Unit> read_scale() {
        const auto within = [](double value, double least, double most) { return value >= least && value <= most; };
        PointScale& scale = out_.scale_;
        C2D_TRY(scale.points, number("scale.points", file_.at({"scale", "points"})));
        C2D_TRY(scale.odds, number("scale.odds", file_.at({"scale", "odds"})));
        C2D_TRY(scale.double_after, number("scale.double", file_.at({"scale", "double"})));
        if (within(scale.odds, 1e-6, 1e6) && within(scale.double_after, 1e-3, 1e6)) return Unit{};
        return wrong("scale", "odds from 10^-6 to 10^6 and double from 0.001 to 10^6", *file_.find("scale"));
    }
    Result<Unit> read_rules() {
        const Value* const rules = file_.find("rules");
        if (!rules || !rules->is_array() || rules->items().empty() || rules->items().size() > kRulesMax)
            return wrong("rules", "a list of 1 to 3 objects", rules ? *rules : Value());
        for (const Value& one : rules->items()) {
            const Value *const party = one.find("party"), *const rule = one.find("rule");
            if (!party || !party->as_uint() || *party->as_uint() >= kRulesMax || !rule)
                return wrong("rules", "objects of party and rule", one);
            C2D_TRY(out_.rules_.emplace_back(), table::PreprocessingRule::parse(json::compact(*rule)));
            out_.parties_.push_back(unsigned(*party->as_uint()));
            for (const auto& column : out_.rules_.back().columns())
                if (column.treatment != table::Treatment::drop &&
                    column.numbered != (out_.kind_ == ExportedModel::Kind::scorecard))
                    return fail(Status::INVALID_ARGUMENT, "model.rules: column {} is {}: expected {} of a {}",
                                display_text(column.name, 80), column.numbered ? "in bins" : "a number",
                                column.numbered ? "numbers" : "bins", kKinds[std::size_t(out_.kind_)]);
            columns_ += out_.rules_.back().output_names().size();
        }
        return Unit{};
    }
    Result<Unit> read_weights() {
        C2D_TRY(out_.weights_, numbers("weights", file_.find("weights"), columns_));
        C2D_TRY(out_.intercept_, number("intercept", file_.find("intercept")));
        return Unit{};
    }
    /// So many bins as the column's rule has, and no other.
    Result<Unit> read_points() {
        const Value* const points = file_.find("points");
        if (!points || !points->is_array() || points->items().size() != columns_)
            return wrong("points", fmt::format("lists of {} columns", columns_), points ? *points : Value());
        std::size_t at = 0;
        for (const auto& rule : out_.rules_)
            for (const auto& column : rule.columns()) {
                if (column.treatment == table::Treatment::drop) continue;
                const std::size_t bins = bins_of(column);
                if (bins > kBinsMax) return wrong("rules", "columns of at most 62 bins", Value(std::uint64_t(bins)));
                C2D_TRY(out_.points_.emplace_back(), numbers("points", &points->items()[at++], bins));
            }
        return Unit{};
    }
    static std::size_t bins_of(const table::ColumnRule& rule) {
        const std::size_t own = rule.treatment == table::Treatment::one_hot
                                    ? rule.values.size() + (rule.other ? 1 : 0)
                                    : rule.edges.size() + 1 + rule.special.size();
        return own + (rule.missing ? 1 : 0);
    }

    const Value& file_;
    ExportedModel out_;
    std::size_t columns_ = 0;
};

Result<ExportedModel> ExportedModel::parse(std::string_view text) {
    if (text.size() <= kBytesMax && std::ranges::count(text, ',') > kCommasMax)
        return fail(Status::LIMIT, "model: expected at most 2^22 values, found more");
    C2D_TRY(const Value file, json::parse(text, {.bytes_max = kBytesMax}));
    return ModelReader(file).read();
}

std::string ExportedModel::json() const {
    json::Array rules;
    for (std::size_t i = 0; i < rules_.size(); ++i)
        rules.push_back(Value::object(
            {{"party", parties_[i]}, {"rule", *json::parse(rules_[i].json(), {.bytes_max = kBytesMax})}}));
    Value out = Value::object(
        {{"version", 1},
         {"model", kKinds[std::size_t(kind_)]},
         {"name", name_},
         {"binding", binding_},
         {"rules", std::move(rules)},
         {"scale",
          Value::object({{"points", scale_.points}, {"odds", scale_.odds}, {"double", scale_.double_after}})}});
    if (kind_ == Kind::scorecard) {
        out.set("points", json::list_of(points_, [](const auto& column) { return Value(json::list_of(column)); }));
    } else {
        out.set("weights", json::list_of(weights_));
        out.set("intercept", intercept_);
    }
    return *json::canonical(out);
}

Result<ModelScores> ExportedModel::score(const std::vector<table::Table>& tables) const {
    if (tables.size() != 1 && tables.size() != rules_.size())
        return fail(Status::INVALID_ARGUMENT, "score: expected one table, or one for each of {} rules; found {}",
                    rules_.size(), tables.size());
    const std::size_t rows = tables[0].rows();
    // Of a regression with the bits of a weight besides, until all is added up.
    std::vector<__int128> sums(rows, __int128(fixed(intercept_, kWeightBits)) << kFractionBits);
    std::size_t first = 0;
    for (std::size_t i = 0; i < rules_.size(); ++i) {
        const table::Table& own = tables[tables.size() == 1 ? 0 : i];
        if (own.rows() != rows)
            return fail(Status::INVALID_ARGUMENT, "score: tables of {} and {} rows", rows, own.rows());
        C2D_TRY(const table::Prepared columns, rules_[i].apply(own));
        C2D_CHECK(check_range(columns));
        for (std::size_t row = 0; row < rows; ++row)
            for (std::size_t c = 0; c < columns.cols(); ++c) {
                const double value = columns.at(row, c);
                if (kind_ == Kind::scorecard)
                    sums[row] += fixed(points_[first + c][std::size_t(value)], kFractionBits);
                else
                    sums[row] += __int128(fixed(value, kFractionBits)) * fixed(weights_[first + c], kWeightBits);
            }
        first += columns.cols();
    }
    for (__int128& sum : sums)
        if (kind_ == Kind::logistic_regression) sum = rounded(sum, kWeightBits);
    return scores_of(sums, scale_);
}

}  // namespace c2d
