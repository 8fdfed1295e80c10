#include "provider/runs/runtime_digests.hpp"

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/try.hpp"
#include "base/version.hpp"
#include "codec/json.hpp"
#include "crypto/hash.hpp"
#include "provider/state/job_folder.hpp"

#include <algorithm>
#include <fcntl.h>
#include <sys/stat.h>

namespace c2d::provider {

namespace fs = std::filesystem;

namespace {

/// More than any package of ours has: what lies there by mistake is not read through at each run.
constexpr std::size_t kPackageFilesMax = 1024;

/// Where on the host stands what operators see at `inside`; empty when no mount shows it.
fs::path host_path(const std::vector<SandboxMount>& mounts, const fs::path& inside) {
    for (const auto& mount : mounts) {
        const auto [end, rest] = std::mismatch(mount.inside.begin(), mount.inside.end(), inside.begin(), inside.end());
        if (end != mount.inside.end()) continue;
        fs::path host = mount.host;
        for (auto part = rest; part != inside.end(); ++part) host /= *part;
        return host;
    }
    return {};
}

std::string value_of(const std::vector<std::pair<std::string, std::string>>& environment, std::string_view name) {
    const auto found = std::ranges::find(environment, name, &std::pair<std::string, std::string>::first);
    return found == environment.end() ? std::string() : found->second;
}

std::string stamp_of(const struct stat& status) {
    return fmt::format("{} {} {} {}.{} {}.{}", status.st_dev, status.st_ino, status.st_size, status.st_mtim.tv_sec,
                       status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec);
}

}  // namespace

RuntimeDigests::RuntimeDigests(const std::vector<SandboxMount>& mounts,
                               const std::vector<std::pair<std::string, std::string>>& environment) {
    const auto library = value_of(environment, "C2D_LIBRARY"), python = value_of(environment, "PYTHONPATH");
    if (!library.empty()) library_ = host_path(mounts, library);
    if (!python.empty()) package_ = host_path(mounts, fs::path(python) / "c2d");
}

Result<ReceiptRuntime> RuntimeDigests::read() {
    const std::lock_guard lock(mutex_);
    ReceiptRuntime out;
    out.version = kVersionText;
    if (!library_.empty()) {
        C2D_TRY(out.library_sha256, file_sha256(library_));
    }
    if (!package_.empty()) {
        C2D_TRY(out.package_sha256, package_sha256());
    }
    return out;
}

Result<Bytes32> RuntimeDigests::file_sha256(const fs::path& path) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status {};
    if (!file || ::fstat(file.get(), &status) != 0)
        return fail(Status::IO, "cannot read {}, which operators are shown: {}", path.string(), errno_text(errno));
    Known& known = known_[path];
    const auto stamp = stamp_of(status);
    if (known.stamp == stamp) return known.sha256;
    C2D_TRY(const auto print, print_of(file.get()));
    known = {stamp, print.sha256};
    return known.sha256;
}

Result<Bytes32> RuntimeDigests::package_sha256() {
    json::Value files = json::Object();
    std::error_code error;
    for (fs::recursive_directory_iterator entry(package_, error), end; !error && entry != end; entry.increment(error)) {
        if (entry->is_directory(error)) {
            // What Python makes of the other files.
            if (entry->path().filename() == "__pycache__") entry.disable_recursion_pending();
            continue;
        }
        if (files.members().size() == kPackageFilesMax)
            return fail(Status::LIMIT, "expected at most {} files in the Python package {}, found more",
                        kPackageFilesMax, package_.string());
        C2D_TRY(const auto sha256, file_sha256(entry->path()));
        files.set(entry->path().lexically_relative(package_).generic_string(), hex_text(sha256));
    }
    if (error)
        return fail(Status::IO, "cannot read {}, which operators are shown: {}", package_.string(), error.message());
    C2D_TRY(const auto text, json::canonical(files));
    return sha256(as_bytes(text));
}

}  // namespace c2d::provider
