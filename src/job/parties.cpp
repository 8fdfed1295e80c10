#include "job/parties.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "base/verdict_try.hpp"
#include "crypto/hash.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace c2d::job {

namespace {

using asset::Leaf;
using json::Value;

Value without_party(const Leaf& leaf, const asset::ProtocolTerms& protocol) {
    Value arguments = leaf.arguments;
    arguments.erase(protocol.party);
    return arguments;
}

/// One operator, and the same arguments but for the party.
Verdict check_agreement(const std::vector<Leaf>& leaves, const asset::ProtocolTerms& protocol) {
    const auto first = without_party(leaves[0], protocol);
    const auto expected = json::canonical(first);  // once: leaves may be many, and what they agree on long
    for (const auto& leaf : leaves) {
        if (leaf.service->op_template != leaves[0].service->op_template)
            return Verdict::refuse(Reason::parties_disagree, leaf.path + "/template",
                                   token_text(*leaves[0].service->op_template), token_text(*leaf.service->op_template));
        const auto arguments = without_party(leaf, protocol);
        const auto given = json::canonical(arguments);
        if (!expected || !given || *expected != *given)
            return Verdict::refuse(Reason::parties_disagree, leaf.path + "/constraint", json::compact(first),
                                   json::compact(arguments));
    }
    return Verdict::accept();
}

/// Each leaf names a party below n; leaves of one party have one owner; all parties are named.
Verdict assign(const std::vector<Leaf>& leaves, const asset::ProtocolTerms& protocol,
               std::map<unsigned, Party>& parties) {
    for (const auto& leaf : leaves) {
        const auto number = party_of(leaf, protocol);
        const std::string path = leaf.path + "/constraint/" + protocol.party;
        if (!number || *number >= protocol.parties)
            return Verdict::refuse(Reason::parties_incomplete, path, fmt::format("0 to {}", protocol.parties - 1),
                                   json::compact(leaf.arguments));
        const Address owner = leaf.token->record.owner;
        const auto [at, added] = parties.try_emplace(*number, Party{*number, owner, {}, {}});
        if (!added && at->second.owner != owner)
            return Verdict::refuse(Reason::parties_incomplete, path, address_text(at->second.owner),
                                   address_text(owner));
        const Value* endpoint = leaf.arguments.at({protocol.endpoints, std::to_string(*number)});
        if (!endpoint || !endpoint->is_string())
            return Verdict::refuse(Reason::parties_incomplete, leaf.path + "/constraint/" + protocol.endpoints,
                                   fmt::format("an endpoint of party {}", *number), "none");
        at->second.endpoint = endpoint->text();
    }
    if (parties.size() != protocol.parties)
        return Verdict::refuse(Reason::parties_incomplete, "", fmt::format("{} parties", protocol.parties),
                               fmt::format("{}", parties.size()));
    return Verdict::accept();
}

bool is_accepted(const Party& party, const PartyRules& rules) {
    if (rules.accepted_parties.empty() || party.owner == rules.self) return true;
    return std::ranges::any_of(rules.accepted_parties, [&](const std::string& entry) {
        const auto address = parse_address(entry);
        return address ? *address == party.owner : organisation_key(entry) == organisation_key(party.organisation);
    });
}

/// Parties by the organisation that controls them, each named as one of its addresses is.
class Controllers {
public:
    /// One legal id, or one name, makes one organisation, however the two are spread over its addresses.
    void add(const std::string& name, const std::string& legal_id) {
        std::set<std::string> names = {"name " + organisation_key(name)};
        if (!legal_id.empty()) names.insert("legal id " + legal_id);
        Organisation joined{organisation_key(name), names, 1};
        std::erase_if(organisations_, [&](const Organisation& known) {
            const bool same = std::ranges::any_of(names, [&](const auto& each) { return known.names.contains(each); });
            if (same) joined.parties += known.parties, joined.names.insert(known.names.begin(), known.names.end());
            return same;
        });
        organisations_.push_back(std::move(joined));
    }
    struct Organisation {
        std::string shown;
        std::set<std::string> names;
        unsigned parties = 0;
    };
    const std::vector<Organisation>& organisations() const noexcept { return organisations_; }

private:
    std::vector<Organisation> organisations_;
};

/// Owners count by organisation, so that two addresses of one do not count as two.
Result<Verdict> check_organisations(const Chain& chain, const PartyRules& rules, PartyPlan& plan) {
    Controllers controllers;
    for (auto& party : plan.parties) {
        const auto path = fmt::format("party {}", party.number);
        C2D_TRY(const bool registered, chain.is_enterprise(party.owner));
        if (!registered)
            return Verdict::refuse(Reason::owner_unregistered, path, "an organisation record",
                                   address_text(party.owner));
        C2D_ACCEPT(check_role(chain, party.owner, path));
        C2D_TRY(const auto enterprise, chain.enterprise(party.owner));
        party.organisation = enterprise.name;
        if (!is_accepted(party, rules))
            return Verdict::refuse(Reason::party_not_accepted, path, "one of accepted_parties", party.organisation);
        C2D_TRY(const auto legal_id, chain.legal_id(party.owner));
        controllers.add(enterprise.name, legal_id);
    }
    for (const auto& [organisation, names, count] : controllers.organisations()) {
        if (count <= plan.protocol.threshold) continue;
        if (rules.allow_collusion) {
            plan.collusion_overridden = true;
            continue;
        }
        return Verdict::refuse(Reason::collusion, organisation,
                               fmt::format("at most {} parties of one organisation", plan.protocol.threshold),
                               fmt::format("{}", count));
    }
    return Verdict::accept();
}

}  // namespace

std::string organisation_key(std::string_view name) {
    const auto is_space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
    while (!name.empty() && is_space(name.front())) name.remove_prefix(1);
    while (!name.empty() && is_space(name.back())) name.remove_suffix(1);
    std::string key;
    for (const char c : name) key.push_back(c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c);
    return key;
}

Result<Verdict> check_role(const Chain& chain, const Address& organisation, std::string_view path) {
    // Before edition 2 no role could be taken.
    C2D_TRY(const auto edition, chain.edition());
    if (edition < 2) return Verdict::accept();
    C2D_TRY(const bool stands, chain.has_role(organisation, LedgerRole::enterprise));
    if (stands) return Verdict::accept();
    return Verdict::refuse(Reason::owner_unregistered, std::string(path), "an organisation with its role",
                           address_text(organisation) + ", which has none");
}

std::optional<unsigned> party_of(const Leaf& leaf, const asset::ProtocolTerms& protocol) {
    const Value* party = leaf.arguments.find(protocol.party);
    const auto number = party ? party->as_uint() : std::nullopt;
    if (!number || *number > 255) return std::nullopt;
    return unsigned(*number);
}

Result<Verdict> plan_parties(const Chain& chain, const std::vector<Leaf>& leaves, const PartyRules& rules,
                             PartyPlan& out) {
    if (leaves.empty()) return Verdict::refuse(Reason::parties_incomplete, "", "at least one leaf", "none");
    const auto joint =
        std::ranges::find_if(leaves, [](const Leaf& leaf) { return leaf.op_template->document.protocol.is_joint(); });
    if (joint == leaves.end()) return Verdict::accept();  // each leaf runs alone
    out.protocol = joint->op_template->document.protocol;
    C2D_ACCEPT(check_agreement(leaves, out.protocol));
    std::map<unsigned, Party> parties;
    C2D_ACCEPT(assign(leaves, out.protocol, parties));
    for (auto& [number, party] : parties) out.parties.push_back(std::move(party));
    C2D_TRY(const auto text, json::canonical(without_party(leaves[0], out.protocol)));
    out.args_hash = keccak256(text);
    return check_organisations(chain, rules, out);
}

}  // namespace c2d::job
