/// The logistic function on shares: a sine series between dealt masks, clamped by a dealt table.
///
/// sigmoid(z) = [|z| small] (1/2 + sum_k c_k sin(2 pi k z / P)) + [z large], with P = 64 and k = 1,
/// 3 … 33: error below 2e-5 on |z| <= 16, where the series is used, and below 7e-6 beyond |z| = 12,
/// where the clamp may take over; the border between them falls anywhere between 12 and 16. No
/// comparison circuit: z + u is opened to A and B under a mask u that H knows, H deals sin and cos of
/// the odd multiples of u and two one-hot tables of u's digits. docs/mpc/protocol.md, Figure 15.
#pragma once

#include "mpc/rep3/engine.hpp"

namespace c2d::mpc::rep3 {

/// Fractional bits of what `sigmoid_of` returns (before the factor).
inline constexpr unsigned kSigmoidBits = 30;

struct Sigmoid {
    /// `factor` * sigmoid(z), at 2^30.
    AdditiveShares value;
    /// 1 where z was out of the domain: never for |z| < 256, always for 384 <= |z| < 16384.
    BooleanShares outside;
};

/// `local` are three summands (H too) of z at 2^`fraction` (16 to 48); |z| < 2^15. `factor` in
/// (0, 1]: a public number that every party computed by the same IEEE operations. Two rounds, in
/// which H receives nothing. H gets empty vectors.
Result<Sigmoid> sigmoid_of(Engine& engine, const Words& local, unsigned fraction, double factor);

/// The same with factor 1 and three terms more, right to 2e-6 on |z| <= 16; rounding is the same. It is computed mod
/// 2^32, which halves what H sends, and shared mod 2^64. `outside` gets the bits that `Sigmoid` has. Four rounds.
Result<Shares> fine_sigmoid(Engine& engine, const Words& local, unsigned fraction, BooleanShares& outside);

}  // namespace c2d::mpc::rep3
