/// The protocols that a session can speak.
#pragma once

#include "mpc/core/protocol.hpp"

namespace c2d::mpc {

/// What parties call it before they exchange a share. Empty for a number that is none.
std::string_view name_of(BackendKind kind) noexcept;
/// All three call it together. `link` must outlive the result.
Result<std::unique_ptr<Protocol>> open_protocol(const SessionOptions& options, Link& link, Random& random);

}  // namespace c2d::mpc
