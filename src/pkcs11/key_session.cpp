#include "pkcs11/key_session.hpp"

#include "base/try.hpp"
#include "crypto/public_key.hpp"

namespace c2d::pkcs11 {

Result<std::unique_ptr<KeySession>> KeySession::open(const KeyUri& uri, SecretBytes pin) {
    C2D_TRY(auto opened, TokenSession::open(uri, pin));
    std::unique_ptr<KeySession> session(new KeySession(std::move(opened)));
    C2D_TRY(session->keys_, find_key_pair(session->session_->module(), session->session_->handle(), uri));
    if (session->keys_.always_authenticate) session->pin_ = std::move(pin);
    return session;
}

std::string KeySession::identity() const { return address_text(address_of(keys_.public_key)); }

CK_RV KeySession::authenticate() {
    if (!keys_.always_authenticate) return CKR_OK;
    return session_->module().C_Login(session_->handle(), CKU_CONTEXT_SPECIFIC,
                                      pin_.empty() ? nullptr : pin_.span().data(), pin_.size());
}

CK_RV KeySession::sign(const Bytes32& digest, FixedBytes<64>& r_and_s) {
    const auto& module = session_->module();
    CK_MECHANISM mechanism{CKM_ECDSA, nullptr, 0};
    if (const auto code = module.C_SignInit(session_->handle(), &mechanism, keys_.private_key); code != CKR_OK)
        return code;
    if (const auto code = authenticate(); code != CKR_OK) return code;
    auto message = digest;
    CK_ULONG length = r_and_s.size();
    const auto code =
        module.C_Sign(session_->handle(), message.data.data(), message.size(), r_and_s.data.data(), &length);
    if (code == CKR_OK && length != r_and_s.size()) return CKR_SIGNATURE_LEN_RANGE;
    return code;
}

}  // namespace c2d::pkcs11
