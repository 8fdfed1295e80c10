#include "provider/outputs/results.hpp"

#include "base/beneath.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "crypto/hash.hpp"
#include "job/run_outputs.hpp"
#include "provider/state/answers.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <unistd.h>

namespace c2d::provider {

using json::Value;

namespace {

struct Output {
    std::string name;
    PlainFile file;
};

/// The named outputs that are there, within the bound.
Result<std::vector<Output>> open_outputs(const JobRun& run, std::uint64_t bytes_max) {
    std::vector<Output> outputs;
    if (run.state != RunState::succeeded) return outputs;
    C2D_TRY(const Fd folder, open_folder(run.folder));
    std::uint64_t total = 0;
    for (const auto& name : run.outputs) {
        auto file = open_plain_file_beneath(folder.get(), "outputs/" + name);
        if (!file && file.status() == Status::NOT_FOUND) continue;
        if (!file) return file.error();
        if (file->bytes > bytes_max - total)
            return refused(Reason::result_too_large, fmt::format("job {}", run.job_id),
                           fmt::format("at most {} bytes of outputs (release_bytes_max)", bytes_max), "more");
        total += file->bytes;
        outputs.push_back({name, *std::move(file)});
    }
    return outputs;
}

/// Exactly the bytes of a range: a file that has become shorter is no file of this run.
Result<std::string> read_range(int fd, const ByteRange& range) {
    std::string bytes(std::size_t(range.last - range.first + 1), '\0');
    for (std::size_t done = 0; done < bytes.size();) {
        const auto got = ::pread(fd, bytes.data() + done, bytes.size() - done, off_t(range.first + done));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return fail(Status::IO, "an output cannot be read: {}", got < 0 ? errno_text(errno) : "it ended");
        done += std::size_t(got);
    }
    return bytes;
}

Result<Bytes32> sha256_of(const PlainFile& file) {
    constexpr std::uint64_t kPart = std::uint64_t(256) * 1024;
    Sha256 hash;
    for (std::uint64_t offset = 0; offset < file.bytes;) {
        const auto end = std::min(offset + kPart, file.bytes);
        C2D_TRY(const auto part, read_range(file.fd.get(), {offset, end - 1}));
        hash.update(as_bytes(part));
        offset = end;
    }
    return hash.finish();
}

}  // namespace

Result<Value> result_manifest(const JobRun& run, std::uint64_t bytes_max) {
    C2D_TRY(const auto outputs, open_outputs(run, bytes_max));
    json::Array files;
    for (const auto& output : outputs) {
        C2D_TRY(const auto sha256, sha256_of(output.file));
        files.push_back(
            Value::object({{"name", output.name}, {"bytes", output.file.bytes}, {"sha256", hex_text(sha256)}}));
    }
    Value body = run_status(run);
    body.set("files", std::move(files));
    return body;
}

std::optional<ByteRange> parse_byte_range(std::string_view text) {
    constexpr std::string_view kUnit = "bytes=";
    if (!text.starts_with(kUnit)) return std::nullopt;
    const char* const end = text.data() + text.size();
    ByteRange range;
    const auto first = std::from_chars(text.data() + kUnit.size(), end, range.first);
    if (first.ec != std::errc() || first.ptr == end || *first.ptr != '-') return std::nullopt;
    const auto last = std::from_chars(first.ptr + 1, end, range.last);
    if (last.ec != std::errc() || last.ptr != end || range.last < range.first) return std::nullopt;
    return range;
}

Result<HttpResponse> result_piece(const JobRun& run, std::uint64_t bytes_max, std::string_view name,
                                  std::string_view range_text) {
    C2D_TRY(const auto outputs, open_outputs(run, bytes_max));
    const auto output = std::ranges::find(outputs, name, &Output::name);
    if (output == outputs.end()) return refused(Reason::not_found, "result", "a released output", name);
    const std::uint64_t size = output->file.bytes;
    auto range = parse_byte_range(range_text);
    if (!range || range->first >= size)
        return refused(Reason::malformed, "Range", fmt::format("bytes=FIRST-LAST within {} bytes", size), range_text);
    range->last = std::min({range->last, size - 1, range->first + job::kResultPieceBytes - 1});
    C2D_TRY(auto bytes, read_range(output->file.fd.get(), *range));
    HttpResponse response{206, "application/octet-stream", std::move(bytes)};
    response.headers.emplace_back("Content-Range", fmt::format("bytes {}-{}/{}", range->first, range->last, size));
    return response;
}

}  // namespace c2d::provider
