/// Which attempt at a job comes next.
#include "client/attempts.hpp"

#include "support/doubles.hpp"

using namespace c2d;
using client::next_attempt;
using client::PartSeen;
using support::named_id;

namespace {

JobPart part(const char* dt, const char* state, std::uint32_t attempt = 1, bool again = false) {
    JobPart out;
    out.dt = named_id(dt);
    out.state = state;
    out.attempt = attempt;
    out.attempts_max = 3;
    out.again = again;
    return out;
}
PartSeen seen(const char* dt, const char* state, std::uint32_t attempt = 1, bool again = false) {
    return {named_id(dt), part(dt, state, attempt, again)};
}
PartSeen absent(const char* dt) { return {named_id(dt), std::nullopt}; }

void check_next(const std::vector<PartSeen>& parts, bool joint, std::uint32_t number,
                const std::vector<const char*>& asked) {
    const auto next = next_attempt(7, parts, joint);
    REQUIRE(next.ok());
    CHECK(next->number == number);
    std::vector<TokenId> expected;
    for (const char* dt : asked) expected.push_back(named_id(dt));
    CHECK(next->parts == expected);
}

void check_none(const std::vector<PartSeen>& parts, bool joint, std::string_view why) {
    const auto next = next_attempt(7, parts, joint);
    REQUIRE_FALSE(next.ok());
    CHECK(next.error().name == "state_conflict");
    CHECK(next.error().message.find(why) != std::string::npos);
}

}  // namespace

TEST_CASE("a job that was never started begins with the first attempt") {
    check_next({absent("a"), absent("b")}, true, 1, {"a", "b"});
}

TEST_CASE("what is missing of an attempt under way is asked for") {
    check_next({seen("a", "connecting", 2), absent("b"), seen("c", "failed", 1, true)}, true, 2, {"b", "c"});
    check_next({seen("a", "waiting"), absent("b")}, true, 1, {"a", "b"});
    check_none({seen("a", "running"), seen("b", "queued")}, true, "under way");
}

TEST_CASE("after all have ended comes the attempt after the last, for whoever it reached") {
    check_next({seen("a", "failed", 1, true), seen("b", "failed", 1, true)}, true, 2, {"a", "b"});
    check_next({seen("a", "failed", 2, true), seen("b", "failed", 1, true), absent("c")}, true, 3, {"a", "b", "c"});
}

TEST_CASE("where one part has ended for good no other attempt follows") {
    check_none({seen("a", "failed", 1, true), seen("b", "failed", 1)}, true, "register another job");
    check_none({seen("a", "failed", 1, true), seen("b", "cancelled", 1)}, false, "register another job");
    check_none({seen("a", "failed", 1, true), seen("b", "succeeded", 1)}, true, "register another job");
    check_none({seen("a", "succeeded", 1), seen("b", "succeeded", 1)}, false, "every part has succeeded");
}

TEST_CASE("parts that are computed by themselves stay as they are once they have succeeded") {
    check_next({seen("a", "failed", 1, true), seen("b", "succeeded", 1)}, false, 2, {"a"});
}

TEST_CASE("a job is tried again by itself when all that has not succeeded may be") {
    for (const bool joint : {false, true}) {
        CHECK(client::may_try_again({part("a", "failed", 1, true), part("b", "failed", 1, true)}, joint));
        CHECK_FALSE(client::may_try_again({part("a", "failed", 1, true), part("b", "failed")}, joint));
        CHECK_FALSE(client::may_try_again({part("a", "failed", 1, true), part("b", "running")}, joint));
        CHECK_FALSE(client::may_try_again({part("a", "succeeded"), part("b", "succeeded")}, joint));
        // The others would compute anew, which have their results.
        CHECK(client::may_try_again({part("a", "failed", 1, true), part("b", "succeeded")}, joint) == !joint);
    }
}
