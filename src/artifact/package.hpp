/// What is sealed of an artifact: the file that the operator wrote, and the shares that its engine kept.
#pragma once

#include "base/secret.hpp"

namespace c2d::artifact {

struct Package {
    /// Random, so that a digest of the package tells nothing of what is in it.
    FixedBytes<16> salt;
    /// Zero where the engine kept nothing.
    Bytes32 binding;
    BytesView file, shares;
};

SecretBytes encode_package(const Package& package);
/// The views are of `bytes`. Fails with `corrupt`.
Result<Package> decode_package(BytesView bytes);

}  // namespace c2d::artifact
