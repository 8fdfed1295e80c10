#include "provider/peer_relay.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "job/domain.hpp"
#include "provider/peer_policy.hpp"

#include <cerrno>
#include <sys/socket.h>

namespace c2d::provider {

namespace {

Result<PeerConnectOptions> connect_options(const ProviderOptions& options, const Chain& chain, const JobTerms& terms,
                                           PeerPort* port) {
    PeerConnectOptions out;
    const auto domain = request_domain(chain.network());
    out.session = {terms.job_id, terms.algo_dt, terms.args_hash, terms.template_checksum, 1, domain};
    out.party = terms.party;
    out.signer = options.signer;
    out.bind_host = options.peers.bind_host;
    out.deadline = options.peers.connect_deadline;
    out.logger = options.logger;
    out.allow_address = [policy = options.peers](std::string_view ip) { return address_allowed(policy, ip); };
    out.known_source = [policy = options.peers](std::string_view ip) { return source_known(policy, ip); };
    out.speaks_for = [&chain, logger = options.logger](const Address& signer, const Address& owner) {
        const auto speaks = chain.acts_for(signer, owner, KeyUse::work);
        if (!speaks) logger->log(LogLevel::warn, "a peer's key cannot be looked up: " + speaks.error().message);
        return speaks.ok() && *speaks;
    };
    out.known_sources_only = options.peers.sources_only;
    for (const auto& party : terms.all_parties) {
        C2D_TRY(const auto endpoint, parse_endpoint(party.endpoint));
        if (party.number == terms.party)
            out.bind_port = endpoint.port, out.port = endpoint.port == options.peers.port ? port : nullptr;
        else
            out.peers.push_back({party.number, endpoint.host, endpoint.port, party.owner});
    }
    return out;
}

}  // namespace

Result<std::unique_ptr<PeerPort>> open_peer_port(const PeerPolicy& policy) {
    if (policy.port == 0) return std::unique_ptr<PeerPort>();
    PeerPortOptions options;
    options.bind_host = policy.bind_host;
    options.bind_port = policy.port;
    options.known_source = [policy](std::string_view ip) { return source_known(policy, ip); };
    options.known_sources_only = policy.sources_only;
    auto port = PeerPort::open(options);
    if (!port) return fail(port.status(), "peer_port: {}", port.error().message);
    return port;
}

Result<PeerRelay> connect_relay(const ProviderOptions& options, const Chain& chain, const JobTerms& terms,
                                PeerPort* port, const CancelToken& cancel) {
    PeerRelay out;
    // Before peers are kept waiting.
    for (const auto& party : terms.all_parties) {
        C2D_TRY(auto secret, party.number == terms.party ? SecretBytes() : pre_shared_with(options.peers, party.owner));
        out.pre_shared.push_back(std::move(secret));
    }
    C2D_TRY(auto connect, connect_options(options, chain, terms, port));
    connect.cancel = &cancel;
    C2D_TRY(auto channels, connect_peers(connect));
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return fail(Status::IO, "socketpair failed: {}", errno_text(errno));
    out.session_bindings.resize(terms.parties);
    for (const auto& channel : channels) {
        C2D_TRY(const Bytes32 secret, channel->shared_secret());
        out.session_bindings.at(channel->party()) = session_binding(connect.session, secret);
    }
    out.operator_end = Fd(ends[0]);
    FrameRelayOptions relay;
    relay.operator_fd = Fd(ends[1]);
    relay.party = terms.party;
    relay.peers = std::move(channels);
    relay.transcript = options.transcript;
    relay.silence_max = options.peers.silence;
    relay.start_max = options.peers.connect_deadline + options.peers.silence;
    C2D_TRY(out.relay, FrameRelay::start(std::move(relay)));
    return out;
}

}  // namespace c2d::provider
