/// The members of a service's `attributes` that the software acts on, checked while their owner can
/// still mend them: afterwards a job would be refused for them, or a wish be ignored in silence.
#pragma once

#include "asset/ddo.hpp"

namespace c2d::asset {

/// Every problem of all services (the first 32), each a sentence that names the service:
/// `attributes.path` and constant `outputs` that are no names of files, `release` and `grant` of
/// another form, and names that differ by one letter from one of these. Other members are the
/// owner's own.
std::vector<std::string> attribute_problems(const Ddo& ddo);

}  // namespace c2d::asset
