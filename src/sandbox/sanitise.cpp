#include "base/display_text.hpp"

#include <c2d/sandbox.hpp>

namespace c2d {

std::string sanitise_log(std::string_view log) { return display_lines(log); }

}  // namespace c2d
