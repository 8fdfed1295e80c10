/// What weight of evidence asks of a protocol beside `Backend`: sums over bins that their owner knows, the number that
/// stands for a bin, and logarithms of counts.
///
/// Algorithms over it stand in `src/mpc/ml/`, for every protocol alike. Arguments arrive checked.
#pragma once

#include "mpc/core/tensor.hpp"

#include <algorithm>
#include <vector>

namespace c2d::mpc {

/// Fractional bits of logarithms.
inline constexpr unsigned kLogBits = 24;

/// In which bin each row of each column is. Public, but for the numbers.
struct Bins {
    unsigned owner = 0;
    std::size_t rows = 0, cols = 0;
    /// Of every column.
    std::size_t count = 0;
    /// Below `count`, row by row; empty at who is not the owner.
    std::vector<std::uint8_t> numbers = {};

    unsigned at(std::size_t row, std::size_t col) const { return numbers[row * cols + col]; }
};

class Binning {
public:
    virtual ~Binning() = default;

    /// Of the rows in each bin, how many bits (rows x 1) are 1: count x cols, exact integers.
    virtual Result<TensorPtr> ones_in_bins(const Bins& bins, const TensorData& bits) = 0;
    /// The element of `table` (count x cols) in its column that is the row's bin: rows x cols, as exact as the table.
    virtual Result<TensorPtr> look_up(const Bins& bins, const TensorData& table) = 0;
    /// ln of integers in [1, 2^bits), bits up to 60, at 2^kLogBits; error 2^-21. Nothing where one is not among them,
    /// which all learn.
    virtual Result<TensorPtr> logarithm_of_integers(const TensorData& a, unsigned bits) = 0;
};

}  // namespace c2d::mpc
