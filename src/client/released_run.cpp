#include "client/released_run.hpp"

#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "crypto/hash.hpp"

namespace c2d::client {

namespace {

Error wrong_bytes(const std::string& endpoint, const ManifestFile& file, const std::string& expected,
                  const std::string& found) {
    Error error = fail(Status::CORRUPT, "{} sent other bytes of {} than it had announced: expected {}, found {}",
                       display_text(endpoint), file.name, expected, found);
    error.source = endpoint;
    error.name = kResultInvalid;
    return error;
}

}  // namespace

Result<ReleasedRun> ReleasedRun::ask(const ProviderCall& call, const JobIdentity& job, const job::RunOutputs& run,
                                     std::uint64_t bytes_max) {
    RequestBody request;
    request.method = Method::result;
    request.audience = run.owner;
    request.dt = run.dt;
    request.job_id = job.id;
    ReleasedRun out(run, request, fmt::format("/v1/jobs/{}/result", job.id));
    C2D_TRY(const auto response, call.get({run.endpoint, out.path_, {}}, request));
    C2D_TRY(const auto body, read_run_answer(run.endpoint, response, job));
    auto files = read_manifest(body, run.names, bytes_max);
    if (!files) {
        Error error = files.error();
        error.message = fmt::format("the result of party {} at {} is not taken: {}", run.party,
                                    display_text(run.endpoint), error.message);
        error.source = run.endpoint;
        return error;
    }
    out.files_ = *std::move(files);
    return out;
}

/// Signed are status and body: the size must be the one asked for, and the file's digest binds the
/// rest.
Result<std::string> ReleasedRun::read_piece(const ProviderCall& call, const ManifestFile& file, std::uint64_t first,
                                            std::uint64_t last) const {
    const auto range = fmt::format("bytes={}-{}", first, last);
    C2D_TRY(auto response, call.get({run_.endpoint, path_ + "/" + file.name, range}, request_));
    constexpr int kPartialContent = 206;
    if (response.status != kPartialContent) {
        const auto refused = read_json_answer(run_.endpoint, response);
        if (!refused && !refused.error().name.empty()) return refused.error();
        return wrong_bytes(run_.endpoint, file, "status 206", fmt::format("{}", response.status));
    }
    if (response.body.size() != last - first + 1)
        return wrong_bytes(run_.endpoint, file, fmt::format("{} bytes from {}", last - first + 1, first),
                           fmt::format("{}", response.body.size()));
    return std::move(response.body);
}

Result<Unit> ReleasedRun::read(const ProviderCall& call, const ManifestFile& file, const ByteSink& sink) const {
    Sha256 hash;
    for (std::uint64_t offset = 0; offset < file.bytes;) {
        const auto end = std::min(offset + job::kResultPieceBytes, file.bytes);
        C2D_TRY(const auto piece, read_piece(call, file, offset, end - 1));
        hash.update(as_bytes(piece));
        C2D_CHECK(sink(as_bytes(piece)));
        offset = end;
    }
    if (const auto found = hash.finish(); found != file.sha256)
        return wrong_bytes(run_.endpoint, file, "SHA-256 " + hex_text(file.sha256), hex_text(found));
    return Unit{};
}

}  // namespace c2d::client
