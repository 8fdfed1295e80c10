#include "table/csv/header.hpp"

#include "table/cell.hpp"
#include "table/csv/unusable.hpp"

#include <algorithm>
#include <set>

namespace c2d::table {

namespace {

/// What the first record's cells look like beside the columns below them.
struct Comparison {
    std::size_t over_numbers = 0, words_over_numbers = 0, wholes_over_numbers = 0, fractions = 0, missing = 0,
                numbers = 0;
    /// Whole numbers over columns of fractions only.
    std::size_t wholes_over_fractions = 0;
};

Comparison compare(const std::vector<std::string>& first, const std::vector<Tally>& below) {
    Comparison out;
    for (std::size_t i = 0; i < first.size(); ++i) {
        const CellKind kind = kind_of_cell(trimmed(first[i]));
        const bool number = is_number_kind(kind), whole = kind == CellKind::integer;
        out.numbers += number ? 1 : 0;
        out.fractions += number && !whole ? 1 : 0;
        out.missing += kind == CellKind::empty || kind == CellKind::missing_word ? 1 : 0;
        const std::uint64_t numbers = below[i].numbers();
        if (numbers == 0 || numbers * 10 < below[i].present() * 9) continue;
        ++out.over_numbers;
        out.words_over_numbers += kind == CellKind::text || kind == CellKind::boolean ? 1 : 0;
        out.wholes_over_numbers += whole ? 1 : 0;
        out.wholes_over_fractions += whole && below[i].count(CellKind::integer) * 2 < numbers ? 1 : 0;
    }
    return out;
}

/// 0, 1, 2 … as pandas names columns that have no names.
bool counts_up(const std::vector<std::string>& first) {
    for (std::size_t i = 0; i < first.size(); ++i)
        if (trimmed(first[i]) != std::to_string(i)) return false;
    return true;
}

bool ascends(const std::vector<std::string>& first) {
    std::int64_t before = 0, value = 0;
    for (std::size_t i = 0; i < first.size(); ++i, before = value) {
        const auto text = trimmed(first[i]);
        if (!parse_plain_integer(text.data(), text.data() + text.size(), value) || (i != 0 && value <= before))
            return false;
    }
    return true;
}

bool any_missing_or_twice(const std::vector<std::string>& first) {
    std::set<std::string_view> seen;
    return std::ranges::any_of(first,
                               [&](const std::string& name) { return name.empty() || !seen.insert(name).second; });
}

std::string shown(const std::vector<std::string>& first) {
    std::string out;
    for (const auto& name : first) out += (out.empty() ? "" : ", ") + name;
    return display_text(out, 80);
}

Error header_unsure(const std::vector<std::string>& first) {
    return unusable(1, "\"{}\" may be names or the first row: state whether there is a header", shown(first));
}

/// Whole numbers alone in the first record.
Result<bool> is_header_of_numbers(const std::vector<std::string>& first, const Comparison& found,
                                  std::vector<std::string>& decided) {
    const bool over_fractions = found.wholes_over_fractions == first.size(), counts = counts_up(first);
    // 0, or 0 and 1, are values as well as names: fractions below say that they are names.
    if (counts && first.size() < 3 && !over_fractions) return header_unsure(first);
    if (counts || (over_fractions && first.size() > 1 && ascends(first))) {
        decided.push_back("the numbers of line 1 (" + shown(first) + ") are taken as names");
        return true;
    }
    return false;
}

}  // namespace

Result<bool> is_header(const std::vector<std::string>& first, const std::vector<Tally>& below,
                       std::vector<std::string>& decided) {
    const Comparison found = compare(first, below);
    const auto no_header = [&] {
        decided.push_back("line 1 (" + shown(first) + ") is taken as data: there is no header");
        return false;
    };
    if (found.numbers == 0) {
        if (any_missing_or_twice(first) && found.missing < first.size() && found.over_numbers == 0 && found.missing > 1)
            return header_unsure(first);
        if (found.over_numbers == 0)
            decided.push_back("line 1 (" + shown(first) + ") is taken as names; nothing below tells them from values");
        return true;
    }
    if (found.numbers == first.size() && found.fractions == 0) {
        const auto names = is_header_of_numbers(first, found, decided);
        if (!names || *names) return names;
        return no_header();
    }
    if (found.fractions != 0) return no_header();  // nobody names a column 0.5
    if (found.words_over_numbers != 0) {
        decided.push_back("line 1 (" + shown(first) + ") is taken as names");
        return true;
    }
    if (found.wholes_over_numbers == found.wholes_over_fractions && found.wholes_over_fractions != 0) {
        decided.push_back("line 1 (" + shown(first) + ") is taken as names");
        return true;
    }
    return header_unsure(first);
}

std::vector<std::string> column_names(const std::vector<std::string>& first, std::size_t columns, Problems& problems,
                                      std::vector<std::string>& decided) {
    std::vector<std::string> out;
    std::set<std::string> seen;
    for (std::size_t i = 0; i < columns; ++i) {
        std::string name(i < first.size() ? trimmed(first[i]) : std::string_view{});
        if (name.empty()) {
            name = "column_" + std::to_string(i + 1);
            if (!first.empty())
                decided.push_back("column " + std::to_string(i + 1) + " has no name: it is called " + name);
        }
        if (name.size() > kNameBytesMax)
            problems.add(1, name, "", fmt::format("a name may have {} bytes, found {}", kNameBytesMax, name.size()));
        if (!seen.insert(name).second) problems.add(1, name, "", "two columns have this name: rename one");
        out.push_back(std::move(name));
    }
    return out;
}

}  // namespace c2d::table
