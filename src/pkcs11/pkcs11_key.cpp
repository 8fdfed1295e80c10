#include <c2d/pkcs11_key.hpp>

#include "base/fail.hpp"
#include "base/try.hpp"
#include "crypto/public_key.hpp"
#include "pkcs11/key_session.hpp"
#include "pkcs11/token_key.hpp"

namespace c2d {

using pkcs11::KeySession;

struct Pkcs11Key::State {
    pkcs11::TokenKey<KeySession> key;
    Bytes public_key = {};
    Address address = {};
};

namespace {

using Kept = pkcs11::KeptSession<KeySession>;

Result<Bytes> open_kept(Kept& kept) {
    C2D_CHECK(kept.open());
    return kept.session().public_key();
}

Result<FixedBytes<64>> sign(Kept& kept, const Bytes32& digest) {
    FixedBytes<64> r_and_s;
    C2D_CHECK(kept.use("signing", [&](KeySession& session) { return session.sign(digest, r_and_s); }));
    return r_and_s;
}

}  // namespace

Pkcs11Key::Pkcs11Key(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::shared_ptr<Pkcs11Key>> Pkcs11Key::open(std::string_view uri, std::string_view pin) {
    C2D_TRY(auto parsed, pkcs11::parse_key_uri(uri));
    SecretBytes given;
    if (parsed.pin_file.empty()) given = SecretBytes::copy_of(pin);
    std::shared_ptr<Pkcs11Key> out(
        new Pkcs11Key(std::unique_ptr<State>(new State{{std::move(parsed), std::move(given)}})));
    C2D_TRY(out->state_->public_key, out->state_->key.call<Bytes>(open_kept));
    out->state_->address = address_of(out->state_->public_key);
    return out;
}

Address Pkcs11Key::address() const { return state_->address; }

Bytes Pkcs11Key::public_key() const { return state_->public_key; }

Result<Signature> Pkcs11Key::sign_digest(const Bytes32& digest) {
    C2D_TRY(const auto r_and_s, state_->key.call<FixedBytes<64>>([digest](Kept& kept) { return sign(kept, digest); }));
    auto signature = recoverable_signature(digest, r_and_s, state_->address);
    if (!signature)
        return fail(signature.status(), "{}: {}; is the public key beside it its own?", state_->key.name(),
                    signature.error().message);
    return signature;
}

Pkcs11Key::~Pkcs11Key() = default;

}  // namespace c2d
