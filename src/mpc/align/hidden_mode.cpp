/// A and B tag their rows under a key that H lacks, as in `helper_mode`, and put the tags in as shares: what is common
/// is then for the protocol to find (core/joining.hpp).

#include "base/try.hpp"
#include "mpc/align/ends.hpp"
#include "mpc/align/modes.hpp"
#include "mpc/align/tags.hpp"

#include <cstring>

namespace c2d::mpc::align_detail {
namespace {

static_assert(sizeof(Tag) == Joining::kTagWords * sizeof(Word));

/// In the order of rows. A row whose id another one has before it gets a tag of nobody's.
Result<Words> tags_in_order(Side& side, JoinedIds& ids, std::size_t rows) {
    if (ids.rows() != rows) return unusable("the table has {} ids, and its columns have {} rows", ids.rows(), rows);
    CmacBatch::Key key = tag_key(side);
    const auto tagged = tag_rows(ids, key, side.options.duplicates);
    clear_secret(key.data(), key.size());
    if (!tagged) return tagged.error();
    C2D_CHECK(check_rows_max(side, rows));
    Words out(Joining::kTagWords * rows);
    if (tagged->size() < rows) C2D_CHECK(side.random.fill(span_of(out)));
    for (std::size_t i = 0; i < tagged->size(); ++i)
        std::memcpy(&out[Joining::kTagWords * tagged->rows[i]], &tagged->tags[i], sizeof(Tag));
    return out;
}

}  // namespace

Result<HiddenTags> hidden_tags(Side& side, JoinedIds* ids, std::size_t rows) {
    C2D_CHECK(agree(side));
    HiddenTags out;
    Result<std::size_t> own = std::size_t{0};
    if (!side.is_helper()) {
        Result<Words> tags = tags_in_order(side, *ids, rows);
        if (tags.status() != Status::OK && tags.status() != Status::DOMAIN)
            return tags.error();  // no matter of the ids
        if (tags.ok()) out.own = *std::move(tags);
        own = tags.ok() ? Result<std::size_t>(rows) : tags.error();
    }
    C2D_TRY(out.rows, announce(side, own));
    out.common_needed = common_needed(side, out.rows);
    return out;
}

}  // namespace c2d::mpc::align_detail
