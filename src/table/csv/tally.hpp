/// What the cells of a column look like, counted, before its type is decided.
#pragma once

#include "table/csv/records.hpp"

#include <array>
#include <map>

namespace c2d::table {

/// What a single cell looks like.
enum class CellKind : std::uint8_t {
    empty,
    missing_word,
    integer,
    /// As 00123: a code, whose zeros a number would lose.
    zero_led,
    /// 16 digits and more: a code, too.
    long_integer,
    /// 1.5, 1e3
    point_decimal,
    /// 1,5
    comma_decimal,
    /// 1,234: with a decimal comma, or a thousand.
    comma_unsure,
    /// 1,234,567 and 1,234.5
    comma_grouped,
    /// 1.234.567 and 1.234,5
    point_grouped,
    boolean,
    date,
    datetime,
    /// 2024/01/31, 31.01.2024, 2024年1月31日
    date_slashes,
    date_dots,
    date_chinese,
    /// 31/01/2024, 01/31/2024, and 01/02/2024
    day_first,
    month_first,
    day_unsure,
    text,
};
inline constexpr std::size_t kCellKinds = std::size_t(CellKind::text) + 1;

/// Words that programs write for a missing value, the empty one first.
extern const std::vector<std::string> kMissingWords;

/// `text` without blanks around it.
CellKind kind_of_cell(std::string_view text) noexcept;
bool is_number_kind(CellKind kind) noexcept;

class Tally {
public:
    void add(std::string_view text) {
        const CellKind kind = kind_of_cell(text);
        ++counts_[std::size_t(kind)];
        if (kind == CellKind::missing_word) ++missing_words_[std::string(text)];
        if (counts_up_) look_whether_it_counts(text);
    }
    void add(const Batch& batch, std::size_t column, char quote);

    std::uint64_t count(CellKind kind) const noexcept { return counts_[std::size_t(kind)]; }
    std::uint64_t count(std::initializer_list<CellKind> kinds) const noexcept;
    /// Cells that are not missing.
    std::uint64_t present() const noexcept;
    std::uint64_t numbers() const noexcept;
    const std::map<std::string, std::uint64_t>& missing_words() const noexcept { return missing_words_; }

    /// 0, 1, 2 and so on, as pandas numbers rows.
    bool counts_up() const noexcept { return counts_up_ && next_ != 0; }

private:
    void look_whether_it_counts(std::string_view text) noexcept;

    std::array<std::uint64_t, kCellKinds> counts_{};
    std::map<std::string, std::uint64_t> missing_words_;
    bool counts_up_ = true;
    std::int64_t next_ = 0;
};

}  // namespace c2d::table
