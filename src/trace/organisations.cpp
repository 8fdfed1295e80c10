#include "base/try.hpp"
#include "trace/walk.hpp"

#include <algorithm>

namespace c2d::trace {

namespace {

using Kind = IdentityChange::Kind;

Result<TraceNode> describe(Facts& facts, const Address& id, std::string name) {
    TraceNode node;
    node.kind = TraceNode::Kind::organisation;
    node.owner = std::move(name);
    node.owner_address = id;
    C2D_TRY(const auto changes, facts.key_changes(id));
    for (const auto& change : changes) {
        C2D_TRY(const auto when, facts.time(change.block_number));
        node.changes.push_back({change, when});
    }
    return node;
}

}  // namespace

Result<std::vector<TraceNode>> changed_organisations(Facts& facts) {
    std::vector<TraceNode> out;
    C2D_CHECK(facts.read_roles());
    // A copy: what is described here brings none in.
    for (const auto& [id, name] : std::map(facts.organisations())) {
        C2D_TRY(auto node, describe(facts, id, name));
        // What it got when it was registered, and kept, is no news.
        const bool news = std::ranges::any_of(
            node.changes, [](const TraceChange& change) { return change.what.kind != Kind::role_added; });
        if (news) out.push_back(std::move(node));
    }
    return out;
}

Result<Unit> Facts::read_roles() {
    // Before edition 2 nobody loses a role or changes a key.
    C2D_TRY(const auto edition, chain_.edition());
    if (edition < 2) return Unit{};
    std::set<Address> of;
    for (const auto& [id, name] : organisations_) of.insert(id);
    C2D_TRY(roles_, chain_.role_changes(of));
    return Unit{};
}

Result<std::vector<IdentityChange>> Facts::key_changes(const Address& id) const {
    C2D_TRY(auto changes, chain_.key_changes(id));
    std::ranges::copy_if(roles_, std::back_inserter(changes), [&](const IdentityChange& c) { return c.of == id; });
    std::ranges::stable_sort(changes, {}, &IdentityChange::block_number);
    return changes;
}

}  // namespace c2d::trace
