/// Three processes with TLS between them on loopback, as three parties of one job.
#pragma once

#include "base/file.hpp"
#include "net/peer_channel.hpp"

#include <functional>

namespace c2d::bench {

using Channels = std::vector<std::unique_ptr<PeerChannel>>;
/// What one party does; the numbers that it returns reach the caller.
using PartyProgram = std::function<Result<std::vector<double>>(unsigned party, Channels channels)>;

struct BenchListener {
    Fd fd;
    std::uint16_t port = 0;
};
Result<BenchListener> listen_on_loopback();

class SlowWires;

/// Forks (so call it from one thread), connects, runs `program` at each party, and returns what
/// each returned. With `wires` (not started yet) all bytes take that way. Fails with the first
/// party's error.
Result<std::vector<std::vector<double>>> run_three_parties(const PartyProgram& program, SlowWires* wires = nullptr);

}  // namespace c2d::bench
