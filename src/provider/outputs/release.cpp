#include "provider/outputs/release.hpp"

#include "base/file.hpp"
#include "base/try.hpp"
#include "provider/state/answers.hpp"

#include <c2d/sandbox.hpp>

#include <filesystem>

namespace c2d::provider {

using json::Value;

namespace {

/// The end of a log that is released in full.
constexpr std::size_t kLogBytesMax = std::size_t(512) * 1024;
constexpr std::size_t kLogTailBytes = 8192;
constexpr std::size_t kLogFileBytesMax = std::size_t(64) << 20;

}  // namespace

Result<Value> released_log(const JobRun& run, bool owner) {
    Value body = run_status(run, owner);
    const bool revoked = run.end && run.end->kind == RunEndKind::revoked;
    const std::string release = owner ? "full" : revoked ? "none" : run.release_log;
    body.set("release", release);
    if (release == "none" || run.folder.empty() || !is_final(run.state)) return body;
    auto stored = read_file(std::filesystem::path(run.folder) / "log", kLogFileBytesMax);
    // A run that was cut off by a crash has none.
    if (!stored && stored.status() == Status::NOT_FOUND) return body;
    C2D_TRY(std::string log, std::move(stored));
    const auto keep = release == "tail" ? kLogTailBytes : kLogBytesMax;
    if (log.size() > keep) log.erase(0, log.size() - keep);
    body.set("log", sanitise_log(log));
    return body;
}

}  // namespace c2d::provider
