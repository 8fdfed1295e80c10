/// What the providers of a job say they speak, before one of them is asked to start it.
#pragma once

#include <c2d/client.hpp>

namespace c2d::client {

/// A provider that has a part in a job.
struct JobProvider {
    Address address;
    std::string endpoint;
};

/// Asks each endpoint once (`GET /v1/info`). A provider that does not answer, or says nothing that can be read, is left
/// out: whoever is asked next tells what is wrong with it. Nothing is believed of the answers but that; they are not
/// signed.
PeerProtocols ask_protocols(const std::vector<JobProvider>& providers, HttpTransport& http);

/// The refusal `peer_version` with what each provider was found to speak, others as they are.
Error with_protocols(Error error, const PeerProtocols& protocols);

}  // namespace c2d::client
