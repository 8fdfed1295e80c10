#include "chain/nonce_lock.hpp"

#include "base/call_scope.hpp"
#include "base/fail.hpp"
#include "base/private_files.hpp"
#include "base/try.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <thread>

namespace c2d {

namespace {

constexpr std::chrono::milliseconds kPauseFirst{2}, kPauseLast{50};

Result<Fd> open_lock(const std::string& folder, const std::string& path) {
    if (const auto made = make_private_folder(folder); !made)
        return fail(Status::IO, "{} (trust_dir), to wait for other processes with this key", made.error().message);
    Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file)
        return fail(Status::IO, "cannot open {} to wait for other processes with this key: {}", path,
                    errno_text(errno));
    return file;
}

}  // namespace

Result<NonceLock> NonceLock::take(const std::string& folder, std::uint64_t chain_id, const Address& account,
                                  std::chrono::milliseconds timeout) {
    const std::string path = fmt::format("{}/nonce-{}-{}", folder, chain_id, hex_text(account));
    C2D_TRY(Fd file, open_lock(folder, path));
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    // Not a blocking lock: that could not end.
    for (auto pause = kPauseFirst; ::flock(file.get(), LOCK_EX | LOCK_NB) != 0;
         pause = std::min(pause * 2, kPauseLast)) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return fail(Status::IO, "cannot lock {}: {}", path, errno_text(errno));
        if (CallScope::over()) return CallScope::error("another process that sends with this key");
        if (std::chrono::steady_clock::now() >= deadline)
            return fail(Status::UNAVAILABLE,
                        "another process sends with {} and was not done within {} ms; try again, "
                        "or use a key of its own for each process",
                        address_text(account), timeout.count());
        std::this_thread::sleep_for(pause);
    }
    return NonceLock(std::move(file));
}

}  // namespace c2d
