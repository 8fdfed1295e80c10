/// Recursive Length Prefix (Ethereum yellow paper, appendix B), strict and canonical: item by item
/// with Writer and Reader, or as a tree of Items.
#pragma once

#include <c2d/types.hpp>

#include <vector>

namespace c2d::rlp {

/// Writes items one after the other. A list is written from the payload that another Writer wrote.
class Writer {
public:
    Writer& string(BytesView bytes);
    /// Big-endian without leading zeros; 0 is the empty string.
    Writer& number(std::uint64_t value);
    Writer& number(const Bytes32& big_endian);
    Writer& list(BytesView payload);
    /// Items that are encoded already.
    Writer& items(BytesView encoded);

    BytesView written() const noexcept { return out_; }
    void reserve(std::size_t bytes) { out_.reserve(bytes); }
    void clear() noexcept { out_.clear(); }
    Bytes take() noexcept { return std::move(out_); }

private:
    void header(std::uint8_t kind, std::size_t length);
    Bytes out_;
};

/// One list with that payload.
Bytes encode_list(BytesView payload);

/// An item where it lies: the bytes of a string, or the items in a list.
struct Piece {
    bool is_list = false;
    BytesView payload;
};

/// Reads items one after the other. Refuses non-canonical forms and lengths past the end.
class Reader {
public:
    explicit Reader(BytesView items) : rest_(items) {}
    bool at_end() const noexcept { return rest_.empty(); }
    /// What is not yet read.
    BytesView rest() const noexcept { return rest_; }
    Result<Piece> next();
    Result<BytesView> string();
    Result<BytesView> list();
    /// A canonical number of at most 64 bits.
    Result<std::uint64_t> number();
    /// A canonical number of at most 256 bits.
    Result<Bytes32> number256();

private:
    Result<BytesView> take(std::uint64_t count);
    Result<BytesView> payload(unsigned offset);
    BytesView rest_;
};

/// The payload of the one list that `bytes` are.
Result<BytesView> decode_list(BytesView bytes);

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
/// The canonical number of at most 64 bits that a string of bytes spells.
Result<std::uint64_t> number_of(BytesView bytes);
Result<std::uint64_t> number_of(const Item& item);

}  // namespace c2d::rlp
