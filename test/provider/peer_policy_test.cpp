/// Which endpoints a provider lets its runs use.
#include "provider/peers/peer_policy.hpp"

#include "support/doubles.hpp"
#include "support/temp_dir.hpp"

using namespace c2d;
using namespace c2d::provider;
using support::must;

namespace {

bool allowed(std::initializer_list<const char*> networks, const char* ip) {
    PeerPolicy policy;
    for (const auto* entry : networks) policy.networks.emplace_back(entry);
    return address_allowed(policy, ip);
}

/// Three parties; ours is number 0.
JobTerms three(const char* ours, const char* second = "203.0.113.5:9000", const char* third = "peer.example:9001") {
    JobTerms terms;
    terms.parties = 3;
    unsigned number = 0;
    for (const char* endpoint : {ours, second, third}) terms.all_parties.push_back({number++, {}, "", endpoint});
    return terms;
}
Reason check(const PeerPolicy& policy, const JobTerms& terms) { return check_endpoints(policy, terms).reason; }

}  // namespace

TEST_CASE("an endpoint is host and port") {
    CHECK(must(parse_endpoint("host:1")).host == "host");
    CHECK(must(parse_endpoint("host:65535")).port == 65535);
    CHECK(must(parse_endpoint("[2001:db8::1]:80")).host == "2001:db8::1");
    CHECK(must(parse_endpoint("1.2.3.4:80")).host == "1.2.3.4");
    CHECK(must(parse_endpoint("host:1/")).port == 1);
    CHECK(must(parse_endpoint(" host:1 ")).host == "host");
    for (const char* bad : {"", "/", "http://host:80", "host", "host:", ":80", "host:0", "host:65536", "host:-1",
                            "host:80x", "host: 80", "host:+80", "host:999999999999"}) {
        CAPTURE(std::string(bad));
        CHECK(parse_endpoint(bad).status() == Status::INVALID_ARGUMENT);
    }
    CHECK(parse_endpoint(std::string(254, 'h') + ":80").status() == Status::INVALID_ARGUMENT);
}

TEST_CASE("public addresses are allowed without an entry, special ones are not") {
    for (const char* open : {"8.8.8.8", "1.1.1.1", "203.0.113.7", "172.15.255.255", "172.32.0.0", "11.0.0.0",
                             "9.255.255.255", "100.63.255.255", "100.128.0.0", "169.253.0.1", "198.17.255.255",
                             "198.20.0.0", "223.255.255.255", "2606:4700::1111", "2a00::1"}) {
        CAPTURE(std::string(open));
        CHECK(allowed({}, open));
    }
    for (const char* special : {"0.0.0.0",
                                "0.1.2.3",
                                "10.0.0.0",
                                "10.255.255.255",
                                "100.64.0.1",
                                "100.127.255.255",
                                "127.0.0.1",
                                "127.255.255.255",
                                "169.254.169.254",
                                "172.16.0.1",
                                "172.31.255.255",
                                "192.0.0.1",
                                "192.168.0.1",
                                "192.168.255.255",
                                "198.18.0.1",
                                "198.19.255.255",
                                "224.0.0.1",
                                "239.255.255.255",
                                "240.0.0.1",
                                "255.255.255.255",
                                "::",
                                "::1",
                                "fc00::1",
                                "fdff::1",
                                "fe80::1",
                                "febf::1",
                                "ff02::1",
                                "64:ff9b::7f00:1",
                                "64:ff9b:1::a00:1",
                                "2002:a00:1::1",
                                "2001:0:a00:1::1",
                                "::10.0.0.1",
                                "fec0::1",
                                "::ffff:127.0.0.1",
                                "::ffff:10.0.0.1",
                                "::ffff:a9fe:a9fe"}) {
        CAPTURE(std::string(special));
        CHECK_FALSE(allowed({}, special));
    }
    CHECK(allowed({}, "::ffff:8.8.8.8"));
}

TEST_CASE("what is no numeric address is not allowed") {
    for (const char* text : {"", "localhost", "127.1", "2130706433", "0x7f.0.0.1", "10.0.0", "10.0.0.0.1", "256.1.1.1",
                             "::g", "10.0.0.1/8", "fe80::1%eth0"}) {
        CAPTURE(std::string(text));
        CHECK_FALSE(allowed({"0.0.0.0/0", "::/0"}, text));
    }
}

TEST_CASE("a network entry opens its range to the bit") {
    CHECK(allowed({"127.0.0.0/8"}, "127.9.9.9"));
    CHECK_FALSE(allowed({"127.0.0.0/8"}, "10.0.0.1"));
    CHECK(allowed({"10.1.0.0/16"}, "10.1.255.255"));
    CHECK_FALSE(allowed({"10.1.0.0/16"}, "10.2.0.0"));
    CHECK(allowed({"10.1.2.128/25"}, "10.1.2.200"));
    CHECK_FALSE(allowed({"10.1.2.128/25"}, "10.1.2.127"));
    CHECK(allowed({"10.0.0.7"}, "10.0.0.7"));
    CHECK_FALSE(allowed({"10.0.0.7"}, "10.0.0.6"));
    CHECK(allowed({"10.0.0.6/31"}, "10.0.0.7"));
    CHECK(allowed({"10.9.9.9/8"}, "10.0.0.1"));
    CHECK(allowed({"fd00::/8"}, "fd12::1"));
    CHECK_FALSE(allowed({"fd00::/8"}, "fc00::1"));
    CHECK(allowed({"::1"}, "::1"));
    CHECK(allowed({"192.168.0.0/16", "10.0.0.0/8"}, "10.0.0.1"));
    CHECK(allowed({"10.0.0.0/8"}, "::ffff:10.0.0.1"));
    CHECK_FALSE(allowed({"nonsense"}, "10.0.0.1"));
}

TEST_CASE("sources are networks, and an address is known when one of them holds it") {
    PeerPolicy policy;
    CHECK_FALSE(source_known(policy, "198.51.100.7"));
    policy.sources = {"198.51.100.0/24", "2001:db8::/32"};
    CHECK(source_known(policy, "198.51.100.7"));
    CHECK(source_known(policy, "::ffff:198.51.100.7"));
    CHECK(source_known(policy, "2001:db8:1::2"));
    for (const char* other : {"198.51.101.7", "127.0.0.1", "2001:db9::1", "", "host"})
        CHECK_FALSE(source_known(policy, other));
    CHECK(policy_problems(policy).empty());
    policy.sources.emplace_back("198.51.100.0/33");
    const auto problems = policy_problems(policy);
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].starts_with("peer_sources: expected a network"));
}

TEST_CASE("a policy whose entries are no networks is refused") {
    const auto is_refused = [](const char* entry) {
        PeerPolicy policy;
        policy.networks = {"10.0.0.0/8", entry};
        return !policy_problems(policy).empty();
    };
    for (const char* good : {"0.0.0.0/0", "10.0.0.0/32", "::/0", "fd00::/128", "10.0.0.1"})
        CHECK_FALSE(is_refused(good));
    for (const char* bad :
         {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "::/129", "host", "10.0.0.0/8/8"}) {
        CAPTURE(std::string(bad));
        CHECK(is_refused(bad));
    }
}

TEST_CASE("our own port lies in a configured range; without any, no joint computation") {
    PeerPolicy policy;
    CHECK_FALSE(port_allowed(policy, 8911));
    CHECK(check(policy, three("127.0.0.1:8911")) == Reason::peer_endpoint_refused);
    policy.ports = {{8911, 8913}, {9100, 9100}};
    for (const std::uint16_t port : {8911, 8912, 8913, 9100}) CHECK(port_allowed(policy, port));
    for (const std::uint16_t port : {8910, 8914, 9099, 9101, 22}) CHECK_FALSE(port_allowed(policy, port));
    CHECK(check(policy, three("anything.example:8911")) == Reason::accepted);
    CHECK(check(policy, three("127.0.0.1:22")) == Reason::peer_endpoint_refused);
}

TEST_CASE(
    "peers' endpoints must be public, or in a network that was opened; names are checked when "
    "resolved") {
    PeerPolicy policy;
    policy.ports = {{8000, 9000}};
    CHECK(check(policy, three("h:8000")) == Reason::accepted);
    CHECK(check(policy, three("h:8000", "127.0.0.1:9000")) == Reason::peer_endpoint_refused);
    CHECK(check(policy, three("h:8000", "8.8.8.8:9000", "[::1]:9000")) == Reason::peer_endpoint_refused);
    CHECK(check(policy, three("h:8000", "no port")) == Reason::peer_endpoint_refused);
    CHECK(check(policy, three("no port")) == Reason::peer_endpoint_refused);
    policy.networks = {"127.0.0.0/8"};
    CHECK(check(policy, three("h:8000", "127.0.0.1:22")) == Reason::accepted);  // a peer's port is the peer's business
    const auto verdict = check_endpoints(policy, three("h:8000", "10.0.0.1:1"));
    CHECK(verdict.path == "exec_endpoints/1");
    CHECK(verdict.actual == "10.0.0.1:1");
}

TEST_CASE("an operator that runs alone has no endpoints to check") {
    CHECK(check(PeerPolicy(), JobTerms()) == Reason::accepted);
}

TEST_CASE("a peer whose provider speaks none of our protocols is refused, one of whom nothing is said is not") {
    auto terms = three("h:8000");
    const auto ours = support::named_address("ours"), second = support::named_address("second"),
               third = support::named_address("third");
    terms.all_parties[0].owner = ours;
    terms.all_parties[1].owner = second;
    terms.all_parties[2].owner = third;
    const auto reason = [&](const PeerProtocols& protocols) { return check_protocols(terms, ours, protocols).reason; };
    CHECK(reason({}) == Reason::accepted);
    CHECK(reason({{second, {"c2d-mpc/4", "c2d-mpc/3"}}, {third, {"c2d-mpc/3"}}}) == Reason::accepted);
    CHECK(reason({{second, {"c2d-mpc/3"}}, {third, {"c2d-mpc/2"}}}) == Reason::peer_version);
    CHECK(reason({{second, {"c2d-mpc/30"}}}) == Reason::peer_version);
    CHECK(reason({{second, {}}}) == Reason::peer_version);
    // Of ourselves we know better, and outsiders have no part in it.
    CHECK(reason({{ours, {"c2d-mpc/9"}}, {support::named_address("outsider"), {"c2d-mpc/9"}}}) == Reason::accepted);
    const auto verdict = check_protocols(terms, ours, {{third, {"c2d-mpc/2", "c2d-mpc/4"}}});
    CHECK(verdict.path == "protocols/" + address_text(third));
    CHECK(verdict.expected == "c2d-mpc/3: update c2d at the older of the two providers");
    CHECK(verdict.actual == "c2d-mpc/2 c2d-mpc/4");
}

TEST_CASE("a secret agreed on beforehand is read from a file for us alone, whatever ends its line") {
    const support::TempDir folder;
    const Address bank = support::named_key("bank")->address();
    PeerPolicy policy;
    CHECK(must(pre_shared_with(policy, bank)).empty());
    policy.pre_shared[bank] = folder / "secret";
    CHECK(pre_shared_with(policy, bank).status() == Status::NOT_FOUND);
    CHECK(policy_problems(policy).size() == 1);
    const std::string text(32, 'a');
    support::write_text(folder / "secret", text, 0600);
    const auto secret = must(pre_shared_with(policy, bank));
    CHECK(secret.size() == 32);
    CHECK(secret.text() != text);
    CHECK(policy_problems(policy).empty());
    support::write_text(folder / "secret", text + "\r\n", 0600);
    CHECK(must(pre_shared_with(policy, bank)).text() == secret.text());
    support::write_text(folder / "secret", text + "a", 0600);
    CHECK(must(pre_shared_with(policy, bank)).text() != secret.text());
    CHECK(must(pre_shared_with(policy, support::named_key("other")->address())).empty());
    support::write_text(folder / "secret", text.substr(1), 0600);
    CHECK(policy_problems(policy).at(0).find("expected at least 32 characters, found 31") != std::string::npos);
    support::write_text(folder / "secret", text, 0640);
    CHECK(policy_problems(policy).at(0).find("chmod 600") != std::string::npos);
}
