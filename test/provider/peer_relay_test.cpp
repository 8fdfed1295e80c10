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
        bindings.clear();
        const CancelToken cancel;
        const auto side = [&](unsigned party, const std::string& key) {
            ProviderOptions given;
            given.signer = shared_signer(key);
            given.logger = Logger::silent();
            given.peers.ports = {{28911, 28912}};
            given.peers.networks = {"127.0.0.0/8"};
            given.peers.connect_deadline = std::chrono::milliseconds(2000);
            if (one_port && party == 1) given.peers.port = 28912;
            const auto ports = must(provider::PeerPorts::open(given.peers));
            provider::WorkerPlaces places(1);
            std::optional<provider::WorkerPlaces::Seeker> place;
            return provider::connect_relay(given, *chain, terms(party), *ports, places, place, cancel);
        };
        auto second = std::async(std::launch::async, [&] { return side(1, second_key); });
        const auto first = side(0, first_key);
        const auto other = second.get();
        for (const auto* one : {&first, &other})
            if (one->ok()) bindings.push_back((*one)->session_bindings);
        return first ? "" : first.error().message;
    }
    /// Whether the second bank has one port for all jobs.
    bool one_port = false;
    /// What each side hands to its engine, of the last `connect`.
    std::vector<std::vector<Bytes32>> bindings;
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

TEST_CASE_FIXTURE(Peers, "a provider with one port for all jobs is called there") {
    one_port = true;
    CHECK(connect("server") == "");
    CHECK(connect("bank a") != "");
}

TEST_CASE_FIXTURE(Peers, "both sides bind their keys to the same, and to other bytes when they connect again") {
    std::vector<Bytes32> seen;
    for (int time = 0; time < 2; ++time) {
        REQUIRE(connect("bank b") == "");
        REQUIRE(bindings.size() == 2);
        CHECK(bindings[0] == std::vector<Bytes32>{Bytes32{}, bindings[1].at(0)});
        CHECK(bindings[1] == std::vector<Bytes32>{bindings[0].at(1), Bytes32{}});
        seen.push_back(bindings[0][1]);
    }
    CHECK(seen[0] != Bytes32{});
    CHECK(seen[0] != seen[1]);
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
