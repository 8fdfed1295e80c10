/// One run from its last checks to the end of its operator.
#pragma once

#include "provider/inputs/open_inputs.hpp"
#include "provider/outputs/receipts.hpp"
#include "provider/peers/peer_relay.hpp"
#include "provider/runs/active_run.hpp"
#include "provider/runs/run_services.hpp"
#include "provider/runs/worker_place.hpp"

namespace c2d::provider {

/// Of one thread. What it is given outlives it.
class Launch {
public:
    /// `run` and `facts` are filled as far as it comes.
    Launch(RunServices& services, JobRun& run, RunFacts& facts, ActiveRun& active, WorkerPlace& place)
        : services_(services), run_(run), facts_(facts), active_(active), place_(place) {}

    /// Verifies once more, prepares the folder, connects the peers and runs the operator. An error is a run that could
    /// not be prepared; as `ledger_ahead` one that may be launched later.
    Result<EndedRun> execute();

private:
    using Early = Result<std::optional<EndedRun>>;

    /// Checks once more, and fills the run's folder; an end where there is nothing to launch.
    Early prepare();
    Result<EndedRun> launch();
    /// The data are there, and the models may still score over them.
    Early check_inputs();
    Result<PeerRelay> connect();
    Early read_inputs();
    Result<std::vector<OpenInput>> open();
    Early with_unusable_input(const Error& why);
    Early agree_on_inputs();
    EndedRun without_operator(EndedRun ended);
    Result<EndedRun> run_operator();
    bool writes_checkpoints(const SandboxJob& job) const;
    Result<std::unique_ptr<SandboxRun>> start_operator(SandboxJob& job);
    Result<Unit> note_start();
    Result<Report> wait_for(SandboxRun& started, bool checkpoints);
    Result<EndedRun> joint_end(Report report, const std::optional<FrameRelayReport>& traffic);
    bool note_engine_report(const Report& report);
    /// As `revoked` where that is why the operator, or a peer, ended.
    EndedRun with_revocation(EndedRun ended) const;
    void let_go();
    const JobTerms& terms() const { return facts_.terms; }

    RunServices& services_;
    JobRun& run_;
    RunFacts& facts_;
    ActiveRun& active_;
    WorkerPlace& place_;
    PeerRelay peers_;
    SourceAnswers answers_;
    std::optional<SourceAnswers::Named> named_;
    std::vector<OpenInput> inputs_;
};

}  // namespace c2d::provider
