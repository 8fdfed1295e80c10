/// secp256k1 keys: raw, or in a Web3 Secret Storage (keystore v3) file.
#pragma once

#include <c2d/environment.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace c2d {

/// A private key in memory, on pages of its own that stay out of core dumps. Cleared on destruction;
/// cannot be copied. Safe for concurrent use. What a key is made from remains the caller's to clear.
class PrivateKey final : public Signer {
public:
    /// A fresh key from `random` (null: the system's).
    static Result<std::shared_ptr<PrivateKey>> generate(Random* random = nullptr);
    /// 32 bytes in [1, n); anything else fails with `invalid_argument`.
    static Result<std::shared_ptr<PrivateKey>> from_bytes(BytesView secret);
    /// 64 hexadecimal digits, with or without 0x. The message of a failure never holds the text.
    static Result<std::shared_ptr<PrivateKey>> from_hex(std::string_view secret);
    /// Opens a keystore v3 document (scrypt or pbkdf2, AES-128-CTR). A wrong password fails with
    /// `invalid_argument`; scrypt is bounded to 512 MiB.
    static Result<std::shared_ptr<PrivateKey>> from_keystore(std::string_view json, std::string_view password);
    /// Writes a keystore v3 document: scrypt with n = 2^`scrypt_log2n`, r = 8, p = 1.
    Result<std::string> to_keystore(std::string_view password, Random* random = nullptr,
                                    unsigned scrypt_log2n = 18) const;

    /// The last 20 bytes of the Keccak-256 of the public key.
    Address address() const override;
    /// 65 bytes, 0x04 || x || y.
    Bytes public_key() const;
    /// Deterministic nonce (RFC 6979, SHA-256), low s.
    Result<Signature> sign_digest(const Bytes32& digest) override;

    ~PrivateKey() override;
    PrivateKey(const PrivateKey&) = delete;
    PrivateKey& operator=(const PrivateKey&) = delete;
    /// The pages for `std::shared_ptr` to own.
    static void* operator new(std::size_t bytes_count);
    static void operator delete(void* data, std::size_t bytes_count) noexcept;

private:
    PrivateKey() = default;
    Bytes32 secret_;
    Address address_;
};

/// The address whose key made `signature` over `digest`. Strict: v 0, 1, 27 or 28; r and s in
/// range; s in the lower half. Anything else fails with `invalid_argument`.
Result<Address> recover_signer(const Bytes32& digest, BytesView signature);

}  // namespace c2d
