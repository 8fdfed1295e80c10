/// The field of 2^128 elements: polynomials over bits modulo x^128 + x^7 + x^2 + x + 1. Pure; constant time.
#pragma once

#include <c2d/types.hpp>

namespace c2d::mpc {

/// Bit i of `low` is the coefficient of x^i, bit i of `high` that of x^(64 + i).
struct Gf128 {
    static constexpr std::size_t kBytes = 16;
    std::uint64_t low = 0, high = 0;

    /// 16 bytes, little-endian.
    static Gf128 from_bytes(BytesView bytes);
    Bytes bytes() const;
    bool operator==(const Gf128&) const = default;
};
/// The sum, which is also the difference.
Gf128 operator+(const Gf128& a, const Gf128& b) noexcept;
Gf128 operator*(Gf128 a, const Gf128& b) noexcept;

}  // namespace c2d::mpc
