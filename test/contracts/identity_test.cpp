// Which key speaks for whom: edition 2.
#include "contracts/rig.hpp"

using namespace c2d;
using namespace c2d::contracts;
namespace f = contracts::identity;

namespace {

Value type_of(std::string_view name) { return Value::of(f::delegate_type(name)); }

struct Keys : Rig {
    const Address at = block.contracts.identity;
    const std::uint64_t now = block.time;

    Keys() {
        organisation("bank");
        organisation("solver");
    }
    void second_admin() { admin("admin2"); }
    void admin(std::string_view name) {
        REQUIRE(
            send("admin", block.contracts.role_controller, role_controller::kAddRole, {address(name), number(kAdmin)})
                .code == kSuccess);
    }
    Outcome change(std::string_view from, std::string_view id, std::string_view owner) {
        return send(from, at, f::kChangeOwner, {address(id), address(owner)});
    }
    Outcome add(std::string_view from, std::string_view id, std::string_view delegate, std::string_view type = "work",
                std::uint64_t validity = 100) {
        return send(from, at, f::kAddDelegate, {address(id), type_of(type), address(delegate), number(validity)});
    }
    Outcome revoke(std::string_view from, std::string_view id, std::string_view delegate,
                   std::string_view type = "work") {
        return send(from, at, f::kRevokeDelegate, {address(id), type_of(type), address(delegate)});
    }
    Value owner(std::string_view id) { return view(at, f::kOwner, {address(id)})[0]; }
    bool acts(std::string_view key, std::string_view id, std::string_view type) {
        return holds(at, f::kActsFor, {address(key), address(id), type_of(type)});
    }
    Value principal_of(std::string_view key, std::string_view type) {
        return view(at, f::kPrincipal, {address(key), type_of(type)})[0];
    }
    bool stands(std::string_view key) { return support::must(has_standing(block, state, named_address(key))); }
    Outcome task(std::string_view from) {
        return send(from, block.contracts.task_market, task_market::kCreateTask, {text("t"), text("")});
    }
};

const Value kNobody = Value::of(Address{});

}  // namespace

TEST_CASE_FIXTURE(Keys, "the owner key hands over at once, and the old one stands for nobody") {
    CHECK(owner("bank") == address("bank"));
    block.number = 9;
    const auto outcome = change("bank", "bank", "cold");
    REQUIRE(outcome.logs.size() == 1);
    check_event(outcome.logs[0], at, f::kOwnerChanged,
                {address("bank"), address("cold"), address("bank"), number(0), number(kSuccess)});
    CHECK(owner("bank") == address("cold"));
    CHECK(view(at, f::kChanged, {address("bank")})[0].number() == 9);
    CHECK(principal_of("cold", "work") == address("bank"));
    CHECK(principal_of("cold", "") == address("bank"));
    CHECK(principal_of("bank", "work") == kNobody);
    CHECK(acts("cold", "bank", "grant"));
    CHECK_FALSE(acts("bank", "bank", "work"));
    CHECK_FALSE(stands("bank"));
    CHECK(stands("cold"));
    check_refused(task("bank"), kNoPermission);
    const auto opened = task("cold");
    REQUIRE(opened.code == kSuccess);
    // The name stays the organisation's, in records and events.
    CHECK(view(block.contracts.task_market, task_market::kGetTask, {number(1)})[0] == address("bank"));
    check_refused(change("bank", "bank", "bank"), kNoPermission);
    // And back to its own.
    CHECK(change("cold", "bank", "bank").code == kSuccess);
    CHECK(principal_of("bank", "work") == address("bank"));
    CHECK_FALSE(stands("cold"));
}

TEST_CASE_FIXTURE(Keys, "a change is refused in the order of its checks") {
    check_refused(change("outsider", "nobody", "cold"), kIdentityUnknown);
    check_refused(change("solver", "bank", "solver"), kNoPermission);
    check_refused(send("bank", at, f::kChangeOwner, {address("bank"), kNobody}), kKeyTaken);
    check_refused(change("bank", "bank", "solver"), kKeyTaken);
    check_refused(change("bank", "bank", "admin"), kKeyTaken);
    REQUIRE(add("solver", "solver", "clerk").code == kSuccess);
    check_refused(change("bank", "bank", "clerk"), kKeyTaken);
    // Also when its time is over, or it was taken back: a key acts for one organisation in its life.
    block.time = now + 1000;
    check_refused(change("bank", "bank", "clerk"), kKeyTaken);
    const auto refused = change("bank", "bank", "clerk");
    check_event(refused.logs[0], at, f::kOwnerChanged,
                {address("bank"), address("clerk"), address("bank"), number(0), number(kKeyTaken)});
}

TEST_CASE_FIXTURE(Keys, "the only administrator changes a key at once") {
    CHECK(change("admin", "bank", "cold").code == kSuccess);
    CHECK(owner("bank") == address("cold"));
    CHECK_FALSE(stands("bank"));
}

TEST_CASE_FIXTURE(Keys, "two administrators agree within seven days") {
    second_admin();
    const auto proposed = change("admin", "bank", "cold");
    REQUIRE(proposed.logs.size() == 1);
    check_event(proposed.logs[0], at, f::kOwnerProposed,
                {address("bank"), address("cold"), address("admin"), number(now + 604'800), number(kSuccess)});
    CHECK(owner("bank") == address("bank"));
    CHECK(view(at, f::kChanged, {address("bank")})[0].number() == 0);
    // The same one again proposes again; another key is another proposal.
    block.time = now + 604'800;
    CHECK(change("admin", "bank", "cold").logs[0].topics[0] == f::kOwnerProposed.topic);
    block.time += 604'800;
    CHECK(change("admin2", "bank", "other").logs[0].topics[0] == f::kOwnerProposed.topic);
    CHECK(change("admin", "bank", "cold").logs[0].topics[0] == f::kOwnerProposed.topic);
    CHECK(owner("bank") == address("bank"));
    block.time += 604'800;
    CHECK(change("admin2", "bank", "cold").logs[0].topics[0] == f::kOwnerChanged.topic);
    CHECK(owner("bank") == address("cold"));
}

TEST_CASE_FIXTURE(Keys, "a proposal ends: by time, by its author's leave, by the owner's own change") {
    admin("admin2");
    admin("admin3");
    REQUIRE(change("admin", "bank", "cold").code == kSuccess);
    block.time = now + 604'801;
    CHECK(change("admin2", "bank", "cold").logs[0].topics[0] == f::kOwnerProposed.topic);
    REQUIRE(send("admin", block.contracts.role_controller, role_controller::kRemoveRole,
                 {address("admin2"), number(kAdmin)})
                .code == kSuccess);
    CHECK(change("admin3", "bank", "cold").logs[0].topics[0] == f::kOwnerProposed.topic);
    REQUIRE(change("bank", "bank", "bank").code == kSuccess);
    CHECK(change("admin", "bank", "cold").logs[0].topics[0] == f::kOwnerProposed.topic);
    CHECK(owner("bank") == address("bank"));
}

TEST_CASE_FIXTURE(Keys, "a proposal is checked anew when it is carried out") {
    second_admin();
    REQUIRE(change("admin", "bank", "cold").code == kSuccess);
    REQUIRE(add("solver", "solver", "cold").code == kSuccess);
    check_refused(change("admin2", "bank", "cold"), kKeyTaken);
}

TEST_CASE_FIXTURE(Keys, "an administrator's key is changed like others, and does not count for itself") {
    second_admin();
    CHECK(change("admin2", "admin2", "cold").code == kSuccess);
    CHECK(owner("admin2") == address("cold"));
    // The other one is the only one left to ask.
    CHECK(change("admin", "admin2", "colder").logs[0].topics[0] == f::kOwnerChanged.topic);
    CHECK(owner("admin2") == address("colder"));
    // Its key does what an administrator does; a delegate does not.
    REQUIRE(add("colder", "admin2", "clerk", "grant").code == kSuccess);
    const auto register_by = [&](std::string_view from) {
        return send(from, block.contracts.asset_provider, asset_provider::kRegisterEnterprise,
                    {address("new"), text("new"), text("")});
    };
    check_refused(register_by("admin2"), kNoPermission);
    check_refused(register_by("clerk"), kNoPermission);
    CHECK(register_by("colder").code == kSuccess);
}

TEST_CASE_FIXTURE(Keys, "a delegate acts in what it was made for, to its last second") {
    block.number = 9;
    const auto outcome = add("bank", "bank", "clerk", "work", 100);
    REQUIRE(outcome.logs.size() == 1);
    check_event(outcome.logs[0], at, f::kDelegateChanged,
                {address("bank"), type_of("work"), address("clerk"), number(now + 100), number(0), number(kSuccess)});
    CHECK(holds(at, f::kValidDelegate, {address("bank"), type_of("work"), address("clerk")}));
    CHECK_FALSE(holds(at, f::kValidDelegate, {address("bank"), type_of("grant"), address("clerk")}));
    CHECK(principal_of("clerk", "work") == address("bank"));
    CHECK(principal_of("clerk", "grant") == address("clerk"));
    CHECK(principal_of("clerk", "") == address("clerk"));
    CHECK(stands("clerk"));
    block.time = now + 100;
    CHECK(task("clerk").code == kSuccess);
    block.time = now + 101;
    CHECK_FALSE(stands("clerk"));
    check_refused(task("clerk"), kNoPermission);
    // Again, for longer: the event leads to the change before.
    block.number = 12;
    const auto again = add("bank", "bank", "clerk", "work", 500);
    check_event(again.logs[0], at, f::kDelegateChanged,
                {address("bank"), type_of("work"), address("clerk"), number(now + 601), number(9), number(kSuccess)});
}

TEST_CASE_FIXTURE(Keys, "a delegate for permissions gives, takes back, closes and opens, and nothing else") {
    const Address factory = block.contracts.dt_factory;
    REQUIRE(add("bank", "bank", "clerk", "grant").code == kSuccess);
    const auto mint = [&](std::string_view from, std::string_view owner, std::string_view id, bool leaf) {
        return send(from, factory, dt_factory::kMint,
                    {token(id), address(owner), Value::of(leaf), word("document"), text("Qm1")});
    };
    check_refused(mint("clerk", "bank", "leaf", true), kNoPermission);
    REQUIRE(mint("bank", "bank", "leaf", true).code == kSuccess);
    REQUIRE(mint("solver", "solver", "cdt", false).code == kSuccess);
    const auto granted = send("clerk", factory, dt_factory::kGrant, {token("leaf"), token("cdt")});
    check_event(granted.logs[0], factory, dt_factory::kDataTokenGranted,
                {token("leaf"), address("bank"), token("cdt"), number(kSuccess)});
    CHECK(send("clerk", factory, dt_factory::kRevoke, {token("leaf"), token("cdt")}).code == kSuccess);
    CHECK(send("clerk", factory, dt_factory::kClose, {token("leaf")}).code == kSuccess);
    CHECK(send("clerk", factory, dt_factory::kOpen, {token("leaf")}).code == kSuccess);
    check_refused(task("clerk"), kNoPermission);
}

TEST_CASE_FIXTURE(Keys, "a delegate for work mints, composes, opens tasks, adds jobs and posts receipts in its name") {
    const Address factory = block.contracts.dt_factory, market = block.contracts.task_market;
    REQUIRE(add("bank", "bank", "clerk").code == kSuccess);
    REQUIRE(add("solver", "solver", "quant").code == kSuccess);
    const auto mint = [&](std::string_view from, std::string_view owner, std::string_view id, bool leaf) {
        return send(from, factory, dt_factory::kMint,
                    {token(id), address(owner), Value::of(leaf), word("document"), text("Qm1")});
    };
    const auto minted = mint("clerk", "bank", "leaf", true);
    check_event(minted.logs[0], factory, dt_factory::kDataTokenMinted,
                {token("leaf"), address("bank"), address("bank"), Value::of(true), word("document"), text("Qm1"),
                 number(block.number), number(kSuccess)});
    REQUIRE(mint("quant", "solver", "cdt", false).code == kSuccess);
    check_refused(send("clerk", factory, dt_factory::kGrant, {token("leaf"), token("cdt")}), kNoPermission);
    check_refused(send("clerk", factory, dt_factory::kClose, {token("leaf")}), kNoPermission);
    REQUIRE(send("bank", factory, dt_factory::kGrant, {token("leaf"), token("cdt")}).code == kSuccess);
    REQUIRE(send("quant", factory, dt_factory::kStartCompose, {token("cdt"), tokens({"leaf"})}).code == kSuccess);
    REQUIRE(task("quant").code == kSuccess);
    const auto job = send("quant", market, task_market::kAddJob, {token("cdt"), number(1)});
    check_event(job.logs[0], market, task_market::kJobAdded,
                {number(1), number(1), address("solver"), token("cdt"), number(kSuccess)});
    CHECK(view(market, task_market::kGetJob, {number(1)})[1] == address("solver"));
    const auto receipt = send("clerk", block.contracts.job_receipts, job_receipts::kPost,
                              {number(1), token("leaf"), number(1), word("receipt")});
    check_event(receipt.logs[0], block.contracts.job_receipts, job_receipts::kReceiptPosted,
                {number(1), token("leaf"), address("bank"), number(1), word("receipt"), number(kSuccess)});
    CHECK(send("quant", market, task_market::kCloseTask, {number(1)}).code == kSuccess);
}

TEST_CASE_FIXTURE(Keys, "delegates are refused in the order of the checks") {
    check_refused(add("bank", "nobody", "clerk"), kIdentityUnknown);
    check_refused(add("solver", "bank", "clerk", "sleep", 0), kNoPermission);
    check_refused(add("admin", "bank", "clerk"), kNoPermission);
    check_refused(add("bank", "bank", "solver", "sleep", 0), kDelegateTypeUnknown);
    check_refused(add("bank", "bank", "clerk", ""), kDelegateTypeUnknown);
    check_refused(add("bank", "bank", "solver", "work", 0), kValidityOutOfRange);
    check_refused(add("bank", "bank", "clerk", "work", 31'622'401), kValidityOutOfRange);
    check_refused(add("bank", "bank", "solver"), kKeyTaken);
    check_refused(add("bank", "bank", "bank"), kKeyTaken);
    check_refused(send("bank", at, f::kAddDelegate, {address("bank"), type_of("work"), kNobody, number(1)}), kKeyTaken);
    CHECK(add("bank", "bank", "clerk", "work", 31'622'400).code == kSuccess);
    check_refused(add("solver", "solver", "clerk"), kKeyTaken);
    // A delegate makes no others.
    check_refused(add("clerk", "bank", "another"), kNoPermission);
}

TEST_CASE_FIXTURE(Keys, "a delegate is taken back, by the owner key") {
    REQUIRE(add("bank", "bank", "clerk").code == kSuccess);
    check_refused(revoke("bank", "nobody", "clerk"), kIdentityUnknown);
    check_refused(revoke("clerk", "bank", "clerk"), kNoPermission);
    check_refused(revoke("bank", "bank", "clerk", "grant"), kDelegateMissing);
    check_refused(revoke("bank", "bank", "clerk", "sleep"), kDelegateMissing);
    block.number = 20;
    const auto outcome = revoke("bank", "bank", "clerk");
    check_event(outcome.logs[0], at, f::kDelegateChanged,
                {address("bank"), type_of("work"), address("clerk"), number(0), number(7), number(kSuccess)});
    CHECK_FALSE(stands("clerk"));
    check_refused(revoke("bank", "bank", "clerk"), kDelegateMissing);
    REQUIRE(add("bank", "bank", "clerk").code == kSuccess);
    block.time = now + 101;
    check_refused(revoke("bank", "bank", "clerk"), kDelegateMissing);
}

TEST_CASE_FIXTURE(Keys, "a change of owner ends all delegates") {
    REQUIRE(add("bank", "bank", "clerk").code == kSuccess);
    REQUIRE(change("bank", "bank", "cold").code == kSuccess);
    CHECK_FALSE(stands("clerk"));
    REQUIRE(add("cold", "bank", "clerk").code == kSuccess);
    CHECK(stands("clerk"));
    // A delegate may become the owner key.
    CHECK(change("cold", "bank", "clerk").code == kSuccess);
    CHECK(principal_of("clerk", "") == address("bank"));
}

TEST_CASE_FIXTURE(Keys, "the key of an organisation gets no name of its own") {
    REQUIRE(add("bank", "bank", "clerk").code == kSuccess);
    const Address registry = block.contracts.asset_provider;
    check_refused(
        send("admin", registry, asset_provider::kRegisterEnterprise, {address("clerk"), text("clerk"), text("")}),
        kKeyTaken);
    check_refused(send("admin", registry, asset_provider::kAddProvider, {address("clerk")}), kKeyTaken);
    check_refused(
        send("admin", block.contracts.role_controller, role_controller::kAddRole, {address("clerk"), number(kAdmin)}),
        kKeyTaken);
}

TEST_CASE_FIXTURE(Keys, "a role that was taken stands for none of the organisation's keys") {
    REQUIRE(add("bank", "bank", "clerk").code == kSuccess);
    for (const auto role : {kEnterprise, kProvider})
        REQUIRE(send("admin", block.contracts.role_controller, role_controller::kRemoveRole,
                     {address("bank"), number(role)})
                    .code == kSuccess);
    CHECK_FALSE(stands("bank"));
    CHECK_FALSE(stands("clerk"));
    // Its keys can still be changed: it was registered.
    CHECK(change("admin", "bank", "cold").code == kSuccess);
}

TEST_CASE_FIXTURE(Keys, "edition 1 knows no keys") {
    block.edition = 1;
    CHECK(reverts(at, f::kOwner, {address("bank")}));
    CHECK(reverts(at, f::kChangeOwner, {address("bank"), address("cold")}));
    CHECK(reverts(at, f::kAddDelegate, {address("bank"), type_of("work"), address("clerk"), number(1)}));
    CHECK(reverts(at, f::kRevokeDelegate, {address("bank"), type_of("work"), address("clerk")}));
    CHECK(reverts(at, f::kValidDelegate, {address("bank"), type_of("work"), address("clerk")}));
    CHECK(reverts(at, f::kActsFor, {address("bank"), address("bank"), type_of("work")}));
    CHECK(reverts(at, f::kPrincipal, {address("bank"), type_of("work")}));
    CHECK(reverts(at, f::kChanged, {address("bank")}));
    CHECK(stands("outsider"));
}
