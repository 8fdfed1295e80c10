#include "mpc/core/sender_thread.hpp"

#include "base/call_scope.hpp"
#include "base/try.hpp"

#include <system_error>

namespace c2d::mpc {

SenderThread::SenderThread(std::size_t slots, Work work) : slots_(slots), work_(std::move(work)) {
    try {
        thread_ = std::thread([this] { run(); });
    } catch (const std::system_error&) {
        // A sandbox may allow no more threads. `push` does the work, then.
    }
}

SenderThread::~SenderThread() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void SenderThread::run() {
    const CallScope scope(CallScope::kNever, &ending_early_);
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [&] { return ending_ || done_ != pushed_; });
        if (ending_) return;
        const std::size_t slot = done_ % slots_;
        lock.unlock();
        auto done = work(slot);
        lock.lock();
        if (!done) failure_ = std::move(done).error();
        ++done_;
        changed_.notify_all();
        if (failure_) return;
    }
}

Result<Unit> SenderThread::work(std::size_t slot) {
    try {
        return work_(slot);
    } catch (const std::exception& error) {
        // Out of memory, in practice. Nothing above a thread would catch it.
        return Error(Status::INTERNAL, error.what());
    }
}

Result<Unit> SenderThread::wait_for(std::size_t left) {
    std::unique_lock lock(mutex_);
    if (!wait_within_scope(lock, changed_, [&] { return failure_ || pushed_ - done_ <= left; })) {
        ending_early_.cancel();  // the slot that is worked on may wait for a peer
        return CallScope::error("the computation");
    }
    if (failure_) return *failure_;
    return Unit{};
}

Result<std::size_t> SenderThread::slot() {
    C2D_CHECK(wait_for(slots_ - 1));
    return pushed_ % slots_;
}

Result<Unit> SenderThread::push() {
    if (!thread_.joinable()) {
        const std::size_t slot = pushed_++ % slots_;
        ++done_;
        return work(slot);
    }
    {
        const std::lock_guard lock(mutex_);
        ++pushed_;
    }
    changed_.notify_all();
    return Unit{};
}

Result<Unit> SenderThread::drain() { return wait_for(0); }

}  // namespace c2d::mpc
