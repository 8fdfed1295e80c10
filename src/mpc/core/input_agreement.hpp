/// What all parties agree on before a share of an input is sent: its shape, and that its owner's data are good.
#pragma once

#include "mpc/core/tensor.hpp"

#include <string>

namespace c2d::mpc {

/// The name of the errors with which all parties end where one's input cannot be used: `domain`.
inline constexpr const char* kInputUnusable = "input_unusable";
/// What only the owner of the input is told.
Error unusable_input(std::string message);
/// What the others are told.
Error unusable_input_of(unsigned party);

/// Why the owner's values cannot be taken, or empty.
std::string problem_of(const Matrix& data, double magnitude_max, InputKind kind);

/// The owner tells both others the shape and whether its data are good; all learn the same error.
/// `problem` is empty at an owner whose data are good.
struct Announcement {
    std::uint64_t rows = 0;
    std::uint64_t cols = 0;
};
Result<Announcement> announce_input(Link& link, unsigned owner, const Matrix* data, const std::string& problem);

}  // namespace c2d::mpc
