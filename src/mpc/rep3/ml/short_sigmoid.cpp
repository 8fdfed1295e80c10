#include "mpc/rep3/ml/short_sigmoid.hpp"

#include <bit>

namespace c2d::mpc::rep3::short_sigmoid {
namespace {

constexpr unsigned kDigitBits = 6;
constexpr unsigned kDigitShift = 32 - kDigitBits;
static_assert(64 == 1u << kDigitBits && kRangeBits - kDigitBits == 3);

}  // namespace

Word dealt_table(std::uint32_t u) { return Word{1} << (u >> kDigitShift); }

unsigned in_domain(std::uint32_t m, Word table) {
    // digit(m) - digit(u) is floor(z / 8) or one more: -2 … 2, five neighbouring bits of the table.
    return static_cast<unsigned>(std::popcount(std::rotr(table, int(m >> kDigitShift) - 2) & 0x1f)) & 1;
}

}  // namespace c2d::mpc::rep3::short_sigmoid
