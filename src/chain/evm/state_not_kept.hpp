/// What a node says that holds the state of a block no more.
#pragma once

#include <string_view>

namespace c2d {

/// The name of that failure, whose status is `unavailable`: whoever reads as of a block goes on with a newer one.
inline constexpr std::string_view kStateNotKept = "state_not_kept";

}  // namespace c2d
