/// What somebody who waits for a job is told meanwhile.
#pragma once

#include "base/display_text.hpp"

#include <c2d/client.hpp>

#include <algorithm>
#include <chrono>

namespace c2d::client {

/// Tells of parts as they change, and now and then that nothing did.
class WaitProgress {
public:
    explicit WaitProgress(const Progress& progress) : progress_(progress) {}

    void report(const std::vector<JobPart>& parts) {
        if (!progress_) return;
        const auto ended = std::uint64_t(std::ranges::count_if(parts, &JobPart::ended));
        told_.resize(parts.size());
        for (std::size_t i = 0; i < parts.size(); ++i) {
            auto line = line_of(parts[i]);
            if (line == told_[i]) continue;
            say(ended, parts.size(), line);
            told_[i] = std::move(line);
        }
        const auto now = SteadyClock::now();
        if (now - spoken_ <= kSignOfLife) return;
        const auto elapsed = std::chrono::duration_cast<std::chrono::seconds>(now - started_);
        say(ended, parts.size(), fmt::format("{} s, {} of {} parts ended", elapsed.count(), ended, parts.size()));
    }

    /// Something that concerns all parts.
    void say(const std::vector<JobPart>& parts, const std::string& line) {
        if (progress_) say(0, parts.size(), line);
    }

private:
    using SteadyClock = std::chrono::steady_clock;
    static constexpr std::chrono::seconds kSignOfLife{15};

    static std::string line_of(const JobPart& part) {
        const std::string silent =
            part.unanswered ? fmt::format(", does not answer ({})", status_name(part.unanswered->status)) : "";
        const std::string attempt =
            part.attempts_max > 1 ? fmt::format(", attempt {} of {}", part.attempt, part.attempts_max) : "";
        return fmt::format("party {} at {}: {}{}{}{}{}", part.party, display_text(part.endpoint),
                           display_text(part.state), part.outcome.empty() ? "" : ", ", display_text(part.outcome),
                           attempt, silent);
    }

    void say(std::uint64_t ended, std::size_t parts, const std::string& line) {
        progress_(ended, parts, line);
        spoken_ = SteadyClock::now();
    }

    const Progress& progress_;
    const SteadyClock::time_point started_ = SteadyClock::now();
    SteadyClock::time_point spoken_ = started_;
    /// What was told of each part last; no more, since providers choose the texts.
    std::vector<std::string> told_;
};

}  // namespace c2d::client
