#include "codec/rlp.hpp"
#include "fuzz/fuzz.hpp"

using namespace c2d;
using fuzz::require;
using rlp::Item;

namespace {

/// Grows an item out of the bytes: a byte below 64 is a string of that many bytes, a larger one a
/// list of up to 15 items.
Item grow(BytesView& rest, unsigned depth) {
    if (rest.empty()) return Item::string({});
    const auto first = rest[0];
    rest = rest.subspan(1);
    if (first < 64 || depth == 16) {
        const auto taken = rest.first(std::min<std::size_t>(first, rest.size()));
        rest = rest.subspan(taken.size());
        return Item::string(taken);
    }
    Item list = Item::list({});
    for (unsigned i = 0; i < first % 16u; ++i) list.items.push_back(grow(rest, depth + 1));
    return list;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const BytesView bytes(data, size);
    const auto item = rlp::decode(bytes);
    if (item.ok()) {
        const auto encoded = rlp::encode(*item);
        require(BytesView(encoded).size() == size && std::equal(encoded.begin(), encoded.end(), data),
                "an item has one encoding");
        if (const auto number = rlp::number_of(*item); number.ok())
            require(Item::number(*number) == *item, "a number has one item");
    }
    auto rest = bytes;
    const auto grown = grow(rest, 0);
    const auto again = rlp::decode(rlp::encode(grown));
    require(again.ok() && *again == grown, "what is encoded decodes");
    return 0;
}
