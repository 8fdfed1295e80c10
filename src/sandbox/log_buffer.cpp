#include "sandbox/log_buffer.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace c2d::sandbox {

namespace {
constexpr std::size_t kMarkBytes = 64;
}

LogBuffer::LogBuffer(std::uint64_t bytes_max) : marked_(bytes_max >= 4 * kMarkBytes) {
    const std::size_t kept = std::size_t(bytes_max) - (marked_ ? kMarkBytes : 0);
    tail_max_ = kept / 2;
    head_max_ = kept - tail_max_;
}

void LogBuffer::append(std::string_view bytes) {
    total_ += bytes.size();
    const std::size_t first = std::min(bytes.size(), head_max_ - head_.size());
    head_.append(bytes.substr(0, first));
    bytes.remove_prefix(first);
    if (bytes.size() > tail_max_) bytes.remove_prefix(bytes.size() - tail_max_);
    while (!bytes.empty()) {
        if (tail_.size() < tail_max_) {
            const std::size_t part = std::min(bytes.size(), tail_max_ - tail_.size());
            tail_.append(bytes.substr(0, part));
            bytes.remove_prefix(part);
            continue;
        }
        const std::size_t part = std::min(bytes.size(), tail_max_ - next_);
        std::copy_n(bytes.data(), part, tail_.begin() + std::ptrdiff_t(next_));
        next_ = (next_ + part) % tail_max_;
        bytes.remove_prefix(part);
    }
}

std::string LogBuffer::text() const {
    std::string out = head_;
    const std::uint64_t left_out = total_ - head_.size() - tail_.size();
    if (left_out > 0 && marked_) out += fmt::format("\n[c2d: {} bytes left out]\n", left_out);
    out.append(tail_, next_);
    out.append(tail_, 0, next_);
    return out;
}

}  // namespace c2d::sandbox
