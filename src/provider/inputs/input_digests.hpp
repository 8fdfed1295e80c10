/// Which inputs the parties of a joint run work on: each tells the others a salted digest of every file before the
/// operators start. Two jobs over tables that differ by one customer tell of that customer, so a peer's tables stay the
/// same under a grant of ours.
#pragma once

#include "provider/peers/peer_relay.hpp"
#include "provider/state/owner_store.hpp"

#include <c2d/chain.hpp>

namespace c2d::provider {

using InputDigests = std::vector<ReceiptInputDigest>;

/// What is said of them, docs/formats.md.
Bytes encode_input_digests(const InputDigests& inputs);
/// Of what `party` said. Fails with `peer` for what is none, and where it is not of exactly the tokens that the job has
/// of it.
Result<InputDigests> decode_input_digests(const Party& party, BytesView text);

/// Tells the peers that ours cannot be used, in place of digests.
void tell_unusable(PeerRelay& peers);

/// Tells the peers ours, hears theirs, and binds the keys with each to both. All parties' digests, by party. Fails with
/// `peer`, the name `peer_lost` or `peer_failed` and the party as `code` where one is gone or says nothing within
/// `limit`, the name `input_unusable` where it says that its own cannot be used, or with `cancelled`.
Result<InputDigests> exchange_input_digests(PeerRelay& peers, const JobTerms& terms, const InputDigests& ours,
                                            std::chrono::milliseconds limit, const CancelToken* cancel);

/// Notes what other organisations' inputs are under each of our grants. Refused as `input_changed` where a job before
/// this one had another under the same grant, which the owner has not given anew since.
Result<Verdict> check_peer_inputs(OwnerStore& owner, const Chain& chain, const Address& organisation,
                                  const JobTerms& terms, const InputDigests& all);

}  // namespace c2d::provider
