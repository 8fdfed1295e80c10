/// What a party keeps of a tensor for later sessions: its shares, and what everybody knows of it.
#pragma once

#include "base/secret.hpp"

#include <c2d/mpc.hpp>

#include <string>

namespace c2d::mpc {

/// A tensor's shares as a protocol hands them out, and takes them back.
struct KeptTensor {
    std::uint64_t rows = 0, cols = 0;
    unsigned fraction = 0;
    /// Whole numbers of 8 bytes; how many a protocol says.
    ClearedBytes shares;
};

struct KeptRecord {
    BackendKind backend = BackendKind::rep3;
    unsigned party = 0;
    std::string name;
    /// Drawn jointly, the same at all parties.
    Bytes32 binding;
    double bound = 0;
    bool is_bits = false;
    KeptTensor tensor;
};

ClearedBytes encode_kept(const KeptRecord& record);
/// Fails with `corrupt`.
Result<KeptRecord> decode_kept(BytesView bytes);
/// Of all that must be alike at the three parties.
Bytes32 common_digest(const KeptRecord& record);

}  // namespace c2d::mpc
