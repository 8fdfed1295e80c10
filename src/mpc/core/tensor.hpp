/// What everybody knows of a tensor.
#pragma once

#include "mpc/core/provenance.hpp"

#include <c2d/mpc.hpp>

namespace c2d::mpc {

/// The same at all three parties. Each protocol derives what a party holds of the content, and what only the
/// owner of an input knows.
struct TensorData {
    virtual ~TensorData() = default;
    std::size_t rows = 0;
    std::size_t cols = 0;
    /// Largest |x|, as agreed at the input; 0 where nothing is known.
    double bound = 0;
    /// A column from `input_labels`, or rows of one.
    bool is_labels = false;
    /// Every element is 0 or 1: labels, a result of `less`, or rows of these.
    bool is_bits = false;
    /// Who put in the labels, or the bins whose counts these are.
    unsigned owner = 0;
    /// Rows of a joined table: who put them in does not know which are among them.
    bool rows_unknown = false;
    /// Of counts of bins: of so many rows.
    std::size_t counted = 0;
    Provenance provenance = {};
    /// Which of the session's tensors, in the order of the calls that made them.
    std::uint64_t number = 0;
};
/// As an operation returns it: `Session` then says what is known of it, and nobody changes it any more.
using TensorPtr = std::shared_ptr<TensorData>;

enum class InputKind { values, labels, integers };

}  // namespace c2d::mpc
