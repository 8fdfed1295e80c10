#include "artifact/artifact_key.hpp"

#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/private_files.hpp"
#include "base/try.hpp"
#include "pkcs11/key_uri.hpp"

#include <c2d/pkcs11_key.hpp>

#include <algorithm>

namespace c2d::artifact {

Result<WrappedKey> read_wrapped(BytesView content) {
    if (content.size() < kWrappedKeyBytes || content.size() > kWrappedFileMax)
        return fail(Status::CORRUPT, "expected a wrapped key of {} bytes, found {}", kWrappedKeyBytes, content.size());
    const WrappedKey out{content.first(kWrappedKeyBytes), as_text(content.subspan(kWrappedKeyBytes))};
    const auto stands_in_uri = [](char c) { return c > ' ' && c <= '~'; };
    if (out.token_key.empty() || (is_pkcs11_uri(out.token_key) && std::ranges::all_of(out.token_key, stands_in_uri)))
        return out;
    return fail(Status::CORRUPT, "expected a pkcs11: URI behind a wrapped key, found \"{}\"",
                display_text(out.token_key, 40));
}

bool is_in_token(const std::filesystem::path& where) { return is_pkcs11_uri(where.native()); }

Result<Unit> check_place(const std::filesystem::path& where) {
    if (is_in_token(where)) C2D_CHECK(pkcs11::parse_key_uri(where.native(), pkcs11::Purpose::wrap));
    return Unit{};
}

Result<ArtifactKey> ArtifactKey::open(const std::filesystem::path& where) {
    if (is_in_token(where)) {
        C2D_TRY(auto token, pkcs11::WrappingKey::open(where.native()));
        return ArtifactKey(std::move(token));
    }
    C2D_TRY(auto secret, read_secret_file(where, kSealKeyBytes));
    if (secret.size() != kSealKeyBytes)
        return fail(Status::CORRUPT, "{}: expected a key of {} bytes, found {}", where.string(), kSealKeyBytes,
                    secret.size());
    return ArtifactKey(std::move(secret));
}

Result<ArtifactKey> ArtifactKey::make(const std::filesystem::path& file, Random& random) {
    constexpr unsigned kPrivate = 0600;
    SecretBytes key(kSealKeyBytes);
    C2D_CHECK(random.fill(key.span()));
    C2D_CHECK(write_file_atomic(file, key.text(), kPrivate));
    return ArtifactKey(std::move(key));
}

Result<Bytes> ArtifactKey::wrap(const SecretBytes& key) const {
    FixedBytes<kWrappedKeyBytes> wrapped;
    if (token_) {
        C2D_TRY(wrapped, token_->wrap(key));
    } else {
        wrapped = wrap_key(secret_.view(), key.view());
    }
    Bytes out(wrapped.data.begin(), wrapped.data.end());
    if (token_) out.insert(out.end(), token_->identity().begin(), token_->identity().end());
    return out;
}

Result<SecretBytes> ArtifactKey::unwrap(const WrappedKey& wrapped) const {
    // What a file wrapped no token unwraps, and the other way round.
    if (wrapped.token_key.empty() == bool(token_))
        return fail(Status::CORRUPT, "the key is not wrapped under this artifact key");
    return token_ ? token_->unwrap(wrapped.wrapped) : unwrap_key(secret_.view(), wrapped.wrapped);
}

bool ArtifactKey::has_name_of(const WrappedKey& wrapped) const {
    return token_ ? token_->identity() == wrapped.token_key : wrapped.token_key.empty();
}

std::string ArtifactKey::warning() const {
    if (!token_ || !token_->extractable()) return {};
    return fmt::format(
        "the artifact key {} is extractable: somebody with the PIN may take it out of the token, wrapped "
        "under another key; better make one with CKA_EXTRACTABLE false",
        token_->identity());
}

}  // namespace c2d::artifact
