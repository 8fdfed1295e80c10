/// The two checksum schemes over documents; both are SHA3-256 of a canonical text.
#pragma once

#include "codec/json.hpp"

namespace c2d {

enum class ChecksumScheme { jcs_sha3_256, legacy };

/// SHA3-256 of the RFC 8785 form of the whole document without its member `proof`.
Result<Bytes32> checksum_jcs(const json::Value& document);

/// The canonical text of the original SDK (members sorted by code point, but a list inside a list
/// left as it was read; every space dropped, in strings too; numbers as Python prints them). It
/// cannot tell two programs apart that differ in spaces.
std::string legacy_canonical(const json::Value& document);
/// SHA3-256 of `legacy_canonical` of the members that the original covers: the document without `proof`.
Bytes32 checksum_legacy(const json::Value& document);

/// What the original's client stores: keys sorted, no white space between tokens, UTF-8.
std::string legacy_stored_text(const json::Value& document);

}  // namespace c2d
