/// How long a thread may spend on what it does for somebody, and who may end it: what a request's deadline
/// and a program's end reach locks, transports and pauses by, however deep they stand.
///
/// It holds for the thread that made it, until it goes. Where there is none, nothing is bounded by it.
#pragma once

#include <c2d/environment.hpp>

#include <chrono>

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
    /// What is left of `otherwise`; zero when the scope is over.
    static std::chrono::milliseconds patience(std::chrono::milliseconds otherwise) noexcept;
    /// `cancelled` or `timeout`, of a scope that is over.
    static Error error(std::string_view waited_for);

private:
    bool cancelled() const noexcept;

    const Moment deadline_;
    const CancelToken* const cancel_;
    CallScope* const outer_;
};

}  // namespace c2d
