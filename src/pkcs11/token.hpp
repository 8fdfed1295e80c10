/// Tokens: which of a module's slots holds the one that is meant, and logging in to it.
#pragma once

#include "base/secret.hpp"
#include "pkcs11/key_uri.hpp"
#include "pkcs11/module.hpp"

namespace c2d::pkcs11 {

struct Token {
    CK_SLOT_ID slot;
    /// Of its CK_TOKEN_INFO.
    CK_FLAGS flags;
    std::string label;
};

/// The one token that the URI describes. Fails with `not_found` or `conflict`, naming those that there are.
Result<Token> find_token(const CK_FUNCTION_LIST& module, const KeyUri& uri);

/// Logs a session's user in, if the token wants that; that this process is logged in already is no failure. Never
/// spends the last try of a PIN.
Result<Unit> log_in(const CK_FUNCTION_LIST& module, CK_SESSION_HANDLE session, const Token& token, const KeyUri& uri,
                    SecretBytes& pin);

}  // namespace c2d::pkcs11
