/// What all runs of a provider share.
#pragma once

#include "provider/inputs/published_tables.hpp"
#include "provider/peers/peer_ports.hpp"
#include "provider/peers/worker_places.hpp"
#include "provider/runs/grant_watch.hpp"
#include "provider/runs/runtime_digests.hpp"
#include "provider/state/job_store.hpp"
#include "provider/state/owner_store.hpp"
#include "provider/state/tuning.hpp"

#include <c2d/provider.hpp>

#include <memory>

namespace c2d::provider {

/// Each part is thread-safe.
struct RunServices {
    const Chain& chain() const { return verifier.registry().chain(); }
    std::uint64_t now() const { return options.clock->now_seconds(); }
    void log(LogLevel level, const std::string& line) const { options.logger->log(level, line); }

    const JobVerifier& verifier;
    const ProviderOptions& options;
    const Tuning& tuning;
    const Sandbox sandbox;
    const std::shared_ptr<JobStore> store;
    const std::shared_ptr<OwnerStore> owner;
    const std::unique_ptr<PeerPorts> ports;
    GrantWatch watch{chain(), owner, options.logger};
    RuntimeDigests runtime{options.runtime, options.environment};
    PublishedTables published{};
    WorkerPlaces places{options.workers};
};

}  // namespace c2d::provider
