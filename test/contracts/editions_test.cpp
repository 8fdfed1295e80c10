// Starting an edition of the rules; roles taken back; bounds of texts.
#include "contracts/rig.hpp"

using namespace c2d;
using namespace c2d::contracts;
namespace f = contracts::role_controller;

namespace {

struct Editions : Rig {
    const Address at = block.contracts.role_controller;
    Outcome add(std::string_view from, std::string_view id, std::uint64_t role) {
        return send(from, at, f::kAddRole, {address(id), number(role)});
    }
    Outcome remove(std::string_view from, std::string_view id, std::uint64_t role) {
        return send(from, at, f::kRemoveRole, {address(id), number(role)});
    }
    Outcome start(std::string_view from, std::uint64_t edition) {
        return send(from, at, f::kStartEdition, {number(edition)});
    }
    /// As the first transaction of a block of that edition.
    Result<Bytes> open(std::string_view from, std::uint64_t edition, std::vector<Log>& logs) {
        block.edition = edition;
        block.opens_edition = true;
        auto answer = run(named_address(from), at, f::kStartEdition.call(edition), logs);
        block.opens_edition = false;
        return answer;
    }
    Values all_admins() { return view(at, f::kGetAdmins, {})[0].list(); }
};

}  // namespace

TEST_CASE_FIXTURE(Editions, "an administrator opens edition 2, which knows the administrators there are") {
    edition_1();
    add("admin", "admin2", kAdmin);
    organisation("bank");
    CHECK(support::must(edition_of(state)) == 1);
    CHECK(reverts(at, f::kStartEdition, {number(2)}));
    CHECK(reverts(at, f::kEdition, {}));
    CHECK(reverts(at, f::kGetAdmins, {}));
    CHECK(reverts(at, f::kRemoveRole, {address("bank"), number(kProvider)}));
    std::vector<Log> logs;
    REQUIRE(open("admin2", 2, logs).ok());
    REQUIRE(logs.size() == 1);
    check_event(logs[0], at, f::kEditionStarted, {number(2), address("admin2"), number(kSuccess)});
    CHECK(support::must(edition_of(state)) == 2);
    CHECK(view(at, f::kEdition, {})[0].number() == 2);
    const auto admins = all_admins();
    CHECK(admins.size() == 2);
    for (const char* name : {"admin", "admin2"}) CHECK(std::ranges::count(admins, address(name)) == 1);
}

TEST_CASE_FIXTURE(Editions, "who may not open an edition reverts") {
    edition_1();
    organisation("bank");
    std::vector<Log> logs;
    CHECK(open("bank", 2, logs).status() == Status::NOT_FOUND);
    block.edition = 2;
    block.opens_edition = true;
    CHECK(run(named_address("admin"), at, f::kStartEdition.call(3), logs).status() == Status::NOT_FOUND);
    CHECK(support::must(edition_of(state)) == 1);
}

TEST_CASE_FIXTURE(Editions, "within an edition, no call starts one") {
    organisation("bank");
    check_refused(start("bank", 3), kNoPermission);
    for (const std::uint64_t edition : {0, 1, 2, 3}) check_refused(start("admin", edition), kEditionNotNext);
    check_event(start("admin", 3).logs[0], at, f::kEditionStarted,
                {number(3), address("admin"), number(kEditionNotNext)});
}

TEST_CASE_FIXTURE(Editions, "an administrator takes roles, in the order of the checks") {
    organisation("bank");
    check_refused(remove("bank", "nobody", kProvider), kNoPermission);
    check_refused(remove("admin", "nobody", kProvider), kRoleMissing);
    check_refused(remove("admin", "bank", 103), kRoleMissing);
    check_refused(remove("admin", "bank", kAdmin), kRoleMissing);
    check_refused(remove("admin", "admin", kAdmin), kLastAdmin);
    const auto outcome = remove("admin", "bank", kProvider);
    REQUIRE(outcome.logs.size() == 1);
    check_event(outcome.logs[0], at, f::kRoleRemoved, {address("bank"), number(kProvider), number(kSuccess)});
    CHECK_FALSE(holds(at, f::kCheckRole, {address("bank"), number(kProvider)}));
    CHECK(holds(at, f::kCheckRole, {address("bank"), number(kEnterprise)}));
    CHECK(holds(block.contracts.asset_provider, asset_provider::kIsProvider, {address("bank")}));
    check_refused(remove("admin", "bank", kProvider), kRoleMissing);
}

TEST_CASE_FIXTURE(Editions, "an administrator gives a taken role back where the record is, and no other") {
    organisation("bank");
    enterprise("company");
    REQUIRE(remove("admin", "bank", kProvider).code == kSuccess);
    REQUIRE(remove("admin", "bank", kEnterprise).code == kSuccess);
    check_refused(add("bank", "bank", kProvider), kNoPermission);
    check_refused(add("admin", "company", kProvider), kNoPermission);
    check_refused(add("admin", "nobody", kEnterprise), kNoPermission);
    CHECK(add("admin", "bank", kProvider).code == kSuccess);
    CHECK(add("admin", "bank", kEnterprise).code == kSuccess);
    check_refused(add("admin", "bank", kProvider), kRoleExists);
    block.edition = 1;
    check_refused(add("admin", "bank", kProvider), kNoPermission);
}

TEST_CASE_FIXTURE(Editions, "administrators come in order, and the last one fills the gap of one who leaves") {
    for (const char* name : {"admin2", "admin3", "admin4"}) REQUIRE(add("admin", name, kAdmin).code == kSuccess);
    CHECK(all_admins() == Values{address("admin"), address("admin2"), address("admin3"), address("admin4")});
    REQUIRE(remove("admin", "admin2", kAdmin).code == kSuccess);
    CHECK(all_admins() == Values{address("admin"), address("admin4"), address("admin3")});
    REQUIRE(remove("admin3", "admin", kAdmin).code == kSuccess);
    check_refused(remove("admin", "admin4", kAdmin), kNoPermission);
    REQUIRE(remove("admin3", "admin4", kAdmin).code == kSuccess);
    CHECK(all_admins() == Values{address("admin3")});
    check_refused(remove("admin3", "admin3", kAdmin), kLastAdmin);
    CHECK(add("admin3", "admin", kAdmin).code == kSuccess);
}

TEST_CASE_FIXTURE(Editions, "names and descriptions have a bound, asked after the permission") {
    const std::string name(256, 'n'), long_name(257, 'n'), most(4096, 'd'), longer(4097, 'd');
    const Address registry = block.contracts.asset_provider, templates = block.contracts.op_template;
    const auto organisation = [&](const Function& function, std::string_view from, const std::string& called,
                                  const std::string& says) {
        return send(from, registry, function, {address("bank"), text(called), text(says)});
    };
    const auto template_of = [&](const Function& function, std::string_view from, const std::string& called,
                                 const std::string& document) {
        return send(from, templates, function, {token("mean"), text(called), word("c"), text(document)});
    };
    for (const auto& [first, then] :
         {std::pair(Function(asset_provider::kRegisterEnterprise), Function(asset_provider::kUpdateEnterprise))})
        for (const auto& function : {first, then}) {
            check_refused(organisation(function, "outsider", long_name, ""), kNoPermission);
            check_refused(organisation(function, "admin", long_name, ""), kTextTooLong);
            check_refused(organisation(function, "admin", name, longer), kTextTooLong);
            CHECK(organisation(function, "admin", name, most).code == kSuccess);
        }
    check_refused(organisation(asset_provider::kRegisterEnterprise, "admin", long_name, ""), kTextTooLong);
    for (const auto& function : {Function(op_template::kPublish), Function(op_template::kUpdate)}) {
        check_refused(template_of(function, "outsider", long_name, ""), kNoPermission);
        check_refused(template_of(function, "admin", long_name, ""), kTextTooLong);
        check_refused(template_of(function, "admin", name, longer), kTextTooLong);
        CHECK(template_of(function, "admin", name, most).code == kSuccess);
    }
    const auto task = [&](std::string_view from, const std::string& called, const std::string& says) {
        return send(from, block.contracts.task_market, task_market::kCreateTask, {text(called), text(says)});
    };
    check_refused(task("outsider", long_name, ""), kNoPermission);
    check_refused(task("bank", long_name, ""), kTextTooLong);
    check_refused(task("bank", name, longer), kTextTooLong);
    CHECK(task("bank", name, most).code == kSuccess);
    block.edition = 1;
    CHECK(task("bank", long_name, longer).code == kSuccess);
}
