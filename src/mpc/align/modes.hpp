/// The protocols of an alignment.
#pragma once

#include "ids/joined_ids.hpp"
#include "mpc/align/agreement.hpp"

namespace c2d::mpc::align_detail {

/// `ids`: null at the helper.
Result<Alignment> align_by_helper(Side& side, JoinedIds* ids);
Result<Alignment> align_as_two(Side& side, JoinedIds* ids);

}  // namespace c2d::mpc::align_detail
