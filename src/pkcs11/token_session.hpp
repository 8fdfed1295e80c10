/// A session with a token, logged in.
#pragma once

#include "pkcs11/token.hpp"

#include <memory>

namespace c2d::pkcs11 {

/// Loads the module and finds the token that a URI describes. One call at a time.
class TokenSession {
public:
    static Result<std::unique_ptr<TokenSession>> open(const KeyUri& uri, SecretBytes& pin);

    const CK_FUNCTION_LIST& module() const noexcept { return module_; }
    CK_SESSION_HANDLE handle() const noexcept { return handle_; }
    const Token& token() const noexcept { return token_; }

    /// Closes the session.
    ~TokenSession() { (void)module_.C_CloseSession(handle_); }
    TokenSession(const TokenSession&) = delete;
    TokenSession& operator=(const TokenSession&) = delete;

private:
    TokenSession(const CK_FUNCTION_LIST& module, Token token, CK_SESSION_HANDLE handle)
        : module_(module), token_(std::move(token)), handle_(handle) {}

    const CK_FUNCTION_LIST& module_;
    Token token_;
    CK_SESSION_HANDLE handle_;
};

}  // namespace c2d::pkcs11
