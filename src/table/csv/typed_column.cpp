#include "table/csv/typed_column.hpp"

#include "table/cell.hpp"
#include "table/date.hpp"

#include <algorithm>

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

TypedColumn::TypedColumn(const Field& field, const MissingWords& missing, char quote, Problems& problems,
                         std::size_t unique_max)
    : field_(&field),
      missing_(&missing),
      quote_(quote),
      problems_(&problems),
      builder_(field.type),
      check_(field, problems, unique_max) {}

template <class Value, class Parse>
bool TypedColumn::slow_cell(const Batch& batch, std::size_t row, std::size_t column, const char* wanted, Value& out,
                            Parse parse) {
    const std::string_view cell = unquoted(batch.cell(row, column), quote_, scratch_), text = trimmed(cell);
    if (missing_->has(cell) || missing_->has(text)) {
        check_.hold_missing(text, batch.line(row));
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
    for (std::size_t row = 0; row < batch.rows(); ++row) {
        std::string_view cell = batch.cell(row, column);
        if (!cell.empty() && cell.front() == quote_) cell = unquoted(cell, quote_, scratch_);
        if (!missing_->has(cell)) {
            builder_.add_text(cell);
            continue;
        }
        builder_.add_missing();
        check_.hold_missing(cell, batch.line(row));
    }
}

void TypedColumn::hold_against_constraints(const Batch& batch, std::size_t first) {
    for (std::size_t row = 0; row < batch.rows(); ++row) {
        const std::size_t at = first + row;
        if (builder_.is_missing(at)) continue;
        if (field_->type == Type::string)
            check_.hold_text(builder_.text(at), batch.line(row));
        else if (field_->type == Type::number)
            check_.hold_number(builder_.number(at), batch.line(row));
        else
            check_.hold_integer(builder_.integer(at), batch.line(row));
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
    if (check_.constrained()) hold_against_constraints(batch, first);
}

}  // namespace c2d::table
