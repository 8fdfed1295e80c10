/// What the parties of an alignment tell each other before and after: options, sizes, whether an input is usable.
#pragma once

#include "base/secret.hpp"
#include "crypto/cmac.hpp"

#include <c2d/align.hpp>
#include <c2d/mpc.hpp>

namespace c2d::mpc::align_detail {

inline constexpr unsigned kA = 0, kB = 1, kH = 2;

/// A rule as it travels: 1 nfkc, 2 fold_case, 4 trim, 8 digits_only.
std::uint8_t bits_of(const IdRule& rule);

/// The bounds that one party sets.
struct Bounds {
    std::uint64_t rows_max = 0, common_min = 0;
    double share_min = 0;
};

/// One alignment, from one party's side. The link has two parties or three.
struct Side {
    Link& link;
    Random& random;
    const AlignOptions& options;
    /// Of our ids; 0 at the helper.
    std::uint32_t columns = 0;
    /// Filled by `agree`: each party's bounds, and what A and B alone know: fresh, from both.
    Bounds bounds[kParties] = {};
    ClearedBytes pair_secret = {};

    unsigned party() const noexcept { return link.party(); }
    unsigned parties() const noexcept { return link.parties(); }
    bool is_helper() const noexcept { return party() == kH; }
    /// Of A and B, the one that we are not.
    unsigned other() const noexcept { return party() == kA ? kB : kA; }
};

/// Everybody tells everybody its options and bounds; A and B give each other 32 random bytes. Fails with `peer` where
/// options differ, naming them.
Result<Unit> agree(Side& side);
/// A hash of all that the ids' meaning rests on: mode, rule, columns, job and schemas.
Bytes32 context_of(const Side& side);
/// The key of the tags: from what A and B gave, and the context.
CmacBatch::Key tag_key(const Side& side);

/// Fails with what its owner is told if another party does not accept tables of `rows` rows.
Result<Unit> check_rows_max(const Side& side, std::size_t rows);
/// A and B tell all how many distinct ids they have, or that their input is not usable. Ends then, for `own` with what
/// the owner is told.
struct TableRows {
    std::uint64_t of[2] = {};
};
Result<TableRows> announce(const Side& side, const Result<std::size_t>& own);
/// How many common rows it takes for all bounds to be met.
std::uint64_t common_needed(const Side& side, const TableRows& rows);

/// Whether A and B have the same digest of the tags that they share.
Result<bool> same_at_both(Side& side, const Bytes32& digest);

/// Bytes of a plain struct.
template <class T>
BytesView bytes_of_struct(const T& value) noexcept {
    static_assert(std::is_trivially_copyable_v<T>);
    return {reinterpret_cast<const std::uint8_t*>(&value), sizeof value};
}
template <class T>
Result<T> receive_struct(Link& link, unsigned peer) {
    static_assert(std::is_trivially_copyable_v<T>);
    T out{};
    auto got = link.receive(peer, {reinterpret_cast<std::uint8_t*>(&out), sizeof out});
    if (!got.ok()) return std::move(got).error();
    return out;
}

}  // namespace c2d::mpc::align_detail
