#include "contracts/rig.hpp"

using namespace c2d;
using namespace c2d::contracts;
namespace f = contracts::asset_provider;

namespace {

struct Providers : Rig {
    const Address at = block.contracts.asset_provider;
    const Address roles = block.contracts.role_controller;

    Outcome enroll(std::string_view from, Value id, std::string_view name = "Bank A") {
        return send(from, at, f::kRegisterEnterprise, {id, text(name), text("retail")});
    }
    Outcome rename(std::string_view from, Value id, std::string_view name) {
        return send(from, at, f::kUpdateEnterprise, {id, text(name), text("changed")});
    }
    Outcome add(std::string_view from, Value id) { return send(from, at, f::kAddProvider, {id}); }
    Outcome update(std::string_view from, Value id) { return send(from, at, f::kUpdateProvider, {id}); }
    bool has_role(std::string_view who, std::uint64_t role) {
        return holds(roles, role_controller::kCheckRole, {address(who), number(role)});
    }
    bool is_enterprise(std::string_view who) { return holds(at, f::kIsEnterprise, {address(who)}); }
    bool is_provider(std::string_view who) { return holds(at, f::kIsProvider, {address(who)}); }
    std::string name_of(std::string_view who) { return view(at, f::kGetEnterprise, {address(who)})[0].text(); }
};

}  // namespace

TEST_CASE_FIXTURE(Providers, "registering an organisation stores it and gives it the role, in this order of events") {
    const auto outcome = enroll("admin", address("bank"));
    REQUIRE(outcome.logs.size() == 2);
    check_event(outcome.logs[0], roles, role_controller::kRoleAdded,
                {address("bank"), number(kEnterprise), number(kSuccess)});
    check_event(outcome.logs[1], at, f::kEnterpriseRegistered,
                {address("bank"), text("Bank A"), text("retail"), number(kSuccess)});
    CHECK(is_enterprise("bank"));
    CHECK(has_role("bank", kEnterprise));
    CHECK_FALSE(is_provider("bank"));
    CHECK(view(at, f::kGetEnterprise, {address("bank")}) == Values{text("Bank A"), text("retail")});
}

TEST_CASE_FIXTURE(Providers, "an organisation that has the role already gets only its record") {
    std::vector<Log> logs;
    REQUIRE(run(at, roles,
                abi::encode_call(role_controller::kAddRole.signature, {address("bank"), number(kEnterprise)}), logs)
                .ok());
    const auto outcome = enroll("admin", address("bank"));
    CHECK(outcome.code == kSuccess);
    CHECK(outcome.logs.size() == 1);
    CHECK(is_enterprise("bank"));
}

TEST_CASE_FIXTURE(Providers, "registering is refused to others, twice, and for the zero address (D5)") {
    organisation("bank");
    check_refused(enroll("outsider", address("new")), kNoPermission);
    check_refused(enroll("bank", address("new")), kNoPermission);
    check_refused(enroll("outsider", address("bank")), kNoPermission);
    check_refused(enroll("admin", address("bank"), "Other"), kEnterpriseExists);
    CHECK(name_of("bank") == "bank");
    check_refused(enroll("admin", Value::of(Address{})), kEnterpriseExists);
    CHECK_FALSE(holds(at, f::kIsEnterprise, {Value::of(Address{})}));
    CHECK_FALSE(holds(roles, role_controller::kCheckRole, {Value::of(Address{}), number(kEnterprise)}));
    CHECK_FALSE(is_enterprise("new"));
}

TEST_CASE_FIXTURE(Providers, "updating an organisation replaces name and description") {
    enterprise("bank");
    const auto outcome = rename("admin", address("bank"), "Bank of A");
    REQUIRE(outcome.logs.size() == 1);
    check_event(outcome.logs[0], at, f::kEnterpriseRegistered,
                {address("bank"), text("Bank of A"), text("changed"), number(kSuccess)});
    CHECK(view(at, f::kGetEnterprise, {address("bank")}) == Values{text("Bank of A"), text("changed")});
}

TEST_CASE_FIXTURE(Providers, "updating is refused to the organisation itself and for unknown ones") {
    organisation("bank");
    check_refused(rename("bank", address("bank"), "Self"), kNoPermission);
    check_refused(rename("admin", address("nobody"), "X"), kEnterpriseUnknown);
    check_refused(rename("admin", Value::of(Address{}), "X"), kEnterpriseUnknown);
    CHECK(name_of("bank") == "bank");
    CHECK_FALSE(is_enterprise("nobody"));
}

TEST_CASE_FIXTURE(Providers, "adding a provider stores it and gives it the role, in this order of events") {
    const auto outcome = add("admin", address("bank"));
    REQUIRE(outcome.logs.size() == 2);
    check_event(outcome.logs[0], roles, role_controller::kRoleAdded,
                {address("bank"), number(kProvider), number(kSuccess)});
    check_event(outcome.logs[1], at, f::kProviderAdded, {address("bank"), number(kSuccess)});
    CHECK(is_provider("bank"));
    CHECK(has_role("bank", kProvider));
    CHECK_FALSE(is_enterprise("bank"));
    CHECK_FALSE(has_role("bank", kEnterprise));
}

TEST_CASE_FIXTURE(Providers, "adding a provider is refused to others, twice, and for the zero address (D5)") {
    organisation("bank");
    check_refused(add("outsider", address("new")), kNoPermission);
    check_refused(add("bank", address("new")), kNoPermission);
    check_refused(add("admin", address("bank")), kProviderExists);
    check_refused(add("admin", Value::of(Address{})), kProviderExists);
    CHECK_FALSE(holds(at, f::kIsProvider, {Value::of(Address{})}));
    CHECK_FALSE(is_provider("new"));
}

TEST_CASE_FIXTURE(Providers, "updating a provider keeps its record as it is (D4)") {
    provider("bank");
    const auto outcome = update("admin", address("bank"));
    REQUIRE(outcome.logs.size() == 1);
    check_event(outcome.logs[0], at, f::kProviderAdded, {address("bank"), number(kSuccess)});
    CHECK_FALSE(outcome.state_changed);
}

TEST_CASE_FIXTURE(Providers, "updating a provider is refused to others and for unknown ones") {
    provider("bank");
    check_refused(update("bank", address("bank")), kNoPermission);
    check_refused(update("admin", address("nobody")), kProviderUnknown);
    check_refused(update("admin", Value::of(Address{})), kProviderUnknown);
}

TEST_CASE_FIXTURE(Providers, "an unknown organisation reverts when asked for, and is nameless in a list") {
    enterprise("bank");
    CHECK(try_view(at, f::kGetEnterprise, {address("nobody")}).status() == Status::NOT_FOUND);
    const auto names = view(at, f::kGetIssuerNames,
                            {Value::list({address("bank"), address("nobody"), address("bank"), Value::of(Address{})})});
    CHECK(names[0].list() == Values{text("bank"), text(""), text("bank"), text("")});
    CHECK(view(at, f::kGetIssuerNames, {Value::list({})})[0].list().empty());
}

namespace {

struct LegalIds : Rig {
    const Address at = block.contracts.asset_provider;
    Outcome give(const Function& function, std::string_view id, std::string_view legal,
                 std::string_view from = "admin") {
        return send(from, at, function, {address(id), text(id), text("about"), text(legal)});
    }
    std::string legal_of(std::string_view id) { return view(at, asset_provider::kGetLegalId, {address(id)})[0].text(); }
    Value organisation_of(std::string_view id) { return view(at, asset_provider::kOrganisationOf, {address(id)})[0]; }
};
constexpr auto& kRegisters = asset_provider::kRegisterOrganisation;
constexpr auto& kUpdates = asset_provider::kUpdateOrganisation;

}  // namespace

TEST_CASE_FIXTURE(LegalIds, "addresses with one legal id are one organisation; without, each is its own") {
    const auto outcome = give(kRegisters, "bank", "5299000J2N45DDNE4Y28");
    REQUIRE(outcome.code == kSuccess);
    check_event(outcome.logs.back(), at, asset_provider::kEnterpriseRegistered,
                {address("bank"), text("bank"), text("about"), number(kSuccess)});
    REQUIRE(give(kRegisters, "branch", "5299000J2N45DDNE4Y28").code == kSuccess);
    CHECK(legal_of("bank") == "5299000J2N45DDNE4Y28");
    CHECK(organisation_of("bank") == word("5299000J2N45DDNE4Y28"));
    CHECK(organisation_of("branch") == organisation_of("bank"));
    enterprise("other");
    CHECK(legal_of("other").empty());
    CHECK(legal_of("nobody").empty());
    CHECK(organisation_of("other").word() == Value::of(named_address("other")).word());
    CHECK(organisation_of("nobody").word() == Value::of(named_address("nobody")).word());
}

TEST_CASE_FIXTURE(LegalIds, "a legal id stays until another is given, and can be taken away") {
    REQUIRE(give(kRegisters, "bank", "DE:HRB1").code == kSuccess);
    REQUIRE(send("admin", at, asset_provider::kUpdateEnterprise, {address("bank"), text("new"), text("words")}).code ==
            kSuccess);
    CHECK(legal_of("bank") == "DE:HRB1");
    CHECK(view(at, asset_provider::kGetEnterprise, {address("bank")}) == Values{text("new"), text("words")});
    REQUIRE(give(kUpdates, "bank", "DE:HRB2").code == kSuccess);
    CHECK(legal_of("bank") == "DE:HRB2");
    REQUIRE(give(kUpdates, "bank", "").code == kSuccess);
    CHECK(legal_of("bank").empty());
}

TEST_CASE_FIXTURE(LegalIds, "what a legal id may be, asked last") {
    check_refused(give(kRegisters, "bank", "no", "outsider"), kNoPermission);
    check_refused(give(kUpdates, "bank", "no"), kEnterpriseUnknown);
    for (const std::string bad : {"AB", "abc", "DE HRB", "DE:\xc3\x84", "A_B", "DE;1"})
        check_refused(give(kRegisters, "bank", bad), kLegalIdMalformed);
    check_refused(give(kRegisters, "bank", std::string(65, 'A')), kLegalIdMalformed);
    CHECK(give(kRegisters, "bank", "A:9").code == kSuccess);
    check_refused(give(kRegisters, "bank", "no"), kEnterpriseExists);
    check_refused(give(kUpdates, "bank", "no"), kLegalIdMalformed);
    CHECK(legal_of("bank") == "A:9");
    CHECK(give(kUpdates, "bank", std::string(60, 'Z') + ":-./").code == kSuccess);
    block.edition = 1;
    CHECK(reverts(at, kRegisters, {address("new"), text("new"), text(""), text("A:9")}));
    CHECK(reverts(at, kUpdates, {address("bank"), text("new"), text(""), text("A:9")}));
    CHECK(reverts(at, asset_provider::kGetLegalId, {address("bank")}));
    CHECK(reverts(at, asset_provider::kOrganisationOf, {address("bank")}));
    CHECK(reverts(at, asset_provider::kIdentity, {}));
}
