#include "table/constraint_check.hpp"

#include "table/cell.hpp"
#include "table/value_hash.hpp"
#include "table/value_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <utility>

namespace c2d::table {

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

ConstraintCheck::ConstraintCheck(const Field& field, Problems& problems, std::size_t unique_max)
    : field_(&field),
      problems_(&problems),
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

void ConstraintCheck::hold_missing(std::string_view found, std::uint64_t line) {
    if (field_->constraints.required || is_id())
        problems_->add(line, field_->name, found,
                       is_id() ? "the id is missing" : "missing, but the schema requires it");
}

void ConstraintCheck::hold_number(double value, std::uint64_t line) {
    hold_value(value, hash_of(std::bit_cast<std::uint64_t>(value)), line);
}

void ConstraintCheck::hold_integer(std::int64_t value, std::uint64_t line) {
    hold_value(constraint_number(field_->type, value), hash_of(std::uint64_t(value)), line);
}

void ConstraintCheck::note_repeated(std::string_view text, std::uint64_t line) {
    ++repeated_;
    if (field_->constraints.unique)
        problems_->add(line, field_->name, text, "equal to an earlier row, and the schema says unique");
}

void ConstraintCheck::hold_text(std::string_view text, std::uint64_t line) {
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

void ConstraintCheck::hold_value(double value, std::uint64_t hash, std::uint64_t line) {
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

std::vector<std::string> ConstraintCheck::notes(std::size_t unique_max) const {
    std::vector<std::string> out;
    const std::string name = "column " + display_text(field_->name, 80);
    if (repeated_ != 0) out.push_back(fmt::format("{}: {} rows repeat an earlier value", name, repeated_));
    if ((field_->constraints.unique || is_id()) && seen_.full())
        out.push_back(
            fmt::format("{}: equal values were looked for among the first {} different ones", name, unique_max));
    return out;
}

}  // namespace c2d::table
