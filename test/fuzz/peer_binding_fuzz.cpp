// The statement by which a peer proves who it is: any bytes are decoded or refused, what is decoded
// encodes to the same bytes, and only the one honest statement is ever accepted.
#include "fuzz/fuzz.hpp"
#include "net/peer_binding.hpp"

#include <c2d/key.hpp>

#include <algorithm>
#include <vector>

using namespace c2d;
using fuzz::require;

namespace {

struct Expected {
    PeerSession session;
    PeerBinding binding;
    Address signer;
    Bytes honest;

    Expected() {
        session.session_id = 42;
        session.algorithm.data.fill(0xa1);
        session.arguments_hash.data.fill(0xa2);
        session.code_hash.data.fill(0xa3);
        session.attempt = 1;
        session.domain.chain_id = 7;
        session.domain.verifying_contract.data.fill(0xa4);
        session.domain.salt.data.fill(0xa5);
        Bytes32 exporter;
        exporter.data.fill(0xa6);
        binding = PeerBinding::of(session, 0, 1, exporter);
        const auto key = *PrivateKey::from_bytes(Bytes(32, 1));
        signer = key->address();
        honest = encode_peer_binding({binding, *key->sign_digest(binding.digest(session.domain))});
    }
};

}  // namespace

// The input is either a message as it is, or, after one byte 0xff, pairs of a position and a value to
// exchange in the honest message, so that a fuzzer need not forge a signature to come near.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Expected expected;
    Bytes message(data, data + size);
    if (size > 0 && data[0] == 0xff) {
        message = expected.honest;
        for (std::size_t i = 1; i + 1 < size; i += 2) message[data[i] % message.size()] = data[i + 1];
    }
    const auto decoded = decode_peer_binding(message);
    if (!decoded) {
        require(decoded.status() == Status::PEER, "a refused statement is the peer's fault");
        require(message != expected.honest, "the honest statement is decoded");
        return 0;
    }
    require(message.size() == kPeerBindingBytes, "a statement has one size");
    require(encode_peer_binding(*decoded) == message, "a statement has one form");
    const PeerCheck check = check_peer_binding(*decoded, expected.binding, expected.signer, expected.session.domain);
    const bool accepted = check.verdict == PeerVerdict::accepted;
    require(accepted == check.detail.empty(), "a refusal says why");
    // Signatures are not unique in v (0, 1, 27, 28), everything else is.
    const std::size_t signed_bytes = kPeerBindingBytes - 1;
    require(!accepted || std::equal(message.begin(), message.begin() + signed_bytes, expected.honest.begin()),
            "only the honest statement is accepted");
    require(accepted || message != expected.honest, "the honest statement is accepted");
    return 0;
}
