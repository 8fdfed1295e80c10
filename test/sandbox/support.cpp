#include "sandbox/support.hpp"

#include <cstdio>
#include <cstdlib>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace c2d::test {
namespace {

namespace fs = std::filesystem;
constexpr unsigned kOrdinaryUser = 65534;

/// The build folder may be closed to other users.
fs::path copy_of_helper() {
    char folder[] = "/tmp/c2d-helper-XXXXXX";
    if (!::mkdtemp(folder) || ::chmod(folder, 0755) != 0) std::abort();
    const fs::path copy = fs::path(folder) / "c2d-sandbox-helper";
    fs::copy_file(C2D_BINARY_DIR "/bin/c2d-sandbox-helper", copy);
    ::chmod(copy.c_str(), 0755);
    if (::chown(folder, kOrdinaryUser, kOrdinaryUser) != 0) std::abort();
    return copy;
}

struct Identity {
    fs::path helper = C2D_BINARY_DIR "/bin/c2d-sandbox-helper";
    fs::path copy;

    Identity() {
        if (!std::getenv("C2D_TEST_AS_USER") || ::geteuid() != 0) return;
        helper = copy = copy_of_helper();
        if (::setgroups(0, nullptr) != 0 || ::setresgid(kOrdinaryUser, kOrdinaryUser, kOrdinaryUser) != 0 ||
            ::setresuid(kOrdinaryUser, kOrdinaryUser, kOrdinaryUser) != 0)
            std::abort();
        // As after an ordinary start by this user.
        ::prctl(PR_SET_DUMPABLE, 1);
    }
    ~Identity() {
        std::error_code ignored;
        if (!copy.empty()) fs::remove_all(copy.parent_path(), ignored);
    }
};

const Identity kIdentity;

}  // namespace

bool running_as_root() { return ::geteuid() == 0; }

fs::path helper_path() { return kIdentity.helper; }

const Sandbox& sandbox() {
    static const Result<Sandbox> opened = Sandbox::open({.helper = kIdentity.helper, .logger = nullptr, .cgroup = {}});
    if (!opened) {
        std::fprintf(stderr, "cannot open the sandbox: %s\n", opened.error().message.c_str());
        std::exit(1);
    }
    static const bool checked = [] {
        bool usable = true;
        for (const auto& layer : opened->probe()) {
            if (layer.state != LayerStatus::State::off) continue;
            std::fprintf(stderr, "this machine denies the sandbox layer %s (errno %d): %s\n", layer_name(layer.layer),
                         layer.error_number, layer.hint.c_str());
            usable = false;
        }
        return usable;
    }();
    if (!checked) std::exit(1);
    return *opened;
}

SandboxJob python_job(std::string code) {
    SandboxJob job;
    job.code = std::move(code);
    job.limits.memory_bytes = 256u << 20;
    job.limits.tmp_bytes = 4u << 20;
    job.limits.output_bytes = 1u << 20;
    job.limits.output_files = 8;
    job.limits.processes = 32;
    job.limits.log_bytes = 64u << 10;
    job.limits.wall = std::chrono::seconds(60);
    job.limits.cpu = std::chrono::seconds(60);
    return job;
}

Report run_job(const SandboxJob& job) {
    auto report = sandbox().run(job);
    REQUIRE_MESSAGE(report.ok(), (report.ok() ? "" : report.error().message));
    return *std::move(report);
}

Report run_python(std::string code) { return run_job(python_job(std::move(code))); }

LayerStatus::State state_of(const Report& report, Layer layer) {
    for (const auto& status : report.layers)
        if (status.layer == layer) return status.state;
    return LayerStatus::State::off;
}

std::string in_child(const std::function<std::string()>& body) {
    int ends[2];
    if (::pipe(ends) != 0) std::abort();
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(ends[0]);
        const std::string answer = body();
        const bool said = ::write(ends[1], answer.data(), answer.size()) == ssize_t(answer.size());
        ::_exit(said ? 0 : 1);
    }
    ::close(ends[1]);
    std::string answer;
    char buffer[4096];
    for (ssize_t got; (got = ::read(ends[0], buffer, sizeof buffer)) > 0;) answer.append(buffer, std::size_t(got));
    ::close(ends[0]);
    ::waitpid(child, nullptr, 0);
    return answer;
}

}  // namespace c2d::test
