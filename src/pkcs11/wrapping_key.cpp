#include "pkcs11/wrapping_key.hpp"

#include "pkcs11/token_key.hpp"
#include "pkcs11/wrapping_session.hpp"

#include <map>
#include <mutex>

namespace c2d::pkcs11 {

namespace {

using Kept = KeptSession<WrappingSession>;
using Wrapped = FixedBytes<kWrappedKeyBytes>;

/// Wrapped, and what that unwraps to is the same.
Result<Wrapped> wrap_and_look(Kept& kept, const std::string& name, BytesView key) {
    Wrapped out;
    SecretBytes again;
    C2D_CHECK(kept.use("wrapping", [&](WrappingSession& session) { return session.wrap(key, out); }));
    C2D_CHECK(kept.use("unwrapping", [&](WrappingSession& session) { return session.unwrap(out.data, again); }));
    if (equal_constant_time(again.view(), key)) return out;
    return fail(Status::CORRUPT, "{}: what it wrapped unwraps to something else; nothing is kept under it", name);
}

/// Modules say of a key that does not unwrap what they say of a broken device: whether another one goes in and out
/// tells which of the two it is.
Result<SecretBytes> unwrap_or_blame(Kept& kept, const std::string& name, BytesView wrapped) {
    SecretBytes out;
    const auto done = kept.use("unwrapping", [&](WrappingSession& session) { return session.unwrap(wrapped, out); });
    if (done) return out;
    if (done.status() != Status::UNAVAILABLE || !wrap_and_look(kept, name, SecretBytes(kSealKeyBytes).view()))
        return done.error();
    return fail(Status::CORRUPT, "the key is not wrapped under {}, or was altered", name);
}

class OpenedKey final : public WrappingKey {
public:
    explicit OpenedKey(KeyUri uri) : key_(std::move(uri), SecretBytes()) {}

    Result<Unit> open() {
        struct Found {
            std::string identity;
            bool extractable;
        };
        C2D_TRY(const auto found, key_.call<Found>([name = key_.name()](Kept& kept) -> Result<Found> {
            C2D_CHECK(kept.open());
            C2D_CHECK(wrap_and_look(kept, name, SecretBytes(kSealKeyBytes).view()));
            return Found{kept.session().uri(), kept.session().extractable()};
        }));
        identity_ = found.identity;
        extractable_ = found.extractable;
        return Unit{};
    }

    const std::string& identity() const noexcept override { return identity_; }
    bool extractable() const noexcept override { return extractable_; }

    Result<Wrapped> wrap(const SecretBytes& key) override {
        const auto copy = std::make_shared<SecretBytes>(SecretBytes::copy_of(key.text()));
        return key_.call<Wrapped>(
            [copy, name = key_.name()](Kept& kept) { return wrap_and_look(kept, name, copy->view()); });
    }

    Result<SecretBytes> unwrap(BytesView wrapped) override {
        return key_.call<SecretBytes>([copy = Bytes(wrapped.begin(), wrapped.end()), name = key_.name()](Kept& kept) {
            return unwrap_or_blame(kept, name, copy);
        });
    }

private:
    TokenKey<WrappingSession> key_;
    std::string identity_;
    bool extractable_ = false;
};

/// Those that somebody holds, since logging in is the process's; and those whose PIN was refused, which is not tried
/// again by the next who asks.
class OpenKeys {
public:
    std::shared_ptr<WrappingKey> find(const std::string& uri) {
        const std::lock_guard lock(mutex_);
        const auto at = keys_.find({::getpid(), uri});
        return at == keys_.end() ? nullptr : at->second.lock();
    }
    /// The first who has it counts.
    std::shared_ptr<WrappingKey> add(const std::string& uri, const std::shared_ptr<WrappingKey>& key) {
        const std::lock_guard lock(mutex_);
        std::erase_if(keys_, [](const auto& one) { return one.second.expired(); });
        auto& place = keys_[{::getpid(), uri}];
        if (auto there = place.lock()) return there;
        place = key;
        return key;
    }
    std::optional<Error> refused(const std::string& uri) {
        const std::lock_guard lock(mutex_);
        const auto at = refused_.find({::getpid(), uri});
        return at == refused_.end() ? std::nullopt : std::optional(at->second);
    }
    void refuse(const std::string& uri, const Error& error) {
        const std::lock_guard lock(mutex_);
        refused_.emplace(std::pair(::getpid(), uri), error);
    }

private:
    std::mutex mutex_;
    std::map<std::pair<pid_t, std::string>, std::weak_ptr<WrappingKey>> keys_;
    std::map<std::pair<pid_t, std::string>, Error> refused_;
};

}  // namespace

Result<std::shared_ptr<WrappingKey>> WrappingKey::open(std::string_view uri) {
    // As a module's own state, which is the process's too.
    static OpenKeys open_keys;
    if (auto there = open_keys.find(std::string(uri))) return there;
    if (const auto refused = open_keys.refused(std::string(uri))) return *refused;
    C2D_TRY(auto parsed, parse_key_uri(uri, Purpose::wrap));
    const auto key = std::make_shared<OpenedKey>(std::move(parsed));
    if (auto opened = key->open(); !opened) {
        Error error = opened.error();
        if (!is_pin_refused(error.code)) return error;
        error.message += "; it is not tried again before the program starts anew";
        open_keys.refuse(std::string(uri), error);
        return error;
    }
    return open_keys.add(std::string(uri), key);
}

}  // namespace c2d::pkcs11
