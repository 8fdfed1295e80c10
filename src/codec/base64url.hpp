/// base64url without padding (RFC 4648, section 5), strict.
#pragma once

#include <c2d/types.hpp>

namespace c2d {

std::string base64url_encode(BytesView bytes);
/// Refuses other characters, padding and non-zero trailing bits.
Result<Bytes> base64url_decode(std::string_view text);

}  // namespace c2d
