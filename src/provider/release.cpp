#include "provider/release.hpp"

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/try.hpp"
#include "codec/base64url.hpp"
#include "provider/answers.hpp"

#include <c2d/sandbox.hpp>

#include <filesystem>

namespace c2d::provider {

using json::Value;

namespace {

/// What a solver gets of one job's outputs and log.
constexpr std::size_t kReleaseBytesMax = std::size_t(1) << 20;
constexpr std::size_t kLogTailBytes = 8192;
constexpr std::size_t kLogFileBytesMax = std::size_t(64) << 20;

Error too_large(const Run& run) {
    Error error = fail(Status::LIMIT, "the outputs of job {} pass {} bytes", run.job_id, kReleaseBytesMax);
    error.name = reason_name(Reason::result_too_large);
    return error;
}

}  // namespace

Result<Value> released_log(const Run& run, bool owner) {
    Value body = run_status(run);
    const std::string release = owner ? "full" : run.release_log;
    body.set("release", release);
    if (release == "none" || run.folder.empty() || !is_final(run.state)) return body;
    auto stored = read_file(std::filesystem::path(run.folder) / "log", kLogFileBytesMax);
    // A run that was cut off by a crash has none.
    if (!stored && stored.status() == Status::NOT_FOUND) return body;
    C2D_TRY(std::string log, std::move(stored));
    const auto keep = release == "tail" ? kLogTailBytes : kReleaseBytesMax / 2;
    if (log.size() > keep) log.erase(0, log.size() - keep);
    body.set("log", sanitise_log(log));
    return body;
}

Result<Value> released_files(const Run& run) {
    Value body = run_status(run);
    json::Array files;
    std::size_t total = 0;
    for (const auto& name : run.outputs) {
        if (run.state != RunState::succeeded) break;
        auto content = read_file(std::filesystem::path(run.folder) / "outputs" / name, kReleaseBytesMax);
        if (!content && content.status() == Status::NOT_FOUND) continue;
        if (!content && content.status() == Status::LIMIT) return too_large(run);
        if (!content) return content.error();
        total += content->size();
        if (total > kReleaseBytesMax) return too_large(run);
        files.push_back(Value::object({{"name", name},
                                       {"bytes", std::uint64_t(content->size())},
                                       {"content", base64url_encode(as_bytes(*content))}}));
    }
    body.set("files", std::move(files));
    return body;
}

}  // namespace c2d::provider
