#include "sandbox/monitor.hpp"

#include "base/call_scope.hpp"
#include "base/checkpoint_area.hpp"
#include "base/engine_start.hpp"
#include "base/fail.hpp"
#include "base/secret.hpp"
#include "base/try.hpp"
#include "crypto/hash.hpp"
#include "sandbox/collector.hpp"
#include "sandbox/job_plan.hpp"
#include "sandbox/system_call_filter.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>
#include <cxxabi.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

namespace c2d::sandbox {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// A helper that has not started the operator by then never will; copying large inputs counts.
constexpr std::chrono::minutes kSetupTime{10};
constexpr std::chrono::seconds kGivingUpTime{10};
constexpr std::chrono::hours kForever{24 * 366};
constexpr milliseconds kTokenTime{20};

bool send_kill(int handle) noexcept {
    return ::syscall(SYS_pidfd_send_signal, handle, SIGKILL, nullptr, 0) == 0 || errno == ESRCH;
}

bool has_ended(int handle) noexcept {
    pollfd polled{handle, POLLIN, 0};
    return ::poll(&polled, 1, 0) == 1;
}

std::string kernel_release() {
    utsname names{};
    return ::uname(&names) == 0 ? fmt::format("{} {}", names.sysname, names.release) : "";
}

}  // namespace

void KillSwitch::kill_tree() const noexcept {
    if (!init_) return;
    // The second way is for a host that has given up the right to signal: any byte will do.
    if (!send_kill(init_.get())) ::send(control_.get(), "k", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

Monitor::Monitor(const RunContext& context, const SandboxJob& job, const std::atomic<bool>& cancelled)
    : context_(context),
      cancelled_(cancelled),
      limits_(job.limits),
      target_(job.outputs),
      output_names_(job.output_names),
      log_(job.limits.log_bytes),
      on_log_(job.on_log) {
    for (int i = 0; i < kLayerCount; ++i) layers_[std::size_t(i)].layer = Layer(i);
    report_.kernel = kernel_release();
    report_.code_sha256 = sha256(as_bytes(job.code));
    report_.args_sha256 = sha256(as_bytes(job.args_json));
}

Result<Unit> Monitor::start(const SandboxJob& job) {
    auto launched = launch(job);
    if (!launched) {
        stop(Outcome::setup_failed);
        wait_for_all();
        return launched;
    }
    const auto until = steady_clock::now() + kSetupTime;
    while (!failed_ && !all_ended() && !(started_ && init_handle_)) {
        const bool over = CallScope::over();
        if (!over && steady_clock::now() < until) {
            poll_once(CallScope::watched() ? std::min<Time>(until, steady_clock::now() + kTokenTime) : until);
            continue;
        }
        failed_ = over ? CallScope::error("the start of the sandbox")
                       : fail(Status::TIMEOUT, "the sandbox was not ready within {} minutes", kSetupTime.count());
        stop(Outcome::setup_failed);
    }
    if (!failed_ && !started_)
        failed_ = fail(Status::IO,
                       "the sandbox helper {} ended before the operator started: killed, or not the "
                       "one that was installed with this library; reinstall it",
                       context_.helper->path().string());
    if (!failed_) {
        begun_ = steady_clock::now();
        deadline_ = begun_ + limits_.wall;
        return Unit{};
    }
    wait_for_all();
    return *failed_;
}

Result<Unit> Monitor::launch(const SandboxJob& job) {
    const auto wanted = [&](Layer which) { return !(context_.left_out & 1u << int(which)); };
    cgroup_.emplace(Cgroup::create(limits_, context_.cgroup, wanted(Layer::memory_hard), wanted(Layer::pids_hard)));
    const auto state = [&](Layer which, bool hard) {
        return hard ? LayerStatus::State::on : wanted(which) ? LayerStatus::State::soft : LayerStatus::State::off;
    };
    layer(Layer::memory_hard).state = state(Layer::memory_hard, cgroup_->memory_hard());
    layer(Layer::memory_hard).error_number = cgroup_->memory_error();
    layer(Layer::pids_hard).state = state(Layer::pids_hard, cgroup_->processes_hard());
    layer(Layer::pids_hard).error_number = cgroup_->processes_error();
    C2D_TRY(ControlPair control, make_control_pair());
    int log[2];
    if (::pipe2(log, O_CLOEXEC) != 0) return fail(Status::IO, "cannot make a pipe: {}", errno_text(errno));
    log_fd_ = Fd(log[0]);
    const Fd log_end(log[1]);
    // Only our end: the operator's must block, so that a slow host loses no line.
    ::fcntl(log_fd_.get(), F_SETFL, O_NONBLOCK);
    control_ = std::move(control.host);
    C2D_TRY(helper_, context_.helper->spawn(control.helper.get()));
    helper_handle_ = Fd(int(::syscall(SYS_pidfd_open, helper_, 0)));
    if (!helper_handle_) {
        const int error = errno;
        ::kill(helper_, SIGKILL);
        return fail(Status::UNSUPPORTED, "pidfd_open failed: {}", errno_text(error));
    }
    return send_plan(job, control_.get(), log_end.get());
}

Result<Unit> Monitor::send_plan(const SandboxJob& job, int control, int log) {
    PlanContext context;
    context.log_fd = log;
    context.cgroups = cgroup_->join_descriptors();
    context.memory_hard = cgroup_->memory_hard();
    context.processes_hard = cgroup_->processes_hard();
    context.cgroup_directory = cgroup_->birth_directory();
    context.probe = context_.probe;
    context.left_out = context_.left_out;
    C2D_TRY(const SystemCallFilter* filter, system_call_filter(context.memory_hard));
    context.filter = filter->program;
    report_.seccomp_sha256 = filter->sha256;
    Fd engine_program;
    if (job.engine) {
        C2D_TRY(const SystemCallFilter* engine_filter, engine_call_filter());
        context.engine_filter = engine_filter->program;
        C2D_TRY(engine_program, open_engine(job.engine->program, context_.helper->path()));
        std::string content = job.engine->start;
        if (!job.engine->kept.empty()) content.resize(kEngineMemoryBytes);
        content += job.engine->kept;
        engine_kept_bytes_ = job.engine->kept_bytes;
        checkpoint_bytes_ = job.engine->checkpoint_bytes;
        const std::size_t before = kEngineMemoryBytes + engine_kept_bytes_;
        if (!job.engine->checkpoints.empty()) content.resize(before);
        content += job.engine->checkpoints;
        auto memory = shared_memory("c2d-engine", content, before + checkpoint_bytes_);
        clear_secret(content.data(), content.size());
        C2D_TRY(engine_memory_, std::move(memory));
        context.engine_program = engine_program.get();
        context.engine_start = engine_memory_.get();
    }
    C2D_TRY(JobPlan plan, make_job_plan(job, context));
    C2D_TRY(const std::string bytes, encode_plan(plan.plan));
    C2D_TRY(const Fd memory, sealed_memory("c2d-plan", bytes));
    plan.descriptors[0] = memory.get();
    return send_descriptors(control, plan.descriptors);
}

CheckpointReader Monitor::checkpoint_reader() const {
    if (checkpoint_bytes_ == 0) return {};
    return CheckpointReader(Fd(::fcntl(engine_memory_.get(), F_DUPFD_CLOEXEC, 0)),
                            kEngineMemoryBytes + engine_kept_bytes_, checkpoint_bytes_);
}

namespace {

bool read_at(int fd, std::size_t from, std::span<std::uint8_t> out) {
    for (std::size_t done = 0; done < out.size();) {
        const auto got = ::pread(fd, out.data() + done, out.size() - done, off_t(from + done));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        done += std::size_t(got);
    }
    return true;
}

std::optional<CheckpointHead> head_at(int fd, std::size_t at, std::size_t half) {
    std::array<std::uint8_t, CheckpointHead::kBytes> bytes;
    if (!read_at(fd, at, bytes)) return {};
    const auto head = CheckpointHead::of(bytes);
    return head.is_whole(half) ? std::optional(head) : std::nullopt;
}

}  // namespace

/// What changes while it is read is none: the next look finds it.
std::optional<EngineCheckpoint> CheckpointReader::newest(std::uint64_t after) const {
    std::optional<EngineCheckpoint> out;
    if (!memory_) return out;
    const std::size_t half = bytes_ / 2;
    for (const std::uint64_t which : {0u, 1u}) {
        const std::size_t at = from_ + checkpoint_half(bytes_, which);
        const auto head = head_at(memory_.get(), at, half);
        if (!head || head->first <= after || head->first % 2 != which || (out && out->number > head->first)) continue;
        EngineCheckpoint one{head->first, std::string(std::size_t(head->bytes), '\0')};
        auto* const bytes = reinterpret_cast<std::uint8_t*>(one.bytes.data());
        const bool read = read_at(memory_.get(), at + CheckpointHead::kBytes, {bytes, one.bytes.size()});
        if (read && head_at(memory_.get(), at, half) == head) std::swap(out.emplace(), one);
        clear_secret(one.bytes.data(), one.bytes.size());
    }
    return out;
}

KillSwitch Monitor::kill_switch() const {
    return KillSwitch(Fd(::fcntl(init_handle_.get(), F_DUPFD_CLOEXEC, 0)),
                      Fd(::fcntl(control_.get(), F_DUPFD_CLOEXEC, 0)));
}

/// Waits until something happens, at most until `until`, and deals with it.
void Monitor::poll_once(Time until) {
    const auto left = duration_cast<milliseconds>(until - steady_clock::now()).count() + 1;
    // poll leaves out what has a negative descriptor. The supervisor reaps init and ends after it,
    // so init is of interest only when that one was killed.
    pollfd polled[] = {{log_fd_ ? log_fd_.get() : -1, POLLIN, 0},
                       {control_closed_ ? -1 : control_.get(), POLLIN, 0},
                       {helper_ended_ ? -1 : helper_handle_.get(), POLLIN, 0},
                       {helper_ended_ && init_handle_ ? init_handle_.get() : -1, POLLIN, 0}};
    if (::poll(polled, 4, int(std::clamp<std::int64_t>(left, 0, INT_MAX))) < 0) return;
    if (polled[0].revents) read_log(16);
    if (polled[1].revents) read_messages();
    if (polled[2].revents) {
        helper_ended_ = true;
        while (::waitpid(helper_, nullptr, 0) < 0 && errno == EINTR) {
        }
        // It reaps init first, or was killed before it could tell of one.
        read_messages();
        if (!init_handle_) init_ended_ = true;
    }
    if (helper_ended_ && init_handle_ && has_ended(init_handle_.get())) init_ended_ = true;
}

void Monitor::read_messages() {
    while (!control_closed_) {
        auto message = receive_message(control_.get(), control_closed_);
        if (!message) return;
        handle_message(std::move(*message));
    }
}

void Monitor::handle_message(ControlMessage message) {
    const auto& body = message.body;
    switch (body.type) {
        case C2D_MESSAGE_LAYERS_ON: return note_layers_on(body);
        case C2D_MESSAGE_LAYER_OFF: return note_layer_off(body);
        case C2D_MESSAGE_NOTE:
            context_.logger->log(LogLevel::info, fmt::format("sandbox: {}: {}", body.text, errno_text(body.error)));
            return;
        case C2D_MESSAGE_FAILED:
            if (!failed_) failed_ = failure_of(body);
            if (const auto which = layer_from(body.layer); which && body.failure == C2D_FAILURE_LAYER)
                layer(*which).error_number = body.error;
            return;
        case C2D_MESSAGE_INIT: init_handle_ = std::move(message.descriptor); return;
        case C2D_MESSAGE_STARTED: started_ = true; return;
        case C2D_MESSAGE_SAMPLE: return handle_sample(body);
        case C2D_MESSAGE_ENDED:
            note_usage(body);
            outputs_ = std::move(message.descriptor);
            ended_ = body;
            return;
        default: return;
    }
}

void Monitor::note_layers_on(const c2d_message& body) {
    for (auto& status : layers_)
        if (body.value & 1u << int(status.layer)) status.state = LayerStatus::State::on;
    report_.landlock_abi = body.status;
}

void Monitor::note_layer_off(const c2d_message& body) {
    const auto which = layer_from(body.layer);
    if (!which) return;
    layer(*which).state = LayerStatus::State::off;
    layer(*which).error_number = body.error;
    context_.logger->log(LogLevel::warn, fmt::format("sandbox: running without layer {}: {}: {}", layer_name(*which),
                                                     body.text, errno_text(body.error)));
}

void Monitor::note_usage(const c2d_message& body) {
    cpu_us_ = std::max(cpu_us_, body.cpu_us);
    memory_bytes_ = std::max(memory_bytes_, body.memory_bytes);
    tasks_ = std::max(tasks_, body.tasks);
}

void Monitor::handle_sample(const c2d_message& body) {
    note_usage(body);
    if (cpu_us_ > std::uint64_t(limits_.cpu.count()) * 1000) stop(Outcome::cpu_limit);
    const bool over = cgroup_->memory_hard() ? cgroup_->memory_kills() > 0 : body.memory_bytes > limits_.memory_bytes;
    if (over) stop(Outcome::memory_limit);
}

/// A bounded number of reads, so that a flood of log does not hold up the clock.
void Monitor::read_log(int rounds) {
    char buffer[65536];
    while (log_fd_ && rounds-- > 0) {
        const auto got = ::read(log_fd_.get(), buffer, sizeof buffer);
        if (got > 0) {
            log_.append({buffer, std::size_t(got)});
            pass_on({buffer, std::size_t(got)});
        } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
            log_fd_.reset();
        } else {
            return;
        }
    }
}

/// Whoever listens ends no run.
void Monitor::pass_on(std::string_view log) {
    try {
        if (on_log_) on_log_(log);
    } catch (const abi::__forced_unwind&) {
        throw;  // the thread's end, as an interpreter that ends makes it
    } catch (...) {
        on_log_ = nullptr;
    }
}

/// The first reason counts; killing is repeated.
void Monitor::stop(Outcome why) {
    if (!stopped_) stopped_ = why;
    if (init_handle_)
        kill_switch().kill_tree();
    else if (helper_handle_)
        send_kill(helper_handle_.get());
    if (cgroup_) cgroup_->kill_all();
}

void Monitor::wait_for_all() {
    if (helper_ > 0 && !helper_handle_) {
        while (::waitpid(helper_, nullptr, 0) < 0 && errno == EINTR) {
        }
        helper_ended_ = init_ended_ = true;
    }
    // A helper that gave up ends by itself, init first; killing the supervisor before it has told
    // of init would leave nothing to wait for.
    const auto give_up_at = steady_clock::now() + kGivingUpTime;
    while (helper_handle_ && !all_ended()) {
        poll_once(stopped_ ? steady_clock::now() + kForever : give_up_at);
        if (!stopped_ && steady_clock::now() >= give_up_at) stop(Outcome::setup_failed);
    }
    read_log(INT_MAX);
    cgroup_.reset();
}

void Monitor::check_cancel(const CancelToken* cancel) {
    if (stopped_ || !((cancel && cancel->cancelled()) || CallScope::over())) return;
    token_cancelled_ = true;
    stop(Outcome::cancelled);
}

Result<Report> Monitor::finish(const CancelToken* cancel) {
    while (!all_ended()) {
        Time until = stopped_ ? steady_clock::now() + kForever : deadline_;
        // A token is a flag without anything to wait on.
        const bool may_be_cancelled = cancel || CallScope::watched();
        if (may_be_cancelled && !stopped_) until = std::min(until, steady_clock::now() + kTokenTime);
        poll_once(until);
        if (may_be_cancelled && !all_ended()) check_cancel(cancel);
        if (!all_ended() && !stopped_ && steady_clock::now() >= deadline_) stop(Outcome::wall_timeout);
    }
    report_.wall = duration_cast<milliseconds>(steady_clock::now() - begun_);
    read_log(INT_MAX);
    fill_usage(report_);
    classify_outcome(report_);
    report_.layers = layers();
    report_.log = log_.text();
    report_.log_bytes_total = log_.total();
    if (engine_memory_) {
        std::string& said = report_.engine_report;
        said.resize(kEngineMemoryBytes + engine_kept_bytes_);
        // What stands behind that are checkpoints, which have a reader of their own.
        if (!read_at(engine_memory_.get(), 0, {reinterpret_cast<std::uint8_t*>(said.data()), said.size()}))
            return fail(Status::IO, "cannot read what the engine says: {}", errno_text(errno));
        report_.engine_kept = report_.engine_report.substr(kEngineMemoryBytes);
        clear_secret(report_.engine_report.data() + kEngineMemoryBytes, engine_kept_bytes_);
        report_.engine_report.resize(std::min(report_.engine_report.find('\0'), report_.engine_report.size()));
    }
    C2D_CHECK(collect(report_));
    cgroup_.reset();
    return std::move(report_);
}

void Monitor::fill_usage(Report& report) const {
    const auto cpu_us = ended_ ? std::max(cpu_us_, ended_->cpu_us) : cpu_us_;
    report.cpu = milliseconds(cpu_us / 1000);
    report.memory_peak_bytes = std::max({memory_bytes_, ended_ ? ended_->value : 0, cgroup_->memory_peak_bytes()});
}

void Monitor::classify_outcome(Report& report) const {
    const auto set_outcome = [&report](Outcome outcome, std::string detail) {
        report.outcome = outcome;
        report.detail = std::move(detail);
    };
    if (ended_ && WIFEXITED(ended_->status)) report.exit_code = WEXITSTATUS(ended_->status);
    if (ended_ && WIFSIGNALED(ended_->status)) report.signal = WTERMSIG(ended_->status);
    const bool cpu_spent = report.cpu >= limits_.cpu;
    const bool ended_well = ended_ && report.exit_code == 0;
    // Without a cgroup nobody counts refusals; the operator itself is gone at the last sample.
    const bool crowded = cgroup_->processes_hard() ? cgroup_->process_refusals() > 0 : tasks_ + 1 >= limits_.processes;
    if (!ended_ && (cancelled_ || token_cancelled_)) return set_outcome(Outcome::cancelled, "cancelled");
    if (cgroup_->memory_kills() > 0 || (!ended_ && stopped_ == Outcome::memory_limit))
        return set_outcome(Outcome::memory_limit,
                           fmt::format("passed the memory limit of {} bytes", limits_.memory_bytes));
    if (!ended_ && stopped_ == Outcome::wall_timeout)
        return set_outcome(Outcome::wall_timeout,
                           fmt::format("passed the wall clock limit of {} ms", limits_.wall.count()));
    if ((!ended_ && stopped_ == Outcome::cpu_limit) || report.signal == SIGXCPU ||
        (report.signal == SIGKILL && cpu_spent))
        return set_outcome(Outcome::cpu_limit,
                           fmt::format("passed the processor time limit of {} ms", limits_.cpu.count()));
    if (!ended_) return set_outcome(Outcome::setup_failed, "the sandbox was ended from outside");
    if (report.signal == SIGXFSZ) return set_outcome(Outcome::file_size_limit, "passed the file size limit");
    if (!ended_well && crowded)
        return set_outcome(Outcome::process_limit,
                           fmt::format("failed at the limit of {} processes", limits_.processes));
    if (report.signal != 0)
        return set_outcome(Outcome::signaled,
                           fmt::format("ended by signal {} ({})", report.signal, ::strsignal(report.signal)));
    set_outcome(Outcome::exited, fmt::format("exited with code {}", report.exit_code));
}

Result<Unit> Monitor::collect(Report& report) {
    if (!report.succeeded() || !outputs_ || context_.probe) return Unit{};
    C2D_TRY(Collected collected, collect_outputs(outputs_.get(), limits_, output_names_, target_));
    report.outputs = std::move(collected.files);
    report.outputs_refused = std::move(collected.refused);
    if (report.outputs_refused.empty()) return Unit{};
    report.outcome = Outcome::outputs_rejected;
    report.detail = fmt::format("output refused: {}", report.outputs_refused.front());
    return Unit{};
}

std::vector<LayerStatus> Monitor::layers() const {
    std::vector<LayerStatus> out(layers_.begin(), layers_.end());
    for (auto& status : out)
        if (status.state != LayerStatus::State::on && status.error_number != 0)
            status.hint = layer_hint(status.layer, status.error_number);
    return out;
}

Error Monitor::failure_of(const c2d_message& body) const {
    const auto words = errno_text(body.error);
    switch (body.failure) {
        case C2D_FAILURE_LAYER:
            if (const auto which = layer_from(body.layer)) return layer_error(*which, body.error, body.text);
            break;
        case C2D_FAILURE_MOUNT:
            return fail(body.error == ESTALE ? Status::CONFLICT : Status::IO, "sandbox: {}: {}", body.text, words);
        case C2D_FAILURE_EXEC:
            return fail(body.error == ENOENT ? Status::NOT_FOUND : Status::INVALID_ARGUMENT, "{} in the sandbox: {}",
                        body.text, words);
        case C2D_FAILURE_PLAN: return fail(Status::INTERNAL, "the sandbox helper refused the plan: {}", body.text);
        default: break;
    }
    return fail(Status::IO, "sandbox setup: {}: {}", body.text, words);
}

}  // namespace c2d::sandbox
