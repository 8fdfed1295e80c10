/// What services say of files, releases and grants is refused while its owner can still mend it.
#include "asset/opening_terms.hpp"
#include "support/world.hpp"

using namespace c2d;
using support::must;
using support::named_id;
using support::World;

namespace {

struct Bank : World {
    Bank() {
        organisation("bank");
        publish_operator("op", R"({"outputs":{}})");
    }
    /// What publishing says; empty when it takes it.
    std::string says(const std::string& attributes, const std::string& outputs = "{}") {
        const auto published =
            registry->publish(signer("bank"), leaf("op", R"({"outputs":)" + outputs + "}", attributes));
        if (published.ok()) return "";
        CHECK(published.status() == Status::INVALID_ARGUMENT);
        return published.error().message;
    }
    void check_says(const std::string& attributes, std::string_view part) {
        CAPTURE(attributes);
        const auto message = says(attributes);
        CAPTURE(message);
        CHECK(message.find(part) != std::string::npos);
    }
};

}  // namespace

TEST_CASE_FIXTURE(Bank, "attributes that a job can use are published") {
    for (
        const char* good :
        {"{}", R"({"path":"./inputs/rows.csv"})", R"({"release":{}})", R"({"release":{"log":"none"}})",
         R"({"release":{"log":"tail"}})", R"({"release":{"log":"full"}})", R"({"release":{"log":"none","exit":true}})",
         R"({"release":{"label_counts":90}})", R"({"release":{"reason_codes":10,"coefficients":true}})",
         R"({"price":10,"shape":[1,2]})", R"({"grant":{"seconds":60,"jobs":1}})", R"({"grant":{"jobs":1,"renew":0}})",
         R"({"grant":{"seconds":60,"renew":3,"per":"composition"}})", R"({"alignment":{"modes":["helper"]}})",
         R"({"alignment":{"modes":["two_party","hidden"],"rows_max":1000,"common_min":100,"common_share_min":0.5}})",
         R"({"runtime":[{"version":"0.1.0"}]})",
         R"({"runtime":[{"package_sha256":"0x1111111111111111111111111111111111111111111111111111111111111111"},{"version":"1","library_sha256":"0x1111111111111111111111111111111111111111111111111111111111111111"}]})",
         R"({"patient":1,"rate":2,"part":3,"gran turismo":4})"}) {
        CAPTURE(std::string(good));
        CHECK(says(good) == "");
    }
    for (const char* good : {"[]", R"("./outputs/a")", R"(["./outputs/a","./outputs/b"])",
                             R"({"0":"./outputs/a","1":["./outputs/b"],"2":{}})",
                             R"({"0":{"$schema":{"type":"string","pattern":"\\./outputs/[a-z]+"}}})",
                             R"({"$schema":{"type":"object"}})"}) {
        CAPTURE(std::string(good));
        CHECK(says("{}", good) == "");
    }
}

TEST_CASE_FIXTURE(Bank, "a path that is no name of a file below inputs is refused") {
    for (const char* bad : {R"("./inputs/客户 特征.csv")", R"("./inputs/a b.csv")", R"("inputs/x.csv")", R"("x.csv")",
                            R"("./inputs/../x")", R"("/etc/passwd")", R"("./outputs/x")", R"("./inputs/.x")", R"("")",
                            "7", "null", R"(["./inputs/x"])"})
        check_says(std::string(R"({"path":)") + bad + "}", "attributes.path: expected \"./inputs/NAME\"");
}

TEST_CASE_FIXTURE(Bank, "a release that would silently be none is refused") {
    for (const char* bad : {R"("all")", R"("FULL")", R"("")", "true", "null"})
        check_says(std::string(R"({"release":{"log":)") + bad + "}}", "attributes.release.log: expected");
    for (const char* bad : {"-1", "1.5", "1000001", "\"all\""})
        check_says(std::string(R"({"release":{"label_counts":)") + bad + "}}",
                   "attributes.release.label_counts: expected");
    for (const char* bad : {"-1", "1.5", "11", "true"})
        check_says(std::string(R"({"release":{"reason_codes":)") + bad + "}}",
                   "attributes.release.reason_codes: expected a whole number from 0 to 10");
    for (const char* bad : {"1", "\"true\"", "null"})
        check_says(std::string(R"({"release":{"coefficients":)") + bad + "}}",
                   "attributes.release.coefficients: expected true or false");
    check_says(R"({"release":"full"})", "attributes.release: expected an object");
    check_says(R"({"release":{"Log":"full"}})", "attributes.release: expected log");
    check_says(R"({"release":{"logs":"full"}})", "attributes.release: expected log");
}

TEST_CASE_FIXTURE(Bank, "a member one slip away from a known one is refused") {
    for (const char* bad : {"Path", "paths", "pth", "ptah", "pathe", "bath", "p_ath"})
        check_says(std::string("{\"") + bad + R"(":1})", R"("path" is meant)");
    for (const char* bad : {"Release", "relase", "releases", "relaese", "re-lease"})
        check_says(std::string("{\"") + bad + R"(":1})", R"("release" is meant)");
    for (const char* bad : {"grants", "Grant", "gant"})
        check_says(std::string("{\"") + bad + R"(":1})", R"("grant" is meant)");
}

TEST_CASE_FIXTURE(Bank, "a c2d that is accepted is said by version or digests") {
    for (const char* bad : {"{}", "[]", "null", R"("0.1.0")"})
        check_says(std::string(R"({"runtime":)") + bad + "}",
                   "attributes.runtime: expected a list of 1 to 16 objects, found");
    for (const char* bad : {"{}", R"("0.1.0")", "7"})
        check_says(std::string(R"({"runtime":[)") + bad + "]}", "attributes.runtime: expected objects with version");
    for (const char* bad :
         {R"({"version":""})", R"({"version":1})", R"({"version":"a b"})", R"({"library_sha256":"0x11"})",
          R"({"package_sha256":1})", R"({"version":"1","digest":"0x11"})"})
        check_says(std::string(R"({"runtime":[)") + bad + "]}",
                   "attributes.runtime: expected version, a text of 1 to 64");
    std::string many = R"({"version":"1"})";
    for (int i = 0; i < 16; ++i) many += R"(,{"version":"1"})";
    check_says(R"({"runtime":[)" + many + "]}", "a list of 1 to 16");
    check_says(R"({"runtimes":[]})", R"("runtime" is meant)");
}

TEST_CASE_FIXTURE(Bank, "what is asked of alignments is said as it is read") {
    for (const char* bad : {"{}", "[]", R"("helper")", R"({"rows_max":5})"})
        check_says(std::string(R"({"alignment":)") + bad + "}", "attributes.alignment: expected an object with modes");
    for (const char* bad : {R"("helper")", "[]", R"(["helper","magic"])", "[0]"})
        check_says(std::string(R"({"alignment":{"modes":)") + bad + "}}",
                   "attributes.alignment.modes: expected a list");
    for (const char* bad : {R"("rows_max":0)", R"("rows_max":1.5)", R"("common_min":"5")", R"("common_share_min":1.1)",
                            R"("common_share_min":true)", R"("common":5)"}) {
        const std::string member(bad);
        check_says(R"({"alignment":{"modes":["helper"],)" + member + "}}", "attributes.alignment");
    }
    check_says(R"({"alignement":{}})", R"("alignment" is meant)");
}

TEST_CASE_FIXTURE(Bank, "constant outputs that no job could write are refused") {
    for (const char* bad : {R"("../x")", R"({"0":"./outputs/a b"})", R"({"0":["./outputs/a",7]})", "7", "null",
                            R"({"0":{"a":"./outputs/x"}})"}) {
        CAPTURE(std::string(bad));
        CHECK(says("{}", bad).find("constraint.outputs: expected \"./outputs/NAME\"") != std::string::npos);
    }
}

TEST_CASE_FIXTURE(Bank, "outputs that no job could write are refused of an Algorithm, all of them at once") {
    must(registry->publish(signer("bank"), leaf("op", R"({"outputs":{}})"), named_id("a")));
    must(registry->publish(signer("bank"), leaf("op", R"({"outputs":{}})"), named_id("b")));
    const auto says_of = [&](const std::string& first, const std::string& second) {
        return registry
            ->publish(signer("bank"),
                      composition("Algorithm",
                                  {{"a", R"({"outputs":)" + first + "}"}, {"b", R"({"outputs":)" + second + "}"}}),
                      named_id("algorithm"))
            .error()
            .message;
    };
    const auto before = must(chain->token_count());
    const auto message = says_of(R"({"0":"../x","1":"/etc/passwd"})", R"(["./outputs/a","./outputs/a"])");
    for (const char* part : {R"("../x")", R"("/etc/passwd")", R"(found "./outputs/a" twice)"}) {
        CAPTURE(std::string(part));
        CHECK(message.find(part) != std::string::npos);
    }
    CHECK(message.find("workflow." + token_text(named_id("a")) + ".constraint.outputs: expected") != std::string::npos);
    // Below a composition as well, before anything of it is read.
    const auto nested = registry->publish(
        signer("bank"),
        composition("Algorithm", {{"cdt", R"({")" + token_text(named_id("a")) + R"(":{"outputs":"x"}})"}}),
        named_id("outer"));
    CHECK(nested.error().message.find("constraint." + token_text(named_id("a")) + ".outputs: expected") !=
          std::string::npos);
    CHECK(must(chain->token_count()) == before);
}

TEST_CASE_FIXTURE(Bank, "all problems stand in one message, and nothing is written") {
    const auto before = must(chain->token_count());
    const auto message =
        says(R"({"path":"inputs/x.csv","release":{"log":"all","exit":"yes"},"grant":{"jobs":0},"pth":"x"})",
             R"({"0":"out.txt"})");
    for (const char* part :
         {"service \"s\": attributes.path:", "attributes.release.log:", "attributes.release.exit:",
          "attributes.grant.jobs:", "attributes.pth ", "constraint.outputs:", "\"inputs/x.csv\"", "\"all\""}) {
        CAPTURE(std::string(part));
        CHECK(message.find(part) != std::string::npos);
    }
    CHECK(must(chain->token_count()) == before);
    CHECK(says("7").find("attributes must be an object") != std::string::npos);
}

TEST_CASE("who asks for rows asks that no row outweighs them") {
    const auto share_of = [](const char* attributes) {
        return must(asset::opening_rules_of(must(json::parse(attributes)))).weight_share_max;
    };
    CHECK(share_of("{}") == 1);
    CHECK(share_of(R"({"minimum":{"positives":5}})") == 1);
    CHECK(share_of(R"({"minimum":{"rows":10}})") == 0.1);
    CHECK(share_of(R"({"minimum":{"weight_share_max":0.5,"rows":10}})") == 0.5);
}
