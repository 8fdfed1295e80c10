/// One run as its owner sees it: a thread that starts the helper and stays with it to the end.
#pragma once

#include <c2d/sandbox.hpp>

#include "base/file.hpp"
#include "sandbox/monitor.hpp"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace c2d::sandbox {

class SandboxProcess final : public SandboxRun {
public:
    /// Returns when the operator's program runs, or with the reason why it does not; then nothing
    /// is left behind.
    static Result<std::unique_ptr<SandboxProcess>> start(const RunContext& context, const SandboxJob& job);
    SandboxProcess() = default;
    ~SandboxProcess() override;
    Result<Report> wait() override;
    void cancel() override;
    std::optional<EngineCheckpoint> engine_checkpoint(std::uint64_t after) const override;

private:
    void supervise(Monitor& monitor, const SandboxJob& job);

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<Result<Unit>> started_;
    std::optional<Result<Report>> finished_;
    /// Valid from the start on: killing through it cannot hit another process.
    KillSwitch kill_;
    CheckpointReader checkpoints_;
    std::atomic<bool> cancelled_{false};
    bool waited_ = false;
    std::thread thread_;
};

}  // namespace c2d::sandbox
