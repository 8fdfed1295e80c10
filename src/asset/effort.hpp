/// What one check of terms has cost so far, and its bound.
///
/// Documents are other people's texts, and checking one can cost far more than reading it: an enum
/// is asked for each item of an array, a pattern for each byte of a text, an inner composition on
/// every path that leads to it. So the work is counted over the whole check, and ends at a bound.
#pragma once

#include "asset/pattern.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace c2d::asset {

/// About a second of the slowest steps there are; ordinary terms cost some thousand.
inline constexpr std::uint64_t kEffortMax = std::uint64_t(1) << 28;

/// Of one check, in one thread.
class Effort {
public:
    explicit Effort(std::uint64_t steps = kEffortMax) : left_(steps) {}

    /// Counts steps of about a nanosecond; false once too many were asked for, and ever after.
    bool spend(std::uint64_t steps) noexcept;
    /// A value is visited, and a text that belongs to it copied.
    bool enter(std::string_view text) noexcept { return spend(64 + text.size() / 4); }
    /// So many keys or items are compared.
    bool look_through(std::size_t count) noexcept { return spend(4 * std::uint64_t(count)); }
    bool is_spent() const noexcept { return spent_; }

    /// The expression, compiled once. Fails as `Pattern::compile` does.
    Result<Pattern> pattern(const std::string& expression);

private:
    std::uint64_t left_;
    bool spent_ = false;
    std::map<std::string, Pattern, std::less<>> patterns_;
};

}  // namespace c2d::asset
