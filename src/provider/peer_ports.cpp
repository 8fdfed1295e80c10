#include "provider/peer_ports.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "provider/peer_policy.hpp"

namespace c2d::provider {

Result<std::unique_ptr<PeerPorts>> PeerPorts::open(const PeerPolicy& policy) {
    auto out = std::unique_ptr<PeerPorts>(new PeerPorts(policy));
    if (policy.port != 0) {
        auto port = out->at(policy.port);
        if (!port) return fail(port.status(), "peer_port: {}", port.error().message);
        out->always_ = *std::move(port);
    }
    return out;
}

Result<std::shared_ptr<PeerPort>> PeerPorts::open_port(std::uint16_t port) const {
    PeerPortOptions options;
    options.bind_host = policy_.bind_host;
    options.bind_port = port;
    options.known_source = [policy = policy_](std::string_view ip) { return source_known(policy, ip); };
    options.known_sources_only = policy_.sources_only;
    C2D_TRY(auto opened, PeerPort::open(options));
    return std::shared_ptr<PeerPort>(std::move(opened));
}

Result<std::shared_ptr<PeerPort>> PeerPorts::at(std::uint16_t port) {
    const std::lock_guard lock(mutex_);
    if (auto open = open_[port].lock()) return open;
    C2D_TRY(auto opened, open_port(port));
    open_[port] = opened;
    return opened;
}

}  // namespace c2d::provider
