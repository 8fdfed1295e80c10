#include "mpc/core/gf128.hpp"

namespace c2d::mpc {

Gf128 Gf128::from_bytes(BytesView bytes) {
    Gf128 out;
    for (unsigned i = 0; i < 8; ++i) {
        out.low |= std::uint64_t{bytes[i]} << (8 * i);
        out.high |= std::uint64_t{bytes[8 + i]} << (8 * i);
    }
    return out;
}

Bytes Gf128::bytes() const {
    Bytes out;
    for (const std::uint64_t half : {low, high})
        for (unsigned i = 0; i < 8; ++i) out.push_back(static_cast<std::uint8_t>(half >> (8 * i)));
    return out;
}

Gf128 operator+(const Gf128& a, const Gf128& b) noexcept { return {a.low ^ b.low, a.high ^ b.high}; }

Gf128 operator*(Gf128 a, const Gf128& b) noexcept {
    constexpr std::uint64_t kReduction = 0x87;
    Gf128 out;
    for (unsigned i = 0; i < 128; ++i) {
        const std::uint64_t taken = 0 - ((i < 64 ? b.low >> i : b.high >> (i - 64)) & 1);
        out.low ^= a.low & taken;
        out.high ^= a.high & taken;
        const std::uint64_t carried = 0 - (a.high >> 63);
        a.high = a.high << 1 | a.low >> 63;
        a.low = a.low << 1 ^ (kReduction & carried);
    }
    return out;
}

}  // namespace c2d::mpc
