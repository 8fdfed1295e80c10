/// Tags of ids: 128 bits each, a pseudorandom function of the id under a key.
#pragma once

#include "crypto/cmac.hpp"
#include "ids/joined_ids.hpp"

#include <compare>

namespace c2d::mpc::align_detail {

/// On the wire as it lies here: two u64, little-endian. Two ids of n get the same one with probability below
/// n^2 / 2^129: 2^-80 for two tables of 10^7.
struct Tag {
    std::uint64_t high = 0, low = 0;
    auto operator<=>(const Tag&) const = default;
};
static_assert(sizeof(Tag) == 16);

Tag tag_of(const std::uint8_t* bytes) noexcept;
inline BytesView bytes_of(std::span<const Tag> tags) noexcept {
    return {reinterpret_cast<const std::uint8_t*>(tags.data()), tags.size_bytes()};
}
inline std::span<std::uint8_t> bytes_of(std::span<Tag> tags) noexcept {
    return {reinterpret_cast<std::uint8_t*>(tags.data()), tags.size_bytes()};
}

/// A tag and what it belongs to: a row, or a position.
struct Tagged {
    Tag tag;
    std::uint32_t row = 0;
};
/// By tag; where tags are equal, as they stood.
void sort_by_tag(std::vector<Tagged>& all);

/// Distinct tags in ascending order, and the row of each. The order is a function of the key, and for whoever lacks
/// that a uniform secret one.
struct TaggedRows {
    std::vector<Tag> tags;
    std::vector<std::uint32_t> rows;

    std::size_t size() const noexcept { return tags.size(); }
};
/// Fails with `domain`, named `input_unusable`: an id with a problem, or (`refuse`) one that several rows have. The
/// message names rows and columns and no id.
Result<TaggedRows> tag_rows(JoinedIds& ids, const CmacBatch::Key& key, Duplicates duplicates);

}  // namespace c2d::mpc::align_detail
