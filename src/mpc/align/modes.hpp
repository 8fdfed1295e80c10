/// The protocols of an alignment.
#pragma once

#include "ids/joined_ids.hpp"
#include "mpc/align/agreement.hpp"
#include "mpc/core/joining.hpp"

namespace c2d::mpc::align_detail {

/// `ids`: null at the helper.
Result<Alignment> align_by_helper(Side& side, JoinedIds* ids);
Result<Alignment> align_as_two(Side& side, JoinedIds* ids);

/// What the mode `hidden` begins with.
struct HiddenTags {
    TableRows rows;
    std::uint64_t common_needed = 0;
    /// Of the own table, as `Joining::Table` has them; empty at the helper.
    Words own = {};
};
/// `rows`: of the columns that go with the ids; 0 at the helper.
Result<HiddenTags> hidden_tags(Side& side, JoinedIds* ids, std::size_t rows);
/// The same from what `Session::join` is called with.
Result<HiddenTags> hidden_tags(Link& link, const std::optional<std::vector<IdColumn>>& ids, std::size_t rows,
                               const AlignOptions& options, Random& random);

}  // namespace c2d::mpc::align_detail
