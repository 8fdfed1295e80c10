/// Recursive Length Prefix (Ethereum yellow paper, appendix B), strict and canonical.
#pragma once

#include <c2d/types.hpp>

#include <vector>

namespace c2d::rlp {

/// A byte string or a list of items.
struct Item {
    bool is_list = false;
    Bytes bytes;
    std::vector<Item> items;

    static Item string(BytesView view) { return {false, Bytes(view.begin(), view.end()), {}}; }
    /// Big-endian without leading zeros; 0 is the empty string.
    static Item number(std::uint64_t value);
    static Item list(std::vector<Item> items) { return {true, {}, std::move(items)}; }
    bool operator==(const Item&) const = default;
};

Bytes encode(const Item& item);
/// Refuses non-canonical forms, bytes left over, lists deeper than 16 and lengths past the input.
Result<Item> decode(BytesView bytes);
/// A canonical number of at most 64 bits.
Result<std::uint64_t> number_of(const Item& item);

}  // namespace c2d::rlp
