#include "sandbox/cgroup.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace c2d::sandbox {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kPrefix = "c2d-";

/// The part before `separator`; `text` keeps the rest.
std::string_view next_part(std::string_view& text, char separator) {
    const auto end = text.find(separator);
    const auto part = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return part;
}

bool has_word(std::string_view list, std::string_view word, char separator) {
    while (!list.empty())
        if (next_part(list, separator) == word) return true;
    return false;
}

/// The path in /proc/self/cgroup; lines are "number:controllers:path", v2 is "0::path".
std::optional<std::string> own_path(std::string_view controller, std::string_view text) {
    while (!text.empty()) {
        auto line = next_part(text, '\n');
        const auto number = next_part(line, ':');
        const auto controllers = next_part(line, ':');
        const bool found =
            controller.empty() ? number == "0" && controllers.empty() : has_word(controllers, controller, ',');
        if (found) return std::string(line);
    }
    return std::nullopt;
}

/// Writes a short value; returns 0 or an errno.
int put_value(const fs::path& file, std::string_view value) {
    const Fd fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
    if (!fd) return errno;
    return ::write(fd.get(), value.data(), value.size()) == ssize_t(value.size()) ? 0 : errno;
}

std::string get_text(const fs::path& file) {
    // These files have no size; read_fd reads until their end.
    const Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    return fd ? read_fd(fd.get(), 1u << 20).value_or("") : "";
}

/// The number behind `key ` in lines of "key number"; the whole text when `key` is empty.
std::uint64_t get_number(const fs::path& file, std::string_view key) {
    const std::string text = get_text(file);
    std::string_view rest = text;
    while (!rest.empty()) {
        auto line = next_part(rest, '\n');
        if (!key.empty() && next_part(line, ' ') != key) continue;
        std::uint64_t value = 0;
        std::from_chars(line.data(), line.data() + line.size(), value);
        return value;
    }
    return 0;
}

/// Groups that the kernel still tears down answer EBUSY for some milliseconds, and v1 has nothing
/// to wait on: the pauses are bounded and only in that case.
void remove_group(const fs::path& path) {
    for (int attempt = 0; attempt < 50; ++attempt) {
        if (::rmdir(path.c_str()) == 0 || errno != EBUSY) return;
        ::poll(nullptr, 0, 2);
    }
}

std::string unique_name() {
    static std::atomic<std::uint64_t> counter{0};
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return fmt::format("{}{}-{:x}-{}", kPrefix, ::getpid(), now.tv_nsec, counter++);
}

void sweep_directory(const fs::path& parent) {
    std::error_code error;
    for (fs::directory_iterator at(parent, error), end; !error && at != end; at.increment(error)) {
        const fs::path path = at->path();
        if (!path.filename().string().starts_with(kPrefix)) continue;
        const Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        // The living hold a lock, whichever pid namespace they live in.
        if (fd && ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) ::rmdir(path.c_str());
    }
}

/// A directory in which a v2 group could be made.
struct UnifiedParent {
    fs::path path;
    bool enable;  ///< it is ours, so that controllers may be switched on in it
};

/// systemd marks what it hands over; everything else in the tree is its own.
bool is_delegated(const fs::path& directory) {
    char value = 0;
    for (const char* name : {"user.delegate", "trusted.delegate"})
        if (::getxattr(directory.c_str(), name, &value, 1) == 1 && value == '1') return true;
    return false;
}

/// A stated directory, this process's own group, or the one above it where that was delegated
/// (DelegateSubgroup puts the service into a child of what it may write).
std::vector<UnifiedParent> unified_parents(const fs::path& delegated, const std::optional<CgroupPlace>& place) {
    if (!delegated.empty()) return {{delegated, true}};
    if (!place) return {};
    std::vector<UnifiedParent> out = {{place->directory, false}};
    if (const auto above = place->directory.parent_path(); place->directory != place->top && is_delegated(above))
        out.push_back({above, true});
    return out;
}

}  // namespace

/// Where this process stands. Read anew for each run: it may be moved while it lives.
struct Cgroup::Environment {
    std::string self, mounts;
    /// With a stated directory there is nothing to look for.
    explicit Environment(const fs::path& delegated) {
        if (!delegated.empty()) return;
        self = get_text("/proc/self/cgroup");
        mounts = get_text("/proc/self/mountinfo");
    }
    std::optional<CgroupPlace> find(std::string_view controller) const { return find_cgroup(controller, self, mounts); }
};

std::optional<CgroupPlace> find_cgroup(std::string_view controller, std::string_view self_cgroup,
                                       std::string_view mountinfo) {
    const auto path = own_path(controller, self_cgroup);
    if (!path) return std::nullopt;
    while (!mountinfo.empty()) {
        // id parent major:minor root mountpoint options optional… - type source superoptions
        auto line = next_part(mountinfo, '\n');
        const auto dash = line.find(" - ");
        if (dash == std::string_view::npos) continue;
        auto tail = line.substr(dash + 3);
        for (int skipped = 0; skipped < 3; ++skipped) next_part(line, ' ');
        const auto root = next_part(line, ' ');
        const auto point = next_part(line, ' ');
        const auto type = next_part(tail, ' ');
        next_part(tail, ' ');
        const bool fits = controller.empty() ? type == "cgroup2" : type == "cgroup" && has_word(tail, controller, ',');
        if (!fits) continue;
        std::string_view below = *path;
        if (root != "/" && below.starts_with(root)) below.remove_prefix(root.size());
        while (below.starts_with('/')) below.remove_prefix(1);
        if (below.starts_with("..")) continue;
        const fs::path directory = below.empty() ? fs::path(point) : fs::path(point) / below;
        return CgroupPlace{directory, fs::path(point)};
    }
    return std::nullopt;
}

Result<Cgroup::Group> Cgroup::make_group(const fs::path& parent, bool unified) {
    Group group;
    group.path = parent / unique_name();
    group.unified = unified;
    if (::mkdir(group.path.c_str(), 0755) != 0) {
        Error error = fail(Status::IO, "cannot make {}", group.path.string());
        error.code = std::uint64_t(errno);
        return error;
    }
    group.directory = Fd(::open(group.path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    // To move a whole process the kernel first waits until no other forks or ends anywhere, some
    // 10 ms; a thread that moves itself waits for nobody, and the operator has one thread by then.
    const char* file = unified ? "cgroup.procs" : "tasks";
    group.join = Fd(::open((group.path / file).c_str(), O_WRONLY | O_CLOEXEC));
    if (!group.directory || !group.join || ::flock(group.directory.get(), LOCK_SH | LOCK_NB) != 0) {
        Error error = fail(Status::IO, "cannot use {}", group.path.string());
        error.code = std::uint64_t(errno ? errno : EBUSY);
        ::rmdir(group.path.c_str());
        return error;
    }
    return group;
}

int Cgroup::make_unified(const fs::path& parent, bool enable, const SandboxLimits& limits, Wanted wanted) {
    // Changes nothing when they are on already, and fails where processes stand in `parent`.
    if (enable) {
        (void)put_value(parent / "cgroup.subtree_control", "+memory");
        (void)put_value(parent / "cgroup.subtree_control", "+pids");
    }
    auto group = make_group(parent, true);
    if (!group) return int(group.error().code);
    const int error =
        wanted.memory ? put_value(group->path / "memory.max", std::to_string(limits.memory_bytes)) : ENOENT;
    group->has_memory = error == 0;
    if (group->has_memory) {
        (void)put_value(group->path / "memory.swap.max", "0");
        (void)put_value(group->path / "memory.oom.group", "1");
        memory_error_ = 0;
    }
    group->has_pids = wanted.processes && put_value(group->path / "pids.max", std::to_string(limits.processes)) == 0;
    if (group->has_pids) processes_error_ = 0;
    if (group->has_memory || group->has_pids)
        groups_.push_back(std::move(*group));
    else
        ::rmdir(group->path.c_str());
    return error;
}

int Cgroup::make_legacy(const char* controller, const SandboxLimits& limits, const Environment& environment) {
    const auto place = environment.find(controller);
    if (!place) return ENOENT;
    auto group = make_group(place->directory, false);
    if (!group) return int(group.error().code);
    const bool memory = std::string_view(controller) == "memory";
    const auto bound = std::to_string(memory ? limits.memory_bytes : limits.processes);
    const int error = put_value(group->path / (memory ? "memory.limit_in_bytes" : "pids.max"), bound);
    if (error != 0) {
        ::rmdir(group->path.c_str());
        return error;
    }
    if (memory) {
        // Absent without swap accounting; then swappiness keeps the group out of swap.
        (void)put_value(group->path / "memory.memsw.limit_in_bytes", bound);
        (void)put_value(group->path / "memory.swappiness", "0");
    }
    (memory ? group->has_memory : group->has_pids) = true;
    groups_.push_back(std::move(*group));
    return 0;
}

Cgroup Cgroup::create(const SandboxLimits& limits, const fs::path& delegated, bool memory, bool processes) {
    Cgroup out;
    out.memory_error_ = out.processes_error_ = ENOENT;
    const Environment environment(delegated);
    for (const auto& parent : unified_parents(delegated, environment.find(""))) {
        const int error = out.make_unified(parent.path, parent.enable, limits, {memory, processes});
        if (out.memory_error_ == 0) break;
        if (error != 0 && out.memory_error_ == ENOENT) out.memory_error_ = error;
    }
    if (!delegated.empty()) return out;
    if (memory && out.memory_error_ != 0) {
        const int error = out.make_legacy("memory", limits, environment);
        if (error != ENOENT || out.memory_error_ == ENOENT) out.memory_error_ = error;
    }
    if (processes && out.processes_error_ != 0) out.processes_error_ = out.make_legacy("pids", limits, environment);
    return out;
}

Cgroup::~Cgroup() {
    for (auto& group : groups_) {
        group.join.reset();
        remove_group(group.path);
    }
}

std::vector<int> Cgroup::join_descriptors() const {
    std::vector<int> out;
    for (const auto& group : groups_) out.push_back(group.join.get());
    return out;
}

int Cgroup::birth_directory() const {
    return !groups_.empty() && groups_.front().unified ? groups_.front().directory.get() : -1;
}

const Cgroup::Group* Cgroup::group_with(bool Group::*controller) const {
    const auto found =
        std::find_if(groups_.begin(), groups_.end(), [&](const Group& group) { return group.*controller; });
    return found == groups_.end() ? nullptr : &*found;
}

std::uint64_t Cgroup::memory_kills() const {
    const Group* group = group_with(&Group::has_memory);
    if (!group) return 0;
    return get_number(group->path / (group->unified ? "memory.events" : "memory.oom_control"), "oom_kill");
}

std::uint64_t Cgroup::process_refusals() const {
    const Group* group = group_with(&Group::has_pids);
    return group ? get_number(group->path / "pids.events", "max") : 0;
}

std::uint64_t Cgroup::memory_peak_bytes() const {
    const Group* group = group_with(&Group::has_memory);
    if (!group) return 0;
    return get_number(group->path / (group->unified ? "memory.peak" : "memory.max_usage_in_bytes"), "");
}

void Cgroup::kill_all() const {
    for (const auto& group : groups_)
        if (group.unified) (void)put_value(group.path / "cgroup.kill", "1");
}

void Cgroup::sweep(const fs::path& delegated) {
    const Environment environment(delegated);
    for (const auto& parent : unified_parents(delegated, environment.find(""))) sweep_directory(parent.path);
    for (const char* controller : {"memory", "pids"})
        if (const auto place = environment.find(controller)) sweep_directory(place->directory);
}

}  // namespace c2d::sandbox
