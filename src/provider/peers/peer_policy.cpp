#include "provider/peers/peer_policy.hpp"

#include "base/display_text.hpp"
#include "base/endpoint.hpp"
#include "base/fail.hpp"
#include "base/private_files.hpp"
#include "base/try.hpp"
#include "base/version.hpp"
#include "crypto/hash.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <fmt/ranges.h>

namespace c2d::provider {

namespace {

constexpr std::chrono::seconds kSilenceMin{5};
constexpr std::size_t kSecretBytesMin = 32;

/// Every address as 16 bytes; IPv4 mapped, so that one comparison serves both.
using Ip = std::array<std::uint8_t, 16>;

std::optional<Ip> parse_ip(std::string_view text) {
    const std::string zero_ended(text);
    Ip ip{};
    if (inet_pton(AF_INET6, zero_ended.c_str(), ip.data()) == 1) return ip;
    ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (inet_pton(AF_INET, zero_ended.c_str(), ip.data() + 12) == 1) return ip;
    return std::nullopt;
}

struct Network {
    Ip ip{};
    unsigned prefix = 0;
};

std::optional<Network> parse_network(std::string_view text) {
    const auto slash = text.find('/');
    const auto ip = parse_ip(text.substr(0, slash));
    if (!ip) return std::nullopt;
    const bool v4 = text.find(':') == std::string_view::npos;
    unsigned prefix = v4 ? 32 : 128;
    if (slash != std::string_view::npos) {
        const auto digits = text.substr(slash + 1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
        if (error != std::errc() || end != digits.data() + digits.size() || prefix > (v4 ? 32u : 128u))
            return std::nullopt;
    }
    return Network{*ip, v4 ? prefix + 96 : prefix};
}

bool contains(const Network& network, const Ip& ip) {
    for (unsigned bit = 0; bit < network.prefix; ++bit) {
        const unsigned mask = 0x80u >> (bit % 8);
        if ((network.ip[bit / 8] & mask) != (ip[bit / 8] & mask)) return false;
    }
    return true;
}

bool within(const std::vector<std::string>& networks, const Ip& ip) {
    return std::ranges::any_of(networks, [&ip](const std::string& entry) {
        const auto network = parse_network(entry);
        return network && contains(*network, ip);
    });
}

/// Ranges that are not the public internet: loopback, private, link-local, shared, multicast, ….
bool is_special(const Ip& ip) {
    static const std::vector<Network> kSpecial = [] {
        std::vector<Network> out;
        for (const char* text :
             {"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
              "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4", "fc00::/7", "fe80::/10",
              "fec0::/10", "ff00::/8",
              // what has an IPv4 address, any one, in it: as itself, translated (RFC 6052, 8215), 6to4, Teredo
              "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"})
            out.push_back(*parse_network(text));
        return out;
    }();
    return std::ranges::any_of(kSpecial, [&ip](const Network& n) { return contains(n, ip); });
}

}  // namespace

Result<HostPort> parse_endpoint(std::string_view text) {
    const std::string normal = normal_endpoint(text);
    const std::string_view endpoint = normal;
    const auto colon = endpoint.rfind(':');
    HostPort out;
    if (colon != std::string_view::npos && colon > 0) {
        auto host = endpoint.substr(0, colon);
        if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
        const auto digits = endpoint.substr(colon + 1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out.port);
        const bool is_port = error == std::errc() && end == digits.data() + digits.size() && out.port != 0;
        if (is_port && host.size() <= 253 && host.find('/') == std::string_view::npos) {
            out.host = host;
            return out;
        }
    }
    return fail(Status::INVALID_ARGUMENT, "expected host:port, found \"{}\"", text);
}

bool port_allowed(const PeerPolicy& policy, std::uint16_t port) {
    if (policy.port != 0 && port == policy.port) return true;
    return std::ranges::any_of(policy.ports,
                               [port](const auto& range) { return range.first <= port && port <= range.second; });
}

bool address_allowed(const PeerPolicy& policy, std::string_view ip) {
    const auto address = parse_ip(ip);
    if (!address) return false;
    return !is_special(*address) || within(policy.networks, *address);
}

bool source_known(const PeerPolicy& policy, std::string_view ip) {
    const auto address = parse_ip(ip);
    return address && within(policy.sources, *address);
}

Result<SecretBytes> pre_shared_with(const PeerPolicy& policy, const Address& organisation) {
    const auto file = policy.pre_shared.find(organisation);
    if (file == policy.pre_shared.end()) return SecretBytes();
    C2D_TRY(const SecretBytes text, read_password_file(file->second));
    if (text.size() < kSecretBytesMin)
        return fail(Status::INVALID_ARGUMENT,
                    "{}: expected at least {} characters, found {}: openssl rand -hex 32 makes 64",
                    file->second.string(), kSecretBytesMin, text.size());
    Sha256 hash;
    hash.update(as_bytes("c2d peer secret 1\n"));
    hash.update(text.view());
    Bytes32 digest = hash.finish();
    SecretBytes out(digest.data.size());
    std::ranges::copy(digest.data, out.span().begin());
    clear_secret(digest.data.data(), digest.data.size());
    return out;
}

std::vector<std::string> policy_problems(const PeerPolicy& policy) {
    std::vector<std::string> problems;
    for (const auto& [key, list] :
         {std::pair("peer_networks", &policy.networks), std::pair("peer_sources", &policy.sources)})
        for (const auto& entry : *list)
            if (!parse_network(entry))
                problems.push_back(
                    fmt::format("{}: expected a network like 10.1.0.0/16, found \"{}\"", key, display_text(entry)));
    if (policy.silence < kSilenceMin)
        problems.push_back(
            fmt::format("peer_silence: expected {} s at least, since peers speak once a second; found {} ms",
                        kSilenceMin.count(), policy.silence.count()));
    for (const auto& [organisation, path] : policy.pre_shared)
        if (const auto secret = pre_shared_with(policy, organisation); !secret)
            problems.push_back(fmt::format("peer_psk: {}", display_text(secret.error().message)));
    return problems;
}

Verdict check_endpoints(const PeerPolicy& policy, const JobTerms& terms) {
    for (const auto& party : terms.all_parties) {
        const auto path = fmt::format("exec_endpoints/{}", party.number);
        const auto endpoint = parse_endpoint(party.endpoint);
        if (!endpoint) return Verdict::refuse(Reason::peer_endpoint_refused, path, "host:port", party.endpoint);
        if (party.number == terms.party && !port_allowed(policy, endpoint->port))
            return Verdict::refuse(Reason::peer_endpoint_refused, path, "peer_port, or a port within peer_ports",
                                   party.endpoint);
        const bool numeric = parse_ip(endpoint->host).has_value();
        if (party.number != terms.party && numeric && !address_allowed(policy, endpoint->host))
            return Verdict::refuse(Reason::peer_endpoint_refused, path, "a public address, or one within peer_networks",
                                   party.endpoint);
    }
    return Verdict::accept();
}

Verdict check_protocols(const JobTerms& terms, const Address& self, const PeerProtocols& protocols) {
    for (const auto& party : terms.all_parties) {
        const auto said = protocols.find(party.owner);
        if (party.owner == self || said == protocols.end()) continue;
        const auto is_ours = [](const std::string& name) {
            return std::ranges::find(kMpcProtocols, name) != kMpcProtocols.end();
        };
        if (std::ranges::any_of(said->second, is_ours)) continue;
        return Verdict::refuse(
            Reason::peer_version, fmt::format("protocols/{}", address_text(party.owner)),
            fmt::format("{}: update c2d at the older of the two providers", fmt::join(kMpcProtocols, " ")),
            said->second.empty() ? "none" : fmt::format("{}", fmt::join(said->second, " ")));
    }
    return Verdict::accept();
}

}  // namespace c2d::provider
