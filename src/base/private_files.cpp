#include "base/private_files.hpp"

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/mistaken_text.hpp"
#include "base/try.hpp"
#include "base/written_text.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace c2d {

namespace fs = std::filesystem;

namespace {

constexpr mode_t kOthers = S_IRWXG | S_IRWXO;
constexpr std::size_t kPasswordFileBytesMax = 65536;

/// Empty when nobody but us and the system administrator can read or change the file.
std::string exposure(const struct stat& file, const fs::path& path) {
    const auto mode = file.st_mode & 07777;
    const auto self = ::geteuid();
    if (file.st_uid != self && file.st_uid != 0 && self != 0)
        return fmt::format("{} belongs to user {}, not to user {}, who reads it; make a copy of your own",
                           path.string(), file.st_uid, self);
    const bool handed_over = file.st_uid == 0 && self != 0;
    const auto allowed = handed_over ? mode_t(S_IRGRP) : mode_t(0);
    if ((mode & kOthers & ~allowed) == 0) return {};
    return fmt::format("others can read or change {} (mode {:04o}, expected 0600); do: chmod 600 {}", path.string(),
                       unsigned(mode), path.string());
}

Result<Unit> make_folder(const fs::path& folder) {
    if (::mkdir(folder.c_str(), S_IRWXU) == 0) {
        // The umask may have taken the owner's own bits.
        if (::chmod(folder.c_str(), S_IRWXU) == 0) return Unit{};
    } else if (errno == EEXIST) {
        return Unit{};
    }
    return fail(Status::IO, "cannot make the folder {}: {}", folder.string(), errno_text(errno));
}

/// With a slash at its end, a path has an empty last part.
fs::path without_end(const fs::path& folder) { return folder.has_filename() ? folder : folder.parent_path(); }

/// Where a file with a secret was expected, the secret itself may stand: then the text is not told.
Error not_opened(const fs::path& path, int error_number) {
    const auto status = error_number == ENOENT ? Status::NOT_FOUND : Status::IO;
    const auto mistaken = looks_like_path(path.native()) ? std::string_view() : found_instead(path.native());
    if (!mistaken.empty()) return fail(status, "expected the path of a file{}", mistaken);
    return fail(status, "cannot open {}: {}", path.string(), errno_text(error_number));
}

Result<Unit> read_whole(int fd, SecretBytes& out) {
    std::size_t done = 0;
    while (done < out.size()) {
        const auto got = ::pread(fd, out.span().data() + done, out.size() - done, off_t(done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(Status::IO, "read failed: {}", errno_text(errno));
        if (got == 0) break;
        done += std::size_t(got);
    }
    out.shorten(done);
    return Unit{};
}

}  // namespace

Result<Unit> make_private_folder(const fs::path& folder) {
    fs::path so_far;
    for (const auto& part : without_end(folder)) {
        so_far /= part;
        std::error_code ignored;
        if (!fs::is_directory(so_far, ignored)) C2D_CHECK(make_folder(so_far));
    }
    return Unit{};
}

Result<Unit> hold_private_folder(const fs::path& folder) {
    C2D_CHECK(make_private_folder(folder));
    const Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct stat found {};
    if (!fd || ::fstat(fd.get(), &found) != 0)
        return fail(Status::IO, "cannot open the folder {}: {}", folder.string(), errno_text(errno));
    const auto mode = found.st_mode & 07777;
    if ((mode & kOthers) == 0) return Unit{};
    const bool ours = found.st_uid == ::geteuid() && (mode & S_ISVTX) == 0;
    if (ours && ::fchmod(fd.get(), S_IRWXU) == 0) return Unit{};
    Error error =
        fail(Status::INVALID_ARGUMENT,
             "others can look into the folder {} (mode {:04o}, of user {}); name a folder of user {}'s own, or do: "
             "chown {} {} && chmod 700 {}",
             folder.string(), unsigned(mode), found.st_uid, ::geteuid(), ::geteuid(), folder.string(), folder.string());
    error.name = "exposed_folder";
    return error;
}

std::string exposure_of(const fs::path& path) {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0) return {};
    return exposure(found, path);
}

std::string changeable_by_others(const fs::path& path) {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0 || (found.st_mode & (S_IWGRP | S_IWOTH)) == 0) return {};
    return fmt::format("others can change {} (mode {:04o}); do: chmod go-w {}", path.string(),
                       unsigned(found.st_mode & 07777), path.string());
}

Result<SecretBytes> read_secret_file(const fs::path& path, std::size_t bytes_max, Exposed exposed) {
    const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd) return not_opened(path, errno);
    struct stat found {};
    if (::fstat(fd.get(), &found) != 0 || !S_ISREG(found.st_mode))
        return fail(Status::IO, "{} is not a regular file", path.string());
    if (const auto why = exposure(found, path); exposed == Exposed::refuse && !why.empty()) {
        Error error(Status::INVALID_ARGUMENT, why);
        error.name = "exposed_file";
        return error;
    }
    if (std::uint64_t(found.st_size) > bytes_max)
        return fail(Status::LIMIT, "{}: expected at most {} bytes, found more", path.string(), bytes_max);
    SecretBytes out{std::size_t(found.st_size)};
    C2D_CHECK(read_whole(fd.get(), out));
    return out;
}

Result<SecretBytes> read_password_file(const fs::path& path) {
    C2D_TRY(auto content, read_secret_file(path, kPasswordFileBytesMax));
    const auto last = content.text().find_last_not_of("\r\n");
    content.shorten(last == std::string_view::npos ? 0 : last + 1);
    const auto text = without_mark(content.text());
    if (!text) return fail(text.status(), "{}: {}", path.string(), text.error().message);
    return SecretBytes::copy_of(*text);
}

}  // namespace c2d
