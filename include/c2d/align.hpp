/// Alignment: which rows of two banks' tables are the same customer.
///
/// Parties 0 and 1 bring the ids of their rows; each learns which of its own rows the other has, too, paired and in one
/// common order. Party 2, where there is one, brings none. docs/alignment.md: modes, who learns what, what it costs.
/// Everything here belongs to the thread that calls it.
#pragma once

#include <c2d/environment.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace c2d::mpc {

class Link;

/// Rows of one table, columns that form an id together, and bytes of one value before and after normalising.
inline constexpr std::size_t kAlignRowsMax = std::size_t{1} << 28;
inline constexpr std::size_t kIdColumnsMax = 16;
inline constexpr std::size_t kIdBytesMax = 1024;

/// Values of one id column as they lie in memory, the caller's: value i is bytes[offsets[i] … offsets[i + 1]).
struct IdColumn {
    BytesView bytes = {};
    /// One more than there are rows, ascending, the last at most bytes.size().
    std::span<const std::uint64_t> offsets = {};

    /// How many values.
    std::size_t rows() const noexcept { return offsets.empty() ? 0 : offsets.size() - 1; }
};

/// Values of one id column that are its own.
struct IdValues {
    Bytes bytes = {};
    std::vector<std::uint64_t> offsets = {0};

    /// One more value.
    void add(std::string_view value) {
        bytes.insert(bytes.end(), value.begin(), value.end());
        offsets.push_back(bytes.size());
    }
    /// Good as long as this is not changed.
    IdColumn view() const noexcept { return {bytes, offsets}; }
};

/// How each value is normalised before it is compared, in this order. Public, and the same at all parties.
struct IdRule {
    /// To Unicode's compatibility form (NFKC), so that full-width digits and letters are ordinary ones.
    bool nfkc = false;
    /// Case makes no difference (Unicode's full case folding).
    bool fold_case = false;
    /// White space of ASCII at both ends goes.
    bool trim = true;
    /// What is no digit 0 to 9 goes.
    bool digits_only = false;

    bool operator==(const IdRule&) const = default;
};

/// How rows are matched.
enum class AlignMode {
    /// The helper, party 2, compares tags of the ids under a key that it lacks. Fast.
    helper,
    /// No third party: Diffie and Hellman's exchange over each id.
    two_party,
    /// Nobody learns which rows are common: `Session::join`, which returns columns, and not `align`, which returns
    /// rows.
    hidden,
};

/// Of rows with one id.
enum class Duplicates {
    /// The input is not usable.
    refuse,
    /// The first one counts, the others are left out.
    first,
};

/// What `align` takes. `mode`, `rule`, `job` and `schemas` must be the same at all parties; the others bound what this
/// party agrees to, and the strictest of all counts.
struct AlignOptions {
    AlignMode mode = AlignMode::helper;
    IdRule rule = {};
    /// Of this party's own table.
    Duplicates duplicates = Duplicates::refuse;
    /// Distinct ids that another table may have.
    std::size_t rows_max = 10'000'000;
    /// Below so many common rows, or below this share of the other table's rows (0 to 1), all parties end alike and
    /// learn only that. At least 1.
    std::size_t common_min = 1;
    double common_share_min = 0;
    /// What the tags are bound to: any text, for example the job's id, and the digests of both tables' schemas.
    std::string job = {};
    Bytes32 schemas[2] = {};
};

/// What `align` found.
struct Alignment {
    /// At parties 0 and 1: own rows that the other table has, too. Entry i is the same customer at both, and the order
    /// tells nothing. Empty at party 2.
    std::vector<std::uint32_t> rows = {};
    /// Distinct ids in the tables of parties 0 and 1.
    std::size_t table_rows[2] = {};
    /// How many are in both; known to all parties.
    std::size_t common = 0;
};

/// Matches the rows of parties 0 and 1, who pass `ids`: one column, or several that must all agree. Party 2 passes
/// none. All parties of the link call it. Over a `pair_link` only `AlignMode::two_party` works.
///
/// Errors: `domain`, at all parties, with the name `input_unusable` (an id that is empty, too long or there twice, or
/// more rows than `rows_max`: its owner's message says which, the others hear only whose input it is) or
/// `common_below_minimum`; `peer` (a party vanished, called with other options, or a check of what it sent failed);
/// `invalid_argument`, for `AlignMode::hidden` too. `random` null: the system's.
Result<Alignment> align(Link& link, const std::optional<std::vector<IdColumn>>& ids, const AlignOptions& options,
                        Random* random = nullptr);

}  // namespace c2d::mpc
