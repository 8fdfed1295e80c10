/// Whose key may sign a request: the organisation's, as the ledger says at that moment.
#include "job/receipt.hpp"
#include "support/joint.hpp"

using namespace c2d;
using support::Desk;
using support::must;
using support::named_id;

namespace {

/// The composer's organisation is "solver"; "clerk" is to work for it.
struct Keys : Desk {
    Keys() {
        build();
        must(chain->add_delegate(owner, owner.address(), KeyUse::work, clerk.address(), 3600));
    }
    /// What the verifier says of a request for a grant, for a job, and of either before documents are read.
    void check_all(const std::string& who, Reason grant, Reason job_says) {
        CAPTURE(who);
        CHECK(grant_reason("rows a", "algo", who) == grant);
        CHECK(job_reason("rows a", "algo", who) == job_says);
        const auto asks_grant = envelope(request(Method::grantPermission, "rows a", "algo"), who);
        CHECK(must(verifier().check_requester(asks_grant)).reason == grant);
        const auto asks_job = envelope(request(Method::verify, "rows a", "algo", job), who);
        CHECK(must(verifier().check_requester(asks_job)).reason == job_says);
    }
    void check_accepted(const std::string& who) { check_all(who, Reason::accepted, Reason::accepted); }
    void check_refused(const std::string& who) { check_all(who, Reason::wrong_signer, Reason::job_wrong_solver); }

    support::CountingSigner& owner = signer("solver");
    support::CountingSigner& clerk = signer("clerk");
};

}  // namespace

TEST_CASE_FIXTURE(Keys, "a delegate for work asks in its organisation's name, one for grants or of another does not") {
    check_accepted("clerk");
    CHECK(terms.solver == owner.address());
    check_accepted("solver");
    must(chain->add_delegate(owner, owner.address(), KeyUse::grant, signer("treasurer").address(), 3600));
    check_refused("treasurer");
    must(chain->add_delegate(signer("third"), signer("third").address(), KeyUse::work, signer("temp").address(), 3600));
    check_refused("temp");
}

TEST_CASE_FIXTURE(Keys, "a delegate that was revoked, or whose time is over, is refused") {
    must(chain->revoke_delegate(owner, owner.address(), KeyUse::work, clerk.address()));
    check_refused("clerk");
    must(chain->add_delegate(owner, owner.address(), KeyUse::work, clerk.address(), 60));
    check_accepted("clerk");
    clock->now += 3600;
    must(chain->create_task(signer("bank a"), "time goes on", ""));
    check_refused("clerk");
    check_accepted("solver");
}

TEST_CASE_FIXTURE(Keys, "a registered address whose owner key is another is refused, with its delegates") {
    must(chain->change_owner(owner, owner.address(), signer("cold").address()));
    check_refused("solver");
    check_refused("clerk");
    check_accepted("cold");
}

TEST_CASE_FIXTURE(Keys, "a delegate's request to another than its audience is told so, an outsider's not") {
    const auto ask = [&](const std::string& who) {
        Envelope envelope;
        envelope.request.method = Method::grantPermission;
        envelope.request.audience = signer("bank b").address();
        envelope.request.dt = named_id("rows b");
        envelope.request.algo_dt = named_id("algo");
        const auto digest = request_digest(envelope.request, chain->network());
        const auto signature = must(signer(who).sign_digest(digest));
        envelope.signature = Bytes(signature.data.begin(), signature.data.end());
        envelope.request.audience = verifier_options.self;
        envelope.signer = support::named_address("whoever it recovers to");
        return must(verifier().verify_grant(envelope)).reason;
    };
    CHECK(ask("clerk") == Reason::wrong_audience);
    CHECK(ask("nobody") == Reason::dt_not_ours);
}

TEST_CASE_FIXTURE(Keys, "a delegate publishes and composes in its organisation's name") {
    must(publish("clerk", "stack", composition("Dataset", {{"rows a", pieces()[0].constraint}})));
    CHECK(must(chain->token(named_id("stack"))).owner == owner.address());
    CHECK(must(registry->resolve(named_id("stack"))).record.minter == owner.address());
    activate("clerk", "stack");
    CHECK(must(chain->is_active(named_id("stack"))));
    CHECK(must(chain->in_name_of(clerk)) == owner.address());
    must(chain->change_owner(owner, owner.address(), signer("cold").address()));
    CHECK(must(chain->in_name_of(owner)) == owner.address());
    CHECK(publish("solver", "late", leaf("alone", R"({"lr":{},"outputs":{}})")).status() == Status::REFUSED);
}

namespace {

/// A job on the token "single" of "bank a", and the receipt that its provider signs with some key.
struct Receipts : Desk {
    Receipts() { build({alone()}); }

    JobReceipt seal_and_post(const std::string& signer_key, const std::string& poster) {
        job::ReceiptDraft draft;
        draft.job_id = job;
        draft.algo_dt = named_id("algo");
        draft.solver = signer("solver").address();
        draft.owner = bank.address();
        draft.data = {named_id("single")};
        draft.outcome = ReceiptOutcome::succeeded;
        const auto sealed = must(job::seal_receipt(draft, chain->network(), signer(signer_key), random));
        sealed_text = sealed.document;
        must(chain->post_receipt(signer(poster), job, named_id("single"), draft.outcome, sealed.digest));
        auto read = must(read_receipt(sealed.document));
        CHECK(read.owner == bank.address());
        CHECK(read.signer == signer(signer_key).address());
        return read;
    }
    void check_confirmed(const JobReceipt& receipt) { CHECK(confirm_receipt(receipt, *chain).ok()); }
    void check_refused(const JobReceipt& receipt) {
        CHECK(confirm_receipt(receipt, *chain).error().name == "receipt_signer");
    }
    void allow(const std::string& key, KeyUse use = KeyUse::work) {
        must(chain->add_delegate(bank, bank.address(), use, signer(key).address(), 60));
    }

    support::CountingSigner& bank = signer("bank a");
    /// The receipt that was posted last.
    std::string sealed_text;
};

}  // namespace

TEST_CASE_FIXTURE(Receipts, "a receipt by a delegate is good by the block where it was posted, whatever came later") {
    allow("server");
    const auto receipt = seal_and_post("server", "server");
    check_confirmed(receipt);
    must(chain->revoke_delegate(bank, bank.address(), KeyUse::work, signer("server").address()));
    check_confirmed(receipt);
    must(chain->change_owner(bank, bank.address(), signer("cold").address()));
    check_confirmed(receipt);
    clock->now += 3600;
    check_confirmed(receipt);
}

TEST_CASE_FIXTURE(Receipts, "a receipt by a key that does not act for its owner is none, also if it does later") {
    const auto receipt = seal_and_post("server", "bank a");
    check_refused(receipt);
    allow("server");
    check_refused(receipt);
}

TEST_CASE_FIXTURE(Receipts,
                  "a receipt by a delegate for grants, one that was revoked, or whose time was over is none") {
    SUBCASE("for grants") {
        allow("server", KeyUse::grant);
        check_refused(seal_and_post("server", "bank a"));
    }
    SUBCASE("revoked") {
        allow("server");
        must(chain->revoke_delegate(bank, bank.address(), KeyUse::work, signer("server").address()));
        check_refused(seal_and_post("server", "bank a"));
    }
    SUBCASE("over") {
        allow("server");
        clock->now += 61;
        check_refused(seal_and_post("server", "bank a"));
    }
}

TEST_CASE_FIXTURE(Receipts, "a receipt by a registered key that another replaced is none") {
    must(chain->change_owner(bank, bank.address(), signer("cold").address()));
    CHECK(chain->post_receipt(bank, job, named_id("single"), ReceiptOutcome::failed, named_id("x")).status() ==
          Status::REFUSED);
    check_refused(seal_and_post("bank a", "cold"));
}

TEST_CASE_FIXTURE(Receipts, "a receipt by the owner key that replaced another is good") {
    must(chain->change_owner(bank, bank.address(), signer("cold").address()));
    check_confirmed(seal_and_post("cold", "cold"));
}

TEST_CASE_FIXTURE(Receipts, "who signed a receipt is confirmed by itself where that key acted for the owner") {
    const auto open = [&](const std::string& signer_key) {
        seal_and_post(signer_key, "bank a");
        return must(read_opened_member(must(open_receipt_member(sealed_text, "signer"))));
    };
    SUBCASE("a delegate, whatever came later") {
        allow("server");
        const auto opened = open("server");
        must(chain->revoke_delegate(bank, bank.address(), KeyUse::work, signer("server").address()));
        CHECK(must(confirm_opened_member(opened, *chain)).size() == 1);
    }
    SUBCASE("a delegate for grants does not") {
        allow("treasurer", KeyUse::grant);
        CHECK(confirm_opened_member(open("treasurer"), *chain).error().name == "receipt_signer");
    }
    SUBCASE("anybody does not") {
        CHECK(confirm_opened_member(open("solver"), *chain).error().name == "receipt_signer");
    }
    SUBCASE("what is no address is none") {
        auto opened = open("bank a");
        opened.value_json = "\"bank a\"";
        CHECK(confirm_opened_member(opened, *chain).status() == Status::INVALID_ARGUMENT);
    }
}
