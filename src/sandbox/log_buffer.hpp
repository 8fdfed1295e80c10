/// Keeps the beginning and the end of a stream within a bound and counts the rest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace c2d::sandbox {

class LogBuffer {
public:
    explicit LogBuffer(std::uint64_t bytes_max);
    void append(std::string_view bytes);
    /// All bytes ever appended.
    std::uint64_t total() const noexcept { return total_; }
    /// Head and tail, at most `bytes_max` bytes; where something is left out between them, a line
    /// says how much (when the bound leaves room for it).
    std::string text() const;

private:
    std::size_t head_max_, tail_max_;
    bool marked_;
    std::uint64_t total_ = 0;
    std::string head_;
    /// A ring once it is full: `next_` is its oldest byte.
    std::string tail_;
    std::size_t next_ = 0;
};

}  // namespace c2d::sandbox
