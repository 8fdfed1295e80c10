/// Runs an approved operator next to private data so that it reaches only its inputs, its outputs
/// and its peers' channel.
///
/// Who runs, what is allowed, how much and what happened are four types: `SandboxJob`, `Layer`,
/// `SandboxLimits` and `Report`. Strict by default: a layer that cannot be had is the error
/// `layer_unavailable`, never silence. See docs/sandbox.md for what is a boundary and what is not.
#pragma once

#include <c2d/environment.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace c2d {

/// The walls. `user_ns`…`seccomp` are required by default; hard memory and process limits need a
/// writable cgroup and are used where there is one. `mount_ns`, `pid_ns`, `private_root` and
/// `no_new_privs` cannot be waived: without them there is no /job, or no certain end of a run.
enum class Layer {
    user_ns,
    mount_ns,
    pid_ns,
    net_ns,
    ipc_ns,
    uts_ns,
    cgroup_ns,
    private_root,
    no_new_privs,
    capabilities,
    rlimits,
    landlock,
    seccomp,
    memory_hard,
    pids_hard,
};
/// The stable lower-case name, for example "net_ns".
const char* layer_name(Layer layer) noexcept;

/// What one wall is, on this machine or in one run.
struct LayerStatus {
    Layer layer;
    /// `soft`: only watched, not enforced by the kernel.
    enum class State { on, soft, off } state = State::off;
    /// Why it is not `on`: the errno of the attempt, or 0.
    int error_number = 0;
    /// What to do about it, one line, or empty.
    std::string hint;
};

/// The stable name of a state: "on", "soft" or "off".
const char* layer_state_name(LayerStatus::State state) noexcept;

/// Bounds of one run. Zero is not "unlimited": every bound must be positive.
struct SandboxLimits {
    std::uint64_t memory_bytes = 4ull << 30;
    std::uint64_t tmp_bytes = 256ull << 20;
    std::uint64_t output_bytes = 256ull << 20;
    std::uint32_t output_files = 64;
    std::uint32_t processes = 64;
    std::uint32_t open_files = 256;
    std::chrono::milliseconds wall{3'600'000};
    std::chrono::milliseconds cpu{7'200'000};
    /// Bytes of log kept, half from the head and half from the tail; the rest is counted.
    std::uint64_t log_bytes = 1ull << 20;
};

/// One host file shown read-only at /job/inputs/NAME. `fd` (owned by the caller, kept open until
/// `start` returns) wins over `path`.
struct SandboxInput {
    std::string name = {};
    std::filesystem::path path = {};
    int fd = -1;
};

/// A host file or directory shown read-only at `inside` (absolute), for interpreters and libraries.
struct SandboxMount {
    std::filesystem::path host = {};
    std::filesystem::path inside = {};
};

/// What an operator needs for `import c2d`: the Python package and the shared library, shown
/// read-only below /opt/c2d, and the variables that lead there.
struct PythonRuntime {
    std::vector<SandboxMount> mounts = {};
    std::vector<std::pair<std::string, std::string>> environment = {};
    /// `package` is the Python package or the folder it is in. An empty path is taken from the environment
    /// (C2D_PYTHON_PATH, C2D_LIBRARY), else looked for around this library and program, in an installation
    /// (whatever its prefix) or a build tree. Without both, the result is empty.
    static PythonRuntime find(std::filesystem::path package = {}, std::filesystem::path library = {});
    /// Whether package and library were both found.
    bool found() const noexcept { return !mounts.empty(); }
};

/// The engine of a joint run: a process beside the operator that alone holds the peers' channel, keys and shares. It
/// counts towards the run's limits, and neither outlives the other.
struct SandboxEngine {
    /// Empty: C2D_ENGINE_PROGRAM of the environment, else `c2d-engine` in libexec of this library and program or beside
    /// them.
    std::filesystem::path program = {};
    /// What it is told before the operator starts, and the operator never sees; at most 4096 bytes, none of them 0. It
    /// overwrites that with what it has to say: `Report::engine_report`.
    std::string start = {};
    /// Memory for kept shares that it shares with the host, likewise: how many bytes (0: none), and what they begin
    /// with, the rest being zeros. `Report::engine_kept` is how it leaves them.
    std::size_t kept_bytes = 0;
    std::string kept = {};
    /// Memory for checkpoints that it shares with the host, likewise: `SandboxRun::engine_checkpoint` reads them while
    /// it runs.
    std::size_t checkpoint_bytes = 0;
    std::string checkpoints = {};
};

/// A checkpoint that an engine left in its memory: secret.
struct EngineCheckpoint {
    /// From 1 on in each run.
    std::uint64_t number = 0;
    std::string bytes = {};
};

/// What to run. The code and the arguments are copied when `start` is called; later edits on disk
/// do not matter.
struct SandboxJob {
    /// The operator's program text (shown at /job/code) and its arguments (at /job/args.json).
    std::string code = {};
    std::string args_json = "{}";
    /// Empty: {"python3", "-B", "/job/code", "--config", "/job/args.json"}. Looked up in PATH.
    std::vector<std::string> argv = {};
    std::vector<SandboxInput> inputs = {};
    std::vector<SandboxMount> runtime = {};
    /// Added to the fixed environment (PATH HOME TMPDIR LANG C2D_ARGS C2D_INPUTS C2D_OUTPUTS).
    std::vector<std::pair<std::string, std::string>> environment = {};
    /// One end of a UNIX stream or seqpacket socketpair, given to the operator as descriptor 3
    /// (C2D_PEER_FD=3); -1: none. Owned by the caller, who closes it after `start` to see the end.
    int peer_fd = -1;
    /// With a stream socketpair in `peer_fd`: the engine gets it, and descriptor 3 of the operator leads to the engine
    /// (C2D_ENGINE=1).
    std::optional<SandboxEngine> engine = {};
    /// A directory that does not exist yet or is empty: collected outputs go here, mode 0600. They
    /// are collected after exit code 0 only, all or none. Empty: hashed for the report, not kept.
    std::filesystem::path outputs = {};
    /// Only these names are collected (the rest is refused); empty: whatever the operator wrote. A
    /// named output that was not written is no refusal.
    std::vector<std::string> output_names = {};
    SandboxLimits limits = {};
    /// Layers that may be missing. Empty by default; the report says which were.
    std::vector<Layer> may_be_missing = {};
    /// Takes what the operator writes while it runs: raw bytes, in pieces of any length, all of them before `wait`
    /// returns. It is called on the thread that keeps the run to its limits, so it must return at once; once it throws
    /// it is not called again.
    std::function<void(std::string_view)> on_log = {};
};

/// How a run ended.
enum class Outcome {
    exited,    ///< the operator ended by itself; see exit_code
    signaled,  ///< ended by a signal that is not one of ours
    wall_timeout,
    cpu_limit,
    memory_limit,
    cancelled,
    outputs_rejected,  ///< it ended well, but an output is not a plain file within the limits
    peer_missing,      ///< the provider could not reach a party
    setup_failed,      ///< the sandbox was ended from outside, not by the operator or a limit
    file_size_limit,   ///< ended by the kernel for writing a file past the output or tmp bound
    process_limit,     ///< failed, after the kernel had refused it another process
};
/// The stable lower-case name, for example "wall_timeout".
const char* outcome_name(Outcome outcome) noexcept;

/// A collected output.
struct OutputFile {
    std::string name;
    std::uint64_t bytes = 0;
    Bytes32 sha256;
};

/// What happened. A bad outcome is a value here, not an error.
struct Report {
    Outcome outcome = Outcome::setup_failed;
    int exit_code = -1;
    int signal = 0;
    /// One line for people: what ended the run.
    std::string detail;
    std::chrono::milliseconds wall{0}, cpu{0};
    std::uint64_t memory_peak_bytes = 0;
    /// The captured log (head and tail), raw bytes of the operator: sanitise before showing.
    std::string log;
    std::uint64_t log_bytes_total = 0;
    std::vector<LayerStatus> layers;
    std::string kernel;
    int landlock_abi = 0;
    Bytes32 seccomp_sha256, code_sha256, args_sha256;
    std::vector<OutputFile> outputs;
    std::vector<std::string> outputs_refused;
    /// What the engine of a joint run said last, also where it was killed; empty without one. Not in the JSON object.
    std::string engine_report;
    /// How it left `SandboxEngine::kept`: secret.
    std::string engine_kept;

    /// The operator ended by itself with 0.
    bool succeeded() const noexcept { return outcome == Outcome::exited && exit_code == 0; }
    /// The report as one JSON object (without the log and the engine's report).
    std::string to_json() const;
};

/// Makes control characters, escapes and invalid UTF-8 harmless for a terminal.
std::string sanitise_log(std::string_view log);

/// A started operator. Destroying it kills the whole process tree.
class SandboxRun {
public:
    /// Waits for the end and collects the outputs. May be called once.
    virtual Result<Report> wait() = 0;
    /// Kills the whole tree; `wait` then reports `cancelled`. Thread-safe.
    virtual void cancel() = 0;
    /// The newest checkpoint of the engine, if there is one with a number above `after`; also after the end.
    /// Thread-safe.
    virtual std::optional<EngineCheckpoint> engine_checkpoint([[maybe_unused]] std::uint64_t after) const { return {}; }
    virtual ~SandboxRun() = default;
};

/// What `Sandbox::open` takes.
struct SandboxOptions {
    /// The helper program. Empty: C2D_SANDBOX_HELPER of the environment, else `c2d-sandbox-helper` in libexec
    /// of this library and program or beside them.
    std::filesystem::path helper = {};
    std::shared_ptr<Logger> logger = {};
    /// A cgroup v2 directory that this process may write (systemd: Delegate=yes); empty: looks for
    /// one, then for cgroup v1. Without any, memory is only polled and the report says `soft`.
    std::filesystem::path cgroup = {};
};

/// Starts operators. Safe for concurrent use.
class Sandbox {
public:
    /// Finds the helper and removes cgroups that a killed host left. Fails with `not_found`.
    static Result<Sandbox> open(SandboxOptions options = {});
    /// Usable only after a sandbox made by `open` was assigned to it.
    Sandbox() = default;
    /// Starts a run. Fails with `layer_unavailable`, `invalid_argument` (bad names, zero limits),
    /// `not_found` (helper or input missing) or `io`; then nothing is left behind.
    Result<std::unique_ptr<SandboxRun>> start(const SandboxJob& job) const;
    /// `start` and `wait`; `cancel` ends it early.
    Result<Report> run(const SandboxJob& job, const CancelToken* cancel = nullptr) const;
    /// What each layer would be on this machine, with hints. Tries, does not guess.
    std::vector<LayerStatus> probe() const;

private:
    struct State;
    std::shared_ptr<const State> state_;
};

}  // namespace c2d
