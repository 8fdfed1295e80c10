/// Products of one-hot columns, which one party knows, with what is shared. docs/mpc/protocol.md, Figures 26 and 27.
///
/// The owner O of the columns is A or B. Of a shared value it lacks one component, which the two others know: P, the
/// other of A and B, and H. So O splits its columns between these two, one half drawn from the key with H, and each
/// multiplies what it knows.
#pragma once

#include "mpc/core/binning.hpp"
#include "mpc/rep3/engine.hpp"

namespace c2d::mpc::rep3 {

/// Sums of `bits` (rows x 1, each 0 or 1) over the bins of each column but the last bin: [column][bin], exact.
/// A byte from O to P for each row, column and bin; rounds do not grow with the rows until there are millions of them.
Result<Shares> bin_sums(Engine& engine, const Bins& bins, const Shares& bits);

/// table[bin][column] for each row and column: rows x columns. Some (17 + bins / 8) bytes from O to P and from P to O
/// each, and 8 from H to O.
Result<Shares> looked_up(Engine& engine, const Bins& bins, const Shares& table);

}  // namespace c2d::mpc::rep3
