#include "provider/runs/active_run.hpp"

namespace c2d::provider {

bool ActiveRun::cancel(RunEndKind why) {
    const std::lock_guard lock(mutex_);
    if (closed_) return false;
    if (!why_) why_ = why;
    token_.cancel();
    if (sandbox_) sandbox_->cancel();
    return true;
}

void ActiveRun::attach(SandboxRun* sandbox) {
    const std::lock_guard lock(mutex_);
    sandbox_ = sandbox;
    if (sandbox_ && token_.cancelled()) sandbox_->cancel();
}

std::optional<RunEndKind> ActiveRun::cancelled_as() const {
    const std::lock_guard lock(mutex_);
    return why_;
}

bool ActiveRun::is_closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
}

EndedRun ActiveRun::close(EndedRun ended) {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    if (ended.end.kind == RunEndKind::cancelled && why_) ended.end.kind = *why_;
    return ended;
}

}  // namespace c2d::provider
