/// Which keys two providers take for each other's.
#include "provider/peer_relay.hpp"

#include "support/ledger.hpp"

#include <fmt/format.h>

#include <future>
#include <sys/socket.h>

using namespace c2d;
using support::must;

namespace {

struct Peers : support::Ledger {
    Peers() {
        for (const char* who : {"bank a", "bank b"}) organisation(who);
        must(chain->add_delegate(bank(), bank().address(), KeyUse::work, signer("server").address(), 60));
    }
    support::CountingSigner& bank() { return signer("bank b"); }

    JobTerms terms(unsigned party) {
        JobTerms out;
        out.job_id = 1;
        out.parties = 2;
        out.party = party;
        for (unsigned number = 0; number < 2; ++number)
            out.all_parties.push_back({number, signer(number == 0 ? "bank a" : "bank b").address(), "",
                                       fmt::format("127.0.0.1:{}", 28911 + number)});
        return out;
    }
    /// "" once both are connected, else why the first party is not.
    std::string connect(const std::string& first_key, const std::string& second_key) {
        const CancelToken cancel;
        const auto side = [&](unsigned party, const std::string& key) {
            ProviderOptions given;
            given.signer = shared_signer(key);
            given.logger = Logger::silent();
            given.peers.ports = {{28911, 28912}};
            given.peers.networks = {"127.0.0.0/8"};
            given.peers.connect_deadline = std::chrono::milliseconds(2000);
            return provider::connect_relay(given, *chain, terms(party), cancel);
        };
        auto second = std::async(std::launch::async, [&] { return side(1, second_key); });
        const auto first = side(0, first_key);
        (void)second.get();
        return first ? "" : first.error().message;
    }
    std::string connect(const std::string& second_key) { return connect("bank a", second_key); }
};

}  // namespace

TEST_CASE_FIXTURE(Peers, "a delegate for work proves its organisation to a peer") {
    CHECK(connect("server") == "");
    CHECK(connect("bank b") == "");
    CHECK(connect("bank a") != "");
    must(chain->add_delegate(bank(), bank().address(), KeyUse::grant, signer("treasurer").address(), 60));
    CHECK(connect("treasurer") != "");
}

TEST_CASE_FIXTURE(Peers, "a delegate that was revoked or is over, and a key that was replaced, prove nothing") {
    must(chain->revoke_delegate(bank(), bank().address(), KeyUse::work, signer("server").address()));
    CHECK(connect("server") != "");
    must(chain->add_delegate(bank(), bank().address(), KeyUse::work, signer("server").address(), 60));
    clock->now += 61;
    CHECK(connect("server") != "");
    must(chain->change_owner(bank(), bank().address(), signer("cold").address()));
    CHECK(connect("bank b") != "");
    CHECK(connect("cold") == "");
}
