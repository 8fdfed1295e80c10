#include "contracts/rig.hpp"

using namespace c2d;
using namespace c2d::contracts;
namespace f = contracts::op_template;

namespace {

struct Templates : Rig {
    const Address at = block.contracts.op_template;
    Outcome publish(std::string_view from, Value id, std::string_view name = "mean") {
        return send(from, at, f::kPublish, {id, text(name), word("code"), text("Qm1")});
    }
    Outcome update(std::string_view from, Value id, std::string_view name = "median") {
        return send(from, at, f::kUpdate, {id, text(name), word("new code"), text("Qm2")});
    }
    std::uint64_t count() { return view(at, f::kCount, {})[0].number(); }
};

}  // namespace

TEST_CASE_FIXTURE(Templates, "publishing stores caller and block number, and lists the id (D9)") {
    const auto outcome = publish("admin", token("op"));
    REQUIRE(outcome.logs.size() == 1);
    check_event(outcome.logs[0], at, f::kTemplatePublished,
                {token("op"), text("mean"), address("admin"), word("code"), text("Qm1"), number(7), number(kSuccess)});
    CHECK(view(at, f::kGet, {token("op")}) ==
          Values{text("mean"), address("admin"), word("code"), text("Qm1"), number(7)});
    CHECK(holds(at, f::kExists, {token("op")}));
    CHECK(view(at, f::kBlockUpdated, {token("op")})[0].number() == 7);
    CHECK(count() == 1);
    CHECK(view(at, f::kIds, {number(0)}) == Values{token("op")});
}

TEST_CASE_FIXTURE(Templates, "templates are listed in the order they came") {
    publish("admin", token("one"));
    publish("admin", token("two"));
    publish("outsider", token("three"));
    update("admin", token("one"));
    CHECK(count() == 2);
    CHECK(view(at, f::kIds, {number(0)}) == Values{token("one")});
    CHECK(view(at, f::kIds, {number(1)}) == Values{token("two")});
    CHECK(try_view(at, f::kIds, {number(2)}).status() == Status::NOT_FOUND);
    Bytes32 huge;
    huge.data[0] = 1;
    CHECK(try_view(at, f::kIds, {Value::uint256(huge)}).status() == Status::NOT_FOUND);
}

TEST_CASE_FIXTURE(Templates, "publishing is refused to others, twice, and for the zero id (D5)") {
    organisation("bank");
    publish("admin", token("op"));
    check_refused(publish("bank", token("new")), kNoPermission);
    check_refused(publish("outsider", token("op")), kNoPermission);
    check_refused(publish("admin", token("op"), "other"), kTemplateExists);
    check_refused(publish("admin", Value::of(Bytes32{})), kTemplateExists);
    CHECK_FALSE(holds(at, f::kExists, {Value::of(Bytes32{})}));
    CHECK(count() == 1);
    CHECK(view(at, f::kGet, {token("op")})[0].text() == "mean");
}

TEST_CASE_FIXTURE(Templates, "updating replaces everything, publisher and block too") {
    publish("admin", token("op"));
    send("admin", block.contracts.role_controller, role_controller::kAddRole, {address("deputy"), number(kAdmin)});
    block.number = 9;
    const auto outcome = update("deputy", token("op"));
    REQUIRE(outcome.logs.size() == 1);
    check_event(
        outcome.logs[0], at, f::kTemplatePublished,
        {token("op"), text("median"), address("deputy"), word("new code"), text("Qm2"), number(9), number(kSuccess)});
    CHECK(view(at, f::kGet, {token("op")}) ==
          Values{text("median"), address("deputy"), word("new code"), text("Qm2"), number(9)});
    CHECK(view(at, f::kBlockUpdated, {token("op")})[0].number() == 9);
}

TEST_CASE_FIXTURE(Templates, "updating is refused to others and for unknown ids") {
    organisation("bank");
    publish("admin", token("op"));
    check_refused(update("bank", token("op")), kNoPermission);
    check_refused(update("outsider", token("none")), kNoPermission);
    check_refused(update("admin", token("none")), kTemplateUnknown);
    check_refused(update("admin", Value::of(Bytes32{})), kTemplateUnknown);
    CHECK(view(at, f::kGet, {token("op")})[2] == word("code"));
}

TEST_CASE_FIXTURE(Templates, "unknown templates revert when read and do not exist") {
    CHECK_FALSE(holds(at, f::kExists, {token("none")}));
    CHECK(try_view(at, f::kGet, {token("none")}).status() == Status::NOT_FOUND);
    CHECK(try_view(at, f::kBlockUpdated, {token("none")}).status() == Status::NOT_FOUND);
    CHECK(count() == 0);
}
