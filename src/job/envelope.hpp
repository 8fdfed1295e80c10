/// Reads a signed request as far as its signature: nothing here asks the ledger.
#pragma once

#include "codec/json.hpp"

#include <c2d/job_verifier.hpp>

namespace c2d::job {

struct EnvelopeContext {
    const NetworkInfo& network;
    Address self;
    std::uint64_t now = 0;
    bool accept_legacy_signatures = false;
};

/// Size, JSON, audience, expiry, signature; in this order.
Verdict open_body(const EnvelopeContext& context, Method method, std::string_view body, Envelope& out);
Verdict open_authorization(const EnvelopeContext& context, Method method, std::string_view header, Envelope& out);

}  // namespace c2d::job
