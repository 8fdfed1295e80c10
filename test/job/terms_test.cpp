/// What an accepted job may read, write and show.
#include "base/file_name.hpp"
#include "support/joint.hpp"

using namespace c2d;
using support::Desk;
using support::json_of;
using support::must;
using support::Piece;

namespace {

struct Terms : Desk {
    Reason alone_with(const std::string& outputs, const std::string& attributes = "{}") {
        build({alone("single", "bank a", fmt::format(R"({{"lr":1,"outputs":{}}})", outputs), attributes)});
        return job_reason("single");
    }
    /// Bank a with two inputs of one party.
    Reason two_inputs(const std::string& first, const std::string& second) {
        auto list = pieces();
        list[0].attributes = first;
        list.push_back({"labels", "bank a", arguments(0), second});
        build(list);
        return job_reason();
    }
    std::vector<std::string> names() {
        std::vector<std::string> out;
        for (const auto& input : terms.inputs) out.push_back(input.name);
        return out;
    }
    using Names = std::vector<std::string>;
};

}  // namespace

TEST_CASE("a plain name is one file in its folder") {
    CHECK(plain_name("./inputs/a.csv", "inputs") == "a.csv");
    CHECK(plain_name("./inputs/_", "inputs") == "_");
    CHECK(plain_name("./inputs/A-1._x", "inputs") == "A-1._x");
    CHECK(plain_name("./inputs/" + std::string(128, 'x'), "inputs") == std::string(128, 'x'));
    for (const char* bad : {"", "a.csv", "inputs/a", "/inputs/a", "./inputs/", "./outputs/a", "./inputs/.",
                            "./inputs/..", "./inputs/.a", "./inputs/-a", "./inputs/a/b", "./inputs/../a",
                            "./inputs/a b", "./inputs/a\n", "./inputs/é", "././inputs/a", "./inputs//a"}) {
        CAPTURE(std::string(bad));
        CHECK_FALSE(plain_name(bad, "inputs").has_value());
    }
    CHECK_FALSE(plain_name("./inputs/" + std::string(129, 'x'), "inputs").has_value());
    CHECK_FALSE(plain_name(std::string_view("./inputs/a\0b", 12), "inputs").has_value());
}

TEST_CASE_FIXTURE(Terms, "an operator that runs alone has no peers and hashes all its arguments") {
    CHECK(alone_with(R"("./outputs/x")", R"({"path":"./inputs/rows.csv"})") == Reason::accepted);
    CHECK(terms.parties == 1);
    CHECK(terms.all_parties.empty());
    CHECK(terms.args_hash == keccak256(terms.args_json));
    CHECK(terms.args_json == R"({"lr":1,"outputs":"./outputs/x"})");
    CHECK(names() == Names{"rows.csv"});
    CHECK(terms.output_names == Names{"x"});
}

TEST_CASE_FIXTURE(Terms, "outputs may be one path, a list or an object of both") {
    CHECK(alone_with(R"({"log":"./outputs/a","more":["./outputs/b","./outputs/c"]})") == Reason::accepted);
    CHECK(terms.output_names == Names{"a", "b", "c"});
}

TEST_CASE_FIXTURE(Terms, "no outputs named, none released") {
    CHECK(alone_with("[]") == Reason::accepted);
    CHECK(terms.output_names.empty());
}

TEST_CASE("outputs outside the folder, twice or of another kind are refused") {
    for (const char* bad :
         {R"("../x")", R"("./outputs/../x")", R"("./outputs/a/b")", R"(["./outputs/a","./outputs/a"])", "7",
          R"({"a":{"b":"./outputs/x"}})", R"("./inputs/x")", R"([["./outputs/a"]])", "null"}) {
        CAPTURE(std::string(bad));
        Terms world;
        CHECK(world.alone_with(bad) == Reason::argument_refused);
    }
}

TEST_CASE_FIXTURE(Terms, "of a joint computation only the own party's outputs are ours to release") {
    auto list = pieces();
    for (unsigned i = 0; i < 3; ++i)
        list[i].arguments = arguments(i, "0.1", R"({"0":"./outputs/log.txt","1":["./outputs/b1","./outputs/b2"]})");
    build(list);
    CHECK(job_reason() == Reason::accepted);
    CHECK(terms.output_names == Names{"log.txt"});
    verifier_options.self = signer("bank b").address();
    CHECK(job_reason("rows b") == Reason::accepted);
    CHECK(terms.output_names == Names{"b1", "b2"});
    verifier_options.self = signer("third").address();
    CHECK(job_reason("compute") == Reason::accepted);
    CHECK(terms.output_names.empty());
    CHECK(names() == Names{""});
}

TEST_CASE("an input path outside its folder is an invalid document") {
    for (const char* bad : {R"({"path":"../x"})", R"({"path":"/etc/passwd"})", R"({"path":7})",
                            R"({"path":"./outputs/x"})", R"({"path":""})", R"({"path":null})"}) {
        CAPTURE(std::string(bad));
        Terms world;
        CHECK(world.alone_with("[]", bad) == Reason::document_invalid);
    }
}

TEST_CASE_FIXTURE(Terms, "our inputs of one party run together under different names") {
    CHECK(two_inputs(R"({"path":"./inputs/a"})", R"({"path":"./inputs/b"})") == Reason::accepted);
    CHECK(names() == Names{"a", "b"});
    CHECK(job_reason("labels") == Reason::accepted);
    CHECK(names() == Names{"a", "b"});
}

TEST_CASE_FIXTURE(Terms, "two inputs of one name are refused") {
    CHECK(two_inputs(R"({"path":"./inputs/a"})", R"({"path":"./inputs/a"})") == Reason::document_invalid);
}

TEST_CASE("the strictest log release of all inputs counts; what is not said or unknown is none") {
    struct Row {
        const char *first, *second, *expected;
    };
    const auto release = [](const char* log) {
        return log[0] ? fmt::format(R"({{"release":{{"log":"{}"}}}})", log) : std::string("{}");
    };
    for (const auto& row :
         {Row{"full", "full", "full"}, Row{"full", "tail", "tail"}, Row{"tail", "full", "tail"},
          Row{"tail", "none", "none"}, Row{"none", "full", "none"}, Row{"full", "", "none"}, Row{"", "full", "none"},
          Row{"FULL", "full", "none"}, Row{"everything", "everything", "none"}}) {
        CAPTURE(std::string(row.first));
        CAPTURE(std::string(row.second));
        Terms world;
        CHECK(world.two_inputs(release(row.first), release(row.second)) == Reason::accepted);
        CHECK(world.terms.release_log == row.expected);
    }
}

TEST_CASE_FIXTURE(Terms, "a log release of another kind is none") {
    CHECK(alone_with("[]", R"({"release":{"log":true}})") == Reason::accepted);
    CHECK(terms.release_log == "none");
}

TEST_CASE("the exit status is released when all inputs release it, and by true alone") {
    const auto release = [](const char* exit) {
        return exit[0] ? fmt::format(R"({{"release":{{"exit":{}}}}})", exit) : std::string("{}");
    };
    const struct {
        const char *first, *second;
        bool expected;
    } kRows[] = {{"true", "true", true},   {"true", "", false},  {"", "true", false},         {"true", "false", false},
                 {"false", "true", false}, {"true", "1", false}, {"\"true\"", "true", false}, {"", "", false}};
    for (const auto& row : kRows) {
        CAPTURE(std::string(row.first));
        CAPTURE(std::string(row.second));
        Terms world;
        CHECK(world.two_inputs(release(row.first), release(row.second)) == Reason::accepted);
        CHECK(world.terms.release_exit == row.expected);
    }
}

TEST_CASE_FIXTURE(Terms, "another owner's release does not open our log") {
    auto list = pieces();
    list[0].attributes = "{}";
    list[1].attributes = R"({"release":{"log":"full"}})";
    build(list);
    CHECK(job_reason() == Reason::accepted);
    CHECK(terms.release_log == "none");
}

TEST_CASE("tables are matched as all of them accept; one whose terms say nothing is not") {
    const auto terms_of = [](const std::string& first, const std::string& second) {
        Terms world;
        const auto path = [](const char* name, const std::string& rest) {
            return fmt::format(R"({{"path":"./inputs/{}"{}}})", name, rest);
        };
        CHECK(world.two_inputs(path("a", first), path("b", second)) == Reason::accepted);
        return world.terms.rules.alignment;
    };
    const std::string helper = R"(,"alignment":{"modes":["helper","two_party"],"rows_max":500,"common_min":20})";
    const std::string other =
        R"(,"alignment":{"modes":["helper"],"rows_max":900,"common_min":30,"common_share_min":0.25})";
    const auto both = terms_of(helper, other);
    CHECK(both.modes == 1);
    CHECK(both.rows_max == 500);
    CHECK(both.common_min == 30);
    CHECK(both.common_share_min == 0.25);
    CHECK(terms_of(helper, helper).modes == 3);
    CHECK(terms_of(helper, "").modes == 0);
    CHECK(terms_of("", "").modes == 0);
}

TEST_CASE_FIXTURE(Terms, "a party without a table keeps no other from being matched") {
    CHECK(alone_with("[]") == Reason::accepted);
    CHECK(terms.rules.alignment.modes == 7);
}
