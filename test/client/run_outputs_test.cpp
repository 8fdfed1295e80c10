/// What a client expects of a job's runs, before it asks anybody.
#include "job/run_outputs.hpp"

#include "client/bank.hpp"

using namespace c2d;
using support::Joint;
using support::must;
using support::named_id;
using support::refusal;
using Names = std::vector<std::string>;

TEST_CASE("parties of a joint computation release what the arguments name for them") {
    Joint world;
    const auto outputs = R"({"0":["./outputs/log.txt","./outputs/model"],"2":"./outputs/third"})";
    auto pieces = Joint::pieces();
    for (unsigned party = 0; party < 3; ++party) pieces[party].arguments = Joint::arguments(party, "0.1", outputs);
    auto sibling = pieces[0];
    sibling.id = "more rows a";
    sibling.attributes = "{}";
    pieces.push_back(sibling);
    world.build(pieces);
    const auto runs = must(job::outputs_of_runs(*world.registry, named_id("algo")));
    REQUIRE(runs.size() == 3);  // the sibling's data are in the run of party 0
    CHECK(runs[0].names == Names{"log.txt", "model"});
    CHECK(runs[0].owner == world.signer("bank a").address());
    CHECK(runs[1].names.empty());
    CHECK(runs[2].names == Names{"third"});
    CHECK(runs[2].dt == named_id("compute"));
}

TEST_CASE("leaves that run alone have runs of their own") {
    Joint world;
    world.build({Joint::alone("first"),
                 Joint::alone("second", "bank b", R"({"lr":1,"outputs":{"a":"./outputs/a","b":"./outputs/b"}})")});
    const auto runs = must(job::outputs_of_runs(*world.registry, named_id("algo")));
    REQUIRE(runs.size() == 2);
    CHECK(runs[0].names == Names{"x"});
    CHECK(runs[1].names == Names{"a", "b"});
    CHECK(runs[1].party == 1);
}

TEST_CASE("a token that many paths lead to has one run, and is asked for once") {
    support::Banks world;
    const std::string done = R"({"lr":1,"outputs":"./outputs/x"})";
    const auto below = world.mint_diamond("solver", 4, "first", done);
    for (int level = 1; level <= 4; ++level)
        for (const char* side : {"left ", "right "}) world.activate("solver", side + std::to_string(level));
    must(world.publish("solver", "nested", Joint::composition("Algorithm", {{"left 4", below}, {"right 4", below}})));
    world.activate("solver", "nested");
    world.start("nested");
    CHECK(must(world.registry->plan(named_id("nested"))).size() == 16);
    CHECK(must(job::outputs_of_runs(*world.registry, named_id("nested"))).size() == 1);
    const auto bank = std::make_shared<support::Bank>(world);
    CHECK(must(world.client(bank).status(world.job)).size() == 1);
    CHECK(bank->requests == 1);
}

TEST_CASE("names that are none, and documents that are no Algorithm, are refused") {
    for (const std::string outputs : {R"("../x")", R"("./outputs/../x")", R"("./outputs/a/b")", R"("/etc/x")", R"(7)",
                                      R"(["./outputs/x","./outputs/x"])", R"("./outputs/.x")"}) {
        INFO(outputs);
        Joint world;
        world.build({Joint::alone("first", "bank a", R"({"lr":1,"outputs":)" + outputs + "}")});
        CHECK(refusal(job::outputs_of_runs(*world.registry, named_id("algo"))) == "argument_refused");
    }
    Joint world;
    world.build();
    CHECK(refusal(job::outputs_of_runs(*world.registry, named_id("rows a"))) == "not_algorithm");
}
