#include "provider/peers/peer_ports.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "provider/peers/peer_policy.hpp"

namespace c2d::provider {

Result<std::unique_ptr<PeerPorts>> PeerPorts::open(const PeerPolicy& policy) {
    auto out = std::unique_ptr<PeerPorts>(new PeerPorts(policy));
    if (policy.port == 0) return out;
    const auto port = out->at(policy.port);
    if (!port) return fail(port.status(), "peer_port: {}", port.error().message);
    return out;
}

Result<std::unique_ptr<PeerPort>> PeerPorts::open_port(std::uint16_t port) const {
    PeerPortOptions options;
    options.bind_host = policy_.bind_host;
    options.bind_port = port;
    options.known_source = [policy = policy_](std::string_view ip) { return source_known(policy, ip); };
    options.known_sources_only = policy_.sources_only;
    return PeerPort::open(options);
}

Result<PeerPort*> PeerPorts::at(std::uint16_t port) {
    const std::lock_guard lock(mutex_);
    const auto known = open_.find(port);
    if (known != open_.end()) return known->second.get();
    C2D_TRY(auto opened, open_port(port));
    return open_.emplace(port, std::move(opened)).first->second.get();
}

}  // namespace c2d::provider
