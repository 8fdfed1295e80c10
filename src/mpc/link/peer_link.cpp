#include "base/fail.hpp"
#include "base/try.hpp"
#include "crypto/hash.hpp"
#include "mpc/link/tls_link.hpp"

namespace c2d::mpc {
namespace {

/// The statement's frame for computations that stand on no ledger: a domain that no ledger has, so
/// that a statement made for one is worth nothing for the other.
PeerSession session_of(const PeerLinkOptions& options, unsigned parties) {
    PeerSession out;
    out.session_id = options.run;
    out.algorithm = sha256(as_bytes(parties == 2 ? "c2d mpc embedded pair 1" : "c2d mpc embedded 1"));
    out.arguments_hash = sha256(as_bytes(options.arguments));
    out.code_hash = sha256(as_bytes(options.program));
    out.attempt = 1;
    out.domain.salt = sha256(as_bytes("c2d mpc embedded domain 1"));
    return out;
}

Result<std::unique_ptr<Link>> connect(const PeerLinkOptions& options, unsigned parties) {
    PeerConnectOptions connect;
    connect.listen_fd = Fd(options.listen_fd);
    if (options.party >= parties || !options.signer)
        return fail(Status::INVALID_ARGUMENT, "expected a party below {} and its signer, found party {}{}", parties,
                    options.party, options.signer ? "" : " without one");
    const PartyEndpoint& own = options.parties[options.party];
    if (own.address != options.signer->address())
        return fail(Status::INVALID_ARGUMENT, "the signer's address is {}, but party {} was agreed to be {}",
                    address_text(options.signer->address()), options.party, address_text(own.address));
    connect.session = session_of(options, parties);
    connect.party = options.party;
    connect.signer = options.signer;
    for (unsigned peer = 0; peer < parties; ++peer) {
        const PartyEndpoint& other = options.parties[peer];
        // One organisation in two seats would hold everything: the rule that providers keep, too.
        if (other.address == options.parties[(peer + 1) % parties].address)
            return fail(Status::INVALID_ARGUMENT,
                        "two parties have the address {}: whoever holds its key would see "
                        "everything",
                        address_text(other.address));
        if (peer != options.party) connect.peers.push_back({peer, other.host, other.port, other.address});
    }
    connect.bind_host = own.host;
    connect.bind_port = own.port;
    connect.deadline = options.deadline;
    connect.cancel = options.cancel;
    C2D_TRY(auto channels, connect_peers(connect));
    return tls_link(options.party, std::move(channels), parties);
}

}  // namespace

Result<std::unique_ptr<Link>> peer_link(const PeerLinkOptions& options) { return connect(options, kParties); }
Result<std::unique_ptr<Link>> pair_link(const PeerLinkOptions& options) { return connect(options, 2); }

}  // namespace c2d::mpc
