/// SIGHUP as a call.
#pragma once

#include <atomic>
#include <csignal>
#include <functional>
#include <thread>

namespace c2d::tools {

/// Blocks the signal in this thread and those it starts from now on; make one before any other thread.
class HangupSignal {
public:
    HangupSignal() {
        sigemptyset(&signals_);
        sigaddset(&signals_, SIGHUP);
        pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    }
    ~HangupSignal() { stop(); }
    HangupSignal(const HangupSignal&) = delete;
    HangupSignal& operator=(const HangupSignal&) = delete;

    /// Calls `hung_up`, on a thread of its own, for each signal from now on and one that came before.
    void start(std::function<void()> hung_up) {
        thread_ = std::thread([this, hung_up = std::move(hung_up)] {
            for (int signal = 0;;) {
                sigwait(&signals_, &signal);
                if (ending_) return;
                hung_up();
            }
        });
    }
    /// Returns when no call is under way, and none follows.
    void stop() {
        if (!thread_.joinable()) return;
        ending_ = true;
        // NOLINTNEXTLINE(bugprone-bad-signal-to-kill-thread): the thread waits for it, and nothing is killed
        pthread_kill(thread_.native_handle(), SIGHUP);
        thread_.join();
    }

private:
    sigset_t signals_;
    std::atomic<bool> ending_ = false;
    std::thread thread_;
};

}  // namespace c2d::tools
