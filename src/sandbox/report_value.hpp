/// The one list of a report's members, for the report itself, the provider's report.json and receipts.
#pragma once

#include "codec/json.hpp"

#include <c2d/sandbox.hpp>

namespace c2d {

/// A report without its log. Texts that the operator or the kernel chose are made harmless.
json::Value report_value(const Report& report);

}  // namespace c2d
