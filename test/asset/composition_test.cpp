/// Compositions: every level may only narrow, an Algorithm leaves nothing free.
#include "asset/composition.hpp"
#include "support/world.hpp"

using namespace c2d;
using support::must;
using support::named_id;
using support::refusal;
using support::World;

namespace {

struct Kitchen : World {
    Kitchen() {
        for (const char* name : {"bank a", "bank b", "solver"}) organisation(name);
        publish_operator("op", R"({"lr":{},"mode":{}})");
        must(publish("bank a", "a", leaf("op", R"({"lr":{"$schema":{"type":"number","maximum":1}},"mode":{}})")));
        must(publish("bank b", "b", leaf("op", R"({"lr":{},"mode":"fast"})")));
    }
    std::string compose(std::string_view id, const std::vector<std::pair<std::string, std::string>>& children,
                        std::string_view type = "Algorithm") {
        return refusal(publish("solver", id, composition(type, children)));
    }
    /// The same with the composition's one service replaced.
    std::string compose_services(std::string_view id, const std::vector<std::pair<std::string, std::string>>& children,
                                 const std::vector<std::string>& services, std::string_view type = "Dataset") {
        auto attributes = support::json_of(composition(type, children));
        json::Value list = json::Value::array();
        for (const auto& service : services) list.push_back(support::json_of(service));
        attributes.set("services", list);
        return refusal(publish("solver", id, json::compact(attributes)));
    }
    static std::string step(std::string_view child, std::string_view constraint, std::string_view service = "s") {
        return fmt::format(R"("{}":{{"service":"{}","constraint":{}}})", text(child), service, constraint);
    }
    static std::string service(std::string_view index, const std::vector<std::string>& steps) {
        return fmt::format(R"({{"index":"{}","descriptor":{{"workflow":{{{}}}}}}})", index, fmt::join(steps, ","));
    }
    static std::string keyed(const std::vector<std::pair<std::string, std::string>>& entries) {
        std::string out;
        for (const auto& [child, constraint] : entries)
            out += fmt::format(R"({}"{}":{})", out.empty() ? "" : ",", text(child), constraint);
        return "{" + out + "}";
    }
};

LeafRun run_of(const std::vector<LeafRun>& runs, std::string_view dt) {
    for (const auto& run : runs)
        if (run.dt == named_id(dt)) return run;
    FAIL("no such run: " << dt);
    return {};
}

constexpr const char* kDone = R"({"lr":0.5,"mode":"fast"})";
constexpr const char* kOpen = R"({"lr":{},"mode":"fast"})";

}  // namespace

TEST_CASE_FIXTURE(Kitchen, "an Algorithm with finished arguments is accepted and says what would run") {
    CHECK(compose("algo", {{"a", kDone}, {"b", R"({"lr":1.0,"mode":"fast"})"}}) == "accepted");
    const auto runs = must(registry->plan(named_id("algo")));
    REQUIRE(runs.size() == 2);
    CHECK(run_of(runs, "a").args_json == kDone);
    CHECK(run_of(runs, "a").endpoint == "127.0.0.1:80");
    CHECK(run_of(runs, "b").args_json == R"({"lr":1,"mode":"fast"})");
}

TEST_CASE_FIXTURE(Kitchen, "each way of leaving a child's terms has its reason") {
    CHECK(compose("x1", {{"a", R"({"lr":2,"mode":"fast"})"}}) == "argument_refused");
    CHECK(compose("x2", {{"a", R"({"lr":"0.5","mode":"fast"})"}}) == "argument_refused");
    CHECK(compose("x3", {{"b", R"({"lr":0.5,"mode":"slow"})"}}) == "argument_refused");
    CHECK(compose("x4", {{"a", R"({"lr":0.5})"}}) == "argument_missing");
    CHECK(compose("x5", {{"a", R"({"lr":0.5,"mode":1,"x":1})"}}) == "argument_unexpected");
    CHECK(compose("x6", {{"b", R"({"lr":{"$schema":{"format":"x"}},"mode":"fast"})"}}) == "schema_unsupported");
    CHECK(compose("x7", {{"a", kDone}, {"b", R"({"lr":1,"mode":"slow"})"}}) == "argument_refused");
    CHECK_FALSE(chain->token(named_id("x1")).ok());
}

TEST_CASE_FIXTURE(Kitchen, "an Algorithm leaves nothing free; other compositions may") {
    CHECK(compose("free", {{"b", kOpen}}) == "argument_free");
    CHECK(compose("schema", {{"b", R"({"lr":{"$schema":{"type":"number"}},"mode":"fast"})"}}) == "argument_free");
    CHECK(compose("list", {{"b", R"({"lr":[1,{}],"mode":"fast"})"}}) == "argument_free");
    CHECK(compose("data", {{"b", kOpen}}, "Dataset") == "accepted");
    CHECK(compose("widens", {{"b", R"({"lr":{},"mode":{}})"}}, "Dataset") == "argument_refused");
    CHECK(registry->plan(named_id("data")).error().name == "not_algorithm");
}

TEST_CASE_FIXTURE(Kitchen, "workflow and children name the same tokens") {
    CHECK(compose_services("x1", {{"a", kDone}}, {service("s", {step("b", kDone)})}) == "workflow_mismatch");
    CHECK(compose_services("x2", {{"a", kDone}}, {service("s", {step("a", kDone), step("b", kDone)})}) ==
          "workflow_mismatch");
    CHECK(compose_services("x3", {{"a", kDone}, {"b", kDone}}, {service("s", {step("a", kDone)})}) ==
          "workflow_mismatch");
    CHECK(compose_services("x4", {{"a", kDone}}, {service("s", {})}) == "workflow_mismatch");
}

TEST_CASE_FIXTURE(Kitchen, "the chosen service must be one of the child's") {
    CHECK(compose_services("x1", {{"a", kDone}}, {service("s", {step("a", kDone, "t")})}) == "service_unknown");
    CHECK(compose_services("x2", {{"a", kDone}}, {service("s", {step("a", kDone, "")})}) == "service_unknown");
}

TEST_CASE_FIXTURE(Kitchen, "every service of a composition is checked, not the first alone") {
    const auto good = service("first", {step("b", kDone)});
    CHECK(compose_services("x1", {{"b", kDone}}, {good, service("second", {step("b", R"({"lr":1,"mode":"slow"})")})}) ==
          "argument_refused");
    CHECK(compose_services("x2", {{"b", kDone}}, {good, service("second", {step("b", kOpen)})}) == "accepted");
}

TEST_CASE_FIXTURE(Kitchen, "a composition of a composition is keyed by grandchild and narrows again") {
    REQUIRE(compose("inner", {{"a", R"({"lr":{"$schema":{"type":"number","maximum":1}},"mode":"fast"})"}, {"b", kOpen}},
                    "Dataset") == "accepted");
    activate("solver", "inner");
    CHECK(compose("algo", {{"inner", keyed({{"a", kDone}, {"b", kDone}})}}) == "accepted");
    const auto runs = must(registry->plan(named_id("algo")));
    REQUIRE(runs.size() == 2);
    CHECK(run_of(runs, "a").args_json == kDone);
    CHECK(run_of(runs, "b").args_json == kDone);
    CHECK(compose("x1", {{"inner", keyed({{"a", kDone}})}}) == "argument_missing");
    CHECK(compose("x2", {{"inner", keyed({{"a", kDone}, {"b", kDone}, {"c", kDone}})}}) == "argument_unexpected");
    CHECK(compose("x3", {{"inner", keyed({{"a", kDone}, {"b", R"({"lr":1,"mode":"slow"})"}})}}) == "argument_refused");
    CHECK(compose("x4", {{"inner", keyed({{"a", R"({"lr":7,"mode":"fast"})"}, {"b", kDone}})}}) == "argument_refused");
    CHECK(compose("x5", {{"inner", keyed({{"a", kDone}, {"b", kOpen}})}}) == "argument_free");
    CHECK(compose("x6", {{"inner", "{}"}}) == "argument_missing");
    CHECK(compose("x7", {{"inner", kDone}}) == "argument_missing");
}

TEST_CASE_FIXTURE(Kitchen, "what a middle level fixed cannot be opened or changed above it") {
    REQUIRE(compose("inner", {{"b", kDone}}, "Dataset") == "accepted");
    CHECK(compose("x1", {{"inner", keyed({{"b", R"({"lr":0.6,"mode":"fast"})"}})}}) == "argument_refused");
    CHECK(compose("x2", {{"inner", keyed({{"b", kOpen}})}}, "Dataset") == "argument_refused");
    CHECK(compose("x3", {{"inner", keyed({{"b", kDone}})}}) == "accepted");
}

TEST_CASE_FIXTURE(Kitchen,
                  "a middle level that asks for more than the leaf allows is refused, whatever is "
                  "asked above it") {
    mint_unchecked("solver", "greedy", composition("Dataset", {{"b", R"({"lr":{},"mode":{}})"}}), false);
    CHECK(compose("x1", {{"greedy", keyed({{"b", kDone}})}}) == "argument_refused");
}

TEST_CASE_FIXTURE(Kitchen, "a diamond is two leaves of one token, each with its own arguments") {
    REQUIRE(compose("left", {{"b", kOpen}}, "Dataset") == "accepted");
    REQUIRE(compose("right", {{"b", kOpen}}, "Dataset") == "accepted");
    REQUIRE(compose("algo", {{"left", keyed({{"b", R"({"lr":1,"mode":"fast"})"}})},
                             {"right", keyed({{"b", R"({"lr":2,"mode":"fast"})"}})}}) == "accepted");
    const auto runs = must(registry->plan(named_id("algo")));
    REQUIRE(runs.size() == 2);
    CHECK(runs[0].dt == runs[1].dt);
    CHECK(runs[0].args_json != runs[1].args_json);
}

TEST_CASE_FIXTURE(Kitchen, "compositions are followed 16 levels deep and no deeper") {
    std::string below = "b";
    std::string arguments = kDone;
    for (int level = 1; level <= 16; ++level) {
        const auto name = "level " + std::to_string(level);
        CAPTURE(std::string(name));
        REQUIRE(compose(name, {{below, arguments}}, "Dataset") == "accepted");
        arguments = keyed({{below, arguments}});
        below = name;
    }
    CHECK(compose("level 17", {{below, arguments}}, "Dataset") == "terms_too_deep");
}

TEST_CASE_FIXTURE(Kitchen, "documents that contain each other end at the depth bound") {
    mint_unchecked("solver", "snake", composition("Dataset", {{"tail", "{}"}}), false);
    mint_unchecked("solver", "tail", composition("Dataset", {{"snake", "{}"}}), false);
    std::string arguments = "{}";
    for (int i = 0; i < 20; ++i) arguments = keyed({{i % 2 ? "snake" : "tail", arguments}});
    const auto reason = compose("algo", {{"snake", arguments}});
    CHECK((reason == "terms_too_deep" || reason == "argument_missing" || reason == "argument_refused"));
    CHECK_FALSE(chain->token(named_id("algo")).ok());
}

TEST_CASE_FIXTURE(Kitchen, "a child whose document is lost, altered or unpinned stops the composition") {
    mint_unchecked("bank a", "unpinned", leaf("op", kOpen), true, [](json::Value& d) {
        d.find("services")->items()[0].find("descriptor")->erase("template_checksum");
    });
    CHECK(compose("x1", {{"unpinned", kDone}}) == "template_unpinned");
    mint_unchecked("bank a", "unknown op", leaf("op", kOpen), true, [](json::Value& d) {
        d.find("services")->items()[0].find("descriptor")->set("template", text("nowhere"));
    });
    CHECK(compose("x2", {{"unknown op", kDone}}) == "template_unknown");
    tamper(file_of("a"), "a leaf", "a beef");
    CHECK(compose("x3", {{"a", kDone}}) == "document_mismatch");
    std::filesystem::remove(file_of("b"));
    CHECK(compose("x4", {{"b", kDone}}) == "document_unavailable");
}

TEST_CASE_FIXTURE(Kitchen, "a leaf that was minted past the registry is held to its template all the same") {
    mint_unchecked("bank a", "loose", leaf("op", R"({"lr":{},"mode":{},"extra":{}})"), true);
    CHECK(compose("x1", {{"loose", R"({"lr":1,"mode":1,"extra":1})"}}) == "argument_unexpected");
}

TEST_CASE_FIXTURE(Kitchen, "a template changed after publishing breaks every composition over it") {
    REQUIRE(compose("algo", {{"b", kDone}}) == "accepted");
    must(registry->update_operator(signer("admin"), draft("op", R"({"lr":{},"mode":{}})", "null", "steal()")));
    CHECK(compose("late", {{"b", kDone}}) == "template_changed");
    CHECK(refusal(registry->plan(named_id("algo"))) == "template_changed");
    must(registry->update_operator(signer("admin"), draft("op", R"({"lr":{},"mode":{}})")));
    CHECK(refusal(registry->plan(named_id("algo"))) == "accepted");
}

TEST_CASE_FIXTURE(Kitchen, "activating names the children of the document to the ledger") {
    REQUIRE(compose("algo", {{"a", kDone}, {"b", kDone}}) == "accepted");
    const auto refused = registry->activate(signer("solver"), named_id("algo"));
    CHECK(refused.error().code == 10000);
    CHECK(refused.error().message.ends_with("2 of its 2 children lack a grant for " + token_text(named_id("algo")) +
                                            ": " + token_text(named_id("a")) + ", " + token_text(named_id("b")) +
                                            "; ask the owner of each for one first"));
    CHECK_FALSE(must(registry->resolve(named_id("algo"))).active);
    activate("solver", "algo");
    CHECK(must(chain->children(named_id("algo"))) == std::vector{named_id("a"), named_id("b")});
    CHECK(must(registry->resolve(named_id("algo"))).active);
}

TEST_CASE_FIXTURE(Kitchen, "a composition has at most 1024 leaves") {
    // 32 compositions of 32 leaves each are 1024; one leaf more is too many.
    std::vector<std::pair<std::string, std::string>> leaves, groups;
    for (int i = 0; i < 32; ++i) {
        const auto name = "leaf " + std::to_string(i);
        must(publish("bank b", name, leaf("op", kDone, fmt::format(R"({{"n":{}}})", i))));
        leaves.emplace_back(name, kDone);
    }
    for (int i = 0; i < 32; ++i) {
        const auto name = "group " + std::to_string(i);
        mint_unchecked("solver", name, composition("Dataset", leaves), false);
        groups.emplace_back(name, keyed(leaves));
    }
    CHECK(compose("whole", groups, "Dataset") == "accepted");
    groups.emplace_back("b", kDone);
    CHECK(compose("more", groups, "Dataset") == "terms_too_deep");
}

namespace {

struct Diamond : Kitchen {
    static constexpr unsigned kLevels = 9;
    // Both compositions of each level, the leaf and its operator.
    static constexpr std::size_t kDocuments = 2 * kLevels + 2;

    Diamond() { below = mint_diamond("solver", kLevels, "b", kDone); }
    std::vector<std::pair<std::string, std::string>> top() const { return {{"left 9", below}, {"right 9", below}}; }
    std::string below;
};

}  // namespace

TEST_CASE_FIXTURE(Kitchen, "an operator that two leaves run is read once") {
    documents->reads = 0;
    REQUIRE(compose("both", {{"a", kDone}, {"b", kDone}}) == "accepted");
    CHECK(documents->reads == 3);
}

TEST_CASE_FIXTURE(Diamond, "a document that 512 paths lead to is read once") {
    documents->reads = 0;
    REQUIRE(compose("algo", top()) == "accepted");
    CHECK(documents->reads == kDocuments);
    documents->reads = 0;
    CHECK(must(registry->plan(named_id("algo"))).size() == 512);
    CHECK(documents->reads == kDocuments + 1);  // its own
}

TEST_CASE_FIXTURE(Diamond, "paths are counted over all services of a composition") {
    // 1,534 steps each: 2, 4, … 512 compositions and 512 leaves.
    const auto one = [&](const char* index) { return service(index, {step("left 9", below), step("right 9", below)}); };
    CHECK(compose_services("two", top(), {one("first"), one("second")}) == "accepted");
    documents->reads = 0;
    CHECK(compose_services("three", top(), {one("first"), one("second"), one("third")}) == "terms_too_deep");
    CHECK(documents->reads <= kDocuments);
}

TEST_CASE_FIXTURE(Kitchen, "the documents of one check have at most 16 MiB together") {
    std::vector<std::pair<std::string, std::string>> children;
    const auto padded = [](int i) { return fmt::format(R"({{"n":{},"text":"{}"}})", i, std::string(1'000'000, 'x')); };
    for (int i = 0; i < 17; ++i) {
        const auto name = "leaf " + std::to_string(i);
        must(publish("bank b", name, leaf("op", kDone, padded(i))));
        children.emplace_back(name, kDone);
        // 16 times a million and a few hundred bytes of each are less than 16 MiB.
        if (i == 15) CHECK(compose("sixteen", children, "Dataset") == "accepted");
    }
    CHECK(compose("seventeen", children, "Dataset") == "terms_too_deep");
}
