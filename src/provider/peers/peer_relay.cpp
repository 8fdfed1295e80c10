#include "provider/peers/peer_relay.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "job/domain.hpp"
#include "provider/peers/peer_policy.hpp"
#include "provider/state/answers.hpp"

#include <cerrno>
#include <sys/socket.h>

namespace c2d::provider {

namespace {

Result<PeerConnectOptions> connect_options(const ProviderOptions& options, const Chain& chain, const JobTerms& terms) {
    PeerConnectOptions out;
    const auto domain = request_domain(chain.network());
    out.session = {terms.job_id, terms.algo_dt, terms.args_hash, terms.template_checksum, terms.attempt, domain};
    out.party = terms.party;
    out.signer = options.signer;
    out.deadline = options.peers.connect_deadline;
    out.logger = options.logger;
    out.allow_address = [policy = options.peers](std::string_view ip) { return address_allowed(policy, ip); };
    out.speaks_for = [&chain, logger = options.logger](const Address& signer, const Address& owner) {
        const auto speaks = chain.acts_for(signer, owner, KeyUse::work);
        if (!speaks) logger->log(LogLevel::warn, "a peer's key cannot be looked up: " + speaks.error().message);
        return speaks.ok() && *speaks;
    };
    for (const auto& party : terms.all_parties) {
        C2D_TRY(const auto endpoint, parse_endpoint(party.endpoint));
        if (party.number == terms.party)
            out.bind_port = endpoint.port;
        else
            out.peers.push_back({party.number, endpoint.host, endpoint.port, party.owner});
    }
    return out;
}

}  // namespace

Result<PeerRelay> start_relay(FrameRelayOptions relay, PeerRelay out) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return fail(Status::IO, "socketpair failed: {}", errno_text(errno));
    out.operator_end = Fd(ends[0]);
    relay.operator_fd = Fd(ends[1]);
    C2D_TRY(out.relay, FrameRelay::start(std::move(relay)));
    return out;
}

Result<std::vector<Bytes32>> session_bindings(const PeerSession& session, unsigned parties,
                                              const std::vector<std::unique_ptr<PeerChannel>>& channels) {
    std::vector<Bytes32> out(parties);
    for (const auto& channel : channels) {
        C2D_TRY(const Bytes32 secret, channel->shared_secret());
        out.at(channel->party()) = session_binding(session, secret);
    }
    return out;
}

Result<PeerRelay> connect_relay(const ProviderOptions& options, const Chain& chain, const JobTerms& terms,
                                const ReceiptRuntime& shown, PeerPorts& ports, WorkerPlaces& places,
                                std::optional<WorkerPlaces::Seeker>& place, const CancelToken& cancel) {
    PeerRelay out;
    // Before peers are kept waiting.
    for (const auto& party : terms.all_parties) {
        C2D_TRY(auto secret, party.number == terms.party ? SecretBytes() : pre_shared_with(options.peers, party.owner));
        out.pre_shared.push_back(std::move(secret));
    }
    C2D_TRY(auto connect, connect_options(options, chain, terms));
    C2D_TRY(connect.port, ports.at(connect.bind_port));
    connect.cancel = &cancel;
    C2D_TRY(auto channels, connect_peers(connect));
    C2D_TRY(out.session_bindings, session_bindings(connect.session, terms.parties, channels));
    C2D_TRY(out.runtimes, exchange_runtimes(channels, shown, connect.deadline + options.peers.silence, &cancel));
    for (const auto& [party, runtime] : out.runtimes) C2D_CHECK(require(check_runtime(terms, party, runtime)));
    GatherOptions gathering;
    gathering.party = terms.party;
    gathering.silence_max = options.peers.silence;
    gathering.start_max = options.peers.connect_deadline + options.peers.silence;
    gathering.cancel = &cancel;
    // Whoever still connects keeps nobody from a worker.
    if (!place) place.emplace(places, WorkerPlaces::Run{terms.job_id, terms.party});
    FrameRelayOptions relay;
    C2D_TRY(relay.begun, gather(channels, *place, gathering));
    relay.party = terms.party;
    relay.peers = std::move(channels);
    relay.transcript = options.transcript;
    relay.silence_max = options.peers.silence;
    relay.start_max = options.peers.connect_deadline + options.peers.silence;
    return start_relay(std::move(relay), std::move(out));
}

}  // namespace c2d::provider
