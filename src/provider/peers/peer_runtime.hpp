/// Which c2d the parties of a run show their operators: what they tell each other of it, and whether it is accepted.
#pragma once

#include "net/peer_channel.hpp"

#include <c2d/job_verifier.hpp>

#include <map>

namespace c2d::provider {

/// Whether the owners of our inputs accept what `party` shows its operator. Refused as `runtime_not_accepted`.
Verdict check_runtime(const JobTerms& terms, unsigned party, const ReceiptRuntime& runtime);

/// What each peer says that it shows its operator, by party. It is its word: nothing proves it.
using PeerRuntimes = std::map<unsigned, ReceiptRuntime>;

/// Tells all peers what we show ours, and hears the same of them: the first bytes over the channels (docs/mpc/wire.md).
/// Waits until `limit` for a peer that still reaches the others. Fails with `peer`, the name `peer_missing` and the
/// party as `code`, or with `cancelled`.
Result<PeerRuntimes> exchange_runtimes(const std::vector<std::unique_ptr<PeerChannel>>& channels,
                                       const ReceiptRuntime& own, std::chrono::milliseconds limit,
                                       const CancelToken* cancel);

/// The bytes that tell it.
Bytes encode_runtime(const ReceiptRuntime& runtime);
/// Of the text behind the length. Fails with `peer` for what is none.
Result<ReceiptRuntime> decode_runtime(std::string_view text);
inline constexpr std::size_t kRuntimeLengthBytes = 2, kRuntimeTextMax = 512;

}  // namespace c2d::provider
