#include "contracts/interface.hpp"

#include <algorithm>

namespace c2d::contracts {

namespace {

struct CodeRow {
    std::uint64_t code;
    std::string_view name, text;
};

constexpr CodeRow kCodes[] = {
    {kSuccess, "success", "done"},
    {kNoPermission, "no_permission", "the sender has no right to do this, or is not the owner"},
    {kTextTooLong, "text_too_long",
     "a name has more than 256 bytes, or a description or a document's place more than 4096"},
    {kRoleExists, "role_exists", "the address has that role already"},
    {kEditionNotNext, "edition_not_next", "the rules of that edition cannot start here; expected the next one"},
    {kRoleMissing, "role_missing", "the address lacks that role"},
    {kLastAdmin, "last_admin", "the last administrator stays; add another one first"},
    {kEnterpriseExists, "enterprise_exists", "the organisation is registered already"},
    {kEnterpriseUnknown, "enterprise_unknown", "no such organisation; register it first"},
    {kProviderExists, "provider_exists", "the provider is registered already"},
    {kProviderUnknown, "provider_unknown", "no such provider; add it first"},
    {kLegalIdMalformed, "legal_id_malformed", "a legal id is empty, or 3 to 64 of the characters A-Z 0-9 : - . and /"},
    {kTemplateExists, "template_exists", "the template id is taken; choose another"},
    {kTemplateUnknown, "template_unknown", "no such template; publish it first"},
    {kTokenExists, "token_exists", "the token id is taken; choose another"},
    {kTokenUnknown, "token_unknown", "no such data token"},
    {kCompositeActive, "composite_active", "the composition is active already"},
    {kCompositeUnavailable, "composite_unavailable", "the token is an inactive composition, or the grantee is a leaf"},
    {kGrantedAlready, "granted_already", "the grant stands already"},
    {kNotGranted, "not_granted", "there is no such grant, or it was revoked"},
    {kGrantExpired, "grant_expired", "the time of the grant is over; ask for a new one"},
    {kGrantSpent, "grant_spent", "the grant's number of jobs is used up; ask for a new one"},
    {kGrantNeedsOwner, "grant_needs_owner",
     "the owner took such a grant back; only the owner's own word gives it again"},
    {kTokenClosed, "token_closed", "the owner closed the token: it takes no grants and no jobs"},
    {kTokenNotClosed, "token_not_closed", "the token is not closed"},
    {kModeUnknown, "mode_unknown", "the grant's mode has a bit that these rules do not know"},
    {kTaskUnavailable, "task_unavailable", "no such task, or it is closed"},
    {kJobTokenInactive, "token_inactive", "the composition is not active; compose it first"},
    {kJobTokenForeign, "token_foreign", "the sender does not own the composition"},
    {kTaskForeign, "task_foreign", "the sender did not open the task"},
    {kJobUnknown, "job_unknown", "no such job"},
    {kTokenNotInJob, "token_not_in_job", "the job's composition does not hold the token"},
    {kReceiptExists, "receipt_exists", "the job has a receipt for that token already"},
    {kReceiptMalformed, "receipt_malformed",
     "the outcome must lie in 1 to 5, the digest not be zero, and each kind stand once with its count"},
    {kIdentityUnknown, "identity_unknown", "nothing was registered under that address"},
    {kKeyTaken, "key_taken", "the key is registered itself, or acts or acted for another organisation; take a new one"},
    {kDelegateTypeUnknown, "delegate_type_unknown", "the type of a delegate is grant or work"},
    {kValidityOutOfRange, "validity_out_of_range", "a delegate is valid for 1 to 31,622,400 seconds"},
    {kDelegateMissing, "delegate_missing", "there is no such delegate whose time is not over"},
};

}  // namespace

std::string_view code_name(std::uint64_t code) {
    for (const auto& row : kCodes)
        if (row.code == code) return row.name;
    return "unknown_code";
}

std::string_view code_text(std::uint64_t code) {
    for (const auto& row : kCodes)
        if (row.code == code) return row.text;
    return "a code that this library does not know";
}

Bytes32 identity::delegate_type(std::string_view name) {
    Bytes32 out;
    std::ranges::copy(name.substr(0, out.data.size()), out.data.begin());
    return out;
}

std::vector<abi::Type> types_of(std::string_view list) {
    return abi::parse_signature("f(" + std::string(list) + ")").value();
}

}  // namespace c2d::contracts
