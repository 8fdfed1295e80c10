#include "pkcs11/module.hpp"

#include "base/fail.hpp"
#include "base/private_files.hpp"

#include <algorithm>
#include <dlfcn.h>
#include <mutex>

namespace c2d::pkcs11 {

namespace {

enum class Cure { none, open_again, no_other_pin };

struct Code {
    CK_RV value;
    const char* name;
    const char* advice;
    Cure cure = Cure::none;
};

constexpr Code kCodes[] = {
    {CKR_HOST_MEMORY, "CKR_HOST_MEMORY", "this machine has no memory left"},
    {CKR_GENERAL_ERROR, "CKR_GENERAL_ERROR", "look into the module's own log and configuration"},
    {CKR_FUNCTION_FAILED, "CKR_FUNCTION_FAILED", "look into the module's own log"},
    {CKR_ARGUMENTS_BAD, "CKR_ARGUMENTS_BAD", "look into the module's own log and configuration"},
    {CKR_CANT_LOCK, "CKR_CANT_LOCK", "the module cannot be used by several threads; ask its vendor for one that can"},
    {CKR_ATTRIBUTE_SENSITIVE, "CKR_ATTRIBUTE_SENSITIVE", "the token does not show this of a key"},
    {CKR_ATTRIBUTE_TYPE_INVALID, "CKR_ATTRIBUTE_TYPE_INVALID", "the token does not tell this of its key"},
    {CKR_ATTRIBUTE_VALUE_INVALID, "CKR_ATTRIBUTE_VALUE_INVALID", "the token's rules do not let such a key in or out"},
    {CKR_TEMPLATE_INCONSISTENT, "CKR_TEMPLATE_INCONSISTENT", "the token's rules do not let such a key in or out"},
    {CKR_KEY_NOT_WRAPPABLE, "CKR_KEY_NOT_WRAPPABLE", "the token's rules do not let such a key in or out"},
    {CKR_WRAPPED_KEY_LEN_RANGE, "CKR_WRAPPED_KEY_LEN_RANGE", "a key of 32 bytes is 40 when it is wrapped (RFC 3394)"},
    {CKR_WRAPPED_KEY_INVALID, "CKR_WRAPPED_KEY_INVALID", "it was not wrapped under this key, or was altered"},
    {CKR_ENCRYPTED_DATA_INVALID, "CKR_ENCRYPTED_DATA_INVALID", "it was not wrapped under this key, or was altered"},
    {CKR_DEVICE_ERROR, "CKR_DEVICE_ERROR", "look at the device and the way to it", Cure::open_again},
    {CKR_DEVICE_MEMORY, "CKR_DEVICE_MEMORY", "the device has no room for another session or operation"},
    {CKR_DEVICE_REMOVED, "CKR_DEVICE_REMOVED", "put the token back", Cure::open_again},
    {CKR_FUNCTION_NOT_SUPPORTED, "CKR_FUNCTION_NOT_SUPPORTED", "the module cannot do it"},
    {CKR_KEY_HANDLE_INVALID, "CKR_KEY_HANDLE_INVALID", "the key is gone from the token", Cure::open_again},
    {CKR_KEY_TYPE_INCONSISTENT, "CKR_KEY_TYPE_INCONSISTENT", "the key is of another kind than this wants"},
    {CKR_KEY_FUNCTION_NOT_PERMITTED, "CKR_KEY_FUNCTION_NOT_PERMITTED",
     "the key may not do this (CKA_SIGN, CKA_WRAP, CKA_UNWRAP)"},
    {CKR_MECHANISM_INVALID, "CKR_MECHANISM_INVALID",
     "the token does not do this (CKM_ECDSA of digests, CKM_AES_KEY_WRAP)"},
    {CKR_OBJECT_HANDLE_INVALID, "CKR_OBJECT_HANDLE_INVALID", "the key is gone from the token", Cure::open_again},
    {CKR_OPERATION_ACTIVE, "CKR_OPERATION_ACTIVE", "an operation was left open in the session", Cure::open_again},
    {CKR_PIN_INCORRECT, "CKR_PIN_INCORRECT", "give the right PIN", Cure::no_other_pin},
    {CKR_PIN_INVALID, "CKR_PIN_INVALID", "the PIN holds a character that the token does not take", Cure::no_other_pin},
    {CKR_PIN_LEN_RANGE, "CKR_PIN_LEN_RANGE", "the PIN is too short or too long for the token", Cure::no_other_pin},
    {CKR_PIN_EXPIRED, "CKR_PIN_EXPIRED", "set a new PIN with the vendor's tool", Cure::no_other_pin},
    {CKR_PIN_LOCKED, "CKR_PIN_LOCKED", "let the security officer unlock it with the vendor's tool", Cure::no_other_pin},
    {CKR_SESSION_CLOSED, "CKR_SESSION_CLOSED", "somebody else closed it", Cure::open_again},
    {CKR_SESSION_COUNT, "CKR_SESSION_COUNT", "the token takes no more sessions; close some"},
    {CKR_SESSION_HANDLE_INVALID, "CKR_SESSION_HANDLE_INVALID", "somebody else closed the session", Cure::open_again},
    {CKR_SIGNATURE_LEN_RANGE, "CKR_SIGNATURE_LEN_RANGE", "the module gives no 64 bytes, r || s, for a signature"},
    {CKR_TOKEN_NOT_PRESENT, "CKR_TOKEN_NOT_PRESENT", "put the token back", Cure::open_again},
    {CKR_TOKEN_NOT_RECOGNIZED, "CKR_TOKEN_NOT_RECOGNIZED", "the module is not for this device"},
    {CKR_USER_NOT_LOGGED_IN, "CKR_USER_NOT_LOGGED_IN", "somebody else logged out", Cure::open_again},
    {CKR_USER_PIN_NOT_INITIALIZED, "CKR_USER_PIN_NOT_INITIALIZED", "set the user's PIN with the vendor's tool"},
    {CKR_USER_ANOTHER_ALREADY_LOGGED_IN, "CKR_USER_ANOTHER_ALREADY_LOGGED_IN",
     "this process is logged in as the security officer"},
    {CKR_BUFFER_TOO_SMALL, "CKR_BUFFER_TOO_SMALL", "the answer is longer than any of such a key"},
    {CKR_CRYPTOKI_NOT_INITIALIZED, "CKR_CRYPTOKI_NOT_INITIALIZED", "somebody else in this process ended the module",
     Cure::open_again},
};

const Code* known(CK_RV value) noexcept {
    const auto* const at = std::ranges::find(kCodes, value, &Code::value);
    return at == std::end(kCodes) ? nullptr : at;
}

bool has_cure(CK_RV value, Cure cure) noexcept {
    const auto* const code = known(value);
    return code != nullptr && code->cure == cure;
}

}  // namespace

Result<const CK_FUNCTION_LIST*> load_module(const std::string& path) {
    if (const auto why = changeable_by_others(path); !why.empty()) {
        Error error(Status::INVALID_ARGUMENT, why);
        error.name = "exposed_file";
        return error;
    }
    void* const library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return fail(Status::NOT_FOUND, "cannot load the PKCS#11 module: {}", ::dlerror());
    const auto get_list = reinterpret_cast<CK_C_GetFunctionList>(::dlsym(library, "C_GetFunctionList"));
    if (get_list == nullptr)
        return fail(Status::INVALID_ARGUMENT, "{} is no PKCS#11 module: it has no C_GetFunctionList", path);
    CK_FUNCTION_LIST* list = nullptr;
    if (const auto code = get_list(&list); code != CKR_OK || list == nullptr)
        return call_failed("the PKCS#11 module " + path, "C_GetFunctionList", code);
    return list;
}

Result<Unit> initialize(const CK_FUNCTION_LIST& module) {
    // A module's state is the process's, whoever uses it, and not all modules bear two first calls at once.
    static std::mutex mutex;
    const std::lock_guard lock(mutex);
    CK_C_INITIALIZE_ARGS arguments{};
    arguments.flags = CKF_OS_LOCKING_OK;
    const auto code = module.C_Initialize(&arguments);
    if (code == CKR_OK || code == CKR_CRYPTOKI_ALREADY_INITIALIZED) return Unit{};
    return call_failed("the PKCS#11 module", "C_Initialize", code);
}

Error call_failed(std::string_view what, std::string_view function, CK_RV code) {
    const auto* const row = known(code);
    Error error = row != nullptr
                      ? fail(Status::UNAVAILABLE, "{}: {} failed with {}; {}", what, function, row->name, row->advice)
                      : fail(Status::UNAVAILABLE, "{}: {} failed with {:#x}", what, function, code);
    error.code = code;
    if (is_pin_refused(code)) {
        error.status = Status::INVALID_ARGUMENT;
        error.name = code == CKR_PIN_LOCKED ? "pin_locked" : "wrong_pin";
    }
    return error;
}

bool is_session_lost(CK_RV code) noexcept { return has_cure(code, Cure::open_again); }

bool is_pin_refused(CK_RV code) noexcept { return has_cure(code, Cure::no_other_pin); }

}  // namespace c2d::pkcs11
