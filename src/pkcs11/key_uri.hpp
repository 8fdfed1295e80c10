/// PKCS#11 URIs (RFC 7512): which key, on which token, behind which module.
#pragma once

#include <c2d/types.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace c2d::pkcs11 {

/// What a URI says; empty where it says nothing.
struct KeyUri {
    /// An absolute path.
    std::string module_path;
    /// As in the token's CK_TOKEN_INFO, without the padding.
    std::string token, serial, manufacturer, model;
    std::optional<std::uint64_t> slot_id;
    /// CKA_LABEL and CKA_ID; one of them stands.
    std::string object;
    Bytes id;
    /// CKA_CLASS, as RFC 7512 names it.
    std::string type;
    /// The absolute path of the file with the PIN.
    std::string pin_file;
};

/// The bounds of a URI, and of a CKA_ID in it.
inline constexpr std::size_t kUriBytesMax = 4096;
inline constexpr std::size_t kIdBytesMax = 255;

/// What the key is for, which says what `type` may be.
enum class Purpose { sign, wrap };

/// Reads a URI. An attribute that is not looked at here is refused, since it would not be honoured. No message holds
/// a value: where a secret does not belong one may stand.
Result<KeyUri> parse_key_uri(std::string_view uri, Purpose use = Purpose::sign);

/// "key "loans" on the PKCS#11 token "bank"": for messages, with what others wrote made harmless.
std::string name_of_key(const KeyUri& uri);
/// "the PKCS#11 token "bank"".
std::string name_of_token(const KeyUri& uri);

}  // namespace c2d::pkcs11
