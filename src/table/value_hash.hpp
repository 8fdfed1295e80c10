/// Hashes of values, to find equal ones. Not for secrets, and not against somebody who looks for collisions.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace c2d::table {

/// 64 well mixed bits of a number (the finaliser of MurmurHash3), and of a text.
inline std::uint64_t hash_of(std::uint64_t value) noexcept {
    value = (value ^ (value >> 33)) * 0xff51afd7ed558ccd;
    value = (value ^ (value >> 33)) * 0xc4ceb9fe1a85ec53;
    return value ^ (value >> 33);
}
inline std::uint64_t hash_of(std::string_view text) noexcept {
    std::uint64_t out = hash_of(text.size() + 0x9e3779b97f4a7c15);
    while (text.size() >= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data(), 8);
        out = std::rotl((out ^ word) * 0x9fb21c651e98df25, 29);
        text.remove_prefix(8);
    }
    std::uint64_t rest = 0;
    if (!text.empty()) std::memcpy(&rest, text.data(), text.size());
    return hash_of(out ^ (rest * 0x9e3779b97f4a7c15));
}

}  // namespace c2d::table
