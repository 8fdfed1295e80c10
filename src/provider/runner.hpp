/// Carries out one run: verify once more, prepare the folder, connect the peers, run the operator
/// in the sandbox, keep log, outputs and report, and see that a receipt of it reaches the ledger.
#pragma once

#include "provider/receipts.hpp"

#include <c2d/provider.hpp>

#include <condition_variable>
#include <map>
#include <thread>

namespace c2d::provider {

/// A run under way, as far as another thread may end it.
class ActiveRun {
public:
    const CancelToken& token() const noexcept { return token_; }
    void cancel();
    /// From now on `cancel` ends this sandbox too; at once when it was cancelled already.
    void attach(SandboxRun* sandbox);

private:
    CancelToken token_;
    std::mutex mutex_;
    SandboxRun* sandbox_ = nullptr;
};

/// Worker threads over the durable queue.
class Runner {
public:
    Runner(const JobVerifier& verifier, const ProviderOptions& options, Sandbox sandbox,
           std::shared_ptr<JobStore> store);
    /// Cancels what runs and joins.
    ~Runner();

    void start();
    /// A run may be waiting in the queue.
    void wake();
    /// Cancels a run in any state; false when it has ended or does not exist.
    Result<bool> cancel(std::uint64_t job_id, unsigned party);
    void drain();

private:
    using Key = std::pair<std::uint64_t, unsigned>;

    void work();
    void carry_out(Run run, ActiveRun& active);
    Result<Report> perform(Run& run, ActiveRun& active, RunFacts& facts);
    Result<Report> run_operator(Run& run, RunFacts& facts, ActiveRun& active);
    void finish(Run& run, RunFacts& facts, Result<Report> report);
    std::optional<StoredReceipt> receipt_of(const Run& run, const RunFacts& facts);
    std::uint64_t now() const;

    const JobVerifier& verifier_;
    const ProviderOptions& options_;
    const Sandbox sandbox_;
    const std::shared_ptr<JobStore> store_;
    ReceiptPoster receipts_;

    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
    CancelToken ending_;
    std::map<Key, std::shared_ptr<ActiveRun>> running_;
    std::vector<std::thread> workers_;
};

}  // namespace c2d::provider
