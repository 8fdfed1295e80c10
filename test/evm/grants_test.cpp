// What an owner decided, read from a ledger, a served ledger and an EVM: all three let a provider do the same.

#include "evm/networks.hpp"
#include "support/market.hpp"

namespace c2d::evm {

using support::Market;
using support::must;

TEST_CASE("what is taken back is given to no composition of the same company, on every network") {
    Networks networks;
    const asset::GrantTerms unbounded;
    for (auto& network : networks.all()) {
        CAPTURE(network.name);
        Market market(network.chain, [&networks] { return networks.now(); });
        market.compose("one", "solver");
        market.compose("two", "solver");
        market.compose("theirs", "firm");
        CHECK(market.ask("one", unbounded) == Reason::accepted);
        market.take_back("one");
        CHECK(market.ask("one", unbounded) == Reason::grant_needs_owner);
        CHECK(market.ask("two", unbounded) == Reason::grant_needs_owner);
        // Another address of the same organisation.
        for (const char* who : {"solver", "firm"})
            must(market.chain.update_enterprise(Market::key("admin"), Market::key(who).address(), who, "about",
                                                "DE:HRB1"));
        CHECK(market.ask("theirs", unbounded) == Reason::grant_needs_owner);
    }
}

TEST_CASE("a bounded grant is renewed as often as the terms say, on every network") {
    Networks networks;
    asset::GrantTerms terms;
    terms.seconds = 600;
    terms.renew = 1;
    std::vector<Market> markets;
    for (auto& network : networks.all()) {
        markets.emplace_back(network.chain, [&networks] { return networks.now(); });
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

}  // namespace c2d::evm
