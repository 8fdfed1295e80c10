#include "client/peer_protocols.hpp"

#include "base/display_text.hpp"
#include "client/provider_call.hpp"

#include <c2d/reason.hpp>

#include <algorithm>
#include <fmt/ranges.h>

namespace c2d::client {

using json::Value;

namespace {

/// Of an answer that anybody may have given.
constexpr json::Limits kInfoLimits{std::size_t(64) << 10, 8};

/// The protocols in an answer; nothing when it is none that says them within the bounds of a request.
std::optional<std::vector<std::string>> protocols_in(const HttpResponse& response) {
    const auto body = json::parse(response.body, kInfoLimits);
    const Value* list = response.status == 200 && body ? body->find("protocols") : nullptr;
    if (!list || !list->is_array() || list->items().size() > kPeerProtocolsMax) return std::nullopt;
    std::vector<std::string> out;
    for (const auto& name : list->items()) {
        if (!name.is_string() || name.text().empty() || name.text().size() > kProtocolBytesMax) return std::nullopt;
        out.push_back(name.text());
    }
    return out;
}

}  // namespace

PeerProtocols ask_protocols(const std::vector<JobProvider>& providers, HttpTransport& http) {
    PeerProtocols out;
    for (const auto& provider : providers) {
        if (out.contains(provider.address) || out.size() == kPeersMax) continue;
        const auto answer = http.send({"GET", url_of({provider.endpoint, "/v1/info", {}}), {}, {}});
        auto spoken = answer ? protocols_in(*answer) : std::nullopt;
        if (spoken) out[provider.address] = *std::move(spoken);
    }
    return out;
}

Error with_protocols(Error error, const PeerProtocols& protocols) {
    if (error.name != reason_name(Reason::peer_version)) return error;
    for (const auto& [provider, spoken] : protocols)
        error.message += fmt::format("; {} speaks {}", address_text(provider),
                                     spoken.empty() ? "none" : display_text(fmt::format("{}", fmt::join(spoken, " "))));
    return error;
}

}  // namespace c2d::client
