/// A session with a token, logged in, with one key at hand.
#pragma once

#include "pkcs11/key_objects.hpp"
#include "pkcs11/token.hpp"

#include <memory>

namespace c2d::pkcs11 {

/// One call at a time.
class KeySession {
public:
    static Result<std::unique_ptr<KeySession>> open(const KeyUri& uri, SecretBytes pin);

    /// 0x04 || x || y.
    const Bytes& public_key() const noexcept { return keys_.public_key; }
    /// r || s over a digest, or the code of the function that failed.
    CK_RV sign(const Bytes32& digest, FixedBytes<64>& r_and_s);

    /// Closes the session.
    ~KeySession();
    KeySession(const KeySession&) = delete;
    KeySession& operator=(const KeySession&) = delete;

private:
    KeySession(const CK_FUNCTION_LIST& module, CK_SESSION_HANDLE session) : module_(module), session_(session) {}
    CK_RV authenticate();

    const CK_FUNCTION_LIST& module_;
    CK_SESSION_HANDLE session_;
    KeyPair keys_{};
    /// Only of a key that wants it for each signature.
    SecretBytes pin_;
};

}  // namespace c2d::pkcs11
