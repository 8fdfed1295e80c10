/// The terms that people copy: the demonstration's samples bound every argument, and reach what the
/// options of examples/demo.sh ask for.
#include "asset/terms.hpp"
#include "support/world.hpp"

#include <regex>

using namespace c2d;
using support::json_of;
using support::must;
using support::refusal;
using support::World;

namespace {

const std::filesystem::path kSamples = std::filesystem::path(C2D_SOURCE_DIR) / "examples/joint_risk/samples";

struct Samples : World {
    Samples() {
        for (const char* name : {"org1", "org2", "3rd"}) organisation(name);
        const auto attributes = json_of(support::read_text(kSamples / "op/rtt_op_attr.json"));
        must(registry->publish_operator(signer("admin"), {json::compact(*attributes.find("metadata")), "print(1)",
                                                          support::read_text(kSamples / "op/rtt_params.json"),
                                                          must(parse_token(attributes.text_at({"id"})))}));
    }

    /// Publishes a file of the samples; a variable has the value given or its default.
    Result<TokenId> publish_file(const std::string& who, const std::string& file,
                                 const std::map<std::string, std::string>& variables = {},
                                 std::optional<TokenId> id = std::nullopt) {
        auto text = support::read_text(kSamples / file);
        for (const auto& [name, value] : variables)
            text = std::regex_replace(text, std::regex("\\$\\{" + name + ":-[^}]*\\}"), value);
        text = std::regex_replace(text, std::regex("\\$\\{[A-Z_]+:-([^}]*)\\}"), "$1");
        return registry->publish(signer(who), text, id);
    }
    void check_bounded(const std::string& who, const std::string& file) {
        CAPTURE(file);
        const auto asset = must(registry->resolve(must(publish_file(who, file))));
        CHECK(asset.free.empty());
        const auto document = json_of(asset.document_json);
        const auto& constraint = *document.find("services")->items()[0].at({"descriptor", "constraint"});
        for (const char* constant : {"party_id", "inputs", "exec_endpoints", "outputs"})
            CHECK_FALSE(asset::is_open(*constraint.find(constant)));
    }
    void publish_leaves(const std::string& samples) {
        check_bounded("org1", samples + "/org1_feature_attr.json");
        check_bounded("org1", samples + "/org1_label_attr.json");
        check_bounded("org2", samples + "/org2_feature_attr.json");
    }
    std::string compose(const std::map<std::string, std::string>& variables) {
        const auto id = must(random_token(random));
        return refusal(publish_file("3rd", "ddo/3rd_algo_attr.json", variables, id));
    }
    support::RepeatableRandom random{"samples"};
};

}  // namespace

TEST_CASE_FIXTURE(Samples, "no argument of the samples is free, and files, peers and outputs are constant") {
    publish_leaves("ddo");
    check_bounded("3rd", "ddo/3rd_compute_attr.json");
    CHECK(refusal(publish_file("3rd", "ddo/3rd_algo_attr.json")) == "accepted");
    publish_leaves("two_banks");
    CHECK(refusal(publish_file("3rd", "two_banks/3rd_algo_attr.json")) == "accepted");
}

TEST_CASE_FIXTURE(Samples, "the samples take what the demonstration's options ask for, and no more") {
    publish_leaves("ddo");
    check_bounded("3rd", "ddo/3rd_compute_attr.json");
    for (const auto& good : std::vector<std::map<std::string, std::string>>{
             {},
             {{"IN_DIM", "2"}, {"SPLIT", "1"}, {"BATCH_SIZE", "1"}, {"EPOCH", "1"}, {"LR", "0"}},
             {{"IN_DIM", "4096"}, {"SPLIT", "10000000"}, {"BATCH_SIZE", "8192"}, {"EPOCH", "100001"}, {"LR", "1"}},
             {{"SHUFFLE", "true"}},
             {{"IN_DIM", "27"}, {"SPLIT", "320"}, {"BATCH_SIZE", "8"}, {"EPOCH", "101"}, {"LR", "0.05"}},
             {{"LR", "1e-3"}}})
        CHECK(compose(good) == "accepted");
    for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{{"IN_DIM", "1"},
                                                                                      {"IN_DIM", "4097"},
                                                                                      {"IN_DIM", "72.5"},
                                                                                      {"SPLIT", "-5"},
                                                                                      {"SPLIT", "10000001"},
                                                                                      {"BATCH_SIZE", "0"},
                                                                                      {"BATCH_SIZE", "8193"},
                                                                                      {"BATCH_SIZE", "\"256\""},
                                                                                      {"EPOCH", "0"},
                                                                                      {"EPOCH", "100002"},
                                                                                      {"LR", "-0.01"},
                                                                                      {"LR", "1.5"},
                                                                                      {"SHUFFLE", "1"},
                                                                                      {"LR", "null"}}) {
        const auto shown = std::string(name) + " = " + value;
        CAPTURE(shown);
        CHECK(compose({{name, value}}) == "argument_refused");
    }
}
