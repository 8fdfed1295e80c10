#include "codec/rlp.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"

namespace c2d::rlp {

namespace {

constexpr unsigned kDepthMax = 16;
constexpr std::uint8_t kString = 0x80;
constexpr std::uint8_t kList = 0xc0;
/// Payloads up to this many bytes have their length in the first byte.
constexpr std::size_t kShortMax = 55;

Error malformed(std::string_view why) {
    return fail(Status::INVALID_ARGUMENT, "the RLP is not canonical: {}", why);
}

Bytes big_endian(std::uint64_t value) {
    Bytes out;
    for (int shift = 56; shift >= 0; shift -= 8)
        if (!out.empty() || (value >> shift) != 0) out.push_back(std::uint8_t(value >> shift));
    return out;
}

void append(Bytes& out, BytesView part) { out.insert(out.end(), part.begin(), part.end()); }

void append_header(Bytes& out, std::uint8_t kind, std::size_t length) {
    if (length <= kShortMax) {
        out.push_back(std::uint8_t(kind + length));
        return;
    }
    const auto size = big_endian(length);
    out.push_back(std::uint8_t(kind + kShortMax + size.size()));
    append(out, size);
}

void append_item(Bytes& out, const Item& item) {
    if (!item.is_list) {
        if (item.bytes.size() != 1 || item.bytes[0] >= kString)
            append_header(out, kString, item.bytes.size());
        append(out, item.bytes);
        return;
    }
    Bytes payload;
    for (const auto& child : item.items) append_item(payload, child);
    append_header(out, kList, payload.size());
    append(out, payload);
}

/// Takes `count` bytes off the front of `rest`.
Result<BytesView> take(BytesView& rest, std::uint64_t count) {
    if (count > rest.size()) return malformed("a length reaches past the end");
    const auto taken = rest.first(std::size_t(count));
    rest = rest.subspan(std::size_t(count));
    return taken;
}

/// The payload of an item whose first byte, already taken, lies `offset` above its kind.
Result<BytesView> take_payload(BytesView& rest, unsigned offset) {
    if (offset <= kShortMax) return take(rest, offset);
    C2D_TRY(const BytesView size, take(rest, offset - kShortMax));
    if (size[0] == 0) return malformed("a length has a leading zero");
    std::uint64_t length = 0;
    for (const auto byte : size) length = length << 8 | byte;
    if (length <= kShortMax) return malformed("a short length is written in the long form");
    return take(rest, length);
}

Result<Item> take_item(BytesView& rest, unsigned depth) {
    C2D_TRY(const BytesView head, take(rest, 1));
    const std::uint8_t first = head[0];
    if (first < kString) return Item::string(head);
    if (first < kList) {
        C2D_TRY(const BytesView bytes, take_payload(rest, first - kString));
        if (bytes.size() == 1 && bytes[0] < kString)
            return malformed("a small byte is written as a string");
        return Item::string(bytes);
    }
    if (depth == kDepthMax) return malformed("lists are nested too deeply");
    C2D_TRY(BytesView payload, take_payload(rest, first - kList));
    Item list = Item::list({});
    while (!payload.empty()) {
        C2D_TRY(Item child, take_item(payload, depth + 1));
        list.items.push_back(std::move(child));
    }
    return list;
}

}  // namespace

Item Item::number(std::uint64_t value) { return {false, big_endian(value), {}}; }

Bytes encode(const Item& item) {
    Bytes out;
    append_item(out, item);
    return out;
}

Result<Item> decode(BytesView bytes) {
    C2D_TRY(Item item, take_item(bytes, 0));
    if (!bytes.empty()) return malformed("bytes are left over");
    return item;
}

Result<std::uint64_t> number_of(const Item& item) {
    if (item.is_list) return malformed("expected a number, found a list");
    if (item.bytes.size() > 8) return malformed("a number has more than 64 bits");
    if (!item.bytes.empty() && item.bytes[0] == 0) return malformed("a number has a leading zero");
    std::uint64_t value = 0;
    for (const auto byte : item.bytes) value = value << 8 | byte;
    return value;
}

}  // namespace c2d::rlp
