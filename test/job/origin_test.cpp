/// A model token's origin is what the ledger's receipt says, or it is refused.
#include "asset/origin.hpp"
#include "job/sealed_receipt.hpp"

#include <c2d/job_receipt.hpp>

using namespace c2d;
using support::Joint;
using support::must;
using support::named_id;

namespace {

/// Bank a's run left "model"; its receipt stands on the ledger, or is about to.
struct Left : Joint {
    Left() {
        build({alone()});
        draft.job_id = job;
        draft.algo_dt = named_id("algo");
        draft.solver = signer("solver").address();
        draft.data = {named_id("single")};
        draft.outcome = ReceiptOutcome::succeeded;
        draft.details.artifacts = {{"card", "file", {}, 7, sha256(as_bytes("card")), {}},
                                   {"model", "model", {}, 800, sha256(as_bytes("share")), sha256(as_bytes("binding"))}};
    }
    ArtifactOrigin seal(const std::string& by = "bank a") {
        const auto sealed = must(job::seal_receipt(draft, chain->network(), signer(by), salts));
        digest = sealed.digest;
        return {job,
                0,
                "model",
                sha256(as_bytes("share")),
                sha256(as_bytes("binding")),
                named_id("single"),
                must(open_receipt_member(sealed.document, "artifacts"))};
    }
    void post() { must(chain->post_receipt(signer("bank a"), job, named_id("single"), draft.outcome, digest)); }
    /// Of what is refused, the text; empty where it is confirmed.
    std::string refusal(const ArtifactOrigin& origin, const std::string& owner = "bank a") {
        const auto confirmed = confirm_origin(origin, signer(owner).address(), *chain);
        if (confirmed) return "";
        CHECK(confirmed.status() == Status::REFUSED);
        CHECK(confirmed.error().name == "origin_invalid");
        return confirmed.error().message;
    }

    job::ReceiptDraft draft;
    Bytes32 digest;
    support::RepeatableRandom salts;
};

bool says(const std::string& text, std::string_view words) { return text.find(words) != std::string::npos; }

}  // namespace

TEST_CASE_FIXTURE(Left, "an origin holds once its receipt stands on the ledger") {
    const auto origin = seal();
    CHECK(says(refusal(origin), "a receipt on the ledger"));
    post();
    CHECK(refusal(origin) == "");
    const auto read = must(read_origin(origin.to_json()));
    CHECK(refusal(read) == "");
    CHECK(read.dt == origin.dt);
    CHECK(read.party == origin.party);
}

TEST_CASE_FIXTURE(Left, "every member of an origin that the ledger tells of is compared") {
    const auto origin = seal();
    const auto other = seal();  // the same with other salts: not what is posted
    seal();
    auto posted = seal();
    post();
    REQUIRE(refusal(posted) == "");
    CHECK(says(refusal(origin), "that the ledger has"));
    CHECK(says(refusal(other), "that the ledger has"));
    const auto changed = [&](auto change) {
        auto wrong = posted;
        change(wrong);
        return refusal(wrong);
    };
    CHECK(says(changed([](auto& o) { ++o.job_id; }), "the member artifacts of a receipt of job"));
    CHECK(says(changed([](auto& o) { o.output = "card"; }), "an artifact with the digest"));
    CHECK(says(changed([](auto& o) { o.sha256 = sha256(as_bytes("card")); }), "an artifact with the digest"));
    CHECK(says(changed([](auto& o) { o.binding = {}; }), "an artifact with the digest"));
    CHECK(says(changed([](auto& o) { o.dt = named_id("another"); }), "a receipt on the ledger for"));
    CHECK(says(changed([](auto& o) { o.receipt_json = "{}"; }), "an opened member of a receipt"));
    CHECK(says(changed([](auto& o) { o.receipt_json = test::with(o.receipt_json, "value", json::Array()); }),
               "was altered"));
    CHECK(says(refusal(posted, "solver"), "a receipt by"));
}

TEST_CASE_FIXTURE(Left, "an output of that name without its binding is another artifact") {
    draft.details.artifacts.pop_back();
    const auto origin = seal();
    post();
    CHECK(says(refusal(origin), "an artifact with the digest"));
}

TEST_CASE_FIXTURE(Left, "another member of the same receipt is no list of artifacts") {
    auto origin = seal();
    const auto sealed = must(job::seal_receipt(draft, chain->network(), signer("bank a"), salts));
    digest = sealed.digest;
    post();
    origin.receipt_json = must(open_receipt_member(sealed.document, "inputs"));
    CHECK(says(refusal(origin), "found inputs"));
}

TEST_CASE_FIXTURE(Left, "a run that did not succeed left nothing") {
    draft.outcome = ReceiptOutcome::failed;
    const auto origin = seal();
    post();
    CHECK(says(refusal(origin), "a run that succeeded"));
}

TEST_CASE("an origin has the seven members of the documented form") {
    const std::string good = R"({"job_id":7,"party":1,"output":"model","sha256":"0x)" + std::string(64, 'a') +
                             R"(","binding":"0x)" + std::string(64, 'b') + R"(","dt":"dt:ownership:)" +
                             std::string(64, 'c') + R"(","receipt":{"version":2}})";
    CHECK(must(read_origin(good)).receipt_json == R"({"version":2})");
    for (const auto* member : {"job_id", "party", "output", "sha256", "binding", "dt", "receipt"}) {
        CAPTURE(std::string(member));
        auto value = must(json::parse(good));
        value.erase(member);
        const auto read = read_origin(json::compact(value));
        REQUIRE(read.status() == Status::INVALID_ARGUMENT);
        CHECK(says(read.error().message, std::string("attributes.origin.") + member));
    }
    CHECK(says(read_origin(test::with(good, "party", 16)).error().message, "at most 15"));
    CHECK(says(read_origin(test::with(good, "output", "../model")).error().message, "the name of an output"));
    CHECK(says(read_origin("[]").error().message, "expected an object with"));
    auto more = must(json::parse(good));
    more.set("note", "unproven");
    CHECK(says(read_origin(json::compact(more)).error().message, "found \"note\""));
}
