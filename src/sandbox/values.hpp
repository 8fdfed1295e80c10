/// The one field list of each of the sandbox's records, for its report, the provider's, receipts, the C interface and
/// the command line.
#pragma once

#include "codec/json.hpp"

#include <c2d/sandbox.hpp>

namespace c2d {

/// Layer, state, errno and hint.
json::Value to_value(const LayerStatus& layer);
/// A report without its log. Texts that the operator or the kernel chose are made harmless.
json::Value to_value(const Report& report);

}  // namespace c2d
