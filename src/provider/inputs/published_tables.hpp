/// What our documents say of our tables, held against what the tables are before an operator reads them.
#pragma once

#include <c2d/environment.hpp>
#include <c2d/job_verifier.hpp>

#include <mutex>
#include <set>

namespace c2d::provider {

/// Which files were found to be as stated, so that they are read once. Safe from any thread.
class PublishedTables {
public:
    /// Fails with `invalid_argument` and all differences, for the owner, where the file at `fd`, of this digest, has
    /// other columns than the input's document states, or cells that do not fit. Of inputs whose document states
    /// nothing nothing is read.
    Result<Unit> check(const JobInput& input, int fd, const Bytes32& sha256, const CancelToken* cancel);

private:
    /// More are forgotten.
    static constexpr std::size_t kKnownMax = 1024;

    std::mutex mutex_;
    std::set<Bytes32> known_;
};

}  // namespace c2d::provider
