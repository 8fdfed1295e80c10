/// Checkpoints of joint runs that may be tried again: sealed while the operator runs, handed to the engine of the next
/// attempt, removed when the job has ended for good.
#pragma once

#include "provider/state/job_store.hpp"

#include <c2d/job_receipt.hpp>
#include <c2d/provider.hpp>
#include <c2d/sandbox.hpp>

#include <condition_variable>
#include <mutex>
#include <thread>

namespace c2d::provider {

/// Room for those of this attempt, and what an earlier one left that read the same inputs. One that cannot be opened is
/// said and left out.
void add_checkpoint_memory(const ProviderOptions& options, const JobRun& run, const std::vector<ReceiptFile>& inputs,
                           SandboxEngine& engine);

/// Seals what an engine leaves, from now on until `finish`.
class CheckpointKeeper {
public:
    /// `inputs`: what the operator was started on. All must outlive it.
    CheckpointKeeper(const ProviderOptions& options, const JobRun& run, const std::vector<ReceiptFile>& inputs,
                     const SandboxRun& sandbox);
    ~CheckpointKeeper() { finish(); }
    CheckpointKeeper(const CheckpointKeeper&) = delete;
    CheckpointKeeper& operator=(const CheckpointKeeper&) = delete;
    /// Looks once more and ends.
    void finish();

private:
    void watch();
    void look();

    const ProviderOptions& options_;
    const JobRun& run_;
    const std::vector<ReceiptFile>& inputs_;
    const SandboxRun& sandbox_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool ending_ = false;
    std::uint64_t sealed_ = 0;
    std::thread thread_;
};

/// Removes those of runs that no attempt goes on with.
Result<Unit> sweep_checkpoints(const ProviderOptions& options, JobStore& store);

}  // namespace c2d::provider
