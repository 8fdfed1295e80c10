/// PMML 4.4 (Data Mining Group): what a model does, for programs that know nothing of c2d.

#include <c2d/exported_model.hpp>

#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "base/version.hpp"
#include "codec/number_text.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace c2d {

namespace {

using table::ColumnRule;
using table::Treatment;
using table::Type;

/// Reason codes that a scorecard tells, and what each is called before its number.
constexpr std::size_t kReasons = 4;
constexpr std::string_view kReason = "reason_";

std::string number(double value) { return ecmascript_number_text(value); }

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            default: out += c;
        }
    }
    return out;
}

/// XML 1.0 has no control characters, escaped or not, and neither U+FFFE nor U+FFFF; nor are line ends and tabs of
/// attributes kept.
bool has_xml(std::string_view text) {
    const bool no_characters = text.find("\xEF\xBF\xBE") != text.npos || text.find("\xEF\xBF\xBF") != text.npos;
    return !no_characters &&
           std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::string field_ref(const std::string& name) { return fmt::format("<FieldRef field=\"{}\"/>", escaped(name)); }
std::string constant(double value) { return fmt::format("<Constant dataType=\"double\">{}</Constant>", number(value)); }
template <class... Parts>
std::string call(std::string_view function, const Parts&... parts) {
    return fmt::format("<Apply function=\"{}\">{}</Apply>", function, (std::string() + ... + parts));
}

std::string simple(const std::string& field, std::string_view how, const std::string& value) {
    return fmt::format("<SimplePredicate field=\"{}\" operator=\"{}\" value=\"{}\"/>", escaped(field), how,
                       escaped(value));
}
std::string is_missing(const std::string& field) {
    return fmt::format("<SimplePredicate field=\"{}\" operator=\"isMissing\"/>", escaped(field));
}

/// A bin and the rows that fall into it. The first predicate that holds counts.
struct BinTest {
    std::size_t bin;
    std::string predicate;
};

}  // namespace

/// Collects fields, transformations and the model, and puts them together.
class PmmlWriter {
public:
    explicit PmmlWriter(const ExportedModel& model) : model_(model) {}

    Result<std::string> write() {
        if (!has_xml(model_.name_))
            return fail(Status::INVALID_ARGUMENT, "the model's name {} has a character that XML does not have",
                        display_text(model_.name_, 80));
        std::string body;
        if (model_.kind_ == ExportedModel::Kind::scorecard) {
            C2D_TRY(body, scorecard());
        } else {
            C2D_TRY(body, regression());
        }
        return fmt::format(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<PMML xmlns=\"http://www.dmg.org/PMML-4_4\" version=\"4.4\">\n"
            "<Header><Application name=\"c2d\" version=\"{}\"/></Header>\n"
            "<DataDictionary numberOfFields=\"{}\">\n{}</DataDictionary>\n"
            "<TransformationDictionary>\n{}</TransformationDictionary>\n{}</PMML>\n",
            kVersionText, fields_count_, fields_, transformations_, body);
    }

private:
    // ------------------------------------------------------------ fields

    Result<Unit> add_field(const ColumnRule& rule) {
        if (!has_xml(rule.name) || !std::ranges::all_of(rule.values, has_xml))
            return fail(Status::INVALID_ARGUMENT, "column {} has a character that XML does not have",
                        display_text(rule.name, 80));
        if (rule.type == Type::datetime)
            return fail(Status::UNSUPPORTED, "column {} is a datetime, whose parts of a second PMML does not have",
                        display_text(rule.name, 80));
        if (is_output(rule.name))
            return fail(Status::UNSUPPORTED,
                        "column {} has the name of an output, and PMML knows both by their name alone",
                        display_text(rule.name, 80));
        if (!names_.insert(rule.name).second)
            return fail(Status::UNSUPPORTED, "two tables have a column {}: PMML knows fields by their name alone",
                        display_text(rule.name, 80));
        ++fields_count_;
        const bool numeric = rule.type == Type::number || rule.type == Type::integer;
        fields_ += fmt::format("<DataField name=\"{}\" optype=\"{}\" dataType=\"{}\"/>\n", escaped(rule.name),
                               numeric || rule.type == Type::date ? "continuous" : "categorical",
                               numeric                      ? "double"
                               : rule.type == Type::date    ? "integer"
                               : rule.type == Type::boolean ? "boolean"
                                                            : "string");
        schema_ += fmt::format("<MiningField name=\"{}\" usageType=\"active\" invalidValueTreatment=\"asIs\"/>\n",
                               escaped(rule.name));
        return Unit{};
    }

    /// What whoever uses the file asks for.
    bool is_output(std::string_view name) const {
        const bool card = model_.kind_ == ExportedModel::Kind::scorecard;
        const auto number = name.starts_with(kReason) ? name.substr(kReason.size()) : std::string_view();
        const bool reason = number.size() == 1 && number[0] >= '1' && number[0] <= char('0' + kReasons);
        return name == "points" || (card ? reason : name == "probability");
    }
    std::string free_name(std::string name) {
        while (!names_.insert(name).second) name += "'";
        return name;
    }
    std::string derive(const std::string& name, const std::string& expression) {
        std::string free = free_name(name);
        transformations_ +=
            fmt::format("<DerivedField name=\"{}\" optype=\"continuous\" dataType=\"double\">{}</DerivedField>\n",
                        escaped(free), expression);
        return free;
    }

    /// A cell as a number: dates, which come as days since 1970, as days before the newest; truth as 1.
    static std::string raw(const ColumnRule& rule) {
        if (rule.newest) return call("-", constant(double(*rule.newest)), field_ref(rule.name));
        if (rule.type == Type::boolean)
            return call("if", call("equal", field_ref(rule.name), "<Constant dataType=\"boolean\">true</Constant>"),
                        constant(1), constant(0));
        return field_ref(rule.name);
    }

    // ------------------------------------------------------------ regression

    /// `shaped` and `number` of table/rule, as an expression.
    static std::string prepared_number(const ColumnRule& rule) {
        std::string value = call("if", call("isMissing", field_ref(rule.name)), constant(rule.fill), raw(rule));
        if (rule.clip) value = call("min", call("max", value, constant(rule.clip->first)), constant(rule.clip->second));
        if (rule.log)
            value = call("if", call("lessThan", value, constant(0)),
                         call("-", constant(0), call("ln", call("-", constant(1), value))),
                         call("ln", call("+", constant(1), value)));
        if (rule.mean != 0) value = call("-", value, constant(rule.mean));
        if (rule.scale != 1) value = call("/", value, constant(rule.scale));
        return value;
    }
    static std::string one_where(const std::string& condition) {
        return call("if", condition, constant(1), constant(0));
    }
    /// A text that is there and has no field of its own.
    static std::string none_of(const ColumnRule& rule, const std::vector<std::string>& fields) {
        std::string value = constant(1);
        for (const auto& field : fields) value = call("-", value, field_ref(field));
        return call("if", call("isMissing", field_ref(rule.name)), constant(0), value);
    }

    /// The fields that one rule makes, in the order of its prepared columns.
    Result<std::vector<std::string>> prepared_fields(const ColumnRule& rule) {
        std::vector<std::string> out;
        const auto add = [&](const std::string& suffix, const std::string& expression) {
            out.push_back(derive("prepared " + rule.name + suffix, expression));
        };
        const std::string missing = call("isMissing", field_ref(rule.name));
        switch (rule.treatment) {
            case Treatment::number:
                add("", prepared_number(rule));
                if (rule.flag) add(" (missing)", one_where(missing));
                return out;
            case Treatment::one_hot: {
                for (const auto& value : rule.values)
                    add("=" + value, fmt::format("<NormDiscrete field=\"{}\" value=\"{}\" mapMissingTo=\"0\"/>",
                                                 escaped(rule.name), escaped(value)));
                if (rule.other) add(" (other)", none_of(rule, out));
                if (rule.missing) add(" (missing)", one_where(missing));
                return out;
            }
            default: break;
        }
        return fail(Status::UNSUPPORTED, "column {} is in bins or mapped, which is not written as PMML of a regression",
                    display_text(rule.name, 80));
    }

    Result<std::string> regression() {
        std::string predictors;
        std::size_t at = 0;
        for (const auto& rule : model_.rules_)
            for (const auto& column : rule.columns()) {
                if (column.treatment == Treatment::drop) continue;
                C2D_CHECK(add_field(column));
                C2D_TRY(const auto fields, prepared_fields(column));
                for (const auto& field : fields)
                    predictors += fmt::format("<NumericPredictor name=\"{}\" coefficient=\"{}\"/>\n", escaped(field),
                                              number(model_.weights_[at++]));
            }
        const double factor = factor_of(), offset = offset_of();
        const std::string odds =
            call("ln", call("/", field_ref("probability"), call("-", constant(1), field_ref("probability"))));
        return fmt::format(
            "<RegressionModel modelName=\"{}\" functionName=\"regression\" normalizationMethod=\"logit\">\n"
            "<MiningSchema>\n{}</MiningSchema>\n"
            "<Output>\n<OutputField name=\"probability\" optype=\"continuous\" dataType=\"double\" "
            "feature=\"predictedValue\"/>\n"
            "<OutputField name=\"points\" optype=\"continuous\" dataType=\"double\" "
            "feature=\"transformedValue\">{}</OutputField>\n"
            "</Output>\n<RegressionTable intercept=\"{}\">\n{}</RegressionTable>\n</RegressionModel>\n",
            escaped(model_.name_), schema_,
            call("round", call("+", constant(offset), call("*", constant(factor), odds))), number(model_.intercept_),
            predictors);
    }

    // ------------------------------------------------------------ scorecard

    /// What a sum of 1 adds, as it is rounded on shares, and the points at a sum of 0.
    double factor_of() const {
        return std::ldexp(std::round(std::ldexp(-model_.scale_.double_after / std::log(2.0), 16)), -16);
    }
    double offset_of() const {
        return model_.scale_.points - model_.scale_.double_after / std::log(2.0) * std::log(model_.scale_.odds);
    }

    /// Missing cells, then special values, then intervals.
    std::vector<BinTest> tests_of_numbers(const ColumnRule& rule) {
        const std::string field = rule.type == Type::number || rule.type == Type::integer
                                      ? rule.name
                                      : derive("number of " + rule.name, raw(rule));
        const std::size_t intervals = rule.edges.size() + 1;
        const auto fill = std::size_t(std::ranges::lower_bound(rule.edges, rule.fill) - rule.edges.begin());
        std::vector<BinTest> out{{rule.missing ? intervals + rule.special.size() : fill, is_missing(rule.name)}};
        for (std::size_t i = 0; i < rule.special.size(); ++i)
            out.push_back({intervals + i, simple(field, "equal", number(rule.special[i]))});
        // The ones before are false: only upper ends are left to ask for.
        for (std::size_t i = 0; i < rule.edges.size(); ++i)
            out.push_back({i, simple(field, "lessOrEqual", number(rule.edges[i]))});
        out.push_back({rule.edges.size(), "<True/>"});
        return out;
    }
    static std::vector<BinTest> tests_of_texts(const ColumnRule& rule) {
        const std::size_t values = rule.values.size();
        const auto fill = std::size_t(rule.fill);
        std::vector<BinTest> out{{rule.missing ? values + (rule.other ? 1 : 0) : fill, is_missing(rule.name)}};
        for (std::size_t i = 0; i < values; ++i) out.push_back({i, simple(rule.name, "equal", rule.values[i])});
        out.push_back({rule.other ? values : fill, "<True/>"});
        return out;
    }

    std::string characteristic(const ColumnRule& rule, const std::vector<double>& adds) {
        const double factor = factor_of();
        std::string attributes;
        for (const BinTest& test : rule.treatment == Treatment::one_hot ? tests_of_texts(rule) : tests_of_numbers(rule))
            attributes += fmt::format("<Attribute partialScore=\"{}\">{}</Attribute>\n",
                                      number(factor * adds[test.bin]), test.predicate);
        const double best = factor * std::ranges::min(adds);
        return fmt::format(
            "<Characteristic name=\"{0} score\" reasonCode=\"{0}\" baselineScore=\"{1}\">\n{2}</Characteristic>\n",
            escaped(rule.name), number(best), attributes);
    }

    Result<std::string> scorecard() {
        std::string characteristics;
        std::size_t at = 0;
        for (const auto& rule : model_.rules_)
            for (const auto& column : rule.columns()) {
                if (column.treatment == Treatment::drop) continue;
                C2D_CHECK(add_field(column));
                characteristics += characteristic(column, model_.points_[at++]);
            }
        const std::string score = free_name("score");
        return fmt::format(
            "<Scorecard modelName=\"{}\" functionName=\"regression\" initialScore=\"{}\" useReasonCodes=\"true\" "
            "reasonCodeAlgorithm=\"pointsBelow\" baselineMethod=\"max\">\n<MiningSchema>\n{}</MiningSchema>\n"
            "<Output>\n<OutputField name=\"{}\" optype=\"continuous\" dataType=\"double\" "
            "feature=\"predictedValue\"/>\n"
            "<OutputField name=\"points\" optype=\"continuous\" dataType=\"double\" "
            "feature=\"transformedValue\">{}</OutputField>\n"
            "{}</Output>\n<Characteristics>\n{}</Characteristics>\n</Scorecard>\n",
            escaped(model_.name_), number(offset_of()), schema_, escaped(score), call("round", field_ref(score)),
            reason_outputs(at), characteristics);
    }
    static std::string reason_outputs(std::size_t columns) {
        std::string out;
        for (std::size_t rank = 1; rank <= std::min(kReasons, columns); ++rank)
            out += fmt::format(
                "<OutputField name=\"{0}{1}\" optype=\"categorical\" dataType=\"string\" feature=\"reasonCode\" "
                "rank=\"{1}\"/>\n",
                kReason, rank);
        return out;
    }

    const ExportedModel& model_;
    std::set<std::string> names_;
    std::size_t fields_count_ = 0;
    std::string fields_, schema_, transformations_;
};

Result<std::string> ExportedModel::pmml() const { return PmmlWriter(*this).write(); }

}  // namespace c2d
