#include "sandbox/job_check.hpp"

#include "base/checkpoint_area.hpp"
#include "base/engine_start.hpp"
#include "base/fail.hpp"
#include "base/mistaken_text.hpp"
#include "base/try.hpp"

#include <algorithm>
#include <cstring>
#include <set>
#include <sys/socket.h>

namespace c2d::sandbox {
namespace {

bool is_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

template <class... Args>
Error invalid(fmt::format_string<Args...> format, Args&&... args) {
    return fail(Status::INVALID_ARGUMENT, format, std::forward<Args>(args)...);
}

Result<Unit> check_names(const SandboxJob& job) {
    std::set<std::string_view> seen;
    if (job.inputs.size() > kInputsMax) return invalid("expected at most {} inputs", kInputsMax);
    for (const auto& input : job.inputs) {
        if (!name_is_plain(input.name))
            return invalid("input name `{}` must match [A-Za-z0-9_][A-Za-z0-9._-]{{0,127}}", sanitise_log(input.name));
        if (!seen.insert(input.name).second) return invalid("two inputs named {}", input.name);
    }
    seen.clear();
    for (const auto& name : job.output_names) {
        if (!name_is_plain(name))
            return invalid("output name `{}` must match [A-Za-z0-9_][A-Za-z0-9._-]{{0,127}}", sanitise_log(name));
        if (!seen.insert(name).second) return invalid("two outputs named {}", name);
    }
    return Unit{};
}

Result<Unit> check_runtime(const SandboxJob& job) {
    if (job.runtime.size() > kRuntimeMountsMax) return invalid("expected at most {} runtime paths", kRuntimeMountsMax);
    for (const auto& mount : job.runtime) {
        const std::string inside = mount.inside.string();
        if (!inside_path_is_plain(inside))
            return invalid("runtime path {} must be absolute and plain", sanitise_log(inside));
        for (const std::string_view taken : {"/job", "/proc", "/dev", "/tmp"})
            if (inside == taken || inside.starts_with(std::string(taken) + "/"))
                return invalid("runtime path {} lies in {}, which is the sandbox's own", inside, taken);
    }
    return Unit{};
}

Result<Unit> check_environment(const SandboxJob& job) {
    if (job.environment.size() > 200) return invalid("expected at most 200 variables");
    for (const auto& [name, value] : job.environment) {
        const bool plain = !name.empty() && name.size() <= 256 && !(name[0] >= '0' && name[0] <= '9') &&
                           std::all_of(name.begin(), name.end(), is_word);
        if (!plain) return invalid("variable name `{}` is not plain", sanitise_log(name));
        if (value.find('\0') != std::string::npos || value.size() > 32768)
            return invalid("value of variable {} has a zero byte or more than 32768 bytes", name);
        for (const std::string_view fixed : {"C2D_ARGS", "C2D_INPUTS", "C2D_OUTPUTS", "C2D_PEER_FD", "C2D_ENGINE"})
            if (name == fixed) return invalid("variable {} is set by the sandbox", name);
    }
    return Unit{};
}

Result<Unit> check_program(const SandboxJob& job) {
    if (job.code.size() > kCodeBytesMax) return invalid("expected code of at most {} bytes", kCodeBytesMax);
    if (job.argv.empty() && looks_like_path(job.code))
        return invalid("expected the operator's program{}", found_instead(job.code));
    if (job.args_json.size() > kArgumentsBytesMax)
        return invalid("expected arguments of at most {} bytes", kArgumentsBytesMax);
    if (job.argv.size() > 250) return invalid("expected at most 250 program arguments");
    for (const auto& argument : job.argv)
        if (argument.find('\0') != std::string::npos || argument.size() > 32768)
            return invalid("a program argument has a zero byte or more than 32768 bytes");
    if (!job.argv.empty() && job.argv[0].empty()) return invalid("the program has no name");
    return Unit{};
}

Result<Unit> check_limits(const SandboxLimits& limits) {
    // Upper bounds keep sums of limits within 64 bits and file systems within reason.
    const auto bounded = [](std::uint64_t value, std::uint64_t least, std::uint64_t most) {
        return value >= least && value <= most;
    };
    constexpr std::uint64_t kHuge = 1ull << 50;
    constexpr std::int64_t kYearMs = 366ll * 24 * 3600 * 1000;
    if (!bounded(limits.memory_bytes, 1u << 20, kHuge))
        return invalid("memory_bytes must be 1 MiB to 1 PiB, found {}", limits.memory_bytes);
    if (!bounded(limits.tmp_bytes, 1, kHuge) || !bounded(limits.output_bytes, 1, kHuge))
        return invalid("tmp_bytes and output_bytes must be positive");
    if (!bounded(limits.output_files, 1, 100'000))
        return invalid("output_files must be 1 to 100000, found {}", limits.output_files);
    if (!bounded(limits.processes, 1, 100'000))
        return invalid("processes must be 1 to 100000, found {}", limits.processes);
    if (!bounded(limits.open_files, 16, 1'000'000))
        return invalid("open_files must be 16 to 1000000, found {}", limits.open_files);
    if (!bounded(limits.log_bytes, 1, 1ull << 30))
        return invalid("log_bytes must be 1 byte to 1 GiB, found {}", limits.log_bytes);
    for (const auto time : {limits.wall, limits.cpu})
        if (time.count() <= 0 || time.count() > kYearMs)
            return invalid("wall and cpu must be positive and at most a year");
    return Unit{};
}

int socket_option(int fd, int option) {
    int value = -1;
    socklen_t size = sizeof value;
    return ::getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

/// A connected UNIX socket and nothing else: any other kind could be turned elsewhere from inside.
Result<Unit> check_peer(int fd) {
    if (fd < 0) return Unit{};
    const int type = socket_option(fd, SO_TYPE);
    if (socket_option(fd, SO_DOMAIN) != AF_UNIX || (type != SOCK_STREAM && type != SOCK_SEQPACKET) ||
        socket_option(fd, SO_ACCEPTCONN) != 0)
        return invalid("peer_fd must be one end of a UNIX stream or seqpacket socketpair");
    return Unit{};
}

}  // namespace

bool name_is_plain(std::string_view name) noexcept {
    if (name.empty() || name.size() > 128 || !is_word(name[0])) return false;
    return std::all_of(name.begin(), name.end(), [](char c) { return is_word(c) || c == '.' || c == '-'; });
}

bool inside_path_is_plain(std::string_view path) noexcept {
    if (path.size() < 2 || path.size() > 4000 || path[0] != '/' || path.back() == '/') return false;
    if (path.find('\0') != std::string_view::npos) return false;
    while (!path.empty()) {
        path.remove_prefix(1);
        const auto part = path.substr(0, path.find('/'));
        if (part.empty() || part == "." || part == ".." || part.size() > 255) return false;
        path.remove_prefix(part.size());
    }
    return true;
}

Result<Unit> check_job(const SandboxJob& job) {
    C2D_CHECK(check_program(job));
    C2D_CHECK(check_names(job));
    C2D_CHECK(check_runtime(job));
    C2D_CHECK(check_environment(job));
    C2D_CHECK(check_limits(job.limits));
    if (job.engine && (job.peer_fd < 0 || job.engine->start.empty()))
        return invalid("an engine needs peers, and to be told what it is for");
    if (job.engine &&
        (job.engine->start.size() > kEngineMemoryBytes || job.engine->start.find('\0') != std::string::npos))
        return invalid("an engine is told at most 4096 bytes, none of them 0");
    if (job.engine &&
        (job.engine->kept.size() > job.engine->kept_bytes || job.engine->kept_bytes > kEngineKeptBytesMax))
        return invalid("an engine's memory for kept shares has 64 MiB at most, and what it begins with is within it");
    if (job.engine && (job.engine->checkpoints.size() > job.engine->checkpoint_bytes ||
                       job.engine->checkpoint_bytes > kCheckpointAreaBytes))
        return invalid(
            "an engine's memory for checkpoints has 48 MiB and a page at most, and what it begins with is within it");
    return check_peer(job.peer_fd);
}

}  // namespace c2d::sandbox
