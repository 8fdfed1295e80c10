/// How the parties of a joint run agree that all of them have a worker for it, before any operator starts.
#pragma once

#include "net/peer_channel.hpp"
#include "provider/peers/worker_places.hpp"

#include <map>

namespace c2d::provider {

struct GatherOptions {
    unsigned party = 0;
    /// A peer that is not heard of for so long is lost.
    std::chrono::milliseconds silence_max{30'000};
    /// The same before its first word: it may still be reaching the others.
    std::chrono::milliseconds start_max{90'000};
    /// How long others may be busy.
    std::chrono::milliseconds busy_max = std::chrono::hours(6);
    /// Ends the wait within 100 ms.
    const CancelToken* cancel = nullptr;
};

/// The first bytes of a peer's records that are the relay's, by party: a member that heard that all go may speak to us
/// before we have heard it.
using RecordsBegun = std::map<unsigned, Bytes>;

/// Returns when all have a place, which `place` keeps. Until then each says to the party with the lowest number whether
/// it has one on trial (docs/formats.md); that one says when to go. The channels are where the relays' records begin.
///
/// Fails with `peer`, the name `peer_missing` and the party as `code` when one is lost meanwhile or busy for too long,
/// or with `cancelled`.
Result<RecordsBegun> gather(const std::vector<std::unique_ptr<PeerChannel>>& channels, WorkerPlaces::Seeker& place,
                            const GatherOptions& options);

}  // namespace c2d::provider
