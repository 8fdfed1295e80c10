/// When a provider that is waited for is asked again.
#pragma once

#include <c2d/result.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <string_view>

namespace c2d::client {

/// How far a run has come, in the order of its states; nothing for a word that is none of them.
std::optional<std::size_t> progress_of(std::string_view state);

/// A pause that grows: each question is a signed request, of which a provider remembers some thousands.
class Pause {
public:
    void reset() { next_ = kFirst; }
    std::chrono::milliseconds next();

private:
    static constexpr std::chrono::milliseconds kFirst{500}, kLast{10'000};
    std::chrono::milliseconds next_ = kFirst;
};

/// How long it is tolerated that a provider does not answer: one that starts anew is back by then. Somebody who did not
/// prove to be the provider and says that it is busy counts as silence, too: a provider that is has no time to sign,
/// and whoever is not it may say so for ever.
class Silence {
public:
    using Time = std::chrono::steady_clock::time_point;
    static constexpr std::chrono::minutes kTolerated{10};
    /// After a question without an answer; false: no more.
    bool tolerate(Time now);
    /// After an answer.
    void reset() { since_.reset(); }

private:
    std::optional<Time> since_;
};

/// Whether a question that failed is asked again: a provider that proves itself and has no room for it is asked for
/// ever, a silent one for a while.
bool may_be_asked_again(const Error& error, Silence& silence);

/// The pauses between questions about the parts of a job. None after an answer that took its time, nor after one that a
/// part has come further than it ever was, of which there are few: whatever else providers answer at once, the
/// pauses grow.
class WaitPace {
public:
    /// After `part` was said to be in `state` (empty: that was not answered).
    std::chrono::milliseconds after(std::size_t part, std::string_view state, std::chrono::nanoseconds took);

private:
    Pause pause_;
    std::map<std::size_t, std::size_t> furthest_;
};

}  // namespace c2d::client
