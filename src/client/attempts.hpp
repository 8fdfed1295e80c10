/// Which attempt at a job comes next, from what the providers of its parts say.
#pragma once

#include <c2d/client.hpp>

namespace c2d::client {

/// A part, as far as it concerns the next attempt.
struct PartSeen {
    TokenId dt;
    /// Nothing: its provider was never asked for the job.
    std::optional<JobPart> part;
};

struct NextAttempt {
    std::uint32_t number = 1;
    /// Whose providers are asked.
    std::vector<TokenId> parts;
};

/// Fails with `conflict` and the name `state_conflict` where there is none: nothing is left to start, or a part has
/// ended so that it is not tried again. `joint`: all parts are one computation.
Result<NextAttempt> next_attempt(std::uint64_t job_id, const std::vector<PartSeen>& parts, bool joint);

/// All have ended, and what has not succeeded may be tried again; where all parts are one computation, none has
/// succeeded.
bool may_try_again(const std::vector<JobPart>& parts, bool joint);

/// Fails with `corrupt` where a provider that took `attempt` says once more that an earlier one is the last: it would
/// be asked for ever.
Result<Unit> check_taken(std::uint64_t job_id, const std::vector<JobPart>& parts, std::uint32_t attempt);

}  // namespace c2d::client
