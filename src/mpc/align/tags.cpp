#include "mpc/align/tags.hpp"

#include "base/call_scope.hpp"
#include "base/fail.hpp"
#include "base/secret.hpp"
#include "base/try.hpp"
#include "mpc/align/ends.hpp"

#include <bit>
#include <cstring>

namespace c2d::mpc::align_detail {
namespace {

static_assert(std::endian::native == std::endian::little, "tags go out as they lie in memory");

/// Bits of the first pass, whose parts then fit the second cache for tables of millions, and of the others.
constexpr unsigned kFirstBits = 11, kNextBits = 8;
/// So few are put in order one by one.
constexpr std::size_t kFew = 24;
/// Rows whose ids are tagged at once.
constexpr std::size_t kRowsAtOnce = 256;
/// After so many is looked whether the caller still wants them.
constexpr std::size_t kRowsBetweenLooks = std::size_t{1} << 16;

/// `bits` bits of a tag, the first ones from bit `from` on, counted from the top; beyond the end there are zeros.
std::size_t digit(const Tag& tag, unsigned from, unsigned bits) noexcept {
    if (from >= 128) return 0;
    const std::uint64_t high = from == 0   ? tag.high
                               : from < 64 ? tag.high << from | tag.low >> (64 - from)
                                           : tag.low << (from - 64);
    return static_cast<std::size_t>(high >> (64 - bits));
}

void insert_in_order(std::span<Tagged> all) noexcept {
    for (std::size_t i = 1; i < all.size(); ++i) {
        const Tagged one = all[i];
        std::size_t at = i;
        for (; at > 0 && one.tag < all[at - 1].tag; --at) all[at] = all[at - 1];
        all[at] = one;
    }
}

/// Puts `all` into `out` by the `bits` bits from `from` on; returns where each part ends.
std::vector<std::size_t> distribute(std::span<const Tagged> all, std::span<Tagged> out, unsigned from, unsigned bits) {
    std::vector<std::size_t> ends(std::size_t{1} << bits);
    for (const Tagged& one : all) ++ends[digit(one.tag, from, bits)];
    std::size_t begin = 0;
    for (std::size_t& end : ends) begin += std::exchange(end, begin);
    for (const Tagged& one : all) out[ends[digit(one.tag, from, bits)]++] = one;
    return ends;
}

/// The bits before `from` are alike. `scratch` is as large as `all`.
void sort_from(std::span<Tagged> all, std::span<Tagged> scratch, unsigned from) {
    if (all.size() <= kFew) return insert_in_order(all);
    if (from >= 128) return;
    const std::vector<std::size_t> ends = distribute(all, scratch, from, kNextBits);
    std::copy(scratch.begin(), scratch.begin() + static_cast<std::ptrdiff_t>(all.size()), all.begin());
    std::size_t begin = 0;
    for (const std::size_t end : ends) {
        if (end - begin > 1) sort_from(all.subspan(begin, end - begin), scratch, from + kNextBits);
        begin = end;
    }
}

Result<std::vector<Tagged>> tags_of(JoinedIds& ids, const CmacBatch::Key& key) {
    CmacBatch cmac(key);
    std::vector<Tagged> out(ids.rows());
    Bytes one;
    std::vector<std::uint32_t> ends(kRowsAtOnce);
    std::vector<CmacBatch::Tag> tags(kRowsAtOnce);
    for (std::size_t first = 0; first < ids.rows(); first += kRowsAtOnce) {
        if (first % kRowsBetweenLooks == 0 && CallScope::over()) return CallScope::error("the alignment");
        const std::size_t count = std::min(kRowsAtOnce, ids.rows() - first);
        one.clear();
        for (std::size_t i = 0; i < count; ++i) {
            const IdProblem problem = ids.append(first + i, one);
            if (problem != IdProblem::none)
                return unusable("row {}, id column {}: {}", first + i, ids.bad_column(), text_of(problem));
            ends[i] = static_cast<std::uint32_t>(one.size());
        }
        cmac.compute(one, {ends.data(), count}, tags);
        for (std::size_t i = 0; i < count; ++i)
            out[first + i] = {tag_of(tags[i].data()), static_cast<std::uint32_t>(first + i)};
    }
    clear_secret(one.data(), one.size());
    return out;
}

Error repeated(const JoinedIds& ids, std::size_t first, std::size_t second, std::size_t count) {
    return unusable(
        "rows {} and {} have the same id{}; {} rows repeat one in all: leave them out, or choose that the "
        "first counts",
        first, second, ids.same_raw(first, second) ? "" : " after normalising", count);
}

}  // namespace

Tag tag_of(const std::uint8_t* bytes) noexcept {
    Tag out;
    std::memcpy(&out, bytes, sizeof out);
    return out;
}

void sort_by_tag(std::vector<Tagged>& all) {
    if (all.size() <= kFew) return insert_in_order(all);
    std::vector<Tagged> parts(all.size());
    const std::vector<std::size_t> ends = distribute(all, parts, 0, kFirstBits);
    std::size_t begin = 0;
    for (const std::size_t end : ends) {
        sort_from(std::span(parts).subspan(begin, end - begin), all, kFirstBits);
        begin = end;
    }
    all.swap(parts);
}

Result<TaggedRows> tag_rows(JoinedIds& ids, const CmacBatch::Key& key, Duplicates duplicates) {
    C2D_TRY(std::vector<Tagged> all, tags_of(ids, key));
    sort_by_tag(all);
    TaggedRows out;
    out.tags.reserve(all.size());
    out.rows.reserve(all.size());
    std::optional<std::pair<std::size_t, std::size_t>> example;
    for (const Tagged& one : all) {
        if (!out.tags.empty() && out.tags.back() == one.tag) {
            if (!example) example = {out.rows.back(), one.row};
            continue;
        }
        out.tags.push_back(one.tag);
        out.rows.push_back(one.row);
    }
    if (example && duplicates == Duplicates::refuse)
        return repeated(ids, example->first, example->second, all.size() - out.size());
    return out;
}

}  // namespace c2d::mpc::align_detail
