// SoftHSM's PKCS#11 module, which does wrong what a test asks for.

#include "faults.hpp"

#include <atomic>
#include <cstdlib>
#include <cstring>
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

CK_RV get_mechanism_info(CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO* info) {
    const auto code = soft->C_GetMechanismInfo(slot, type, info);
    if (type == CKM_AES_KEY_WRAP && asked.wrap_flags != 0) info->flags = asked.wrap_flags;
    return code;
}

CK_RV create_object(CK_SESSION_HANDLE session, CK_ATTRIBUTE* values, CK_ULONG count, CK_OBJECT_HANDLE* out) {
    return asked.create_object != CKR_OK ? asked.create_object : soft->C_CreateObject(session, values, count, out);
}

CK_RV wrap_key(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE by, CK_OBJECT_HANDLE key,
               unsigned char* out, CK_ULONG* length) {
    ++asked.wrapped;
    const auto once = asked.wrap_once;
    asked.wrap_once = CKR_OK;
    if (once != CKR_OK) return once;
    if (asked.wraps_left == 0) return CKR_DEVICE_MEMORY;
    if (asked.wraps_left > 0) --asked.wraps_left;
    static unsigned char last[40];
    const auto code = soft->C_WrapKey(session, mechanism, by, key, out, length);
    if (asked.turn_wrapped_bit) out[7] ^= 1;
    if (asked.wrapped_again) std::memcpy(out, last, sizeof last);
    std::memcpy(last, out, sizeof last);
    return code;
}

// CKM_AES_KEY_WRAP of data: by SoftHSM's way of wrapping keys, which gives the same bytes.

CK_MECHANISM key_wrap{CKM_AES_KEY_WRAP, nullptr, 0};
CK_OBJECT_HANDLE data_by = 0;

CK_RV data_init(CK_SESSION_HANDLE, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE by) {
    if (mechanism->mechanism != CKM_AES_KEY_WRAP || (asked.wrap_flags & CKF_ENCRYPT) == 0) return CKR_MECHANISM_INVALID;
    data_by = by;
    return CKR_OK;
}

struct DataKey {
    CK_OBJECT_CLASS kind = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_AES;
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_ATTRIBUTE values[6] = {
        {CKA_CLASS, &kind, sizeof kind}, {CKA_KEY_TYPE, &type, sizeof type}, {CKA_TOKEN, &no, 1},
        {CKA_SENSITIVE, &no, 1},         {CKA_EXTRACTABLE, &yes, 1},         {CKA_VALUE, nullptr, 0}};
};

CK_RV encrypt(CK_SESSION_HANDLE session, unsigned char* data, CK_ULONG length, unsigned char* out,
              CK_ULONG* out_length) {
    ++asked.encrypted;
    DataKey key;
    key.values[5] = {CKA_VALUE, data, length};
    CK_OBJECT_HANDLE object = 0;
    if (const auto code = soft->C_CreateObject(session, key.values, 6, &object); code != CKR_OK) return code;
    const auto code = soft->C_WrapKey(session, &key_wrap, data_by, object, out, out_length);
    soft->C_DestroyObject(session, object);
    return code;
}

CK_RV decrypt(CK_SESSION_HANDLE session, unsigned char* data, CK_ULONG length, unsigned char* out,
              CK_ULONG* out_length) {
    DataKey key;
    CK_OBJECT_HANDLE object = 0;
    const auto code = soft->C_UnwrapKey(session, &key_wrap, data_by, data, length, key.values, 5, &object);
    if (code != CKR_OK) return code;
    CK_ATTRIBUTE value{CKA_VALUE, out, *out_length};
    const auto read = soft->C_GetAttributeValue(session, object, &value, 1);
    *out_length = value.ulValueLen;
    soft->C_DestroyObject(session, object);
    return read;
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
    faulty.C_GetMechanismInfo = get_mechanism_info;
    faulty.C_CreateObject = create_object;
    faulty.C_WrapKey = wrap_key;
    faulty.C_EncryptInit = data_init;
    faulty.C_DecryptInit = data_init;
    faulty.C_Encrypt = encrypt;
    faulty.C_Decrypt = decrypt;
    *out = &faulty;
    return CKR_OK;
}

}  // extern "C"
