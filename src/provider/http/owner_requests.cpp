// Grants, and what the owner says of them: requests that wait, tokens that are closed.

#include "asset/values.hpp"
#include "base/fail.hpp"
#include "base/fail_point.hpp"
#include "base/try.hpp"
#include "chain/chain_reader.hpp"
#include "job/grant_decision.hpp"
#include "job/values.hpp"
#include "provider/http/service.hpp"
#include "provider/outputs/held_artifacts.hpp"
#include "provider/state/answers.hpp"

namespace c2d::provider {

using json::Value;

// Granting ----------------------------------------------------------------------------------------

Result<Unit> Service::grant_in_turn(const Request& asked) {
    C2D_TRY(const auto terms, asset::grant_terms_of(verifier_.registry(), asked.dt));
    const std::lock_guard turn(granting_);
    job::GrantAnswer answer;
    const job::GrantQuestion question{asked.dt, asked.algo_dt, terms, now()};
    Chain& chain = verifier_.registry().chain();
    C2D_CHECK(require(at_one_head(chain, [&](const Chain& at) { return job::decide_grant(at, question, answer); })));
    if (answer.stands) return Unit{};
    C2D_CHECK(require(job::check_given_is_final(chain, question, answer)));
    C2D_CHECK(require_grant_key(asked));
    const auto granted = chain.grant(*options_.signer, asked.dt, asked.algo_dt, answer.limits);
    // Asking again for a grant that stands is answered with its state.
    if (!granted && granted.error().name != "granted_already") return granted.error();
    options_.logger->log(LogLevel::info,
                         fmt::format("granted {} to {}", token_text(asked.dt), token_text(asked.algo_dt)));
    return Unit{};
}

Result<Unit> Service::require_grant_key(const Request& asked) const {
    const auto key = options_.signer->address();
    C2D_TRY(const bool may_grant, verifier_.registry().chain().acts_for(key, self(), KeyUse::grant));
    if (may_grant) return Unit{};
    return refused(Reason::grant_needs_owner, token_text(asked.algo_dt),
                   "a key that grants in the name of " + address_text(self()), address_text(key) + ", which does not");
}

Result<HttpResponse> Service::grant_permission(Call& call) {
    const auto& asked = call.envelope->request;
    auto verdict = check_open(*owner_, asked.dt);
    if (verdict && verdict->accepted()) verdict = verifier_.verify_grant(*call.envelope);
    auto granted = burn_nonce(call, std::move(verdict));
    if (granted) granted = grant_in_turn(asked);
    if (!granted && reason_of(granted.error()) == Reason::grant_needs_owner) {
        C2D_TRY(const auto cdt, verifier_.registry().chain().token(asked.algo_dt));
        C2D_CHECK(owner_->add_waiting({asked.dt, asked.algo_dt, cdt.owner, now()}));
    }
    C2D_CHECK(granted);
    C2D_CHECK(owner_->remove_waiting(asked.dt, asked.algo_dt));
    return success(Value::object({{"dt", token_text(asked.dt)},
                                  {"algo_dt", token_text(asked.algo_dt)},
                                  {"result", "Success"},
                                  {"state", "granted"}}));
}

// The owner's own requests ------------------------------------------------------------------------

Result<Unit> Service::require_owner(Call& call, KeyUse use) {
    const auto& signer = call.envelope->signer;
    C2D_TRY(const bool ours, verifier_.registry().chain().acts_for(signer, self(), use));
    if (!ours) return refused(Reason::wrong_signer, "signature", address_text(self()), address_text(signer));
    note_concern(call);
    return burn_nonce(call, Verdict::accept());
}

Result<Unit> Service::require_our_token(const TokenId& dt) const {
    const auto record = verifier_.registry().chain().token(dt);
    if (!record && record.status() != Status::NOT_FOUND) return record.error();
    if (!record) return refused(Reason::dt_unknown, token_text(dt), "a token on the ledger", "none");
    if (record->owner == self()) return Unit{};
    return refused(Reason::dt_not_ours, token_text(dt), address_text(self()), address_text(record->owner));
}

Result<std::vector<WaitingGrant>> Service::waiting() {
    C2D_TRY(const auto requests, owner_->waiting());
    std::vector<WaitingGrant> out;
    for (const auto& request : requests) {
        C2D_TRY(const bool answered, job::grant_stands(verifier_.registry().chain(), request.dt, request.cdt, now()));
        if (answered)
            C2D_CHECK(owner_->remove_waiting(request.dt, request.cdt));
        else
            out.push_back(request);
    }
    return out;
}

Result<HttpResponse> Service::waiting_grants(Call& call) {
    // Who answers them must see them.
    C2D_TRY(const bool grants, verifier_.registry().chain().acts_for(call.envelope->signer, self(), KeyUse::grant));
    C2D_CHECK(require_owner(call, grants ? KeyUse::grant : KeyUse::work));
    C2D_TRY(const auto requests, waiting());
    return success(Value::object({{"grants", json::list_of(requests)}}));
}

Result<HttpResponse> Service::artifacts(Call& call) {
    C2D_CHECK(require_owner(call, KeyUse::work));
    C2D_TRY(auto held, held_artifacts(options_, *store_, call.envelope->request.job_id));
    fail_point("origin_told");
    return success(Value::object({{"artifacts", std::move(held)}}));
}

Result<Unit> Service::set_closed(const TokenId& dt, bool closed) {
    C2D_CHECK(require_our_token(dt));
    C2D_TRY(const bool changed, owner_->set_closed(dt, closed));
    if (!changed) return Unit{};
    options_.logger->log(LogLevel::warn,
                         fmt::format("{} was {} by its owner", token_text(dt), closed ? "closed" : "opened"));
    runner_.token_closed();
    return Unit{};
}

Result<HttpResponse> Service::answer_closed(Call& call, bool closed) {
    C2D_CHECK(require_owner(call, KeyUse::grant));
    C2D_CHECK(set_closed(call.envelope->request.dt, closed));
    return success(Value::object({{"dt", token_text(call.envelope->request.dt)}, {"closed", closed}}));
}

/// Other inputs of the peers are right from now on, under a grant that stands.
Result<HttpResponse> Service::renew_grant(Call& call) {
    const auto& asked = call.envelope->request;
    if (const auto ours = require_owner(call, KeyUse::grant); !ours) return ours.error();
    C2D_CHECK(require_our_token(asked.dt));
    C2D_TRY(const bool stands, verifier_.registry().chain().has_grant(asked.dt, asked.algo_dt));
    if (!stands)
        return refused(Reason::grant_missing, token_text(asked.dt), "a grant to " + token_text(asked.algo_dt), "none");
    C2D_CHECK(owner_->renew_peer_inputs(asked.dt, asked.algo_dt));
    options_.logger->log(LogLevel::info, fmt::format("other inputs may come under the grant of {} to {}",
                                                     token_text(asked.dt), token_text(asked.algo_dt)));
    return success(
        Value::object({{"dt", token_text(asked.dt)}, {"algo_dt", token_text(asked.algo_dt)}, {"state", "granted"}}));
}

Result<HttpResponse> Service::close_token(Call& call) { return answer_closed(call, true); }
Result<HttpResponse> Service::open_token(Call& call) { return answer_closed(call, false); }

}  // namespace c2d::provider
