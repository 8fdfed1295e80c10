// Results that are encrypted to the one whom the arguments name: on the disk, on the way, and in the receipt.

#include "e2e/refusal.hpp"
#include "e2e/wait.hpp"

#include <c2d/age.hpp>
#include <c2d/job_receipt.hpp>

#include <fmt/format.h>

namespace c2d::test {

namespace {

namespace fs = std::filesystem;

constexpr const char* kWrites = "open('outputs/out.txt', 'w').write('the canary of the result')\n";

Terms to(std::string_view recipient) {
    Terms terms;
    terms.operation = kWrites;
    terms.params = R"({"rows":{},"strict":{},"inputs":{},"outputs":{},"results_to":{}})";
    terms.constraint = R"({"rows":{},"strict":{},"inputs":{"0":{},"limit":{}},"outputs":{},"results_to":{}})";
    terms.arguments = fmt::format(R"({{"rows":10,"strict":true,"inputs":{{"0":"a.csv","limit":5}},
                                       "outputs":{{"0":"./outputs/out.txt"}},"results_to":"{}"}})",
                                  recipient);
    return terms;
}

bool ended(std::string_view state) { return state == "succeeded" || state == "failed" || state == "cancelled"; }

Deal run(World& world, std::string_view recipient) {
    const Deal deal = world.deal(to(recipient));
    REQUIRE(world.ask(Method::onPremiseCompute, deal).status == 200);
    world.wait_for_state(deal, ended);
    REQUIRE(world.state(deal) == "succeeded");
    return deal;
}

}  // namespace

TEST_CASE("results go to the key that the arguments name, and to nobody else") {
    World world;
    const auto identity = must(AgeIdentity::generate(*Random::system()));
    const Deal deal = run(world, identity.recipient());
    const auto output = world.folder / "exec" / fmt::format("job_{}", deal.job) / "outputs/out.txt";
    const auto stored = support::read_text(output);
    CHECK(stored.find("canary") == std::string::npos);
    CHECK(as_text(must(age_decrypt(as_bytes(stored), identity))) == "the canary of the result");
    CHECK_FALSE(fs::exists(output.parent_path().parent_path() / "outputs.encrypting"));
    // What the receipt names is what is handed out.
    const auto receipt = must(read_receipt(support::read_text(output.parent_path().parent_path() / "receipt.json")));
    REQUIRE(receipt.outputs.size() == 1);
    CHECK(receipt.outputs[0].bytes == stored.size());
}

TEST_CASE("an empty recipient is none, and what is no recipient is refused before a job begins") {
    World world;
    const Deal plain = run(world, "");
    CHECK(support::read_text(world.folder / "exec" / fmt::format("job_{}", plain.job) / "outputs/out.txt") ==
          "the canary of the result");
    const Deal wrong = world.deal(to("age1qqqq"));
    for (const auto method : {Method::verify, Method::onPremiseCompute})
        check_refused(world, world.ask(method, wrong), 403, "argument_refused", "results_to");
}

}  // namespace c2d::test
