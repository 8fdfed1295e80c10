#include "crypto/x25519.hpp"

#include "base/fail.hpp"

#include <memory>
#include <openssl/evp.h>

namespace c2d {
namespace {

struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;

Error failed() { return fail(Status::INTERNAL, "OpenSSL has no X25519"); }

Key secret_key(BytesView secret) {
    return Key(secret.size() == kX25519Bytes
                   ? EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, secret.data(), secret.size())
                   : nullptr);
}

}  // namespace

Result<Bytes32> x25519_public(BytesView secret) {
    const Key key = secret_key(secret);
    Bytes32 out;
    std::size_t size = out.size();
    if (!key || EVP_PKEY_get_raw_public_key(key.get(), out.data.data(), &size) != 1 || size != out.size())
        return failed();
    return out;
}

Result<SecretBytes> x25519(BytesView secret, const Bytes32& point) {
    const Key own = secret_key(secret);
    const Key other(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, point.data.data(), point.size()));
    const std::unique_ptr<EVP_PKEY_CTX, Free> context(own ? EVP_PKEY_CTX_new(own.get(), nullptr) : nullptr);
    if (!other || !context || EVP_PKEY_derive_init(context.get()) != 1) return failed();
    SecretBytes out(kX25519Bytes);
    std::size_t size = out.size();
    const bool good = EVP_PKEY_derive_set_peer(context.get(), other.get()) == 1 &&
                      EVP_PKEY_derive(context.get(), out.span().data(), &size) == 1 && size == out.size();
    const Bytes32 zero;
    if (!good || equal_constant_time(out.view(), zero.view()))
        return fail(Status::INVALID_ARGUMENT, "this point of Curve25519 leads to no secret");
    return out;
}

}  // namespace c2d
