#include "table/csv/separators.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace c2d::table {

namespace {

#if defined(__SSE2__)
/// The bytes that are `wanted`, a bit each, of 64.
std::uint64_t equal_bytes(const char* bytes, char wanted) noexcept {
    const __m128i pattern = _mm_set1_epi8(wanted);
    std::uint64_t out = 0;
    for (int i = 0; i < 4; ++i) {
        const __m128i part = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + 16 * i));
        out |= std::uint64_t(unsigned(_mm_movemask_epi8(_mm_cmpeq_epi8(part, pattern)))) << (16 * i);
    }
    return out;
}
#else
/// The same, eight bytes at a time in one register.
std::uint64_t equal_bytes(const char* bytes, char wanted) noexcept {
    constexpr std::uint64_t kOnes = 0x0101010101010101, kLow = 0x7f7f7f7f7f7f7f7f;
    const std::uint64_t pattern = kOnes * std::uint8_t(wanted);
    std::uint64_t out = 0;
    for (int i = 0; i < 8; ++i) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes + 8 * i, 8);
        if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
        word ^= pattern;
        const std::uint64_t zeros = ~(((word & kLow) + kLow) | word | kLow);  // 0x80 where a byte is equal
        out |= ((zeros >> 7) * 0x0102040810204080 >> 56) << (8 * i);
    }
    return out;
}
#endif

/// Each bit is the parity of those up to it: ones from an opening quote to before the closing one.
std::uint64_t parity_up_to(std::uint64_t bits) noexcept {
    for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
    return bits;
}

void append_places(std::uint64_t bits, std::uint32_t place, std::vector<std::uint32_t>& out) {
    const std::size_t before = out.size(), count = std::size_t(std::popcount(bits));
    out.resize(before + count);
    std::uint32_t* next = out.data() + before;
    for (; bits != 0; bits &= bits - 1) *next++ = place + std::uint32_t(std::countr_zero(bits));
}

}  // namespace

Separators::Block Separators::look_at(const char* bytes) const noexcept {
    return {equal_bytes(bytes, marks_.delimiter), marks_.quote != 0 ? equal_bytes(bytes, marks_.quote) : 0,
            equal_bytes(bytes, marks_.newline), marks_.newline == '\n' ? equal_bytes(bytes, '\r') : 0};
}

void Separators::note_stray(const Block& block, std::uint64_t within, std::uint32_t place, unsigned size) {
    const std::uint64_t opening = block.quotes & within, closing = block.quotes & ~within;
    const std::uint64_t ends = block.delimiters | block.newlines;
    const std::uint64_t after_end = (((ends & ~within) | closing) << 1) | may_open_;
    // A carriage return may follow, too: the newline behind it is looked at by whoever reads the cell.
    const std::uint64_t after_close = (closing << 1) | closed_;
    std::uint64_t stray = (opening & ~after_end) | (after_close & ~(ends | block.quotes | block.returns));
    if (size < 64) stray &= (std::uint64_t{1} << size) - 1;
    if (stray != 0 && stray_quote_ == kNowhere) stray_quote_ = place + std::uint32_t(std::countr_zero(stray));
}

void Separators::take(const Block& block, std::uint32_t place, unsigned size) {
    const std::uint64_t within = parity_up_to(block.quotes) ^ quoted_;
    if ((block.quotes | quoted_ | closed_) != 0) {
        note_stray(block, within, place, size);
        append_places(block.newlines & within, place, quoted_newlines_);
    }
    const unsigned last = size - 1;
    const std::uint64_t ends = (block.delimiters | block.newlines) & ~within;
    const std::uint64_t record_ends = block.newlines & ~within;
    const auto first = std::uint32_t(cells_.size());
    append_places(ends, place, cells_);
    for (std::uint64_t rest = record_ends; rest != 0; rest &= rest - 1) {
        const std::uint64_t below = (rest & (~rest + 1)) - 1;
        records_.push_back(first + std::uint32_t(std::popcount(ends & below)));
    }
    const std::uint64_t closing = block.quotes & ~within;
    quoted_ = ((within >> last) & 1) != 0 ? ~std::uint64_t{0} : 0;
    closed_ = (closing >> last) & 1;
    may_open_ = ((ends | closing) >> last) & 1;
}

void Separators::scan(std::string_view text, std::size_t from) {
    std::size_t at = from;
    for (; at + 64 <= text.size(); at += 64) take(look_at(text.data() + at), std::uint32_t(at), 64);
    if (at == text.size()) return;
    char rest[64] = {};
    const std::size_t size = text.size() - at;
    std::memcpy(rest, text.data() + at, size);
    Block block = look_at(rest);
    // What is not there is nothing, also where a mark is zero.
    const std::uint64_t there = (std::uint64_t{1} << size) - 1;
    for (auto* bits : {&block.delimiters, &block.quotes, &block.newlines, &block.returns}) *bits &= there;
    take(block, std::uint32_t(at), unsigned(size));
}

void Separators::drop(std::size_t cells, std::size_t records, std::size_t bytes) {
    const auto shift = [bytes](std::vector<std::uint32_t>& places, std::size_t count) {
        places.erase(places.begin(), places.begin() + std::ptrdiff_t(count));
        for (auto& place : places) place -= std::uint32_t(bytes);
    };
    shift(cells_, cells);
    records_.erase(records_.begin(), records_.begin() + std::ptrdiff_t(records));
    for (auto& record : records_) record -= std::uint32_t(cells);
    shift(quoted_newlines_,
          std::size_t(std::ranges::lower_bound(quoted_newlines_, std::uint32_t(bytes)) - quoted_newlines_.begin()));
    if (stray_quote_ != kNowhere) stray_quote_ -= std::uint32_t(bytes);
}

}  // namespace c2d::table
