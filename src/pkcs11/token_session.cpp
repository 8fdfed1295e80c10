#include "pkcs11/token_session.hpp"

#include "base/try.hpp"

namespace c2d::pkcs11 {

Result<std::unique_ptr<TokenSession>> TokenSession::open(const KeyUri& uri, SecretBytes& pin) {
    C2D_TRY(const auto* const module, load_module(uri.module_path));
    C2D_CHECK(initialize(*module));
    C2D_TRY(auto token, find_token(*module, uri));
    CK_SESSION_HANDLE handle = 0;
    if (const auto code = module->C_OpenSession(token.slot, CKF_SERIAL_SESSION, nullptr, nullptr, &handle);
        code != CKR_OK)
        return call_failed(name_of_token(uri), "C_OpenSession", code);
    std::unique_ptr<TokenSession> session(new TokenSession(*module, std::move(token), handle));
    C2D_CHECK(log_in(*module, handle, session->token(), uri, pin));
    return session;
}

}  // namespace c2d::pkcs11
