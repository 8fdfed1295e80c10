#include "pkcs11/key_session.hpp"

#include "base/try.hpp"

namespace c2d::pkcs11 {

Result<std::unique_ptr<KeySession>> KeySession::open(const KeyUri& uri, SecretBytes pin) {
    C2D_TRY(const auto* const module, load_module(uri.module_path));
    C2D_CHECK(initialize(*module));
    C2D_TRY(const auto token, find_token(*module, uri));
    CK_SESSION_HANDLE handle = 0;
    if (const auto code = module->C_OpenSession(token.slot, CKF_SERIAL_SESSION, nullptr, nullptr, &handle);
        code != CKR_OK)
        return call_failed(name_of_token(uri), "C_OpenSession", code);
    std::unique_ptr<KeySession> session(new KeySession(*module, handle));
    C2D_CHECK(log_in(*module, handle, token, uri, pin));
    C2D_TRY(session->keys_, find_key_pair(*module, handle, uri));
    if (session->keys_.always_authenticate) session->pin_ = std::move(pin);
    return session;
}

CK_RV KeySession::authenticate() {
    if (!keys_.always_authenticate) return CKR_OK;
    return module_.C_Login(session_, CKU_CONTEXT_SPECIFIC, pin_.empty() ? nullptr : pin_.span().data(), pin_.size());
}

CK_RV KeySession::sign(const Bytes32& digest, FixedBytes<64>& r_and_s) {
    CK_MECHANISM mechanism{CKM_ECDSA, nullptr, 0};
    if (const auto code = module_.C_SignInit(session_, &mechanism, keys_.private_key); code != CKR_OK) return code;
    if (const auto code = authenticate(); code != CKR_OK) return code;
    auto message = digest;
    CK_ULONG length = r_and_s.size();
    const auto code = module_.C_Sign(session_, message.data.data(), message.size(), r_and_s.data.data(), &length);
    if (code == CKR_OK && length != r_and_s.size()) return CKR_SIGNATURE_LEN_RANGE;
    return code;
}

KeySession::~KeySession() { (void)module_.C_CloseSession(session_); }

}  // namespace c2d::pkcs11
