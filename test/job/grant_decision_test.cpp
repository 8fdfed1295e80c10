/// What a provider grants by itself: decided by what the ledger holds, whatever the provider forgot.
#include "job/grant_decision.hpp"
#include "asset/values.hpp"
#include "chain/ledger/ledger_node.hpp"
#include "job/composers.hpp"
#include "support/joint.hpp"
#include "support/market.hpp"

using namespace c2d;
using support::Desk;
using support::must;
using support::named_id;

namespace {

constexpr const char* kFree = R"({"lr":{},"outputs":{}})";

/// Bank a offers "offer"; the solver, whose name on the ledger is one, and "other" compose.
struct Deciding : Desk {
    Deciding() { organisation("other"); }

    void offer(const std::string& grant) {
        const auto attributes = grant.empty() ? std::string("{}") : R"({"grant":)" + grant + "}";
        must(publish("bank a", "offer", leaf("alone", kFree, attributes)));
    }
    void compose(const std::string& cdt, const std::string& who = "solver", const std::string& child = "offer",
                 const std::string& constraint = kFree) {
        must(publish(who, cdt, composition("Dataset", {{child, constraint}})));
    }
    /// As a provider does: gives what it may.
    Reason ask(const std::string& cdt, const std::string& who = "solver") {
        const auto verdict =
            must(verifier().verify_grant(envelope(request(Method::grantPermission, "offer", cdt), who)));
        if (!verdict.accepted()) return verdict.reason;
        const auto bounds = must(asset::grant_terms_of(*registry, named_id("offer")));
        job::GrantAnswer answer;
        REQUIRE(
            must(job::decide_grant(*chain, {named_id("offer"), named_id(cdt), bounds, clock->now}, answer)).accepted());
        if (!answer.stands) must(chain->grant(signer("bank a"), named_id("offer"), named_id(cdt), answer.limits));
        return Reason::accepted;
    }
    /// The owner's own word.
    void give(const std::string& cdt) { must(registry->grant(signer("bank a"), named_id("offer"), named_id(cdt))); }
    void take_back(const std::string& cdt) { must(chain->revoke(signer("bank a"), named_id("offer"), named_id(cdt))); }
};

}  // namespace

TEST_CASE_FIXTURE(Deciding, "what was taken back from a composer is not given for another composition of the same") {
    offer("");
    for (const char* cdt : {"one", "two"}) compose(cdt);
    compose("theirs", "other");
    CHECK(ask("one") == Reason::accepted);
    take_back("one");
    CHECK(ask("one") == Reason::grant_needs_owner);
    CHECK(ask("two") == Reason::grant_needs_owner);
    CHECK(ask("theirs", "other") == Reason::accepted);
    // The owner's word is for what it names.
    give("two");
    CHECK(ask("two") == Reason::accepted);
    CHECK(ask("one") == Reason::grant_needs_owner);
}

TEST_CASE_FIXTURE(Deciding, "without bounds every composition is granted") {
    offer("");
    for (const char* cdt : {"one", "two", "three"}) {
        compose(cdt);
        CHECK(ask(cdt) == Reason::accepted);
    }
}

TEST_CASE_FIXTURE(Deciding, "with bounds and without renew, a grant that is over is not given again") {
    offer(R"({"seconds":60})");
    compose("one");
    CHECK(ask("one") == Reason::accepted);
    CHECK(ask("one") == Reason::accepted);
    clock->now += 61;
    const auto refused = must(verifier().verify_grant(envelope(request(Method::grantPermission, "offer", "one"))));
    CHECK(refused.reason == Reason::grant_needs_owner);
    give("one");
    CHECK(ask("one") == Reason::accepted);
}

TEST_CASE_FIXTURE(Deciding, "another composition of the same composer begins nothing anew") {
    offer(R"({"seconds":60})");
    for (const char* cdt : {"one", "two"}) compose(cdt);
    compose("theirs", "other");
    CHECK(ask("one") == Reason::accepted);
    clock->now += 61;
    CHECK(ask("two") == Reason::grant_needs_owner);
    CHECK(ask("theirs", "other") == Reason::accepted);
}

TEST_CASE_FIXTURE(Deciding, "renew is how often it is given again") {
    offer(R"({"seconds":60,"renew":2})");
    compose("one");
    compose("theirs", "other");
    for (int given = 0; given < 3; ++given) {
        CHECK(ask("one") == Reason::accepted);
        clock->now += 61;
    }
    CHECK(ask("one") == Reason::grant_needs_owner);
    CHECK(ask("theirs", "other") == Reason::accepted);
}

TEST_CASE_FIXTURE(Deciding, "counted per composition, each has its own") {
    offer(R"({"seconds":60,"per":"composition"})");
    for (const char* cdt : {"one", "two"}) compose(cdt);
    CHECK(ask("one") == Reason::accepted);
    CHECK(ask("two") == Reason::accepted);
    clock->now += 61;
    CHECK(ask("one") == Reason::grant_needs_owner);
    CHECK(ask("two") == Reason::grant_needs_owner);
}

TEST_CASE_FIXTURE(Deciding, "what waits for the owner keeps the terms") {
    offer(R"({"seconds":60})");
    compose("one");
    CHECK(ask("one") == Reason::accepted);
    clock->now += 61;
    must(registry->update_operator(signer("admin"), draft("alone", kFree, "null", "another()")));
    CHECK(ask("one") == Reason::template_changed);
}

TEST_CASE_FIXTURE(Deciding, "bounds that cannot be read are no bounds") {
    mint_unchecked("bank a", "offer", leaf("alone", kFree, R"({"grant":{"jobs":"many"}})"), true);
    compose("one");
    CHECK(ask("one") == Reason::document_invalid);
}

TEST_CASE_FIXTURE(Deciding, "a provider may name the composers whom it grants to") {
    offer("");
    compose("one");
    compose("theirs", "other");
    verifier_options.accepted_composers = {address_text(signer("solver").address())};
    CHECK(ask("one") == Reason::accepted);
    CHECK(ask("theirs", "other") == Reason::party_not_accepted);
}

TEST_CASE_FIXTURE(Deciding, "at a job every composer of our tokens counts, and no other") {
    build();
    verifier_options.accepted_composers = {address_text(signer("solver").address())};
    CHECK(job_reason() == Reason::accepted);
    verifier_options.accepted_composers = {address_text(signer("other").address())};
    CHECK(job_reason() == Reason::party_not_accepted);

    offer("");
    compose("inner", "other");
    give("inner");
    must(registry->activate(signer("other"), named_id("inner")));
    must(publish("solver", "outer",
                 composition("Algorithm", {{"inner", "{\"" + text("offer") + R"(":{"lr":1,"outputs":[]}})"}})));
    must(registry->grant(signer("other"), named_id("inner"), named_id("outer")));
    must(registry->activate(signer("solver"), named_id("outer")));
    start("outer");
    CHECK(job_reason("offer", "outer") == Reason::party_not_accepted);
    verifier_options.accepted_composers = {address_text(signer("solver").address())};
    CHECK(job_reason("offer", "outer") == Reason::party_not_accepted);
    verifier_options.accepted_composers.push_back(address_text(signer("other").address()));
    CHECK(job_reason("offer", "outer") == Reason::accepted);
}

// What the ledger's own decisions add -------------------------------------------------------------

TEST_CASE_FIXTURE(Deciding, "what was taken back is not used through another's composition of it") {
    offer("");
    compose("inner", "other");
    CHECK(ask("inner", "other") == Reason::accepted);
    must(registry->activate(signer("other"), named_id("inner")));
    must(publish("solver", "outer",
                 composition("Algorithm", {{"inner", "{\"" + text("offer") + R"(":{"lr":1,"outputs":[]}})"}})));
    must(registry->grant(signer("other"), named_id("inner"), named_id("outer")));
    must(registry->activate(signer("solver"), named_id("outer")));
    start("outer");
    CHECK(job_reason("offer", "outer") == Reason::accepted);
    const auto through_another = job;

    compose("one");
    CHECK(ask("one") == Reason::accepted);
    take_back("one");
    const auto refused = job_verdict("offer", "outer");
    CHECK(refused.reason == Reason::grant_needs_owner);
    CHECK(refused.actual.find(address_text(signer("solver").address())) != std::string::npos);

    // The owner gives it to a composition of theirs: that one runs, the other still does not.
    must(publish("solver", "direct", composition("Algorithm", {{"offer", R"({"lr":1,"outputs":[]})"}})));
    give("direct");
    must(registry->activate(signer("solver"), named_id("direct")));
    start("direct");
    CHECK(job_reason("offer", "direct") == Reason::accepted);
    job = through_another;
    CHECK(job_reason("offer", "outer") == Reason::grant_needs_owner);
}

TEST_CASE_FIXTURE(Deciding, "a second address of the same organisation is no new partner") {
    offer("");
    compose("one");
    compose("theirs", "other");
    for (const char* who : {"solver", "other"})
        must(chain->update_enterprise(signer("admin"), signer(who).address(), who, "about", "DE:HRB1"));
    CHECK(ask("one") == Reason::accepted);
    take_back("one");
    CHECK(ask("theirs", "other") == Reason::grant_needs_owner);
    verifier_options.accepted_composers = {"DE:HRB2"};
    CHECK(ask("one") == Reason::party_not_accepted);
    verifier_options.accepted_composers = {"DE:HRB1"};
    CHECK(ask("one") == Reason::grant_needs_owner);
}

TEST_CASE_FIXTURE(Deciding, "compositions of one composer share an allowance") {
    offer(R"({"jobs":1,"seconds":60})");
    for (const char* cdt : {"one", "two"}) {
        compose(cdt);
        CHECK(ask(cdt) == Reason::accepted);
        must(registry->activate(signer("solver"), named_id(cdt)));
        clock->now += 5;
    }
    const auto first = must(chain->grant_state(named_id("offer"), named_id("one"))).limits;
    const auto second = must(chain->grant_state(named_id("offer"), named_id("two"))).limits;
    CHECK(std::tuple(first.expiry, first.uses) == std::tuple(second.expiry, second.uses));
    start("one");
    CHECK(ask("one") == Reason::grant_needs_owner);
    CHECK(ask("two") == Reason::grant_needs_owner);
    CHECK(chain->add_job(signer("solver"), named_id("two"), task).error().name == "grant_spent");
    // The owner's word is one more job, for either.
    give("two");
    CHECK(ask("one") == Reason::accepted);
    start("one");
    CHECK(ask("two") == Reason::grant_needs_owner);
}

TEST_CASE_FIXTURE(Deciding, "a token that is closed on the ledger gets no grants and no jobs, whoever owns it") {
    offer("");
    compose("one");
    must(chain->close_token(signer("bank a"), named_id("offer")));
    CHECK(ask("one") == Reason::token_closed);
    must(chain->open_token(signer("bank a"), named_id("offer")));
    CHECK(ask("one") == Reason::accepted);
    build();
    CHECK(job_reason() == Reason::accepted);
    must(chain->close_token(signer("bank b"), named_id("rows b")));
    CHECK(job_reason() == Reason::token_closed);
    must(chain->open_token(signer("bank b"), named_id("rows b")));
    must(chain->close_token(signer("solver"), named_id("algo")));
    CHECK(job_reason() == Reason::token_closed);
}

TEST_CASE_FIXTURE(Deciding, "what is given for the asking rests on final blocks") {
    offer(R"({"jobs":1,"renew":5})");
    for (const char* cdt : {"one", "two"}) compose(cdt);
    // The chain that the provider reads, of which a later block may be replaced.
    const Chain& read = registry->chain();
    const auto bounds = must(asset::grant_terms_of(*registry, named_id("offer")));
    const auto finality = [&](const char* cdt) {
        const job::GrantQuestion question{named_id("offer"), named_id(cdt), bounds, clock->now};
        job::GrantAnswer answer;
        REQUIRE(must(job::decide_grant(read, question, answer)).accepted());
        REQUIRE_FALSE(answer.stands);
        return must(job::check_given_is_final(read, question, answer)).reason;
    };
    const auto settle = [&] { node->settled = must(chain->node().at_head()); };
    CHECK(finality("one") == Reason::accepted);
    settle();
    SUBCASE("an allowance of the owner's own word") {
        must(registry->grant(signer("bank a"), named_id("offer"), named_id("one"), {std::nullopt, 100}));
        CHECK(finality("two") == Reason::not_final);
        settle();
        CHECK(finality("two") == Reason::accepted);
    }
    SUBCASE("jobs that a renewal counts from") {
        CHECK(ask("one") == Reason::accepted);
        settle();
        must(registry->activate(signer("solver"), named_id("one")));
        start("one");
        CHECK(finality("two") == Reason::not_final);
        settle();
        CHECK(finality("two") == Reason::accepted);
    }
    SUBCASE("what was taken back where it is final, and given again since") {
        CHECK(ask("one") == Reason::accepted);
        take_back("one");
        settle();
        const job::GrantQuestion question{named_id("offer"), named_id("two"), bounds, clock->now};
        CHECK(must(job::check_given_is_final(read, question, {})).reason == Reason::not_final);
    }
}

namespace {

/// A ledger that began under edition 1.
struct Old {
    Old() {
        ledger::LedgerOptions options{":memory:", "", clock, std::make_shared<support::RepeatableRandom>("old"),
                                      Logger::silent()};
        options.edition = 1;
        ChainOptions opened;
        opened.node = must(ledger::create_ledger(options, support::Market::key("admin")));
        chain.emplace(must(Chain::open(opened)));
        market.emplace(*chain, [this] { return clock->now.load(); });
        for (const char* cdt : {"one", "two", "three"}) market->compose(cdt, "solver");
        market->compose("theirs", "firm");
    }
    void upgrade() { must(chain->start_edition(support::Market::key("admin"), 2)); }
    static std::shared_ptr<const asset::Token> token(const char* dt, const char* owner) {
        auto out = std::make_shared<asset::Token>();
        out->ddo.dt = named_id(dt);
        out->record.owner = support::Market::key(owner).address();
        return out;
    }
    /// What the bank says of a job of `solver` that uses its rows through the composition `inner`.
    Reason through(const char* inner, const char* composer, const char* solver = "solver") {
        const auto algorithm = token("outer", solver), between = token(inner, composer), rows = token("rows", "bank");
        const asset::Composition composition{{{rows, nullptr, nullptr, {}, ""}},
                                             {{rows->ddo.dt, between->ddo.dt}, {between->ddo.dt, algorithm->ddo.dt}},
                                             {between}};
        const std::vector<std::string> everybody;
        return must(job::check_composers(*chain, {everybody, rows->record.owner}, *algorithm, composition)).reason;
    }

    std::shared_ptr<support::FakeClock> clock = std::make_shared<support::FakeClock>();
    std::optional<Chain> chain;
    std::optional<support::Market> market;
};

}  // namespace

TEST_CASE_FIXTURE(Old, "under edition 1 the logs decide, and what they tell counts after the upgrade") {
    const asset::GrantTerms unbounded;
    asset::GrantTerms terms;
    terms.seconds = 60;
    terms.renew = 1;
    CHECK(market->ask("one", terms) == Reason::accepted);
    CHECK(market->ask("two", terms) == Reason::accepted);
    CHECK(market->ask("three", terms) == Reason::grant_needs_owner);
    upgrade();
    CHECK(market->ask("three", terms) == Reason::grant_needs_owner);
    CHECK(market->ask("theirs", terms) == Reason::accepted);
    CHECK(market->ask("three", unbounded) == Reason::accepted);
}

TEST_CASE_FIXTURE(Old, "what was taken back before the upgrade stays so") {
    const asset::GrantTerms unbounded;
    CHECK(market->ask("one", unbounded) == Reason::accepted);
    market->take_back("one");
    CHECK(market->ask("two", unbounded) == Reason::grant_needs_owner);
    upgrade();
    CHECK(market->ask("one", unbounded) == Reason::grant_needs_owner);
    CHECK(market->ask("two", unbounded) == Reason::grant_needs_owner);
    CHECK(market->ask("theirs", unbounded) == Reason::accepted);
}

TEST_CASE_FIXTURE(Old, "what was taken back before the upgrade is not used through another's composition of it") {
    for (const char* cdt : {"one", "theirs"}) CHECK(market->ask(cdt, {}) == Reason::accepted);
    CHECK(through("theirs", "firm") == Reason::accepted);
    market->take_back("one");
    CHECK(through("theirs", "firm") == Reason::grant_needs_owner);
    CHECK(through("two", "solver") == Reason::accepted);
    upgrade();
    CHECK(through("theirs", "firm") == Reason::grant_needs_owner);
    CHECK(through("two", "solver") == Reason::accepted);
    CHECK(through("theirs", "firm", "firm") == Reason::accepted);
}
