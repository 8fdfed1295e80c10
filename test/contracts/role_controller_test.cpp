#include "contracts/rig.hpp"

using namespace c2d;
using namespace c2d::contracts;
namespace f = contracts::role_controller;

namespace {

struct Roles : Rig {
    const Address at = block.contracts.role_controller;
    Outcome add(std::string_view from, Value id, std::uint64_t role) {
        return send(from, at, f::kAddRole, {id, number(role)});
    }
    bool may(std::string_view who, std::uint64_t permission) {
        return holds(at, f::kCheckPermission, {address(who), number(permission)});
    }
    bool has(std::string_view who, std::uint64_t role) {
        return holds(at, f::kCheckRole, {address(who), number(role)});
    }
};

}  // namespace

TEST_CASE_FIXTURE(Roles, "the deployer is the first admin and nothing else") {
    CHECK(has("admin", kAdmin));
    CHECK_FALSE(has("admin", kEnterprise));
    CHECK_FALSE(has("admin", kProvider));
    CHECK_FALSE(has("outsider", kAdmin));
}

TEST_CASE_FIXTURE(Roles, "each role has the permissions of the published table and no others") {
    organisation("both");
    enterprise("enterprise");
    provider("provider");
    struct Row {
        const char* who;
        std::vector<std::uint64_t> permissions;
    };
    const Row table[] = {{"admin", {200, 201, 202, 203}},
                         {"enterprise", {204, 206}},
                         {"provider", {205}},
                         {"both", {204, 205, 206}},
                         {"outsider", {}}};
    for (const auto& row : table)
        for (std::uint64_t permission = 195; permission < 212; ++permission) {
            CAPTURE(std::string(row.who));
            CAPTURE(permission);
            CHECK(may(row.who, permission) ==
                  (std::ranges::find(row.permissions, permission) != row.permissions.end()));
        }
}

TEST_CASE_FIXTURE(Roles, "unknown role and permission numbers are false, also past 64 bits") {
    Bytes32 huge;
    huge.data[0] = 1;
    huge.data[31] = 100;
    Bytes32 huge_permission = huge;
    huge_permission.data[31] = 200;
    CHECK_FALSE(has("admin", 0));
    CHECK_FALSE(has("admin", 103));
    CHECK_FALSE(holds(at, f::kCheckRole, {address("admin"), Value::uint256(huge)}));
    CHECK_FALSE(holds(at, f::kCheckPermission, {address("admin"), Value::uint256(huge_permission)}));
}

TEST_CASE_FIXTURE(Roles, "an admin makes an admin with exactly one event (D2)") {
    const auto outcome = add("admin", address("deputy"), kAdmin);
    REQUIRE(outcome.logs.size() == 1);
    check_event(outcome.logs[0], at, f::kRoleAdded, {address("deputy"), number(kAdmin), number(kSuccess)});
    CHECK(has("deputy", kAdmin));
    CHECK(add("deputy", address("third"), kAdmin).code == kSuccess);
}

TEST_CASE_FIXTURE(Roles, "a role is refused to be given by others, to nobody, or twice") {
    organisation("bank");
    check_refused(add("outsider", address("outsider"), kAdmin), kNoPermission);
    check_refused(add("bank", address("bank"), kAdmin), kNoPermission);
    check_refused(add("admin", Value::of(Address{}), kAdmin), kNoPermission);
    check_refused(add("admin", address("admin"), kAdmin), kRoleExists);
    check_refused(add("outsider", address("admin"), kAdmin),
                  kNoPermission);  // asks before it tells
}

TEST_CASE_FIXTURE(Roles, "enterprise and provider roles come only through AssetProvider (D3, D11)") {
    for (const auto role :
         {std::uint64_t(kEnterprise), std::uint64_t(kProvider), std::uint64_t(0), std::uint64_t(103), UINT64_MAX}) {
        CAPTURE(role);
        check_refused(add("admin", address("bank"), role), kNoPermission);
    }
    // The caller decides: AssetProvider's own address has the right, whoever began the transaction.
    std::vector<Log> logs;
    const auto data = abi::encode_call(f::kAddRole.signature, {address("bank"), number(kEnterprise)});
    REQUIRE(run(block.contracts.asset_provider, at, data, logs).ok());
    CHECK(has("bank", kEnterprise));
    CHECK_FALSE(has("bank", kProvider));
}

TEST_CASE_FIXTURE(Roles, "AssetProvider itself may not make admins") {
    std::vector<Log> logs;
    const auto data = abi::encode_call(f::kAddRole.signature, {address("bank"), number(kAdmin)});
    REQUIRE(run(block.contracts.asset_provider, at, data, logs).ok());
    CHECK_FALSE(has("bank", kAdmin));
}

TEST_CASE_FIXTURE(Roles, "the event of a refused call repeats what was asked") {
    const auto outcome = add("outsider", address("friend"), kProvider);
    REQUIRE(outcome.logs.size() == 1);
    check_event(outcome.logs[0], at, f::kRoleAdded, {address("friend"), number(kProvider), number(kNoPermission)});
}
