/// What the owner of data asks of everything that a joint computation opens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace c2d::mpc {

/// What the owner of a table asks of alignments (docs/alignment.md), whatever the program asks for.
struct AlignmentRules {
    /// A bit for each mode that is accepted, 1 << AlignMode; a mode that one party does not accept is refused at all.
    unsigned modes = 7;
    /// Distinct ids that another table may have.
    std::uint64_t rows_max = std::uint64_t{1} << 28;
    /// Common rows, at least, as a number and as a share of the other table's rows.
    std::uint64_t common_min = 1;
    double common_share_min = 0;
};

/// What may be opened of a model's scores of single rows. The later one allows the earlier ones, too.
enum class ScoresOpened {
    none,
    /// Whole points of a scorecard.
    points,
    probabilities,
};

/// Parties tell each other when a session opens, and the strictest counts (docs/mpc/openings.md).
struct OpeningRules {
    /// Rows that a result is made of, at least; so do rows in which two results differ.
    std::size_t rows = 1;
    /// Of the labels among them.
    std::size_t positives = 1, negatives = 1;
    /// What one row may weigh at most in a sum with weights, of all weights together.
    double weight_share_max = 1;
    /// `reveal` opens any tensor, also single values of inputs. Only where all three parties say so.
    bool reveal_any = false;
    AlignmentRules alignment = {};
    /// Of labels that this party puts in: how many counts of them in bins may be opened to who chose the bins. Not the
    /// strictest of all three counts, but the labels' owner's.
    std::size_t label_counts = 0;
    /// What `Session::score` makes, row by row: where all three parties say so.
    ScoresOpened scores = ScoresOpened::none;
    /// Of how many rows, in all that a session opens.
    std::uint64_t score_rows_max = std::uint64_t{1} << 28;
    /// How many of the columns that cost a row most may be named (`Session::reason_codes`), of as many rows: 0 to 10.
    std::size_t reason_codes = 0;
    /// Whether a model that was kept may be opened itself.
    bool coefficients = false;
};

/// What is opened, by name: values over rows, then the bits that all parties learn. docs/mpc/openings.md says when each
/// counts.
inline constexpr std::string_view kDisclosureKinds[] = {"alignment",
                                                        "announced",
                                                        "any",
                                                        "auc",
                                                        "information_value",
                                                        "label_counts",
                                                        "coefficients",
                                                        "count",
                                                        "kept",
                                                        "model",
                                                        "points",
                                                        "public",
                                                        "probability",
                                                        "reason_codes",
                                                        "statistics",
                                                        "sum",
                                                        "correlation",
                                                        "variance_inflation",
                                                        "domain",
                                                        "minimum",
                                                        "refusal"};

}  // namespace c2d::mpc
