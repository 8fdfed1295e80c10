#include "support/anvil.hpp"

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/try.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <thread>

namespace c2d::support {

namespace {

constexpr std::chrono::seconds kStartMax{60}, kEndMax{10};
constexpr std::chrono::milliseconds kPause{20};
constexpr std::size_t kLogBytesMax = std::size_t(64) << 20;

#if defined(__aarch64__)
constexpr const char* kPackage = "anvil-linux-arm64";
#else
constexpr const char* kPackage = "anvil-linux-amd64";
#endif

Result<std::string> find_anvil(const std::string& source_dir) {
    if (const char* named = std::getenv("C2D_ANVIL")) return std::string(named);
    const std::string packages = source_dir + "/test/evm";
    const std::string path = packages + "/node_modules/@foundry-rs/" + kPackage + "/bin/anvil";
    if (::access(path.c_str(), X_OK) == 0) return path;
    return fail(Status::NOT_FOUND,
                "no anvil at {}: install nodejs and npm, then run (cd {} && npm ci --ignore-scripts); "
                "test/run.sh does both. Or name another anvil in C2D_ANVIL",
                path, packages);
}

/// In the child: becomes anvil, with everything it prints in `log`, and ends when its parent does.
[[noreturn]] void become(const std::vector<std::string>& command, int log) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    std::vector<char*> words;
    for (const auto& word : command) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    ::execv(words[0], words.data());
    ::_exit(127);
}

}  // namespace

Result<std::unique_ptr<Anvil>> Anvil::start(const std::string& source_dir, const std::vector<std::string>& arguments) {
    C2D_TRY(const auto program, find_anvil(source_dir));
    std::vector<std::string> command = {program, "--host", "127.0.0.1", "--port", "0"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    std::unique_ptr<Anvil> anvil(new Anvil);
    anvil->log_path_ = (std::filesystem::temp_directory_path() / "c2d-anvil-XXXXXX").string();
    const Fd log(::mkostemp(anvil->log_path_.data(), O_CLOEXEC));
    if (!log) return fail(Status::IO, "cannot make {}: {}", anvil->log_path_, errno_text(errno));
    anvil->pid_ = ::fork();
    if (anvil->pid_ < 0) return fail(Status::IO, "cannot start {}: {}", program, errno_text(errno));
    if (anvil->pid_ == 0) become(command, log.get());
    C2D_CHECK(anvil->wait_until_it_listens());
    return anvil;
}

Result<Unit> Anvil::wait_until_it_listens() {
    const auto deadline = std::chrono::steady_clock::now() + kStartMax;
    constexpr std::string_view kSays = "Listening on ";
    while (std::chrono::steady_clock::now() < deadline) {
        const std::string text = output();
        const auto at = text.find(kSays);
        const auto end = text.find('\n', at);
        if (at != text.npos && end != text.npos) {
            url_ = "http://" + text.substr(at + kSays.size(), end - at - kSays.size());
            return Unit{};
        }
        if (::waitpid(pid_, nullptr, WNOHANG) == pid_) {
            pid_ = -1;
            return fail(Status::UNAVAILABLE, "anvil ended at once: {}", text.substr(0, 500));
        }
        std::this_thread::sleep_for(kPause);
    }
    return fail(Status::TIMEOUT, "anvil did not listen within {} s", kStartMax.count());
}

std::string Anvil::output() const { return read_file(log_path_, kLogBytesMax).value_or(""); }

Anvil::~Anvil() {
    if (pid_ > 0) {
        ::kill(pid_, SIGTERM);
        const auto deadline = std::chrono::steady_clock::now() + kEndMax;
        while (::waitpid(pid_, nullptr, WNOHANG) == 0) {
            if (std::chrono::steady_clock::now() > deadline) ::kill(pid_, SIGKILL);
            std::this_thread::sleep_for(kPause);
        }
    }
    std::error_code ignored;
    std::filesystem::remove(log_path_, ignored);
}

}  // namespace c2d::support
