#include "table/csv/records.hpp"

#include "base/try.hpp"
#include "base/utf8.hpp"
#include "table/csv/unusable.hpp"

#include <algorithm>
#include <cstring>

namespace c2d::table {

namespace {

/// What is read at once: small enough to stay in a core's cache with the places of its cells.
constexpr std::size_t kPieceBytes = std::size_t{256} << 10;

/// Where the first character stands that is none of UTF-8.
std::size_t first_broken(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t length = first_code_point(text.substr(at)).length;
        if (length == 0) return at;
        at += length;
    }
    return at;
}

/// Without a character that the end cuts.
std::string_view whole_characters(std::string_view text) {
    for (std::size_t cut = 1; cut <= 3 && cut <= text.size(); ++cut) {
        const auto lead = std::uint8_t(text[text.size() - cut]);
        if (lead < 0x80) break;
        if (lead >= 0xc0) {
            const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
            return length > cut ? text.substr(0, text.size() - cut) : text;
        }
    }
    return text;
}

bool is_ascii(std::string_view text) {
    std::uint64_t seen = 0;
    std::size_t i = 0;
    for (std::uint64_t word = 0; i + 8 <= text.size(); i += 8) {
        std::memcpy(&word, text.data() + i, 8);
        seen |= word;
    }
    for (; i < text.size(); ++i) seen |= std::uint8_t(text[i]);
    return (seen & 0x8080808080808080) == 0;
}

}  // namespace

std::string_view unquoted(std::string_view cell, char quote, std::string& scratch) {
    if (quote == 0 || cell.size() < 2 || cell.front() != quote || cell.back() != quote) return cell;
    cell = cell.substr(1, cell.size() - 2);
    if (cell.find(quote) == cell.npos) return cell;
    scratch.clear();
    for (std::size_t i = 0; i < cell.size(); ++i) {
        scratch += cell[i];
        if (cell[i] == quote) ++i;
    }
    return scratch;
}

Records::Records(TextStream& text, Marks marks, std::size_t columns, bool skip_first, Problems& problems)
    : text_(&text),
      marks_(marks),
      columns_(columns),
      skip_first_(skip_first),
      problems_(&problems),
      separators_(marks) {}

/// The line of a place behind what was handed out.
std::uint64_t Records::line_at(std::size_t place) const {
    const auto begin = buffer_.begin();
    return line_ + std::uint64_t(
                       std::count(begin + std::ptrdiff_t(taken_bytes_), begin + std::ptrdiff_t(place), marks_.newline));
}

void Records::drop_taken() {
    separators_.drop(taken_cells_, taken_records_, taken_bytes_);
    buffer_.erase(0, taken_bytes_);
    taken_bytes_ = taken_cells_ = taken_records_ = 0;
}

Result<Unit> Records::check_utf8(std::size_t from) const {
    // A character may have been cut where the piece before ended.
    const std::string_view all = buffer_;
    const std::size_t start = whole_characters(all.substr(0, from)).size();
    std::string_view piece = all.substr(start);
    if (!ended_) piece = whole_characters(piece);
    if (is_valid_utf8(piece)) return Unit{};
    const std::size_t broken = start + first_broken(piece);
    const std::size_t line_start = broken == 0 ? 0 : all.rfind(marks_.newline, broken - 1) + 1;
    const std::string_view line = all.substr(line_start, all.find(marks_.newline, broken) - line_start);
    const std::string fitting = encodings_that_fit(all.substr(line_start, all.rfind(marks_.newline) - line_start));
    return unusable(line_at(broken), "byte {} of the line ({:#04x}) is not UTF-8: {}", broken - line_start + 1,
                    unsigned(std::uint8_t(line[broken - line_start])),
                    fitting.empty() ? "no encoding that is known fits; is this a text?"
                                    : "state its encoding; those that fit are " + fitting);
}

Result<Unit> Records::check_text(std::size_t from) const {
    const std::string_view added = std::string_view(buffer_).substr(from);
    if (const void* const zero = std::memchr(added.data(), 0, added.size()); !added.empty() && zero != nullptr) {
        const auto place = std::size_t(static_cast<const char*>(zero) - buffer_.data());
        return unusable(line_at(place),
                        "holds a NUL byte: a binary file, or UTF-16 without a byte order mark, which "
                        "the encoding would say");
    }
    if (text_->encoding() == "UTF-8" && (ended_ || !is_ascii(added))) return check_utf8(from);
    return Unit{};
}

/// Reads on; false when there was nothing more.
Result<bool> Records::fill() {
    drop_taken();
    const std::size_t before = buffer_.size();
    C2D_TRY(const bool more, text_->append(buffer_, kPieceBytes));
    if (!more) {
        ended_ = true;
        if (buffer_.empty()) return false;
        if (buffer_.back() == marks_.newline && !separators_.within_quotes()) return false;
        C2D_CHECK(check_text(before));
        C2D_CHECK(check_quotes(buffer_.size()));
        if (separators_.within_quotes())
            return unusable(line_, "a quote that opens in this record is not closed until the end of the file");
        buffer_ += marks_.newline;
    }
    C2D_CHECK(check_text(before));
    separators_.scan(buffer_, before);
    return true;
}

/// Up to `end` every quote opens or closes a cell.
Result<Unit> Records::check_quotes(std::size_t end) const {
    const std::size_t place = separators_.stray_quote();
    if (place >= end) return Unit{};
    return unusable(line_at(place),
                    "a quote stands within a cell that does not begin with one, or text behind a closing "
                    "quote: quote the whole cell, and write quotes in it twice");
}

Result<Unit> Records::check_record_size() const {
    if (buffer_.size() < kRecordBytesMax) return Unit{};
    return unusable(line_, "a record is longer than {} MiB: {}", kRecordBytesMax >> 20,
                    separators_.within_quotes() ? "is a quote not closed?" : "is this a table with lines?");
}

void Records::keep_first(const Batch::Record& record, std::size_t cells) {
    std::string scratch;
    Batch one;
    one.text = buffer_.data();
    one.cell_ends = separators_.cells().data();
    one.columns = cells;
    one.records = {record};
    for (std::size_t i = 0; i < cells; ++i) first_.emplace_back(unquoted(one.cell(0, i), marks_.quote, scratch));
}

Result<Unit> Records::take_record(Batch& out, Batch::Record record, std::size_t cells) {
    if (cells == 1 && record.start == record.end) {  // nothing stands in the line
        if (blank_line_ == 0) blank_line_ = record.line;
        return Unit{};
    }
    if (blank_line_ != 0) problems_->add(blank_line_, "", "", "a blank line within the data; delete it");
    blank_line_ = 0;
    if (cells > kColumnsMax) return unusable(record.line, "has {} columns; at most {} are read", cells, kColumnsMax);
    if (columns_ == 0) columns_ = cells;
    if (skip_first_) {
        skip_first_ = false;
        keep_first(record, cells);
        return Unit{};
    }
    if (cells == columns_)
        out.records.push_back(record);
    else
        problems_->add(record.line, "", std::string_view(buffer_).substr(record.start, record.end - record.start),
                       fmt::format("expected {} cells, found {}", columns_, cells));
    return Unit{};
}

/// All complete records of the buffer.
Result<Unit> Records::collect(Batch& out) {
    const auto& cells = separators_.cells();
    const auto& records = separators_.records();
    const auto& quoted = separators_.quoted_newlines();
    std::size_t next_quoted = 0;
    for (; taken_records_ < records.size(); ++taken_records_) {
        const std::uint32_t last_cell = records[taken_records_], place = cells[last_cell];
        Batch::Record record{std::uint32_t(taken_bytes_), std::uint32_t(taken_cells_), place, line_};
        if (marks_.newline == '\n' && record.end > record.start && buffer_[record.end - 1] == '\r') --record.end;
        C2D_CHECK(check_quotes(place));
        const std::size_t count = last_cell + 1 - taken_cells_;
        C2D_CHECK(take_record(out, record, count));
        taken_bytes_ = place + 1;
        taken_cells_ = last_cell + 1;
        ++line_;
        for (; next_quoted < quoted.size() && quoted[next_quoted] < place; ++next_quoted) ++line_;
    }
    out.text = buffer_.data();
    out.cell_ends = cells.data();
    out.columns = columns_;
    return Unit{};
}

Result<bool> Records::next(Batch& out) {
    out.records.clear();
    if (ended_) return false;
    C2D_TRY(const bool more, fill());
    if (!more) return false;
    C2D_CHECK(collect(out));
    C2D_CHECK(check_quotes(buffer_.size()));
    if (taken_records_ == 0) C2D_CHECK(check_record_size());
    return true;
}

}  // namespace c2d::table
