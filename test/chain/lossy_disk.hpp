/// A disk that loses its power: as long as it lives, SQLite writes through it, and at a chosen
/// operation everything stops. What was not synced until then is kept, torn or lost, write by
/// write.
#pragma once

#include <c2d/types.hpp>

#include <sqlite3.h>

#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace c2d::support {

/// Registers itself as SQLite's default; one at a time. Thread-safe.
class LossyDisk {
public:
    LossyDisk();
    ~LossyDisk();
    LossyDisk(const LossyDisk&) = delete;
    LossyDisk& operator=(const LossyDisk&) = delete;

    /// Everything written until now is safe; power goes with the `operations`-th write, truncation,
    /// sync or removal from here on.
    void cut_after(std::uint64_t operations);
    bool is_cut();
    /// After the cut, when all files are closed: leaves on the real disk what a power cut leaves.
    /// Returns how many writes were lost or torn. The power is on again.
    std::size_t lose_unsynced(std::mt19937& random);

    // For the functions that SQLite calls.
    struct Write {
        std::int64_t offset = 0;
        Bytes data;
        bool is_truncation = false;
    };
    struct File {
        std::string path;
        Bytes synced;
        std::vector<Write> unsynced;
    };
    std::shared_ptr<File> file(const std::string& path);
    /// False: the power is gone, nothing happened.
    bool write(File& file, Write write);
    bool sync(File& file);
    bool remove(const std::string& path);
    sqlite3_vfs* below() const { return below_; }

private:
    bool counts();
    static void apply(Bytes& content, const Write& write, std::size_t bytes);

    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<File>> files_;
    std::uint64_t left_ = UINT64_MAX;
    sqlite3_vfs* below_;
    sqlite3_vfs vfs_{};
};

}  // namespace c2d::support
