/// What the owner of data asks of everything that a joint computation opens.
#pragma once

#include <cstddef>
#include <string_view>

namespace c2d::mpc {

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
};

/// What is opened, by name: values over rows, then the bits that all parties learn. docs/mpc/openings.md says when each counts.
inline constexpr std::string_view kDisclosureKinds[] = {"alignment", "announced", "any",     "auc",
                                                        "count",     "model",     "public",  "statistics",
                                                        "sum",       "domain",    "minimum", "refusal"};

}  // namespace c2d::mpc
