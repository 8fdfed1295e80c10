/// Whether a path still names the file that was opened there. SQLite goes on with a file that was
/// deleted or replaced at its path, and what is written to it then is seen by nobody else.
#pragma once

#include <c2d/types.hpp>

#include <optional>
#include <string>
#include <sys/types.h>

namespace c2d::ledger {

/// A ledger file and its write-ahead log, by device and inode.
class FilePlace {
public:
    /// Watches nothing.
    FilePlace() = default;
    /// The files that stand at `path` (absolute from then on) now.
    static FilePlace of(const std::string& path);
    /// Fails with `corrupt` and the name `ledger_replaced` when others stand there, or none.
    Result<Unit> require_same() const;

private:
    struct Identity {
        dev_t device = 0;
        ino_t inode = 0;
        bool operator==(const Identity&) const = default;
    };
    static std::optional<Identity> identity_of(const std::string& path);

    std::string path_, log_path_;
    std::optional<Identity> file_, log_;
};

}  // namespace c2d::ledger
