/// A token of SoftHSM in a folder of the test's own, with keys that the test makes.
#pragma once

#include "support/temp_dir.hpp"

#include <c2d/types.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <p11-kit/pkcs11.h>

#include <cstdlib>
#include <dlfcn.h>
#include <string>
#include <string_view>
#include <vector>

namespace c2d::test {

inline const Bytes kSecp256k1 = {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a};
inline const Bytes kP256 = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};

/// One at a time: a module has one configuration in a process.
class SoftToken {
public:
    static constexpr std::string_view kPin = "135790", kOfficerPin = "246801";

    SoftToken() {
        std::filesystem::create_directory(folder / "tokens");
        support::write_text(folder / "conf",
                            fmt::format("directories.tokendir = {}/tokens\nobjectstore.backend = file\n"
                                        "log.level = ERROR\n",
                                        folder.path.string()));
        ::setenv("SOFTHSM2_CONF", (folder / "conf").c_str(), 1);
        const auto get = reinterpret_cast<CK_C_GetFunctionList>(
            ::dlsym(::dlopen(C2D_SOFTHSM, RTLD_NOW | RTLD_LOCAL), "C_GetFunctionList"));
        REQUIRE(bool(get));
        REQUIRE(get(&module) == CKR_OK);
        REQUIRE(module->C_Initialize(nullptr) == CKR_OK);
        add_token("bank");
        log_in();
    }
    SoftToken(const SoftToken&) = delete;
    SoftToken& operator=(const SoftToken&) = delete;
    ~SoftToken() { module->C_Finalize(nullptr); }

    /// Another token of the same PINs.
    void add_token(std::string_view label) {
        const auto free = slots().back();
        auto padded = std::string(label) + std::string(32 - label.size(), ' ');
        REQUIRE(module->C_InitToken(free, bytes(kOfficerPin), kOfficerPin.size(), bytes(padded)) == CKR_OK);
        CK_SESSION_HANDLE officer = 0;
        REQUIRE(module->C_OpenSession(slot_of(padded), CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr,
                                      &officer) == CKR_OK);
        REQUIRE(module->C_Login(officer, CKU_SO, bytes(kOfficerPin), kOfficerPin.size()) == CKR_OK);
        REQUIRE(module->C_InitPIN(officer, bytes(kPin), kPin.size()) == CKR_OK);
        REQUIRE(module->C_CloseSession(officer) == CKR_OK);
        if (slot_ == 0) slot_ = slot_of(padded);
    }

    /// Opens the session in which keys are made.
    void log_in() {
        REQUIRE(module->C_OpenSession(slot_, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session) ==
                CKR_OK);
        REQUIRE(module->C_Login(session, CKU_USER, bytes(kPin), kPin.size()) == CKR_OK);
    }
    /// Ends every session with the token, others' too.
    void close_sessions() { REQUIRE(module->C_CloseAllSessions(slot_) == CKR_OK); }

    struct Key {
        std::string label;
        Bytes id;
        Bytes curve = kSecp256k1;
        bool always_authenticate = false;
    };
    void make_key(const Key& key) {
        CK_BBOOL yes = CK_TRUE, always = key.always_authenticate ? CK_TRUE : CK_FALSE;
        CK_MECHANISM mechanism{CKM_EC_KEY_PAIR_GEN, nullptr, 0};
        std::vector<CK_ATTRIBUTE> shown = {value(CKA_TOKEN, &yes, 1),
                                           value(CKA_LABEL, key.label.data(), key.label.size()),
                                           value(CKA_ID, key.id.data(), key.id.size()), value(CKA_VERIFY, &yes, 1),
                                           value(CKA_EC_PARAMS, key.curve.data(), key.curve.size())};
        std::vector<CK_ATTRIBUTE> hidden = {value(CKA_TOKEN, &yes, 1),
                                            value(CKA_LABEL, key.label.data(), key.label.size()),
                                            value(CKA_ID, key.id.data(), key.id.size()),
                                            value(CKA_SIGN, &yes, 1),
                                            value(CKA_PRIVATE, &yes, 1),
                                            value(CKA_ALWAYS_AUTHENTICATE, &always, 1)};
        REQUIRE(module->C_GenerateKeyPair(session, &mechanism, shown.data(), shown.size(), hidden.data(), hidden.size(),
                                          &public_key, &private_key) == CKR_OK);
    }

    struct SecretKey {
        std::string label;
        Bytes id;
        Bytes value = Bytes(32, 0x5a);
        bool sensitive = true, extractable = false, wraps = true, unwraps = true;
    };
    /// An AES key that the test knows.
    CK_OBJECT_HANDLE put_secret_key(const SecretKey& key) {
        const CK_OBJECT_CLASS kind = CKO_SECRET_KEY;
        const CK_KEY_TYPE type = CKK_AES;
        const CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
        const auto flag = [&](CK_ATTRIBUTE_TYPE name, bool set) { return value(name, set ? &yes : &no, 1); };
        std::vector<CK_ATTRIBUTE> said = {value(CKA_CLASS, &kind, sizeof kind),
                                          value(CKA_KEY_TYPE, &type, sizeof type),
                                          value(CKA_LABEL, key.label.data(), key.label.size()),
                                          value(CKA_ID, key.id.data(), key.id.size()),
                                          value(CKA_VALUE, key.value.data(), key.value.size()),
                                          flag(CKA_TOKEN, true),
                                          flag(CKA_PRIVATE, true),
                                          flag(CKA_SENSITIVE, key.sensitive),
                                          flag(CKA_EXTRACTABLE, key.extractable),
                                          flag(CKA_WRAP, key.wraps),
                                          flag(CKA_UNWRAP, key.unwraps)};
        CK_OBJECT_HANDLE out = 0;
        REQUIRE(module->C_CreateObject(session, said.data(), said.size(), &out) == CKR_OK);
        return out;
    }

    std::string uri(std::string_view path, std::string_view query = "", std::string_view library = C2D_SOFTHSM) const {
        return fmt::format("pkcs11:{}?module-path={}{}", path, library, query);
    }

    const support::TempDir folder;
    CK_FUNCTION_LIST* module = nullptr;
    CK_SESSION_HANDLE session = 0;
    /// Of the last key made.
    CK_OBJECT_HANDLE public_key = 0, private_key = 0;

private:
    static unsigned char* bytes(std::string_view text) {
        return const_cast<unsigned char*>(reinterpret_cast<const unsigned char*>(text.data()));
    }
    static CK_ATTRIBUTE value(CK_ATTRIBUTE_TYPE type, const void* data, std::size_t size) {
        return {type, const_cast<void*>(data), size};
    }
    std::vector<CK_SLOT_ID> slots() const {
        CK_ULONG count = 0;
        // SoftHSM looks for its tokens when it is asked how many there are.
        REQUIRE(module->C_GetSlotList(CK_TRUE, nullptr, &count) == CKR_OK);
        std::vector<CK_SLOT_ID> found(count);
        REQUIRE(module->C_GetSlotList(CK_TRUE, found.data(), &count) == CKR_OK);
        return found;
    }
    CK_SLOT_ID slot_of(std::string_view padded) const {
        for (const auto slot : slots()) {
            CK_TOKEN_INFO info{};
            REQUIRE(module->C_GetTokenInfo(slot, &info) == CKR_OK);
            if (padded == std::string_view(reinterpret_cast<const char*>(info.label), 32)) return slot;
        }
        FAIL("the token was not made");
        return 0;
    }

    CK_SLOT_ID slot_ = 0;
};

}  // namespace c2d::test
