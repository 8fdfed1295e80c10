#include "table/csv/dialect.hpp"

#include "table/cell.hpp"
#include "table/csv/tally.hpp"
#include "table/csv/unusable.hpp"

#include <algorithm>
#include <map>

namespace c2d::table {

namespace {

constexpr std::size_t kRecordsLookedAt = 1000;

/// How a text looks when one character separates.
struct Reading {
    char delimiter = 0;
    /// Cells of the first record; of most records, and how many those are.
    std::size_t first = 0, common = 0, agreeing = 0, records = 0;
    /// Cells that are no text, of the first cells.
    std::size_t values = 0, cells = 0;

    bool fits() const noexcept { return common >= 2 && first == common && agreeing == records; }
    bool nearly_fits() const noexcept { return common >= 2 && first == common && agreeing * 10 >= records * 8; }
    bool all_values() const noexcept { return values == cells; }
};

Reading read_with(std::string_view start, Marks marks) {
    Separators found(marks);
    found.scan(start, 0);
    Reading out;
    out.delimiter = marks.delimiter;
    std::map<std::size_t, std::size_t> counts;
    std::size_t cell = 0, from = 0;
    for (const std::uint32_t last : found.records()) {
        const std::size_t count = last + 1 - cell;
        const std::size_t end = found.cells()[last];
        if (count > 1 || (end != from && start.substr(from, end - from) != "\r")) {  // no blank line
            if (out.records++ == 0) out.first = count;
            ++counts[count];
        }
        for (std::size_t at = from; cell <= last; ++cell) {
            const std::string_view text = trimmed(start.substr(at, found.cells()[cell] - at));
            at = found.cells()[cell] + 1;
            ++out.cells;
            out.values += kind_of_cell(text) != CellKind::text ? 1 : 0;
        }
        from = end + 1;
        if (out.records == kRecordsLookedAt) break;
    }
    for (const auto& [count, records] : counts)
        if (records >= out.agreeing) out.common = count, out.agreeing = records;
    return out;
}

/// One column of numbers with a decimal comma reads as two columns of integers, too.
bool may_be_one_column(std::string_view start, const Reading& commas, char newline) {
    if (commas.delimiter != ',' || commas.common != 2) return false;
    std::size_t lines = 0, numbers = 0;
    while (!start.empty() && lines < kRecordsLookedAt) {
        const std::size_t end = std::min(start.find(newline), start.size());
        std::string_view line = start.substr(0, end);
        start.remove_prefix(std::min(end + 1, start.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty()) continue;
        ++lines;
        const CellKind kind = kind_of_cell(trimmed(line));
        numbers += kind == CellKind::comma_decimal || kind == CellKind::comma_unsure ? 1 : 0;
    }
    // A name above them is one word.
    return numbers == lines || (commas.first == 1 && numbers + 1 == lines);
}

Error two_readings(const Reading& a, const Reading& b) {
    return unusable(0, "{} separates {} columns, or {} separates {}: state the delimiter", mark_name(a.delimiter),
                    a.common, mark_name(b.delimiter), b.common);
}

/// The one of several readings whose cells are all values, where there is one.
Result<char> choose(const std::vector<Reading>& fitting) {
    const Reading* best = nullptr;
    for (const auto& reading : fitting) {
        if (!reading.all_values()) continue;
        if (best != nullptr) return two_readings(*best, reading);
        best = &reading;
    }
    if (best == nullptr) return two_readings(fitting[0], fitting[1]);
    return best->delimiter;
}

Result<char> find_delimiter(std::string_view start, Marks marks) {
    std::vector<Reading> fitting, near;
    for (const char delimiter : {',', ';', '\t', '|'}) {
        marks.delimiter = delimiter;
        const Reading reading = read_with(start, marks);
        if (may_be_one_column(start, reading, marks.newline))
            return unusable(0,
                            "one column of numbers with a decimal comma, or two of whole numbers: state the delimiter "
                            "(; for one column) and the decimal mark");
        if (reading.fits()) fitting.push_back(reading);
        if (reading.nearly_fits()) near.push_back(reading);
    }
    if (fitting.empty()) fitting = near;
    if (fitting.empty()) return '\0';  // a single column
    if (fitting.size() == 1) return fitting[0].delimiter;
    return choose(fitting);
}

/// Nothing but whole records, unless it is all that there is.
std::string_view whole_records(std::string_view start, char newline) {
    const std::size_t last = start.rfind(newline);
    return last == start.npos ? start : start.substr(0, last + 1);
}

}  // namespace

std::string mark_name(char delimiter) {
    switch (delimiter) {
        case ',': return "a comma";
        case ';': return "a semicolon";
        case '\t': return "a tab";
        case '|': return "a bar";
        default: return std::string("'") + delimiter + "'";
    }
}

Result<Marks> find_marks(std::string_view start, const Stated& stated, std::vector<std::string>& decided) {
    Marks out{stated.delimiter, stated.quote, '\n'};
    if (start.find('\n') == start.npos && start.find('\r') != start.npos) {
        out.newline = '\r';
        decided.emplace_back("lines end in a carriage return alone");
    }
    if (stated.delimiter != 0) return out;
    std::string text(whole_records(start, out.newline));
    if (!text.ends_with(out.newline)) text += out.newline;
    const auto found = find_delimiter(text, out);
    if (!found) return found.error();
    out.delimiter = *found;
    // Where there is one column alone, a comma within it would be a mistake that should be seen.
    decided.push_back(out.delimiter == 0 ? "one column" : mark_name(out.delimiter) + " separates the cells");
    if (out.delimiter == 0) out.delimiter = ',';
    return out;
}

}  // namespace c2d::table
