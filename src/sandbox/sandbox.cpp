#include <c2d/sandbox.hpp>

#include "base/defaults.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "sandbox/cgroup.hpp"
#include "sandbox/job_check.hpp"
#include "sandbox/layers.hpp"
#include "sandbox/sandbox_process.hpp"

#include <cerrno>

namespace c2d {

struct Sandbox::State {
    sandbox::RunContext context;
};

Result<Sandbox> Sandbox::open(SandboxOptions options) {
    auto state = std::make_shared<State>();
    C2D_TRY(state->context.helper, sandbox::HelperImage::open(options.helper));
    use_defaults(options);
    state->context.logger = std::move(options.logger);
    state->context.cgroup = options.cgroup;
    sandbox::Cgroup::sweep(options.cgroup);
    Sandbox out;
    out.state_ = std::move(state);
    return out;
}

namespace {
Error not_open() { return fail(Status::INVALID_ARGUMENT, "this Sandbox was not made by open"); }
}  // namespace

Result<std::unique_ptr<SandboxRun>> Sandbox::start(const SandboxJob& job) const {
    if (!state_) return not_open();
    C2D_CHECK(sandbox::check_job(job));
    C2D_TRY(auto run, sandbox::SandboxProcess::start(state_->context, job));
    return std::unique_ptr<SandboxRun>(std::move(run));
}

Result<Report> Sandbox::run(const SandboxJob& job, const CancelToken* cancel) const {
    if (!state_) return not_open();
    C2D_CHECK(sandbox::check_job(job));
    // On this thread: it waits here anyway, and so outlives the helper.
    const std::atomic<bool> cancelled{false};
    sandbox::Monitor monitor(state_->context, job, cancelled);
    C2D_CHECK(monitor.start(job));
    return monitor.finish(cancel);
}

std::vector<LayerStatus> Sandbox::probe() const {
    if (!state_) return {};
    sandbox::RunContext context = state_->context;
    context.probe = true;
    const std::atomic<bool> cancelled{false};
    std::vector<LayerStatus> layers;
    // On a thread of its own like any run: the helper ends with the thread that started it.
    std::thread([&] {
        SandboxJob job;
        sandbox::Monitor monitor(context, job, cancelled);
        if (auto started = monitor.start(job)) {
            if (auto report = monitor.finish()) layers = report->layers;
        } else {
            layers = monitor.layers();
            context.logger->log(LogLevel::warn, "sandbox probe: " + started.error().message);
        }
    }).join();
    return layers;
}

}  // namespace c2d
