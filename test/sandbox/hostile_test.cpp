// Each hostile operator succeeds outside, or it would prove nothing, and is contained inside.
#include "sandbox/victim.hpp"

#include <cstdlib>
#include <fmt/format.h>

using namespace c2d;
using namespace c2d::test;

TEST_CASE("hostile operators do their harm outside and none inside") {
#ifndef __x86_64__
    MESSAGE("skipped: the operators name system calls by their x86-64 numbers");
    return;
#endif
    Victim victim;
    (void)sandbox();
    const auto attacks = hostile_operators();
    const auto logs = run_parallel(
        attacks.size(), [&](std::size_t at) { return log_of(sandbox().run(inside_job(attacks[at], victim))); });
    std::size_t proven = 0, unproven = 0;
    for (std::size_t i = 0; i < attacks.size(); ++i) {
        const auto& attack = attacks[i];
        const std::string outside = run_outside(attack, victim);
        const bool expected = attack.outside == HostileOperator::Outside::anybody ||
                              (attack.outside == HostileOperator::Outside::root && running_as_root());
        if (expected) CHECK_MESSAGE(escaped(outside), std::string(attack.name) << ": outside: " << outside);
        (escaped(outside) ? proven : unproven)++;
        const std::string& inside = logs[i];
        CHECK_MESSAGE(inside.find("not started") == std::string::npos, inside);
        CHECK_MESSAGE(!escaped(inside), std::string(attack.name) << ": inside: " << inside);
        if (std::getenv("C2D_TEST_VERBOSE"))
            fmt::print("{}\n    outside: {}\n    inside: {}\n", attack.name, outside, inside);
        victim.restore();
    }
    CHECK(read_text(victim / "inside") == "secret");
    CHECK(read_text(victim / "secret") == "secret");
    MESSAGE(proven << " attacks succeed outside, " << unproven
                   << " cannot be tried there by this user on this machine; none succeeds inside");
    CHECK(proven >= 40);
}
