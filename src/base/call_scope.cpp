#include "base/call_scope.hpp"

#include "base/fail.hpp"

#include <algorithm>

namespace c2d {

namespace {

thread_local CallScope* current = nullptr;

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

bool CallScope::over() noexcept {
    return current && (std::chrono::steady_clock::now() >= current->deadline_ || current->cancelled());
}

std::chrono::milliseconds CallScope::patience(std::chrono::milliseconds otherwise) noexcept {
    if (!current) return otherwise;
    if (over()) return std::chrono::milliseconds(0);
    if (current->deadline_ == kNever) return otherwise;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(current->deadline_ - std::chrono::steady_clock::now());
    return std::clamp(left, std::chrono::milliseconds(0), otherwise);
}

Error CallScope::error(std::string_view waited_for) {
    if (current && current->cancelled()) return fail(Status::CANCELLED, "{} was given up", waited_for);
    return fail(Status::TIMEOUT, "{} took longer than the request may", waited_for);
}

}  // namespace c2d
