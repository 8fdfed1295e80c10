/// The header of an age v1 file: a text that tells to whom the file's key is wrapped.
#pragma once

#include <c2d/types.hpp>

#include <optional>
#include <string>
#include <vector>

namespace c2d::age {

/// Bounds of what a header may say.
inline constexpr std::size_t kHeaderBytesMax = std::size_t(64) << 10;
inline constexpr std::size_t kStanzasMax = 64;

struct Stanza {
    /// Without the body; at least the type.
    std::vector<std::string> arguments;
    Bytes body;
};

struct Header {
    std::vector<Stanza> stanzas;
    /// What the MAC is over, up to and with the three dashes.
    std::string covered;
    Bytes32 mac;
    /// Of the whole text with its last line end.
    std::size_t bytes = 0;
};

/// The header at the beginning of `text`; nothing where it does not end there yet. Fails with `corrupt` for what cannot
/// become one.
Result<std::optional<Header>> read_header(std::string_view text);
/// The part that the MAC covers.
std::string covered_text(const std::vector<Stanza>& stanzas);
/// With the MAC behind it.
std::string header_text(std::string_view covered, const Bytes32& mac);

/// RFC 4648, section 4, without padding.
std::string base64_text(BytesView bytes);
/// Fails with `corrupt`, saying that `what` was expected.
Result<Bytes> base64_bytes(std::string_view text, std::string_view what);

}  // namespace c2d::age
