/// A key of a token as this process holds it: one session, on a thread of its own, opened again where it was lost.
#pragma once

#include "base/private_files.hpp"
#include "pkcs11/key_uri.hpp"
#include "pkcs11/module.hpp"
#include "pkcs11/module_thread.hpp"

#include <unistd.h>

namespace c2d::pkcs11 {

/// Longer than a device takes that somebody has to touch first.
inline constexpr std::chrono::seconds kModuleWaitMax{60};

/// The session of a key and what became of its PIN; the module's thread alone touches it. `Session` has
/// `open(const KeyUri&, SecretBytes)` and `identity()`, which says in words which key it is.
template <class Session>
class KeptSession {
public:
    /// `pin` as given; empty where the URI names a file.
    KeptSession(KeyUri uri, SecretBytes pin) : uri_(std::move(uri)), given_pin_(std::move(pin)) {}

    /// For the first time: which key it is stays with it.
    Result<Unit> open() {
        C2D_CHECK(open_session());
        identity_ = session_->identity();
        return Unit{};
    }
    /// There after `open`, until a use failed.
    const Session& session() const { return *session_; }

    /// Does `work`, which answers with a code of the module, in the session. One that was lost is opened again once.
    /// What a session that failed is in the middle of only the module knows, so the next use gets a new one.
    template <class Work>
    Result<Unit> use(std::string_view doing, const Work& work) {
        if (refused_) return *refused_;
        const bool fresh = !session_;
        if (fresh) C2D_CHECK(open_again());
        CK_RV code = work(*session_);
        if (!fresh && is_session_lost(code)) {
            C2D_CHECK(open_again());
            code = work(*session_);
        }
        if (code == CKR_OK) return Unit{};
        session_.reset();
        auto error = call_failed(name_of_key(uri_), doing, code);
        if (is_pin_refused(code)) refused_ = error;
        return error;
    }

    void close() { session_.reset(); }
    /// Leaves the session open: it is another process's.
    void abandon() { (void)session_.release(); }

private:
    Result<SecretBytes> read_pin() const {
        if (!uri_.pin_file.empty()) return read_password_file(uri_.pin_file);
        return SecretBytes::copy_of(given_pin_.text());
    }

    Result<Unit> open_session() {
        session_.reset();
        C2D_TRY(auto pin, read_pin());
        auto opened = Session::open(uri_, std::move(pin));
        if (!opened) {
            if (is_pin_refused(opened.error().code)) refused_ = opened.error();
            return std::move(opened).error();
        }
        session_ = *std::move(opened);
        return Unit{};
    }

    /// A device that comes back with another key under the same name has not the one that was opened.
    Result<Unit> open_again() {
        C2D_CHECK(open_session());
        if (session_->identity() == identity_) return Unit{};
        session_.reset();
        return fail(Status::CONFLICT, "{} is another key now than {}; open it anew if that is meant", name_of_key(uri_),
                    identity_);
    }

    const KeyUri uri_;
    const SecretBytes given_pin_;
    std::string identity_;
    std::unique_ptr<Session> session_;
    /// What the token said to our PIN. A lock is nearer with each try, so there is no second one.
    std::optional<Error> refused_;
};

/// Thread-safe.
template <class Session>
class TokenKey {
public:
    using Kept = KeptSession<Session>;

    TokenKey(KeyUri uri, SecretBytes pin)
        : name_(name_of_key(uri)),
          kept_(std::make_shared<Kept>(std::move(uri), std::move(pin))),
          module_(std::make_unique<ModuleThread>(kModuleWaitMax)) {}
    TokenKey(const TokenKey&) = delete;
    TokenKey& operator=(const TokenKey&) = delete;
    ~TokenKey() {
        if (::getpid() == process_) {
            module_->post([kept = kept_] { kept->close(); });
            return;
        }
        // Session and thread are the parent's.
        kept_->abandon();
        (void)module_.release();
    }

    /// For messages.
    const std::string& name() const noexcept { return name_; }

    /// What `work` gives on the module's thread, which waits and fails as `ModuleThread::call` does. `work` must own
    /// what it touches. `unsupported` in a child of `fork`.
    template <class T>
    Result<T> call(std::function<Result<T>(Kept&)> work) const {
        if (::getpid() != process_)
            return fail(Status::UNSUPPORTED, "{} was opened before fork; a child opens it anew", name_);
        return module_->call<T>(name_, [kept = kept_, work = std::move(work)] { return work(*kept); });
    }

private:
    const std::string name_;
    std::shared_ptr<Kept> kept_;
    std::unique_ptr<ModuleThread> module_;
    /// Modules keep state that a child of `fork` only seems to have, and the thread is the parent's alone.
    const pid_t process_ = ::getpid();
};

}  // namespace c2d::pkcs11
