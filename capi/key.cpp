#include <c2d/capi/key.h>

#include "handles.hpp"

#include <c2d/pkcs11_key.hpp>

using c2d::Error;
using c2d::Result;
using c2d::Status;
using c2d::Unit;
using c2d::capi::give_text;
using c2d::capi::guard;

static_assert(C2D_DIGEST_SIZE == c2d::Bytes32::size() && C2D_SIGNATURE_SIZE == c2d::Signature::size());

namespace {

/// A signer of the caller's. Its answers are checked: a wrong one would be somebody else's signature.
class FunctionSigner final : public c2d::Signer {
public:
    FunctionSigner(const c2d::Address& address, c2d_sign_function function, void* data)
        : user(data), address_(address), function_(function) {}

    c2d::Address address() const override { return address_; }

    Result<c2d::Signature> sign_digest(const c2d::Bytes32& digest) override {
        c2d::Signature signature;
        if (const int code = function_(digest.data.data(), signature.data.data(), user.get()); code != 0) {
            Error error(Status::UNAVAILABLE, "the sign function failed with " + std::to_string(code));
            error.code = std::uint64_t(code);
            error.name = "signer_failed";
            return error;
        }
        const auto signer = c2d::recover_signer(digest, signature);
        if (!signer || *signer != address_)
            return Error(Status::INVALID_ARGUMENT,
                         "the sign function did not answer with a signature of " + c2d::address_text(address_));
        return signature;
    }

    c2d::capi::UserData user;

private:
    c2d::Address address_;
    c2d_sign_function function_;
};

Result<Unit> give(Result<std::shared_ptr<c2d::PrivateKey>>&& secret, c2d_key** out) {
    if (!secret) return std::move(secret).error();
    *out = new c2d_key{*secret, c2d::address_text((*secret)->address()), *secret};
    return Unit{};
}

c2d::Bytes32 read_digest(const std::uint8_t* digest) {
    c2d::Bytes32 out;
    std::copy_n(digest, out.size(), out.data.begin());
    return out;
}

}  // namespace

extern "C" {

size_t c2d_digest_size(void) { return C2D_DIGEST_SIZE; }
size_t c2d_signature_size(void) { return C2D_SIGNATURE_SIZE; }

c2d_status c2d_key_generate(const c2d_environment* environment, c2d_key** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(out);
        return give(c2d::PrivateKey::generate(environment ? environment->random.get() : nullptr), out);
    });
}

c2d_status c2d_key_from_hex(const char* secret, c2d_key** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(secret, out);
        return give(c2d::PrivateKey::from_hex(secret), out);
    });
}

c2d_status c2d_key_from_keystore(const char* json, const char* password, c2d_key** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(json, password, out);
        return give(c2d::PrivateKey::from_keystore(json, password), out);
    });
}

c2d_status c2d_key_from_pkcs11(const char* uri, const char* pin, c2d_key** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(uri, out);
        C2D_TRY(const auto key, c2d::Pkcs11Key::open(uri, c2d::capi::text_or_empty(pin)));
        *out = new c2d_key{key, c2d::address_text(key->address()), nullptr};
        return Unit{};
    });
}

c2d_status c2d_key_from_signer(const char* address, c2d_sign_function sign, void* user_data,
                               c2d_destroy_function destroy, c2d_key** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(address, sign, out);
        C2D_TRY(const c2d::Address id, c2d::parse_address(address));
        auto signer = std::make_shared<FunctionSigner>(id, sign, user_data);
        *out = new c2d_key{signer, c2d::address_text(id), nullptr};
        signer->user.adopt(destroy);
        return Unit{};
    });
}

c2d_status c2d_key_to_keystore(const c2d_key* key, const char* password, unsigned scrypt_log2n, char** out,
                               c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(key, password, out);
        if (!key->secret) return Error(Status::UNSUPPORTED, "the secret of this key stays outside");
        C2D_TRY(const std::string text, key->secret->to_keystore(password, nullptr, scrypt_log2n ? scrypt_log2n : 18));
        return give_text(text, out);
    });
}

const char* c2d_key_address(const c2d_key* key) { return key ? key->address.c_str() : ""; }

c2d_status c2d_key_sign_digest(const c2d_key* key, const uint8_t* digest, uint8_t* out_signature, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(key, digest, out_signature);
        C2D_TRY(const c2d::Signature signature, key->signer->sign_digest(read_digest(digest)));
        std::copy(signature.data.begin(), signature.data.end(), out_signature);
        return Unit{};
    });
}

c2d_status c2d_recover_signer(const uint8_t* digest, const uint8_t* signature, size_t signature_size, char** out,
                              c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(digest, signature, out);
        C2D_TRY(const c2d::Address signer, c2d::recover_signer(read_digest(digest), {signature, signature_size}));
        return give_text(c2d::address_text(signer), out);
    });
}

void c2d_key_destroy(c2d_key* key) { delete key; }

}  // extern "C"
