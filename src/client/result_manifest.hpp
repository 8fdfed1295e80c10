/// What a provider says that it releases of a run, held against what the documents say that it may.
#pragma once

#include "codec/json.hpp"

#include <c2d/types.hpp>

#include <string>
#include <vector>

namespace c2d::client {

/// One file of `GET /v1/jobs/N/result`.
struct ManifestFile {
    std::string name;
    std::uint64_t bytes = 0;
    Bytes32 sha256;
};

/// Reads `files`. Each name must be one of `allowed`, which are plain names that the verified
/// arguments spell, and stand there once; together they have at most `bytes_max` bytes. Fails with
/// `corrupt` or `limit` and the name `result_invalid`.
Result<std::vector<ManifestFile>> read_manifest(const json::Value& body, const std::vector<std::string>& allowed,
                                                std::uint64_t bytes_max);

}  // namespace c2d::client
