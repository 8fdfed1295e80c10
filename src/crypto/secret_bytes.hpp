/// A buffer for secrets: not copied by accident, cleared when it goes.
#pragma once

#include "base/secret.hpp"

namespace c2d {

class SecretBytes {
public:
    explicit SecretBytes(std::size_t count) : bytes_(count) {}
    SecretBytes(SecretBytes&&) = default;
    SecretBytes& operator=(SecretBytes&&) = delete;
    SecretBytes(const SecretBytes&) = delete;
    SecretBytes& operator=(const SecretBytes&) = delete;
    ~SecretBytes() {
        // Empty once it has been moved from.
        if (!bytes_.empty()) clear_secret(bytes_.data(), bytes_.size());
    }

    std::span<std::uint8_t> span() noexcept { return bytes_; }
    BytesView view() const noexcept { return bytes_; }

private:
    // Of fixed length: growing would leave an uncleared copy behind.
    Bytes bytes_;
};

}  // namespace c2d
