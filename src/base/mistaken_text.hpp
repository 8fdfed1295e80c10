/// What people pass where another text was expected: a path for the contents, an address for a key, and the like.
#pragma once

#include <string_view>

namespace c2d {

/// A single line that looks like the path of a file, not like what a file holds.
bool looks_like_path(std::string_view text) noexcept;

/// The end of a sentence "expected …": ", found an address" and its like, or nothing when there is nothing to say.
/// Never the text itself, which may be a secret.
std::string_view found_instead(std::string_view text) noexcept;

}  // namespace c2d
