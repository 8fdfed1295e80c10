/// The named outputs of a run that succeeded: a manifest, and their bytes in pieces.
///
/// Only what the verified arguments name is looked at, as plain files below the run's folder and
/// over no link. What leaves is bounded in all; that a piece is bounded too lets a larger bound
/// stream.
#pragma once

#include "codec/json.hpp"
#include "provider/state/job_store.hpp"

#include <c2d/http.hpp>

#include <optional>

namespace c2d::provider {

/// The run with `files`, each with `name`, `bytes` and `sha256`; none unless it succeeded. Fails
/// as a refusal with `result_too_large` when they have more than `bytes_max` together.
Result<json::Value> result_manifest(const JobRun& run, std::uint64_t bytes_max);

/// First and last byte, both of them included.
struct ByteRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
};
/// "bytes=FIRST-LAST" (RFC 9110, 14.1.2); another form is not needed and not taken.
std::optional<ByteRange> parse_byte_range(std::string_view text);

/// Status 206 with the bytes of a range, at most `job::kResultPieceBytes` of them. Always 206: an
/// output can say anything, and must not be taken for a signed manifest. Fails as a refusal with
/// `not_found`, `malformed` when the range is none of the file's, or `result_too_large`.
Result<HttpResponse> result_piece(const JobRun& run, std::uint64_t bytes_max, std::string_view name,
                                  std::string_view range);

}  // namespace c2d::provider
