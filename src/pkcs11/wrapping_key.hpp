/// An AES key of a PKCS#11 token under which other keys are wrapped.
#pragma once

#include "crypto/sealed_stream.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace c2d::pkcs11 {

/// Wraps and unwraps keys of 32 bytes as `wrap_key` does (RFC 3394), by the token. Thread-safe; waits and fails as
/// `Pkcs11Key` does, whose rules for sessions, PINs and `fork` are its own too.
class WrappingKey {
public:
    /// The key that a URI names: AES of 256 bits, CKA_SENSITIVE, with what it takes to wrap and unwrap. Its PIN is in
    /// the file of `pin-source`. Who opens the same URI in one process shares one session, and a PIN that was refused
    /// is not tried again there. It wraps and unwraps once, to see that it can. Fails as `Pkcs11Key::open` does.
    static Result<std::shared_ptr<WrappingKey>> open(std::string_view uri);

    virtual ~WrappingKey() = default;
    /// Which key it is: a URI of token, label and id, without module and PIN; printable, of at most 2000 bytes.
    virtual const std::string& identity() const noexcept = 0;
    /// CKA_EXTRACTABLE: somebody may take it out of the token, wrapped under another.
    virtual bool extractable() const noexcept = 0;
    /// What comes out was unwrapped and compared: a token that does wrong loses nothing. Fails with `corrupt` then.
    virtual Result<FixedBytes<kWrappedKeyBytes>> wrap(const SecretBytes& key) = 0;
    /// Fails with `corrupt` when it is not wrapped under this key, and otherwise when the token does not answer.
    virtual Result<SecretBytes> unwrap(BytesView wrapped) = 0;
};

}  // namespace c2d::pkcs11
