/// Which keys two providers take for each other's.
#include "provider/peers/peer_relay.hpp"

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
        out.accepted_runtimes = accepted[party];
        out.attempt = party == 1 ? attempt_of_second : 1;
        for (unsigned number = 0; number < 2; ++number)
            out.all_parties.push_back({number, signer(number == 0 ? "bank a" : "bank b").address(), "",
                                       fmt::format("127.0.0.1:{}", 28911 + number)});
        return out;
    }
    /// "" once both are connected, else why the first party is not.
    std::string connect(const std::string& first_key, const std::string& second_key) {
        bindings.clear();
        runtimes.clear();
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
            return provider::connect_relay(given, *chain, terms(party), shown[party], *ports, places, place, cancel);
        };
        auto second = std::async(std::launch::async, [&] { return side(1, second_key); });
        const auto first = side(0, first_key);
        const auto other = second.get();
        for (const auto* one : {&first, &other})
            if (one->ok()) bindings.push_back((*one)->session_bindings), runtimes.push_back((*one)->runtimes);
        names = {first ? "" : first.error().name, other ? "" : other.error().name};
        return first ? "" : first.error().message;
    }
    /// Which attempt the second bank is at.
    std::uint32_t attempt_of_second = 1;
    /// Whether the second bank has one port for all jobs.
    bool one_port = false;
    /// What each side hands to its engine, of the last `connect`.
    std::vector<std::vector<Bytes32>> bindings;
    /// What each side was told of the other.
    std::vector<provider::PeerRuntimes> runtimes;
    /// Of each side's error.
    std::array<std::string, 2> names;
    /// By party: what its operator is shown, and what its terms accept.
    std::array<ReceiptRuntime, 2> shown{runtime("1.0", 1, 2), runtime("1.1", 3, 4)};
    std::array<std::vector<std::vector<AcceptedRuntime>>, 2> accepted;
    static ReceiptRuntime runtime(const char* version, std::uint8_t library, std::uint8_t package) {
        ReceiptRuntime out{version, {}, {}};
        out.library_sha256.data.fill(library);
        out.package_sha256.data.fill(package);
        return out;
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

TEST_CASE_FIXTURE(Peers, "a provider with one port for all jobs is called there") {
    one_port = true;
    CHECK(connect("server") == "");
    CHECK(connect("bank a") != "");
}

TEST_CASE_FIXTURE(Peers, "providers at different attempts at a job do not meet") {
    attempt_of_second = 2;
    CHECK(connect("bank b").find("peer_missing: party 1") != std::string::npos);
    CHECK(bindings.empty());
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

TEST_CASE_FIXTURE(Peers, "each side hears which c2d the other runs") {
    REQUIRE(connect("bank b") == "");
    REQUIRE(runtimes.size() == 2);
    CHECK(runtimes[0].at(1).version == "1.1");
    CHECK(runtimes[0].at(1).package_sha256 == shown[1].package_sha256);
    CHECK(runtimes[1].at(0).version == "1.0");
    CHECK(runtimes[1].at(0).library_sha256 == shown[0].library_sha256);
}

TEST_CASE_FIXTURE(Peers, "a side whose terms do not accept what the other runs ends before an operator starts") {
    const auto list_of = [](const char* version, std::optional<Bytes32> library, std::optional<Bytes32> package) {
        return std::vector<AcceptedRuntime>{{"0.1", {}, {}}, {version, library, package}};
    };
    accepted[0] = {list_of("1.1", {}, {}), list_of("", shown[1].library_sha256, shown[1].package_sha256)};
    CHECK(connect("bank b") == "");
    for (const auto& list : {list_of("1.0", {}, {}), list_of("1.1", {}, shown[0].package_sha256),
                             list_of("", shown[0].library_sha256, shown[1].package_sha256)}) {
        // Each list has to have it.
        accepted[0] = {list_of("1.1", {}, {}), list};
        const auto said = connect("bank b");
        CHECK(names[0] == "runtime_not_accepted");
        CHECK(said.find("runtime_not_accepted at runtime/1: expected {\"version\":\"0.1\"} or {") == 0);
        CHECK(names[1] == "peer_missing");
    }
}

TEST_CASE("what a peer says that it runs is read within bounds") {
    const auto sent = provider::encode_runtime(Peers::runtime("1.1", 3, 4));
    const std::string text(as_text(BytesView(sent).subspan(provider::kRuntimeLengthBytes)));
    CHECK(std::size_t(sent[0] | sent[1] << 8) == text.size());
    CHECK(must(provider::decode_runtime(text)).package_sha256 == Peers::runtime("", 3, 4).package_sha256);
    for (std::size_t length = 0; length < text.size(); ++length)
        CHECK(provider::decode_runtime(text.substr(0, length)).status() == Status::PEER);
    const std::string digest = "\"0x" + std::string(64, '1') + "\"";
    const auto with_version = [&](const std::string& version) {
        return R"({"version":)" + version + R"(,"library_sha256":)" + digest + R"(,"package_sha256":)" + digest + "}";
    };
    CHECK(provider::decode_runtime(with_version("\"" + std::string(64, 'v') + "\"")).ok());
    for (const char* bad : {"\"\"", "1", "null", "[]"}) CHECK_FALSE(provider::decode_runtime(with_version(bad)).ok());
    CHECK_FALSE(provider::decode_runtime(with_version("\"" + std::string(65, 'v') + "\"")).ok());
    CHECK_FALSE(provider::decode_runtime(with_version("\"1\"") + std::string(500, ' ')).ok());
    CHECK_FALSE(
        provider::decode_runtime(R"({"version":"1","library_sha256":"0x11","package_sha256":)" + digest + "}").ok());
}
