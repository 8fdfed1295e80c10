/// What the ledger benches share: a scratch folder, senders with signed transactions, and threads
/// that send them.
#pragma once

#include "bench/bench.hpp"
#include "support/temp_dir.hpp"

#include <c2d/chain.hpp>
#include <c2d/key.hpp>

#include <filesystem>
#include <functional>

namespace c2d::bench {

using support::TempDir;

/// A ledger file with its trust folder, as dt-cli would have it.
ChainOptions ledger_options(const TempDir& scratch, const std::string& name);

/// An organisation and its next nonce.
struct Sender {
    std::shared_ptr<PrivateKey> key;
    std::uint64_t nonce = 0;
};
Result<Sender> make_sender(Chain& chain, Signer& admin);

/// Signed calls of createTask.
Result<std::vector<Bytes>> sign_tasks(const Chain& chain, Sender& sender, std::size_t count);
/// Signed calls of addJob by the owner of `cdt`.
Result<std::vector<Bytes>> sign_jobs(const Chain& chain, Sender& sender, const TokenId& cdt, std::uint64_t task,
                                     std::size_t count);
/// A signed receipt of a job.
Result<Bytes> sign_receipt(const Chain& chain, Sender& sender, std::uint64_t job, const TokenId& dt);
/// A signed mint of a leaf.
Result<Bytes> sign_mint(const Chain& chain, Sender& sender, const TokenId& id);

Result<Unit> send_all(Chain& chain, const std::vector<Bytes>& raws);
/// The same of one sender's transactions in a row, by threads that share blocks: whoever comes before
/// its turn tries again.
Result<Unit> send_together(Chain& chain, const std::vector<Bytes>& raws);
/// Runs `work(i)` in `count` threads; the first failure.
Result<Unit> in_threads(std::size_t count, const std::function<Result<Unit>(std::size_t)>& work);

/// Seconds of processor time that this process used.
double cpu_seconds();

/// What one transaction costs as the ledger grows (ledger_growth_bench.cpp).
Result<std::vector<Goal>> ledger_growth_bench(const TempDir& scratch);

}  // namespace c2d::bench
