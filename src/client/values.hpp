/// The one field list of each of the client's records, for the C interface and the command line.
#pragma once

#include "codec/json.hpp"

#include <c2d/client.hpp>

namespace c2d {

json::Value to_value(const JobPart& part);
json::Value to_value(const ReleasedLog& log);
json::Value to_value(const SavedFile& file);
json::Value to_value(const QueuedRun& run);
json::Value to_value(const ProviderQueue& queue);
json::Value to_value(const UnansweredProvider& provider);
json::Value to_value(const HeldArtifact& held);

}  // namespace c2d
