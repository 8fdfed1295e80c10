#include "chain/lossy_disk.hpp"

#include "support/temp_dir.hpp"

#include <algorithm>
#include <filesystem>
#include <new>

namespace c2d::support {

namespace {

/// What SQLite allocates for an open file; the real one stands behind it.
struct OpenFile {
    sqlite3_file base;
    LossyDisk* disk;
    std::shared_ptr<LossyDisk::File> track;
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

OpenFile& of(sqlite3_file* file) { return *reinterpret_cast<OpenFile*>(file); }
LossyDisk& disk_of(sqlite3_vfs* vfs) { return *static_cast<LossyDisk*>(vfs->pAppData); }

int close_file(sqlite3_file* file) {
    auto& open = of(file);
    const int code = open.real()->pMethods ? open.real()->pMethods->xClose(open.real()) : SQLITE_OK;
    open.track.~shared_ptr();
    return code;
}

int write_file(sqlite3_file* file, const void* data, int count, sqlite3_int64 offset) {
    auto& open = of(file);
    const auto* bytes = static_cast<const std::uint8_t*>(data);
    if (open.track && !open.disk->write(*open.track, {offset, Bytes(bytes, bytes + count), false}))
        return SQLITE_IOERR_WRITE;
    return open.real()->pMethods->xWrite(open.real(), data, count, offset);
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
    auto& open = of(file);
    if (open.track && !open.disk->write(*open.track, {size, {}, true})) return SQLITE_IOERR_TRUNCATE;
    return open.real()->pMethods->xTruncate(open.real(), size);
}

/// No real sync: the machine under the test stays on.
int sync_file(sqlite3_file* file, int) {
    auto& open = of(file);
    return open.track && !open.disk->sync(*open.track) ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

// Everything else goes to the real file.
template <auto Method, class... Args>
int pass(sqlite3_file* file, Args... args) {
    return (of(file).real()->pMethods->*Method)(of(file).real(), args...);
}
void barrier(sqlite3_file* file) { of(file).real()->pMethods->xShmBarrier(of(file).real()); }

const sqlite3_io_methods kMethods = {2,
                                     close_file,
                                     pass<&sqlite3_io_methods::xRead, void*, int, sqlite3_int64>,
                                     write_file,
                                     truncate_file,
                                     sync_file,
                                     pass<&sqlite3_io_methods::xFileSize, sqlite3_int64*>,
                                     pass<&sqlite3_io_methods::xLock, int>,
                                     pass<&sqlite3_io_methods::xUnlock, int>,
                                     pass<&sqlite3_io_methods::xCheckReservedLock, int*>,
                                     pass<&sqlite3_io_methods::xFileControl, int, void*>,
                                     pass<&sqlite3_io_methods::xSectorSize>,
                                     pass<&sqlite3_io_methods::xDeviceCharacteristics>,
                                     pass<&sqlite3_io_methods::xShmMap, int, int, int, void volatile**>,
                                     pass<&sqlite3_io_methods::xShmLock, int, int, int>,
                                     barrier,
                                     pass<&sqlite3_io_methods::xShmUnmap, int>,
                                     nullptr,
                                     nullptr};

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    auto& disk = disk_of(vfs);
    auto& open = *new (file) OpenFile{};
    open.disk = &disk;
    const int code = disk.below()->xOpen(disk.below(), name, open.real(), flags, out_flags);
    if (code != SQLITE_OK) {
        if (open.real()->pMethods) open.real()->pMethods->xClose(open.real());
        return code;
    }
    if (name) open.track = disk.file(name);
    open.base.pMethods = &kMethods;
    return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* name, int sync_folder) {
    auto& disk = disk_of(vfs);
    if (!disk.remove(name)) return SQLITE_IOERR_DELETE;
    return disk.below()->xDelete(disk.below(), name, sync_folder);
}

Bytes content_of(const std::string& path) {
    const auto text = read_text(path);
    return Bytes(text.begin(), text.end());
}

}  // namespace

LossyDisk::LossyDisk() : below_(sqlite3_vfs_find(nullptr)), vfs_(*below_) {
    vfs_.zName = "lossy";
    vfs_.pNext = nullptr;
    vfs_.pAppData = this;
    vfs_.szOsFile = int(sizeof(OpenFile)) + below_->szOsFile;
    vfs_.xOpen = open_file;
    vfs_.xDelete = delete_file;
    sqlite3_vfs_register(&vfs_, 1);
}

LossyDisk::~LossyDisk() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(below_, 1);
}

std::shared_ptr<LossyDisk::File> LossyDisk::file(const std::string& path) {
    const std::lock_guard lock(mutex_);
    auto& file = files_[path];
    if (!file) file = std::make_shared<File>(File{path, content_of(path), {}});
    return file;
}

void LossyDisk::cut_after(std::uint64_t operations) {
    const std::lock_guard lock(mutex_);
    for (auto& [path, file] : files_) {
        file->synced = content_of(path);
        file->unsynced.clear();
    }
    left_ = operations;
}

bool LossyDisk::is_cut() {
    const std::lock_guard lock(mutex_);
    return left_ == 0;
}

/// Counts one operation; false once the power is gone.
bool LossyDisk::counts() {
    if (left_ == 0) return false;
    if (left_ != UINT64_MAX) --left_;
    return left_ != 0;
}

bool LossyDisk::write(File& file, Write write) {
    const std::lock_guard lock(mutex_);
    // The write in which the power goes may still reach the disk, in part.
    const bool was_on = left_ != 0, stays = counts();
    if (was_on) file.unsynced.push_back(std::move(write));
    return stays;
}

bool LossyDisk::sync(File& file) {
    const std::lock_guard lock(mutex_);
    if (!counts()) return false;
    for (const auto& write : file.unsynced) apply(file.synced, write, write.data.size());
    file.unsynced.clear();
    return true;
}

bool LossyDisk::remove(const std::string& path) {
    const std::lock_guard lock(mutex_);
    if (!counts()) return false;
    files_.erase(path);
    return true;
}

void LossyDisk::apply(Bytes& content, const Write& write, std::size_t bytes) {
    if (write.is_truncation) {
        content.resize(std::size_t(write.offset));
        return;
    }
    const auto end = std::size_t(write.offset) + bytes;
    if (content.size() < end) content.resize(end);
    std::copy_n(write.data.begin(), bytes, content.begin() + write.offset);
}

std::size_t LossyDisk::lose_unsynced(std::mt19937& random) {
    constexpr std::size_t kSector = 512;
    const std::lock_guard lock(mutex_);
    std::size_t lost = 0;
    for (const auto& [path, file] : files_) {
        if (path.ends_with("-shm")) continue;
        // Some disks keep nearly all, some nearly nothing.
        const auto kept_of_four = random() % 5;
        Bytes content = file->synced;
        for (const auto& write : file->unsynced) {
            const bool kept = random() % 4 < kept_of_four;
            const bool torn = kept && write.data.size() > kSector && random() % 8 == 0;
            if (kept)
                apply(content, write, torn ? random() % (write.data.size() / kSector) * kSector : write.data.size());
            lost += !kept || torn;
        }
        write_text(path, std::string_view(reinterpret_cast<const char*>(content.data()), content.size()));
        std::error_code ignored;
        std::filesystem::remove(path + "-shm", ignored);
    }
    files_.clear();
    left_ = UINT64_MAX;
    return lost;
}

}  // namespace c2d::support
