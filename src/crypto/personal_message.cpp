#include "crypto/personal_message.hpp"

#include "crypto/hash.hpp"

#include <fmt/format.h>

namespace c2d {

Bytes32 personal_message_digest(std::string_view text) {
    return keccak256(
        fmt::format("\x19"
                    "Ethereum Signed Message:\n{}{}",
                    text.size(), text));
}

}  // namespace c2d
