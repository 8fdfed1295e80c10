/// EIP-191 personal messages: the original system's requests are signed this way.
#pragma once

#include <c2d/types.hpp>

namespace c2d {

/// keccak256("\x19Ethereum Signed Message:\n" || decimal byte length || text).
Bytes32 personal_message_digest(std::string_view text);

}  // namespace c2d
