/// May a token be granted to a composition? Each answer that the verifier has.
#include "support/joint.hpp"

using namespace c2d;
using support::Desk;
using support::must;
using support::named_id;

namespace {

struct Granting : Desk {
    Granting() { build(); }
};

}  // namespace

TEST_CASE_FIXTURE(Granting, "the owner of a composition that keeps the terms gets its grant") {
    CHECK(grant_reason() == Reason::accepted);
}

TEST_CASE_FIXTURE(Granting, "the token must be on the ledger, ours and readable") {
    CHECK(grant_reason("nothing") == Reason::dt_unknown);
    CHECK(grant_reason("rows b", "algo", "bank b") == Reason::dt_not_ours);
    tamper(file_of("rows a"), "a leaf", "a beef");
    CHECK(grant_reason() == Reason::document_mismatch);
    std::filesystem::remove(file_of("rows a"));
    CHECK(grant_reason() == Reason::document_unavailable);
}

TEST_CASE_FIXTURE(Granting, "a request sent to the wrong provider that does not name its audience is told so") {
    // Signed for bank b, who owns the token, and sent to bank a.
    Envelope envelope;
    auto body = request(Method::grantPermission, "rows b", "algo");
    envelope.request.method = body.method;
    envelope.request.audience = signer("bank b").address();
    envelope.request.dt = body.dt;
    envelope.request.algo_dt = body.algo_dt;
    envelope.signature = [&] {
        const auto s = must(signer("solver").sign_digest(request_digest(envelope.request, chain->network())));
        return Bytes(s.data.begin(), s.data.end());
    }();
    envelope.request.audience = verifier_options.self;
    envelope.signer = support::named_address("whoever it recovers to");
    CHECK(must(verifier().verify_grant(envelope)).reason == Reason::wrong_audience);
}

TEST_CASE_FIXTURE(Granting, "an inactive composition of ours is not granted on") {
    must(publish("bank a", "ours", composition("Dataset", {{"rows a", pieces()[0].constraint}})));
    must(publish("solver", "theirs",
                 composition("Dataset", {{"ours", "{\"" + text("rows a") + "\":" + pieces()[0].constraint + "}"}})));
    CHECK(grant_reason("ours", "theirs") == Reason::cdt_not_active);
    activate("bank a", "ours");
    CHECK(grant_reason("ours", "theirs") == Reason::accepted);
}

TEST_CASE_FIXTURE(Granting, "the composition must be on the ledger, composed and readable") {
    CHECK(grant_reason("rows a", "nothing") == Reason::cdt_unknown);
    CHECK(grant_reason("rows a", "rows b") == Reason::cdt_not_composed);
    tamper(file_of("algo"), "a composition", "another thing");
    CHECK(grant_reason() == Reason::document_mismatch);
    std::filesystem::remove(file_of("algo"));
    CHECK(grant_reason() == Reason::document_unavailable);
}

TEST_CASE_FIXTURE(Granting, "only the composition's owner may ask") {
    CHECK(grant_reason("rows a", "algo", "bank b") == Reason::wrong_signer);
    CHECK(grant_reason("rows a", "algo", "bank a") == Reason::wrong_signer);
}

TEST_CASE_FIXTURE(Granting, "the composition must name the token") {
    must(publish("bank a", "other", leaf("alone", R"({"lr":{},"outputs":{}})")));
    CHECK(grant_reason("other") == Reason::workflow_mismatch);
}

TEST_CASE_FIXTURE(Granting, "terms are checked through every level, whatever the registry let pass") {
    const auto ask = [&](const char* id, const std::string& attributes) {
        mint_unchecked("solver", id, attributes, false);
        return grant_reason("rows a", id);
    };
    const auto with = [&](const std::string& arguments, const char* type = "Dataset") {
        return composition(type, {{"rows a", arguments}});
    };
    CHECK(ask("x1", with(R"({"party_id":0,"exec_endpoints":{},"lr":{}})")) == Reason::argument_missing);
    CHECK(ask("x2", with(R"({"party_id":0,"exec_endpoints":{},"lr":{},"outputs":{},"x":1})")) ==
          Reason::argument_unexpected);
    CHECK(ask("x3", with(R"({"party_id":0,"exec_endpoints":{},"lr":{"$schema":{"format":"x"}},"outputs":{}})")) ==
          Reason::schema_unsupported);
    CHECK(ask("x4", with(R"({"party_id":0,"exec_endpoints":{},"lr":0.1,"outputs":{}})", "Algorithm")) ==
          Reason::argument_free);
    auto unknown_service = support::json_of(with("{}"));
    unknown_service.find("services")
        ->items()[0]
        .find("descriptor")
        ->find("workflow")
        ->find(text("rows a"))
        ->set("service", "t");
    CHECK(ask("x5", json::compact(unknown_service)) == Reason::service_unknown);
    auto two_children = support::json_of(with("{}"));
    two_children.find("child_dts")->push_back(text("rows b"));
    CHECK(ask("x6", json::compact(two_children)) == Reason::workflow_mismatch);
    // The second child's terms count as much as ours.
    CHECK(ask("x7", composition("Dataset", {{"rows a", pieces()[0].constraint}, {"rows b", "{\"lr\":1}"}})) ==
          Reason::argument_missing);
    CHECK(ask("x8", composition("Dataset", {{"rows a", pieces()[0].constraint}, {"nothing", "{}"}})) ==
          Reason::dt_unknown);
}

TEST_CASE_FIXTURE(Granting, "a leaf's constraint is held at the grant: value, schema and refusal") {
    mint_unchecked("bank a", "strict",
                   leaf("alone", R"({"lr":{"$schema":{"type":"number","maximum":1}},"outputs":false})"), true);
    const auto ask = [&](const char* id, const char* arguments) {
        mint_unchecked("solver", id, composition("Dataset", {{"strict", arguments}}), false);
        return grant_reason("strict", id);
    };
    CHECK(ask("x1", R"({"lr":1,"outputs":false})") == Reason::accepted);
    CHECK(ask("x2", R"({"lr":2,"outputs":false})") == Reason::argument_refused);
    CHECK(ask("x3", R"({"lr":1,"outputs":0})") == Reason::argument_refused);
    CHECK(ask("x4", R"({"lr":1,"outputs":{}})") == Reason::argument_refused);
}

TEST_CASE_FIXTURE(Granting, "code that was swapped under the terms is refused") {
    must(registry->update_operator(signer("admin"),
                                   draft("train", R"({"party_id":{},"exec_endpoints":{},"lr":{},"outputs":{}})",
                                         R"({"parties":3,"threshold":1})", "steal()")));
    CHECK(grant_reason() == Reason::template_changed);
}

TEST_CASE_FIXTURE(Granting, "an operator that is unknown, altered or unpinned is refused") {
    const auto minted = [&](const char* id, auto change) {
        mint_unchecked("bank a", id, leaf("alone", R"({"lr":{},"outputs":{}})"), true, change);
        mint_unchecked("solver", std::string("cdt of ") + id, composition("Dataset", {{id, R"({"lr":1,"outputs":1})"}}),
                       false);
        return grant_reason(id, std::string("cdt of ") + id);
    };
    const auto descriptor = [](json::Value& d) { return d.find("services")->items()[0].find("descriptor"); };
    CHECK(minted("unpinned", [&](json::Value& d) { descriptor(d)->erase("template_checksum"); }) ==
          Reason::template_unpinned);
    CHECK(minted("unknown", [&](json::Value& d) { descriptor(d)->set("template", text("nowhere")); }) ==
          Reason::template_unknown);
    CHECK(minted("other pin", [&](json::Value& d) { descriptor(d)->set("template_checksum", std::string(64, 'b')); }) ==
          Reason::template_changed);
    tamper(operator_file_of("train"), "print(1)", "print(7)");
    CHECK(grant_reason() == Reason::template_mismatch);
}

TEST_CASE_FIXTURE(Granting, "a document of another form is invalid") {
    mint_unchecked("solver", "odd", composition("Dataset", {{"rows a", "{}"}}), false,
                   [](json::Value& d) { d.find("services")->items()[0].erase("descriptor"); });
    CHECK(grant_reason("rows a", "odd") == Reason::document_invalid);
}

TEST_CASE_FIXTURE(Granting, "an Algorithm is held to the rules for parties already at the grant") {
    verifier_options.accepted_parties = {"bank b"};
    CHECK(grant_reason() == Reason::party_not_accepted);
    verifier_options.accepted_parties = {"bank b", "third"};
    CHECK(grant_reason() == Reason::accepted);
}

TEST_CASE_FIXTURE(Granting, "too deep a composition is refused") {
    std::string below = "rows a", arguments = pieces()[0].constraint;
    for (int level = 1; level <= 17; ++level) {
        const auto name = "level " + std::to_string(level);
        mint_unchecked("solver", name, composition("Dataset", {{below, arguments}}), false);
        if (level < 17) arguments = "{\"" + text(below) + "\":" + arguments + "}", below = name;
    }
    auto top =
        support::json_of(composition("Dataset", {{"level 17", "{\"" + text("level 16") + "\":" + arguments + "}"},
                                                 {"rows a", pieces()[0].constraint}}));
    mint_unchecked("solver", "top", json::compact(top), false);
    CHECK(grant_reason("rows a", "top") == Reason::terms_too_deep);
}

TEST_CASE_FIXTURE(Granting, "a verdict on nested compositions reads each document once") {
    REQUIRE(publish("bank a", "alone a", leaf("alone", R"({"lr":{},"outputs":[]})")).ok());
    const auto below = mint_diamond("solver", 8, "alone a", R"({"lr":1,"outputs":[]})");
    mint_unchecked(
        "solver", "top",
        composition("Dataset", {{"left 8", below}, {"right 8", below}, {"alone a", R"({"lr":1,"outputs":[]})"}}),
        false);
    const auto asked = envelope(request(Method::grantPermission, "alone a", "top"));
    const auto bank = verifier();
    documents->reads = 0;
    CHECK(must(bank.verify_grant(asked)).reason == Reason::accepted);
    // The leaf that is asked for and its operator, sixteen compositions, the one at the top.
    CHECK(documents->reads == 19);
}

TEST_CASE_FIXTURE(Granting, "what the owner took back is not given again for the asking") {
    const auto rows = named_id("rows a"), algo = named_id("algo");
    CHECK(grant_reason() == Reason::accepted);
    must(chain->revoke(signer("bank a"), rows, algo));
    const auto refused = must(verifier().verify_grant(envelope(request(Method::grantPermission, "rows a", "algo"))));
    CHECK(refused.reason == Reason::grant_needs_owner);
    CHECK(refused.actual.find("taken back in block") != std::string::npos);
    must(registry->grant(signer("bank a"), rows, algo));
    CHECK(grant_reason() == Reason::accepted);
}

TEST_CASE_FIXTURE(Granting, "a ledger that does not answer gives no verdict") {
    const auto asked = envelope(request(Method::grantPermission, "rows a", "algo"));
    node->answer(contracts::dt_factory::kRegister, Result<Bytes>(Error(Status::UNAVAILABLE, "gone")));
    CHECK(verifier().verify_grant(asked).status() == Status::UNAVAILABLE);
}

TEST_CASE_FIXTURE(Granting, "a verifier needs a nonce store") {
    verifier_options.nonces.reset();
    CHECK(JobVerifier::open(*registry, verifier_options).status() == Status::INVALID_ARGUMENT);
}
