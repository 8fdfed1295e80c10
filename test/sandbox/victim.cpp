#include "sandbox/victim.hpp"

#include <arpa/inet.h>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace c2d::test {

namespace {

/// A System V segment that any user may read; -1 where the kernel has none.
int share_secret() {
    const int id = ::shmget(IPC_PRIVATE, 4096, 0666);
    void* at = id < 0 ? reinterpret_cast<void*>(-1) : ::shmat(id, nullptr, 0);
    if (at == reinterpret_cast<void*>(-1)) return id;
    std::memcpy(at, "secret", 6);
    ::shmdt(at);
    return id;
}

}  // namespace

Victim::Victim() {
    std::filesystem::permissions(scratch_.path, std::filesystem::perms(0755));
    for (const char* folder : {"tmp", "outputs"}) std::filesystem::create_directory(scratch_ / folder);
    write_text(scratch_ / "secret", "secret", 0644);
    write_text(scratch_ / "inside", "secret", 0600);
    write_text(scratch_ / "code", "pass\n", 0644);
    restore();
    descriptor_ = Fd(::open((scratch_ / "secret").c_str(), O_RDONLY));  // no O_CLOEXEC: a leak
    listen_tcp();
    abstract_ = fmt::format("c2d-hostile-{}", ::getpid());
    listen_unix(abstract_listener_, std::string(1, '\0') + abstract_);
    listen_unix(file_listener_, (scratch_ / "socket").string());
    shared_memory_ = share_secret();
    ::setenv("C2D_TEST_SECRET", "secret", 1);
}

Victim::~Victim() {
    ::unsetenv("C2D_TEST_SECRET");
    if (shared_memory_ >= 0) ::shmctl(shared_memory_, IPC_RMID, nullptr);
}

void Victim::restore() const { write_text(scratch_ / "input", "secret", 0600); }

std::string Victim::coordinates(bool inside) const {
    const auto path = [&](const char* out, const char* in) {
        return inside ? std::string(in) : (scratch_ / out).string();
    };
    char host[256] = {};
    ::gethostname(host, sizeof host - 1);
    return fmt::format(R"({{"secret":"{}","socket":"{}","input":"{}","code":"{}","outputs":"{}","tmp":"{}",)"
                       R"("pid":{},"port":{},"abstract":"{}","descriptor":{},"host":"{}","shared":{}}})",
                       (scratch_ / "secret").string(), (scratch_ / "socket").string(),
                       path("input", "/job/inputs/input"), path("code", "/job/code"), path("outputs", "/job/outputs"),
                       path("tmp", "/tmp"), ::getpid(), port_, abstract_, descriptor_.get(), host, shared_memory_);
}

void Victim::listen_tcp() {
    tcp_listener_ = Fd(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(tcp_listener_.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(tcp_listener_.get(), 64) == 0);
    ::getsockname(tcp_listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
}

void Victim::listen_unix(Fd& out, const std::string& name) {
    out = Fd(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path, sizeof address.sun_path - 1);
    const auto size = socklen_t(offsetof(sockaddr_un, sun_path) + name.size());
    REQUIRE(::bind(out.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(out.get(), 64) == 0);
}

namespace {

std::string program_of(const HostileOperator& attack) {
    std::string body = attack.body;
    for (std::size_t at = 0; (at = body.find('\n', at)) != std::string::npos; at += 5) body.insert(at + 1, "    ");
    return std::string(kHostilePrelude) + "try:\n    " + body +
           "\n    print('ESCAPED')\nexcept BaseException as error: print('contained:', "
           "repr(error))\n";
}

}  // namespace

std::string run_outside(const HostileOperator& attack, const Victim& victim) {
    write_text(victim / "attack.py", program_of(attack));
    write_text(victim / "stdin", "secret");
    ::setenv("C2D_TEST_VICTIM", victim.coordinates(false).c_str(), 1);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    const std::string log = (victim / "log").string(), input = (victim / "stdin").string();
    posix_spawn_file_actions_addopen(&actions, 0, input.c_str(), O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    std::string name = "python3", bare = "-IS", file = (victim / "attack.py").string();
    char* arguments[] = {name.data(), bare.data(), file.data(), nullptr};
    pid_t pid = -1;
    REQUIRE(::posix_spawn(&pid, "/usr/bin/python3", &actions, nullptr, arguments, environ) == 0);
    posix_spawn_file_actions_destroy(&actions);
    ::waitpid(pid, nullptr, 0);
    return read_text(log);
}

SandboxJob inside_job(const HostileOperator& attack, const Victim& victim) {
    auto job = python_job(program_of(attack));
    job.argv = {"python3", "-ISB", "/job/code"};  // starts in half the time
    job.inputs = {{"input", victim / "inside", -1}};
    job.environment = {{"C2D_TEST_VICTIM", victim.coordinates(true)}};
    job.limits.wall = std::chrono::seconds(20);
    return job;
}

std::string log_of(const Result<Report>& report) {
    if (!report) return "not started: " + report.error().message;
    return report->log.empty() ? report->detail : report->log;
}

bool escaped(const std::string& log) { return log.find("ESCAPED") != std::string::npos; }

std::vector<std::string> run_parallel(std::size_t count, const std::function<std::string(std::size_t)>& work) {
    std::vector<std::string> out(count);
    std::atomic<std::size_t> next{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (std::size_t at; (at = next++) < count;) out[at] = work(at);
        });
    for (auto& thread : threads) thread.join();
    return out;
}

}  // namespace c2d::test
