#include <c2d/pkcs11_key.hpp>

#include "base/fail.hpp"
#include "base/private_files.hpp"
#include "base/try.hpp"
#include "crypto/public_key.hpp"
#include "pkcs11/key_session.hpp"
#include "pkcs11/module_thread.hpp"

#include <optional>
#include <unistd.h>

namespace c2d {

using pkcs11::KeySession;
using pkcs11::KeyUri;

namespace {

/// Longer than a device takes that somebody has to touch first.
constexpr std::chrono::seconds kModuleWaitMax{60};

/// The key as the module's thread has it: nobody else touches this.
struct TokenKey {
    KeyUri uri;
    /// As given to `open`; empty where the URI names a file.
    SecretBytes given_pin;
    Bytes public_key = {};
    std::unique_ptr<KeySession> session = {};
    /// What the token said to our PIN. A lock is nearer with each try, so there is no second one.
    std::optional<Error> refused = {};

    Result<SecretBytes> read_pin() const {
        if (!uri.pin_file.empty()) return read_password_file(uri.pin_file);
        return SecretBytes::copy_of(given_pin.text());
    }

    Result<Unit> open_session() {
        session.reset();
        C2D_TRY(auto pin, read_pin());
        auto opened = KeySession::open(uri, std::move(pin));
        if (!opened) {
            if (pkcs11::is_pin_refused(opened.error().code)) refused = opened.error();
            return std::move(opened).error();
        }
        session = *std::move(opened);
        return Unit{};
    }

    /// Its public key.
    Result<Bytes> open() {
        C2D_CHECK(open_session());
        return public_key = session->public_key();
    }

    /// A device that comes back with another key under the same name is another signer.
    Result<Unit> open_session_again() {
        C2D_CHECK(open_session());
        if (session->public_key() == public_key) return Unit{};
        session.reset();
        return fail(Status::CONFLICT, "{} is another key now than {}; open it anew if that is meant", name_of_key(uri),
                    address_text(address_of(public_key)));
    }

    Result<FixedBytes<64>> sign(const Bytes32& digest) {
        if (refused) return *refused;
        const bool fresh = !session;
        if (fresh) C2D_CHECK(open_session_again());
        FixedBytes<64> r_and_s;
        auto code = session->sign(digest, r_and_s);
        if (!fresh && pkcs11::is_session_lost(code)) {
            C2D_CHECK(open_session_again());
            code = session->sign(digest, r_and_s);
        }
        if (code == CKR_OK) return r_and_s;
        // What the session is in the middle of now, only the module knows.
        session.reset();
        auto error = pkcs11::call_failed(name_of_key(uri), "signing", code);
        if (pkcs11::is_pin_refused(code)) refused = error;
        return error;
    }
};

}  // namespace

struct Pkcs11Key::State {
    std::string name;
    std::shared_ptr<TokenKey> key;
    std::unique_ptr<pkcs11::ModuleThread> module;
    Bytes public_key = {};
    Address address = {};
    /// Modules keep state that a child of `fork` only seems to have, and the thread is the parent's alone.
    pid_t process = ::getpid();
};

Pkcs11Key::Pkcs11Key(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::shared_ptr<Pkcs11Key>> Pkcs11Key::open(std::string_view uri, std::string_view pin) {
    C2D_TRY(auto parsed, pkcs11::parse_key_uri(uri));
    auto name = name_of_key(parsed);
    SecretBytes given;
    if (parsed.pin_file.empty()) given = SecretBytes::copy_of(pin);
    const auto key = std::make_shared<TokenKey>(TokenKey{std::move(parsed), std::move(given)});
    std::shared_ptr<Pkcs11Key> out(new Pkcs11Key(
        std::make_unique<State>(State{std::move(name), key, std::make_unique<pkcs11::ModuleThread>(kModuleWaitMax)})));
    C2D_TRY(out->state_->public_key,
            out->state_->module->call<Bytes>(out->state_->name, [key] { return key->open(); }));
    out->state_->address = address_of(out->state_->public_key);
    return out;
}

Address Pkcs11Key::address() const { return state_->address; }

Bytes Pkcs11Key::public_key() const { return state_->public_key; }

Result<Signature> Pkcs11Key::sign_digest(const Bytes32& digest) {
    if (::getpid() != state_->process)
        return fail(Status::UNSUPPORTED, "{} was opened before fork; a child opens it anew", state_->name);
    C2D_TRY(const auto r_and_s, state_->module->call<FixedBytes<64>>(
                                    state_->name, [key = state_->key, digest] { return key->sign(digest); }));
    auto signature = recoverable_signature(digest, r_and_s, state_->address);
    if (!signature)
        return fail(signature.status(), "{}: {}; is the public key beside it its own?", state_->name,
                    signature.error().message);
    return signature;
}

Pkcs11Key::~Pkcs11Key() {
    if (::getpid() == state_->process) {
        state_->module->post([key = state_->key] { key->session.reset(); });
        return;
    }
    // Session and thread are the parent's.
    (void)state_->key->session.release();
    (void)state_->module.release();
}

}  // namespace c2d
