#include "codec/bech32.hpp"
#include "fuzz/fuzz.hpp"

#include <algorithm>

using namespace c2d;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::text_of(data, size);
    for (const auto* const prefix : {"lat", "lax", "atp", "atx"}) {
        const auto address = parse_bech32_address(prefix, text);
        if (!address.ok()) continue;
        std::string lower(text);
        std::transform(lower.begin(), lower.end(), lower.begin(),
                       [](unsigned char c) { return char(c >= 'A' && c <= 'Z' ? c + 32 : c); });
        require(bech32_address(prefix, *address) == lower, "an address has one lower-case text");
    }
    Address address;
    std::copy_n(data, std::min<std::size_t>(size, address.size()), address.data.begin());
    const auto again = parse_bech32_address("lat", bech32_address("lat", address));
    require(again.ok() && *again == address, "an address reads back");
    require(!parse_bech32_address("lax", bech32_address("lat", address)).ok(), "another network's address is refused");

    // The other spellings of an address, while the bytes are at hand.
    const auto hexadecimal = parse_address(address_text(address));
    require(hexadecimal.ok() && *hexadecimal == address, "a mixed-case address reads back");
    if (const auto parsed = parse_address(text); parsed.ok())
        require(parse_address(address_text(*parsed)).ok(), "what is read can be written");
    if (const auto token = parse_token(text); token.ok())
        require(token_text(*token) == text, "a token id has one text");
    return 0;
}
