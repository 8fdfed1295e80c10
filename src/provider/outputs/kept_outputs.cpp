#include "provider/outputs/kept_outputs.hpp"

#include "artifact/store.hpp"
#include "base/beneath.hpp"
#include "base/fail.hpp"
#include "base/fail_point.hpp"
#include "base/try.hpp"

#include <algorithm>
#include <cerrno>
#include <unistd.h>

namespace c2d::provider {

namespace fs = std::filesystem;

namespace {

/// Left out of core dumps, and cleared.
Result<SecretBytes> read_kept_file(const PlainFile& file) {
    if (file.bytes > kArtifactBytesMax)
        return fail(Status::LIMIT, "an artifact may have {} bytes, found {}", kArtifactBytesMax, file.bytes);
    SecretBytes out{std::size_t(file.bytes)};
    for (std::size_t done = 0; done < out.size();) {
        const auto got = ::pread(file.fd.get(), out.span().data() + done, out.size() - done, off_t(done));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return fail(Status::IO, "an output cannot be read: {}", got < 0 ? errno_text(errno) : "it ended");
        done += std::size_t(got);
    }
    return out;
}

ReceiptArtifact for_receipt(const Artifact& artifact) {
    return {artifact.name, artifact.kind, {}, artifact.bytes, artifact.sha256, artifact.binding};
}

bool is_of(const Artifact& artifact, const JobRun& run) {
    return artifact.job_id == run.job_id && artifact.party == run.party && artifact.algo_dt == run.algo_dt;
}

}  // namespace

Result<ArtifactStore> open_artifacts(const ProviderOptions& options) {
    return ArtifactStore::open(artifact_folder(options.exec_dirpath, options.organisation),
                               {options.clock, options.random, options.artifact_key});
}

Result<std::optional<artifact::ArtifactKey>> hold_token_key(const ProviderOptions& options) {
    std::optional<artifact::ArtifactKey> out;
    if (!artifact::is_in_token(options.artifact_key)) return out;
    auto opened = artifact::ArtifactKey::open(options.artifact_key);
    if (!opened) {
        Error error = opened.error();
        error.message = "the artifact key: " + error.message;
        return error;
    }
    if (const auto warning = opened->warning(); !warning.empty()) options.logger->log(LogLevel::warn, warning);
    out = *std::move(opened);
    return out;
}

Result<Unit> check_output_sizes(const JobTerms& terms, const Report& report) {
    for (const auto& file : report.outputs) {
        const auto bound = terms.output_bytes_max.find(file.name);
        if (bound != terms.output_bytes_max.end() && file.bytes > bound->second)
            return fail(Status::LIMIT, "the output {} may have {} bytes as its template declares it, found {}",
                        file.name, bound->second, file.bytes);
    }
    return Unit{};
}

namespace {

Result<std::vector<ReceiptArtifact>> seal_outputs(const ArtifactStore& store, const JobRun& run, const JobTerms& terms,
                                                  const std::vector<KeptRecordBytes>& kept) {
    C2D_TRY(const Fd folder, open_folder(run.folder));
    std::vector<ReceiptArtifact> out;
    for (const auto& name : terms.kept_names) {
        const auto file = open_plain_file_beneath(folder.get(), "outputs/" + name);
        const auto shares = std::ranges::find(kept, name, &KeptRecordBytes::name);
        if (!file && file.status() != Status::NOT_FOUND) return file.error();
        if (!file && shares == kept.end()) continue;
        C2D_TRY(const auto content, file ? read_kept_file(*file) : Result<SecretBytes>(SecretBytes()));
        Artifact draft;
        draft.job_id = run.job_id;
        draft.party = run.party;
        draft.algo_dt = run.algo_dt;
        draft.name = name;
        draft.kind = shares == kept.end() ? "file" : "model";
        if (shares != kept.end()) draft.binding = shares->binding;
        const BytesView kept_bytes = shares == kept.end() ? BytesView() : BytesView(shares->bytes);
        C2D_TRY(const auto sealed, store.impl().seal(std::move(draft), content.view(), kept_bytes));
        out.push_back(for_receipt(sealed));
    }
    return out;
}

}  // namespace

Result<std::vector<ReceiptArtifact>> keep_outputs(const ProviderOptions& options, const JobRun& run,
                                                  const JobTerms& terms, const std::vector<KeptRecordBytes>& kept) {
    for (const auto& record : kept)
        if (std::ranges::find(terms.kept_names, record.name) == terms.kept_names.end())
            return fail(Status::CONFLICT, "the operator kept \"{}\", which its template does not declare as kept",
                        record.name);
    C2D_TRY(const auto store, open_artifacts(options));
    auto out = seal_outputs(store, run, terms, kept);
    fail_point("outputs_kept");
    // Half of what a run was to keep is of no use to anybody.
    if (!out) (void)store.impl().sweep([&run](const Artifact& one) { return !is_of(one, run); });
    return out;
}

void remove_kept_files(const JobRun& run, const JobTerms& terms) {
    std::error_code ignored;
    for (const auto& name : terms.kept_names) fs::remove(fs::path(run.folder) / "outputs" / name, ignored);
}

void remove_outputs(const JobRun& run) {
    std::error_code error;
    if (run.folder.empty()) return;
    for (fs::directory_iterator entry(fs::path(run.folder) / "outputs", error), end; !error && entry != end;
         entry.increment(error))
        fs::remove_all(entry->path(), error);
}

Result<Unit> sweep_artifacts(const ProviderOptions& options, JobStore& store) {
    std::error_code ignored;
    if (!fs::is_directory(artifact_folder(options.exec_dirpath, options.organisation), ignored)) return Unit{};
    C2D_TRY(const auto artifacts, open_artifacts(options));
    C2D_TRY(const auto removed, artifacts.impl().sweep([&store](const Artifact& one) {
        const auto run = store.run(one.job_id, one.party);
        const bool known = run && *run && is_of(one, **run);
        return !known || ((*run)->state != RunState::failed && (*run)->state != RunState::cancelled);
    }));
    if (removed > 0)
        options.logger->log(LogLevel::warn,
                            fmt::format("{} artifacts of runs that did not succeed were removed", removed));
    return Unit{};
}

}  // namespace c2d::provider
