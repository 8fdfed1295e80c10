#include "contracts/decisions.hpp"

#include "base/try.hpp"
#include "contracts/tokens.hpp"

#include <algorithm>

namespace c2d::contracts {

namespace {

constexpr std::size_t kDecisionFields = 6;
constexpr std::uint64_t kIsOpen = 0, kIsClosed = 1;

std::string decision_key(const TokenId& dt, const Bytes32& name) { return key("decision/", dt, name); }
std::string closed_key(const TokenId& dt) { return key("closed/", dt); }

// closeToken, openToken ---------------------------------------------------------------------------

Result<std::uint64_t> set_closed_code(Frame& frame, const Address& by, const TokenId& dt, bool close) {
    C2D_TRY(const bool allowed, has_permission(frame.state, by, kModifyAuthorize));
    if (!allowed) return std::uint64_t(kNoPermission);
    C2D_TRY(const auto token, find_token(frame.state, dt));
    if (!token) return std::uint64_t(kTokenUnknown);
    if (owner_of(*token) != by) return std::uint64_t(kNoPermission);
    C2D_TRY(const bool closed, is_closed(frame.state, dt));
    if (closed == close) return std::uint64_t(close ? kTokenClosed : kTokenNotClosed);
    put_number(frame.state, closed_key(dt), close ? kIsClosed : kIsOpen);
    return std::uint64_t(kSuccess);
}

Result<Unit> close_token(Frame& frame, const TokenId& dt) {
    C2D_TRY(const auto by, principal(frame, kGrantKey));
    C2D_TRY(const auto code, set_closed_code(frame, by, dt, true));
    frame.emit(dt_factory::kDataTokenClosed, dt, by, code);
    return Unit{};
}

Result<Unit> open_token(Frame& frame, const TokenId& dt) {
    C2D_TRY(const auto by, principal(frame, kGrantKey));
    C2D_TRY(const auto code, set_closed_code(frame, by, dt, false));
    frame.emit(dt_factory::kDataTokenOpened, dt, by, code);
    return Unit{};
}

// Views -------------------------------------------------------------------------------------------

Result<bool> is_closed_view(Frame& frame, const TokenId& dt) { return is_closed(frame.state, dt); }

using GetDecision = decltype(dt_factory::kGetDecision)::Returned;
Result<GetDecision> get_decision(Frame& frame, const TokenId& dt, const Address& composer) {
    C2D_TRY(const auto names, organisation_names(frame.state, composer));
    C2D_TRY(const auto found, find_decision(frame.state, dt, names));
    return GetDecision(found.grants, found.revoked_at, found.used, found.expiry, found.uses);
}

}  // namespace

Result<Decision> find_decision(State& state, const TokenId& dt, const std::vector<Bytes32>& names) {
    Decision out;
    for (const auto& name : names) {
        C2D_TRY(const auto record, get_record(state, decision_key(dt, name), kDecisionFields));
        if (!record) continue;
        out.grants = std::max(out.grants, record->number(0));
        out.revoked_at = std::max(out.revoked_at, record->number(1));
        out.used = std::max(out.used, record->number(2));
        if (!record->flag(5)) continue;
        // The names end with what the addresses have in common.
        out.expiry = record->number(3), out.uses = record->number(4), out.bounded = true;
    }
    return out;
}

void store_decision(State& state, const TokenId& dt, const std::vector<Bytes32>& names, const Decision& decision) {
    for (const auto& name : names)
        state.put(decision_key(dt, name), RecordWriter()
                                              .add(decision.grants)
                                              .add(decision.revoked_at)
                                              .add(decision.used)
                                              .add(decision.expiry)
                                              .add(decision.uses)
                                              .add(decision.bounded)
                                              .encode());
}

Result<bool> is_closed(State& state, const TokenId& dt) {
    C2D_TRY(const auto closed, get_number(state, closed_key(dt)));
    return closed == kIsClosed;
}

std::span<const Rule> decision_rules() {
    namespace f = dt_factory;
    static constexpr Rule kRules[] = {kRule2<f::kGetDecision, get_decision>, kRule2<f::kClose, close_token>,
                                      kRule2<f::kOpen, open_token>, kRule2<f::kIsClosed, is_closed_view>};
    return kRules;
}

}  // namespace c2d::contracts
