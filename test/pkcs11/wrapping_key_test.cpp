#include "pkcs11/wrapping_key.hpp"

#include "base/call_scope.hpp"
#include "pkcs11/faulty_bank.hpp"
#include "support/must.hpp"

#include <sys/wait.h>
#include <thread>

using namespace c2d;
using pkcs11::WrappingKey;
using support::must;
using test::check_failure;
using test::SoftToken;

namespace {

const Bytes kValue(32, 0x5a);

SecretBytes data_key(std::uint8_t byte = 0x17) {
    SecretBytes out(kSealKeyBytes);
    std::ranges::fill(out.span(), byte);
    return out;
}

/// A token with the AES key "artifacts" of id a7, whose PIN is in a file.
struct Bank : test::FaultyModule {
    Bank() {
        object = token.put_secret_key({"artifacts", {0xa7}});
        support::write_text(pin_file, SoftToken::kPin, 0600);
    }

    std::string uri(std::string_view path, std::string_view module = C2D_SOFTHSM) const {
        return token.uri(path, "&pin-source=file:" + pin_file.string(), module);
    }
    std::shared_ptr<WrappingKey> open(std::string_view path = "token=bank;object=artifacts",
                                      std::string_view module = C2D_FAULTY_MODULE) const {
        return must(WrappingKey::open(uri(path, module)));
    }
    Error failure(std::string_view path) const {
        const auto opened = WrappingKey::open(uri(path));
        REQUIRE(!opened.ok());
        return opened.error();
    }

    SoftToken token;
    CK_OBJECT_HANDLE object = 0;
    const std::filesystem::path pin_file = token.folder / "pin";
};

bool goes_round(WrappingKey& key) {
    const auto wrapped = key.wrap(data_key());
    if (!wrapped) MESSAGE(wrapped.error().message);
    return wrapped && must(key.unwrap(wrapped->data)).text() == data_key().text();
}

}  // namespace

TEST_CASE("wrapping key: the bytes are those of RFC 3394, whichever way the token is asked") {
    Bank bank;
    for (const CK_FLAGS flags : {CKF_WRAP | CKF_UNWRAP, CKF_ENCRYPT | CKF_DECRYPT}) {
        CAPTURE(flags);
        bank.faults->wrap_flags = flags;
        const auto key = bank.open();
        CHECK(must(key->wrap(data_key())) == wrap_key(kValue, data_key().view()));
        CHECK(must(key->unwrap(wrap_key(kValue, data_key(3).view()).data)).text() == data_key(3).text());
        CHECK((bank.faults->encrypted > 0) == (flags != (CKF_WRAP | CKF_UNWRAP)));
    }
}

TEST_CASE("wrapping key: it is named by token, label and id") {
    Bank bank;
    bank.token.put_secret_key({"of last year", {}});
    CHECK(bank.open()->identity() == "pkcs11:token=bank;object=artifacts;id=%a7;type=secret-key");
    CHECK(bank.open("token=bank;object=of%20last%20year;type=secret-key")->identity() ==
          "pkcs11:token=bank;object=of%20last%20year;type=secret-key");
    check_failure(bank.failure("token=bank;object=artifacts;type=private"), Status::INVALID_ARGUMENT, "",
                  "type is secret-key");
}

TEST_CASE("wrapping key: one that is not there is not made, and how to make one is said") {
    Bank bank;
    check_failure(bank.failure("token=bank;object=models;id=%07"), Status::NOT_FOUND, "",
                  "--token-label 'bank' --login --keygen --key-type AES:32 --label 'models' --id 07 --usage-wrap "
                  "--sensitive");
    bank.token.put_secret_key({"artifacts", {0xa8}});
    check_failure(bank.failure("token=bank;object=artifacts"), Status::CONFLICT, "", "several secret keys");
}

TEST_CASE("wrapping key: one that could be read, is of another length or may not wrap is refused by name") {
    Bank bank;
    bank.token.put_secret_key({"shown", {1}, kValue, false});
    check_failure(bank.failure("token=bank;object=shown"), Status::INVALID_ARGUMENT, "", "expected CKA_SENSITIVE");
    bank.token.put_secret_key({"short", {2}, Bytes(16, 1)});
    check_failure(bank.failure("token=bank;object=short"), Status::INVALID_ARGUMENT, "", "of 16 bytes");
    bank.token.put_secret_key({"one way", {3}, kValue, true, false, true, false});
    check_failure(bank.failure("token=bank;object=one%20way"), Status::INVALID_ARGUMENT, "", "lacks CKA_UNWRAP:");
    bank.token.put_secret_key({"no way", {4}, kValue, true, false, false, false});
    check_failure(bank.failure("token=bank;object=no%20way"), Status::INVALID_ARGUMENT, "",
                  "lacks CKA_WRAP, CKA_UNWRAP:");
    bank.faults->wrap_flags = CKF_DIGEST;
    const auto opened = WrappingKey::open(bank.uri("token=bank;object=artifacts", C2D_FAULTY_MODULE));
    REQUIRE(!opened.ok());
    check_failure(opened.error(), Status::UNSUPPORTED, "", "CKM_AES_KEY_WRAP");
}

TEST_CASE("wrapping key: whether somebody may take it out of the token is known") {
    Bank bank;
    bank.token.put_secret_key({"loose", {5}, kValue, true, true});
    CHECK_FALSE(bank.open()->extractable());
    CHECK(bank.open("token=bank;object=loose")->extractable());
}

TEST_CASE("wrapping key: what was altered, or wrapped under another, is corrupt; a token that fails is not") {
    Bank bank;
    bank.token.put_secret_key({"other", {6}, Bytes(32, 6)});
    const auto key = bank.open(), other = bank.open("token=bank;object=other");
    auto wrapped = must(key->wrap(data_key()));
    CHECK(other->unwrap(wrapped.data).status() == Status::CORRUPT);
    wrapped.data[20] ^= 1;
    CHECK(key->unwrap(wrapped.data).status() == Status::CORRUPT);
    wrapped.data[20] ^= 1;
    CHECK(must(key->unwrap(wrapped.data)).text() == data_key().text());
    wrapped.data[20] ^= 1;
    bank.faults->wrap_once = CKR_DEVICE_MEMORY;
    const auto failed = key->unwrap(wrapped.data);
    REQUIRE(!failed.ok());
    check_failure(failed.error(), Status::UNAVAILABLE, "", "unwrapping failed with CKR_GENERAL_ERROR");
}

TEST_CASE("wrapping key: a token that wraps wrongly loses nothing") {
    Bank bank;
    const auto key = bank.open();
    bank.faults->turn_wrapped_bit = true;
    CHECK_FALSE(key->wrap(data_key()).ok());
    bank.faults->turn_wrapped_bit = false;
    CHECK(goes_round(*key));
    bank.faults->wrapped_again = true;
    CHECK(key->wrap(data_key(2)).status() == Status::CORRUPT);
}

TEST_CASE("wrapping key: a token that lets no key in is asked to encrypt it, if it can") {
    Bank bank;
    bank.faults->wrap_flags = CKF_WRAP | CKF_UNWRAP;
    bank.faults->create_object = CKR_TEMPLATE_INCONSISTENT;
    // Before a run has something to keep.
    const auto refused = WrappingKey::open(bank.uri("token=bank;object=artifacts", C2D_FAULTY_MODULE));
    REQUIRE(!refused.ok());
    check_failure(refused.error(), Status::UNAVAILABLE, "", "CKR_TEMPLATE_INCONSISTENT; the token's rules");
    bank.faults->wrap_flags |= CKF_ENCRYPT | CKF_DECRYPT;
    const auto both = bank.open("token=bank;id=%a7");
    const auto encrypted = bank.faults->encrypted;
    CHECK(goes_round(*both));
    CHECK(bank.faults->encrypted == encrypted + 1);
    bank.faults->create_object = CKR_OK;
    CHECK(goes_round(*both));
    CHECK(bank.faults->encrypted == encrypted + 1);
}

TEST_CASE("wrapping key: a token that wraps wrongly is found out when the key is opened") {
    Bank bank;
    bank.faults->turn_wrapped_bit = true;
    CHECK_FALSE(WrappingKey::open(bank.uri("token=bank;object=artifacts", C2D_FAULTY_MODULE)).ok());
}

TEST_CASE("wrapping key: a device that comes back with another key of the same name is refused") {
    Bank bank;
    const auto key = bank.open();
    REQUIRE(bank.token.module->C_DestroyObject(bank.token.session, bank.object) == CKR_OK);
    bank.token.put_secret_key({"artifacts", {0xa7}, Bytes(32, 0x6b)});
    bank.token.close_sessions();
    const auto refused = key->wrap(data_key());
    REQUIRE(!refused.ok());
    check_failure(refused.error(), Status::CONFLICT, "", "is another key now than pkcs11:token=bank;object=artifacts");
}

TEST_CASE("wrapping key: who opens the same URI shares it, and a lost session is opened again") {
    Bank bank;
    const auto key = bank.open();
    const auto before = bank.faults->logins;
    CHECK(bank.open() == key);
    CHECK(bank.faults->logins == before);
    bank.token.close_sessions();
    CHECK(goes_round(*key));
    bank.faults->wrap_once = CKR_DEVICE_REMOVED;
    CHECK(goes_round(*key));
}

TEST_CASE("wrapping key: a PIN that was refused is not tried again, for tokens lock") {
    Bank bank;
    const auto key = bank.open();
    bank.token.close_sessions();
    support::write_text(bank.pin_file, "999999", 0600);
    const auto before = bank.faults->logins;
    for (int i = 0; i < 3; ++i) {
        const auto refused = key->wrap(data_key());
        REQUIRE(!refused.ok());
        check_failure(refused.error(), Status::INVALID_ARGUMENT, "wrong_pin", "CKR_PIN_INCORRECT");
    }
    CHECK(bank.faults->logins == before + 1);
}

TEST_CASE("wrapping key: a PIN that was refused when it was opened is not tried again by the next who opens it") {
    Bank bank;
    support::write_text(bank.pin_file, "999999", 0600);
    bank.token.close_sessions();
    const auto before = bank.faults->logins;
    for (int i = 0; i < 3; ++i) {
        const auto refused = WrappingKey::open(bank.uri("token=bank;object=artifacts", C2D_FAULTY_MODULE));
        REQUIRE(!refused.ok());
        check_failure(refused.error(), Status::INVALID_ARGUMENT, "wrong_pin", "not tried again");
    }
    CHECK(bank.faults->logins == before + 1);
}

TEST_CASE("wrapping key: a child of fork does not wrap, and opens the key for itself") {
    Bank bank;
    const auto key = bank.open();
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) ::_exit(key->wrap(data_key()).status() == Status::UNSUPPORTED ? 0 : 1);
    int ended = 0;
    REQUIRE(::waitpid(child, &ended, 0) == child);
    CHECK(ended == 0);
    CHECK(goes_round(*key));
}
