/// How long a thread may spend on what it does for somebody, and who may end it: what a request's deadline,
/// a program's end and a signal to an interpreter reach locks, links, transports and pauses by, however deep
/// they stand.
///
/// It holds for the thread that made it, until it goes. Where there is none, nothing is bounded by it.
#pragma once

#include <c2d/environment.hpp>

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace c2d {

class CallScope {
public:
    using Moment = std::chrono::steady_clock::time_point;
    static constexpr Moment kNever = Moment::max();

    /// Within another scope of the thread, the earlier deadline and either token count. `cancel` may be
    /// null, and outlives the scope.
    CallScope(Moment deadline, const CancelToken* cancel) noexcept;
    ~CallScope();
    CallScope(const CallScope&) = delete;
    CallScope& operator=(const CallScope&) = delete;

    /// Whether this thread should give up what it waits for.
    static bool over() noexcept;
    /// The same, also where the interrupt function was asked just now: before a caller's function is called,
    /// which has no place for what a pending signal raises.
    static bool over_now() noexcept;
    /// Whether anything may end what this thread waits for, so that it has to look now and then.
    static bool watched() noexcept;
    /// Sleeps for `time`, or less when the scope is over.
    static void pause(std::chrono::milliseconds time) noexcept;
    /// What is left of `otherwise`; zero when the scope is over.
    static std::chrono::milliseconds time_left(std::chrono::milliseconds otherwise) noexcept;
    /// `cancelled` or `timeout`, of a scope that is over.
    static Error error(std::string_view waited_for);

    /// What calls of this thread ask while they wait; anything but 0 ends the call. Null: nothing.
    using Interrupt = int (*)(void* user_data);
    static void set_interrupt(Interrupt function, void* user_data) noexcept;

private:
    bool cancelled() const noexcept;
    static bool gave_up() noexcept;

    const Moment deadline_;
    const CancelToken* const cancel_;
    CallScope* const outer_;
};

/// Waits until `done`, and says whether it is: false when the scope is over. The interrupt function may call
/// into what `lock` guards, so it is asked without the lock.
template <class Done>
bool wait_within_scope(std::unique_lock<std::mutex>& lock, std::condition_variable& changed, Done done) {
    constexpr std::chrono::milliseconds kSlice{50};
    while (!changed.wait_for(lock, kSlice, done)) {
        lock.unlock();
        const bool over = CallScope::over();
        lock.lock();
        if (over) return done();
    }
    return true;
}

/// One call from outside of the library: the interrupt function is asked within calls alone, and its yes ends
/// the call in which it was asked.
class InterruptibleCall {
public:
    InterruptibleCall() noexcept;
    ~InterruptibleCall();
    InterruptibleCall(const InterruptibleCall&) = delete;
    InterruptibleCall& operator=(const InterruptibleCall&) = delete;

private:
    const bool outer_interrupted_;
};

}  // namespace c2d
