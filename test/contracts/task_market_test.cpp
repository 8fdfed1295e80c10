#include "contracts/records.hpp"
#include "contracts/rig.hpp"

using namespace c2d;
using namespace c2d::contracts;
namespace f = contracts::task_market;

namespace {

/// A demander with the enterprise's right, and a solver with an active composition.
struct Market : Rig {
    const Address at = block.contracts.task_market;

    Market() {
        enterprise("demander");
        organisation("bank");
        organisation("solver");
        const Address factory = block.contracts.dt_factory;
        for (const auto& [owner, id, leaf] : {std::tuple("bank", "leaf", true), std::tuple("solver", "cdt", false),
                                              std::tuple("solver", "inactive", false)})
            send(owner, factory, dt_factory::kMint,
                 {token(id), address(owner), Value::of(leaf), word("document"), text("Qm1")});
        send("bank", factory, dt_factory::kGrant, {token("leaf"), token("cdt")});
        REQUIRE(send("solver", factory, dt_factory::kStartCompose, {token("cdt"), tokens({"leaf"})}).code == kSuccess);
    }
    Outcome create(std::string_view from) { return send(from, at, f::kCreateTask, {text("score"), text("how")}); }
    Outcome add(std::string_view from, std::string_view cdt, std::uint64_t task) {
        return send(from, at, f::kAddJob, {token(cdt), number(task)});
    }
    std::uint64_t tasks() { return view(at, f::kGetTaskNum, {})[0].number(); }
    std::uint64_t jobs() { return view(at, f::kGetJobNum, {})[0].number(); }
};

const Values kNoTask = {Value::of(Address{}), text(""), text(""), number(0), Value::list({})};
const Values kNoJob = {number(0), Value::of(Address{}), Value::of(Bytes32{}), number(0)};

}  // namespace

TEST_CASE_FIXTURE(Market, "tasks are numbered from 1 and open") {
    const auto outcome = create("demander");
    REQUIRE(outcome.logs.size() == 1);
    check_event(outcome.logs[0], at, f::kTaskAdded,
                {number(1), address("demander"), text("score"), text("how"), number(kSuccess)});
    CHECK(view(at, f::kGetTask, {number(1)}) ==
          Values{address("demander"), text("score"), text("how"), number(1), Value::list({})});
    create("solver");
    CHECK(tasks() == 2);
    CHECK(view(at, f::kTaskNum, {})[0].number() == 2);
    CHECK(view(at, f::kGetTask, {number(2)})[0] == address("solver"));
}

TEST_CASE_FIXTURE(Market, "a refused task names the number it would have had") {
    create("demander");
    const auto outcome = create("outsider");
    check_refused(outcome, kNoPermission);
    check_event(outcome.logs[0], at, f::kTaskAdded,
                {number(2), address("outsider"), text("score"), text("how"), number(kNoPermission)});
    check_refused(create("admin"), kNoPermission);
    CHECK(tasks() == 1);
    CHECK(view(at, f::kGetTask, {number(2)}) == kNoTask);
}

TEST_CASE_FIXTURE(Market, "a job is numbered, stored and appended to its task") {
    create("demander");
    create("demander");
    const auto outcome = add("solver", "cdt", 2);
    REQUIRE(outcome.logs.size() == 1);
    check_event(outcome.logs[0], at, f::kJobAdded,
                {number(2), number(1), address("solver"), token("cdt"), number(kSuccess)});
    CHECK(view(at, f::kGetJob, {number(1)}) == Values{number(2), address("solver"), token("cdt"), number(1)});
    add("solver", "cdt", 1);
    add("solver", "cdt", 2);
    CHECK(jobs() == 3);
    CHECK(view(at, f::kJobNum, {})[0].number() == 3);
    CHECK(view(at, f::kGetTask, {number(2)}) ==
          Values{address("demander"), text("score"), text("how"), number(1), Value::list({number(1), number(3)})});
    CHECK(view(at, f::kGetTask, {number(1)})[4].list() == Values{number(2)});
}

TEST_CASE_FIXTURE(Market, "every refusal of a job has its own code, asked in this order (D12)") {
    create("demander");
    check_refused(add("outsider", "none", 9), kNoPermission);
    check_refused(add("admin", "cdt", 1), kNoPermission);
    check_refused(add("demander", "none", 9), kTaskUnavailable);
    check_refused(add("solver", "cdt", 0), kTaskUnavailable);
    check_refused(add("demander", "none", 1), kJobTokenInactive);
    check_refused(add("solver", "inactive", 1), kJobTokenInactive);
    check_refused(add("bank", "leaf", 1), kJobTokenInactive);
    check_refused(add("demander", "cdt", 1), kJobTokenForeign);
    CHECK(jobs() == 0);
    CHECK(view(at, f::kGetTask, {number(1)})[4].list().empty());
}

TEST_CASE_FIXTURE(Market, "a refused job's event names the number it would have had") {
    create("demander");
    add("solver", "cdt", 1);
    const auto outcome = add("demander", "cdt", 1);
    check_event(outcome.logs.at(0), at, f::kJobAdded,
                {number(1), number(2), address("demander"), token("cdt"), number(kJobTokenForeign)});
}

TEST_CASE_FIXTURE(Market, "a closed task takes no job") {
    create("demander");
    state.put(key("task/", std::uint64_t(1)), RecordWriter()
                                                  .add(named_address("demander").view())
                                                  .add(std::string_view("score"))
                                                  .add(std::string_view("how"))
                                                  .add(std::uint64_t(2))
                                                  .add(std::uint64_t(0))
                                                  .encode());
    check_refused(add("solver", "cdt", 1), kTaskUnavailable);
}

TEST_CASE_FIXTURE(Market, "a task number past 64 bits is no task") {
    create("demander");
    Bytes32 huge;
    huge.data[0] = 1;
    huge.data[31] = 1;
    check_refused(send("solver", at, f::kAddJob, {token("cdt"), Value::uint256(huge)}), kTaskUnavailable);
    CHECK(view(at, f::kGetTask, {Value::uint256(huge)}) == kNoTask);
    CHECK(view(at, f::kGetJob, {Value::uint256(huge)}) == kNoJob);
}

TEST_CASE_FIXTURE(Market, "unknown tasks and jobs read as zeros and empty texts") {
    CHECK(view(at, f::kGetTask, {number(1)}) == kNoTask);
    CHECK(view(at, f::kGetJob, {number(1)}) == kNoJob);
    CHECK(tasks() == 0);
    CHECK(jobs() == 0);
}
