/// A key that stays in a bank's HSM or on a smart card, behind the vendor's PKCS#11 module (OASIS PKCS#11 2.40).
///
/// The module is code of its vendor, loaded into this process with `dlopen` and never unloaded. How long a call of it
/// takes is up to it, so it is called on a thread of each key's own, and whoever wants a signature waits for it at most
/// a minute, or as long as its own deadline says.
#pragma once

#include <c2d/environment.hpp>

#include <memory>
#include <string_view>

namespace c2d {

/// Whether a text is meant as a PKCS#11 URI: it begins with "pkcs11:".
bool is_pkcs11_uri(std::string_view text) noexcept;

/// A secp256k1 key of a PKCS#11 token. Holds one session, which its calls take in turns: safe for concurrent use.
///
/// A session that was lost (token removed, closed by others, device restarted) is opened again once for a signature;
/// a refused PIN is not tried a second time, since tokens lock after a few. Not to be used in a child after `fork`,
/// where signing fails with `unsupported`: open the key there. All sessions of a process with a token share its
/// login, as PKCS#11 has it: the PIN is asked of the first.
class Pkcs11Key final : public Signer {
public:
    /// Opens the key that a URI (RFC 7512) names: `module-path` (absolute) and `object` or `id`; `token`, `serial`,
    /// `manufacturer`, `model`, `slot-id` where the module shows several tokens. The PIN is what the file of
    /// `pin-source=file:/…` holds, read again whenever it is needed; without one `pin`, which is kept, on pages that
    /// stay out of core dumps, until the end.
    ///
    /// `invalid_argument`: not such a URI, a key of another curve, or the PIN: `pin_needed` (there is none),
    /// `wrong_pin`, `pin_locked`; `exposed_file`: others can change the module or read the PIN's file. `not_found`:
    /// module, token or key; `conflict`: several of them; `unavailable`: the module failed, with its CKR_ code as
    /// `code`; `timeout`: it did not return.
    static Result<std::shared_ptr<Pkcs11Key>> open(std::string_view uri, std::string_view pin = {});

    /// The last 20 bytes of the Keccak-256 of the public key.
    Address address() const override;
    /// 65 bytes, 0x04 || x || y.
    Bytes public_key() const;
    /// By the token (CKM_ECDSA); s in the lower half and v are found here. Fails with `corrupt` if the signature is
    /// not of this key, with `timeout` if the module does not return, and at once until it does.
    Result<Signature> sign_digest(const Bytes32& digest) override;

    ~Pkcs11Key() override;
    Pkcs11Key(const Pkcs11Key&) = delete;
    Pkcs11Key& operator=(const Pkcs11Key&) = delete;

private:
    struct State;
    explicit Pkcs11Key(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace c2d
