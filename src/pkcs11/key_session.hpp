/// A session with a token, with one key at hand that signs.
#pragma once

#include "pkcs11/key_objects.hpp"
#include "pkcs11/token_session.hpp"

namespace c2d::pkcs11 {

/// One call at a time.
class KeySession {
public:
    static Result<std::unique_ptr<KeySession>> open(const KeyUri& uri, SecretBytes pin);

    /// 0x04 || x || y.
    const Bytes& public_key() const noexcept { return keys_.public_key; }
    /// Its address: a device that comes back with another key under the same name is another signer.
    std::string identity() const;
    /// r || s over a digest, or the code of the function that failed.
    CK_RV sign(const Bytes32& digest, FixedBytes<64>& r_and_s);

private:
    explicit KeySession(std::unique_ptr<TokenSession> session) : session_(std::move(session)) {}
    CK_RV authenticate();

    std::unique_ptr<TokenSession> session_;
    KeyPair keys_{};
    /// Only of a key that wants it for each signature.
    SecretBytes pin_;
};

}  // namespace c2d::pkcs11
