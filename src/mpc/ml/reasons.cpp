#include "mpc/ml/reasons.hpp"

#include "base/try.hpp"
#include "mpc/core/domain.hpp"

#include <bit>
#include <cmath>
#include <numeric>

namespace c2d::mpc::ml {
namespace {

/// Rows times columns that are sorted at once: memory, whatever the rows.
constexpr std::size_t kSortedAtOnce = std::size_t{1} << 21;

using Places = std::vector<std::size_t>;

Places from(std::size_t first, std::size_t count) {
    Places out(count);
    std::iota(out.begin(), out.end(), first);
    return out;
}

/// Entries one below the other, of each row in a column of its own: what they are compared by, and their numbers.
struct Entries {
    TensorPtr keys, numbers;
    std::size_t count() const { return keys->rows; }
};

Result<Entries> chosen(Backend& backend, const Entries& all, const Places& places) {
    Entries out;
    C2D_TRY(out.keys, backend.gather(*all.keys, places));
    C2D_TRY(out.numbers, backend.gather(*all.numbers, places));
    return out;
}

/// What of `a` and `b` has the larger key, place by place. `smaller`: the others, if they are wanted.
Result<Entries> larger_of(Backend& backend, const Entries& a, const Entries& b, Entries* smaller) {
    C2D_TRY(const TensorPtr below, backend.less(*a.keys, *b.keys));
    C2D_TRY(const TensorPtr both_below, backend.vconcat({below.get(), below.get()}));
    C2D_TRY(const TensorPtr first, backend.vconcat({a.keys.get(), a.numbers.get()}));
    C2D_TRY(const TensorPtr second, backend.vconcat({b.keys.get(), b.numbers.get()}));
    C2D_TRY(const TensorPtr large, backend.select(*both_below, *second, *first));
    const auto halves = [&](const TensorData& of) -> Result<Entries> {
        Entries out;
        C2D_TRY(out.keys, backend.gather(of, from(0, a.count())));
        C2D_TRY(out.numbers, backend.gather(of, from(a.count(), a.count())));
        return out;
    };
    if (smaller) {
        C2D_TRY(const TensorPtr sum, backend.add(*first, *second));
        C2D_TRY(const TensorPtr small, backend.sub(*sum, *large));
        C2D_TRY(*smaller, halves(*small));
    }
    return halves(*large);
}

/// Compares the entries at `first` with those at `second` and puts the larger ones first; all others stay.
Result<Unit> exchange(Backend& backend, Entries& all, const Places& first, const Places& second) {
    C2D_TRY(const Entries a, chosen(backend, all, first));
    C2D_TRY(const Entries b, chosen(backend, all, second));
    Entries small;
    C2D_TRY(const Entries large, larger_of(backend, a, b, &small));
    // Each place takes its entry from the old ones, the larger or the smaller ones, in this order.
    Places source = from(0, all.count());
    for (std::size_t i = 0; i < first.size(); ++i) {
        source[first[i]] = all.count() + i;
        source[second[i]] = all.count() + first.size() + i;
    }
    C2D_TRY(const TensorPtr keys, backend.vconcat({all.keys.get(), large.keys.get(), small.keys.get()}));
    C2D_TRY(const TensorPtr numbers, backend.vconcat({all.numbers.get(), large.numbers.get(), small.numbers.get()}));
    C2D_TRY(all, chosen(backend, {keys, numbers}, source));
    return Unit{};
}

/// One step of a bitonic sort: compares entries `distance` apart. Every second stretch of `run` entries ascends, or
/// none does.
Result<Unit> sort_step(Backend& backend, Entries& all, std::size_t distance, std::size_t run, bool all_descend) {
    Places first, second;
    for (std::size_t i = 0; i < all.count(); ++i) {
        if (i & distance) continue;
        const bool ascends = !all_descend && (i & run) != 0;
        first.push_back(ascends ? i + distance : i);
        second.push_back(ascends ? i : i + distance);
    }
    return exchange(backend, all, first, second);
}

/// Groups of `group` entries, each in descending order (Batcher 1968).
Result<Unit> sort_groups(Backend& backend, Entries& all, std::size_t group) {
    for (std::size_t run = 2; run <= group; run *= 2)
        for (std::size_t distance = run / 2; distance > 0; distance /= 2)
            C2D_CHECK(sort_step(backend, all, distance, run, run == group));
    return Unit{};
}

/// Sorted groups in pairs: of each pair the `group` largest, sorted. A group without a partner stays.
Result<Unit> merge_groups(Backend& backend, Entries& all, std::size_t group) {
    const std::size_t groups = all.count() / group, pairs = groups / 2;
    Places first, second;
    // The largest of one meets the smallest of the other: what is left falls and rises.
    for (std::size_t pair = 0; pair < pairs; ++pair)
        for (std::size_t i = 0; i < group; ++i) {
            first.push_back(2 * pair * group + i);
            second.push_back((2 * pair + 2) * group - 1 - i);
        }
    C2D_TRY(const Entries a, chosen(backend, all, first));
    C2D_TRY(const Entries b, chosen(backend, all, second));
    C2D_TRY(Entries merged, larger_of(backend, a, b, nullptr));
    for (std::size_t distance = group / 2; distance > 0; distance /= 2)
        C2D_CHECK(sort_step(backend, merged, distance, group, true));
    if (groups % 2 == 0) {
        all = std::move(merged);
        return Unit{};
    }
    C2D_TRY(const Entries left, chosen(backend, all, from((groups - 1) * group, group)));
    C2D_TRY(all.keys, backend.vconcat({merged.keys.get(), left.keys.get()}));
    C2D_TRY(all.numbers, backend.vconcat({merged.numbers.get(), left.numbers.get()}));
    return Unit{};
}

Result<TensorPtr> column(Backend& backend, std::vector<double> values, std::size_t cols) {
    const std::size_t rows = values.size();
    C2D_TRY(const TensorPtr one, backend.constant({rows, 1, std::move(values)}));
    return backend.broadcast(*one, rows, cols);
}

/// Keys hold the number below the steps of a value, so that no two are equal: what is not above the baseline comes
/// after `kNone`.
struct Keys {
    /// A power of two beyond all numbers.
    double unit;
    std::size_t columns;
    double none() const { return std::ldexp(unit - 1, -int(kFractionBits)); }
    double of(std::size_t place) const { return std::ldexp(unit - 2 - double(place), -int(kFractionBits)); }
};

/// Entries of a block of rows: columns, and as many that stand for none as fill the last group.
Result<Entries> entries_of(Backend& backend, const TensorData& above, const Keys& keys, std::size_t group) {
    C2D_TRY(const TensorPtr lying, backend.transpose(above));
    C2D_TRY(const TensorPtr large, backend.scale(*lying, keys.unit));
    std::vector<double> low, numbers;
    for (std::size_t i = 0; i < keys.columns; ++i) low.push_back(keys.of(i)), numbers.push_back(double(i + 1));
    C2D_TRY(const TensorPtr lows, column(backend, low, above.rows));
    Entries out;
    C2D_TRY(out.keys, backend.add(*large, *lows));
    const std::size_t padded = (keys.columns + group - 1) / group * group - keys.columns;
    numbers.resize(keys.columns + padded, 0);  // a pad's number says that there is none
    C2D_TRY(out.numbers, column(backend, numbers, above.rows));
    if (padded == 0) return out;
    C2D_TRY(const TensorPtr none, column(backend, std::vector<double>(padded, keys.none()), above.rows));
    C2D_TRY(out.keys, backend.vconcat({out.keys.get(), none.get()}));
    return out;
}

Result<TensorPtr> largest_of_block(Backend& backend, const TensorData& above, std::size_t count) {
    const Keys keys{double(std::bit_ceil(above.cols + 2)), above.cols};
    const std::size_t group = std::bit_ceil(count);
    C2D_TRY(Entries all, entries_of(backend, above, keys, group));
    C2D_CHECK(sort_groups(backend, all, group));
    while (all.count() > group) C2D_CHECK(merge_groups(backend, all, group));
    C2D_TRY(const Entries first, chosen(backend, all, from(0, count)));
    C2D_TRY(const TensorPtr none, column(backend, std::vector<double>(count, keys.none()), above.rows));
    C2D_TRY(const TensorPtr zeros, column(backend, std::vector<double>(count, 0), above.rows));
    C2D_TRY(const TensorPtr is_above, backend.less(*none, *first.keys));
    C2D_TRY(const TensorPtr named, backend.select(*is_above, *first.numbers, *zeros));
    return backend.transpose(*named);
}

}  // namespace

Result<TensorPtr> least_of_columns(Backend& backend, const TensorData& x) {
    C2D_TRY(TensorPtr out, backend.gather(x, from(0, x.rows)));
    while (out->rows > 1) {
        const std::size_t half = out->rows / 2;
        C2D_TRY(const TensorPtr first, backend.gather(*out, from(0, half)));
        C2D_TRY(const TensorPtr second, backend.gather(*out, from(half, half)));
        C2D_TRY(const TensorPtr below, backend.less(*first, *second));
        C2D_TRY(TensorPtr least, backend.select(*below, *first, *second));
        if (out->rows % 2 != 0) {
            C2D_TRY(const TensorPtr last, backend.gather(*out, {out->rows - 1}));
            C2D_TRY(least, backend.vconcat({least.get(), last.get()}));
        }
        out = std::move(least);
    }
    return out;
}

Result<TensorPtr> sums_of_columns(Backend& backend, const TensorData& x, const std::vector<std::size_t>& columns) {
    C2D_TRY(const TensorPtr lying, backend.transpose(x));
    std::vector<TensorPtr> sums;
    std::vector<const TensorData*> parts;
    std::size_t first = 0;
    for (const std::size_t count : columns) {
        C2D_TRY(const TensorPtr part, backend.gather(*lying, from(first, count)));
        C2D_TRY(sums.emplace_back(), backend.sum(*part, Sum::each_column));
        parts.push_back(sums.back().get());
        first += count;
    }
    C2D_TRY(const TensorPtr all, backend.vconcat(parts));
    return backend.transpose(*all);
}

Result<TensorPtr> largest_above(Backend& backend, const TensorData& x, const TensorData& baseline, std::size_t count) {
    const std::size_t at_once = std::max<std::size_t>(1, kSortedAtOnce / x.cols);
    std::vector<TensorPtr> blocks;
    std::vector<const TensorData*> parts;
    for (std::size_t first = 0; first < x.rows; first += at_once) {
        const std::size_t rows = std::min(at_once, x.rows - first);
        C2D_TRY(const TensorPtr own, backend.gather(x, from(first, rows)));
        C2D_TRY(const TensorPtr base, backend.broadcast(baseline, rows, x.cols));
        C2D_TRY(const TensorPtr above, backend.sub(*own, *base));
        C2D_TRY(blocks.emplace_back(), largest_of_block(backend, *above, count));
        parts.push_back(blocks.back().get());
    }
    return backend.vconcat(parts);
}

}  // namespace c2d::mpc::ml
