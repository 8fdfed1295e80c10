#include <c2d/pkcs11_key.hpp>

#include "base/call_scope.hpp"
#include "pkcs11/faulty_bank.hpp"
#include "support/must.hpp"

#include <c2d/key.hpp>

#include <atomic>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace c2d;
using support::must;
using test::check_failure;
using test::SoftToken;

namespace {

Bytes32 digest_of(unsigned number) {
    Bytes32 out;
    out.data[0] = 0xd1;
    out.data[31] = std::uint8_t(number);
    return out;
}

/// A signature that the ledger takes: strict, of this key.
bool signs(Pkcs11Key& key, unsigned number = 0) {
    const auto signature = key.sign_digest(digest_of(number));
    if (!signature) MESSAGE(signature.error().message);
    return signature && must(recover_signer(digest_of(number), *signature)) == key.address();
}

template <class T>
Error error_of(const Result<T>& result) {
    REQUIRE(!result.ok());
    CHECK(result.error().message.find(SoftToken::kPin) == std::string::npos);
    return result.error();
}

/// A token with the key "loans" of id a1.
struct Bank {
    Bank() { token.make_key({"loans", {0xa1}}); }
    SoftToken token;
    const std::string uri = token.uri("token=bank;object=loans");

    std::shared_ptr<Pkcs11Key> open() const { return must(Pkcs11Key::open(uri, SoftToken::kPin)); }
};

/// A module that does not return from C_Sign for as long as this lives. By a pipe: the waits of the standard library do
/// not reach from one shared library into another.
class StalledModule {
public:
    explicit StalledModule(Faults& faults) : faults_(faults) {
        REQUIRE(::pipe(ends_) == 0);
        std::atomic_ref<int>(faults_.stalled) = ends_[0];
    }
    /// The end that is read stays open, for the module may be at it yet.
    ~StalledModule() {
        std::atomic_ref<int>(faults_.stalled) = -1;
        ::close(ends_[1]);
    }
    StalledModule(const StalledModule&) = delete;
    StalledModule& operator=(const StalledModule&) = delete;

private:
    Faults& faults_;
    int ends_[2] = {};
};

/// The same through a module that does wrong what is asked for.
struct FaultyBank : test::FaultyModule, Bank {
    const std::string faulty_uri = token.uri("token=bank;object=loans", "", C2D_FAULTY_MODULE);

    std::shared_ptr<Pkcs11Key> open_faulty() const { return must(Pkcs11Key::open(faulty_uri, SoftToken::kPin)); }
};

}  // namespace

TEST_CASE("pkcs11 key: signatures are recoverable, with s in the lower half, whatever the token gives") {
    const Bank bank;
    const auto key = bank.open();
    const auto point = key->public_key();
    CHECK(point.size() == 65);
    CHECK(point[0] == 0x04);
    // Every second s of SoftHSM is in the upper half, and every second v is 1.
    for (unsigned number = 0; number < 64; ++number) CHECK(signs(*key, number));
}

TEST_CASE("pkcs11 key: found by label, by id, by both, on the token that is described") {
    Bank bank;
    bank.token.make_key({"taxes", {0xa2}});
    bank.token.add_token("other");
    const auto address = bank.open()->address();
    for (const auto* const path : {"token=bank;id=%a1", "token=bank;object=loans;id=%A1;type=private",
                                   "manufacturer=SoftHSM%20project;model=SoftHSM%20v2;token=bank;object=loans"}) {
        CAPTURE(path);
        CHECK(must(Pkcs11Key::open(bank.token.uri(path), SoftToken::kPin))->address() == address);
    }
    CHECK(must(Pkcs11Key::open(bank.token.uri("token=bank;id=%a2"), SoftToken::kPin))->address() != address);

    const auto failure = [&](const char* path) {
        return error_of(Pkcs11Key::open(bank.token.uri(path), SoftToken::kPin));
    };
    check_failure(failure("token=bank;object=loans;id=%a2"), Status::NOT_FOUND, "", "is not there");
    check_failure(failure("token=bank;object=rents"), Status::NOT_FOUND, "",
                  "key \"rents\" on the PKCS#11 token \"bank\"");
    check_failure(failure("token=bonk;object=loans"), Status::NOT_FOUND, "", "shows \"bank\" (serial ");
    check_failure(failure("object=loans"), Status::CONFLICT, "", "2 tokens fit");
    bank.token.make_key({"loans", {0xa3}});
    check_failure(failure("token=bank;object=loans"), Status::CONFLICT, "", "several private keys");
}

TEST_CASE("pkcs11 key: a key of another curve, or without its public key, is refused") {
    Bank bank;
    bank.token.make_key({"web", {0xb1}, test::kP256});
    const auto failure = [&](const char* path) {
        return error_of(Pkcs11Key::open(bank.token.uri(path), SoftToken::kPin));
    };
    check_failure(failure("token=bank;object=web"), Status::INVALID_ARGUMENT, "", "found 0x06082a8648ce3d030107");
    bank.token.make_key({"alone", {0xb2}});
    REQUIRE(bank.token.module->C_DestroyObject(bank.token.session, bank.token.public_key) == CKR_OK);
    check_failure(failure("token=bank;object=alone"), Status::NOT_FOUND, "", "one public key object of the same id");
}

TEST_CASE("pkcs11 key: a PIN is needed, and only the right one is taken") {
    Bank bank;
    bank.token.close_sessions();
    check_failure(error_of(Pkcs11Key::open(bank.uri)), Status::INVALID_ARGUMENT, "pin_needed", "pin-source=file:");
    check_failure(error_of(Pkcs11Key::open(bank.uri, "999999")), Status::INVALID_ARGUMENT, "wrong_pin",
                  "CKR_PIN_INCORRECT");
    CHECK(signs(*bank.open()));
}

TEST_CASE("pkcs11 key: the PIN's file is read if nobody else can") {
    Bank bank;
    bank.token.close_sessions();
    const auto file = bank.token.folder / "pin";
    const auto uri = bank.uri + "&pin-source=file:" + file.string();
    support::write_text(file, std::string(SoftToken::kPin) + "\n", 0640);
    check_failure(error_of(Pkcs11Key::open(uri)), Status::INVALID_ARGUMENT, "exposed_file", "chmod 600");
    support::write_text(file, std::string(SoftToken::kPin) + "\n", 0600);
    CHECK(signs(*must(Pkcs11Key::open(uri))));
}

TEST_CASE("pkcs11 key: a key that wants the PIN for each signature gets it") {
    Bank bank;
    bank.token.make_key({"careful", {0xc1}, test::kSecp256k1, true});
    const auto key = must(Pkcs11Key::open(bank.token.uri("token=bank;object=careful"), SoftToken::kPin));
    CHECK(signs(*key, 1));
    CHECK(signs(*key, 2));
}

TEST_CASE("pkcs11 key: sessions that others close, and a module that others end, are opened again") {
    Bank bank;
    const auto key = bank.open();
    bank.token.close_sessions();
    CHECK(signs(*key, 1));
    REQUIRE(bank.token.module->C_Finalize(nullptr) == CKR_OK);
    CHECK(signs(*key, 2));
}

TEST_CASE("pkcs11 key: a token that is gone is named, and used again once it is back") {
    Bank bank;
    const auto key = bank.open();
    const auto tokens = bank.token.folder / "tokens", away = bank.token.folder / "away";
    REQUIRE(bank.token.module->C_Finalize(nullptr) == CKR_OK);
    std::filesystem::rename(tokens, away);
    std::filesystem::create_directory(tokens);
    check_failure(error_of(key->sign_digest(digest_of(1))), Status::NOT_FOUND, "", "no token: is the device connected");
    REQUIRE(bank.token.module->C_Finalize(nullptr) == CKR_OK);
    std::filesystem::remove(tokens);
    std::filesystem::rename(away, tokens);
    CHECK(signs(*key, 2));
}

TEST_CASE("pkcs11 key: another key under the same name is not signed with") {
    Bank bank;
    const auto key = bank.open();
    REQUIRE(bank.token.module->C_DestroyObject(bank.token.session, bank.token.public_key) == CKR_OK);
    REQUIRE(bank.token.module->C_DestroyObject(bank.token.session, bank.token.private_key) == CKR_OK);
    bank.token.make_key({"loans", {0xa1}});
    bank.token.close_sessions();
    check_failure(error_of(key->sign_digest(digest_of(1))), Status::CONFLICT, "", "is another key now than");
}

TEST_CASE("pkcs11 key: a PIN that was refused is not tried again, for tokens lock") {
    FaultyBank bank;
    bank.token.close_sessions();
    const auto file = bank.token.folder / "pin";
    support::write_text(file, SoftToken::kPin, 0600);
    const auto key = must(Pkcs11Key::open(bank.faulty_uri + "&pin-source=file:" + file.string()));
    CHECK(signs(*key));
    bank.token.close_sessions();
    support::write_text(file, "999999", 0600);
    const auto before = bank.faults->logins;
    for (int i = 0; i < 3; ++i)
        check_failure(error_of(key->sign_digest(digest_of(1))), Status::INVALID_ARGUMENT, "wrong_pin",
                      "CKR_PIN_INCORRECT");
    CHECK(bank.faults->logins == before + 1);
}

TEST_CASE("pkcs11 key: the last try of a PIN is left to its owner") {
    FaultyBank bank;
    for (const CK_FLAGS flags : {CKF_USER_PIN_FINAL_TRY, CKF_USER_PIN_LOCKED}) {
        bank.faults->token_flags = flags;
        check_failure(error_of(Pkcs11Key::open(bank.faulty_uri, SoftToken::kPin)), Status::INVALID_ARGUMENT,
                      "pin_locked", "with the vendor's tool");
    }
    CHECK(bank.faults->logins == 0);
}

TEST_CASE("pkcs11 key: a lost session is opened again once for a signature") {
    FaultyBank bank;
    const auto key = bank.open_faulty();
    bank.faults->sign_once = CKR_DEVICE_REMOVED;
    CHECK(signs(*key, 1));
    CHECK(bank.faults->signatures == 2);
    bank.faults->sign_always = CKR_DEVICE_REMOVED;
    const auto error = error_of(key->sign_digest(digest_of(2)));
    check_failure(error, Status::UNAVAILABLE, "", "CKR_DEVICE_REMOVED; put the token back");
    CHECK(error.code == CKR_DEVICE_REMOVED);
    CHECK(bank.faults->signatures == 4);
    bank.faults->sign_always = CKR_OK;
    CHECK(signs(*key, 3));
    bank.faults->sign_once = CKR_GENERAL_ERROR;
    CHECK(error_of(key->sign_digest(digest_of(4))).code == CKR_GENERAL_ERROR);
    CHECK(bank.faults->signatures == 6);
}

TEST_CASE("pkcs11 key: what a module answers is bounded and checked") {
    FaultyBank bank;
    const auto key = bank.open_faulty();
    bank.faults->turn_bit = true;
    check_failure(error_of(key->sign_digest(digest_of(1))), Status::CORRUPT, "",
                  "is not of " + address_text(key->address()));
    bank.faults->turn_bit = false;
    bank.faults->signature_length = 63;
    check_failure(error_of(key->sign_digest(digest_of(2))), Status::UNAVAILABLE, "", "64 bytes");
    bank.faults->signature_length = 64;
    bank.faults->endless_attributes = true;
    check_failure(error_of(Pkcs11Key::open(bank.faulty_uri, SoftToken::kPin)), Status::UNAVAILABLE, "",
                  "CKR_BUFFER_TOO_SMALL");
}

TEST_CASE("pkcs11 key: a module that others can change, or that is none, is not loaded") {
    const Bank bank;
    const auto copy = bank.token.folder / "module.so";
    std::filesystem::copy_file(C2D_SOFTHSM, copy);
    std::filesystem::permissions(copy, std::filesystem::perms(0664));
    const auto failure = [&](std::string_view file) {
        return error_of(Pkcs11Key::open(bank.token.uri("object=loans", "", file), SoftToken::kPin));
    };
    check_failure(failure(copy.string()), Status::INVALID_ARGUMENT, "exposed_file", "chmod go-w");
    check_failure(failure("/nowhere/module.so"), Status::NOT_FOUND, "", "/nowhere/module.so");
    support::write_text(copy, "no library", 0644);
    check_failure(failure(copy.string()), Status::NOT_FOUND, "", "cannot load");
}

TEST_CASE("pkcs11 key: threads take turns") {
    const Bank bank;
    const auto key = bank.open();
    std::atomic<unsigned> good = 0;
    std::vector<std::thread> threads;
    for (unsigned thread = 0; thread < 4; ++thread)
        threads.emplace_back([&, thread] {
            for (unsigned i = 0; i < 8; ++i) {
                const auto digest = digest_of(8 * thread + i);
                const auto signature = key->sign_digest(digest);
                if (signature && recover_signer(digest, *signature).value_or({}) == key->address()) ++good;
            }
        });
    for (auto& thread : threads) thread.join();
    CHECK(good == 32);
}

TEST_CASE("pkcs11 key: a child of fork does not sign, and leaves the parent's session alone") {
    const Bank bank;
    auto key = bank.open();
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        const auto refused = key->sign_digest(digest_of(1)).status() == Status::UNSUPPORTED;
        key.reset();
        ::_exit(refused ? 0 : 1);
    }
    int ended = 0;
    REQUIRE(::waitpid(child, &ended, 0) == child);
    CHECK(ended == 0);
    CHECK(signs(*key));
}

TEST_CASE("pkcs11 key: a module that does not return holds nobody up, and is asked again once it did") {
    const FaultyBank bank;
    const auto key = bank.open_faulty();
    const auto soon = [] { return std::chrono::steady_clock::now() + std::chrono::milliseconds(200); };
    {
        const StalledModule stalled(*bank.faults);
        std::vector<std::thread> threads;
        std::atomic<unsigned> gave_up = 0;
        for (unsigned thread = 0; thread < 3; ++thread)
            threads.emplace_back([&] {
                const CallScope scope(soon(), nullptr);
                if (key->sign_digest(digest_of(1)).status() == Status::TIMEOUT) ++gave_up;
            });
        for (auto& thread : threads) thread.join();
        CHECK(gave_up == 3);
        CancelToken cancel;
        cancel.cancel();
        const CallScope scope(CallScope::kNever, &cancel);
        check_failure(error_of(key->sign_digest(digest_of(1))), Status::CANCELLED, "", "waiting for the module");
    }
    CHECK(signs(*key, 2));
    // What was given up before it began was not done.
    CHECK(bank.faults->signatures == 2);
}

TEST_CASE("pkcs11 key: one whose module does not return can go, and its session is closed later") {
    const FaultyBank bank;
    auto key = bank.open_faulty();
    {
        const StalledModule stalled(*bank.faults);
        const CallScope scope(std::chrono::steady_clock::now() + std::chrono::milliseconds(50), nullptr);
        CHECK(key->sign_digest(digest_of(1)).status() == Status::TIMEOUT);
        key.reset();
        CHECK(std::atomic_ref<int>(bank.faults->closed_sessions) == 0);
    }
    while (std::atomic_ref<int>(bank.faults->closed_sessions) == 0) std::this_thread::yield();
}
