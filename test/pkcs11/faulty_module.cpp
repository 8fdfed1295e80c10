// SoftHSM's PKCS#11 module, which does wrong what a test asks for.

#include "faults.hpp"

#include <atomic>
#include <cstdlib>
#include <dlfcn.h>
#include <unistd.h>

namespace {

Faults asked;
CK_FUNCTION_LIST* soft = nullptr;
CK_FUNCTION_LIST faulty;

CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO* info) {
    const auto code = soft->C_GetTokenInfo(slot, info);
    info->flags |= asked.token_flags;
    return code;
}

CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user, unsigned char* pin, CK_ULONG length) {
    ++asked.logins;
    return soft->C_Login(session, user, pin, length);
}

CK_RV close_session(CK_SESSION_HANDLE session) {
    const auto code = soft->C_CloseSession(session);
    ++std::atomic_ref<int>(asked.closed_sessions);
    return code;
}

CK_RV get_attribute_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE* values, CK_ULONG count) {
    const auto code = soft->C_GetAttributeValue(session, object, values, count);
    if (asked.endless_attributes) values->ulValueLen = CK_ULONG(-1);
    return code;
}

CK_RV sign(CK_SESSION_HANDLE session, unsigned char* data, CK_ULONG length, unsigned char* out, CK_ULONG* out_length) {
    ++asked.signatures;
    char none = 0;
    if (const int stalled = std::atomic_ref<int>(asked.stalled); stalled >= 0) (void)!::read(stalled, &none, 1);
    const auto once = asked.sign_once;
    asked.sign_once = CKR_OK;
    if (once != CKR_OK) return once;
    if (asked.sign_always != CKR_OK) return asked.sign_always;
    const auto code = soft->C_Sign(session, data, length, out, out_length);
    if (asked.turn_bit) out[40] ^= 1;
    *out_length = asked.signature_length;
    return code;
}

}  // namespace

extern "C" {

__attribute__((visibility("default"))) Faults* faults() { return &asked; }

__attribute__((visibility("default"))) CK_RV C_GetFunctionList(CK_FUNCTION_LIST** out) {
    const auto get =
        reinterpret_cast<CK_C_GetFunctionList>(::dlsym(::dlopen(C2D_SOFTHSM, RTLD_NOW), "C_GetFunctionList"));
    if (get == nullptr || get(&soft) != CKR_OK) std::abort();
    faulty = *soft;
    faulty.C_GetTokenInfo = get_token_info;
    faulty.C_Login = login;
    faulty.C_CloseSession = close_session;
    faulty.C_GetAttributeValue = get_attribute_value;
    faulty.C_Sign = sign;
    *out = &faulty;
    return CKR_OK;
}

}  // extern "C"
