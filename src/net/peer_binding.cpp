#include "net/peer_binding.hpp"

#include "base/fail.hpp"
#include "crypto/hash.hpp"

#include <c2d/key.hpp>

#include <algorithm>

namespace c2d {
namespace {

constexpr std::string_view kMagic = "C2DPEER1";
constexpr std::string_view kType =
    "PeerBinding(uint256 jobId,bytes32 algoDt,uint8 party,uint8 peer,bytes32 argsHash,"
    "bytes32 codeHash,uint32 attempt,bytes32 exporter)";

void put(Bytes& out, BytesView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

void put_number(Bytes& out, std::uint64_t number, unsigned width) {
    for (unsigned i = width; i-- > 0;) out.push_back(i < 8 ? static_cast<std::uint8_t>(number >> (8 * i)) : 0);
}

/// Reads fields one after the other from bytes that were checked for length.
class Reader {
public:
    explicit Reader(BytesView bytes) : rest_(bytes) {}
    template <std::size_t N>
    FixedBytes<N> bytes() {
        FixedBytes<N> out;
        std::copy_n(rest_.begin(), N, out.data.begin());
        rest_ = rest_.subspan(N);
        return out;
    }
    std::uint64_t number(unsigned width) {
        std::uint64_t out = 0;
        for (unsigned i = 0; i < width; ++i) {
            if (out >> 56 != 0) overflow_ = true;
            out = out << 8 | rest_[i];
        }
        rest_ = rest_.subspan(width);
        return out;
    }
    bool overflow() const { return overflow_; }

private:
    BytesView rest_;
    bool overflow_ = false;
};

}  // namespace

PeerBinding PeerBinding::of(const PeerSession& session, std::uint8_t party, std::uint8_t peer,
                            const Bytes32& exporter) {
    PeerBinding out;
    out.session_id = session.session_id;
    out.algorithm = session.algorithm;
    out.party = party;
    out.peer = peer;
    out.arguments_hash = session.arguments_hash;
    out.code_hash = session.code_hash;
    out.attempt = session.attempt;
    out.exporter = exporter;
    return out;
}

Bytes32 PeerBinding::digest(const eip712::Domain& domain) const {
    using eip712::word;
    const Bytes32 hash = eip712::hash_struct(
        kType, {word(session_id), word(algorithm), word(std::uint64_t{party}), word(std::uint64_t{peer}),
                word(arguments_hash), word(code_hash), word(std::uint64_t{attempt}), word(exporter)});
    return eip712::digest(domain, hash);
}

Bytes32 session_binding(const PeerSession& session, const Bytes32& shared_secret) {
    Bytes all;
    put_number(all, session.session_id, 32);
    put(all, session.algorithm);
    put(all, session.arguments_hash);
    put(all, session.code_hash);
    put_number(all, session.attempt, 4);
    Sha256 hash;
    hash.update(all);
    hash.update(shared_secret);
    return hash.finish();
}

Bytes32 with_inputs(const Bytes32& binding, BytesView lower, BytesView higher) {
    Sha256 hash;
    hash.update(binding);
    hash.update(sha256(lower));
    hash.update(sha256(higher));
    return hash.finish();
}

Bytes encode_peer_binding(const SignedPeerBinding& message) {
    const PeerBinding& binding = message.binding;
    Bytes out;
    out.reserve(kPeerBindingBytes);
    put(out, as_bytes(kMagic));
    put_number(out, binding.session_id, 32);
    put(out, binding.algorithm);
    put_number(out, binding.party, 1);
    put_number(out, binding.peer, 1);
    put(out, binding.arguments_hash);
    put(out, binding.code_hash);
    put_number(out, binding.attempt, 4);
    put(out, binding.exporter);
    put(out, message.signature);
    return out;
}

Result<SignedPeerBinding> decode_peer_binding(BytesView bytes) {
    if (bytes.size() != kPeerBindingBytes || as_text(bytes.first(kMagic.size())) != kMagic)
        return fail(Status::PEER, "not a peer binding");
    Reader reader(bytes.subspan(kMagic.size()));
    SignedPeerBinding out;
    out.binding.session_id = reader.number(32);
    out.binding.algorithm = reader.bytes<32>();
    out.binding.party = static_cast<std::uint8_t>(reader.number(1));
    out.binding.peer = static_cast<std::uint8_t>(reader.number(1));
    out.binding.arguments_hash = reader.bytes<32>();
    out.binding.code_hash = reader.bytes<32>();
    out.binding.attempt = static_cast<std::uint32_t>(reader.number(4));
    out.binding.exporter = reader.bytes<32>();
    out.signature = reader.bytes<65>();
    if (reader.overflow()) return fail(Status::PEER, "a peer binding for a session number beyond 64 bits");
    return out;
}

PeerCheck check_peer_binding(const SignedPeerBinding& message, const PeerBinding& expected,
                             const Address& expected_signer, const eip712::Domain& domain,
                             const SpeaksFor& speaks_for) {
    const PeerBinding& binding = message.binding;
    if (binding.exporter != expected.exporter)
        return {PeerVerdict::unauthenticated, "the binding is for another connection"};
    if (binding.party != expected.party || binding.peer != expected.peer)
        return {PeerVerdict::unauthenticated, fmt::format("the binding is from party {} to party {}, expected {} to {}",
                                                          binding.party, binding.peer, expected.party, expected.peer)};
    // The signature covers what the message says; only then are its fields believed.
    const Result<Address> signer = recover_signer(binding.digest(domain), message.signature);
    if (!signer) return {PeerVerdict::unauthenticated, "the binding's signature is malformed"};
    if (speaks_for ? !speaks_for(*signer, expected_signer) : *signer != expected_signer)
        return {PeerVerdict::unauthenticated,
                fmt::format("the binding is signed by {} (or for another ledger), expected {}", address_text(*signer),
                            address_text(expected_signer))};
    if (binding.session_id != expected.session_id)
        return {PeerVerdict::other_session,
                fmt::format("it is in session {}, expected {}", binding.session_id, expected.session_id)};
    if (binding.attempt != expected.attempt)
        return {PeerVerdict::other_session,
                fmt::format("it is at attempt {}, expected {}", binding.attempt, expected.attempt)};
    if (binding.algorithm != expected.algorithm)
        return {PeerVerdict::disagrees, fmt::format("its algorithm is {}, expected {}", hex_text(binding.algorithm),
                                                    hex_text(expected.algorithm))};
    if (binding.arguments_hash != expected.arguments_hash)
        return {PeerVerdict::disagrees,
                fmt::format("its arguments have hash {}, expected {}", hex_text(binding.arguments_hash),
                            hex_text(expected.arguments_hash))};
    if (binding.code_hash != expected.code_hash)
        return {PeerVerdict::disagrees, fmt::format("its code has hash {}, expected {}", hex_text(binding.code_hash),
                                                    hex_text(expected.code_hash))};
    return {PeerVerdict::accepted, {}};
}

}  // namespace c2d
