#include "client/wait_pace.hpp"

#include "client/job_parts.hpp"

#include <c2d/reason.hpp>

#include <algorithm>

namespace c2d::client {

std::optional<std::size_t> progress_of(std::string_view state) {
    static constexpr std::string_view kStates[] = {"waiting", "queued",    "preparing", "connecting",
                                                   "running", "succeeded", "failed",    "cancelled"};
    const auto* const found = std::ranges::find(kStates, state);
    return found == std::end(kStates) ? std::nullopt : std::optional(std::size_t(found - std::begin(kStates)));
}

std::chrono::milliseconds Pause::next() {
    const auto now = next_;
    next_ = std::min(2 * next_, kLast);
    return now;
}

bool Silence::tolerate(Time now) {
    if (!since_) since_ = now;
    return now - *since_ < kTolerated;
}

bool may_be_asked_again(const Error& error, Silence& silence) {
    if (error.name != reason_name(Reason::busy))
        return is_silence(error) && silence.tolerate(std::chrono::steady_clock::now());
    silence.reset();
    return true;
}

std::chrono::milliseconds WaitPace::after(std::size_t part, std::string_view state, std::chrono::nanoseconds took) {
    constexpr std::chrono::seconds kAtOnce{1};
    const auto progress = progress_of(state);
    const auto known = furthest_.find(part);
    if (progress && (known == furthest_.end() || *progress > known->second)) {
        furthest_[part] = *progress;
        pause_.reset();
        return {};
    }
    return took < kAtOnce ? pause_.next() : std::chrono::milliseconds(0);
}

}  // namespace c2d::client
