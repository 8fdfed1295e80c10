// What an owner decided, read from a ledger, a served ledger and an EVM: all three let a provider do the same.

#include "evm/networks.hpp"
#include "job/grant_decision.hpp"

#include <doctest/doctest.h>

namespace c2d {

inline doctest::String toString(Reason reason) { return reason_name(reason); }

namespace evm {

using support::must;
using support::named_id;

namespace {

/// A bank's token and compositions of two companies on one network.
struct Market {
    explicit Market(Network& network, Networks& networks) : chain(network.chain), time(networks) {
        for (const char* who : {"bank", "solver", "firm"}) {
            must(chain.register_enterprise(key("admin"), key(who).address(), who, "about"));
            must(chain.add_provider(key("admin"), key(who).address()));
        }
        must(chain.mint(key("bank"), named_id("rows"), true, named_id("sum"), "QmRows"));
    }
    static PrivateKey& key(std::string_view who) { return Networks::key(who); }

    void compose(const char* cdt, const char* who) {
        must(chain.mint(key(who), named_id(cdt), false, named_id("sum"), "QmModel"));
    }
    /// As a provider does: gives what it may.
    Reason ask(const char* cdt, const asset::GrantTerms& terms) {
        job::GrantAnswer answer;
        const job::GrantQuestion question{named_id("rows"), named_id(cdt), terms, time.now()};
        const auto verdict = must(job::decide_grant(chain, question, answer));
        if (!verdict.accepted()) return verdict.reason;
        if (!answer.stands) must(chain.grant(key("bank"), named_id("rows"), named_id(cdt), answer.limits));
        return Reason::accepted;
    }

    Chain& chain;
    Networks& time;
};

}  // namespace

TEST_CASE("what is taken back is given to no composition of the same company, on every network") {
    Networks networks;
    const asset::GrantTerms unbounded;
    for (auto& network : networks.all()) {
        CAPTURE(network.name);
        Market market(network, networks);
        market.compose("one", "solver");
        market.compose("two", "solver");
        market.compose("theirs", "firm");
        CHECK(market.ask("one", unbounded) == Reason::accepted);
        must(market.chain.revoke(Market::key("bank"), named_id("rows"), named_id("one")));
        CHECK(market.ask("one", unbounded) == Reason::grant_needs_owner);
        CHECK(market.ask("two", unbounded) == Reason::grant_needs_owner);
        CHECK(market.ask("theirs", unbounded) == Reason::accepted);
    }
}

TEST_CASE("a bounded grant is renewed as often as the terms say, on every network") {
    Networks networks;
    asset::GrantTerms terms;
    terms.seconds = 600;
    terms.renew = 1;
    std::vector<Market> markets;
    for (auto& network : networks.all()) {
        markets.emplace_back(network, networks);
        for (const char* cdt : {"one", "two"}) markets.back().compose(cdt, "solver");
        CHECK(markets.back().ask("one", terms) == Reason::accepted);
    }
    networks.pass(700);
    for (auto& market : markets) CHECK(market.ask("two", terms) == Reason::accepted);
    networks.pass(700);
    for (auto& market : markets) {
        CHECK(market.ask("one", terms) == Reason::grant_needs_owner);
        CHECK(market.ask("two", terms) == Reason::grant_needs_owner);
    }
}

}  // namespace evm
}  // namespace c2d
