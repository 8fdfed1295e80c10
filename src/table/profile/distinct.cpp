#include "table/profile/distinct.hpp"

#include <c2d/table.hpp>

#include <algorithm>
#include <bit>
#include <cmath>

namespace c2d::table {

namespace {

constexpr unsigned kIndexBits = 11;
constexpr std::size_t kRegisters = std::size_t{1} << kIndexBits;

}  // namespace

void Distinct::note(std::uint64_t hash) noexcept {
    const std::size_t index = hash >> (64 - kIndexBits);
    const auto rank = std::uint8_t(std::countl_zero((hash << kIndexBits) | (std::uint64_t{1} << (kIndexBits - 1))) + 1);
    registers_[index] = std::max(registers_[index], rank);
}

void Distinct::estimate_from_now_on() {
    registers_.resize(kRegisters);
    for (const auto hash : places_)
        if (hash != 0) note(hash);
    budget_->left += places_.size() * sizeof(std::uint64_t);
    places_ = {};
}

void Distinct::grow() {
    const std::size_t size = std::max<std::size_t>(32, places_.size() * 2), bytes = size * sizeof(std::uint64_t);
    if (count_ >= kDistinctExactMax || bytes > budget_->left) return estimate_from_now_on();
    budget_->left -= bytes;
    budget_->left += places_.size() * sizeof(std::uint64_t);
    std::vector<std::uint64_t> before(size);
    before.swap(places_);
    for (const auto hash : before) {
        if (hash == 0) continue;
        std::size_t at = hash & (size - 1);
        while (places_[at] != 0) at = (at + 1) & (size - 1);
        places_[at] = hash;
    }
}

void Distinct::add(std::uint64_t hash) {
    if (!exact()) return note(hash);
    if (hash == 0) hash = 1;
    if (2 * (count_ + 1) > places_.size()) {
        grow();
        if (!exact()) return note(hash);
    }
    const std::size_t mask = places_.size() - 1;
    std::size_t at = hash & mask;
    for (; places_[at] != 0; at = (at + 1) & mask)
        if (places_[at] == hash) return;
    if (count_ == kDistinctExactMax) {
        estimate_from_now_on();
        return note(hash);
    }
    places_[at] = hash;
    ++count_;
}

std::uint64_t Distinct::count() const {
    if (exact()) return count_;
    double sum = 0;
    std::size_t zeros = 0;
    for (const auto rank : registers_) {
        sum += std::ldexp(1.0, -rank);
        zeros += rank == 0 ? 1 : 0;
    }
    const double m = kRegisters, estimate = 0.7213 / (1 + 1.079 / m) * m * m / sum;
    const bool few = estimate <= 2.5 * m && zeros != 0;
    return std::uint64_t(std::llround(few ? m * std::log(m / double(zeros)) : estimate));
}

}  // namespace c2d::table
