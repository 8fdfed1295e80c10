/// What a party writes of a computation to go on from there: shares of where its loops stand, and what it learned on
/// the way.
#pragma once

#include "mpc/core/kept_record.hpp"
#include "mpc/core/tensor.hpp"

#include <functional>
#include <map>

namespace c2d::mpc {

/// Larger ones are not written.
inline constexpr std::size_t kCheckpointBytesMax = std::size_t{16} << 20;

/// A call that opened something, or that takes long.
struct Milestone {
    struct Evaluation {
        std::uint64_t iteration = 0;
        /// At the party that learned it.
        std::optional<double> auc = {};
    };

    /// Of all calls up to this one, with their public arguments: it stands in a later attempt where this is the same.
    Bytes32 calls = {};
    /// The call returned; the digest and the number of the last tensor then.
    bool done = false;
    Bytes32 calls_after = {};
    std::uint64_t tensors_after = 0;
    /// Of a loop: where it stands (done: what it came to), and the evaluations so far.
    std::uint64_t step = 0;
    std::vector<std::uint64_t> numbers = {};
    std::vector<KeptTensor> tensors = {};
    /// What everybody knows of each, of a loop of the operator's own (`encode_known`).
    std::vector<Bytes> known = {};
    std::vector<Evaluation> evaluations = {};
    /// What this party alone knows: a value that was opened to it, its rows of an alignment.
    std::optional<Matrix> opened = {};
    Bytes aligned = {};
};

struct CheckpointRecord {
    BackendKind backend = BackendKind::rep3;
    unsigned party = 0;
    std::uint32_t attempt = 1;
    /// From 1 on in each attempt.
    std::uint64_t number = 0;
    /// Drawn jointly.
    Bytes32 binding = {};
    std::vector<Milestone> milestones = {};
    /// How often something of a kind was opened until then, over all attempts of which this one is made. As this party
    /// counts.
    std::map<std::string, std::uint64_t> opened = {};
};

/// Fails with `limit`.
Result<ClearedBytes> encode_checkpoint(const CheckpointRecord& record);
/// Fails with `corrupt`.
Result<CheckpointRecord> decode_checkpoint(BytesView bytes);
/// Of all that must be alike at the three parties.
Bytes32 common_digest(const CheckpointRecord& record);

/// What everybody knows of a tensor beside its shape. Bits that choose rows stand there by number. Fails with
/// `invalid_argument` where one has a number above `numbers_max`, which a later attempt need not have.
Result<Bytes> encode_known(const TensorData& tensor, std::uint64_t numbers_max);
using TensorLookup = std::function<std::shared_ptr<const TensorData>(std::uint64_t number)>;
/// Puts it into `out`. Fails with `corrupt`.
Result<Unit> decode_known(BytesView bytes, const TensorLookup& lookup, TensorData& out);

}  // namespace c2d::mpc
