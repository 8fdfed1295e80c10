/// SIGINT and SIGTERM, and others, as something to wait for.
#pragma once

#include <c2d/environment.hpp>

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <initializer_list>
#include <mutex>
#include <poll.h>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>

namespace c2d::tools {

/// Blocks the signals in this thread and those it starts from now on; make one before any other
/// thread. SIGPIPE is ignored: a closed connection is an error value.
class EndSignals {
public:
    explicit EndSignals(std::initializer_list<int> more = {}) {
        sigemptyset(&signals_);
        sigaddset(&signals_, SIGINT);
        sigaddset(&signals_, SIGTERM);
        for (const int signal : more) sigaddset(&signals_, signal);
        pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
        std::signal(SIGPIPE, SIG_IGN);
    }
    void wait() const {
        int signal = 0;
        sigwait(&signals_, &signal);
    }
    /// Whether one came within `time`.
    bool wait_for(std::chrono::milliseconds time) const {
        const timespec limit{time.count() / 1000, time.count() % 1000 * 1'000'000};
        return sigtimedwait(&signals_, nullptr, &limit) > 0;
    }

private:
    sigset_t signals_;
};

/// The end signals of a service, from its start on: whatever it waits for then, they cancel a token, and the
/// process ends in time. Make it before any other thread, destroy it after everything else.
class EndInTime {
public:
    /// `limit`: from the signal, or the end of what `finish_within` grants, to the destructor; then the process ends
    /// with 1.
    explicit EndInTime(std::chrono::seconds limit, std::initializer_list<int> more = {})
        : signals_(more), limit_(limit), thread_([this] { watch(); }) {}
    ~EndInTime() {
        {
            const std::lock_guard lock(mutex_);
            finished_ = true;
        }
        changed_.notify_all();
        // NOLINTNEXTLINE(bugprone-bad-signal-to-kill-thread): the thread waits for it, and nothing is killed
        if (!token_.cancelled()) pthread_kill(thread_.native_handle(), SIGTERM);
        thread_.join();
    }
    EndInTime(const EndInTime&) = delete;
    EndInTime& operator=(const EndInTime&) = delete;

    /// Cancelled by the first signal.
    const CancelToken& token() const noexcept { return token_; }
    /// What is under way has so long after the first signal, unless a second one comes.
    void finish_within(std::chrono::seconds time) {
        const std::lock_guard lock(mutex_);
        finish_ = time;
    }
    /// Cancelled when that time is over.
    const CancelToken& hurry() const noexcept { return hurry_; }
    /// Until a signal has come.
    void wait() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return token_.cancelled(); });
    }

private:
    /// Or not at all: where nobody reads, a thread may stand in the middle of a line, and keep others from theirs.
    static void say_at_once(std::string_view line) {
        pollfd polled{STDERR_FILENO, POLLOUT, 0};
        if (::poll(&polled, 1, 0) == 1 && (polled.revents & POLLOUT) != 0)
            (void)!::write(STDERR_FILENO, line.data(), line.size());
    }
    void grant_time(std::unique_lock<std::mutex>& lock) {
        constexpr std::chrono::milliseconds kLook{100};
        const auto until = std::chrono::steady_clock::now() + finish_;
        bool again = false;
        while (!again && !finished_ && std::chrono::steady_clock::now() < until) {
            lock.unlock();
            again = signals_.wait_for(kLook);
            lock.lock();
        }
        hurry_.cancel();
    }
    void watch() {
        signals_.wait();
        std::unique_lock lock(mutex_);
        token_.cancel();
        changed_.notify_all();
        grant_time(lock);
        if (changed_.wait_for(lock, limit_, [this] { return finished_; })) return;
        say_at_once("not everything ended within " + std::to_string(limit_.count()) + " s; what is stored is whole\n");
        std::_Exit(1);
    }

    const EndSignals signals_;
    const std::chrono::seconds limit_;
    std::chrono::seconds finish_{0};
    CancelToken token_, hurry_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool finished_ = false;
    std::thread thread_;
};

}  // namespace c2d::tools
