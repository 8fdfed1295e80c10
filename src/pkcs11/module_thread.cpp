#include "pkcs11/module_thread.hpp"

#include "base/call_scope.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>

namespace c2d::pkcs11 {

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::seconds kEndMax{1};

}  // namespace

struct ModuleThread::Task {
    Work work;
    bool done = false;
};

struct ModuleThread::Queue {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::shared_ptr<Task>> waiting;
    /// Since when the thread has been at what it does now; nothing while it waits.
    std::optional<SteadyClock::time_point> busy_since;
    bool stopping = false, ended = false;

    bool is_stalled(std::chrono::milliseconds after) const {
        return busy_since && SteadyClock::now() - *busy_since > after;
    }
};

ModuleThread::ModuleThread(std::chrono::milliseconds wait_max)
    : wait_max_(wait_max), queue_(std::make_shared<Queue>()), thread_([queue = queue_] { run(queue); }) {}

ModuleThread::~ModuleThread() {
    std::unique_lock lock(queue_->mutex);
    queue_->stopping = true;
    queue_->changed.notify_all();
    const bool ended = queue_->changed.wait_for(lock, kEndMax, [this] { return queue_->ended; });
    lock.unlock();
    ended ? thread_.join() : thread_.detach();
}

void ModuleThread::run(const std::shared_ptr<Queue>& queue) {
    std::unique_lock lock(queue->mutex);
    for (;;) {
        queue->changed.wait(lock, [&] { return queue->stopping || !queue->waiting.empty(); });
        if (queue->waiting.empty()) break;
        const auto task = std::move(queue->waiting.front());
        queue->waiting.pop_front();
        queue->busy_since = SteadyClock::now();
        lock.unlock();
        try {
            task->work();
        } catch (const std::exception&) {  // it gave no answer, which its caller says
        }
        task->work = {};
        lock.lock();
        queue->busy_since.reset();
        task->done = true;
        queue->changed.notify_all();
    }
    queue->ended = true;
    queue->changed.notify_all();
}

void ModuleThread::post(Work work) {
    const std::lock_guard lock(queue_->mutex);
    queue_->waiting.push_back(std::make_shared<Task>(Task{std::move(work)}));
    queue_->changed.notify_all();
}

Result<Unit> ModuleThread::wait_for(std::string_view what, Work work) {
    const CallScope scope(SteadyClock::now() + wait_max_, nullptr);
    std::unique_lock lock(queue_->mutex);
    if (queue_->is_stalled(wait_max_))
        return fail(Status::TIMEOUT, "{}: the module has not returned from an earlier call; is its device there?",
                    what);
    const auto task = std::make_shared<Task>(Task{std::move(work)});
    queue_->waiting.push_back(task);
    queue_->changed.notify_all();
    if (wait_within_scope(lock, queue_->changed, [&] { return task->done; })) return Unit{};
    // Not begun: it must not be done behind the caller's back.
    std::erase(queue_->waiting, task);
    return CallScope::error(fmt::format("{}: waiting for the module", what));
}

}  // namespace c2d::pkcs11
