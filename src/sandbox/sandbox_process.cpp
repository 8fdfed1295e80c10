#include "sandbox/sandbox_process.hpp"

#include "base/call_scope.hpp"
#include "base/fail.hpp"

#include <csignal>
#include <pthread.h>
#include <system_error>

namespace c2d::sandbox {

namespace {

/// Signals are for the program's own threads; one that is started under this mask gets none.
class SignalsBlocked {
public:
    SignalsBlocked() {
        sigset_t all;
        sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

private:
    sigset_t before_;
};

}  // namespace

Result<std::unique_ptr<SandboxProcess>> SandboxProcess::start(const RunContext& context, const SandboxJob& job) {
    auto run = std::make_unique<SandboxProcess>();
    SandboxProcess& self = *run;
    try {
        const SignalsBlocked blocked;
        // `job` lives until `started_` is set, and is not looked at afterwards.
        self.thread_ = std::thread([&self, context, &job] {
            Monitor monitor(context, job, self.cancelled_);
            self.supervise(monitor, job);
        });
    } catch (const std::system_error& error) {
        return fail(Status::IO, "cannot start a thread: {}", error.what());
    }
    std::unique_lock lock(self.mutex_);
    const bool in_time = wait_within_scope(lock, self.changed_, [&] { return self.started_.has_value(); });
    // `job` is looked at until it is.
    if (!in_time) self.cancelled_ = true;
    self.changed_.wait(lock, [&] { return self.started_.has_value(); });
    if (self.started_->ok()) return run;
    Error why = self.started_->error();
    lock.unlock();
    return why;
}

void SandboxProcess::supervise(Monitor& monitor, const SandboxJob& job) {
    auto started = monitor.start(job);
    const bool runs = started.ok();
    {
        const std::lock_guard lock(mutex_);
        if (runs) kill_ = monitor.kill_switch();
        if (runs) checkpoints_ = monitor.checkpoint_reader();
        started_ = std::move(started);
        changed_.notify_all();
    }
    if (!runs) return;
    auto report = monitor.finish();
    const std::lock_guard lock(mutex_);
    finished_ = std::move(report);
    changed_.notify_all();
}

SandboxProcess::~SandboxProcess() {
    if (!thread_.joinable()) return;
    cancel();
    thread_.join();
}

Result<Report> SandboxProcess::wait() {
    std::unique_lock lock(mutex_);
    if (waited_) return fail(Status::INVALID_ARGUMENT, "wait may be called once per run");
    waited_ = true;
    if (!wait_within_scope(lock, changed_, [&] { return finished_.has_value(); })) {
        waited_ = false;
        return CallScope::error("waiting for the run");
    }
    return *std::move(finished_);
}

std::optional<EngineCheckpoint> SandboxProcess::engine_checkpoint(std::uint64_t after) const {
    const std::lock_guard lock(mutex_);
    return checkpoints_.newest(after);
}

void SandboxProcess::cancel() {
    const std::lock_guard lock(mutex_);
    if (finished_) return;
    cancelled_ = true;
    kill_.kill_tree();
}

}  // namespace c2d::sandbox
