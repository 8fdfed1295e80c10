/// What an owner asks of the queue of its own provider.
#pragma once

#include "client/provider_call.hpp"

namespace c2d::client {

/// One that a token of ours names, which stands for it in requests.
struct OwnProvider {
    Address owner;
    TokenId dt;
    std::string endpoint;
};

Result<ProviderQueue> ask_queue(const ProviderCall& call, const OwnProvider& provider);
Result<ProviderQueue> hold_queue(const ProviderCall& call, const OwnProvider& provider, bool held);
/// Until nothing is under way there, or the scope is over.
Result<ProviderQueue> wait_until_idle(const ProviderCall& call, const OwnProvider& provider, const Progress& progress);

}  // namespace c2d::client
