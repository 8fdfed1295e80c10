/// Starts the helper, listens to it, enforces the limits and turns what happened into a report.
/// Lives on one thread.
#pragma once

#include <c2d/sandbox.hpp>

#include "base/file.hpp"
#include "sandbox/cgroup.hpp"
#include "sandbox/control.hpp"
#include "sandbox/helper_image.hpp"
#include "sandbox/layers.hpp"
#include "sandbox/log_buffer.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>

namespace c2d::sandbox {

/// What all runs of one `Sandbox` share.
struct RunContext {
    std::shared_ptr<const HelperImage> helper;
    std::shared_ptr<Logger> logger;
    std::filesystem::path cgroup;
    bool probe = false;
    /// Layers that a test of this library does without, to see what each of them holds (bit n:
    /// layer n). No member of the public interface leads here.
    std::uint32_t left_out = 0;
};

/// Ends a process tree; harmless when it has ended. Holds descriptors, no process ids.
class KillSwitch {
public:
    KillSwitch() = default;
    KillSwitch(Fd init, Fd control) : init_(std::move(init)), control_(std::move(control)) {}
    void kill_tree() const noexcept;

private:
    Fd init_, control_;
};

/// Reads what an engine leaves while it runs, and after it.
class CheckpointReader {
public:
    CheckpointReader() = default;
    CheckpointReader(Fd memory, std::size_t from, std::size_t bytes)
        : memory_(std::move(memory)), from_(from), bytes_(bytes) {}
    std::optional<EngineCheckpoint> newest(std::uint64_t after) const;

private:
    Fd memory_;
    std::size_t from_ = 0, bytes_ = 0;
};

class Monitor {
public:
    Monitor(const RunContext& context, const SandboxJob& job, const std::atomic<bool>& cancelled);
    /// Returns when the operator's program runs. After a failure nothing is left.
    Result<Unit> start(const SandboxJob& job);
    KillSwitch kill_switch() const;
    CheckpointReader checkpoint_reader() const;
    /// Waits for the end of every process and collects. Called once, after a good start. `cancel`
    /// ends the run early.
    Result<Report> finish(const CancelToken* cancel = nullptr);
    /// What each layer became, also after a failed start.
    std::vector<LayerStatus> layers() const;

private:
    using Time = std::chrono::steady_clock::time_point;

    Result<Unit> launch(const SandboxJob& job);
    Result<Unit> send_plan(const SandboxJob& job, int control, int log);
    void poll_once(Time until);
    void read_messages();
    void handle_message(ControlMessage message);
    void note_layers_on(const c2d_message& body);
    void note_layer_off(const c2d_message& body);
    void note_usage(const c2d_message& body);
    void handle_sample(const c2d_message& body);
    void read_log(int rounds);
    void pass_on(std::string_view log);
    void stop(Outcome why);
    void wait_for_all();
    void check_cancel(const CancelToken* cancel);
    bool all_ended() const noexcept { return helper_ended_ && init_ended_; }
    Error failure_of(const c2d_message& body) const;
    void fill_usage(Report& report) const;
    void classify_outcome(Report& report) const;
    Result<Unit> collect(Report& report);
    LayerStatus& layer(Layer which) { return layers_[std::size_t(which)]; }

    const RunContext& context_;
    const std::atomic<bool>& cancelled_;
    SandboxLimits limits_;
    std::filesystem::path target_;
    std::vector<std::string> output_names_;
    Report report_;
    std::array<LayerStatus, kLayerCount> layers_;

    std::optional<Cgroup> cgroup_;
    LogBuffer log_;
    std::function<void(std::string_view)> on_log_;
    Fd log_fd_, control_, helper_handle_, init_handle_, outputs_;
    /// What the engine is told, and says.
    Fd engine_memory_;
    std::size_t engine_kept_bytes_ = 0, checkpoint_bytes_ = 0;
    pid_t helper_ = -1;
    bool helper_ended_ = false, init_ended_ = false, control_closed_ = false;
    bool started_ = false, token_cancelled_ = false;
    Time begun_{}, deadline_{};
    std::optional<Error> failed_;
    std::optional<Outcome> stopped_;
    std::optional<c2d_message> ended_;
    std::uint64_t cpu_us_ = 0, memory_bytes_ = 0, tasks_ = 0;
};

}  // namespace c2d::sandbox
