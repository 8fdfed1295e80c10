/// Three processes with TLS between them on loopback, as three parties of one job.
#pragma once

#include "net/peer_channel.hpp"

#include <functional>

namespace c2d::bench {

using Channels = std::vector<std::unique_ptr<PeerChannel>>;
/// What one party does; the numbers that it returns reach the caller.
using PartyProgram = std::function<Result<std::vector<double>>(unsigned party, Channels channels)>;

/// Forks (so call it from one thread), connects, runs `program` at each party, and returns what
/// each returned. Fails with the first party's error.
Result<std::vector<std::vector<double>>> run_three_parties(const PartyProgram& program);

}  // namespace c2d::bench
