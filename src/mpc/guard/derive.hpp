/// What the result of a call tells of the rows of inputs.
///
/// Only what is listed here may ever be opened by name: an operation that is new makes `Content::other`.
#pragma once

#include "mpc/core/call.hpp"
#include "mpc/core/tensor.hpp"

namespace c2d::mpc {

/// Of a call that was carried out and made `out` (its shape counts). `rows_min`: how many rows a step of a training
/// must be made of. Calls that put something in have functions of their own.
Provenance derive(const Call& call, const TensorData& out, std::size_t rows_min);
/// Of an input, `number` counts those of a session.
Provenance of_input(const TensorData& out, std::uint64_t number, unsigned owner);
Provenance of_constant(const Matrix& data);
/// Of an input of bins, `number` counts it with the others, in which numbers of `values` stand.
Provenance of_encoded(const Provenance& values, const TensorData& out, std::uint64_t number, unsigned owner);

/// Of a joined column, whose number `out` has: its rows are an input of their own, `number` counts it with the others,
/// and what was made of them before is another thing in each column.
Provenance of_joined(const Provenance& was, const TensorData& out, std::uint64_t number);
/// Whether the same was made of the rows at all places.
bool is_one_function(const std::vector<RowsOf>& sources);

/// What has to hold before an AUC of these scores and labels is opened; nothing where it must not be.
std::optional<Needs> needs_of_auc(const Provenance& scores, const Tensor& labels);
/// The same of statistics of columns; `included` may be empty.
std::optional<Needs> needs_of_statistics(const Tensor& a, const Tensor& included);
/// What is known of some rows.
Provenance provenance_of_rows(const Provenance& x, const std::vector<std::uint64_t>& index);

/// Whether both stand for the same rows, place by place, where they have an input in common; then all their sources.
std::optional<std::vector<RowsOf>> aligned(const std::vector<RowsOf>& a, const std::vector<RowsOf>& b);

}  // namespace c2d::mpc
