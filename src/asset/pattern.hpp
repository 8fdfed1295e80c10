/// The regular expressions of terms: RE2's syntax, held against a whole text.
///
/// Others write the expression and the text, so both size and time are bounded: RE2 has no
/// backtracking, its time is at most program size times text length.
#pragma once

#include <c2d/result.hpp>

#include <memory>
#include <string_view>

namespace re2 {
class RE2;
}

namespace c2d::asset {

/// A longer expression is refused unread.
inline constexpr std::size_t kPatternBytesMax = 512;
/// What RE2 may take for the program and its states (its `max_mem`); a program of some 2,700
/// instructions is the largest that fits, and a larger one is refused.
inline constexpr std::int64_t kPatternMemoryMax = std::int64_t(128) * 1024;

/// Whether all texts that fit are of a greatest length, as the expression shows it: it repeats nothing without a bound
/// (`*`, `+`, `{n,}`). For expressions that `Pattern::compile` takes.
bool bounds_length(std::string_view expression);

class Pattern {
public:
    /// Fails with `invalid_argument`: no expression of RE2's, or too large a one.
    static Result<Pattern> compile(std::string_view expression);

    /// Whether the whole text, which is UTF-8, fits; a part of it does not count.
    bool matches(std::string_view text) const;
    /// Instructions of the program: what a byte of text costs at worst.
    std::size_t program_size() const noexcept { return program_size_; }

private:
    explicit Pattern(std::shared_ptr<const re2::RE2> program);
    std::shared_ptr<const re2::RE2> program_;
    std::size_t program_size_ = 0;
};

}  // namespace c2d::asset
