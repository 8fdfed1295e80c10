#include "job/grant_decision.hpp"

#include "base/try.hpp"
#include "base/verdict_try.hpp"

#include <fmt/format.h>

#include <map>

namespace c2d::job {

namespace {

/// Tells the compositions of one composer from those of others.
class Composer {
public:
    static Result<Composer> of(const Chain& chain, const TokenId& cdt) {
        C2D_TRY(const auto record, chain.token(cdt));
        return Composer(chain, record.owner);
    }

    Result<bool> owns(const TokenId& cdt) {
        if (const auto known = known_.find(cdt); known != known_.end()) return known->second;
        const auto record = chain_.token(cdt);
        // The original contracts grant to ids that no token has.
        if (!record && record.status() != Status::NOT_FOUND) return record.error();
        return known_[cdt] = record && record->owner == owner_;
    }

private:
    Composer(const Chain& chain, const Address& owner) : chain_(chain), owner_(owner) {}

    const Chain& chain_;
    Address owner_;
    std::map<TokenId, bool> known_;
};

Verdict needs_owner(const TokenId& cdt, std::string expected, std::string found) {
    return Verdict::refuse(Reason::grant_needs_owner, token_text(cdt), std::move(expected), std::move(found));
}

/// What the owner took back from one composition of a composer is not given to the next one.
Result<Verdict> check_not_taken_back(const Chain& chain, const GrantQuestion& question, Composer& composer) {
    C2D_TRY(const auto revocations, chain.revocations_of(question.dt));
    for (const auto& revocation : revocations) {
        C2D_TRY(const bool theirs, composer.owns(revocation.grantee));
        if (theirs)
            return needs_owner(question.cdt, "a composer from whom the owner took nothing back",
                               fmt::format("a grant to {} taken back in block {}", token_text(revocation.grantee),
                                           revocation.block_number));
    }
    return Verdict::accept();
}

/// Every grant counts, also one that the owner gave: the logs do not tell them apart.
Result<Verdict> check_renewals(const Chain& chain, const GrantQuestion& question, Composer& composer) {
    C2D_TRY(const auto grants, chain.grants_of(question.dt));
    std::uint64_t given = 0;
    for (const auto& grant : grants) {
        C2D_TRY(const bool theirs, composer.owns(grant.grantee));
        given += theirs && (question.terms.per_composer || grant.grantee == question.cdt);
    }
    if (given <= question.terms.renew) return Verdict::accept();
    return needs_owner(question.cdt,
                       fmt::format("one grant and {} renewals for each {}", question.terms.renew,
                                   question.terms.per_composer ? "composer" : "composition"),
                       fmt::format("{} given before", given));
}

}  // namespace

Result<bool> grant_stands(const Chain& chain, const TokenId& dt, const TokenId& cdt, std::uint64_t now) {
    if (!chain.network().features().grant_limits) return chain.has_grant(dt, cdt);
    C2D_TRY(const auto grant, chain.grant_state(dt, cdt));
    const auto& [expiry, uses] = grant.limits;
    return grant.given && (expiry == 0 || now <= expiry) && (uses == 0 || grant.used < uses);
}

Result<Verdict> decide_grant(const Chain& chain, const GrantQuestion& question, GrantAnswer& out) {
    C2D_TRY(out.stands, grant_stands(chain, question.dt, question.cdt, question.now));
    if (out.stands) return Verdict::accept();
    C2D_TRY(auto composer, Composer::of(chain, question.cdt));
    C2D_ACCEPT(check_not_taken_back(chain, question, composer));
    const auto& terms = question.terms;
    if (!terms.bounded()) return Verdict::accept();
    C2D_ACCEPT(check_renewals(chain, question, composer));
    out.limits.uses = terms.jobs;
    if (terms.seconds != 0) out.limits.expiry = question.now + terms.seconds;
    return Verdict::accept();
}

}  // namespace c2d::job
