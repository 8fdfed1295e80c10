#include "provider/inputs/model_inputs.hpp"

#include "artifact/store.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "provider/outputs/kept_outputs.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace c2d::provider {

namespace {

/// The artifact of a token: there, and of the run, the party and the binding that everybody read in its document.
Result<ArtifactStore> store_with(const ProviderOptions& options, const JobInput& input) {
    const ArtifactOrigin& origin = *input.origin;
    C2D_TRY(const auto store, open_artifacts(options));
    C2D_TRY(const auto one, store.find(origin.sha256));
    if (one.destroyed)
        return fail(Status::NOT_FOUND, "the artifact {} behind {} was destroyed", hex_text(origin.sha256),
                    token_text(input.dt));
    if (one.job_id != origin.job_id || one.party != origin.party || one.name != origin.output ||
        one.binding != origin.binding)
        return fail(
            Status::CONFLICT,
            "the artifact {} is \"{}\" of job {} party {} with the binding {}, not what the document of {} says",
            hex_text(origin.sha256), one.name, one.job_id, one.party, hex_text(one.binding), token_text(input.dt));
    return store;
}

Result<Fd> in_memory(BytesView content) {
    Fd fd(::memfd_create("c2d-model", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!fd) return fail(Status::IO, "memfd_create failed: {}", errno_text(errno));
    C2D_CHECK(write_fd(fd.get(), content));
    if (::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0)
        return fail(Status::IO, "cannot seal a memfd: {}", errno_text(errno));
    return fd;
}

}  // namespace

Result<Unit> check_model(const ProviderOptions& options, const JobInput& input) {
    C2D_CHECK(store_with(options, input));
    return Unit{};
}

Result<Fd> open_model_file(const ProviderOptions& options, const JobInput& input) {
    C2D_TRY(const auto store, store_with(options, input));
    C2D_TRY(const auto bytes, store.impl().open(input.origin->sha256));
    C2D_TRY(const auto package, artifact::decode_package(bytes.view()));
    return in_memory(package.file);
}

Result<std::vector<KeptRecordBytes>> open_model_shares(const ProviderOptions& options, const JobTerms& terms) {
    std::vector<KeptRecordBytes> out;
    for (const auto& input : terms.inputs) {
        if (!input.origin) continue;
        C2D_TRY(const auto store, store_with(options, input));
        C2D_TRY(const auto bytes, store.impl().open(input.origin->sha256));
        C2D_TRY(const auto package, artifact::decode_package(bytes.view()));
        if (package.shares.empty()) continue;
        KeptRecordBytes record{input.origin->output, package.binding, {}};
        record.bytes.assign(package.shares.begin(), package.shares.end());
        out.push_back(std::move(record));
    }
    return out;
}

}  // namespace c2d::provider
