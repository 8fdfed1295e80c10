/// Shows a ledger to others as an Ethereum JSON-RPC node, so that ethers, curl or another c2d talk
/// to it like to any network.
#pragma once

#include <c2d/chain.hpp>
#include <c2d/http.hpp>

#include <memory>

namespace c2d {

/// Names of errors that a sender gets from a served ledger: `unavailable`, with the seconds to wait as code,
inline constexpr std::string_view kSenderRate = "sender_rate", kSenderBytes = "sender_bytes";
/// and `refused`.
inline constexpr std::string_view kSenderNotAllowed = "sender_not_allowed";

/// What a served ledger takes from one sender, beside what its rules say. All keys that act for an organisation are one
/// sender. 0 and empty: no bound.
struct ChainServerOptions {
    /// Transactions a minute, and as many at once.
    std::uint64_t rate = 0;
    /// Bytes of signed transactions a day (UTC), at most some 4096 senders counted.
    std::uint64_t bytes_per_day = 0;
    /// Who alone may send: keys, and organisations, which name all keys that act for them. Reading is anybody's.
    std::vector<Address> allow = {};
    std::shared_ptr<Clock> clock = {};
};

/// Answers JSON-RPC 2.0 requests (single, and batches of at most 100) given as values: chain id,
/// block number, nonce, send raw, receipt, transaction, call, logs, block, estimate, gas price, and
/// `c2d_network`. Writes are signed by their senders, so the server holds no key. Thread-safe.
class ChainServer {
public:
    /// Serves a chain, which it shares, without bounds on senders.
    explicit ChainServer(Chain chain);
    /// With them. What the ledger took today already is counted, up to its last 65,536 transactions; fails as reading
    /// it does.
    static Result<ChainServer> open(Chain chain, const ChainServerOptions& options);
    /// Answers a POST; never throws. Request and answer are bounded.
    HttpResponse handle(const HttpRequest& request);
    static constexpr std::size_t kBodyBytesMax = std::size_t(1) << 20;

private:
    struct Heads;
    struct Limits;
    std::shared_ptr<Chain> chain_;
    /// States that calls by block number asked for.
    std::shared_ptr<Heads> heads_;
    /// Null: no bounds.
    std::shared_ptr<Limits> limits_;
};

}  // namespace c2d
