#include "mpc/rep3/ml/auc.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "mpc/core/kernels.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <span>

namespace c2d::mpc::rep3 {
namespace {

/// Fractional bits of twice the Mann-Whitney statistic times `inverse`: kAucUnit times as many bits is below 2^62.
constexpr unsigned kInverseBits = 48;
static_assert(kAucUnit < Word{1} << (62 - kInverseBits));
/// Columns of the shuffled table.
constexpr std::size_t kKey = 0, kScore = 1, kLabel = 2, kColumns = 3;
/// Up to this size a part is ordered by comparing all pairs, in one level.
constexpr std::size_t kSmallPart = 16;
/// Memory for comparisons does not grow with the rows.
constexpr std::size_t kComparedAtOnce = std::size_t{1} << 18;

struct Pair {
    std::uint32_t left, right;
};
struct Part {
    std::size_t begin, end;
    std::size_t size() const { return end - begin; }
};

/// key = score * 2^bits + row number: all keys differ, so that an order tells nothing about ties.
Shares table_of(const Engine& engine, const Shares& scores, const Shares& labels) {
    const std::size_t n = scores.rows;
    const int bits = std::bit_width(n - 1);
    Shares out{n, kColumns, Words(n * kColumns), Words(n * kColumns)};
    for (std::size_t i = 0; i < n; ++i) {
        out.p[i * kColumns + kKey] = scores.p[i] << bits;
        out.q[i * kColumns + kKey] = (scores.q[i] << bits) + (engine.is_helper() ? 0 : i);
        out.p[i * kColumns + kScore] = scores.p[i];
        out.q[i * kColumns + kScore] = scores.q[i];
        out.p[i * kColumns + kLabel] = labels.p[i];
        out.q[i * kColumns + kLabel] = labels.q[i];
    }
    return out;
}

/// Differences of one column between rows.
Shares differences(const Shares& table, std::size_t column, std::span<const Pair> pairs) {
    Shares out{pairs.size(), 1, Words(pairs.size()), Words(pairs.size())};
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        const std::size_t l = pairs[i].left * kColumns + column;
        const std::size_t r = pairs[i].right * kColumns + column;
        out.p[i] = table.p[l] - table.p[r];
        out.q[i] = table.q[l] - table.q[r];
    }
    return out;
}

/// The comparisons that one level needs: with the pivot (the middle row), or all pairs.
std::vector<Pair> pairs_of_level(const std::vector<std::uint32_t>& order, const std::vector<Part>& parts) {
    std::vector<Pair> pairs;
    for (const Part& part : parts) {
        if (part.size() <= kSmallPart) {
            for (std::size_t i = part.begin; i < part.end; ++i)
                for (std::size_t j = i + 1; j < part.end; ++j) pairs.push_back({order[i], order[j]});
            continue;
        }
        const std::size_t pivot = part.begin + part.size() / 2;
        for (std::size_t i = part.begin; i < part.end; ++i)
            if (i != pivot) pairs.push_back({order[i], order[pivot]});
    }
    return pairs;
}

/// Places a small part by counting, for each row, how many come before it.
void place_small(std::vector<std::uint32_t>& order, const Part& part, const std::uint8_t*& bit) {
    std::vector<std::size_t> rank(part.size());
    for (std::size_t i = 0; i < part.size(); ++i)
        for (std::size_t j = i + 1; j < part.size(); ++j) ++rank[*bit++ != 0 ? j : i];
    const std::vector<std::uint32_t> before(order.begin() + static_cast<std::ptrdiff_t>(part.begin),
                                            order.begin() + static_cast<std::ptrdiff_t>(part.end));
    for (std::size_t i = 0; i < part.size(); ++i) order[part.begin + rank[i]] = before[i];
}

/// Splits a part at its pivot; returns the two sides.
std::pair<Part, Part> split(std::vector<std::uint32_t>& order, const Part& part, const std::uint8_t*& bit) {
    const std::size_t pivot = part.begin + part.size() / 2;
    const std::uint32_t pivot_row = order[pivot];
    std::vector<std::uint32_t> low, high;
    for (std::size_t i = part.begin; i < part.end; ++i)
        if (i != pivot) (*bit++ != 0 ? low : high).push_back(order[i]);
    std::size_t at = part.begin;
    for (std::uint32_t row : low) order[at++] = row;
    const std::size_t middle = at;
    order[at++] = pivot_row;
    for (std::uint32_t row : high) order[at++] = row;
    return {Part{part.begin, middle}, Part{middle + 1, part.end}};
}

/// For each pair whether the left key is less, opened to all.
Result<Bytes> open_comparisons(Engine& engine, const Shares& table, std::span<const Pair> pairs) {
    Bytes out;
    out.reserve(pairs.size());
    for (std::size_t from = 0; from < pairs.size(); from += kComparedAtOnce) {
        const auto some = pairs.subspan(from, std::min(kComparedAtOnce, pairs.size() - from));
        C2D_TRY(const BooleanShares less, engine.msb(differences(table, kKey, some)));
        C2D_TRY(const Bytes opened, engine.open_bits(less, some.size()));
        out.insert(out.end(), opened.begin(), opened.end());
    }
    return out;
}

/// Quicksort whose comparisons of one level are made together and opened to all.
Result<std::vector<std::uint32_t>> sorted_order(Engine& engine, const Shares& table) {
    std::vector<std::uint32_t> order(table.rows);
    std::iota(order.begin(), order.end(), 0u);
    std::vector<Part> parts{{0, table.rows}};
    while (!parts.empty()) {
        const std::vector<Pair> pairs = pairs_of_level(order, parts);
        C2D_TRY(const Bytes opened, open_comparisons(engine, table, pairs));
        const std::uint8_t* bit = opened.data();
        std::vector<Part> next;
        for (const Part& part : parts) {
            if (part.size() <= kSmallPart) {
                place_small(order, part, bit);
                continue;
            }
            const auto [low, high] = split(order, part, bit);
            if (low.size() > 1) next.push_back(low);
            if (high.size() > 1) next.push_back(high);
        }
        parts = std::move(next);
    }
    return order;
}

/// Integer bits: 1 where sorted row i has the score of row i-1; row 0 has 0.
Result<Shares> tie_flags(Engine& engine, const Shares& table, const std::vector<std::uint32_t>& order) {
    std::vector<Pair> neighbours;
    for (std::size_t i = 1; i < order.size(); ++i) neighbours.push_back({order[i - 1], order[i]});
    C2D_TRY(const BooleanShares less, engine.msb(differences(table, kScore, neighbours)));
    C2D_TRY(const Shares rises, engine.to_arithmetic(less, neighbours.size(), 1));
    Shares flags{order.size(), 1, Words(order.size()), Words(order.size())};
    for (std::size_t i = 1; i < order.size(); ++i) {
        flags.p[i] = Word{0} - rises.p[i - 1];
        flags.q[i] = (engine.is_helper() ? 0 : 1) - rises.q[i - 1];
    }
    return flags;
}

/// A scan in which an entry that is linked to the one before it takes that one's value, and so on
/// from the group's first. `value` and `link` (bits) are columns.
struct Scan {
    Shares value, link;

    /// Each pair's left entry takes the right one's if linked, and its link, if that is still
    /// needed: then its entries from the right one's first on are one.
    Result<Unit> take_up(Engine& engine, const std::vector<Pair>& pairs, bool links) {
        const std::size_t n = pairs.size(), count = links ? 2 * n : n;
        Shares left{count, 1, Words(count), Words(count)}, right = left;
        for (std::size_t i = 0; i < n; ++i) {
            const auto [at, from] = pairs[i];
            left.p[i] = link.p[at], left.q[i] = link.q[at];
            right.p[i] = value.p[from] - value.p[at], right.q[i] = value.q[from] - value.q[at];
            if (!links) continue;
            left.p[n + i] = link.p[at], left.q[n + i] = link.q[at];
            right.p[n + i] = link.p[from], right.q[n + i] = link.q[from];
        }
        C2D_TRY(const Shares product, engine.reshare(engine.local_products(left, right), count, 1));
        for (std::size_t i = 0; i < n; ++i) {
            const std::uint32_t at = pairs[i].left;
            value.p[at] += product.p[i], value.q[at] += product.q[i];
            if (links) link.p[at] = product.p[n + i], link.q[at] = product.q[n + i];
        }
        return Unit{};
    }

    /// The work-efficient order (Brent and Kung, 1982), for several columns of `length` on top of
    /// each other: two combinations per entry on average, in 2 log2(length) rounds.
    Result<Unit> run(Engine& engine, std::size_t length) {
        const auto level = [&](std::size_t first, std::size_t step) {
            std::vector<Pair> pairs;
            for (std::size_t column = 0; column < value.rows; column += length)
                for (std::size_t i = first; i < length; i += 2 * step)
                    pairs.push_back(
                        {static_cast<std::uint32_t>(column + i), static_cast<std::uint32_t>(column + i - step)});
            return pairs;
        };
        for (std::size_t step = 1; 2 * step <= length; step *= 2)
            C2D_CHECK(take_up(engine, level(2 * step - 1, step), true));
        for (std::size_t step = std::bit_floor(length) / 2; step > 0; step /= 2) {
            const std::vector<Pair> pairs = level(3 * step - 1, step);
            if (!pairs.empty()) C2D_CHECK(take_up(engine, pairs, false));
        }
        return Unit{};
    }
};

/// first + last, where first and last are the sorted positions at which each row's group of equal
/// scores begins and ends.
Result<Shares> twice_mean_position(Engine& engine, const Shares& flags) {
    const std::size_t n = flags.rows;
    // Entries 0..n-1 scan upwards, n..2n-1 are the mirror image scanning downwards.
    Scan scan{{2 * n, 1, Words(2 * n), Words(2 * n)}, {2 * n, 1, Words(2 * n), Words(2 * n)}};
    auto& [value, link] = scan;
    for (std::size_t i = 0; i < n; ++i) {
        if (!engine.is_helper()) {
            value.q[i] = i;
            value.q[n + i] = n - 1 - i;
        }
        link.p[i] = flags.p[i];
        link.q[i] = flags.q[i];
        // Row i of the mirror is row n-1-i, tied to its upper neighbour by that one's flag.
        if (i > 0) {
            link.p[n + i] = flags.p[n - i];
            link.q[n + i] = flags.q[n - i];
        }
    }
    C2D_CHECK(scan.run(engine, n));
    Shares out{n, 1, Words(n), Words(n)};
    for (std::size_t i = 0; i < n; ++i) {
        out.p[i] = value.p[i] + value.p[2 * n - 1 - i];
        out.q[i] = value.q[i] + value.q[2 * n - 1 - i];
    }
    return out;
}

Shares total(const Shares& x) {
    Shares out{
        1, 1, {std::accumulate(x.p.begin(), x.p.end(), Word{0})}, {std::accumulate(x.q.begin(), x.q.end(), Word{0})}};
    return out;
}

}  // namespace

Word inverse_of_pairs(Word pairs) {
    // Rounded up, so that a half stays one: the statistic is at most twice the pairs, so the product is too large by
    // pairs / 2^47 of its last place.
    return ((kAucUnit << (kInverseBits - 1)) + pairs - 1) / pairs;
}

Result<Shares> auc_of(Engine& engine, const Shares& scores, const Shares& labels, const Shares& inverse) {
    const std::size_t n = scores.rows;
    C2D_TRY(const Shares table, engine.shuffle(table_of(engine, scores, labels)));
    C2D_TRY(const std::vector<std::uint32_t> order, sorted_order(engine, table));
    C2D_TRY(const Shares flags, tie_flags(engine, table, order));
    C2D_TRY(Shares position, twice_mean_position(engine, flags));
    Shares label{n, 1, Words(n), Words(n)};
    for (std::size_t i = 0; i < n; ++i) {
        label.p[i] = table.p[order[i] * kColumns + kLabel];
        label.q[i] = table.q[order[i] * kColumns + kLabel];
    }
    // Mann-Whitney: 2U = sum over positives of 2 rank - P (P + 1), with rank = (first+last)/2 + 1.
    add_constant(position, 2, engine.role());
    const Words inner = engine.local_products(label, position);
    const Shares positives = total(label);
    Shares more = positives;
    add_constant(more, 1, engine.role());
    Words twice_u = engine.local_products(positives, more);
    twice_u[0] = std::accumulate(inner.begin(), inner.end(), Word{0}) - twice_u[0];
    C2D_TRY(const Shares statistic, engine.reshare(std::move(twice_u), 1, 1));
    return engine.reshare_rounded(engine.local_products(statistic, inverse), kInverseBits, 1, 1);
}

}  // namespace c2d::mpc::rep3
