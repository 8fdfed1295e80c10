/// The parts of a job, as their providers' answers show them.
#pragma once

#include "codec/json.hpp"

#include <c2d/client.hpp>

namespace c2d::client {

/// The state of a part whose provider has not answered yet.
inline constexpr const char* kUnknown = "unknown";

/// What a provider says of its part.
JobPart part_of(const TokenId& dt, const std::string& endpoint, const json::Value& body);
JobPart unanswered_part(const LeafRun& leaf, const Error& error);

/// Of a provider that may answer later, as one that starts anew does.
bool is_silence(const Error& error);
/// Of a part that we may not see.
bool is_hidden(const Error& error);

}  // namespace c2d::client
