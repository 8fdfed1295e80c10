/// Points of secp256k1 that stand for ids, multiplied by secret numbers: what Diffie and Hellman's exchange over a set
/// of ids is made of.
///
/// Only calls of libsecp256k1 that are constant in time touch a secret number.
#pragma once

#include "base/secret.hpp"

#include <c2d/environment.hpp>

namespace c2d {

/// x and y, big-endian. Where one comes from outside, `BlindingScalar::times` checks it.
using CurvePoint = FixedBytes<64>;

/// The point that `id` stands for: of all x = SHA-256(label, counter u32 big-endian, id), counter 0, 1, …, the first
/// that has a point, the one with even y. Nobody knows a multiple between two of them (try and increment; how many
/// tries an id takes is a matter of its hash, so the time tells of ids, to whoever can measure it here).
CurvePoint hash_to_curve(const Bytes32& label, BytesView id);

/// A secret number below the order of the curve.
class BlindingScalar {
public:
    /// A fresh uniform one. Fails as `random` does.
    static Result<BlindingScalar> draw(Random& random);

    /// This many times the point. Fails with `peer` for what is none of the curve.
    Result<CurvePoint> times(const CurvePoint& point) const;

private:
    explicit BlindingScalar(SecretBytes secret) : secret_(std::move(secret)) {}
    SecretBytes secret_;
};

}  // namespace c2d
