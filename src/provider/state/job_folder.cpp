#include "provider/state/job_folder.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "crypto/hash.hpp"

#include <cerrno>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace c2d::provider {

namespace fs = std::filesystem;

namespace {

constexpr const char* kClaimFile = ".claim";

/// A folder and no link to one, for nobody else to read, whoever laid it out.
bool make_private(const fs::path& folder) {
    const Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    return fd && ::fchmod(fd.get(), 0700) == 0;
}

/// True when the folder is now ours: made by us, or claimed by us before.
Result<bool> try_claim(const fs::path& folder, const std::string& claim) {
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        return fail(Status::IO, "cannot make {}: {}", folder.string(), errno_text(errno));
    if (!make_private(folder)) return false;
    // O_EXCL decides between providers that come at the same moment.
    Fd file(::open((folder / kClaimFile).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (file) {
        if (const auto written = write_fd(file.get(), as_bytes(claim)); !written)
            return fail(written.status(), "cannot write {}: {}", (folder / kClaimFile).string(),
                        written.error().message);
        return true;
    }
    const auto holder = read_file(folder / kClaimFile, 256);
    return holder.ok() && *holder == claim;
}

Result<Unit> empty_folder(const fs::path& folder) {
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
        if (entry->path().filename() != kClaimFile) fs::remove_all(entry->path(), error);
    for (const char* name : {"inputs", "outputs"})
        if (::mkdir((folder / name).c_str(), 0700) != 0 && errno != EEXIST)
            return fail(Status::IO, "cannot make {}/{}: {}", folder.string(), name, errno_text(errno));
    return Unit{};
}

}  // namespace

Result<fs::path> claim_job_folder(const fs::path& exec_dirpath, std::uint64_t job_id, unsigned party,
                                  const Address& provider, const TokenId& algorithm) {
    std::error_code error;
    fs::create_directories(exec_dirpath, error);
    if (error) return fail(Status::IO, "cannot make {}: {}", exec_dirpath.string(), error.message());
    const std::string claim = fmt::format("{} party {} of {}\n", address_text(provider), party, token_text(algorithm));
    const std::string base = fmt::format("job_{}", job_id);
    const std::string own = base + "_" + hex_text(provider.view()).substr(2, 8);
    for (const auto& name : {base, own, own + fmt::format("_p{}", party)}) {
        C2D_TRY(const bool ours, try_claim(exec_dirpath / name, claim));
        if (!ours) continue;
        C2D_CHECK(empty_folder(exec_dirpath / name));
        return exec_dirpath / name;
    }
    return fail(Status::CONFLICT, "every folder name for job {} below {} is taken", job_id, exec_dirpath.string());
}

Result<Fd> open_data_file(const fs::path& path) {
    open_how how{};
    how.flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    how.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    Fd fd(int(::syscall(SYS_openat2, AT_FDCWD, path.c_str(), &how, sizeof how)));
    if (!fd)
        return fail(errno == ENOENT ? Status::NOT_FOUND : Status::IO, "cannot open {}: {}", path.string(),
                    errno_text(errno));
    struct stat info {};
    if (::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode))
        return fail(Status::IO, "{} is not a regular file", path.string());
    return fd;
}

Result<FilePrint> print_of(int fd, Sha256* also) {
    Sha256 hash;
    FilePrint out;
    Bytes part(std::size_t(1) << 20);
    for (;;) {
        const auto got = ::pread(fd, part.data(), part.size(), off_t(out.bytes));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(Status::IO, "cannot read the data: {}", errno_text(errno));
        if (got == 0) break;
        hash.update(BytesView(part).first(std::size_t(got)));
        if (also) also->update(BytesView(part).first(std::size_t(got)));
        out.bytes += std::uint64_t(got);
    }
    out.sha256 = hash.finish();
    return out;
}

namespace {

/// What a run that was cut off may have left of rows: outputs that were being collected, and the copies
/// of inputs that versions before this one made.
void sweep_folder(const fs::path& folder) {
    std::error_code error;
    for (fs::directory_iterator entry(folder / "inputs", error), end; !error && entry != end; entry.increment(error))
        fs::remove_all(entry->path(), error);
    constexpr std::string_view kPartial = "outputs.partial-";
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
        if (entry->path().filename().native().starts_with(kPartial)) fs::remove_all(entry->path(), error);
}

}  // namespace

std::size_t sweep_job_folders(const fs::path& exec_dirpath, const Address& provider) {
    std::error_code error;
    std::size_t swept = 0;
    for (fs::directory_iterator entry(exec_dirpath, error), end; !error && entry != end; entry.increment(error)) {
        std::error_code ignored;
        if (!entry->path().filename().native().starts_with("job_") || !entry->is_directory(ignored) ||
            entry->is_symlink(ignored))
            continue;
        const auto claim = read_file(entry->path() / kClaimFile, 256);
        if (!claim || !claim->starts_with(address_text(provider) + " ")) continue;
        sweep_folder(entry->path());
        ++swept;
    }
    return swept;
}

}  // namespace c2d::provider
