/// The ports at which peers call for the runs under way.
#pragma once

#include "net/peer_port.hpp"

#include <c2d/provider.hpp>

#include <map>
#include <mutex>

namespace c2d::provider {

/// Thread-safe.
class PeerPorts {
public:
    /// `PeerPolicy::port` is open from here on. Fails with `io` when it cannot be had.
    static Result<std::unique_ptr<PeerPorts>> open(const PeerPolicy& policy);

    /// That port, or another one of ours, which is open from now on: closing and opening it between jobs would meet
    /// those that connect meanwhile. It stays ours. Fails with `io`.
    Result<PeerPort*> at(std::uint16_t port);

private:
    explicit PeerPorts(const PeerPolicy& policy) : policy_(policy) {}
    Result<std::unique_ptr<PeerPort>> open_port(std::uint16_t port) const;

    const PeerPolicy policy_;
    std::mutex mutex_;
    std::map<std::uint16_t, std::unique_ptr<PeerPort>> open_;
};

}  // namespace c2d::provider
