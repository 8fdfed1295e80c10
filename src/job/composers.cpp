#include "job/composers.hpp"

#include "base/try.hpp"
#include "base/verdict_try.hpp"
#include "chain/taken_back.hpp"
#include "job/grant_decision.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace c2d::job {

using asset::Composition;

namespace {

/// A job's tokens: whose each is, and what it is composed into.
struct Tokens {
    std::map<TokenId, Address> owners;
    std::map<TokenId, std::vector<TokenId>> parents;

    Tokens(const asset::Token& algorithm, const Composition& composition) {
        owners[algorithm.ddo.dt] = algorithm.record.owner;
        for (const auto& cdt : composition.inner) owners[cdt->ddo.dt] = cdt->record.owner;
        for (const auto& leaf : composition.leaves) owners[leaf.token->ddo.dt] = leaf.token->record.owner;
        for (const auto& link : composition.links) parents[link.child].push_back(link.parent);
    }
    /// The compositions to which steps lead up from `dt`.
    std::set<TokenId> above(const TokenId& dt) const {
        std::set<TokenId> reached;
        std::vector<TokenId> at = {dt};
        while (!at.empty()) {
            const auto found = parents.find(at.back());
            at.pop_back();
            if (found == parents.end()) continue;
            for (const auto& parent : found->second)
                if (reached.insert(parent).second) at.push_back(parent);
        }
        return reached;
    }
};

Result<bool> is_accepted(const Chain& chain, const std::vector<std::string>& accepted, const Address& composer) {
    if (accepted.empty()) return true;
    C2D_TRY(const auto legal_id, chain.legal_id(composer));
    return std::ranges::any_of(accepted, [&](const std::string& entry) {
        const auto address = parse_address(entry);
        return address ? *address == composer : !legal_id.empty() && entry == legal_id;
    });
}

/// Is `dt` granted to a composition of that organisation in this job? The links hold, so it was given again, or never
/// taken from that one.
Result<bool> is_granted_to(const Chain& chain, const TokenId& dt, const Address& composer, const Tokens& tokens) {
    C2D_TRY(const auto organisation, chain.organisation_of(composer));
    for (const auto& parent : tokens.parents.at(dt)) {
        C2D_TRY(const auto theirs, chain.organisation_of(tokens.owners.at(parent)));
        if (theirs == organisation) return true;
    }
    return false;
}

/// When `dt` was taken back from that organisation; empty where it never was. What came before the ledger kept
/// decisions stands in its logs alone.
Result<std::string> when_taken_back(const Chain& chain, const TokenId& dt, const Address& composer) {
    C2D_TRY(const auto kept_from, decisions_kept_from(chain));
    if (kept_from != UINT64_MAX) {
        C2D_TRY(const auto decision, chain.decision(dt, composer));
        if (decision.revoked_at != 0) return fmt::format("at {}", decision.revoked_at);
    }
    if (kept_from == 0) return std::string();
    C2D_TRY(const auto earlier, taken_back_before(chain, dt, composer, kept_from));
    return earlier ? fmt::format("in block {}", earlier->block_number) : std::string();
}

Result<Verdict> check_not_taken_back(const Chain& chain, const TokenId& dt, const Address& composer,
                                     const Tokens& tokens) {
    C2D_TRY(const auto when, when_taken_back(chain, dt, composer));
    if (when.empty()) return Verdict::accept();
    C2D_TRY(const bool granted, is_granted_to(chain, dt, composer, tokens));
    if (granted) return Verdict::accept();
    return Verdict::refuse(
        Reason::grant_needs_owner, token_text(dt),
        "composers from whom the owner took nothing back, or a grant to one of their compositions",
        fmt::format("a composition of {}, from whom it was taken back {}", address_text(composer), when));
}

}  // namespace

Result<Verdict> check_accepted(const Chain& chain, const ComposerRules& rules, const TokenId& cdt,
                               const Address& composer) {
    if (composer == rules.self) return Verdict::accept();
    C2D_TRY(const bool accepted, is_accepted(chain, rules.accepted, composer));
    if (accepted) return Verdict::accept();
    return Verdict::refuse(Reason::party_not_accepted, token_text(cdt), "one of accepted_composers",
                           address_text(composer));
}

Result<Verdict> check_composers(const Chain& chain, const ComposerRules& rules, const asset::Token& algorithm,
                                const Composition& composition) {
    const Tokens tokens(algorithm, composition);
    C2D_ACCEPT(check_accepted(chain, rules, algorithm.ddo.dt, algorithm.record.owner));
    for (const auto& [dt, owner] : tokens.owners) {
        if (owner != rules.self) continue;
        std::set<Address> asked = {rules.self};
        for (const auto& cdt : tokens.above(dt)) {
            const auto& composer = tokens.owners.at(cdt);
            if (!asked.insert(composer).second) continue;
            C2D_ACCEPT(check_accepted(chain, rules, cdt, composer));
            C2D_ACCEPT(check_not_taken_back(chain, dt, composer, tokens));
        }
    }
    return Verdict::accept();
}

}  // namespace c2d::job
