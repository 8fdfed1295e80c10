/// The peers of one run: authenticated channels behind one end of a socketpair.
#pragma once

#include "base/file.hpp"
#include "base/secret.hpp"
#include "net/frame_relay.hpp"
#include "provider/peers/gathering.hpp"
#include "provider/peers/peer_ports.hpp"
#include "provider/peers/peer_runtime.hpp"

#include <c2d/provider.hpp>

namespace c2d::provider {

struct PeerRelay {
    /// The operator's end of the socketpair.
    Fd operator_end;
    std::unique_ptr<FrameRelay> relay;
    /// What the keys with each peer are bound to, by party; zeros for ourselves. For the engine alone.
    std::vector<Bytes32> session_bindings;
    /// The secrets agreed on with each beforehand, where there are any.
    std::vector<SecretBytes> pre_shared;
    /// What the others say that they show their operators.
    PeerRuntimes runtimes;
};

/// Starts to relay: `relay` has all but the operator's end, which is made here. Fails with `io`.
Result<PeerRelay> start_relay(FrameRelayOptions relay, PeerRelay out);
/// What the keys with each peer are bound to: by party, zeros where there is no channel.
Result<std::vector<Bytes32>> session_bindings(const PeerSession& session, unsigned parties,
                                              const std::vector<std::unique_ptr<PeerChannel>>& channels);

/// Connects to every other party of `terms`, proves both sides' identity, tells them what our operator is `shown`,
/// waits until all have a worker, and starts to relay. `place`: ours, if there is one already; else it holds one of
/// `places` from then on. Fails with `peer` when a party cannot be reached, is not who it must be, or is lost
/// meanwhile.
Result<PeerRelay> connect_relay(const ProviderOptions& options, const Chain& chain, const JobTerms& terms,
                                const ReceiptRuntime& shown, PeerPorts& ports, WorkerPlaces& places,
                                std::optional<WorkerPlaces::Seeker>& place, const CancelToken& cancel);

}  // namespace c2d::provider
