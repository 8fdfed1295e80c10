/// The header in front of everything that one relay tells another, inside TLS.
#pragma once

#include <c2d/types.hpp>

#include <algorithm>
#include <optional>

namespace c2d {

/// u32 little-endian: what it is in the highest byte, a number in the others.
struct RelayRecord {
    static constexpr std::size_t kBytes = 4;
    static constexpr std::uint32_t kNumberMax = 0xffffff;
    /// Of one `inputs`.
    static constexpr std::uint32_t kInputsBytesMax = 0x10000;

    enum class Kind : std::uint8_t {
        /// `number` bytes (at least 1) of the operator's stream to us follow.
        data = 0,
        /// Nothing but that we are there; the number is 0.
        alive = 1,
        /// We lost party `number`, and end for its sake.
        lost = 2,
        /// Before the operators start, to the party with the lowest number: we have a worker for the run, or want to
        /// give it back, which that one grants with the same word. The number is 0, here and below.
        ready = 3,
        not_ready = 4,
        /// From that one: all are ready, and start.
        go = 5,
        /// The stream of party `number` has ended in order: whoever hears of two ends knows which was first.
        gone = 6,
        /// What the sender's operator is started on: `number` bytes (at least 1) of it follow. Once, before any `data`.
        inputs = 7,
    };
    Kind kind = Kind::alive;
    std::uint32_t number = 0;
    bool operator==(const RelayRecord&) const = default;

    std::array<std::uint8_t, kBytes> encode() const noexcept {
        return {std::uint8_t(number), std::uint8_t(number >> 8), std::uint8_t(number >> 16), std::uint8_t(kind)};
    }
    /// Nothing for what is none.
    static std::optional<RelayRecord> decode(const std::array<std::uint8_t, kBytes>& bytes) noexcept {
        if (bytes[3] > std::uint8_t(Kind::inputs)) return std::nullopt;
        const RelayRecord out{Kind(bytes[3]), bytes[0] | std::uint32_t{bytes[1]} << 8 | std::uint32_t{bytes[2]} << 16};
        const bool names_party = out.kind == Kind::lost || out.kind == Kind::gone;
        const bool is_whole = names_party || out.has_payload() == (out.number != 0);
        const bool is_bounded = out.kind != Kind::inputs || out.number <= kInputsBytesMax;
        return is_whole && is_bounded ? std::optional(out) : std::nullopt;
    }
    /// Bytes follow, `number` of them.
    bool has_payload() const noexcept { return kind == Kind::data || kind == Kind::inputs; }
};

/// Takes a stream of records apart as it comes.
class RelayRecordReader {
public:
    struct Piece {
        /// Nothing: what was read is no record, and neither is what follows.
        std::optional<RelayRecord> record;
        /// Of `data` and `inputs`: some of its bytes, as many as the record then says.
        BytesView payload;
        /// Of these: nothing of it is left.
        bool is_last = false;
    };
    /// The next piece, which moves `bytes` on; nothing once they are used up.
    std::optional<Piece> next(BytesView& bytes) noexcept {
        while (!bytes.empty()) {
            if (payload_left_ != 0) {
                const auto take = std::min<std::size_t>(payload_left_, bytes.size());
                const BytesView payload = bytes.first(take);
                bytes = bytes.subspan(take);
                payload_left_ -= std::uint32_t(take);
                return Piece{RelayRecord{payload_of_, std::uint32_t(take)}, payload, payload_left_ == 0};
            }
            header_[header_bytes_++] = bytes.front();
            bytes = bytes.subspan(1);
            if (header_bytes_ < header_.size()) continue;
            header_bytes_ = 0;
            const auto record = RelayRecord::decode(header_);
            if (!record || !record->has_payload()) return Piece{record, {}};
            payload_of_ = record->kind;
            payload_left_ = record->number;
        }
        return std::nullopt;
    }

private:
    std::array<std::uint8_t, RelayRecord::kBytes> header_{};
    std::size_t header_bytes_ = 0;
    RelayRecord::Kind payload_of_ = RelayRecord::Kind::data;
    std::uint32_t payload_left_ = 0;
};

}  // namespace c2d
