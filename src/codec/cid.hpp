/// IPFS content identifiers, computed as `ipfs add` does: UnixFS, 256 KiB chunks, balanced tree of
/// at most 174 links a node (dag-pb).
#pragma once

#include <c2d/types.hpp>

namespace c2d {

/// A parsed CID: what a base58 (Qm…, z…) or base32 (b…) text denotes.
struct Cid {
    unsigned version = 0;
    /// Multicodec: 0x70 dag-pb, 0x55 raw.
    std::uint64_t codec = 0x70;
    /// sha2-256.
    Bytes32 digest;
    bool operator==(const Cid&) const = default;
};

Result<Cid> parse_cid(std::string_view text);
/// Qm… for version 0, base32 b… for version 1.
std::string cid_text(const Cid& cid);

/// The default of `ipfs add`: dag-pb, leaves wrapped.
Cid cid_v0(BytesView content);
/// `ipfs add --cid-version=1`: raw leaves.
Cid cid_v1(BytesView content);
/// True when `content` in default chunking (wrapped or raw leaves) has this CID.
bool cid_matches(const Cid& cid, BytesView content);

std::string base58_encode(BytesView bytes);
Result<Bytes> base58_decode(std::string_view text);

}  // namespace c2d
