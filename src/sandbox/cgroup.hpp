/// A control group of its own for one run: hard bounds of memory and processes where the host may
/// make one (cgroup v2 or v1), and nothing where it may not.
#pragma once

#include <c2d/environment.hpp>
#include <c2d/sandbox.hpp>

#include "base/file.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace c2d::sandbox {

/// A hierarchy as this process sees it.
struct CgroupPlace {
    std::filesystem::path directory;  ///< this process's own group
    std::filesystem::path top;        ///< where the hierarchy is mounted
};

/// Where this process stands in the hierarchy of `controller` ("" for the unified one), from the
/// texts of /proc/self/cgroup and /proc/self/mountinfo. Pure, for tests.
std::optional<CgroupPlace> find_cgroup(std::string_view controller, std::string_view self_cgroup,
                                       std::string_view mountinfo);

/// The groups of one run. Not for concurrent use, except `kill_all`.
class Cgroup {
public:
    /// Makes what can be made. `delegated`: a writable v2 directory to use instead of looking
    /// around. What could not be had, or was not wanted, is in `memory_error` and
    /// `processes_error`.
    static Cgroup create(const SandboxLimits& limits, const std::filesystem::path& delegated, bool memory = true,
                         bool processes = true);
    Cgroup() = default;
    Cgroup(Cgroup&&) = default;
    Cgroup& operator=(Cgroup&&) = delete;
    /// Removes the groups; all their processes must have ended.
    ~Cgroup();

    bool memory_hard() const noexcept { return memory_error_ == 0; }
    bool processes_hard() const noexcept { return processes_error_ == 0; }
    int memory_error() const noexcept { return memory_error_; }
    int processes_error() const noexcept { return processes_error_; }
    /// Descriptors of the files that the operator writes "0" into; that of the v2 group comes first.
    std::vector<int> join_descriptors() const;
    /// The directory of the v2 group, in which a process can be born; -1 without one.
    int birth_directory() const;
    /// How often the kernel killed for memory, refused a process, and the most memory held.
    std::uint64_t memory_kills() const;
    std::uint64_t process_refusals() const;
    std::uint64_t memory_peak_bytes() const;
    /// Kills every process in the groups where the kernel can (v2).
    void kill_all() const;

    /// Removes groups that a host left behind when it was killed.
    static void sweep(const std::filesystem::path& delegated);

private:
    struct Group {
        std::filesystem::path path;
        bool unified = false, has_memory = false, has_pids = false;
        Fd directory, join;  ///< the first carries the lock of the living
    };
    struct Environment;
    static Result<Group> make_group(const std::filesystem::path& parent, bool unified);
    struct Wanted {
        bool memory, processes;
    };
    int make_unified(const std::filesystem::path& parent, bool enable, const SandboxLimits& limits, Wanted wanted);
    int make_legacy(const char* controller, const SandboxLimits& limits, const Environment& environment);
    const Group* group_with(bool Group::*controller) const;

    std::vector<Group> groups_;
    int memory_error_ = -1, processes_error_ = -1;
};

}  // namespace c2d::sandbox
