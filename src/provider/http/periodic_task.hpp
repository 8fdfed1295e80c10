/// Something that is done again and again, with a pause between, on a thread of its own.
#pragma once

#include <c2d/environment.hpp>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace c2d::provider {

class PeriodicTask {
public:
    /// What `task` waits for within a `CallScope` is given up when this goes. It must not throw.
    PeriodicTask(std::chrono::milliseconds pause, std::function<void()> task);
    ~PeriodicTask();
    PeriodicTask(const PeriodicTask&) = delete;
    PeriodicTask& operator=(const PeriodicTask&) = delete;

private:
    void run();

    const std::chrono::milliseconds pause_;
    const std::function<void()> task_;
    CancelToken ending_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace c2d::provider
