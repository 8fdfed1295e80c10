/// Names of inputs and outputs, under the name that this folder knows them by.
#pragma once

#include "base/file_name.hpp"

namespace c2d::job {

using c2d::plain_name;

}  // namespace c2d::job
