#include "sandbox/collector.hpp"

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/try.hpp"
#include "crypto/hash.hpp"
#include "sandbox/job_check.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <memory>
#include <optional>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace c2d::sandbox {
namespace {

namespace fs = std::filesystem;

constexpr const char* kChanged = "changed while it was read";
/// More names than any limit allows are not worth counting.
constexpr std::size_t kNamesMax = 100'001;

/// An output that passed every look from outside. It is opened again to be copied, since there
/// may be more of them than descriptors.
struct Candidate {
    std::string name;
    struct stat seen {};

    std::uint64_t bytes() const noexcept { return std::uint64_t(seen.st_size); }
    /// Whether the file that was opened again is the one that was looked at.
    bool is(const struct stat& other) const noexcept {
        return other.st_ino == seen.st_ino && other.st_dev == seen.st_dev && other.st_size == seen.st_size &&
               other.st_nlink == 1 && S_ISREG(other.st_mode);
    }
};

Fd open_beneath(int directory, const char* name, int flags) {
    open_how how{};
    how.flags = std::uint64_t(flags | O_NOFOLLOW | O_CLOEXEC);
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
    return Fd(int(::syscall(SYS_openat2, directory, name, &how, sizeof how)));
}

Fd open_to_read(int directory, const std::string& name) {
    return open_beneath(directory, name.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY);
}

const char* kind_of(mode_t mode) {
    if (S_ISDIR(mode)) return "a directory";
    if (S_ISLNK(mode)) return "a symbolic link";
    if (S_ISFIFO(mode)) return "a named pipe";
    if (S_ISSOCK(mode)) return "a socket";
    return "a device";
}

/// Why the entry may not leave, or empty. O_PATH opens nothing: a pipe or device does not notice.
std::string inspect(int directory, const std::string& name, Candidate& out) {
    struct stat again {};
    const Fd path = open_beneath(directory, name.c_str(), O_PATH);
    if (!path || ::fstat(path.get(), &out.seen) != 0) return errno_text(errno);
    if (!S_ISREG(out.seen.st_mode)) return fmt::format("is {}", kind_of(out.seen.st_mode));
    if (out.seen.st_nlink != 1) return fmt::format("has {} names (hard links)", out.seen.st_nlink);
    const Fd file = open_to_read(directory, name);
    if (!file || ::fstat(file.get(), &again) != 0) return errno_text(errno);
    out.name = name;
    return out.is(again) ? "" : kChanged;
}

Result<std::vector<std::string>> list_names(int directory) {
    const int fd = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, int (*)(DIR*)> entries(fd < 0 ? nullptr : ::fdopendir(fd), &::closedir);
    if (!entries) return fail(Status::IO, "cannot read the outputs: {}", errno_text(errno));
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = names.size() < kNamesMax ? ::readdir(entries.get()) : nullptr) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..") names.emplace_back(name);
    }
    if (errno != 0) return fail(Status::IO, "cannot read the outputs: {}", errno_text(errno));
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<Candidate> choose(int directory, const std::vector<std::string>& names, const SandboxLimits& limits,
                              const std::vector<std::string>& wanted, std::vector<std::string>& refused) {
    std::vector<Candidate> chosen;
    std::uint64_t sum = 0;
    if (names.size() > limits.output_files) {
        refused.push_back(fmt::format("expected at most {} files, found {}{}", limits.output_files, names.size(),
                                      names.size() == kNamesMax ? " or more" : ""));
        return chosen;
    }
    for (const auto& name : names) {
        if (refused.size() >= 32) break;  // enough to understand; the list goes into a report
        Candidate one;
        std::string why;
        if (!name_is_plain(name))
            why = "the name must match [A-Za-z0-9_][A-Za-z0-9._-]{0,127}";
        else if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), name) == wanted.end())
            why = "is not among the named outputs";
        else
            why = inspect(directory, name, one);
        // The apparent size: a file of holes is as long for its reader as a full one.
        if (why.empty() && one.bytes() > limits.output_bytes - sum)
            why = fmt::format("passes the limit of {} bytes in all", limits.output_bytes);
        if (!why.empty()) {
            refused.push_back(sanitise_log(name) + ": " + why);
            continue;
        }
        sum += one.bytes();
        chosen.push_back(std::move(one));
    }
    return chosen;
}

/// A directory that vanishes with its files unless it is published.
class Staging {
public:
    static Result<Staging> beside(const fs::path& target) {
        Staging out;
        if (target.empty()) return out;
        fs::path clean = target.lexically_normal();
        if (!clean.has_filename()) clean = clean.parent_path();
        std::string name = clean.string() + ".partial-XXXXXX";
        if (!::mkdtemp(name.data())) return fail(Status::IO, "cannot make {}: {}", name, errno_text(errno));
        out.path_ = name;
        out.directory_ = Fd(::open(name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!out.directory_) return fail(Status::IO, "cannot open {}: {}", name, errno_text(errno));
        return out;
    }
    Staging(Staging&& other) noexcept
        : path_(std::exchange(other.path_, {})), directory_(std::move(other.directory_)) {}
    Staging& operator=(Staging&&) = delete;
    ~Staging() {
        std::error_code ignored;
        if (!path_.empty()) fs::remove_all(path_, ignored);
    }

    /// A new file of this name; no descriptor when nothing is kept.
    Result<Fd> create(const std::string& name) const {
        if (path_.empty()) return Fd();
        const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
        Fd out(::openat(directory_.get(), name.c_str(), flags, 0600));
        if (!out) return fail(Status::IO, "cannot write output {}: {}", name, errno_text(errno));
        return out;
    }

    Result<Unit> publish(const fs::path& target) {
        if (path_.empty()) return Unit{};
        // Over an empty directory this is atomic; over any other it fails.
        if (::fsync(directory_.get()) != 0 || ::rename(path_.c_str(), target.c_str()) != 0) {
            const bool taken = errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR;
            return fail(taken ? Status::CONFLICT : Status::IO, "cannot put the outputs at {}: {}", target.string(),
                        errno_text(errno));
        }
        path_.clear();
        return Unit{};
    }

private:
    Staging() = default;
    fs::path path_;
    Fd directory_;
};

using Copied = std::optional<OutputFile>;

/// Reads exactly what was seen, whatever the file has become meanwhile: it may be another one, or
/// end early. Then nothing is returned and the caller refuses it.
Result<Copied> copy(int directory, const Candidate& file, const Staging& to) {
    struct stat now {};
    const Fd in = open_to_read(directory, file.name);
    if (!in || ::fstat(in.get(), &now) != 0 || !file.is(now)) return Copied();
    C2D_TRY(const Fd out, to.create(file.name));
    std::vector<std::uint8_t> buffer(std::min<std::uint64_t>(file.bytes(), 1u << 20));
    Sha256 hash;
    for (std::uint64_t left = file.bytes(); left > 0;) {
        const auto got = ::read(in.get(), buffer.data(), std::min<std::uint64_t>(left, buffer.size()));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(Status::IO, "cannot read output {}: {}", file.name, errno_text(errno));
        if (got == 0) return Copied();
        const BytesView part(buffer.data(), std::size_t(got));
        hash.update(part);
        if (out) C2D_CHECK(write_fd(out.get(), part));
        left -= std::uint64_t(got);
    }
    if (out && ::fsync(out.get()) != 0)
        return fail(Status::IO, "cannot write output {}: {}", file.name, errno_text(errno));
    return Copied(OutputFile{file.name, file.bytes(), hash.finish()});
}

}  // namespace

Result<Collected> collect_outputs(int outputs_fd, const SandboxLimits& limits, const std::vector<std::string>& wanted,
                                  const fs::path& target) {
    Collected out;
    C2D_TRY(const auto names, list_names(outputs_fd));
    const auto chosen = choose(outputs_fd, names, limits, wanted, out.refused);
    if (!out.refused.empty()) return out;
    C2D_TRY(Staging staging, Staging::beside(target));
    for (const auto& file : chosen) {
        C2D_TRY(auto copied, copy(outputs_fd, file, staging));
        if (!copied) return Collected{{}, {file.name + ": " + kChanged}};
        out.files.push_back(*std::move(copied));
    }
    C2D_CHECK(staging.publish(target));
    return out;
}

}  // namespace c2d::sandbox
