#include "codec/rlp.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"

#include <algorithm>

namespace c2d::rlp {

namespace {

constexpr unsigned kDepthMax = 16;
constexpr std::uint8_t kString = 0x80;
constexpr std::uint8_t kList = 0xc0;
/// Payloads up to this many bytes have their length in the first byte.
constexpr std::size_t kShortMax = 55;

Error malformed(std::string_view why) { return fail(Status::INVALID_ARGUMENT, "the RLP is not canonical: {}", why); }

std::array<std::uint8_t, 8> big_endian(std::uint64_t value) {
    std::array<std::uint8_t, 8> out;
    for (std::size_t i = 0; i < 8; ++i) out[i] = std::uint8_t(value >> (56 - 8 * i));
    return out;
}

BytesView without_zeros(BytesView number) {
    const auto first = std::find_if(number.begin(), number.end(), [](std::uint8_t byte) { return byte != 0; });
    return number.subspan(std::size_t(first - number.begin()));
}

void write_item(Writer& out, const Item& item) {
    if (!item.is_list) {
        out.string(item.bytes);
        return;
    }
    Writer payload;
    for (const auto& child : item.items) write_item(payload, child);
    out.list(payload.written());
}

Result<Item> read_item(Reader& reader, unsigned depth) {
    C2D_TRY(const Piece piece, reader.next());
    if (!piece.is_list) return Item::string(piece.payload);
    if (depth == kDepthMax) return malformed("lists are nested too deeply");
    Item list = Item::list({});
    Reader children(piece.payload);
    while (!children.at_end()) {
        C2D_TRY(Item child, read_item(children, depth + 1));
        list.items.push_back(std::move(child));
    }
    return list;
}

}  // namespace

void Writer::header(std::uint8_t kind, std::size_t length) {
    if (length <= kShortMax) {
        out_.push_back(std::uint8_t(kind + length));
        return;
    }
    const auto bytes = big_endian(length);
    const auto size = without_zeros(bytes);
    out_.push_back(std::uint8_t(kind + kShortMax + size.size()));
    items(size);
}

Writer& Writer::items(BytesView encoded) {
    out_.insert(out_.end(), encoded.begin(), encoded.end());
    return *this;
}

Writer& Writer::string(BytesView bytes) {
    if (bytes.size() != 1 || bytes[0] >= kString) header(kString, bytes.size());
    return items(bytes);
}

Writer& Writer::number(std::uint64_t value) {
    const auto bytes = big_endian(value);
    return string(without_zeros(bytes));
}

Writer& Writer::number(const Bytes32& big_endian) { return string(without_zeros(big_endian.view())); }

Writer& Writer::list(BytesView payload) {
    header(kList, payload.size());
    return items(payload);
}

Bytes encode_list(BytesView payload) {
    Writer out;
    out.reserve(payload.size() + 9);
    return out.list(payload).take();
}

/// Takes `count` bytes off the front.
Result<BytesView> Reader::take(std::uint64_t count) {
    if (count > rest_.size()) return malformed("a length reaches past the end");
    const auto taken = rest_.first(std::size_t(count));
    rest_ = rest_.subspan(std::size_t(count));
    return taken;
}

/// The payload of an item whose first byte, already taken, lies `offset` above its kind.
Result<BytesView> Reader::payload(unsigned offset) {
    if (offset <= kShortMax) return take(offset);
    C2D_TRY(const BytesView size, take(offset - kShortMax));
    if (size[0] == 0) return malformed("a length has a leading zero");
    std::uint64_t length = 0;
    for (const auto byte : size) length = length << 8 | byte;
    if (length <= kShortMax) return malformed("a short length is written in the long form");
    return take(length);
}

Result<Piece> Reader::next() {
    C2D_TRY(const BytesView head, take(1));
    const std::uint8_t first = head[0];
    if (first < kString) return Piece{false, head};
    if (first >= kList) {
        C2D_TRY(const BytesView items, payload(first - kList));
        return Piece{true, items};
    }
    C2D_TRY(const BytesView bytes, payload(first - kString));
    if (bytes.size() == 1 && bytes[0] < kString) return malformed("a small byte is written as a string");
    return Piece{false, bytes};
}

Result<BytesView> Reader::string() {
    C2D_TRY(const Piece piece, next());
    if (piece.is_list) return malformed("expected a string, found a list");
    return piece.payload;
}

Result<BytesView> Reader::list() {
    C2D_TRY(const Piece piece, next());
    if (!piece.is_list) return malformed("expected a list, found a string");
    return piece.payload;
}

Result<std::uint64_t> Reader::number() {
    C2D_TRY(const BytesView bytes, string());
    return number_of(bytes);
}

Result<Bytes32> Reader::number256() {
    C2D_TRY(const BytesView bytes, string());
    if (bytes.size() > 32) return malformed("a number has more than 256 bits");
    if (!bytes.empty() && bytes[0] == 0) return malformed("a number has a leading zero");
    Bytes32 out;
    std::copy_backward(bytes.begin(), bytes.end(), out.data.end());
    return out;
}

Result<BytesView> decode_list(BytesView bytes) {
    Reader reader(bytes);
    C2D_TRY(const BytesView payload, reader.list());
    if (!reader.at_end()) return malformed("bytes are left over");
    return payload;
}

Item Item::number(std::uint64_t value) {
    const auto bytes = big_endian(value);
    return string(without_zeros(bytes));
}

Bytes encode(const Item& item) {
    Writer out;
    write_item(out, item);
    return out.take();
}

Result<Item> decode(BytesView bytes) {
    Reader reader(bytes);
    C2D_TRY(Item item, read_item(reader, 0));
    if (!reader.at_end()) return malformed("bytes are left over");
    return item;
}

Result<std::uint64_t> number_of(BytesView bytes) {
    if (bytes.size() > 8) return malformed("a number has more than 64 bits");
    if (!bytes.empty() && bytes[0] == 0) return malformed("a number has a leading zero");
    std::uint64_t value = 0;
    for (const auto byte : bytes) value = value << 8 | byte;
    return value;
}

Result<std::uint64_t> number_of(const Item& item) {
    if (item.is_list) return malformed("expected a number, found a list");
    return number_of(BytesView(item.bytes));
}

}  // namespace c2d::rlp
