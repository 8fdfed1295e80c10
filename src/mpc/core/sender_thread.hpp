/// A thread beside the one that computes. It takes slots in the order in which they were filled, so
/// that one batch is sent while the next is computed.
#pragma once

#include <c2d/environment.hpp>
#include <c2d/types.hpp>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace c2d::mpc {

/// Used by one thread; `work` runs on another, or on the caller's where no other can be started.
class SenderThread {
public:
    using Work = std::function<Result<Unit>(std::size_t slot)>;
    SenderThread(std::size_t slots, Work work);
    /// Waits for the slot that is worked on; those behind it are dropped.
    ~SenderThread();
    SenderThread(const SenderThread&) = delete;
    SenderThread& operator=(const SenderThread&) = delete;

    /// The slot to fill next, once that is free. Fails as `work` did.
    Result<std::size_t> slot();
    /// That slot is filled. Fails only where the caller's thread does the work.
    Result<Unit> push();
    /// Waits until all that was pushed is worked off. Fails as `work` did.
    Result<Unit> drain();

private:
    void run();
    Result<Unit> work(std::size_t slot);
    /// Waits until no more than `left` slots are filled.
    Result<Unit> wait_for(std::size_t left);

    const std::size_t slots_;
    const Work work_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t pushed_ = 0, done_ = 0;
    bool ending_ = false;
    std::optional<Error> failure_;
    CancelToken ending_early_;
    std::thread thread_;
};

}  // namespace c2d::mpc
