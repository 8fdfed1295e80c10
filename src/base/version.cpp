#include "base/version.hpp"

namespace c2d {

const std::string_view kVersionText = C2D_VERSION;

}  // namespace c2d
