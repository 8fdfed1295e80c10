/// The header in front of every payload between an operator and its provider's relay.
#pragma once

#include <c2d/types.hpp>

namespace c2d {

inline constexpr std::uint32_t kFrameBytesMax = 16u << 20;
inline constexpr std::size_t kFrameHeaderBytes = 8;

/// u32 little-endian peer, u32 little-endian length. Length 0, only from the relay: the peer's
/// stream has ended.
struct FrameHeader {
    static constexpr std::size_t kBytes = kFrameHeaderBytes;
    std::uint32_t peer = 0;
    std::uint32_t length = 0;

    std::array<std::uint8_t, kBytes> encode() const noexcept {
        std::array<std::uint8_t, kBytes> out{};
        for (unsigned i = 0; i < 4; ++i) {
            out[i] = static_cast<std::uint8_t>(peer >> (8 * i));
            out[4 + i] = static_cast<std::uint8_t>(length >> (8 * i));
        }
        return out;
    }
    static FrameHeader decode(const std::uint8_t* bytes) noexcept {
        FrameHeader header;
        for (unsigned i = 0; i < 4; ++i) {
            header.peer |= std::uint32_t{bytes[i]} << (8 * i);
            header.length |= std::uint32_t{bytes[4 + i]} << (8 * i);
        }
        return header;
    }
};

}  // namespace c2d
