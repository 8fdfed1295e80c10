/// The carry of one addition, m + lambda, where A and B know m and H knows lambda: by dealt tables.
///
/// For every hexadecimal digit of lambda there is a table j -> [digit + j >= 16], of which A and B
/// hold XOR halves. They look their digit of m up and have halves of the digit's "generate" and
/// "propagate"; a prefix tree of products over 16 digits ends in the carry. The arithmetic only, on
/// arrays of many additions; `Engine::msb` sends the messages. docs/mpc/protocol.md, Figure 10.
#pragma once

#include "mpc/core/prg.hpp"

namespace c2d::mpc::rep3::carry {

inline constexpr std::size_t kDigits = 16;
/// Of each digit: what H deals of one entry of 16.
inline constexpr std::size_t kTableBytes = 2;

/// A party's halves of all digits' generate (lower 16 bits) and propagate (upper 16).
using Digits = std::vector<std::uint32_t>;

/// H: the tables for the carry into bit 63, with lambda's own bit 63 added: kTableBytes each, as
/// [digit][byte][i]. Only of the `digits` highest digits: 2, 4, 8 or 16.
Bytes dealt_tables(const Words& lambda, unsigned digits);
/// A and B: looks m up in halves of the tables.
Digits look_up(const Bytes& tables, const Words& m, bool is_a, unsigned digits);

/// One level of the tree joins `2 * half` digits to `half`, half = 8, 4, 2, 1. Of fewer digits it ends earlier: with
/// half = last_half, and the carry is bit last_half - 1.
inline unsigned last_half(unsigned digits) { return kDigits / digits; }
/// Bytes that each of the level's factors takes: as [byte][i].
inline std::size_t factor_bytes(unsigned half) { return half == 8 ? 2 : 1; }
struct Factors {
    Bytes left, right;
};
Factors factors(const Digits& digits, unsigned half);
void join(Digits& digits, const Bytes& products, unsigned half);

}  // namespace c2d::mpc::rep3::carry
