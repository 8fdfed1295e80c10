// What an owner decides about an organisation and about a token as a whole: edition 2.
#include "contracts/rig.hpp"

using namespace c2d;
using namespace c2d::contracts;
namespace f = contracts::dt_factory;

namespace {

/// The bank's leaf; compositions of the solver, of its second address (one legal id), and of a rival.
struct Decisions : Rig {
    const Address at = block.contracts.dt_factory;
    const Address market = block.contracts.task_market;
    const std::uint64_t now = block.time;

    Decisions() {
        for (const char* name : {"bank", "solver", "second", "rival"}) organisation(name);
        legal("solver", "DE:HRB1");
        legal("second", "DE:HRB1");
        mint("bank", "leaf", true);
        mint("bank", "other", true);
        for (const char* cdt : {"cdt", "cdt2"}) mint("solver", cdt, false);
        mint("second", "of second", false);
        mint("rival", "of rival", false);
        REQUIRE(send("solver", market, task_market::kCreateTask, {text("t"), text("")}).code == kSuccess);
    }
    void legal(std::string_view name, std::string_view id) {
        REQUIRE(send("admin", block.contracts.asset_provider, asset_provider::kUpdateOrganisation,
                     {address(name), text(name), text(""), text(id)})
                    .code == kSuccess);
    }
    void mint(std::string_view owner, std::string_view id, bool leaf) {
        REQUIRE(send(owner, at, f::kMint, {token(id), address(owner), Value::of(leaf), word("document"), text("Qm1")})
                    .code == kSuccess);
    }
    Outcome grant(std::string_view cdt, std::uint64_t mode = 0, std::uint64_t uses = 0, std::uint64_t expiry = 0,
                  std::string_view from = "bank") {
        return send(from, at, f::kGrantDecided,
                    {token("leaf"), token(cdt), number(expiry), number(uses), number(mode)});
    }
    Outcome plain(std::string_view cdt) { return send("bank", at, f::kGrant, {token("leaf"), token(cdt)}); }
    Outcome limited(std::string_view cdt) {
        return send("bank", at, f::kGrantLimited, {token("leaf"), token(cdt), number(0), number(1)});
    }
    Outcome revoke(std::string_view cdt) { return send("bank", at, f::kRevoke, {token("leaf"), token(cdt)}); }
    Outcome close(std::string_view from, std::string_view dt) { return send(from, at, f::kClose, {token(dt)}); }
    Outcome open(std::string_view from, std::string_view dt) { return send(from, at, f::kOpen, {token(dt)}); }
    void compose(std::string_view owner, std::string_view cdt) {
        REQUIRE(send(owner, at, f::kStartCompose, {token(cdt), tokens({"leaf"})}).code == kSuccess);
    }
    Outcome job(std::string_view cdt, std::string_view from = "solver") {
        return send(from, market, task_market::kAddJob, {token(cdt), number(1)});
    }
    /// grants, revokedAt, used, expiry, uses
    Values decision(std::string_view composer) { return view(at, f::kGetDecision, {token("leaf"), address(composer)}); }
    /// given, expiry, uses, used, mode, times
    Values terms(std::string_view cdt) { return view(at, f::kGetGrantTerms, {token("leaf"), token(cdt)}); }
    Values numbers(std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d, std::uint64_t e) {
        return {number(a), number(b), number(c), number(d), number(e)};
    }
};

}  // namespace

TEST_CASE_FIXTURE(Decisions, "a revocation is final for every composition and address of the organisation") {
    REQUIRE(plain("cdt").code == kSuccess);
    block.time = now + 5;
    REQUIRE(revoke("cdt").code == kSuccess);
    for (const char* cdt : {"cdt", "cdt2", "of second"}) {
        CAPTURE(std::string(cdt));
        check_refused(plain(cdt), kGrantNeedsOwner);
        check_refused(limited(cdt), kGrantNeedsOwner);
        check_refused(grant(cdt), kGrantNeedsOwner);
        check_refused(grant(cdt, f::kPerComposer, 5), kGrantNeedsOwner);
    }
    CHECK(plain("of rival").code == kSuccess);
    CHECK(decision("solver") == numbers(1, now + 5, 0, 0, 0));
    CHECK(decision("second") == numbers(1, now + 5, 0, 0, 0));
    CHECK(decision("rival") == numbers(1, 0, 0, 0, 0));
    // The owner's word gives again, and the revocation stays noted.
    CHECK(grant("cdt2", f::kOwnersWord).code == kSuccess);
    CHECK(decision("solver") == numbers(1, now + 5, 0, 0, 0));
    check_refused(plain("cdt"), kGrantNeedsOwner);
}

TEST_CASE_FIXTURE(Decisions, "a revocation counts on when a legal id is added, changed or taken away") {
    REQUIRE(plain("of rival").code == kSuccess);
    REQUIRE(revoke("of rival").code == kSuccess);
    legal("rival", "DE:HRB2");
    check_refused(plain("of rival"), kGrantNeedsOwner);
    legal("second", "DE:HRB2");
    legal("rival", "");
    check_refused(plain("of rival"), kGrantNeedsOwner);
    // Nor is it forgotten under a legal id to which nothing was refused.
    REQUIRE(plain("cdt").code == kSuccess);
    legal("rival", "DE:HRB1");
    mint("rival", "of rival too", false);
    check_refused(plain("of rival too"), kGrantNeedsOwner);
}

TEST_CASE_FIXTURE(Decisions, "checks of a grant come in their order") {
    check_refused(grant("cdt", 4, 0, 0, "rival"), kNoPermission);
    check_refused(grant("nothing", 4), kTokenUnknown);
    check_refused(grant("cdt", 4), kModeUnknown);
    REQUIRE(plain("cdt").code == kSuccess);
    check_refused(grant("cdt", 4), kModeUnknown);
    REQUIRE(close("bank", "leaf").code == kSuccess);
    check_refused(grant("cdt", f::kOwnersWord), kGrantedAlready);
    REQUIRE(revoke("cdt").code == kSuccess);
    check_refused(grant("cdt"), kTokenClosed);
    check_refused(grant("cdt", f::kOwnersWord), kTokenClosed);
    REQUIRE(open("bank", "leaf").code == kSuccess);
    // Before the grantee's kind, and the grant's end.
    mint("solver", "solver leaf", true);
    check_refused(grant("solver leaf"), kGrantNeedsOwner);
    check_refused(grant("solver leaf", f::kOwnersWord, 0, now - 1), kCompositeUnavailable);
    check_refused(grant("cdt", f::kOwnersWord, 0, now - 1), kGrantExpired);
}

TEST_CASE_FIXTURE(Decisions, "a mode that does not fit 64 bits is unknown") {
    Bytes32 large;
    large.data[0] = 1;
    check_refused(
        send("bank", at, f::kGrantDecided, {token("leaf"), token("cdt"), number(0), number(0), Value::uint256(large)}),
        kModeUnknown);
}

TEST_CASE_FIXTURE(Decisions, "a bound per composer counts the jobs of all its compositions and addresses") {
    REQUIRE(grant("cdt", f::kPerComposer, 2, now + 100).code == kSuccess);
    REQUIRE(grant("cdt2", f::kPerComposer, 2, now + 100).code == kSuccess);
    REQUIRE(grant("of second", f::kPerComposer, 2, now + 100).code == kSuccess);
    CHECK(decision("solver") == numbers(1, 0, 0, now + 100, 2));  // one allowance, for however many compositions
    compose("solver", "cdt");
    compose("solver", "cdt2");
    compose("second", "of second");
    CHECK(job("cdt").code == kSuccess);
    CHECK(job("cdt2").code == kSuccess);
    check_refused(job("cdt"), kGrantSpent);
    check_refused(job("of second", "second"), kGrantSpent);
    CHECK(decision("second") == numbers(1, 0, 2, now + 100, 2));
    CHECK(terms("cdt") == Values{Value::of(true), number(now + 100), number(2), number(2), number(1), number(1)});
    CHECK(view(at, f::kGetGrant, {token("leaf"), token("of second")}) ==
          Values{Value::of(true), number(now + 100), number(2), number(2)});
    // Spent: a further allowance, which is absolute.
    CHECK(grant("cdt", f::kPerComposer, 3, now + 100).code == kSuccess);
    CHECK(decision("solver") == numbers(2, 0, 2, now + 100, 3));
    CHECK(job("cdt").code == kSuccess);
    check_refused(job("cdt"), kGrantSpent);
}

TEST_CASE_FIXTURE(Decisions, "grants of a composition count its jobs, and the decision all of them") {
    REQUIRE(limited("cdt").code == kSuccess);
    REQUIRE(plain("cdt2").code == kSuccess);
    compose("solver", "cdt");
    compose("solver", "cdt2");
    CHECK(job("cdt").code == kSuccess);
    check_refused(job("cdt"), kGrantSpent);
    CHECK(job("cdt2").code == kSuccess);
    CHECK(decision("solver") == numbers(2, 0, 2, 0, 0));
    CHECK(terms("cdt2") == Values{Value::of(true), number(0), number(0), number(0), number(0), number(1)});
    REQUIRE(limited("cdt").code == kSuccess);
    CHECK(terms("cdt") == Values{Value::of(true), number(0), number(1), number(0), number(0), number(2)});
    CHECK(decision("solver")[2].number() == 2);
}

TEST_CASE_FIXTURE(Decisions, "the owner's word is no grant that a program gave") {
    REQUIRE(grant("cdt", f::kOwnersWord).code == kSuccess);
    CHECK(decision("solver") == numbers(0, 0, 0, 0, 0));
    CHECK(terms("cdt")[5].number() == 0);
    // It sets the allowance all the same.
    REQUIRE(grant("cdt2", f::kOwnersWord | f::kPerComposer, 9, now + 9).code == kSuccess);
    CHECK(decision("solver") == numbers(0, 0, 0, now + 9, 9));
    CHECK(terms("cdt2")[4].number() == 1);
}

TEST_CASE_FIXTURE(Decisions, "a first allowance without bounds is a grant as well") {
    REQUIRE(grant("cdt", f::kPerComposer).code == kSuccess);
    CHECK(decision("solver")[0].number() == 1);
    REQUIRE(grant("cdt2", f::kPerComposer).code == kSuccess);
    CHECK(decision("solver")[0].number() == 1);
}

TEST_CASE_FIXTURE(Decisions, "who closes and opens a token, in the order of the checks") {
    enterprise("no provider");
    check_refused(close("no provider", "nothing"), kNoPermission);
    check_refused(close("bank", "nothing"), kTokenUnknown);
    check_refused(close("solver", "leaf"), kNoPermission);
    check_refused(open("no provider", "nothing"), kNoPermission);
    check_refused(open("bank", "nothing"), kTokenUnknown);
    check_refused(open("solver", "leaf"), kNoPermission);
    check_refused(open("bank", "leaf"), kTokenNotClosed);
    const auto closed = close("bank", "leaf");
    REQUIRE(closed.logs.size() == 1);
    check_event(closed.logs[0], at, f::kDataTokenClosed, {token("leaf"), address("bank"), number(kSuccess)});
    CHECK(holds(at, f::kIsClosed, {token("leaf")}));
    CHECK_FALSE(holds(at, f::kIsClosed, {token("other")}));
    check_refused(close("bank", "leaf"), kTokenClosed);
    const auto opened = open("bank", "leaf");
    REQUIRE(opened.logs.size() == 1);
    check_event(opened.logs[0], at, f::kDataTokenOpened, {token("leaf"), address("bank"), number(kSuccess)});
    CHECK_FALSE(holds(at, f::kIsClosed, {token("leaf")}));
    CHECK(close("bank", "leaf").code == kSuccess);
}

TEST_CASE_FIXTURE(Decisions, "a closed token takes no grants and no jobs, and its grants stand") {
    REQUIRE(plain("cdt").code == kSuccess);
    compose("solver", "cdt");
    REQUIRE(close("bank", "leaf").code == kSuccess);
    check_refused(job("cdt"), kTokenClosed);
    check_refused(plain("cdt2"), kTokenClosed);
    check_refused(limited("cdt2"), kTokenClosed);
    CHECK(view(at, f::kGetPermission, {token("leaf"), token("cdt")})[0].boolean());
    REQUIRE(open("bank", "leaf").code == kSuccess);
    CHECK(job("cdt").code == kSuccess);
    // The composition itself.
    REQUIRE(close("solver", "cdt").code == kSuccess);
    check_refused(job("cdt"), kTokenClosed);
}

TEST_CASE_FIXTURE(Decisions, "edition 1 knows none of it") {
    block.edition = 1;
    for (const auto& function : {Function(f::kClose), Function(f::kOpen), Function(f::kIsClosed)})
        CHECK(reverts(at, function, {token("leaf")}));
    CHECK(reverts(at, f::kGetDecision, {token("leaf"), address("solver")}));
    CHECK(reverts(at, f::kGetGrantTerms, {token("leaf"), token("cdt")}));
    CHECK(reverts(at, f::kGrantDecided, {token("leaf"), token("cdt"), number(0), number(0), number(0)}));
    REQUIRE(plain("cdt").code == kSuccess);
    compose("solver", "cdt");
    REQUIRE(job("cdt").code == kSuccess);
    REQUIRE(revoke("cdt").code == kSuccess);
    block.edition = 2;
    CHECK(decision("solver") == numbers(0, 0, 0, 0, 0));
    CHECK(terms("cdt") == Values{Value::of(false), number(0), number(0), number(0), number(0), number(0)});
    // What was taken back then stays so.
    check_refused(plain("cdt"), kGrantNeedsOwner);
    CHECK(grant("cdt", f::kOwnersWord).code == kSuccess);
}
