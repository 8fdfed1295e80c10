/// What terms leave free is said to their owner.
#include "asset/free_arguments.hpp"
#include "asset/pattern.hpp"

#include "support/world.hpp"

using namespace c2d;
using support::json_of;
using support::must;
using support::named_id;
using support::World;

namespace {

struct Bank : World {
    Bank() {
        organisation("bank");
        publish_operator("op", R"({"a":{},"b":{},"c":{}})");
    }
    /// "argument allows" of each place that a leaf with this constraint leaves free.
    std::vector<std::string> free_of(const std::string& constraint) {
        const auto id = must(registry->publish(signer("bank"), leaf("op", constraint)));
        std::vector<std::string> out;
        for (const auto& free : must(registry->resolve(id)).free) {
            CHECK(free.service == "s");
            out.push_back(free.argument + " " + free.allows);
        }
        return out;
    }
    using Places = std::vector<std::string>;
};

}  // namespace

TEST_CASE_FIXTURE(Bank, "each free place is listed with what it allows") {
    CHECK(free_of(R"({"a":{},"b":{"x":{},"y":1},"c":{"$schema":{"type":"string"}}})") ==
          Places{"a {}", "b/x {}", R"(c {"$schema":{"type":"string"}})"});
    CHECK(free_of(R"({"a":1,"b":"x","c":{"$schema":{"type":"integer","minimum":1,"maximum":9}}})").empty());
}

TEST_CASE_FIXTURE(Bank, "a composition that is no Algorithm lists the places by child") {
    must(publish("bank", "leaf", leaf("op", R"({"a":{},"b":{},"c":{}})")));
    must(publish("bank", "data", composition("Dataset", {{"leaf", R"({"a":1,"b":{},"c":2})"}})));
    const auto free = must(registry->resolve(named_id("data"))).free;
    REQUIRE(free.size() == 1);
    CHECK(free[0].argument == text("leaf") + "/b");
    must(publish("bank", "algo", composition("Algorithm", {{"leaf", R"({"a":1,"b":3,"c":2})"}})));
    CHECK(must(registry->resolve(named_id("algo"))).free.empty());
}

TEST_CASE_FIXTURE(Bank, "the list is bounded, and what others named is fit for a terminal") {
    publish_operator("open", "{}");
    std::string many;
    for (int i = 0; i < 300; ++i) many += fmt::format(R"({}"p{}":{{}})", i ? "," : "", i);
    mint_unchecked("bank", "many", leaf("op", "{" + many + "}"), true);
    CHECK(must(registry->resolve(named_id("many"))).free.size() == kFreeArgumentsMax);
    mint_unchecked("bank", "odd", leaf("op", R"({"\u001b[2J":{},")" + std::string(100'000, 'k') + R"(":{}})"), true);
    const auto free = must(registry->resolve(named_id("odd"))).free;
    REQUIRE(free.size() == 2);
    CHECK(free[0].argument == "\\x1b[2J");
    CHECK(free[1].argument.size() <= 200);
}

TEST_CASE("a schema bounds what its author could have listed or measured") {
    const auto bounded = [](const char* schema) { return asset::is_bounded(json_of(schema)); };
    for (const char* schema :
         {R"({"const":1})", R"({"enum":["a"]})", R"({"type":"boolean"})", R"({"type":"null"})",
          R"({"type":"number","minimum":0,"exclusiveMaximum":1})", R"({"type":"string","maxLength":9})",
          R"({"type":"string","pattern":"[a-z]{1,9}"})", R"({"type":["null","string"],"maxLength":9})",
          R"({"type":"string","pattern":".*","maxLength":9})",
          R"({"type":"array","maxItems":3,"items":{"type":"boolean"}})",
          R"({"type":"object","additionalProperties":false,"properties":{"a":{"const":1}}})"}) {
        CAPTURE(std::string(schema));
        CHECK(bounded(schema));
    }
    for (const char* schema :
         {"{}", R"({"minimum":0,"maximum":1})", R"({"type":"integer"})", R"({"type":"integer","minimum":1})",
          R"({"type":"number","maximum":1})", R"({"type":"string","minLength":1})", R"({"type":["boolean","string"]})",
          R"({"type":"string","pattern":".*"})", R"({"type":["null","string"],"pattern":"[^/]+"})",
          R"({"type":"array","maxItems":3})", R"({"type":"array","items":{"const":1}})",
          R"({"type":"array","maxItems":3,"items":{}})", R"({"type":"object"})",
          R"({"type":"object","additionalProperties":false,"properties":{"a":{}}})",
          R"({"type":"object","additionalProperties":{"const":1}})"}) {
        CAPTURE(std::string(schema));
        CHECK_FALSE(bounded(schema));
    }
}

TEST_CASE("a pattern bounds a text when it repeats nothing without end") {
    for (const char* bounded :
         {"", "a", "a{2}", "a{2,3}", "a{,3}", "(a|b?)c", R"(\*\+)", "[*+{2,}]", "[]*]", "[^]+]", R"([\]*])",
          R"([[:alpha:]*])", R"(\Q.*\E)", R"(\p{Han})", R"(\x{10FFFF}{3})", "{2,x}", R"([\x{2A}*])"}) {
        CAPTURE(std::string(bounded));
        REQUIRE(asset::Pattern::compile(bounded).ok());
        CHECK(asset::bounds_length(bounded));
    }
    for (const char* endless : {".*", "(?s).*", "a+", "a*?", "a{2,}", "(a{1,2}){3,}", "[a-z]+", "[]]*", R"(\Qa\E*)",
                                R"(\\*)", R"([[:alpha:]]+)", R"(\p{Han}*)", R"([\]]+)", "a|b*"}) {
        CAPTURE(std::string(endless));
        REQUIRE(asset::Pattern::compile(endless).ok());
        CHECK_FALSE(asset::bounds_length(endless));
    }
}
