#include "chain/ledger/file_place.hpp"

#include "base/fail.hpp"

#include <filesystem>
#include <sys/stat.h>

namespace c2d::ledger {

namespace {

Error replaced(const std::string& path, std::string_view what) {
    Error error = fail(Status::CORRUPT,
                       "the ledger file {} was {} while this program had it open; what is written from here on "
                       "would be lost. Stop the programs that use it, put the true file back (docs/recovery.md) and "
                       "start them again",
                       path, what);
    error.name = "ledger_replaced";
    return error;
}

}  // namespace

std::optional<FilePlace::Identity> FilePlace::identity_of(const std::string& path) {
    struct stat status {};
    if (stat(path.c_str(), &status) != 0) return std::nullopt;
    return Identity{status.st_dev, status.st_ino};
}

FilePlace FilePlace::of(const std::string& path) {
    FilePlace out;
    std::error_code ignored;
    out.path_ = std::filesystem::absolute(path, ignored).string();
    out.log_path_ = out.path_ + "-wal";
    out.file_ = identity_of(out.path_);
    out.log_ = identity_of(out.log_path_);
    return out;
}

Result<Unit> FilePlace::require_same() const {
    if (!file_) return Unit{};
    const auto now = identity_of(path_);
    if (!now) return replaced(path_, "deleted or moved");
    if (now != file_) return replaced(path_, "replaced by another file");
    // As long as a connection is open, SQLite keeps the log where it is.
    if (log_ && identity_of(log_path_) != log_) return replaced(path_, "separated from its log (-wal)");
    return Unit{};
}

}  // namespace c2d::ledger
