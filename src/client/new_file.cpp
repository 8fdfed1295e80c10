#include "client/new_file.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace c2d::client {

namespace {

Error taken(const std::string& name) {
    return fail(Status::CONFLICT, "{} is there already: choose another folder, or say that it may be replaced", name);
}

/// Never over anything: file systems without RENAME_NOREPLACE have hard links.
int rename_to_free_name(int folder, const std::string& from, const std::string& to) {
    const int renamed = ::renameat2(folder, from.c_str(), folder, to.c_str(), RENAME_NOREPLACE);
    if (renamed == 0 || (errno != EINVAL && errno != ENOSYS)) return renamed;
    if (::linkat(folder, from.c_str(), folder, to.c_str(), 0) != 0) return -1;
    return ::unlinkat(folder, from.c_str(), 0);
}

}  // namespace

Result<NewFile> NewFile::create(int folder, std::string name, Random& random) {
    std::array<std::uint8_t, 8> id{};
    C2D_CHECK(random.fill(id));
    auto temporary = ".c2d-" + hex_text(id).substr(2);
    C2D_TRY(Fd fd, open_beneath(folder, temporary, O_WRONLY | O_CREAT | O_EXCL, 0600));
    return NewFile(folder, std::move(name), std::move(temporary), std::move(fd));
}

NewFile::NewFile(NewFile&& other) noexcept
    : folder_(other.folder_),
      name_(std::move(other.name_)),
      temporary_(std::exchange(other.temporary_, {})),
      fd_(std::move(other.fd_)) {}

NewFile::~NewFile() {
    if (!temporary_.empty()) ::unlinkat(folder_, temporary_.c_str(), 0);
}

Result<Unit> NewFile::close() {
    if (::fsync(fd_.get()) != 0) return fail(Status::IO, "cannot write {}: {}", name_, errno_text(errno));
    fd_.reset();
    return Unit{};
}

Result<Unit> NewFile::publish(bool replace) {
    const int renamed = replace ? ::renameat(folder_, temporary_.c_str(), folder_, name_.c_str())
                                : rename_to_free_name(folder_, temporary_, name_);
    if (renamed != 0 && errno == EEXIST) return taken(name_);
    if (renamed != 0) return fail(Status::IO, "cannot write {}: {}", name_, errno_text(errno));
    temporary_.clear();
    if (::fsync(folder_) != 0) return fail(Status::IO, "cannot sync the folder of {}: {}", name_, errno_text(errno));
    return Unit{};
}

Result<Unit> check_absent(int folder, const std::string& name) {
    struct stat info {};
    if (::fstatat(folder, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0) return taken(name);
    if (errno == ENOENT) return Unit{};
    return fail(Status::IO, "cannot look for {}: {}", name, errno_text(errno));
}

Result<Fd> enter_folder(int folder, const std::string& name) {
    if (::mkdirat(folder, name.c_str(), 0700) != 0 && errno != EEXIST)
        return fail(Status::IO, "cannot make the folder {}: {}", name, errno_text(errno));
    return open_beneath(folder, name, O_RDONLY | O_DIRECTORY);
}

}  // namespace c2d::client
