/// The sealed file of an artifact: a header that anybody who has the file can read, and what only the data key opens.
#pragma once

#include "base/secret.hpp"

#include <c2d/artifact.hpp>

#include <string>

namespace c2d::artifact {

/// Of the header's text.
inline constexpr std::size_t kHeaderTextMax = 4096;
/// What one is, in place of `model` or `file`, whose file cannot be read; nothing but its digest is known.
inline constexpr const char* kDamaged = "damaged";
/// Of a whole file with a package of `kArtifactBytesMax`.
inline constexpr std::size_t kSealedBytesMax = kArtifactBytesMax + kArtifactBytesMax / 1024 + kHeaderTextMax + 64;

/// `artifact.sha256` and `artifact.bytes` are those of `package`.
Bytes seal_file(BytesView key, const Artifact& artifact, BytesView package);

struct SealedHeader {
    Artifact artifact;
    /// Bytes before what is sealed; all of them are bound to it.
    std::size_t bytes = 0;
};
/// Of the first bytes of a file, at least `kHeaderTextMax` + 64 of them or all. Fails with `unsupported` for a format
/// of a later version, with `corrupt` for what is none.
Result<SealedHeader> read_header(BytesView file);
/// The package. Fails with `corrupt` when anything of the file was altered, or it is not of this key.
Result<SecretBytes> open_file(BytesView key, BytesView file);

}  // namespace c2d::artifact
