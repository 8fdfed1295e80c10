#include "mpc/rep3/keys.hpp"

#include "base/fail.hpp"
#include "base/secret.hpp"
#include "base/try.hpp"
#include "crypto/hash.hpp"
#include "crypto/kdf.hpp"

#include <algorithm>

namespace c2d::mpc::rep3 {
namespace {

constexpr std::string_view kProtocol = "c2d-mpc/3 rep3";

/// What one of a pair contributes.
struct Contribution {
    SecretBytes random{32};
    Bytes32 commitment;
};

/// Names who commits: a copy of the peer's commitment is none of one's own.
Bytes32 commitment_of(unsigned from, unsigned to, BytesView random) {
    Sha256 hash;
    hash.update(as_bytes(fmt::format("{} commitment from {} to {}", kProtocol, from, to)));
    hash.update(random);
    return hash.finish();
}

/// One pair's agreement, at one of the two.
class Pair {
public:
    Pair(unsigned me, unsigned peer) : me_(me), peer_(peer) {}

    Result<Unit> commit(Link& link, Random& random) {
        C2D_CHECK(random.fill(mine_.random.span()));
        mine_.commitment = commitment_of(me_, peer_, mine_.random.view());
        return link.send(peer_, mine_.commitment);
    }
    Result<Unit> reveal(Link& link) {
        C2D_CHECK(link.receive(peer_, theirs_.commitment.data));
        return link.send(peer_, mine_.random.view());
    }
    Result<Unit> derive(Link& link, const KeyContext& context) {
        C2D_CHECK(link.receive(peer_, theirs_.random.span()));
        if (commitment_of(peer_, me_, theirs_.random.view()) != theirs_.commitment)
            return fail(Status::PEER, "party {} opens other key material than it committed to", peer_);
        // The lower party first, so that both have the same.
        ClearedBytes material;
        for (const Contribution* part : {lower(), higher()}) {
            const BytesView bytes = part->random.view();
            material.insert(material.end(), bytes.begin(), bytes.end());
        }
        const BytesView shared = context.pre_shared[peer_];
        material.insert(material.end(), shared.begin(), shared.end());
        Bytes32 secret = hkdf_extract(context.binding[peer_], material);
        secret_ = SecretBytes(secret.data.size());
        std::ranges::copy(secret.data, secret_.span().begin());
        clear_secret(secret.data.data(), secret.data.size());
        return link.send(peer_, confirmation(me_));
    }
    Result<Unit> confirm(Link& link) {
        Bytes32 theirs;
        C2D_CHECK(link.receive(peer_, theirs.data));
        if (!equal_constant_time(theirs, confirmation(peer_)))
            return fail(
                Status::PEER,
                "party {} does not derive the key that this party derives: what the two were told of the session "
                "(job, algorithm, arguments, code, attempt, connection), or the secret that they agreed on "
                "beforehand, differs",
                peer_);
        return Unit{};
    }
    Prg stream() const { return Prg(secret_.view(), label()); }

private:
    const Contribution* lower() const { return me_ < peer_ ? &mine_ : &theirs_; }
    const Contribution* higher() const { return me_ < peer_ ? &theirs_ : &mine_; }
    std::string label() const {
        return fmt::format("{} parties {} and {}", kProtocol, std::min(me_, peer_), std::max(me_, peer_));
    }
    /// By `from`'s own key: nobody's can be sent back to it.
    Bytes32 confirmation(unsigned from) const {
        SecretBytes key(32);
        hkdf_expand(secret_.view(), fmt::format("{} confirmation from {}", label(), from), key.span());
        Bytes said(lower()->commitment.data.begin(), lower()->commitment.data.end());
        said.insert(said.end(), higher()->commitment.data.begin(), higher()->commitment.data.end());
        return hmac_sha256(key.view(), said);
    }

    unsigned me_, peer_;
    Contribution mine_, theirs_;
    SecretBytes secret_;
};

}  // namespace

Result<PairStreams> agree_keys(Link& link, Random& random, const KeyContext& context) {
    std::vector<Pair> pairs;
    for (unsigned peer = 0; peer < kParties; ++peer)
        if (peer != link.party()) pairs.emplace_back(link.party(), peer);
    for (Pair& pair : pairs) C2D_CHECK(pair.commit(link, random));
    for (Pair& pair : pairs) C2D_CHECK(pair.reveal(link));
    for (Pair& pair : pairs) C2D_CHECK(pair.derive(link, context));
    for (Pair& pair : pairs) C2D_CHECK(pair.confirm(link));
    PairStreams out;
    (link.party() == 2 ? out.ah : out.ab) = pairs[0].stream();
    (link.party() == 0 ? out.ah : out.bh) = pairs[1].stream();
    return out;
}

}  // namespace c2d::mpc::rep3
