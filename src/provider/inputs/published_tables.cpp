#include "provider/inputs/published_tables.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "crypto/hash.hpp"
#include "query/unnamed_file.hpp"
#include "table/stated_schema.hpp"

namespace c2d::provider {

namespace {

/// So many are told in the log; all are counted.
constexpr std::size_t kToldMax = 100;

Bytes32 key_of(const JobInput& input, const Bytes32& file) {
    Sha256 hash;
    hash.update(file);
    hash.update(as_bytes(input.schema));
    return hash.finish();
}

Error differs(const JobInput& input, const table::CheckReport& report) {
    std::string told;
    for (std::size_t i = 0; i < std::min(kToldMax, report.problems.size()); ++i)
        told += (told.empty() ? "" : "; ") + table::problem_text(report.problems[i]);
    return fail(Status::INVALID_ARGUMENT,
                "inputs/{} is not what the document of {} states (attributes.schema), {} differences: {}", input.name,
                token_text(input.dt), report.problem_count, told);
}

}  // namespace

Result<Unit> PublishedTables::check(const JobInput& input, int fd, const Bytes32& sha256, const CancelToken* cancel) {
    if (input.schema.empty() || input.origin) return Unit{};
    const auto key = key_of(input, sha256);
    {
        const std::lock_guard lock(mutex_);
        if (known_.contains(key)) return Unit{};
    }
    C2D_TRY(const auto stated, table::parse_schema(input.schema));
    C2D_TRY(const auto report, table::check_stated(query::path_of(fd), stated, "it", cancel));
    if (!report.usable()) return differs(input, report);
    const std::lock_guard lock(mutex_);
    if (known_.size() >= kKnownMax) known_.clear();
    known_.insert(key);
    return Unit{};
}

}  // namespace c2d::provider
