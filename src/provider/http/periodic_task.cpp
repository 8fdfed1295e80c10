#include "provider/http/periodic_task.hpp"

#include "base/call_scope.hpp"

namespace c2d::provider {

PeriodicTask::PeriodicTask(std::chrono::milliseconds pause, std::function<void()> task)
    : pause_(pause), task_(std::move(task)), thread_([this] { run(); }) {}

PeriodicTask::~PeriodicTask() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        ending_.cancel();
    }
    wake_.notify_all();
    thread_.join();
}

void PeriodicTask::run() {
    const CallScope scope(CallScope::kNever, &ending_);
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        lock.unlock();
        task_();
        lock.lock();
        wake_.wait_for(lock, pause_, [this] { return stopping_; });
    }
}

}  // namespace c2d::provider
