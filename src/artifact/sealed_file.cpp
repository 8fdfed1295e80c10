#include "artifact/sealed_file.hpp"

#include "artifact/values.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "crypto/hash.hpp"
#include "crypto/sealed_stream.hpp"

#include <algorithm>

namespace c2d::artifact {
namespace {

constexpr std::string_view kMagic = "C2DSEAL";
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kFixedBytes = kMagic.size() + 1 + 2;

Bytes header_of(const Artifact& artifact) {
    const std::string text = json::compact(to_value(artifact));
    Bytes out(kFixedBytes + text.size());
    std::ranges::copy(as_bytes(kMagic), out.begin());
    out[kMagic.size()] = kVersion;
    out[kMagic.size() + 1] = std::uint8_t(text.size() >> 8);
    out[kMagic.size() + 2] = std::uint8_t(text.size());
    std::ranges::copy(as_bytes(text), out.begin() + kFixedBytes);
    return out;
}

}  // namespace

Bytes seal_file(BytesView key, const Artifact& artifact, BytesView package) {
    Bytes out = header_of(artifact);
    const Bytes sealed = seal_stream(key, out, package);
    out.insert(out.end(), sealed.begin(), sealed.end());
    return out;
}

Result<SealedHeader> read_header(BytesView file) {
    if (file.size() < kFixedBytes || as_text(file.first(kMagic.size())) != kMagic)
        return fail(Status::CORRUPT, "expected a sealed artifact, found something else");
    const unsigned version = file[kMagic.size()];
    if (version != kVersion)
        return fail(Status::UNSUPPORTED, "the artifact has format {}, this version reads {}: use a newer one", version,
                    kVersion);
    const std::size_t length = std::size_t(file[kMagic.size() + 1]) << 8 | file[kMagic.size() + 2];
    if (length > kHeaderTextMax || file.size() < kFixedBytes + length)
        return fail(Status::CORRUPT, "the header of a sealed artifact is cut off");
    C2D_TRY(auto artifact, artifact_from(as_text(file.subspan(kFixedBytes, length))));
    if (artifact.destroyed) return fail(Status::CORRUPT, "a sealed artifact says that it was destroyed");
    return SealedHeader{std::move(artifact), kFixedBytes + length};
}

Result<SecretBytes> open_file(BytesView key, BytesView file) {
    C2D_TRY(const auto header, read_header(file));
    C2D_TRY(auto package, open_stream(key, file.first(header.bytes), file.subspan(header.bytes)));
    if (package.size() != header.artifact.bytes || sha256(package.view()) != header.artifact.sha256)
        return fail(Status::CORRUPT, "what was sealed is not what the header names");
    return package;
}

}  // namespace c2d::artifact
