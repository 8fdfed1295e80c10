/// The engine of a joint run inside the sandbox: it alone has the peers, an operator that attacks it gets nothing, and
/// neither outlives the other.

#include "sandbox/support.hpp"

#include "base/engine_start.hpp"
#include "base/file.hpp"

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <poll.h>
#include <sys/socket.h>
#include <thread>

using namespace c2d;
using namespace c2d::test;
namespace fs = std::filesystem;

namespace {

bool full() { return std::getenv("C2D_FULL") != nullptr; }

/// A job of party 0 with an engine; the test is its peers.
struct JointJob {
    Fd peers, inside;
    SandboxJob job;

    explicit JointJob(std::string code) : job(python_job(std::move(code))) {
        int ends[2];
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
        peers = Fd(ends[0]);
        inside = Fd(ends[1]);
        job.peer_fd = inside.get();
        job.engine = SandboxEngine{C2D_BINARY_DIR "/bin/c2d-engine", engine_start_text({})};
    }
    std::unique_ptr<SandboxRun> start() {
        auto run = sandbox().start(job);
        REQUIRE_MESSAGE(run.ok(), (run.ok() ? "" : run.error().message));
        inside.reset();
        return *std::move(run);
    }
    Report run() {
        auto started = start();
        auto report = started->wait();
        REQUIRE(report.ok());
        return *std::move(report);
    }
    /// Bytes that came out of the sandbox.
    std::size_t sent() const {
        std::size_t out = 0;
        char buffer[4096];
        for (ssize_t got; (got = ::recv(peers.get(), buffer, sizeof buffer, MSG_DONTWAIT)) > 0;)
            out += std::size_t(got);
        return out;
    }
};

/// What operators that play with the socket begin with: message(type, payload) and answer().
const std::string kPrelude = R"(
import os, socket, struct, sys
assert os.environ['C2D_PEER_FD'] == '3' and os.environ['C2D_ENGINE'] == '1'
engine = socket.socket(fileno=3)
def message(kind, payload=b''): engine.sendall(struct.pack('<QB', len(payload), kind) + payload)
def answer():
    head = b''
    while len(head) < 9:
        more = engine.recv(9 - len(head))
        if not more: return None
        head += more
    length, kind = struct.unpack('<QB', head)
    body = b''
    while len(body) < length: body += engine.recv(length - len(body))
    return kind, body
)";

/// The process with this name below this one, 0 without one.
pid_t process_named(const std::string& name) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
        std::ifstream comm(entry.path() / "comm");
        std::string found;
        if (!std::getline(comm, found) || found != name) continue;
        // Ours: its ancestors lead here.
        for (pid_t at = std::atoi(entry.path().filename().c_str()); at > 1;) {
            if (at == ::getpid()) return std::atoi(entry.path().filename().c_str());
            std::ifstream stat("/proc/" + std::to_string(at) + "/stat");
            std::string text;
            std::getline(stat, text);
            const auto bracket = text.rfind(')');
            if (bracket == std::string::npos) break;
            at = std::atoi(text.c_str() + bracket + 4);
        }
    }
    return 0;
}

pid_t wait_for(const std::string& name) {
    for (int tries = 0; tries < 2000; ++tries) {
        if (const pid_t pid = process_named(name)) return pid;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return 0;
}

}  // namespace

TEST_CASE("an operator that does nothing, and one that closes and goes on") {
    for (const char* code : {"pass", "engine.close()\nopen('/job/outputs/x', 'w').write('1')"}) {
        JointJob joint(kPrelude + code);
        const Report report = joint.run();
        INFO(report.log);
        CHECK(report.succeeded());
        CHECK(report.engine_report == engine_report_text({}));
        CHECK(joint.sent() == 0);
    }
}

TEST_CASE("an engine answers, and opens nothing without peers") {
    JointJob joint(kPrelude + R"(
message(2, b'')
kind, body = answer()
assert kind == 6, kind            # a failure: no session is open
message(1, b'\x01')
kind, body = answer()
assert kind == 6, kind            # the clear backend
print('answered')
)");
    const Report report = joint.run();
    CHECK(report.log == "answered\n");
    CHECK(report.succeeded());
    CHECK(joint.sent() == 0);
}

TEST_CASE("an operator whose engine fails has not ended well, whatever it says") {
    for (const char* attack :
         {"engine.sendall(b'\\xff' * 100)", "engine.sendall(struct.pack('<QB', 100, 2) + b'cut')\nengine.close()",
          "message(5, b'x')", "message(9)", "engine.sendall(struct.pack('<QB', 1 << 62, 2))",
          "try: engine.sendall(os.urandom(1 << 20))\nexcept OSError: pass"}) {
        INFO(attack);
        JointJob joint(kPrelude + attack + "\nopen('/job/outputs/loot', 'w').write('1')\nos._exit(0)\n");
        const auto start = std::chrono::steady_clock::now();
        const Report report = joint.run();
        CHECK_FALSE(report.succeeded());
        CHECK(report.outputs.empty());
        CHECK(joint.sent() == 0);
        CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
    }
}

TEST_CASE("an operator cannot look at its engine") {
    JointJob joint(kPrelude + R"(
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
buffer = ctypes.create_string_buffer(64)
class iovec(ctypes.Structure): _fields_ = [('base', ctypes.c_void_p), ('length', ctypes.c_size_t)]
local, remote = iovec(ctypes.addressof(buffer), 64), iovec(0x400000, 64)
got = []
for pid in range(2, 40):
    if pid == os.getpid(): continue
    if libc.ptrace(16, pid, None, None) == 0: got.append(('attach', pid))
    if libc.ptrace(0x4206, pid, None, None) == 0: got.append(('seize', pid))
    if libc.process_vm_readv(pid, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0) >= 0: got.append(('memory', pid))
    pidfd = libc.syscall(434, pid, 0)
    if pidfd >= 0: got.append(('pidfd', pid))
    if libc.syscall(438, max(pidfd, 0), 3, 0) >= 0: got.append(('pidfd_getfd', pid))
    if libc.syscall(312, os.getpid(), pid, 0, 3, 3) >= 0: got.append(('kcmp', pid))
    for name in ('mem', 'maps', 'environ', 'cmdline', 'stat', 'fd/3', 'fd/5', 'status', 'io', 'stack', 'syscall'):
        try:
            with open('/proc/%d/%s' % (pid, name), 'rb') as file: got.append((name, pid, file.read(10)))
        except OSError: pass
    for name in ('fd', 'task'):
        try: got.append((name, pid, os.listdir('/proc/%d/%s' % (pid, name))))
        except OSError: pass
    for name in ('exe', 'cwd', 'root', 'fd/3'):
        try: got.append((name, pid, os.readlink('/proc/%d/%s' % (pid, name))))
        except OSError: pass
print(got)
print(sorted(os.listdir('/proc/self/fd')), [name for name in os.environ if 'ENGINE' in name or 'RULE' in name])
)");
    const Report report = joint.run();
    CHECK_MESSAGE(report.log.substr(0, 3) == "[]\n", report.log);
    CHECK(report.succeeded());
    CHECK(joint.sent() == 0);
}

TEST_CASE("an operator that floods and never listens ends with its time") {
    JointJob joint(kPrelude + "while True: message(2, b'x' * 1000)\n");
    joint.job.limits.wall = std::chrono::seconds(3);
    const Report report = joint.run();
    CHECK(report.outcome == Outcome::wall_timeout);
    CHECK(process_named("c2d-engine") == 0);
}

TEST_CASE("an engine that cannot start is a failure of the start") {
    JointJob joint("print('ran')");
    joint.job.engine->program = "/nowhere/c2d-engine";
    CHECK(sandbox().start(joint.job).status() == Status::NOT_FOUND);
    JointJob other("print('ran')");
    other.job.engine->start = "nonsense";
    CHECK_FALSE(sandbox().start(other.job).ok());
    JointJob alone("print('ran')");
    alone.job.peer_fd = -1;
    CHECK(sandbox().start(alone.job).status() == Status::INVALID_ARGUMENT);
    CHECK(process_named("c2d-engine") == 0);
}

TEST_CASE("neither outlives the other") {
    const int times = full() ? 1000 : 8;
    for (int i = 0; i < times; ++i) {
        const bool engine = i % 2 == 0;
        JointJob joint("import time, ctypes\nctypes.CDLL(None).prctl(15, b'c2d-op', 0, 0, 0)\ntime.sleep(600)");
        auto run = joint.start();
        const pid_t pid = wait_for(engine ? "c2d-engine" : "c2d-op");
        REQUIRE(pid > 0);
        REQUIRE(::kill(pid, SIGKILL) == 0);
        const auto report = run->wait();
        REQUIRE(report.ok());
        CHECK_FALSE(report->succeeded());
        CHECK(process_named("c2d-engine") == 0);
        CHECK(process_named("c2d-op") == 0);
    }
}
