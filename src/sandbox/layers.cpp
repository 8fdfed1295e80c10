#include "sandbox/layers.hpp"

#include "base/fail.hpp"
#include "base/file.hpp"
#include "sandbox/plan_format.h"

#include <cerrno>
#include <unistd.h>

namespace c2d {

namespace {
constexpr const char* kLayerNames[] = {
    "user_ns",      "mount_ns",     "pid_ns",  "net_ns",   "ipc_ns",  "uts_ns",      "cgroup_ns", "private_root",
    "no_new_privs", "capabilities", "rlimits", "landlock", "seccomp", "memory_hard", "pids_hard",
};
static_assert(sizeof kLayerNames / sizeof kLayerNames[0] == sandbox::kLayerCount);
// The helper numbers the layers in C; the ends and one in the middle hold both lists equal.
static_assert(int(Layer::user_ns) == C2D_LAYER_USER_NS);
static_assert(int(Layer::private_root) == C2D_LAYER_PRIVATE_ROOT);
static_assert(int(Layer::seccomp) == C2D_LAYER_SECCOMP);
static_assert(sandbox::kLayerCount == C2D_LAYER_COUNT);
}  // namespace

const char* layer_name(Layer layer) noexcept {
    const int index = int(layer);
    return index >= 0 && index < sandbox::kLayerCount ? kLayerNames[index] : "unknown";
}

const char* layer_state_name(LayerStatus::State state) noexcept {
    switch (state) {
        case LayerStatus::State::on: return "on";
        case LayerStatus::State::soft: return "soft";
        case LayerStatus::State::off: break;
    }
    return "off";
}

const char* outcome_name(Outcome outcome) noexcept {
    switch (outcome) {
        case Outcome::exited: return "exited";
        case Outcome::signaled: return "signaled";
        case Outcome::wall_timeout: return "wall_timeout";
        case Outcome::cpu_limit: return "cpu_limit";
        case Outcome::memory_limit: return "memory_limit";
        case Outcome::cancelled: return "cancelled";
        case Outcome::outputs_rejected: return "outputs_rejected";
        case Outcome::peer_missing: return "peer_missing";
        case Outcome::setup_failed: return "setup_failed";
        case Outcome::file_size_limit: return "file_size_limit";
        case Outcome::process_limit: return "process_limit";
    }
    return "setup_failed";
}

namespace sandbox {

std::optional<Layer> layer_from(std::uint32_t number) noexcept {
    if (number >= std::uint32_t(kLayerCount)) return std::nullopt;
    return Layer(number);
}

bool apparmor_restricts_user_namespaces() {
    const auto restricted = read_file("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 16);
    return restricted && restricted->starts_with('1');
}

namespace {

constexpr const char* kAppArmorHint =
    "AppArmor restricts user namespaces: load the profile c2d-sandbox-helper (package c2d-tools; "
    "/usr/share/c2d/apparmor.d) with `apparmor_parser -r`, its path set to the helper's, which root must own; or "
    "set kernel.apparmor_restrict_unprivileged_userns=0";

/// There a new namespace is given, and what needs rights in it is denied; not to root.
bool denied_by_apparmor(Layer layer, int error_number) {
    if ((error_number != EPERM && error_number != EACCES) || ::geteuid() == 0) return false;
    switch (layer) {
        case Layer::user_ns:
        case Layer::mount_ns:
        case Layer::private_root:
        case Layer::pid_ns:
        case Layer::net_ns:
        case Layer::ipc_ns:
        case Layer::uts_ns:
        case Layer::cgroup_ns: return apparmor_restricts_user_namespaces();
        default: return false;
    }
}

std::string user_namespace_hint(int error_number) {
    switch (error_number) {
        case ENOSPC: return "raise user.max_user_namespaces (sysctl)";
        case EACCES: return kAppArmorHint;
        case EPERM:
            return "set kernel.unprivileged_userns_clone=1, load an AppArmor profile with "
                   "`userns,`, or let the container's seccomp profile pass unshare";
        case EINVAL: return "the kernel is built without CONFIG_USER_NS";
        default: return {};
    }
}

std::string cgroup_hint(int error_number) {
    if (error_number == 0) return {};
    return "give a writable cgroup: run as root, or under systemd with Delegate=yes and "
           "DelegateSubgroup=main";
}

}  // namespace

std::string layer_hint(Layer layer, int error_number) {
    if (denied_by_apparmor(layer, error_number)) return kAppArmorHint;
    switch (layer) {
        case Layer::user_ns: return user_namespace_hint(error_number);
        case Layer::landlock:
            return error_number == EOPNOTSUPP ? "Landlock is built in but off: boot with lsm=landlock,..."
                                              : "needs Linux 5.13 or later with CONFIG_SECURITY_LANDLOCK, and a "
                                                "container profile that passes landlock_*";
        case Layer::seccomp: return "needs CONFIG_SECCOMP_FILTER, and a container profile that passes seccomp";
        case Layer::private_root:
            if (error_number == EPERM)
                return "the container hides parts of /proc or refuses mounts: run it with an "
                       "unmasked /proc (systempaths=unconfined) or on the host";
            return "needs Linux 5.12 or later and a root that is a mount (not an initramfs)";
        case Layer::memory_hard:
        case Layer::pids_hard: return cgroup_hint(error_number);
        case Layer::mount_ns:
        case Layer::pid_ns:
        case Layer::net_ns:
        case Layer::ipc_ns:
        case Layer::uts_ns:
        case Layer::cgroup_ns:
            if (error_number == ENOSPC) return "raise user.max_*_namespaces (sysctl)";
            if (error_number == EPERM) return "let the container's seccomp profile pass unshare, or run on the host";
            return "the kernel lacks this namespace";
        case Layer::no_new_privs:
        case Layer::capabilities:
        case Layer::rlimits: return {};
    }
    return {};
}

std::uint32_t required_layers(const SandboxJob& job) noexcept {
    std::uint32_t required = (1u << kLayerCount) - 1;
    required &= ~(1u << int(Layer::memory_hard)) & ~(1u << int(Layer::pids_hard));
    for (const Layer layer : job.may_be_missing)
        if (layer_from(std::uint32_t(layer))) required &= ~(1u << int(layer));
    return required;
}

Error layer_error(Layer layer, int error_number, std::string_view step) {
    Error error = fail(Status::LAYER_UNAVAILABLE, "sandbox layer {} cannot be had: {}: {}", layer_name(layer), step,
                       errno_text(error_number));
    if (const auto hint = layer_hint(layer, error_number); !hint.empty()) error.message += "; " + hint;
    error.source = layer_name(layer);
    error.code = std::uint64_t(error_number);
    return error;
}

}  // namespace sandbox
}  // namespace c2d
