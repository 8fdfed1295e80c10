/// What a tensor tells of the rows of inputs. It is public, the same at all parties, and decides what may be opened.
#pragma once

#include <c2d/types.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace c2d::mpc {

struct TensorData;

enum class Content : std::uint8_t {
    /// Nothing is known of it that would let it be opened.
    other,
    /// Each row is the same linear function of the rows of inputs that stand there.
    rows,
    /// Each row is one bit: a label, or whether a row of one owner's inputs is below something.
    bits,
    /// Each row is what a model says of a row.
    scores,
    /// Rows with numbers that stand for an owner's bins: a model may be made of them, but no sum.
    features,
    /// What sums over bins of their owner's choice came to. It is never opened as it is.
    hidden,
    /// What another session kept, or points of bins. It scores rows; nothing else that is made of it is opened.
    model,
    /// Rows with a model's points for their bins: they are added up to scores, and nothing else becomes of them.
    addends,
    /// May be opened if its needs are met: sums over rows, counts, models, and whatever is computed of these alone.
    /// What everybody knows needs nothing.
    result,
};

/// Rows of one input, in an order.
struct RowsOf {
    static constexpr std::int32_t kNone = -1;

    std::uint64_t input = 0;
    unsigned owner = 0;
    /// How many the input has.
    std::size_t count = 0;
    /// Which row stands at each place, or none; null: every row at its own place.
    std::shared_ptr<const std::vector<std::int32_t>> places = {};
    /// Stands for what was made of a row, the same of each of them; zeros: the row as it was put in. Rows of which
    /// something else was made do not go below each other: weighted by nothing, all but one of them would leave that
    /// one.
    Bytes32 function = {};

    std::size_t size() const { return places ? places->size() : count; }
    std::int32_t at(std::size_t place) const { return places ? (*places)[place] : static_cast<std::int32_t>(place); }
};

/// Bits that choose rows. Weights are numbers in their stead.
struct ChosenRows {
    std::shared_ptr<const TensorData> bits;
    /// The rows that it chooses from, of all inputs that its result is made of.
    std::vector<RowsOf> among;
    /// Its zeros count as negatives, and its ones as positives.
    bool labels = false;
    bool weights = false;
};

/// What has to hold before a result is opened: each of these sets has enough rows, and so has each difference to one
/// that was opened before.
struct Needs {
    std::vector<RowsOf> sets;
    std::vector<ChosenRows> chosen;

    bool empty() const { return sets.empty() && chosen.empty(); }
    void add(const Needs& more);
};

struct Provenance {
    Content content = Content::other;
    /// Transposed: the rows of inputs are its columns.
    bool lying = false;
    /// Of a result: all its rows are the same, or all its columns.
    bool rows_alike = false, columns_alike = false;
    /// What a result is called, a literal.
    const char* kind = "public";
    /// Of rows, bits and scores: what stands where.
    std::vector<RowsOf> sources = {};
    Needs needs = {};

    bool is_result() const { return content == Content::result; }
};

}  // namespace c2d::mpc
