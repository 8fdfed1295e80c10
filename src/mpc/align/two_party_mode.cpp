/// Without a third party: each id stands for a point of secp256k1, and A's and B's secret numbers, one after the other,
/// make of it a point that only both together could have made (Meadows, S&P 1986; Huberman, Franklin, Hogg, EC 1999).
///
/// Each sends its points in a secret order, multiplies the other's, and returns what came of those as a set. Both then
/// know how many are common; only if those are enough does each say which of the other's points they came from.

#include "base/fail.hpp"
#include "base/try.hpp"
#include "crypto/blind_point.hpp"
#include "crypto/hash.hpp"
#include "mpc/align/ends.hpp"
#include "mpc/align/modes.hpp"
#include "mpc/align/tags.hpp"

#include <algorithm>

namespace c2d::mpc::align_detail {
namespace {

/// Points that go out at once, and how many such steps a bank computes ahead of what it waits for, so that neither
/// stands still while the other is slower for a moment.
constexpr std::size_t kPointsAtOnce = 256, kStepsAhead = 4;
/// Of finished tags, which cost nothing to make.
constexpr std::size_t kTagsAtOnce = std::size_t{1} << 15;

std::size_t steps_of(std::size_t count, std::size_t at_once) { return (count + at_once - 1) / at_once; }

/// What is left of a point that both have multiplied.
Tag tag_of_point(const CurvePoint& point) {
    static constexpr std::string_view kLabel = "c2d align point 1";
    std::uint8_t text[kLabel.size() + 32];
    std::copy(kLabel.begin(), kLabel.end(), text);
    std::copy_n(point.data.begin(), 32, text + kLabel.size());
    return tag_of(sha256(text).data.data());
}

/// The next of our points, and of theirs what they become.
class PointExchange {
public:
    PointExchange(Side& side, JoinedIds& ids, const TaggedRows& order, BlindingScalar secret, std::size_t theirs)
        : side_(side), ids_(ids), order_(order), secret_(std::move(secret)), label_(context_of(side)) {
        tags_.reserve(theirs);
        theirs_ = theirs;
    }

    /// Tags of all points of the other, each with its position.
    Result<std::vector<Tagged>> run() {
        const std::size_t mine = steps_of(order_.size(), kPointsAtOnce), theirs = steps_of(theirs_, kPointsAtOnce);
        for (std::size_t step = 0; step < std::max(mine, theirs + kStepsAhead); ++step) {
            if (step < mine) C2D_CHECK(send_own(step * kPointsAtOnce));
            if (step >= kStepsAhead && step - kStepsAhead < theirs) C2D_CHECK(take_theirs());
        }
        return std::move(tags_);
    }

private:
    Result<Unit> send_own(std::size_t first) {
        points_.resize(std::min(kPointsAtOnce, order_.size() - first));
        for (std::size_t i = 0; i < points_.size(); ++i) {
            id_.clear();
            (void)ids_.append(order_.rows[first + i], id_);  // had no problem when the order was made
            C2D_TRY(points_[i], secret_.times(hash_to_curve(label_, id_)));
        }
        return side_.link.send(side_.other(), {points_.front().data.data(), points_.size() * CurvePoint::size()});
    }
    Result<Unit> take_theirs() {
        points_.resize(std::min(kPointsAtOnce, theirs_ - tags_.size()));
        C2D_CHECK(
            side_.link.receive(side_.other(), {points_.front().data.data(), points_.size() * CurvePoint::size()}));
        for (const CurvePoint& point : points_) {
            auto product = secret_.times(point);
            if (!product.ok())
                return fail(Status::PEER, "party {} sent bytes that are no point of secp256k1", side_.other());
            tags_.push_back({tag_of_point(*product), static_cast<std::uint32_t>(tags_.size())});
        }
        return Unit{};
    }

    Side& side_;
    JoinedIds& ids_;
    const TaggedRows& order_;
    BlindingScalar secret_;
    Bytes32 label_;
    std::size_t theirs_ = 0;
    std::vector<Tagged> tags_;
    std::vector<CurvePoint> points_;
    Bytes id_;
};

/// Sends `mine` and receives `theirs`, step by step, so that neither runs far ahead.
template <class T>
Result<Unit> swap_all(Side& side, std::span<const T> mine, std::span<T> theirs) {
    const std::size_t steps = steps_of(std::max(mine.size(), theirs.size()), kTagsAtOnce);
    for (std::size_t step = 0; step < steps; ++step) {
        const std::size_t from = step * kTagsAtOnce;
        if (from < mine.size()) {
            const auto part = mine.subspan(from, std::min(kTagsAtOnce, mine.size() - from));
            C2D_CHECK(
                side.link.send(side.other(), {reinterpret_cast<const std::uint8_t*>(part.data()), part.size_bytes()}));
        }
        if (from < theirs.size()) {
            const auto part = theirs.subspan(from, std::min(kTagsAtOnce, theirs.size() - from));
            C2D_CHECK(
                side.link.receive(side.other(), {reinterpret_cast<std::uint8_t*>(part.data()), part.size_bytes()}));
        }
    }
    return Unit{};
}

/// The other's tags, sorted, go to it; what our own points became comes back.
Result<std::vector<Tag>> swap_tags(Side& side, const std::vector<Tagged>& theirs, std::size_t own_rows) {
    std::vector<Tag> out(theirs.size()), own(own_rows);
    for (std::size_t i = 0; i < theirs.size(); ++i) {
        out[i] = theirs[i].tag;
        if (i > 0 && out[i] == out[i - 1]) return fail(Status::PEER, "party {} sent one point twice", side.other());
    }
    C2D_CHECK(swap_all<Tag>(side, out, own));
    for (std::size_t i = 1; i < own.size(); ++i)
        if (own[i] <= own[i - 1]) return fail(Status::PEER, "the tags of party {} do not ascend", side.other());
    return own;
}

/// Positions of the other's points that we have, too, in the order of the tags. Both parties must find the same tags.
Result<std::vector<std::uint32_t>> common_positions(Side& side, const std::vector<Tagged>& theirs,
                                                    const std::vector<Tag>& own) {
    std::vector<std::uint32_t> out;
    Sha256 hash;
    auto at = own.begin();
    for (const Tagged& one : theirs) {
        while (at != own.end() && *at < one.tag) ++at;
        if (at == own.end() || *at != one.tag) continue;
        out.push_back(one.row);
        hash.update(bytes_of({&one.tag, 1}));
    }
    C2D_TRY(const bool same, same_at_both(side, hash.finish()));
    if (!same) return fail(Status::PEER, "party {} found other common rows", side.other());
    return out;
}

/// The rows at the positions that the other names: each a position, none twice.
Result<std::vector<std::uint32_t>> rows_at(const Side& side, const TaggedRows& order,
                                           const std::vector<std::uint32_t>& positions) {
    std::vector<bool> seen(order.size());
    std::vector<std::uint32_t> out;
    out.reserve(positions.size());
    for (const std::uint32_t position : positions) {
        if (position >= order.size() || seen[position])
            return fail(Status::PEER, "party {} named a row that is none, or one twice", side.other());
        seen[position] = true;
        out.push_back(order.rows[position]);
    }
    return out;
}

/// The helper, where there is one, is told how it ended: not more than the banks learn.
struct Outcome {
    std::uint64_t enough = 0, common = 0;
};
Result<Alignment> hear_outcome(Side& side, const TableRows& rows) {
    C2D_TRY(const Outcome of_a, receive_struct<Outcome>(side.link, kA));
    C2D_TRY(const Outcome of_b, receive_struct<Outcome>(side.link, kB));
    if (of_a.enough != of_b.enough || of_a.common != of_b.common)
        return fail(Status::PEER, "parties {} and {} found {} and {} common rows", kA, kB, of_a.common, of_b.common);
    if (of_a.enough == 0) return too_few_common();
    return Alignment{{}, {rows.of[kA], rows.of[kB]}, of_a.common};
}
Result<Unit> tell_outcome(Side& side, const Outcome& outcome) {
    return side.parties() == kParties ? side.link.send(kH, bytes_of_struct(outcome)) : Result<Unit>(Unit{});
}

Result<Alignment> exchanged_rows(Side& side, JoinedIds& ids, const TaggedRows& order, const TableRows& rows) {
    C2D_TRY(BlindingScalar secret, BlindingScalar::draw(side.random));
    PointExchange points(side, ids, order, std::move(secret), rows.of[side.other()]);
    C2D_TRY(std::vector<Tagged> theirs, points.run());
    sort_by_tag(theirs);
    C2D_TRY(const std::vector<Tag> own, swap_tags(side, theirs, order.size()));
    C2D_TRY(const std::vector<std::uint32_t> positions, common_positions(side, theirs, own));
    const bool enough = positions.size() >= common_needed(side, rows);
    C2D_CHECK(tell_outcome(side, {enough ? 1u : 0u, enough ? positions.size() : 0}));
    if (!enough) return too_few_common();
    std::vector<std::uint32_t> mine(positions.size());
    C2D_CHECK(swap_all<std::uint32_t>(side, positions, mine));
    Alignment out{{}, {rows.of[kA], rows.of[kB]}, positions.size()};
    C2D_TRY(out.rows, rows_at(side, order, mine));
    return out;
}

/// Distinct ids in a secret order: that of tags under `key`, which nobody else has.
Result<TaggedRows> secret_order(Side& side, JoinedIds& ids, const CmacBatch::Key& key) {
    auto order = tag_rows(ids, key, side.options.duplicates);
    if (order.ok()) C2D_CHECK(check_rows_max(side, order->size()));
    return order;
}

}  // namespace

Result<Alignment> align_as_two(Side& side, JoinedIds* ids) {
    C2D_CHECK(agree(side));
    if (side.is_helper()) {
        C2D_TRY(const TableRows rows, announce(side, std::size_t{0}));
        return hear_outcome(side, rows);
    }
    CmacBatch::Key key;
    C2D_CHECK(side.random.fill(key));
    const Result<TaggedRows> order = secret_order(side, *ids, key);
    clear_secret(key.data(), key.size());
    if (order.status() != Status::OK && order.status() != Status::DOMAIN) return order.error();  // no matter of the ids
    C2D_TRY(const TableRows rows, announce(side, order.ok() ? Result<std::size_t>(order->size()) : order.error()));
    return exchanged_rows(side, *ids, *order, rows);
}

}  // namespace c2d::mpc::align_detail
