/// The peers of one run: authenticated channels behind one end of a socketpair.
#pragma once

#include "base/file.hpp"
#include "base/secret.hpp"
#include "net/frame_relay.hpp"
#include "net/peer_port.hpp"

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
};

/// Connects to every other party of `terms`, proves both sides' identity, and starts to relay.
/// Fails with `peer` when a party cannot be reached or is not who it must be.
/// `port`: where peers call whose endpoint for us names `PeerPolicy::port`; null: nowhere.
Result<PeerRelay> connect_relay(const ProviderOptions& options, const Chain& chain, const JobTerms& terms,
                                PeerPort* port, const CancelToken& cancel);
/// The port that `PeerPolicy::port` names, or null. Fails with `io` when it cannot be had.
Result<std::unique_ptr<PeerPort>> open_peer_port(const PeerPolicy& policy);

}  // namespace c2d::provider
