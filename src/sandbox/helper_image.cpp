#include "sandbox/helper_image.hpp"

#include "base/fail.hpp"
#include "base/own_files.hpp"
#include "base/spawn_setup.hpp"
#include "base/try.hpp"
#include "sandbox/layers.hpp"
#include "sandbox/plan.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace c2d::sandbox {
namespace {

namespace fs = std::filesystem;
constexpr const char* kHelperName = "c2d-sandbox-helper";
constexpr const char* kHelperVariable = "C2D_SANDBOX_HELPER";
constexpr std::size_t kHelperBytesMax = 16u << 20;

Error not_found(std::string_view what, const char* name, const char* variable, std::string_view option,
                std::string_view looked) {
    return fail(Status::NOT_FOUND,
                "the {} was not found (looked for {}); install c2d, or name the program {} in the variable {} or {}",
                what, looked, name, variable, option);
}

/// Must the file be executed where it lies, so that its AppArmor profile holds? A memory file has no path
/// that a profile could name. Only a file that none but root can change: it is not sealed then.
bool runs_under_its_profile(const fs::path& path) {
    return ::geteuid() != 0 && apparmor_restricts_user_namespaces() && only_root_can_change(path);
}

}  // namespace

bool only_root_can_change(const fs::path& path) {
    std::error_code error;
    const auto real = fs::canonical(path, error);
    if (error) return false;
    // Whoever may write a folder may put another file there, or another folder; not so in one like /tmp.
    for (auto at = real;; at = at.parent_path()) {
        struct stat info {};
        if (::stat(at.c_str(), &info) != 0 || info.st_uid != 0) return false;
        const bool keeps_entries = S_ISDIR(info.st_mode) && (info.st_mode & S_ISVTX) != 0;
        if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0 && !keeps_entries) return false;
        if (at == at.root_path()) return true;
    }
}

Result<Fd> open_engine(const fs::path& wanted, const fs::path& helper) {
    constexpr const char *kName = "c2d-engine", *kVariable = "C2D_ENGINE_PROGRAM";
    std::string looked;
    auto all = program_places(wanted, kName, kVariable);
    if (wanted.empty() && named_in_environment(kVariable).empty())
        all.insert(all.begin(), helper.parent_path() / kName);
    for (const auto& place : all) {
        auto program = open_program(place);
        if (program || program.status() != Status::NOT_FOUND) return program;
        looked += (looked.empty() ? "" : ", ") + place.string();
    }
    return not_found("engine of joint runs", kName, kVariable, "the job's option \"engine\"", looked);
}

Result<std::shared_ptr<const HelperImage>> HelperImage::open(const fs::path& path) {
    auto image = std::make_shared<HelperImage>();
    std::string content;
    std::string looked;
    for (const auto& place : program_places(path, kHelperName, kHelperVariable)) {
        const auto program = open_program(place);
        if (!program && program.status() != Status::NOT_FOUND) return program.error();
        looked += (looked.empty() ? "" : ", ") + place.string();
        if (!program) continue;
        image->path_ = place;
        C2D_TRY(content, read_fd(program->get(), kHelperBytesMax));
        break;
    }
    if (image->path_.empty())
        return not_found("sandbox helper", kHelperName, kHelperVariable, "the sandbox's option \"helper\"", looked);
    if (runs_under_its_profile(image->path_)) return std::shared_ptr<const HelperImage>(std::move(image));
    // Above the descriptors that `spawn` gives new meanings in the child.
    if (const auto memory = sealed_memory(kHelperName, content, true))
        image->memory_ = Fd(::fcntl(memory->get(), F_DUPFD_CLOEXEC, 10));
    return std::shared_ptr<const HelperImage>(std::move(image));
}

Result<pid_t> HelperImage::spawn(int control) const {
    SpawnSetup setup;
    // Away from 0 to 3, so that the actions below do not overwrite it.
    const Fd safe(::fcntl(control, F_DUPFD_CLOEXEC, 4));
    if (!safe) return fail(Status::IO, "cannot duplicate a descriptor: {}", errno_text(errno));
    for (const int fd : {0, 1, 2}) posix_spawn_file_actions_addopen(&setup.actions, fd, "/dev/null", O_RDWR, 0);
    posix_spawn_file_actions_adddup2(&setup.actions, safe.get(), 3);
    char name[] = "c2d-sandbox-helper";
    char* const arguments[] = {name, nullptr};
    char* const environment[] = {nullptr};
    pid_t pid = -1;
    int error = ENOENT;
    if (memory_) {
        const auto path = fmt::format("/proc/self/fd/{}", memory_.get());
        error = ::posix_spawn(&pid, path.c_str(), &setup.actions, &setup.attributes, arguments, environment);
    }
    // No /proc, or a kernel told not to execute memory files.
    if (error == ENOENT || error == EACCES || error == EPERM)
        error = ::posix_spawn(&pid, path_.c_str(), &setup.actions, &setup.attributes, arguments, environment);
    if (error != 0) return fail(Status::IO, "cannot start {}: {}", path_.string(), errno_text(error));
    return pid;
}

}  // namespace c2d::sandbox
