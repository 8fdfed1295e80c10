/// How many different values there are: exact while they are few, an estimate beyond.
#pragma once

#include <cstdint>
#include <vector>

namespace c2d::table {

/// Bytes that all columns of a table may take together: for exact counts, and for the texts of columns that hold few.
struct DistinctBudget {
    std::size_t left = std::size_t{12} << 20, texts_left = std::size_t{4} << 20;
};

/// Counts hashes; after `kDistinctExactMax` different ones, or when the budget is spent, by HyperLogLog (Flajolet,
/// Fusy, Gandouet, Meunier 2007) with 2048 registers: 2.3 % standard error.
class Distinct {
public:
    explicit Distinct(DistinctBudget& budget) : budget_(&budget) {}

    void add(std::uint64_t hash);
    bool exact() const noexcept { return registers_.empty(); }
    std::uint64_t count() const;

private:
    void grow();
    void estimate_from_now_on();
    void note(std::uint64_t hash) noexcept;

    DistinctBudget* budget_;
    /// An open-addressed set; 0 is an empty place.
    std::vector<std::uint64_t> places_;
    std::size_t count_ = 0;
    std::vector<std::uint8_t> registers_;
};

}  // namespace c2d::table
