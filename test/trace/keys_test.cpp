/// Changes of keys and roles in a trace.
#include "support/joint.hpp"

#include <c2d/tracer.hpp>

using namespace c2d;
using support::Joint;
using support::must;
using support::named_id;

namespace {

struct Changed : Joint {
    Changed() { build({alone("rows")}); }
    std::vector<TraceNode> walk() { return must(Tracer(*registry).walk({named_id("algo")})); }
    /// The trace without its trees.
    std::string organisations() {
        auto nodes = walk();
        std::erase_if(nodes, [](const TraceNode& each) { return each.kind != TraceNode::Kind::organisation; });
        return trace_text(nodes);
    }
    std::string at_head() { return fmt::format("block {}\n", must(chain->info()).head.number); }
};

}  // namespace

TEST_CASE_FIXTURE(Changed, "organisations that kept their keys and roles are not shown apart") {
    CHECK(walk().size() == 1);
    CHECK(trace_json(walk()).find("organisations") == std::string::npos);
}

TEST_CASE_FIXTURE(Changed, "changes of keys and roles stand behind the trees, with block and time") {
    auto &owner = signer("bank a"), &admin = signer("admin");
    const auto bank = owner.address(), one = signer("one").address(), cold = signer("cold").address();
    must(chain->add_delegate(owner, bank, KeyUse::work, one, 60));
    std::string added = at_head();
    must(chain->revoke_delegate(owner, bank, KeyUse::work, one));
    const std::string revoked = at_head();
    must(chain->change_owner(owner, bank, cold));
    const std::string changed = at_head();
    must(chain->remove_role(admin, bank, LedgerRole::provider));
    const std::string removed = at_head();
    // Not of this trace.
    must(chain->remove_role(admin, signer("bank b").address(), LedgerRole::provider));
    const auto text = organisations();
    CAPTURE(text);
    CHECK(text.starts_with("organisation " + address_text(bank) + "  bank a\n├── role 101 given  "));
    const auto ends = [&](const std::string& what, const std::string& block) {
        const auto at = text.find(what);
        REQUIRE(at != text.npos);
        CHECK(text.substr(at, text.find('\n', at) + 1 - at).ends_with("Z, " + block));
    };
    ends("key " + address_text(one) + " acts for work until ", added);
    ends("key " + address_text(one) + " acts for work no longer", revoked);
    ends("owner key changed to " + address_text(cold), changed);
    ends("└── role 102 taken back", removed);
    CHECK(text.find("bank b") == text.npos);
}

TEST_CASE_FIXTURE(Changed, "changes of keys and roles in JSON") {
    auto& owner = signer("bank a");
    const auto bank = owner.address(), one = signer("one").address();
    must(chain->add_delegate(owner, bank, KeyUse::grant, one, 60));
    must(chain->change_owner(owner, bank, one));
    const auto document = must(json::parse(trace_json(walk())));
    CHECK(document.find("roots")->items().size() == 1);
    const auto& all = document.find("organisations")->items();
    REQUIRE(all.size() == 1);
    CHECK(all[0].text_at({"name"}) == "bank a");
    CHECK(all[0].text_at({"address"}) == address_text(bank));
    const auto& changes = all[0].find("changes")->items();
    REQUIRE(changes.size() == 4);
    CHECK(changes[0].text_at({"event"}) == "role_added");
    CHECK(changes[0].find("role")->as_uint() == 101);
    CHECK(changes[2].text_at({"event"}) == "delegate_added");
    CHECK(changes[2].text_at({"use"}) == "grant");
    CHECK(changes[2].find("valid_to")->as_uint() == changes[2].find("time")->as_uint().value_or(0) + 60);
    CHECK(changes[3].text_at({"event"}) == "owner_changed");
    CHECK(changes[3].text_at({"key"}) == address_text(one));
    CHECK(changes[3].find("block")->as_uint() == must(chain->info()).head.number);
}
