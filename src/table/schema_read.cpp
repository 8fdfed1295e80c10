// A schema out of JSON: all that is wrong with it at once, member by member.

#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "base/written_text.hpp"
#include "codec/written_json.hpp"
#include "table/date.hpp"
#include "table/values.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace c2d::table {

namespace {

using json::Value;

/// What may stand in one schema.
constexpr std::size_t kBytesMax = std::size_t{8} << 20, kAllowedMax = 10000, kWordsMax = 1000, kTextMax = 2000;

class SchemaReader {
public:
    Result<Schema> read(const Value& value) {
        Schema out;
        if (!value.is_object()) return fail(Status::INVALID_ARGUMENT, "a schema is an object with \"fields\"");
        check_members("", value, {"fields", "missingValues", "dialect", "encoding"});
        read_fields(value.find("fields"), out);
        if (const auto* words = value.find("missingValues")) out.missing = texts("missingValues", *words, kWordsMax);
        if (const auto* dialect = value.find("dialect")) out.dialect = read_dialect(*dialect);
        if (const auto* encoding = value.find("encoding")) out.encoding = text("encoding", *encoding);
        if (wrong_.empty()) return out;
        return fail(Status::INVALID_ARGUMENT, "schema: {}", wrong_);
    }

private:
    void complain(const std::string& where, const std::string& what) {
        if (wrong_.size() < 1500) wrong_ += (wrong_.empty() ? "" : "; ") + (where.empty() ? what : where + ": " + what);
    }
    void check_members(const std::string& where, const Value& value, std::initializer_list<std::string_view> known) {
        for (const auto& [name, member] : value.members())
            if (std::ranges::find(known, name) == known.end())
                complain(where, "a member \"" + display_text(name, 40) + "\" is not read");
    }
    std::string text(const std::string& where, const Value& value) {
        if (value.is_string() && value.text().size() <= kTextMax) return value.text();
        complain(where, "expected a text of at most " + std::to_string(kTextMax) + " bytes");
        return {};
    }
    std::vector<std::string> texts(const std::string& where, const Value& value, std::size_t count_max) {
        std::vector<std::string> out;
        if (!value.is_array() || value.items().size() > count_max) {
            complain(where, "expected a list of at most " + std::to_string(count_max) + " texts");
            return out;
        }
        for (const auto& item : value.items()) out.push_back(text(where, item));
        return out;
    }
    /// One ASCII character that is drawn, or a tab; none where `may_be_empty`.
    char mark(const std::string& where, const Value& value, bool may_be_empty) {
        const std::string& found = value.text();
        if (value.is_string() && found.empty() && may_be_empty) return 0;
        if (value.is_string() && found.size() == 1 && (found[0] == '\t' || (found[0] >= ' ' && found[0] < 0x7f)))
            return found[0];
        complain(where, "expected one ASCII character");
        return ',';
    }
    bool flag(const std::string& where, const Value& value) {
        if (!value.is_bool()) complain(where, "expected true or false");
        return value.boolean();
    }

    template <class Kind, std::size_t N>
    Kind one_of(const std::string& where, const Value& value, const std::array<Kind, N>& kinds,
                const char* (*name_of)(Kind) noexcept) {
        std::string known;
        for (const auto kind : kinds) {
            if (value.is_string() && value.text() == name_of(kind)) return kind;
            known += (known.empty() ? "" : ", ") + std::string(name_of(kind));
        }
        complain(where, "expected one of " + known + ", found " + display_text(json::compact(value), 60));
        return kinds[0];
    }

    void read_fields(const Value* fields, Schema& out) {
        if (fields == nullptr || !fields->is_array() || fields->items().empty() || fields->items().size() > kColumnsMax)
            return complain("fields", "expected a list of 1 to " + std::to_string(kColumnsMax) + " fields");
        std::set<std::string> names;
        for (const auto& item : fields->items()) {
            Field field = read_field(item, "fields[" + std::to_string(out.fields.size()) + "]");
            if (!names.insert(field.name).second)
                complain("fields", "two are called \"" + display_text(field.name, 60) + "\"");
            out.fields.push_back(std::move(field));
        }
    }

    Field read_field(const Value& value, std::string where) {
        Field out;
        const auto* const name = value.find("name");
        if (!value.is_object() || name == nullptr) {
            complain(where, "expected an object with a name");
            return out;
        }
        out.name = text(where, *name);
        where = "field \"" + display_text(out.name, 60) + "\"";
        if (out.name.empty() || out.name.size() > kNameBytesMax)
            complain(where, "a name has 1 to " + std::to_string(kNameBytesMax) + " bytes");
        check_members(where, value,
                      {"name", "type", "role", "format", "title", "description", "constraints", "decimalChar",
                       "groupChar", "trueValues", "falseValues"});
        constexpr std::array kTypes = {Type::string,  Type::integer, Type::number,
                                       Type::boolean, Type::date,    Type::datetime};
        constexpr std::array kRoles = {Role::feature, Role::id, Role::label, Role::weight, Role::ignore};
        if (const auto* type = value.find("type")) out.type = one_of(where + " type", *type, kTypes, &type_name);
        if (const auto* role = value.find("role")) out.role = one_of(where + " role", *role, kRoles, &role_name);
        if (const auto* title = value.find("title")) out.title = text(where, *title);
        if (const auto* about = value.find("description")) out.description = text(where, *about);
        read_form(value, where, out);
        if (const auto* rules = value.find("constraints")) read_constraints(*rules, where + " constraints", out);
        return out;
    }

    void read_form(const Value& value, const std::string& where, Field& out) {
        if (const auto* format = value.find("format")) {
            out.format = text(where, *format);
            const bool dates = out.type == Type::date || out.type == Type::datetime;
            if (out.format != "default" && (!dates || !is_date_pattern(out.format)))
                complain(where + " format",
                         dates ? "expected default, or a pattern with %Y, %m and %d, perhaps %H, %M and %S"
                               : "only dates have one");
        }
        if (const auto* decimal = value.find("decimalChar"))
            out.decimal = mark(where + " decimalChar", *decimal, false);
        if (const auto* group = value.find("groupChar")) out.group = mark(where + " groupChar", *group, true);
        if (out.decimal != '.' && out.decimal != ',') complain(where + " decimalChar", "expected . or ,");
        if (out.group == out.decimal) complain(where, "decimalChar and groupChar are the same");
        if (const auto* words = value.find("trueValues")) out.true_values = texts(where, *words, kWordsMax);
        if (const auto* words = value.find("falseValues")) out.false_values = texts(where, *words, kWordsMax);
        for (const auto& word : out.true_values)
            if (std::ranges::find(out.false_values, word) != out.false_values.end())
                complain(where, "\"" + display_text(word, 40) + "\" is both true and false");
    }

    void read_constraints(const Value& value, const std::string& where, Field& field) {
        if (!value.is_object()) return complain(where, "expected an object");
        check_members(where, value, {"required", "unique", "minimum", "maximum", "minLength", "maxLength", "enum"});
        Constraints& out = field.constraints;
        if (const auto* required = value.find("required")) out.required = flag(where, *required);
        if (const auto* unique = value.find("unique")) out.unique = flag(where, *unique);
        if (const auto* bound = value.find("minimum")) out.minimum = read_bound(*bound, where + " minimum", field.type);
        if (const auto* bound = value.find("maximum")) out.maximum = read_bound(*bound, where + " maximum", field.type);
        if (const auto* length = value.find("minLength")) out.length_min = read_length(*length, where, field.type);
        if (const auto* length = value.find("maxLength")) out.length_max = read_length(*length, where, field.type);
        if (const auto* allowed = value.find("enum")) read_allowed(*allowed, where + " enum", field);
    }

    std::optional<double> read_bound(const Value& value, const std::string& where, Type type) {
        std::optional<std::int64_t> moment;
        switch (type) {
            case Type::integer:
            case Type::number:
                if (value.is_number() && std::isfinite(value.number())) return value.number();
                complain(where, "expected a number");
                return std::nullopt;
            case Type::date:
                moment = value.is_string() ? parse_date(value.text()) : std::nullopt;
                if (!moment) complain(where, "expected a date like \"2024-01-31\"");
                return moment ? std::optional(double(*moment)) : std::nullopt;
            case Type::datetime:
                moment = value.is_string() ? parse_datetime(value.text()) : std::nullopt;
                if (!moment) complain(where, "expected a datetime like \"2024-01-31T08:30:00\"");
                return moment ? std::optional(double(*moment) / 1e6) : std::nullopt;
            default: complain(where, "only numbers and dates have one"); return std::nullopt;
        }
    }

    std::optional<std::uint64_t> read_length(const Value& value, const std::string& where, Type type) {
        const auto length = value.as_uint();
        if (type != Type::string || !length) complain(where, "a length is a whole number, and only texts have one");
        return length;
    }

    void read_allowed(const Value& value, const std::string& where, Field& field) {
        if (!value.is_array() || value.items().empty() || value.items().size() > kAllowedMax)
            return complain(where, "expected a list of 1 to " + std::to_string(kAllowedMax) + " values");
        const bool numbers = field.type == Type::integer || field.type == Type::number;
        if (!numbers && field.type != Type::string) return complain(where, "only texts and numbers have one");
        for (const auto& item : value.items()) {
            if (numbers && item.is_number())
                field.constraints.allowed.push_back(item.digits());
            else if (!numbers && item.is_string())
                field.constraints.allowed.push_back(text(where, item));
            else
                return complain(where, numbers ? "expected numbers" : "expected texts");
        }
    }

    Dialect read_dialect(const Value& value) {
        Dialect out;
        if (!value.is_object()) {
            complain("dialect", "expected an object");
            return out;
        }
        check_members("dialect", value,
                      {"delimiter", "quoteChar", "doubleQuote", "header", "lineTerminator", "csvddfVersion"});
        if (const auto* delimiter = value.find("delimiter"))
            out.delimiter = mark("dialect delimiter", *delimiter, false);
        if (const auto* quote = value.find("quoteChar")) out.quote = mark("dialect quoteChar", *quote, true);
        if (out.delimiter == out.quote) complain("dialect", "delimiter and quoteChar are the same");
        if (const auto* header = value.find("header")) out.header = flag("dialect header", *header);
        if (const auto* twice = value.find("doubleQuote"); twice != nullptr && !flag("dialect doubleQuote", *twice))
            complain("dialect doubleQuote", "quotes within quotes are written twice; no other form is read");
        if (const auto* end = value.find("lineTerminator"); end != nullptr)
            if (const auto& found = end->text(); found != "\n" && found != "\r\n" && found != "\r")
                complain("dialect lineTerminator", "expected \\n, \\r\\n or \\r");
        return out;
    }

    std::string wrong_;
};

}  // namespace

Result<Schema> schema_of(const Value& value) { return SchemaReader().read(value); }

Result<Schema> parse_schema(std::string_view json) {
    C2D_TRY(const auto value, json::parse_written(json, {kBytesMax, 16}));
    return schema_of(value);
}

Result<Schema> read_schema(const std::string& path) {
    C2D_TRY(const auto text, read_written_file(path, kBytesMax));
    auto schema = parse_schema(text);
    if (!schema) return fail(schema.status(), "{}: {}", path, schema.error().message);
    return schema;
}

}  // namespace c2d::table
