/// The two objects of a key on a token, and what they say of themselves.
#pragma once

#include "pkcs11/key_uri.hpp"
#include "pkcs11/module.hpp"

namespace c2d::pkcs11 {

struct KeyPair {
    CK_OBJECT_HANDLE private_key;
    /// CKA_ALWAYS_AUTHENTICATE: the PIN is wanted for each signature.
    bool always_authenticate;
    /// 0x04 || x || y.
    Bytes public_key;
};

/// Finds the private key that the URI names, checks that it is one of secp256k1, and reads the public key beside it:
/// the one of the same CKA_ID, or of the same CKA_LABEL where the private key has no id.
Result<KeyPair> find_key_pair(const CK_FUNCTION_LIST& module, CK_SESSION_HANDLE session, const KeyUri& uri);

}  // namespace c2d::pkcs11
