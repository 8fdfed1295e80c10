#include "mpc/align/agreement.hpp"

#include "base/try.hpp"
#include "crypto/hash.hpp"
#include "mpc/align/ends.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace c2d::mpc::align_detail {
namespace {

constexpr std::uint8_t kVersion = 1;

/// As it lies on the wire: numbers little-endian.
struct Hello {
    std::uint8_t version = kVersion;
    std::uint8_t mode = 0;
    std::uint8_t rule = 0;
    std::uint8_t unused = 0;
    /// 0 at the helper, which knows of no columns.
    std::uint32_t columns = 0;
    Bytes32 job;
    std::uint64_t rows_max = 0, common_min = 0;
    double share_min = 0;
};
static_assert(sizeof(Hello) == 64);

struct Sizes {
    std::uint64_t usable = 0, rows = 0;
};

Bytes32 job_of(const AlignOptions& options) {
    const std::uint64_t length = options.job.size();
    Sha256 hash;
    hash.update(as_bytes("c2d align job 1"));
    hash.update(bytes_of_struct(length));
    hash.update(as_bytes(options.job));
    for (const Bytes32& schema : options.schemas) hash.update(schema);
    return hash.finish();
}

Hello hello_of(const Side& side) {
    const AlignOptions& options = side.options;
    Hello out;
    out.mode = static_cast<std::uint8_t>(options.mode);
    out.rule = bits_of(options.rule);
    out.columns = side.columns;
    out.job = job_of(options);
    out.rows_max = options.rows_max;
    out.common_min = options.common_min;
    out.share_min = options.common_share_min;
    return out;
}

/// What differs, for people; empty if nothing does.
std::string_view difference(const Hello& a, const Hello& b) {
    if (a.version != b.version) return "another version of the alignment protocol";
    if (a.mode != b.mode) return "another mode";
    if (a.rule != b.rule) return "another rule for normalising ids";
    if (a.columns != b.columns && a.columns != 0 && b.columns != 0) return "another number of id columns";
    if (a.job != b.job) return "another job, or other schemas";
    return {};
}

bool in_range(const Hello& hello) {
    return hello.rows_max <= kAlignRowsMax && hello.common_min >= 1 && hello.share_min >= 0 && hello.share_min <= 1;
}

Result<Bounds> take_hello(Side& side, unsigned peer, const Hello& mine) {
    C2D_TRY(const Hello theirs, receive_struct<Hello>(side.link, peer));
    if (const std::string_view what = difference(mine, theirs); !what.empty())
        return fail(Status::PEER, "party {} aligns with {}: mode, rule, id columns, job and schemas must be the same",
                    peer, what);
    if (!in_range(theirs)) return fail(Status::PEER, "party {} announced bounds out of range", peer);
    return Bounds{theirs.rows_max, theirs.common_min, theirs.share_min};
}

}  // namespace

std::uint8_t bits_of(const IdRule& rule) {
    return static_cast<std::uint8_t>((rule.nfkc ? 1 : 0) | (rule.fold_case ? 2 : 0) | (rule.trim ? 4 : 0) |
                                     (rule.digits_only ? 8 : 0));
}

Result<Unit> agree(Side& side) {
    const Hello mine = hello_of(side);
    side.bounds[side.party()] = {mine.rows_max, mine.common_min, mine.share_min};
    for (unsigned peer = 0; peer < side.parties(); ++peer)
        if (peer != side.party()) C2D_CHECK(side.link.send(peer, bytes_of_struct(mine)));
    for (unsigned peer = 0; peer < side.parties(); ++peer) {
        if (peer == side.party()) continue;
        C2D_TRY(side.bounds[peer], take_hello(side, peer, mine));
    }
    if (side.is_helper()) return Unit{};
    side.pair_secret.resize(64);
    // Both contribute, A first, so that both derive the same.
    const std::span<std::uint8_t> all(side.pair_secret);
    const std::span<std::uint8_t> own = all.subspan(side.party() == kA ? 0 : 32, 32);
    C2D_CHECK(side.random.fill(own));
    C2D_CHECK(side.link.send(side.other(), own));
    return side.link.receive(side.other(), all.subspan(side.party() == kA ? 32 : 0, 32));
}

Bytes32 context_of(const Side& side) {
    Hello bound = hello_of(side);
    bound.rows_max = bound.common_min = 0;
    bound.share_min = 0;
    return sha256(bytes_of_struct(bound));
}

CmacBatch::Key tag_key(const Side& side) {
    const Bytes32 context = context_of(side);
    Bytes text(context.data.begin(), context.data.end());
    const BytesView label = as_bytes("c2d align tags 1");
    text.insert(text.end(), label.begin(), label.end());
    Bytes32 digest = hmac_sha256(side.pair_secret, text);
    CmacBatch::Key key;
    std::copy_n(digest.data.begin(), key.size(), key.begin());
    clear_secret(digest.data.data(), digest.size());
    return key;
}

Result<Unit> check_rows_max(const Side& side, std::size_t rows) {
    for (unsigned peer = 0; peer < side.parties(); ++peer)
        if (peer != side.party() && rows > side.bounds[peer].rows_max)
            return unusable("the table has {} distinct ids, and party {} accepts {} (rows_max)", rows, peer,
                            side.bounds[peer].rows_max);
    return Unit{};
}

Result<TableRows> announce(const Side& side, const Result<std::size_t>& own) {
    TableRows out;
    std::optional<unsigned> unusable_of;
    if (!side.is_helper()) {
        out.of[side.party()] = own.ok() ? *own : 0;
        const Sizes mine{own.ok() ? 1u : 0u, out.of[side.party()]};
        for (unsigned peer = 0; peer < side.parties(); ++peer)
            if (peer != side.party()) C2D_CHECK(side.link.send(peer, bytes_of_struct(mine)));
    }
    // What all have sent is received in any case, so that the link is good for what comes next.
    for (const unsigned peer : {kA, kB}) {
        if (peer == side.party()) continue;
        C2D_TRY(const Sizes theirs, receive_struct<Sizes>(side.link, peer));
        if (theirs.usable != 1 && !unusable_of) unusable_of = peer;
        if (theirs.usable == 1 && (theirs.rows == 0 || theirs.rows > side.options.rows_max))
            return fail(Status::PEER, "party {} announced {} rows, expected 1 to {} (rows_max)", peer, theirs.rows,
                        side.options.rows_max);
        out.of[peer] = theirs.rows;
    }
    if (!own.ok()) return own.error();
    if (unusable_of) return unusable_input_of(*unusable_of);
    return out;
}

Result<bool> same_at_both(Side& side, const Bytes32& digest) {
    C2D_CHECK(side.link.send(side.other(), digest));
    C2D_TRY(const Bytes32 theirs, receive_struct<Bytes32>(side.link, side.other()));
    return theirs == digest;
}

std::uint64_t common_needed(const Side& side, const TableRows& rows) {
    std::uint64_t out = 1;
    for (unsigned party = 0; party < side.parties(); ++party) {
        const Bounds& bounds = side.bounds[party];
        // The other table is the one that could have been made up. The helper has none: both are.
        const std::uint64_t others = party == kA   ? rows.of[kB]
                                     : party == kB ? rows.of[kA]
                                                   : std::max(rows.of[kA], rows.of[kB]);
        const auto of_share = static_cast<std::uint64_t>(std::ceil(bounds.share_min * static_cast<double>(others)));
        out = std::max({out, bounds.common_min, of_share});
    }
    return out;
}

}  // namespace c2d::mpc::align_detail
