// Grants with limits, taking them back, counting jobs on them, closing tasks: what is ours.
#include "contracts/records.hpp"
#include "contracts/rig.hpp"

using namespace c2d;
using namespace c2d::contracts;
namespace f = contracts::dt_factory;

namespace {

/// leaf and other (bank) below inner (bank), inner and leaf below cdt (solver): a diamond. The grants
/// towards cdt are left to each test; nothing is active yet but inner.
struct Grants : Rig {
    const Address at = block.contracts.dt_factory;
    const Address market = block.contracts.task_market;
    const std::uint64_t now = block.time;

    Grants() {
        enterprise("demander");
        organisation("bank");
        organisation("solver");
        mint("bank", "leaf", true);
        mint("bank", "other", true);
        mint("bank", "inner", false);
        mint("solver", "cdt", false);
        REQUIRE(grant("leaf", "inner").code == kSuccess);
        REQUIRE(grant("other", "inner").code == kSuccess);
        REQUIRE(compose("bank", "inner", {"leaf", "other"}).code == kSuccess);
        send("demander", market, task_market::kCreateTask, {text("score"), text("how")});
    }
    void mint(std::string_view owner, std::string_view id, bool leaf) {
        REQUIRE(send(owner, at, f::kMint, {token(id), address(owner), Value::of(leaf), word("document"), text("Qm1")})
                    .code == kSuccess);
    }
    Outcome grant(std::string_view dt, std::string_view cdt) {
        return send("bank", at, f::kGrant, {token(dt), token(cdt)});
    }
    Outcome limited(std::string_view dt, std::string_view cdt, std::uint64_t expiry, std::uint64_t uses,
                    std::string_view from = "bank") {
        return send(from, at, f::kGrantLimited, {token(dt), token(cdt), number(expiry), number(uses)});
    }
    Outcome decided(std::string_view dt, std::string_view cdt, std::uint64_t expiry, std::uint64_t uses,
                    std::uint64_t mode) {
        return send("bank", at, f::kGrantDecided, {token(dt), token(cdt), number(expiry), number(uses), number(mode)});
    }
    Outcome revoke(std::string_view dt, std::string_view cdt, std::string_view from = "bank") {
        return send(from, at, f::kRevoke, {token(dt), token(cdt)});
    }
    Outcome compose(std::string_view owner, std::string_view cdt, std::initializer_list<const char*> children) {
        return send(owner, at, f::kStartCompose, {token(cdt), tokens(children)});
    }
    Outcome job() { return send("solver", market, task_market::kAddJob, {token("cdt"), number(1)}); }
    bool stands(std::string_view dt, std::string_view cdt) {
        return view(at, f::kGetPermission, {token(dt), token(cdt)})[0].boolean();
    }
    Values state_of(std::string_view dt, std::string_view cdt) {
        return view(at, f::kGetGrant, {token(dt), token(cdt)});
    }
    /// cdt over inner and leaf, where the leaf's grant has these limits.
    void active(std::uint64_t expiry, std::uint64_t uses, std::uint64_t mode = 0) {
        REQUIRE(grant("inner", "cdt").code == kSuccess);
        REQUIRE(decided("leaf", "cdt", expiry, uses, mode).code == kSuccess);
        REQUIRE(compose("solver", "cdt", {"inner", "leaf"}).code == kSuccess);
    }
};

}  // namespace

TEST_CASE_FIXTURE(Grants, "a limited grant leaves the event of a grant, and its limits stand") {
    const auto outcome = limited("leaf", "cdt", now + 60, 3);
    REQUIRE(outcome.logs.size() == 1);
    check_event(outcome.logs[0], at, f::kDataTokenGranted,
                {token("leaf"), address("bank"), token("cdt"), number(kSuccess)});
    CHECK(state_of("leaf", "cdt") == Values{Value::of(true), number(now + 60), number(3), number(0)});
    CHECK(state_of("leaf", "inner") == Values{Value::of(true), number(0), number(0), number(0)});
    CHECK(state_of("leaf", "none") == Values{Value::of(false), number(0), number(0), number(0)});
}

TEST_CASE_FIXTURE(Grants, "a limited grant is refused as a plain one is") {
    check_refused(limited("leaf", "cdt", 0, 1, "outsider"), kNoPermission);
    check_refused(limited("leaf", "cdt", 0, 1, "solver"), kNoPermission);
    check_refused(limited("none", "cdt", 0, 1), kTokenUnknown);
    check_refused(limited("leaf", "other", 0, 1), kCompositeUnavailable);
    check_refused(limited("leaf", "inner", 0, 1), kGrantedAlready);
    check_refused(limited("leaf", "cdt", now - 1, 0), kGrantExpired);
    CHECK(limited("leaf", "cdt", now, 0).code == kSuccess);
}

TEST_CASE_FIXTURE(Grants, "a bound that does not fit 64 bits is none") {
    Bytes32 large;
    large.data.fill(0xff);
    const auto outcome =
        send("bank", at, f::kGrantLimited, {token("leaf"), token("cdt"), Value::uint256(large), number(0)});
    CHECK(outcome.code == kSuccess);
    CHECK(stands("leaf", "cdt"));
}

TEST_CASE_FIXTURE(Grants, "a grant holds to its last second, and can then be given anew") {
    active(now + 60, 0);
    block.time = now + 60;
    CHECK(stands("leaf", "cdt"));
    CHECK(job().code == kSuccess);
    check_refused(grant("leaf", "cdt"), kGrantedAlready);
    block.time = now + 61;
    CHECK_FALSE(stands("leaf", "cdt"));
    CHECK_FALSE(view(at, f::kLinksCheck, {token("cdt"), tokens({"inner", "leaf"})})[0].boolean());
    check_refused(job(), kGrantExpired);
    CHECK(grant("leaf", "cdt").code == kSuccess);
    CHECK(job().code == kSuccess);
}

TEST_CASE_FIXTURE(Grants, "the ledger counts jobs, and a refused job counts nowhere") {
    active(0, 2);
    CHECK(job().code == kSuccess);
    CHECK(job().code == kSuccess);
    CHECK(state_of("leaf", "cdt")[3].number() == 2);
    check_refused(job(), kGrantSpent);
    CHECK(stands("leaf", "cdt"));  // for the two jobs that were taken
    // A new one starts at zero; one that is spent elsewhere stops the job before any is counted.
    CHECK(limited("leaf", "cdt", 0, 5).code == kSuccess);
    REQUIRE(revoke("other", "inner").code == kSuccess);
    check_refused(job(), kNotGranted);
    CHECK(state_of("leaf", "cdt")[3].number() == 0);
}

TEST_CASE_FIXTURE(Grants, "grants below an inner composition are counted too, each once") {
    REQUIRE(revoke("leaf", "inner").code == kSuccess);
    REQUIRE(decided("leaf", "inner", 0, 1, f::kOwnersWord).code == kSuccess);
    active(0, 0, f::kOwnersWord);
    CHECK(job().code == kSuccess);
    CHECK(state_of("leaf", "inner")[3].number() == 1);
    check_refused(job(), kGrantSpent);
}

TEST_CASE_FIXTURE(Grants, "a grant is taken back by its owner, and can be given again") {
    active(0, 0);
    check_refused(revoke("leaf", "cdt", "outsider"), kNoPermission);
    check_refused(revoke("leaf", "cdt", "solver"), kNoPermission);
    check_refused(revoke("none", "cdt"), kTokenUnknown);
    check_refused(revoke("other", "cdt"), kNotGranted);
    const auto outcome = revoke("leaf", "cdt");
    REQUIRE(outcome.logs.size() == 1);
    check_event(outcome.logs[0], at, f::kDataTokenRevoked,
                {token("leaf"), address("bank"), token("cdt"), number(kSuccess)});
    CHECK_FALSE(stands("leaf", "cdt"));
    check_refused(revoke("leaf", "cdt"), kNotGranted);
    check_refused(job(), kNotGranted);
    check_refused(grant("leaf", "cdt"), kGrantNeedsOwner);
    CHECK(decided("leaf", "cdt", 0, 0, f::kOwnersWord).code == kSuccess);
    CHECK(job().code == kSuccess);
    // Under edition 1 anybody's program gave it again.
    block.edition = 1;
    REQUIRE(revoke("leaf", "cdt").code == kSuccess);
    CHECK(grant("leaf", "cdt").code == kSuccess);
}

TEST_CASE_FIXTURE(Grants, "a composition is not activated on a grant that was taken back") {
    REQUIRE(grant("leaf", "cdt").code == kSuccess);
    REQUIRE(revoke("leaf", "cdt").code == kSuccess);
    check_refused(compose("solver", "cdt", {"leaf"}), kNoPermission);
}

TEST_CASE_FIXTURE(Grants, "a task is closed by its demander, once, and takes no further job") {
    active(0, 0);
    namespace t = task_market;
    const auto close = [&](std::string_view from, std::uint64_t id) {
        return send(from, market, t::kCloseTask, {number(id)});
    };
    REQUIRE(job().code == kSuccess);
    check_refused(close("outsider", 1), kNoPermission);
    check_refused(close("solver", 1), kTaskForeign);
    check_refused(close("demander", 2), kTaskUnavailable);
    const auto outcome = close("demander", 1);
    REQUIRE(outcome.logs.size() == 1);
    check_event(outcome.logs[0], market, t::kTaskClosed, {number(1), address("demander"), number(kSuccess)});
    check_refused(close("demander", 1), kTaskUnavailable);
    check_refused(job(), kTaskUnavailable);
    const auto task = view(market, t::kGetTask, {number(1)});
    CHECK(task[3].number() == 2);
    CHECK(task[4].list().size() == 1);
}
