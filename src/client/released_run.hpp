/// The released outputs of one run: a signed manifest, then bytes in pieces, checked against it.
#pragma once

#include "client/provider_call.hpp"
#include "client/result_manifest.hpp"
#include "job/run_outputs.hpp"

#include <functional>

namespace c2d::client {

/// Takes the bytes of a file in their order. They count once the whole file was found to be right.
using ByteSink = std::function<Result<Unit>(BytesView)>;

class ReleasedRun {
public:
    /// Asks the provider of a run what it releases; nothing before the run succeeded.
    static Result<ReleasedRun> ask(const ProviderCall& call, const JobIdentity& job, const job::RunOutputs& run,
                                   std::uint64_t bytes_max);

    const job::RunOutputs& run() const noexcept { return run_; }
    const std::vector<ManifestFile>& files() const noexcept { return files_; }
    /// Reads one file. Fails with `corrupt` and the name `result_invalid` when the bytes are not
    /// those of the manifest.
    Result<Unit> read(const ProviderCall& call, const ManifestFile& file, const ByteSink& sink) const;

private:
    ReleasedRun(const job::RunOutputs& run, RequestBody request, std::string path)
        : run_(run), request_(std::move(request)), path_(std::move(path)) {}
    Result<std::string> read_piece(const ProviderCall& call, const ManifestFile& file, std::uint64_t first,
                                   std::uint64_t last) const;

    job::RunOutputs run_;
    RequestBody request_;
    std::string path_;
    std::vector<ManifestFile> files_;
};

}  // namespace c2d::client
