/// What a provider remembers: admissions, runs, data paths, nonces. One SQLite file; states are
/// stored before they are acted on.
#pragma once

#include "job/nonce_store.hpp"
#include "provider/state/solver_turns.hpp"
#include "store/sqlite.hpp"

#include <c2d/chain.hpp>
#include <c2d/job_verifier.hpp>
#include <c2d/run_end.hpp>

#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

namespace c2d::provider {

/// A run is one sandbox: one party of one job, with all our data sets that name it.
enum class RunState { waiting, queued, preparing, connecting, running, succeeded, failed, cancelled };
const char* run_state_name(RunState state) noexcept;
/// The final state of a run that ended so.
RunState final_state(const RunEnd& end) noexcept;
bool is_final(RunState state) noexcept;

/// Whether the ledger holds a receipt. `unsupported`: it keeps none; `refused`: it would not have it.
enum class Posting { pending, posted, unsupported, refused };
const char* posting_name(Posting posting) noexcept;

/// Runs that one list holds, the newest.
inline constexpr std::size_t kRunsListedMax = 200;

struct Admission {
    std::uint64_t job_id = 0;
    TokenId dt;
    TokenId algo_dt;
    Address solver;
    unsigned party = 0;
    /// The last one that it was asked for.
    std::uint32_t attempt = 1;
};

struct JobRun {
    std::uint64_t job_id = 0;
    unsigned party = 0;
    TokenId algo_dt;
    Address solver;
    RunState state = RunState::waiting;
    /// Nothing before the end.
    std::optional<RunEnd> end;
    /// For the owner.
    std::string detail;
    std::string folder;
    std::string release_log = "none";
    /// The solver may know the end, beyond `succeeded` and `failed`.
    bool release_exit = false;
    std::vector<std::string> outputs;
    /// Of several parties. Not known of a run that an earlier version admitted.
    bool joint = false;
    /// Which attempt at the job this is; all else but the next two is of this one.
    std::uint32_t attempt = 1, attempts_max = 1;
    /// How often the operator was started, over all attempts.
    std::uint64_t starts = 0;
    /// What was opened, of each kind, over all attempts.
    std::map<std::string, std::uint64_t> disclosed;
    std::uint64_t created = 0, updated = 0;
    /// How its receipt stands with the ledger; nothing before it is drawn up.
    std::optional<Posting> receipt;
    Bytes32 receipt_digest;
    /// Until when (seconds) another attempt may be asked for, before the receipt is posted; 0: none.
    std::uint64_t again_until = 0;

    /// It ended so that the job may be tried again, and the terms allow another attempt.
    bool may_be_tried_again() const noexcept { return end && end->may_be_tried_again() && attempt < attempts_max; }
    /// Another attempt may be asked for now: its receipt is not due.
    bool waits_for_attempt() const noexcept { return may_be_tried_again() && (!receipt || again_until != 0); }
};

/// The document of an ended run, and how far it came.
struct StoredReceipt {
    std::uint64_t job_id = 0;
    unsigned party = 0;
    ReceiptOutcome outcome = ReceiptOutcome::aborted;
    Bytes32 digest;
    std::string document;
    Posting posting = Posting::pending;
    /// Not posted before (seconds): until then another attempt at the job takes its place. 0: at once, and nothing
    /// does.
    std::uint64_t due = 0;
};

/// Receipts that are read and dealt with in one go.
inline constexpr std::size_t kReceiptBatch = 64;

/// A block that the ledger held when a receipt was posted: all that were posted stand in it or before.
struct LedgerMark {
    std::uint64_t chain_id = 0;
    std::uint64_t number = 0;
    Bytes32 hash;
};

/// Which queued runs may be taken.
struct TakeableRuns {
    /// Runs of one party, and joint ones.
    bool alone = true, joint = true;
    /// Solvers of whom no joint one is.
    std::vector<Address> not_joint_of = {};
};

/// Thread-safe.
class JobStore final : public NonceStore {
public:
    /// How much of the turns each solver has (solver_turns.hpp).
    void set_weights(std::map<Address, unsigned> weights);
    /// Called, from whichever thread writes, when any run may have changed. Must not call back; empty: nobody.
    void on_run_change(std::function<void()> listener);

    /// Makes the file, or brings one of an older format up to date (state_schema.hpp).
    static Result<std::shared_ptr<JobStore>> open(const std::filesystem::path& path);

    Result<bool> seen(const Address& signer, const Bytes32& nonce) override;
    Result<bool> remember(const Address& signer, const Bytes32& nonce, std::uint64_t expiry,
                          std::uint64_t now) override;

    /// How many runs may wait or be queued, of all solvers and of one.
    struct QueueLimits {
        std::size_t all = 64, of_one = 64;
    };
    /// `ended`: the run that the data set belongs to is over already, which nothing brings back, or is at another
    /// attempt that has not ended so that there may be this one.
    enum class Admitted { added, known, replayed, queue_full, share_full, ended };
    /// What `admit` would say, of a number that stands for no other job.
    Result<Admitted> would_admit(const TokenId& dt, const JobTerms& terms, std::uint64_t now, QueueLimits limits);
    /// A number of a job may stand for another one, after blocks of the ledger were cut. Forgets what the state
    /// knows of other jobs under this number, unless it is under way; how many runs. `terms` were verified.
    Result<std::size_t> forget_other_job(const JobTerms& terms);
    /// One transaction: remembers the nonce, admits (job, dt), makes the run if it is new or begins anew with
    /// `terms.attempt`, and queues it once all of `terms.inputs` are admitted. A run that waits for this data set has
    /// its place already; `limits` are for new ones.
    Result<Admitted> admit(const Envelope& envelope, const JobTerms& terms, std::uint64_t now, QueueLimits limits);

    Result<std::optional<JobRun>> run(std::uint64_t job_id, unsigned party);
    /// The run that a data set takes part in.
    Result<std::optional<JobRun>> run_of(std::uint64_t job_id, const TokenId& dt);
    /// Newest first; without a solver, everybody's.
    Result<std::vector<JobRun>> runs_of(const std::optional<Address>& solver, std::size_t count_max);
    /// Those that have not ended, oldest first.
    Result<std::vector<JobRun>> runs_not_ended(std::size_t count_max);
    /// Every party's run of a job.
    Result<std::vector<JobRun>> runs_of_job(std::uint64_t job_id);
    Result<std::vector<Admission>> admissions(std::uint64_t job_id, unsigned party);
    /// Takes the oldest queued run of the solver whose turn it is, and marks it `preparing`; empty when none waits.
    Result<std::optional<JobRun>> take_next(std::uint64_t now, const TakeableRuns& takeable = {});
    Result<Unit> set_state(const JobRun& run, RunState state, std::uint64_t now);
    /// Stores everything of the run.
    Result<Unit> update(const JobRun& run);
    /// Stores the end of a run and its receipt (null: it could not be drawn up yet) as one.
    Result<Unit> finish(const JobRun& run, const StoredReceipt* receipt);
    /// Cancels a run that has not been taken yet; true when it was one.
    Result<bool> cancel_waiting(std::uint64_t job_id, unsigned party, std::uint64_t now);
    /// Nobody asks for another attempt at a run any more: its receipt is due. True when one was waited for.
    Result<bool> give_up(std::uint64_t job_id, unsigned party);
    /// Ends the runs that have waited since before `since` for the rest of their data sets; how many.
    Result<std::size_t> end_incomplete(std::uint64_t since, std::uint64_t now);
    /// Runs that were under way when the last process ended.
    Result<std::vector<JobRun>> runs_under_way();
    /// Those are failed; how many.
    Result<std::size_t> fail_interrupted(std::uint64_t now);
    Result<std::size_t> active_count();

    /// Ended runs that have none, oldest first.
    Result<std::vector<JobRun>> runs_without_receipt(std::size_t count_max);
    /// Nothing is stored of a run that has begun anew with another attempt meanwhile.
    Result<Unit> add_receipt(const StoredReceipt& receipt, std::uint32_t attempt = 1);
    /// Another signature under one that is not posted.
    Result<Unit> replace_receipt(const StoredReceipt& receipt);
    /// The document of a run's receipt; empty where there is none, or only the ledger has it.
    Result<std::string> receipt_document(std::uint64_t job_id, unsigned party);
    /// Those that are due.
    Result<std::vector<StoredReceipt>> pending_receipts(std::size_t count_max);
    /// Receipts that waited for another attempt until `now` are due; how many.
    Result<std::size_t> end_waits_for_attempts(std::uint64_t now);
    Result<Unit> set_posting(const StoredReceipt& receipt, Posting posting);
    /// `posted`, and the ledger's mark with it as one.
    Result<Unit> set_posted(const StoredReceipt& receipt, const LedgerMark& mark);
    /// Those posted, in order, after `last` (null: from the first one).
    Result<std::vector<StoredReceipt>> posted_receipts(const StoredReceipt* last, std::size_t count_max);
    Result<std::optional<LedgerMark>> ledger_mark();
    Result<Unit> set_ledger_mark(const LedgerMark& mark);

    Result<Unit> set_path(const TokenId& dt, const std::string& path);
    Result<std::optional<std::string>> path_of(const TokenId& dt);

private:
    JobStore() = default;
    Result<JobRun> read_run(store::Statement& row);
    Result<std::vector<JobRun>> read_runs(store::Statement& query);
    Result<Unit> write_run(const JobRun& run);
    Result<std::size_t> count_others(const JobTerms& terms, std::string_view condition);
    Result<Admitted> place_for(const TokenId& dt, const JobTerms& terms, std::uint64_t now, QueueLimits limits);
    Result<Admitted> place_in_queue(const Address& solver, QueueLimits limits);
    Result<Unit> begin_attempt(const JobTerms& terms, std::uint64_t now);
    Result<std::optional<JobRun>> read_one(std::uint64_t job_id, unsigned party);
    Result<std::optional<Address>> next_solver(std::string_view condition);
    Result<Unit> add_admission(const TokenId& dt, const JobTerms& terms, std::uint64_t now);
    Result<store::Statement> ending(RunEndKind kind, std::string_view detail, std::uint64_t now,
                                    std::string_view condition);
    Result<Unit> write_receipt(const StoredReceipt& receipt, std::uint32_t attempt);
    Result<std::vector<StoredReceipt>> read_receipts(store::Statement& query);
    Result<Unit> write_posting(const StoredReceipt& receipt, Posting posting);
    Result<Unit> write_mark(const LedgerMark& mark);

    std::mutex mutex_;
    store::Database db_;
    NonceTable nonces_;
    SolverTurns turns_;
};

}  // namespace c2d::provider
