/// The receipts of runs: drawn up when a run ends, stored before anything is said to the ledger, and
/// posted for each of its data tokens, again and again until the ledger has them.
#pragma once

#include "job/receipt.hpp"
#include "provider/job_store.hpp"

#include <c2d/provider.hpp>

#include <condition_variable>
#include <mutex>
#include <thread>

namespace c2d::provider {

/// What is known of a run beyond its record, as far as it came.
struct RunFacts {
    JobTerms terms;
    std::vector<ReceiptFile> inputs;
    /// The grants that it rests on, as they stood at launch.
    json::Value grants = json::Value::array();
    /// The sandbox's report; nothing when the run ended before.
    std::optional<Report> report;
};

/// Which of the ledger's outcomes an ended run comes to.
ReceiptOutcome receipt_outcome(const Run& run);

/// The grants below the job's Algorithm with their bounds, for the receipt.
Result<json::Value> grants_now(const Chain& chain, const JobTerms& terms);

/// Draws up the receipt of an ended run over `data`, signed by the owner.
Result<StoredReceipt> draw_receipt(const Run& run, const RunFacts& facts, const std::vector<TokenId>& data,
                                   const NetworkInfo& network, const ProviderOptions& options);

/// A thread that posts what the store holds. Runs that ended without a receipt (cancelled before
/// they began, or cut off by a crash) get theirs here.
class ReceiptPoster {
public:
    ReceiptPoster(const JobVerifier& verifier, const ProviderOptions& options, std::shared_ptr<JobStore> store);
    /// Ends the thread; what is not posted yet is posted by the next start.
    ~ReceiptPoster();

    void start();
    /// A run has ended.
    void wake();
    /// Waits until nothing can be posted now: all is, or the ledger does not answer.
    void drain();

private:
    void work();
    Result<Unit> draw_missing();
    Result<Unit> post_pending();
    Result<Unit> post(const StoredReceipt& receipt);
    /// The block up to which it is posted.
    Result<LedgerMark> post_for(const StoredReceipt& receipt, const TokenId& dt);

    const JobVerifier& verifier_;
    const ProviderOptions& options_;
    const std::shared_ptr<JobStore> store_;

    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
    CancelToken ending_;
    bool asked_ = true;
    bool idle_ = false;
    std::thread thread_;
};

}  // namespace c2d::provider
