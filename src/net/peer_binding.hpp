/// Who is at the other end of a TLS channel: an EIP-712 statement signed by a party's ledger key.
///
/// Plain values and pure functions; safe from any thread. The statement names the session, what its
/// parties must agree on, and both parties, and is tied to one TLS connection by its exporter (RFC
/// 8446 section 7.5, used as RFC 9266 does), so it can be neither replayed on another connection nor
/// reflected to its author. What the values of a session stand for is up to who connects: a provider
/// takes those of its job, a computation without a ledger those that its program agreed on.
#pragma once

#include "crypto/eip712.hpp"

#include <c2d/environment.hpp>
#include <c2d/types.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace c2d {

/// What all parties of one session must agree on. Compared member by member, before any other byte.
struct PeerSession {
    /// On the wire: `jobId`.
    std::uint64_t session_id = 0;
    /// What is computed; `algoDt` on the wire.
    Bytes32 algorithm;
    /// Over the arguments that are the same for every party.
    Bytes32 arguments_hash;
    /// Over the program.
    Bytes32 code_hash;
    std::uint32_t attempt = 0;
    /// The EIP-712 domain of the signatures: a statement for one ledger is worth nothing for another.
    eip712::Domain domain;
};

/// `PeerBinding(uint256 jobId,bytes32 algoDt,uint8 party,uint8 peer,bytes32 argsHash,
/// bytes32 codeHash,uint32 attempt,bytes32 exporter)`: "I am `party`, speaking to `peer`".
struct PeerBinding {
    std::uint64_t session_id = 0;
    Bytes32 algorithm;
    std::uint8_t party = 0;
    std::uint8_t peer = 0;
    Bytes32 arguments_hash;
    Bytes32 code_hash;
    std::uint32_t attempt = 0;
    Bytes32 exporter;

    static PeerBinding of(const PeerSession& session, std::uint8_t party, std::uint8_t peer, const Bytes32& exporter);
    /// The digest that the party's ledger key signs.
    Bytes32 digest(const eip712::Domain& domain) const;
    bool operator==(const PeerBinding&) const = default;
};

/// What both ends of a connection bind the keys of their session to: SHA-256 of the session's number (32 bytes,
/// big-endian), algorithm, arguments' and code's hash, attempt (4 bytes) and `PeerChannel::shared_secret`.
Bytes32 session_binding(const PeerSession& session, const Bytes32& shared_secret);

/// The same with what both ends told each other of their inputs, which the keys are bound to then: SHA-256 of `binding`
/// and of the SHA-256 of what the end with the lower number and of what the other one said.
Bytes32 with_inputs(const Bytes32& binding, BytesView lower, BytesView higher);

struct SignedPeerBinding {
    PeerBinding binding;
    Signature signature;
};

/// Size on the wire, always: "C2DPEER1", then jobId 32, algoDt 32, party 1, peer 1, argsHash 32,
/// codeHash 32, attempt 4, exporter 32, signature 65 (r, s, v); numbers big-endian.
inline constexpr std::size_t kPeerBindingBytes = 8 + 32 + 32 + 1 + 1 + 32 + 32 + 4 + 32 + 65;

Bytes encode_peer_binding(const SignedPeerBinding& message);
/// Fails with `peer` when the bytes are not of that form.
Result<SignedPeerBinding> decode_peer_binding(BytesView bytes);

/// How a received binding relates to what was expected.
enum class PeerVerdict {
    accepted,
    /// Not signed by an expected key on this connection: anybody could have sent it.
    unauthenticated,
    /// The right key, but another session or attempt.
    other_session,
    /// The right key and session, but other arguments, code or algorithm: these parties cannot agree.
    disagrees,
};

struct PeerCheck {
    PeerVerdict verdict = PeerVerdict::unauthenticated;
    /// One line: which field, expected and found. Empty when accepted.
    std::string detail;
};

/// Does the key with the address `signer` speak for `owner`?
using SpeaksFor = std::function<bool(const Address& signer, const Address& owner)>;

/// Checks `message` against the statement that `expected_signer` must have made, or a key that `speaks_for` says may
/// make it in its name. Null: the address must be that of the key. Pure but for that question, which is asked last of
/// what anybody could have sent.
PeerCheck check_peer_binding(const SignedPeerBinding& message, const PeerBinding& expected,
                             const Address& expected_signer, const eip712::Domain& domain,
                             const SpeaksFor& speaks_for = {});

}  // namespace c2d
