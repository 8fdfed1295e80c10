/// What the owner of data asks of everything that a joint computation opens.
#pragma once

#include <cstddef>

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

}  // namespace c2d::mpc
