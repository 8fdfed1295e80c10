#include <c2d/key.hpp>

#include "base/fail.hpp"
#include "base/mistaken_text.hpp"
#include "base/secret.hpp"
#include "base/try.hpp"
#include "crypto/public_key.hpp"

#include <algorithm>
#include <secp256k1.h>
#include <secp256k1_recovery.h>

namespace c2d {

namespace {

struct DestroyContext {
    void operator()(secp256k1_context* context) const { secp256k1_context_destroy(context); }
};
using Context = std::unique_ptr<secp256k1_context, DestroyContext>;

/// A context for one operation with a secret, blinded with fresh randomness against side channels.
/// Made per call: a context that is randomised must not be shared between threads.
Result<Context> secret_context() {
    Context context(secp256k1_context_create(SECP256K1_CONTEXT_NONE));
    Bytes32 seed;
    C2D_CHECK(Random::system()->fill(seed.data));
    const bool blinded = secp256k1_context_randomize(context.get(), seed.data.data()) == 1;
    clear_secret(seed.data.data(), seed.size());
    if (!blinded) return Error(Status::INTERNAL, "secp256k1 refused the randomisation");
    return context;
}

Bytes uncompressed(const secp256k1_pubkey& key) {
    Bytes out(65);
    std::size_t length = out.size();
    secp256k1_ec_pubkey_serialize(secp256k1_context_static, out.data(), &length, &key, SECP256K1_EC_UNCOMPRESSED);
    return out;
}

Result<Bytes> public_key_of(const Bytes32& secret) {
    C2D_TRY(const Context context, secret_context());
    secp256k1_pubkey key;
    if (secp256k1_ec_pubkey_create(context.get(), &key, secret.data.data()) != 1)
        return Error(Status::INVALID_ARGUMENT, "the private key is not in the range of secp256k1, 1 to n - 1");
    return uncompressed(key);
}

}  // namespace

Result<std::shared_ptr<PrivateKey>> PrivateKey::generate(Random* random) {
    const auto system = Random::system();
    Random& source = random != nullptr ? *random : *system;
    // A draw outside [1, n) has probability 2^-128; a source that repeats it is broken.
    for (int attempt = 0; attempt < 4; ++attempt) {
        Bytes32 secret;
        C2D_CHECK(source.fill(secret.data));
        auto key = from_bytes(secret);
        clear_secret(secret.data.data(), secret.size());
        if (key.ok() || key.status() != Status::INVALID_ARGUMENT) return key;
    }
    return Error(Status::IO, "the source of randomness gives no usable private key");
}

Result<std::shared_ptr<PrivateKey>> PrivateKey::from_bytes(BytesView secret) {
    if (secret.size() != 32)
        return fail(Status::INVALID_ARGUMENT, "expected a private key of 32 bytes, found {}", secret.size());
    std::shared_ptr<PrivateKey> key(new PrivateKey);
    std::copy(secret.begin(), secret.end(), key->secret_.data.begin());
    C2D_TRY(const Bytes public_key, public_key_of(key->secret_));
    key->address_ = address_of(public_key);
    return key;
}

Result<std::shared_ptr<PrivateKey>> PrivateKey::from_hex(std::string_view secret) {
    if (secret.starts_with("0x")) secret.remove_prefix(2);
    // Checked before decoding, so that no half-decoded secret is left behind in freed memory.
    const bool digits_only = secret.find_first_not_of("0123456789abcdefABCDEF") == secret.npos;
    if (secret.size() != 64 || !digits_only)
        return fail(Status::INVALID_ARGUMENT, "expected a private key of 64 hexadecimal digits, with or without 0x{}{}",
                    secret.size() == 64 ? "" : found_instead(secret),
                    secret.starts_with('{') ? "; a keystore is opened with from_keystore and its password" : "");
    auto bytes = parse_hex(secret);
    if (!bytes) return std::move(bytes).error();
    auto key = from_bytes(*bytes);
    clear_secret(bytes->data(), bytes->size());
    return key;
}

Address PrivateKey::address() const { return address_; }

Bytes PrivateKey::public_key() const {
    auto key = public_key_of(secret_);
    // The key was valid when this object was made; only missing randomness is left as a reason.
    if (!key) std::abort();
    return *std::move(key);
}

Result<Signature> PrivateKey::sign_digest(const Bytes32& digest) {
    C2D_TRY(const Context context, secret_context());
    secp256k1_ecdsa_recoverable_signature signature;
    if (secp256k1_ecdsa_sign_recoverable(context.get(), &signature, digest.data.data(), secret_.data.data(),
                                         secp256k1_nonce_function_rfc6979, nullptr) != 1)
        return Error(Status::INTERNAL, "secp256k1 could not sign");
    Signature out;
    int recovery_id = 0;
    secp256k1_ecdsa_recoverable_signature_serialize_compact(context.get(), out.data.data(), &recovery_id, &signature);
    // 2 and 3 mean r was reduced by n: probability 2^-127, and Ethereum has no v for it.
    if (recovery_id > 1) return Error(Status::INTERNAL, "the digest has no Ethereum signature");
    out.data[64] = std::uint8_t(recovery_id);
    return out;
}

void* PrivateKey::operator new(std::size_t bytes_count) { return allocate_secret(bytes_count); }

void PrivateKey::operator delete(void* data, std::size_t bytes_count) noexcept { free_secret(data, bytes_count); }

PrivateKey::~PrivateKey() { clear_secret(secret_.data.data(), secret_.size()); }

Result<Address> recover_signer(const Bytes32& digest, BytesView signature) {
    const auto bad = [](std::string_view why) {
        return fail(Status::INVALID_ARGUMENT, "the signature is not valid: {}", why);
    };
    if (signature.size() != 65) return bad("expected 65 bytes");
    const unsigned v = signature[64];
    if (v != 0 && v != 1 && v != 27 && v != 28) return bad("v is not 0, 1, 27 or 28");

    const auto* const context = secp256k1_context_static;
    secp256k1_ecdsa_recoverable_signature recoverable;
    if (secp256k1_ecdsa_recoverable_signature_parse_compact(context, &recoverable, signature.data(),
                                                            int(v >= 27 ? v - 27 : v)) != 1)
        return bad("r or s is out of range");
    secp256k1_ecdsa_signature plain;
    secp256k1_ecdsa_recoverable_signature_convert(context, &plain, &recoverable);
    if (secp256k1_ecdsa_signature_normalize(context, nullptr, &plain) == 1) return bad("s is in the upper half");
    secp256k1_pubkey key;
    if (secp256k1_ecdsa_recover(context, &key, &recoverable, digest.data.data()) != 1)
        return bad("no key can have made it");
    return address_of(uncompressed(key));
}

}  // namespace c2d
