#include "pkcs11/token.hpp"

#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"

#include <vector>

namespace c2d::pkcs11 {

namespace {

constexpr CK_ULONG kSlotsMax = 1024;
/// How many labels a message names.
constexpr std::size_t kNamedMax = 8;

/// CK_TOKEN_INFO pads its texts with blanks.
template <std::size_t N>
std::string_view unpadded(const unsigned char (&field)[N]) {
    const std::string_view text(reinterpret_cast<const char*>(field), N);
    return text.substr(0, text.find_last_not_of(' ') + 1);
}

bool matches(const KeyUri& uri, CK_SLOT_ID slot, const CK_TOKEN_INFO& info) {
    const auto agrees = [](std::string_view wanted, std::string_view found) {
        return wanted.empty() || wanted == found;
    };
    return (!uri.slot_id || *uri.slot_id == slot) && agrees(uri.token, unpadded(info.label)) &&
           agrees(uri.serial, unpadded(info.serialNumber)) && agrees(uri.manufacturer, unpadded(info.manufacturerID)) &&
           agrees(uri.model, unpadded(info.model));
}

Result<std::vector<CK_SLOT_ID>> slots_with_tokens(const CK_FUNCTION_LIST& module) {
    CK_ULONG count = 0;
    if (const auto code = module.C_GetSlotList(CK_TRUE, nullptr, &count); code != CKR_OK)
        return call_failed("the PKCS#11 module", "C_GetSlotList", code);
    if (count > kSlotsMax)
        return fail(Status::LIMIT, "the PKCS#11 module shows {} tokens; expected at most {}", count, kSlotsMax);
    std::vector<CK_SLOT_ID> slots(count);
    if (count == 0) return slots;
    if (const auto code = module.C_GetSlotList(CK_TRUE, slots.data(), &count); code != CKR_OK)
        return call_failed("the PKCS#11 module", "C_GetSlotList", code);
    slots.resize(std::min<std::size_t>(count, slots.size()));
    return slots;
}

/// Why a PIN is not even sent, or nothing.
Result<Unit> may_try_pin(const Token& token, const KeyUri& uri, const SecretBytes& pin) {
    const auto refuse = [&](const char* name, std::string_view what) {
        Error error = fail(Status::INVALID_ARGUMENT, "{}: {}", name_of_token(uri), what);
        error.name = name;
        return error;
    };
    if ((token.flags & CKF_USER_PIN_LOCKED) != 0)
        return refuse("pin_locked", "the PIN is locked; let the security officer unlock it with the vendor's tool");
    if ((token.flags & CKF_USER_PIN_FINAL_TRY) != 0)
        return refuse("pin_locked",
                      "one more wrong PIN locks it; log in once with the vendor's tool, then start this again");
    if (pin.empty() && (token.flags & CKF_PROTECTED_AUTHENTICATION_PATH) == 0)
        return refuse("pin_needed", "no PIN; name its file with pin-source=file:/… in the URI, or give it");
    return Unit{};
}

}  // namespace

Result<Token> find_token(const CK_FUNCTION_LIST& module, const KeyUri& uri) {
    C2D_TRY(const auto slots, slots_with_tokens(module));
    std::vector<Token> found;
    std::string labels;
    std::size_t named = 0;
    for (const auto slot : slots) {
        CK_TOKEN_INFO info{};
        // Others may pull theirs meanwhile.
        if (module.C_GetTokenInfo(slot, &info) != CKR_OK || (info.flags & CKF_TOKEN_INITIALIZED) == 0) continue;
        if (matches(uri, slot, info)) found.push_back({slot, info.flags, std::string(unpadded(info.label))});
        if (++named <= kNamedMax)
            labels += fmt::format("{}\"{}\" (serial {})", labels.empty() ? "" : ", ",
                                  display_text(unpadded(info.label)), display_text(unpadded(info.serialNumber)));
    }
    if (found.size() == 1) return found.front();
    if (found.empty())
        return fail(Status::NOT_FOUND, "{} is not there; the module shows {}", name_of_token(uri),
                    labels.empty() ? "no token: is the device connected and set up?" : labels);
    return fail(Status::CONFLICT, "{} tokens fit the URI, expected one: add token=, serial= or slot-id=; there are {}",
                found.size(), labels);
}

Result<Unit> log_in(const CK_FUNCTION_LIST& module, CK_SESSION_HANDLE session, const Token& token, const KeyUri& uri,
                    SecretBytes& pin) {
    if ((token.flags & CKF_LOGIN_REQUIRED) == 0) return Unit{};
    C2D_CHECK(may_try_pin(token, uri, pin));
    // No PIN: the token asks for it on its own keys.
    const auto code = module.C_Login(session, CKU_USER, pin.empty() ? nullptr : pin.span().data(), pin.size());
    if (code == CKR_OK || code == CKR_USER_ALREADY_LOGGED_IN) return Unit{};
    return call_failed(name_of_token(uri), "C_Login", code);
}

}  // namespace c2d::pkcs11
