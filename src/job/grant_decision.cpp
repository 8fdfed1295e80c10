#include "job/grant_decision.hpp"

#include "base/try.hpp"
#include "base/verdict_try.hpp"
#include "chain/taken_back.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>

namespace c2d::job {

namespace {

/// Tells the compositions of one composer from those of others: another address of the same organisation is the same.
class Composer {
public:
    static Result<Composer> of(const Chain& chain, const TokenId& cdt) {
        C2D_TRY(const auto record, chain.token(cdt));
        return named(chain, record.owner);
    }
    static Result<Composer> named(const Chain& chain, const Address& owner) {
        C2D_TRY(const auto organisation, chain.organisation_of(owner));
        return Composer(chain, owner, organisation);
    }

    const Address& owner() const noexcept { return owner_; }
    Result<bool> owns(const TokenId& cdt) {
        if (const auto known = known_.find(cdt); known != known_.end()) return known->second;
        const auto record = chain_.token(cdt);
        // The original contracts grant to ids that no token has.
        if (!record && record.status() != Status::NOT_FOUND) return record.error();
        if (!record) return known_[cdt] = false;
        C2D_TRY(const auto organisation, chain_.organisation_of(record->owner));
        return known_[cdt] = organisation == organisation_;
    }

private:
    Composer(const Chain& chain, const Address& owner, const Bytes32& organisation)
        : chain_(chain), owner_(owner), organisation_(organisation) {}

    const Chain& chain_;
    Address owner_;
    Bytes32 organisation_;
    std::map<TokenId, bool> known_;
};

Verdict needs_owner(const TokenId& cdt, std::string expected, std::string found) {
    return Verdict::refuse(Reason::grant_needs_owner, token_text(cdt), std::move(expected), std::move(found));
}

/// The first of them in the logs before a block.
Result<std::optional<GrantRecord>> taken_back_from(const Chain& chain, const TokenId& dt, Composer& composer,
                                                   std::uint64_t before) {
    C2D_TRY(const auto revocations, chain.revocations_of(dt));
    for (const auto& revocation : revocations) {
        if (revocation.block_number >= before) break;
        C2D_TRY(const bool theirs, composer.owns(revocation.grantee));
        if (theirs) return std::optional(revocation);
    }
    return std::optional<GrantRecord>();
}

/// What the owner took back from one composition of a composer is not given to the next one.
Result<Verdict> check_not_taken_back(const Chain& chain, const GrantQuestion& question, Composer& composer) {
    C2D_TRY(const auto revocation, taken_back_from(chain, question.dt, composer, UINT64_MAX));
    if (!revocation) return Verdict::accept();
    return needs_owner(
        question.cdt, "a composer from whom the owner took nothing back",
        fmt::format("a grant to {} taken back in block {}", token_text(revocation->grantee), revocation->block_number));
}

/// Nothing before the ledger keeps decisions.
Result<std::optional<GrantDecision>> kept_decision(const Chain& chain, const TokenId& dt, const Composer& composer) {
    C2D_TRY(const auto edition, chain.edition());
    if (edition < 2) return std::optional<GrantDecision>();
    C2D_TRY(const auto decision, chain.decision(dt, composer.owner()));
    return std::optional(decision);
}

/// Every grant before the ledger keeps decisions counts, also one that the owner gave: the logs do not tell them apart.
Result<std::uint64_t> grants_in_logs(const Chain& chain, const GrantQuestion& question, Composer& composer) {
    C2D_TRY(const auto kept_from, decisions_kept_from(chain));
    if (kept_from == 0) return std::uint64_t(0);
    C2D_TRY(const auto grants, chain.grants_of(question.dt));
    std::uint64_t given = 0;
    for (const auto& grant : grants) {
        if (grant.block_number >= kept_from) continue;
        C2D_TRY(const bool theirs, composer.owns(grant.grantee));
        given += theirs && (question.terms.per_composer || grant.grantee == question.cdt);
    }
    return given;
}

/// To the composer or to the composition, as the terms count; what the owner gave as far as it cannot be told apart.
Result<std::uint64_t> given_before(const Chain& chain, const GrantQuestion& question, Composer& composer,
                                   const std::optional<GrantDecision>& kept) {
    C2D_TRY(const auto earlier, grants_in_logs(chain, question, composer));
    if (!kept) return earlier;
    if (question.terms.per_composer) return earlier + kept->grants;
    C2D_TRY(const auto state, chain.grant_state(question.dt, question.cdt));
    return earlier + state.times;
}

/// Does an allowance over all compositions stand? What bounds nothing never was one.
bool holds(const std::optional<GrantDecision>& kept, std::uint64_t now) {
    if (!kept || (kept->expiry == 0 && kept->uses == 0)) return false;
    return (kept->expiry == 0 || now <= kept->expiry) && (kept->uses == 0 || kept->used < kept->uses);
}

/// Zero is no bound.
bool is_within(std::uint64_t given, std::uint64_t bound) { return bound == 0 || (given != 0 && given <= bound); }

/// A first allowance, or the next one.
GrantLimits next_limits(const GrantQuestion& question, const std::optional<GrantDecision>& kept) {
    GrantLimits limits;
    limits.per_composer = kept && question.terms.per_composer;
    if (question.terms.seconds != 0) limits.expiry = question.now + question.terms.seconds;
    // Over all compositions the ledger counts from the first job on.
    if (question.terms.jobs != 0) limits.uses = question.terms.jobs + (limits.per_composer ? kept->used : 0);
    return limits;
}

}  // namespace

Result<std::optional<GrantRecord>> taken_back_before(const Chain& chain, const TokenId& dt, const Address& composer,
                                                     std::uint64_t block) {
    C2D_TRY(auto organisation, Composer::named(chain, composer));
    return taken_back_from(chain, dt, organisation, block);
}

Result<bool> grant_stands(const Chain& chain, const TokenId& dt, const TokenId& cdt, std::uint64_t now) {
    if (!chain.network().features().grant_limits) return chain.has_grant(dt, cdt);
    C2D_TRY(const auto grant, chain.grant_state(dt, cdt));
    const auto expiry = grant.limits.expiry, uses = grant.limits.uses;
    return grant.given && (expiry == 0 || now <= expiry) && (uses == 0 || grant.used < uses);
}

Result<Verdict> decide_grant(const Chain& chain, const GrantQuestion& question, GrantAnswer& out) {
    C2D_TRY(out.stands, grant_stands(chain, question.dt, question.cdt, question.now));
    if (out.stands) return Verdict::accept();
    C2D_TRY(auto composer, Composer::of(chain, question.cdt));
    C2D_ACCEPT(check_not_taken_back(chain, question, composer));
    C2D_TRY(const auto kept, kept_decision(chain, question.dt, composer));
    if (kept && kept->revoked_at != 0)
        return needs_owner(question.cdt, "a composer from whom the owner took nothing back",
                           fmt::format("a grant taken back at {}", kept->revoked_at));
    const auto& terms = question.terms;
    if (!terms.bounded()) return Verdict::accept();
    // Another composition under the allowance that stands is no further one.
    if (terms.per_composer && holds(kept, question.now)) {
        out.limits = {kept->expiry, kept->uses, true};
        return Verdict::accept();
    }
    out.limits = next_limits(question, kept);
    C2D_TRY(const auto given, given_before(chain, question, composer, kept));
    if (given <= terms.renew) return Verdict::accept();
    return needs_owner(question.cdt,
                       fmt::format("one grant and {} renewals for each {}", terms.renew,
                                   terms.per_composer ? "composer" : "composition"),
                       fmt::format("{} given before", given));
}

Result<Verdict> check_given_is_final(const Chain& chain, const GrantQuestion& question, const GrantAnswer& answer) {
    C2D_TRY(const auto settled, chain.at_read_block());
    if (!settled) return Verdict::accept();
    GrantAnswer before;
    C2D_TRY(const auto verdict, decide_grant(*settled, question, before));
    const bool within = verdict.accepted() && is_within(answer.limits.expiry, before.limits.expiry) &&
                        is_within(answer.limits.uses, before.limits.uses);
    // A grant that stands there is over by what newer blocks say; the ledger gives no second one beside it.
    if (verdict.accepted() && (before.stands || within)) return Verdict::accept();
    C2D_TRY(const auto as_of, settled->info());
    return Verdict::refuse(Reason::not_final, token_text(question.cdt),
                           fmt::format("the decisions that a grant rests on in block {}", as_of.head.number),
                           "newer ones");
}

}  // namespace c2d::job
