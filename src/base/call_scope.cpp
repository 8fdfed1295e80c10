#include "base/call_scope.hpp"

#include "base/fail.hpp"

#include <algorithm>
#include <thread>

namespace c2d {

namespace {

thread_local CallScope* current = nullptr;

/// Asking takes an interpreter's lock, so it is done rarely; a wait looks about as often.
constexpr std::chrono::milliseconds kAskEvery{20}, kSlice{50};

struct Interruption {
    CallScope::Interrupt function = nullptr;
    void* user_data = nullptr;
    unsigned calls = 0;
    /// The function may call into the library again; that is not asked about.
    bool asking = false;
    bool interrupted = false;
    CallScope::Moment asked{};

    bool ask(std::chrono::milliseconds every) noexcept {
        if (!function || calls == 0 || asking || interrupted) return interrupted && !asking;
        const auto now = std::chrono::steady_clock::now();
        if (now - asked < every) return false;
        asked = now;
        asking = true;
        interrupted = function(user_data) != 0;
        asking = false;
        return interrupted;
    }
};
thread_local Interruption interruption;

}  // namespace

CallScope::CallScope(Moment deadline, const CancelToken* cancel) noexcept
    : deadline_(current ? std::min(deadline, current->deadline_) : deadline), cancel_(cancel), outer_(current) {
    current = this;
}

CallScope::~CallScope() { current = outer_; }

bool CallScope::cancelled() const noexcept {
    for (const CallScope* scope = this; scope; scope = scope->outer_)
        if (scope->cancel_ && scope->cancel_->cancelled()) return true;
    return false;
}

bool CallScope::gave_up() noexcept { return interruption.interrupted || (current && current->cancelled()); }

bool CallScope::over_now() noexcept {
    (void)interruption.ask(std::chrono::milliseconds(0));
    return over();
}

bool CallScope::watched() noexcept { return current || (interruption.function && interruption.calls != 0); }

void CallScope::pause(std::chrono::milliseconds time) noexcept {
    const auto until = std::chrono::steady_clock::now() + time;
    for (auto now = std::chrono::steady_clock::now(); now < until && !over(); now = std::chrono::steady_clock::now())
        std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(until - now, kSlice));
}

void CallScope::set_interrupt(Interrupt function, void* user_data) noexcept {
    interruption.function = function;
    interruption.user_data = user_data;
}

InterruptibleCall::InterruptibleCall() noexcept : outer_interrupted_(interruption.interrupted) {
    if (!interruption.function) return;
    if (interruption.calls++ == 0) interruption.asked = std::chrono::steady_clock::now();
    interruption.interrupted = false;
}

InterruptibleCall::~InterruptibleCall() {
    interruption.interrupted = outer_interrupted_;
    if (interruption.calls != 0) --interruption.calls;
}

bool CallScope::over() noexcept {
    if (interruption.ask(kAskEvery)) return true;
    return current && (std::chrono::steady_clock::now() >= current->deadline_ || current->cancelled());
}

std::chrono::milliseconds CallScope::time_left(std::chrono::milliseconds otherwise) noexcept {
    if (over()) return std::chrono::milliseconds(0);
    if (!current || current->deadline_ == kNever) return otherwise;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(current->deadline_ - std::chrono::steady_clock::now());
    return std::max(std::min(left, otherwise), std::chrono::milliseconds(0));
}

Error CallScope::error(std::string_view waited_for) {
    if (gave_up()) return fail(Status::CANCELLED, "{} was given up", waited_for);
    return fail(Status::TIMEOUT, "{} took longer than the request may", waited_for);
}

}  // namespace c2d
