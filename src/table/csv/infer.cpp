#include "table/csv/infer.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace c2d::table {

namespace {

/// So many of a hundred cells decide; the others are problems then, not another type.
constexpr std::uint64_t kDecidingPercent = 95;

bool decides(std::uint64_t count, std::uint64_t present) { return count * 100 >= present * kDecidingPercent; }

using enum CellKind;

class Inference {
public:
    Inference(const std::vector<std::string>& names, const std::vector<Tally>& tallies, const Wishes& wishes,
              Problems& problems, std::vector<std::string>& decided)
        : names_(names), tallies_(tallies), wishes_(wishes), problems_(problems), decided_(decided) {
        for (const auto& tally : tallies_) {
            if (!decides(tally.numbers(), tally.present())) continue;
            commas_ += tally.count(comma_decimal);
            points_ += tally.count(point_decimal);
        }
    }

    Schema run() {
        Schema out;
        for (std::size_t i = 0; i < tallies_.size(); ++i) {
            Field field;
            field.name = names_[i];
            decide(tallies_[i], field);
            field.role = role_of(field);
            if (i == 0 && is_index(field, tallies_[0])) {
                field.role = Role::ignore;
                note(field, "counts 0, 1, 2 and so on: the index that pandas writes, left out");
            }
            out.fields.push_back(std::move(field));
        }
        note_missing_words(out);
        if (commas_ != 0 && points_ == 0) decided_.emplace_back("numbers have a decimal comma");
        for (const auto* wish : {&wishes_.id, &wishes_.label})
            if (!wish->empty() && out.find(*wish) == nullptr)
                problems_.add(0, *wish, "", "there is no column of this name");
        return out;
    }

private:
    Role role_of(const Field& field) const {
        if (field.name == wishes_.id) return Role::id;
        return field.name == wishes_.label ? Role::label : Role::feature;
    }

    bool is_index(const Field& field, const Tally& tally) const {
        return (wishes_.first_unnamed || field.name == "Unnamed: 0") && field.role == Role::feature &&
               tally.counts_up();
    }

    void unsure(const Field& field, const char* what) { problems_.add(0, field.name, "", what); }
    void note(const Field& field, const std::string& what) {
        decided_.push_back("column " + display_text(field.name, 80) + ": " + what);
    }

    void decide(const Tally& tally, Field& field) {
        const std::uint64_t present = tally.present();
        if (present == 0) return note(field, "no value at all");
        if (decides(tally.numbers(), present)) return decide_number(tally, field);
        if (decides(tally.count(boolean), present)) {
            field.type = Type::boolean;
            return;
        }
        if (decide_date(tally, field)) return;
        if (tally.numbers() != 0)
            note(field, fmt::format("{} of {} cells are numbers; taken as text", tally.numbers(), present));
    }

    void decide_number(const Tally& tally, Field& field) {
        const bool fractions =
            tally.count({point_decimal, comma_decimal, comma_unsure, comma_grouped, point_grouped}) != 0;
        if (tally.count(long_integer) != 0 && !fractions)
            return note(field, "numbers of 16 digits and more; taken as text");
        if (tally.count(zero_led) != 0 && !fractions) return note(field, "numbers with leading zeros; taken as text");
        field.type = fractions ? Type::number : Type::integer;
        if (fractions) decide_marks(tally, field);
        if (field.type == Type::number && field.decimal == '.' && field.group != 0 && tally.count(point_decimal) == 0 &&
            tally.count(comma_grouped) == 0)
            field.type = Type::integer;
    }

    void decide_marks(const Tally& tally, Field& field) {
        const bool comma = tally.count({comma_decimal, point_grouped}) != 0;
        const bool point = tally.count({point_decimal, comma_grouped}) != 0;
        if (wishes_.decimal != 0) {
            field.decimal = wishes_.decimal;
            field.group = wishes_.decimal == ',' ? (tally.count(point_grouped) != 0 ? '.' : 0)
                                                 : (tally.count({comma_grouped, comma_unsure}) != 0 ? ',' : 0);
            return;
        }
        if (comma && point)
            return unsure(
                field,
                "some numbers have a decimal comma, others a decimal point: mend the file, or state decimalChar");
        if (comma || (!point && commas_ != 0)) {
            if (points_ != 0 && !comma)
                return unsure(field, "1,234 may be a fraction or a thousand: state decimalChar or groupChar");
            field.decimal = ',';
            if (tally.count(point_grouped) != 0) field.group = '.';
            return;
        }
        if (tally.count(comma_grouped) != 0 || (tally.count(comma_unsure) != 0 && point)) {
            field.group = ',';
        } else if (tally.count(comma_unsure) != 0) {
            unsure(field, "1,234 may be a fraction or a thousand: state decimalChar or groupChar");
        } else if (point && commas_ != 0) {
            unsure(field, "decimal points, where other columns have decimal commas: state decimalChar");
        }
    }

    /// False: these are no dates.
    bool decide_date(const Tally& tally, Field& field) {
        const std::uint64_t present = tally.present();
        struct Form {
            CellKind kind;
            Type type;
            const char* format;
        };
        constexpr Form kForms[] = {{date, Type::date, "default"},
                                   {datetime, Type::datetime, "default"},
                                   {date_slashes, Type::date, "%Y/%m/%d"},
                                   {date_dots, Type::date, "%d.%m.%Y"},
                                   {date_chinese, Type::date, "%Y年%m月%d日"}};
        for (const auto& [kind, type, format] : kForms) {
            if (!decides(tally.count(kind), present)) continue;
            field.type = type;
            field.format = format;
            return true;
        }
        if (!decides(tally.count({day_first, month_first, day_unsure}), present)) return false;
        field.type = Type::date;
        field.format = tally.count(month_first) != 0 ? "%m/%d/%Y" : "%d/%m/%Y";
        if (tally.count(day_first) != 0 && tally.count(month_first) != 0)
            unsure(field, "some dates have the day first, others the month: mend the file");
        else if (tally.count(day_unsure) == tally.count({day_first, month_first, day_unsure}))
            unsure(field, "01/02/2024 may be of January or February: state the format, %d/%m/%Y or %m/%d/%Y");
        else
            note(field, "dates of the form " + field.format);
        return true;
    }

    void note_missing_words(Schema& schema) {
        std::map<std::string, std::uint64_t> words;
        for (const auto& tally : tallies_)
            for (const auto& [word, count] : tally.missing_words()) words[word] += count;
        for (const auto& [word, count] : words) {
            schema.missing.push_back(word);
            decided_.push_back(fmt::format("\"{}\" ({} cells) is taken as a missing value", word, count));
        }
    }

    const std::vector<std::string>& names_;
    const std::vector<Tally>& tallies_;
    const Wishes& wishes_;
    Problems& problems_;
    std::vector<std::string>& decided_;
    /// Numbers of each kind in columns of numbers.
    std::uint64_t commas_ = 0, points_ = 0;
};

}  // namespace

Schema infer_schema(const std::vector<std::string>& names, const std::vector<Tally>& tallies, const Wishes& wishes,
                    Problems& problems, std::vector<std::string>& decided) {
    return Inference(names, tallies, wishes, problems, decided).run();
}

}  // namespace c2d::table
