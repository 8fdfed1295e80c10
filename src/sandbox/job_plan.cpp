#include "sandbox/job_plan.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "sandbox/layers.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <map>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace c2d::sandbox {
namespace {

/// Like C2D_JOB_ID_FIRST, for hosts whose own user namespace maps no more than 65536 ids: all runs
/// share it then.
constexpr std::uint32_t kJobId = 65530;
constexpr std::uint32_t kInsideId = 1000;
constexpr std::uint64_t kPage = 4096;
constexpr const char* kEngine = "/opt/c2d/libexec/c2d-engine";
/// Threads and the process itself, beside what the operator may have.
constexpr std::uint32_t kEngineProcesses = 4;

std::uint64_t in_pages(std::uint64_t bytes) { return (bytes + kPage - 1) / kPage * kPage; }

class Builder {
public:
    Builder(const SandboxJob& job, const PlanContext& context) : job_(job), context_(context) {
        // The plan's own memfd comes first; it is made when everything else is known.
        out_.descriptors = {-1, context_.log_fd};
    }

    Result<JobPlan> build() && {
        C2D_CHECK(add_system());
        add_devices();
        add_files();
        for (const auto& mount : job_.runtime) C2D_CHECK(add_runtime(mount));
        for (const auto& input : job_.inputs) C2D_CHECK(add_input(input));
        add_program();
        add_limits();
        out_.plan.filter = context_.filter;
        return std::move(out_);
    }

private:
    std::uint32_t add_descriptor(int fd) {
        out_.descriptors.push_back(fd);
        return std::uint32_t(out_.descriptors.size() - 1);
    }

    std::uint32_t own_descriptor(Fd fd) {
        out_.owned.push_back(std::move(fd));
        return add_descriptor(out_.owned.back().get());
    }

    /// False when the host has no such path.
    bool add_mount(const char* host, std::string inside, std::uint32_t flags) {
        Fd fd(::open(host, O_PATH | O_CLOEXEC));
        if (!fd) return false;
        out_.plan.mounts.push_back({own_descriptor(std::move(fd)), flags, std::move(inside)});
        return true;
    }

    Result<Unit> add_system() {
        if (!add_mount("/usr", "/usr", 0)) return fail(Status::IO, "cannot open /usr: {}", errno_text(errno));
        // Links into /usr on most systems, directories of their own on others.
        for (const char* path : {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"}) {
            char target[PATH_MAX] = {};
            if (::readlink(path, target, sizeof target - 1) > 0)
                out_.plan.links.emplace_back(path, target);
            else
                add_mount(path, path, 0);
        }
        // Which library is meant, and nothing else of /etc: Debian's BLAS is found through links.
        for (const char* path : {"/etc/ld.so.cache", "/etc/alternatives"}) add_mount(path, path, C2D_MOUNT_NOEXEC);
        return Unit{};
    }

    void add_devices() {
        for (const char* path : {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"})
            add_mount(path, path, C2D_MOUNT_DEVICE | C2D_MOUNT_WRITABLE | C2D_MOUNT_NOEXEC);
        out_.plan.links.emplace_back("/dev/fd", "/proc/self/fd");
        out_.plan.links.emplace_back("/dev/stdin", "/proc/self/fd/0");
        out_.plan.links.emplace_back("/dev/stdout", "/proc/self/fd/1");
        out_.plan.links.emplace_back("/dev/stderr", "/proc/self/fd/2");
    }

    void add_files() {
        auto& files = out_.plan.files;
        files.push_back(
            {0444, "/etc/passwd", fmt::format("c2d:x:{0}:{0}:c2d operator:/tmp:/usr/sbin/nologin\n", kInsideId)});
        files.push_back({0444, "/etc/group", fmt::format("c2d:x:{}:\n", kInsideId)});
        files.push_back({0444, "/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n"});
        files.push_back({0555, "/job/code", job_.code});
        files.push_back({0444, "/job/args.json", job_.args_json});
        root_bytes_ += in_pages(job_.code.size()) + in_pages(job_.args_json.size());
    }

    Result<Unit> add_runtime(const SandboxMount& mount) {
        Fd fd(::open(mount.host.c_str(), O_PATH | O_CLOEXEC));
        struct stat info {};
        if (!fd || ::fstat(fd.get(), &info) != 0)
            return fail(errno == ENOENT ? Status::NOT_FOUND : Status::IO, "cannot open the runtime path {}: {}",
                        mount.host.string(), errno_text(errno));
        if (!S_ISDIR(info.st_mode) && !S_ISREG(info.st_mode))
            return fail(Status::INVALID_ARGUMENT, "runtime path {} is neither file nor directory", mount.host.string());
        out_.plan.mounts.push_back({own_descriptor(std::move(fd)), 0, mount.inside.string()});
        return Unit{};
    }

    Result<Unit> add_input(const SandboxInput& input) {
        int fd = input.fd;
        Fd opened;
        if (fd < 0) {
            opened = Fd(::open(input.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
            if (!opened)
                return fail(errno == ENOENT ? Status::NOT_FOUND : Status::IO, "cannot open input {}, {}: {}",
                            input.name, input.path.string(), errno_text(errno));
            fd = opened.get();
        }
        struct stat info {};
        if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))
            return fail(Status::INVALID_ARGUMENT, "input {} is not a regular file", input.name);
        // Room for a copy, in case the file cannot be shown itself.
        root_bytes_ += in_pages(std::uint64_t(info.st_size)) + kPage;
        const auto index = opened ? own_descriptor(std::move(opened)) : add_descriptor(fd);
        out_.plan.mounts.push_back({index, C2D_MOUNT_INPUT | C2D_MOUNT_NOEXEC, "/job/inputs/" + input.name});
        return Unit{};
    }

    void add_program() {
        out_.plan.arguments = job_.argv;
        if (job_.argv.empty()) out_.plan.arguments = {"python3", "-B", "/job/code", "--config", "/job/args.json"};
        std::map<std::string, std::string> variables = {
            {"PATH", "/usr/local/bin:/usr/bin:/bin"},
            {"HOME", "/tmp"},
            {"TMPDIR", "/tmp"},
            {"LANG", "C.UTF-8"},
            {"C2D_ARGS", "/job/args.json"},
            {"C2D_INPUTS", "/job/inputs"},
            {"C2D_OUTPUTS", "/job/outputs"},
        };
        // Numeric libraries start a thread per core, which a small process limit would refuse.
        const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
        if (cores > job_.limits.processes / 4) {
            const auto threads = std::to_string(std::max(1u, job_.limits.processes / 4));
            variables["OMP_NUM_THREADS"] = variables["OPENBLAS_NUM_THREADS"] = threads;
        }
        out_.plan.head.peer = out_.plan.head.engine_start = C2D_PLAN_NO_DESCRIPTOR;
        if (job_.peer_fd >= 0) {
            out_.plan.head.peer = add_descriptor(job_.peer_fd);
            variables["C2D_PEER_FD"] = "3";
        }
        if (job_.engine) {
            out_.plan.head.engine_start = add_descriptor(context_.engine_start);
            out_.plan.mounts.push_back({add_descriptor(context_.engine_program), 0, kEngine});
            out_.plan.engine = kEngine;
            out_.plan.engine_filter = context_.engine_filter;
            variables["C2D_ENGINE"] = "1";
        }
        for (const auto& [name, value] : job_.environment) variables[name] = value;
        for (const auto& [name, value] : variables) out_.plan.variables.push_back(name + "=" + value);
    }

    void add_limits() {
        auto& head = out_.plan.head;
        const auto& limits = job_.limits;
        head.flags = (context_.probe ? unsigned(C2D_PLAN_PROBE) : 0u) |
                     (measures_memory() ? unsigned(C2D_PLAN_MEASURE_MEMORY) : 0u);
        head.required = context_.probe ? 0 : required_layers(job_);
        head.job_id = kJobId;
        head.inside_id = kInsideId;
        head.cgroup_first = std::uint32_t(out_.descriptors.size());
        head.cgroup_count = std::uint32_t(context_.cgroups.size());
        for (const int fd : context_.cgroups) add_descriptor(fd);
        head.cgroup_directory =
            context_.cgroup_directory < 0 ? C2D_PLAN_NO_DESCRIPTOR : add_descriptor(context_.cgroup_directory);
        head.left_out = context_.left_out;
        // The cgroup counts refusals, so where there is one it is asked first.
        head.processes = limits.processes + (context_.processes_hard ? 8 : 0) + (job_.engine ? kEngineProcesses : 0);
        head.open_files = limits.open_files;
        // The directory itself needs one, and a program may write beside the final name.
        head.output_inodes = limits.output_files + 16;
        head.scratch_inodes = 16384;
        // Memory that is only polled must be polled often: it is how far a limit can be passed.
        head.sample_ms = context_.memory_hard ? 50 : 20;
        head.root_bytes = in_pages(root_bytes_);
        head.scratch_bytes = in_pages(limits.tmp_bytes);
        // Each file's last page is rounded up; the collector holds the exact sum.
        head.output_bytes = in_pages(limits.output_bytes) + limits.output_files * kPage;
        // Address space is not memory: threads and allocators reserve much more than they use.
        head.address_space_bytes = 2 * limits.memory_bytes + (1ull << 30);
        head.file_bytes = std::max(limits.output_bytes, limits.tmp_bytes);
        head.memory_bytes = limits.memory_bytes;
        head.cpu_seconds = std::uint64_t(limits.cpu.count() + 999) / 1000 + 1;
    }

    bool measures_memory() const {
        return !context_.memory_hard && !(context_.left_out & 1u << int(Layer::memory_hard));
    }

    const SandboxJob& job_;
    const PlanContext& context_;
    JobPlan out_;
    std::uint64_t root_bytes_ = 4u << 20;
};

}  // namespace

Result<JobPlan> make_job_plan(const SandboxJob& job, const PlanContext& context) {
    return Builder(job, context).build();
}

}  // namespace c2d::sandbox
