/// The receipts of runs: drawn up when a run ends, stored before anything is said to the ledger, and
/// posted for each of its data tokens, again and again until the ledger has them.
#pragma once

#include "base/engine_start.hpp"
#include "base/kept_region.hpp"
#include "job/receipt.hpp"
#include "provider/state/job_store.hpp"
#include "provider/state/tuning.hpp"

#include <c2d/provider.hpp>

#include <array>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace c2d::provider {

/// What is known of a run beyond its record, as far as it came.
struct RunFacts {
    JobTerms terms;
    std::vector<ReceiptFile> inputs;
    /// The grants that it rests on, as they stood at launch.
    json::Value grants = json::Value::array();
    /// What all parties told each other of their inputs.
    std::vector<ReceiptInputDigest> input_digests;
    /// What alignments told of the tables, and the rules that columns were prepared with.
    std::vector<ReceiptAlignment> alignments;
    std::vector<Bytes32> rules;
    /// The c2d that the operator was shown.
    ReceiptRuntime runtime;
    /// What the engine kept, to be sealed.
    std::vector<KeptRecordBytes> kept;
    /// What was kept, durable by now.
    std::vector<ReceiptArtifact> artifacts;
    /// How often something of each kind was opened in this attempt, as the engine of a joint run told.
    std::map<std::string, std::uint64_t> disclosures;
    /// The checkpoint that it went on from: attempt, number and step.
    std::optional<std::array<std::uint64_t, 3>> resumed;
    /// What was opened of each kind before that, in the attempts that led to it.
    std::map<std::string, std::uint64_t> disclosed_before;
    /// False from the start of the operator until its engine said what was opened.
    bool disclosures_known = true;
    /// The sandbox's report; nothing when the run ended before.
    std::optional<Report> report;
    /// The receipt that the ledger held before the launch.
    std::optional<StoredReceipt> posted;

    /// Takes over what the engine says.
    void note(EngineReport said);
};

/// The grants below the job's Algorithm with their bounds, for the receipt.
Result<json::Value> grants_now(const Chain& chain, const JobTerms& terms);

/// The receipt that the ledger holds already of a run of ours; nothing when there is none. What was
/// posted stands for ever, whatever the state file says: an older copy of it may have been restored, or
/// another provider with our key have run the job.
Result<std::optional<StoredReceipt>> posted_receipt(const Chain& chain, const std::vector<Admission>& admissions,
                                                    const Address& self);
/// The receipt that we signed and left in the run's folder; nothing when there is none of this run.
std::optional<StoredReceipt> sealed_receipt(const JobRun& run, const NetworkInfo& network, const Address& self);
/// The run as that receipt decides it.
JobRun as_recorded(JobRun run, const StoredReceipt& receipt);

/// What a start does with the runs that were under way when the last process ended: one whose receipt
/// was signed is as that says, and waits for another attempt where that would; the others are failed as interrupted.
Result<Unit> recover_interrupted(JobStore& store, const ProviderOptions& options, const NetworkInfo& network);

/// Draws up the receipt of an ended run over `data`, signed by the owner. It is of all attempts; where there may be
/// another one, it is due later.
Result<StoredReceipt> build_receipt(const JobRun& run, const RunFacts& facts, const std::vector<TokenId>& data,
                                    const NetworkInfo& network, const ProviderOptions& options,
                                    std::chrono::seconds attempt_wait);

/// A thread that posts what the store holds. Runs that ended without a receipt (cancelled before
/// they began, or cut off by a crash) get theirs here.
class ReceiptPoster {
public:
    ReceiptPoster(const JobVerifier& verifier, const ProviderOptions& options, const Tuning& tuning,
                  std::shared_ptr<JobStore> store);
    /// Ends the thread; what is not posted yet is posted by the next start.
    ~ReceiptPoster();

    void start();
    /// A run has ended.
    void wake();
    /// Waits until nothing can be posted now: all is, or the ledger does not answer.
    void drain();

private:
    void work();
    Result<Unit> build_missing();
    Result<Unit> post_pending();
    Result<Unit> post(const StoredReceipt& drawn);
    Result<bool> needs_our_signature(const StoredReceipt& drawn, const std::vector<Admission>& admissions);
    /// Signed anew where it must be, unless the ledger has it for one of its tokens.
    Result<StoredReceipt> by_a_key_that_acts(StoredReceipt drawn, const std::vector<Admission>& admissions);
    /// The block up to which it is posted.
    Result<LedgerMark> post_for(const StoredReceipt& receipt, const Admission& admission);
    const Address& self() const { return options_.organisation; }

    const JobVerifier& verifier_;
    const ProviderOptions& options_;
    const Tuning& tuning_;
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
