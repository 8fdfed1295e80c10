#include "client/attempts.hpp"

#include "base/display_text.hpp"
#include "base/fail.hpp"

#include <c2d/reason.hpp>

#include <algorithm>

namespace c2d::client {

namespace {

bool succeeded(const JobPart& part) { return part.state == "succeeded"; }

/// Providers say both, so each is within the bound that the other one gives.
bool may_follow(const JobPart& part) { return part.again && part.attempt < part.attempts_max; }

Error conflict(std::string message) {
    Error error = fail(Status::CONFLICT, "{}", message);
    error.name = reason_name(Reason::state_conflict);
    return error;
}

std::string told(const JobPart& part) {
    return fmt::format("party {} at {} is {}{}{} in attempt {} of {}", part.party, display_text(part.endpoint),
                       display_text(part.state), part.outcome.empty() ? "" : ", ", display_text(part.outcome),
                       part.attempt, part.attempts_max);
}

/// What stands in the way of any other attempt.
const JobPart* obstacle(const std::vector<PartSeen>& parts, bool joint) {
    for (const auto& [dt, part] : parts)
        if (part && part->ended() && !may_follow(*part) && (joint || !succeeded(*part))) return &*part;
    return nullptr;
}

}  // namespace

Result<NextAttempt> next_attempt(std::uint64_t job_id, const std::vector<PartSeen>& parts, bool joint) {
    NextAttempt out;
    bool is_under_way = false;
    std::uint32_t ended = 0;
    for (const auto& [dt, part] : parts) {
        if (part && !part->ended()) out.number = std::max(out.number, part->attempt);
        if (part && part->ended() && !succeeded(*part)) ended = std::max(ended, part->attempt);
        is_under_way |= part && !part->ended();
    }
    if (const JobPart* const part = obstacle(parts, joint))
        return conflict(fmt::format("job {} is not tried again: {}; register another job", job_id, told(*part)));
    // The others are still asked for the attempt that is under way somewhere.
    if (!is_under_way) out.number = ended + 1;
    for (const auto& [dt, part] : parts) {
        const bool is_left = !part || (part->again && part->attempt < out.number);
        // Its other data sets may not have been asked for yet.
        const bool waits = part && part->state == "waiting" && part->attempt == out.number;
        if (is_left || waits) out.parts.push_back(dt);
    }
    const bool any_left = std::ranges::any_of(parts, [&](const PartSeen& seen) {
        return !seen.part || (seen.part->again && seen.part->attempt < out.number);
    });
    if (any_left) return out;
    return conflict(fmt::format("job {}: {}", job_id,
                                is_under_way
                                    ? "attempt " + std::to_string(out.number) + " is under way at every provider"
                                    : std::string("every part has succeeded")));
}

bool may_try_again(const std::vector<JobPart>& parts, bool joint) {
    const auto ends_well = [joint](const JobPart& part) {
        return part.ended() && (may_follow(part) || (!joint && succeeded(part)));
    };
    return std::ranges::all_of(parts, ends_well) && std::ranges::any_of(parts, may_follow);
}

Result<Unit> check_taken(std::uint64_t job_id, const std::vector<JobPart>& parts, std::uint32_t attempt) {
    const auto before = std::ranges::find_if(
        parts, [attempt](const JobPart& part) { return may_follow(part) && part.attempt < attempt; });
    if (before == parts.end()) return Unit{};
    return fail(Status::CORRUPT,
                "{} took attempt {} of job {}, and says that attempt {} has ended and another one may follow: expected "
                "attempt {}; it is asked for no other one",
                display_text(before->endpoint), attempt, job_id, before->attempt, attempt);
}

}  // namespace c2d::client
