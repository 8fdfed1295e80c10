/// Memory in which an engine leaves its checkpoints while it runs, behind all else that it shares with its provider: at
/// first the ones of an earlier attempt (base/kept_region.hpp), then the newest two in turn. Each half has a head that
/// says when what follows is whole.
#pragma once

#include <c2d/types.hpp>

#include <array>
#include <cstring>
#include <optional>

namespace c2d {

/// Of a computation: two checkpoints of the largest size, or three that it begins with.
inline constexpr std::size_t kCheckpointAreaBytes = (std::size_t{48} << 20) + 4096;

/// Written with `last` 0 before what follows it is, and again when that is there.
struct CheckpointHead {
    /// The same number in both, from 1 on, where all is there.
    std::uint64_t first = 0, last = 0;
    std::uint64_t bytes = 0;

    static constexpr std::size_t kBytes = 24;
    std::array<std::uint8_t, kBytes> written() const {
        std::array<std::uint8_t, kBytes> out;
        std::memcpy(out.data(), this, kBytes);
        return out;
    }
    static CheckpointHead of(const std::array<std::uint8_t, kBytes>& bytes) {
        CheckpointHead out;
        std::memcpy(&out, bytes.data(), kBytes);
        return out;
    }
    bool is_whole(std::size_t half_bytes) const { return first != 0 && first == last && bytes <= half_bytes - kBytes; }
    bool operator==(const CheckpointHead&) const = default;
};

/// Where the half begins that has the checkpoint of this number.
inline std::size_t checkpoint_half(std::size_t area_bytes, std::uint64_t number) {
    return number % 2 == 0 ? 0 : area_bytes / 2;
}

}  // namespace c2d
