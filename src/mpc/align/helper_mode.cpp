/// The helper compares: A and B send it the tags of their distinct ids under a key that it lacks, in ascending order,
/// and it returns to each one bit a tag. What A and B then hold is the same set of tags, which they check by a hash.
///
/// For the helper tags are random numbers, and their order says nothing of rows. Ascending, they can be compared as
/// they come, and a bit a tag cannot name a row twice or in another order.

#include "base/fail.hpp"
#include "base/try.hpp"
#include "crypto/hash.hpp"
#include "mpc/align/ends.hpp"
#include "mpc/align/modes.hpp"
#include "mpc/align/tags.hpp"

#include <algorithm>
#include <bit>

namespace c2d::mpc::align_detail {
namespace {

/// Tags of the larger table that go out at once, and how many such steps a bank may be ahead of the helper. Both
/// tables are cut in as many steps, so when the helper asks for more does not depend on their tags.
constexpr std::uint64_t kTagsAtOnce = std::uint64_t{1} << 15;
constexpr std::uint64_t kStepsAhead = 4;

struct Steps {
    std::uint64_t count = 0;
    explicit Steps(const TableRows& rows)
        : count((std::max(rows.of[kA], rows.of[kB]) + kTagsAtOnce - 1) / kTagsAtOnce) {}
    /// Where step `number` begins in a table of `rows` rows.
    static std::uint64_t begin(std::uint64_t number, std::uint64_t rows, std::uint64_t count) {
        return rows / count * number + rows % count * number / count;
    }
    std::uint64_t begin(std::uint64_t number, std::uint64_t rows) const { return begin(number, rows, count); }
};

// ---------------------------------------------------------------- the helper

/// One bank's tags as they come, and the answer to it.
struct Incoming {
    unsigned party;
    std::uint64_t rows;
    /// Received, of which the first `done` are compared; `first` is the number of tags[0].
    std::vector<Tag> tags = {};
    std::size_t done = 0;
    std::uint64_t first = 0;
    Bytes common = Bytes((rows + 7) / 8);

    Result<Unit> receive(Link& link, std::size_t count) {
        // The last one stays, to hold the next against it.
        const std::size_t keep = done == 0 ? 0 : done - 1;
        tags.erase(tags.begin(), tags.begin() + static_cast<std::ptrdiff_t>(keep));
        first += keep;
        done -= keep;
        const std::size_t before = tags.size();
        tags.resize(before + count);
        C2D_CHECK(link.receive(party, bytes_of(std::span(tags).subspan(before))));
        for (std::size_t i = std::max<std::size_t>(before, 1); i < tags.size(); ++i)
            if (tags[i] <= tags[i - 1]) return fail(Status::PEER, "the tags of party {} do not ascend", party);
        return Unit{};
    }
    void mark() {
        const std::uint64_t at = first + done;
        common[at / 8] |= static_cast<std::uint8_t>(1u << (at % 8));
    }
};

/// As far as both have come.
std::uint64_t compare(Incoming& a, Incoming& b) {
    std::uint64_t common = 0;
    while (a.done < a.tags.size() && b.done < b.tags.size()) {
        const Tag &x = a.tags[a.done], &y = b.tags[b.done];
        if (x == y) {
            a.mark();
            b.mark();
            ++common;
        }
        const bool take_a = x <= y, take_b = y <= x;
        a.done += take_a;
        b.done += take_b;
    }
    return common;
}

struct Answer {
    std::uint64_t enough = 0, common = 0;
};

Result<Alignment> help(Side& side, const TableRows& rows) {
    const Steps steps(rows);
    Incoming a{kA, rows.of[kA]}, b{kB, rows.of[kB]};
    std::uint64_t common = 0;
    for (std::uint64_t step = 0; step < steps.count; ++step) {
        for (Incoming* from : {&a, &b})
            C2D_CHECK(from->receive(side.link, steps.begin(step + 1, from->rows) - steps.begin(step, from->rows)));
        const std::uint8_t more = 1;
        for (const unsigned bank : {kA, kB})
            if (step + kStepsAhead < steps.count) C2D_CHECK(side.link.send(bank, {&more, 1}));
        common += compare(a, b);
    }
    const bool enough = common >= common_needed(side, rows);
    const Answer answer{enough ? 1u : 0u, enough ? common : 0};
    for (const Incoming* to : {&a, &b}) {
        C2D_CHECK(side.link.send(to->party, bytes_of_struct(answer)));
        if (enough) C2D_CHECK(side.link.send(to->party, to->common));
    }
    if (!enough) return too_few_common();
    return Alignment{{}, {rows.of[kA], rows.of[kB]}, common};
}

// ---------------------------------------------------------------- a bank

Result<Unit> send_tags(Side& side, const TableRows& rows, std::span<const Tag> tags) {
    const Steps steps(rows);
    for (std::uint64_t step = 0; step < steps.count; ++step) {
        std::uint8_t more = 0;
        if (step >= kStepsAhead) C2D_CHECK(side.link.receive(kH, {&more, 1}));
        const std::uint64_t begin = steps.begin(step, tags.size()), end = steps.begin(step + 1, tags.size());
        C2D_CHECK(side.link.send(kH, bytes_of(tags.subspan(begin, end - begin))));
    }
    return Unit{};
}

/// One bit for each of our tags: whether the other has it.
Result<Bytes> receive_answer(Side& side, const TableRows& rows, std::uint64_t& common) {
    C2D_TRY(const Answer answer, receive_struct<Answer>(side.link, kH));
    if (answer.enough == 0) return too_few_common();
    const std::uint64_t own = rows.of[side.party()];
    Bytes bits((own + 7) / 8);
    C2D_CHECK(side.link.receive(kH, bits));
    common = answer.common;
    std::uint64_t found = 0;
    for (const std::uint8_t byte : bits) found += static_cast<std::uint64_t>(std::popcount(byte));
    const bool beyond_end = own % 8 != 0 && bits.back() >> (own % 8) != 0;
    if (found != common || beyond_end || common < common_needed(side, rows))
        return fail(Status::PEER, "party {} named {} common rows and marked {}, of at least {}", kH, common, found,
                    common_needed(side, rows));
    return bits;
}

Result<Alignment> compared_rows(Side& side, const TaggedRows& own, const TableRows& rows) {
    C2D_CHECK(send_tags(side, rows, own.tags));
    Alignment out{{}, {rows.of[kA], rows.of[kB]}, 0};
    std::uint64_t common = 0;
    C2D_TRY(const Bytes bits, receive_answer(side, rows, common));
    out.common = common;
    out.rows.reserve(common);
    Sha256 hash;
    for (std::size_t i = 0; i < own.size(); ++i) {
        if ((bits[i / 8] >> (i % 8) & 1) == 0) continue;
        out.rows.push_back(own.rows[i]);
        hash.update(bytes_of({&own.tags[i], 1}));
    }
    C2D_TRY(const bool same, same_at_both(side, hash.finish()));
    if (!same)
        return fail(Status::PEER, "party {} paired rows that are not the same customers: the banks' common tags differ",
                    kH);
    return out;
}

/// The own tags, or why there are none.
Result<TaggedRows> own_tags(const Side& side, JoinedIds& ids) {
    CmacBatch::Key key = tag_key(side);
    auto own = tag_rows(ids, key, side.options.duplicates);
    clear_secret(key.data(), key.size());
    if (own.ok()) C2D_CHECK(check_rows_max(side, own->size()));
    return own;
}

}  // namespace

Result<Alignment> align_by_helper(Side& side, JoinedIds* ids) {
    C2D_CHECK(agree(side));
    if (side.is_helper()) {
        C2D_TRY(const TableRows rows, announce(side, std::size_t{0}));
        return help(side, rows);
    }
    const Result<TaggedRows> own = own_tags(side, *ids);
    if (own.status() != Status::OK && own.status() != Status::DOMAIN) return own.error();  // no matter of the ids
    C2D_TRY(const TableRows rows, announce(side, own.ok() ? Result<std::size_t>(own->size()) : own.error()));
    return compared_rows(side, *own, rows);
}

}  // namespace c2d::mpc::align_detail
