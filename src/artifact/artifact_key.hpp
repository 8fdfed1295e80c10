/// What the data keys of artifacts are wrapped under, and what `DIGEST.key` holds of one.
#pragma once

#include "base/secret.hpp"
#include "crypto/sealed_stream.hpp"
#include "pkcs11/wrapping_key.hpp"

#include <c2d/environment.hpp>

#include <filesystem>

namespace c2d::artifact {

/// A data key as it lies on the disk.
struct WrappedKey {
    BytesView wrapped;
    /// The key of a token under which it is wrapped, as `pkcs11::WrappingKey::identity` has it; empty: the bytes of a
    /// file.
    std::string_view token_key;
};
/// Of such a file.
inline constexpr std::size_t kWrappedFileMax = kWrappedKeyBytes + 2048;
/// The views are of `content`. Fails with `corrupt`.
Result<WrappedKey> read_wrapped(BytesView content);

/// 32 bytes that lie in a file, or a key that stays in a PKCS#11 token.
class ArtifactKey {
public:
    /// `where` names the file, or is the URI of the key. Fails with `not_found` where there is none.
    static Result<ArtifactKey> open(const std::filesystem::path& where);
    /// Makes a file with a new one.
    static Result<ArtifactKey> make(const std::filesystem::path& file, Random& random);

    /// What `read_wrapped` reads.
    Result<Bytes> wrap(const SecretBytes& key) const;
    /// Fails with `corrupt` when it is not wrapped under this key, and otherwise when a token does not answer.
    Result<SecretBytes> unwrap(const WrappedKey& wrapped) const;
    /// Whether it has the name of the one that wrapped this; another one may have it, too.
    bool has_name_of(const WrappedKey& wrapped) const;
    /// What its owner should hear of a token's key; else empty.
    std::string warning() const;

private:
    explicit ArtifactKey(std::shared_ptr<pkcs11::WrappingKey> token) : token_(std::move(token)) {}
    explicit ArtifactKey(SecretBytes secret) : secret_(std::move(secret)) {}

    SecretBytes secret_;
    std::shared_ptr<pkcs11::WrappingKey> token_;
};

/// Whether the artifact key is in a token.
bool is_in_token(const std::filesystem::path& where);
/// Fails with `invalid_argument` for a URI that cannot name one; nothing is opened.
Result<Unit> check_place(const std::filesystem::path& where);

}  // namespace c2d::artifact
