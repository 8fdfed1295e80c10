/// What this build is, and what it speaks with builds of other parties.
#pragma once

#include <array>
#include <string_view>

namespace c2d {

/// For example "0.1.0".
extern const std::string_view kVersionText;

/// The protocols that operators of a joint computation can speak, the one that sessions open with first. The release of
/// c2d-mpc/4 will speak c2d-mpc/3, too, for one release; c2d-mpc/2 is not kept.
inline constexpr std::array<std::string_view, 1> kMpcProtocols{"c2d-mpc/3"};

}  // namespace c2d
