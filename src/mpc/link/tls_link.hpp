/// A link directly over authenticated TLS channels, for programs that embed the library.
#pragma once

#include "net/peer_channel.hpp"

#include <c2d/mpc.hpp>

namespace c2d::mpc {

/// Takes the channels that `connect_peers` returned to `party`. Fails with `invalid_argument`
/// unless they lead to exactly the other parties of `parties`.
Result<std::unique_ptr<Link>> tls_link(unsigned party, std::vector<std::unique_ptr<PeerChannel>> channels,
                                       unsigned parties = kParties);

}  // namespace c2d::mpc
