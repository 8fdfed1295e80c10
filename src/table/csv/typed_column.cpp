#include "table/csv/typed_column.hpp"

#include "table/cell.hpp"
#include "table/date.hpp"
#include "table/value_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace c2d::table {

MissingWords::MissingWords(const std::vector<std::string>& words) : words_(words) {
    for (const auto& word : words_) {
        if (word.empty()) {
            empty_ = true;
            continue;
        }
        first_[std::uint8_t(word.front())] = true;
        longest_ = std::max(longest_, word.size());
    }
}

bool MissingWords::among(std::string_view text) const noexcept {
    return std::ranges::find(words_, text) != words_.end();
}

bool SeenValues::add(std::uint64_t hash) {
    if (full()) return true;
    if (hash == 0) hash = 1;  // 0 is an empty place
    if (places_.size() < 2 * (count_ + 1)) grow();
    std::size_t at = hash & (places_.size() - 1);
    for (; places_[at] != 0; at = (at + 1) & (places_.size() - 1))
        if (places_[at] == hash) return false;
    places_[at] = hash;
    ++count_;
    return true;
}

void SeenValues::grow() {
    std::vector<std::uint64_t> before = std::exchange(places_, {});
    places_.resize(std::max<std::size_t>(64, before.size() * 2));
    for (const auto hash : before) {
        if (hash == 0) continue;
        std::size_t at = hash & (places_.size() - 1);
        while (places_[at] != 0) at = (at + 1) & (places_.size() - 1);
        places_[at] = hash;
    }
}

TypedColumn::TypedColumn(const Field& field, const MissingWords& missing, char quote, Problems& problems,
                         std::size_t unique_max)
    : field_(&field),
      missing_(&missing),
      quote_(quote),
      problems_(&problems),
      builder_(field.type),
      seen_(unique_max),
      allowed_(field.constraints.allowed.begin(), field.constraints.allowed.end()) {
    for (const auto& text : field.constraints.allowed) {
        double value = 0;
        if (parse_decimal(text, '.', 0, value)) allowed_numbers_.insert(value);
    }
    const Constraints& rules = field.constraints;
    constrained_ = rules.unique || rules.minimum || rules.maximum || rules.length_min || rules.length_max ||
                   !rules.allowed.empty() || is_id();
}

template <class Value, class Parse>
bool TypedColumn::slow_cell(const Batch& batch, std::size_t row, std::size_t column, const char* wanted, Value& out,
                            Parse parse) {
    const std::string_view cell = unquoted(batch.cell(row, column), quote_, scratch_), text = trimmed(cell);
    if (missing_->has(cell) || missing_->has(text)) {
        if (field_->constraints.required || is_id())
            problems_->add(batch.line(row), field_->name, text,
                           is_id() ? "the id is missing" : "missing, but the schema requires it");
        return false;
    }
    if (parse(text, out)) return true;
    if (text.empty())
        problems_->add(batch.line(row), field_->name, "", "empty, and the schema's missingValues do not have \"\"");
    else
        problems_->add(batch.line(row), field_->name, text, wanted);
    return false;
}

void TypedColumn::append_numbers(const Batch& batch, std::size_t column) {
    const char decimal = field_->decimal, group = field_->group;
    const std::size_t rows = batch.rows(), first = builder_.rows();
    double* const out = builder_.extend_numbers(rows);
    const auto parse = [decimal, group](std::string_view text, double& value) {
        return parse_decimal(text, decimal, group, value);
    };
    for (std::size_t row = 0; row < rows; ++row) {
        const std::string_view cell = batch.cell(row, column);
        if (parse_plain_decimal(cell.data(), cell.data() + cell.size(), decimal, out[row])) continue;
        if (!slow_cell(batch, row, column,
                       decimal == '.' ? "expected a number" : "expected a number with a decimal comma", out[row],
                       parse))
            builder_.mark_missing(first + row);
    }
}

void TypedColumn::append_integers(const Batch& batch, std::size_t column) {
    const std::size_t rows = batch.rows(), first = builder_.rows();
    std::int64_t* const out = builder_.extend_integers(rows);
    const auto parse = [group = field_->group](std::string_view text, std::int64_t& value) {
        return parse_integer(text, group, value);
    };
    for (std::size_t row = 0; row < rows; ++row) {
        const std::string_view cell = batch.cell(row, column);
        if (parse_plain_integer(cell.data(), cell.data() + cell.size(), out[row])) continue;
        if (!slow_cell(batch, row, column, "expected a whole number", out[row], parse))
            builder_.mark_missing(first + row);
    }
}

template <class Parse>
void TypedColumn::append_others(const Batch& batch, std::size_t column, const char* wanted, Parse parse) {
    const std::size_t rows = batch.rows(), first = builder_.rows();
    std::int64_t* const out = builder_.extend_integers(rows);
    for (std::size_t row = 0; row < rows; ++row)
        if (!slow_cell(batch, row, column, wanted, out[row], parse)) builder_.mark_missing(first + row);
}

void TypedColumn::append_dates(const Batch& batch, std::size_t column) {
    const bool moments = field_->type == Type::datetime, iso = field_->format == "default";
    const auto parse = [&](std::string_view text, std::int64_t& out) {
        const auto value =
            iso ? (moments ? parse_datetime(text) : parse_date(text))
                : (moments ? parse_datetime_as(text, field_->format) : parse_date_as(text, field_->format));
        out = value.value_or(0);
        return value.has_value();
    };
    const std::string form = moments ? "2024-01-31T08:30:00" : "2024-01-31";
    const std::string wanted = "expected a " + std::string(type_name(field_->type)) +
                               (iso ? " like " + form : " of the form " + field_->format);
    append_others(batch, column, wanted.c_str(), parse);
}

void TypedColumn::append_booleans(const Batch& batch, std::size_t column) {
    append_others(batch, column, "expected true or false, as the schema has them",
                  [this](std::string_view text, std::int64_t& out) {
                      out = std::ranges::find(field_->true_values, text) != field_->true_values.end() ? 1 : 0;
                      return out == 1 || std::ranges::find(field_->false_values, text) != field_->false_values.end();
                  });
}

void TypedColumn::append_texts(const Batch& batch, std::size_t column) {
    const bool required = field_->constraints.required || is_id();
    for (std::size_t row = 0; row < batch.rows(); ++row) {
        std::string_view cell = batch.cell(row, column);
        if (!cell.empty() && cell.front() == quote_) cell = unquoted(cell, quote_, scratch_);
        if (!missing_->has(cell)) {
            builder_.add_text(cell);
            continue;
        }
        builder_.add_missing();
        if (required)
            problems_->add(batch.line(row), field_->name, cell,
                           is_id() ? "the id is missing" : "missing, but the schema requires it");
    }
}

void TypedColumn::note_repeated(std::string_view text, std::uint64_t line) {
    ++repeated_;
    if (field_->constraints.unique)
        problems_->add(line, field_->name, text, "equal to an earlier row, and the schema says unique");
}

void TypedColumn::hold_text(std::string_view text, std::uint64_t line) {
    const Constraints& rules = field_->constraints;
    if (is_id() && text.size() > kIdBytesMax)
        problems_->add(line, field_->name, text,
                       fmt::format("an id may have {} bytes, found {}", kIdBytesMax, text.size()));
    if (!allowed_.empty() && !allowed_.contains(std::string(text)))
        problems_->add(line, field_->name, text, "not among the values that the schema allows");
    if (rules.length_min || rules.length_max) {
        const auto length = std::uint64_t(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
        if (length < rules.length_min.value_or(0) || length > rules.length_max.value_or(length))
            problems_->add(line, field_->name, text,
                           fmt::format("has {} characters, which the schema does not allow", length));
    }
    if ((rules.unique || is_id()) && !seen_.add(hash_of(text))) note_repeated(text, line);
}

void TypedColumn::hold_number(double value, std::uint64_t hash, std::uint64_t line) {
    const Constraints& rules = field_->constraints;
    const auto shown = [&] { return value_text(field_->type, value); };
    if (value < rules.minimum.value_or(value))
        problems_->add(line, field_->name, shown(),
                       "below the schema's minimum " + value_text(field_->type, *rules.minimum));
    if (value > rules.maximum.value_or(value))
        problems_->add(line, field_->name, shown(),
                       "above the schema's maximum " + value_text(field_->type, *rules.maximum));
    if (!rules.allowed.empty() && field_->type != Type::boolean && !allowed_numbers_.contains(value))
        problems_->add(line, field_->name, shown(), "not among the values that the schema allows");
    if ((rules.unique || is_id()) && !seen_.add(hash)) note_repeated(shown(), line);
}

void TypedColumn::hold_against_constraints(const Batch& batch, std::size_t first) {
    for (std::size_t row = 0; row < batch.rows(); ++row) {
        const std::size_t at = first + row;
        if (builder_.is_missing(at)) continue;
        if (field_->type == Type::string)
            hold_text(builder_.text(at), batch.line(row));
        else if (field_->type == Type::number)
            hold_number(builder_.number(at), hash_of(std::bit_cast<std::uint64_t>(builder_.number(at))),
                        batch.line(row));
        else
            hold_number(constraint_number(field_->type, builder_.integer(at)),
                        hash_of(std::uint64_t(builder_.integer(at))), batch.line(row));
    }
}

void TypedColumn::append(const Batch& batch, std::size_t column) {
    const std::size_t first = builder_.rows();
    switch (field_->type) {
        case Type::number: append_numbers(batch, column); break;
        case Type::integer: append_integers(batch, column); break;
        case Type::string: append_texts(batch, column); break;
        case Type::boolean: append_booleans(batch, column); break;
        case Type::date:
        case Type::datetime: append_dates(batch, column); break;
    }
    if (constrained_) hold_against_constraints(batch, first);
}

}  // namespace c2d::table
