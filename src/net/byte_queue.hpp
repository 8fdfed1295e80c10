/// A byte queue that grows to what is in it, and clears the memory that it gives back. Not thread-safe.
#pragma once

#include "base/secret.hpp"

#include <c2d/types.hpp>

#include <algorithm>
#include <cstring>

namespace c2d {

class ByteQueue {
public:
    std::size_t size() const noexcept { return bytes_.size() - head_; }
    bool empty() const noexcept { return size() == 0; }
    BytesView front() const noexcept { return {bytes_.data() + head_, size()}; }

    void append(BytesView more) {
        if (head_ == bytes_.size()) clear();
        // Moving what is left pays only when the dead part outweighs it.
        if (head_ > 65536 && head_ > size()) {
            bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(head_));
            head_ = 0;
        }
        bytes_.insert(bytes_.end(), more.begin(), more.end());
    }
    void drop(std::size_t count) noexcept {
        head_ += count;
        if (head_ == bytes_.size()) clear();
    }
    /// Moves up to `out.size()` bytes out; returns how many.
    std::size_t take(std::span<std::uint8_t> out) noexcept {
        const std::size_t count = std::min(out.size(), size());
        if (count != 0) std::memcpy(out.data(), bytes_.data() + head_, count);
        drop(count);
        return count;
    }

private:
    void clear() noexcept {
        bytes_.clear();
        head_ = 0;
    }
    ClearedBytes bytes_;
    std::size_t head_ = 0;
};

}  // namespace c2d
