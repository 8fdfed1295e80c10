/// Shows a ledger to others as an Ethereum JSON-RPC node, so that ethers, curl or another c2d talk
/// to it like to any network.
#pragma once

#include <c2d/chain.hpp>
#include <c2d/http.hpp>

#include <memory>

namespace c2d {

/// Answers JSON-RPC 2.0 requests (single, and batches of at most 100) given as values: chain id,
/// block number, nonce, send raw, receipt, transaction, call, logs, block, estimate, gas price, and
/// `c2d_network`. Writes are signed by their senders, so the server holds no key. Thread-safe.
class ChainServer {
public:
    /// Serves a chain, which it shares.
    explicit ChainServer(Chain chain);
    /// Answers a POST; never throws. Request and answer are bounded.
    HttpResponse handle(const HttpRequest& request);
    static constexpr std::size_t kBodyBytesMax = std::size_t(1) << 20;

private:
    struct Heads;
    std::shared_ptr<Chain> chain_;
    /// States that calls by block number asked for.
    std::shared_ptr<Heads> heads_;
};

}  // namespace c2d
