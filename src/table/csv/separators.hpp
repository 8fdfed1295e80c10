/// Where the cells and records of CSV text end: a scan by blocks of 64 bytes, without a branch for each byte.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace c2d::table {

/// What separates: zero stands for none.
struct Marks {
    char delimiter = ',', quote = '"', newline = '\n';

    bool operator==(const Marks&) const = default;
};

/// Finds the delimiters and newlines outside quotes of a text that comes in parts. A quote opens at the start of a cell
/// and closes before its end; "" within is a quote. What is otherwise is noted, not understood.
class Separators {
public:
    explicit Separators(Marks marks) : marks_(marks) {}

    /// Scans the bytes from `from` on, which follow those that were scanned before; places count from the start of
    /// `text`, which has less than 2^32 bytes.
    void scan(std::string_view text, std::size_t from);
    /// Forgets the first `cells` separators and `records` records, and counts from `bytes` later on.
    void drop(std::size_t cells, std::size_t records, std::size_t bytes);

    /// Places of delimiters and newlines, in order.
    const std::vector<std::uint32_t>& cells() const noexcept { return cells_; }
    /// Which of them end a record.
    const std::vector<std::uint32_t>& records() const noexcept { return records_; }
    /// Places of newlines within quotes.
    const std::vector<std::uint32_t>& quoted_newlines() const noexcept { return quoted_newlines_; }
    /// The first quote that neither opens nor closes a cell; `kNowhere` if there is none.
    std::uint32_t stray_quote() const noexcept { return stray_quote_; }
    /// What was scanned ends within quotes.
    bool within_quotes() const noexcept { return quoted_ != 0; }

    static constexpr std::uint32_t kNowhere = ~std::uint32_t{0};

private:
    /// Which of 64 bytes are which, a bit each.
    struct Block {
        std::uint64_t delimiters, quotes, newlines, returns;
    };
    Block look_at(const char* bytes) const noexcept;
    void take(const Block& block, std::uint32_t place, unsigned size);
    void note_stray(const Block& block, std::uint64_t within, std::uint32_t place, unsigned size);

    Marks marks_;
    std::vector<std::uint32_t> cells_, records_, quoted_newlines_;
    /// All ones within quotes.
    std::uint64_t quoted_ = 0;
    /// Of the byte before: it may stand before an opening quote; it was a closing quote.
    std::uint64_t may_open_ = 1, closed_ = 0;
    std::uint32_t stray_quote_ = kNowhere;
};

}  // namespace c2d::table
