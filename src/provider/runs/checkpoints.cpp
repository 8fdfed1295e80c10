#include "provider/runs/checkpoints.hpp"

#include "artifact/store.hpp"
#include "base/checkpoint_area.hpp"
#include "base/fail.hpp"
#include "base/fail_point.hpp"
#include "base/kept_region.hpp"
#include "base/secret.hpp"
#include "base/try.hpp"
#include "base/version.hpp"
#include "crypto/hash.hpp"

#include <algorithm>
#include <charconv>

namespace c2d::provider {

namespace fs = std::filesystem;

namespace {

constexpr const char* kFolderPrefix = "checkpoints_";
constexpr std::string_view kName = "checkpoint.";
/// Of one run, and of all together.
constexpr std::size_t kOfRunMax = 3;
constexpr std::uint64_t kAllBytesMax = std::uint64_t(1) << 30;
constexpr std::chrono::milliseconds kLook{200};

fs::path folder_of(const ProviderOptions& options) {
    return options.exec_dirpath / (kFolderPrefix + hex_text(options.organisation).substr(2, 8));
}

/// Under a key of their own, which stands where that of the artifacts does; or under that itself, where it is in a
/// token.
Result<ArtifactStore> open_store(const ProviderOptions& options) {
    fs::path key = options.artifact_key;
    if (!key.empty() && !artifact::is_in_token(key)) key += ".checkpoints";
    return ArtifactStore::open(folder_of(options), {options.clock, options.random, key});
}

bool is_of(const Artifact& artifact, const JobRun& run) {
    return artifact.job_id == run.job_id && artifact.party == run.party && artifact.algo_dt == run.algo_dt;
}

/// Which one it is: "checkpoint.ATTEMPT.NUMBER".
std::pair<std::uint64_t, std::uint64_t> order_of(const Artifact& one) {
    std::pair<std::uint64_t, std::uint64_t> out{0, 0};
    if (!one.name.starts_with(kName)) return out;
    const char* const end = one.name.data() + one.name.size();
    const auto first = std::from_chars(one.name.data() + kName.size(), end, out.first);
    if (first.ptr != end) (void)std::from_chars(first.ptr + 1, end, out.second);
    return out;
}

/// The newest first.
std::vector<Artifact> of_run(std::vector<Artifact> all, const JobRun& run) {
    std::erase_if(all, [&](const Artifact& one) { return one.destroyed || !is_of(one, run); });
    std::ranges::sort(all, std::greater{}, order_of);
    return all;
}

/// What must be as it was: the files that the operator reads, and the c2d that wrote it.
std::string circumstances(const std::vector<ReceiptFile>& inputs) {
    Sha256 hash;
    for (const ReceiptFile& input : inputs) {
        hash.update(as_bytes(fmt::format("{} {} ", input.name, input.bytes)));
        hash.update(input.sha256);
    }
    return fmt::format("{} {}", kVersionText, hex_text(hash.finish()));
}

Result<KeptRecordBytes> open_one(const ArtifactStore& store, const Artifact& one, std::string_view expected) {
    C2D_TRY(const auto bytes, store.impl().open(one.sha256));
    C2D_TRY(const auto package, artifact::decode_package(bytes.view()));
    if (as_text(package.file) != expected)
        return fail(Status::CONFLICT, "it was written over other inputs, or by another c2d");
    KeptRecordBytes out{one.name, package.binding, {}};
    out.bytes.assign(package.shares.begin(), package.shares.end());
    return out;
}

Result<std::vector<KeptRecordBytes>> open_all(const ProviderOptions& options, const JobRun& run,
                                              std::string_view expected) {
    std::vector<KeptRecordBytes> out;
    std::error_code ignored;
    if (run.attempt < 2 || !fs::is_directory(folder_of(options), ignored)) return out;
    C2D_TRY(const auto store, open_store(options));
    C2D_TRY(auto all, store.list());
    for (const Artifact& one : of_run(std::move(all), run)) {
        if (out.size() == kOfRunMax) break;
        auto opened = open_one(store, one, expected);
        if (opened)
            out.push_back(*std::move(opened));
        else
            options.logger->log(LogLevel::warn, fmt::format("job {} party {}: {} is of no use: {}", run.job_id,
                                                            run.party, one.name, opened.error().message));
    }
    return out;
}

Result<Unit> seal(const ProviderOptions& options, const JobRun& run, const EngineCheckpoint& checkpoint,
                  std::string_view expected) {
    C2D_TRY(const auto store, open_store(options));
    C2D_TRY(const auto before, store.list());
    std::uint64_t bytes = checkpoint.bytes.size();
    for (const Artifact& one : before) bytes += one.bytes;
    if (bytes > kAllBytesMax)
        return fail(Status::LIMIT, "all checkpoints may have {} bytes, with this one they have {}", kAllBytesMax,
                    bytes);
    Artifact draft;
    draft.job_id = run.job_id;
    draft.party = run.party;
    draft.algo_dt = run.algo_dt;
    draft.name = fmt::format("{}{}.{}", kName, run.attempt, checkpoint.number);
    draft.kind = "checkpoint";
    C2D_CHECK(store.impl().seal(std::move(draft), as_bytes(expected), as_bytes(checkpoint.bytes)));
    fail_point("checkpoint_sealed");
    C2D_TRY(auto all, store.list());
    auto mine = of_run(std::move(all), run);
    mine.resize(std::min(mine.size(), kOfRunMax));
    C2D_CHECK(store.impl().sweep([&](const Artifact& one) {
        return !is_of(one, run) || std::ranges::find(mine, one.sha256, &Artifact::sha256) != mine.end();
    }));
    return Unit{};
}

}  // namespace

void add_checkpoint_memory(const ProviderOptions& options, const JobRun& run, const std::vector<ReceiptFile>& inputs,
                           SandboxEngine& engine) {
    engine.checkpoint_bytes = kCheckpointAreaBytes;
    const auto found = open_all(options, run, circumstances(inputs));
    if (!found)
        return options.logger->log(LogLevel::warn, fmt::format("job {} party {}: no checkpoints: {}", run.job_id,
                                                               run.party, found.error().message));
    clear_secret(engine.checkpoints.data(), engine.checkpoints.size());
    engine.checkpoints.clear();
    if (found->empty()) return;
    engine.checkpoints.resize(kept_region_bytes(*found));
    const std::span<std::uint8_t> region(reinterpret_cast<std::uint8_t*>(engine.checkpoints.data()),
                                         engine.checkpoints.size());
    if (engine.checkpoints.size() > kCheckpointAreaBytes || !write_kept_region(*found, region))
        engine.checkpoints.clear();
}

CheckpointKeeper::CheckpointKeeper(const ProviderOptions& options, const JobRun& run,
                                   const std::vector<ReceiptFile>& inputs, const SandboxRun& sandbox)
    : options_(options), run_(run), inputs_(inputs), sandbox_(sandbox), thread_([this] { watch(); }) {}

void CheckpointKeeper::finish() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void CheckpointKeeper::watch() {
    std::unique_lock lock(mutex_);
    for (bool last = false; !last;) {
        last = changed_.wait_for(lock, kLook, [this] { return ending_; });
        lock.unlock();
        look();
        lock.lock();
    }
}

void CheckpointKeeper::look() {
    auto found = sandbox_.engine_checkpoint(sealed_);
    if (!found) return;
    sealed_ = found->number;
    const auto done = seal(options_, run_, *found, circumstances(inputs_));
    clear_secret(found->bytes.data(), found->bytes.size());
    options_.logger->log(done ? LogLevel::debug : LogLevel::warn,
                         fmt::format("job {} party {}: checkpoint {} of attempt {}{}", run_.job_id, run_.party,
                                     found->number, run_.attempt, done ? "" : " is not kept: " + done.error().message));
}

Result<Unit> sweep_checkpoints(const ProviderOptions& options, JobStore& store) {
    std::error_code ignored;
    if (!fs::is_directory(folder_of(options), ignored)) return Unit{};
    C2D_TRY(const auto checkpoints, open_store(options));
    C2D_CHECK(checkpoints.impl().sweep([&store](const Artifact& one) {
        const auto run = store.run(one.job_id, one.party);
        if (!run) return true;
        return *run && is_of(one, **run) && (!is_final((*run)->state) || (*run)->waits_for_attempt());
    }));
    return Unit{};
}

}  // namespace c2d::provider
