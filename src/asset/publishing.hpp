/// Makes the documents that are published: members in place, templates pinned, sealed by checksum.
#pragma once

#include "codec/json.hpp"

#include <c2d/chain.hpp>

namespace c2d::asset {

struct Sealed {
    Bytes32 checksum;
    /// The bytes to store: the document with its proof, numbers as they were read.
    std::string text;
};

/// Adds `proof` (checksum, scheme, creation time) and returns checksum and text. Fails with
/// `invalid_argument` when the document has no RFC 8785 form.
Result<Sealed> seal(json::Value& document, std::uint64_t now_seconds);

/// A DDO from attributes: metadata, services, child_dts, and who and what it is.
json::Value make_ddo(const json::Value& attributes, const TokenId& id, const Address& creator);

/// Writes `descriptor.template_checksum` of every leaf service from the ledger, so that the code
/// under the terms cannot be swapped. A checksum that stands there already is kept and must match.
Result<Unit> pin_templates(json::Value& ddo, const Chain& chain);

/// "2026-01-31T12:00:00Z".
std::string utc_text(std::uint64_t seconds);

}  // namespace c2d::asset
