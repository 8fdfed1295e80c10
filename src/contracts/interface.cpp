#include "contracts/interface.hpp"

namespace c2d::contracts {

namespace {

struct CodeRow {
    std::uint64_t code;
    std::string_view name, text;
};

constexpr CodeRow kCodes[] = {
    {kSuccess, "success", "done"},
    {kNoPermission, "no_permission", "the sender has no right to do this, or is not the owner"},
    {kRoleExists, "role_exists", "the address has that role already"},
    {kEnterpriseExists, "enterprise_exists", "the organisation is registered already"},
    {kEnterpriseUnknown, "enterprise_unknown", "no such organisation; register it first"},
    {kProviderExists, "provider_exists", "the provider is registered already"},
    {kProviderUnknown, "provider_unknown", "no such provider; add it first"},
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
    {kTaskUnavailable, "task_unavailable", "no such task, or it is closed"},
    {kJobTokenInactive, "token_inactive", "the composition is not active; compose it first"},
    {kJobTokenForeign, "token_foreign", "the sender does not own the composition"},
    {kTaskForeign, "task_foreign", "the sender did not open the task"},
    {kJobUnknown, "job_unknown", "no such job"},
    {kTokenNotInJob, "token_not_in_job", "the job's composition does not hold the token"},
    {kReceiptExists, "receipt_exists", "the job has a receipt for that token already"},
    {kReceiptMalformed, "receipt_malformed", "the outcome must lie in 1 to 5, the digest not be zero"},
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

std::vector<abi::Type> types_of(std::string_view list) {
    return abi::parse_signature("f(" + std::string(list) + ")").value();
}

}  // namespace c2d::contracts
