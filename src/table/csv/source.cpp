#include "table/csv/source.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace c2d::table {

Result<Source> Source::open(const std::string& path) {
    Source out;
    out.name_ = path;
    out.file_ = Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!out.file_) {
        const int code = errno;
        return fail(code == ENOENT ? Status::NOT_FOUND : Status::IO, "cannot open {}: {}", path, std::strerror(code));
    }
    struct stat about {};
    if (::fstat(out.file_.get(), &about) != 0)
        return fail(Status::IO, "cannot look at {}: {}", path, std::strerror(errno));
    if (!S_ISREG(about.st_mode))
        return fail(Status::INVALID_ARGUMENT, "expected a regular file, which can be read twice, found {} {}",
                    S_ISDIR(about.st_mode) ? "the folder" : "the pipe or device", path);
    C2D_TRY(out.opened_, out.stamp());
    out.size_ = out.opened_.size;
    ::posix_fadvise(out.file_.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
    return out;
}

Source Source::from_text(std::string text, std::string_view name) {
    Source out;
    out.name_ = name;
    out.text_ = std::move(text);
    out.size_ = out.text_.size();
    return out;
}

Result<std::size_t> Source::read(char* out, std::size_t size) {
    if (!file_) {
        const std::size_t count = std::min<std::size_t>(size, text_.size() - position_);
        std::copy_n(text_.data() + position_, count, out);
        position_ += count;
        return count;
    }
    for (;;) {
        const ssize_t count = ::read(file_.get(), out, size);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return fail(Status::IO, "cannot read {}: {}", name_, std::strerror(errno));
        position_ += std::uint64_t(count);
        return std::size_t(count);
    }
}

Result<Unit> Source::rewind() {
    position_ = 0;
    if (file_ && ::lseek(file_.get(), 0, SEEK_SET) != 0)
        return fail(Status::IO, "cannot read {} again: {}", name_, std::strerror(errno));
    return Unit{};
}

Result<Source::Stamp> Source::stamp() const {
    struct stat about {};
    if (::fstat(file_.get(), &about) != 0)
        return fail(Status::IO, "cannot look at {}: {}", name_, std::strerror(errno));
    return Stamp{about.st_mtim.tv_sec, about.st_mtim.tv_nsec, std::uint64_t(about.st_size)};
}

Result<Unit> Source::check_unchanged() const {
    if (!file_) return Unit{};
    C2D_TRY(const auto now, stamp());
    if (now != opened_)
        return fail(Status::CONFLICT, "{} was written while it was read; read it again when it is complete", name_);
    return Unit{};
}

}  // namespace c2d::table
