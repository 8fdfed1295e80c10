// The calling convention, the answers and the report of an ordinary run.
#include "sandbox/support.hpp"
#include "support/must.hpp"

#include <chrono>
#include <condition_variable>
#include <fcntl.h>
#include <mutex>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace c2d;
using namespace c2d::test;

TEST_CASE("an operator finds the documented folder, arguments and environment") {
    TempDir scratch;
    auto job = python_job(R"(
import json, os, sys
assert sys.argv == ['/job/code', '--config', '/job/args.json'], sys.argv
assert os.getcwd() == '/job'
assert json.load(open(os.environ['C2D_ARGS'])) == {'rounds': 3}
assert os.environ['C2D_INPUTS'] == '/job/inputs' and os.environ['C2D_OUTPUTS'] == '/job/outputs'
assert 'C2D_PEER_FD' not in os.environ
assert os.environ['C2D_PARTY'] == '2' and os.environ['HOME'] == '/tmp'
assert sorted(os.listdir('/job')) == ['args.json', 'code', 'inputs', 'outputs']
assert os.listdir('/job/inputs') == ['data.csv']
assert open('inputs/data.csv').read() == 'a,b\n'
assert os.getpid() == 2 and os.getuid() == 1000
open('outputs/result.txt', 'w').write('done')
print('to the log'); print('and errors too', file=sys.stderr)
)");
    write_text(scratch / "private.csv", "a,b\n", 0600);
    job.args_json = R"({"rounds": 3})";
    job.inputs = {{"data.csv", scratch / "private.csv", -1}};
    job.environment = {{"C2D_PARTY", "2"}};
    job.outputs = scratch / "out";
    const Report report = run_job(job);
    INFO(report.log);
    CHECK(report.succeeded());
    CHECK(report.log.find("to the log") != std::string::npos);
    CHECK(report.log.find("and errors too") != std::string::npos);
    REQUIRE(report.outputs.size() == 1);
    CHECK(report.outputs[0].name == "result.txt");
    CHECK(report.outputs[0].bytes == 4);
    CHECK(hex_text(report.outputs[0].sha256) == "0xa4c3ed04a95a3da14a9d235c83d868bed7c0f45cf7f3faa751ee8f50598d2211");
    CHECK(read_text(scratch / "out/result.txt") == "done");
    struct stat info {};
    REQUIRE(::stat((scratch / "out/result.txt").c_str(), &info) == 0);
    CHECK((info.st_mode & 07777) == 0600);
    CHECK(info.st_uid == ::geteuid());
}

TEST_CASE("what an operator writes is heard while it runs, all of it before the end") {
    TempDir scratch;
    write_text(scratch / "go", "", 0600);
    auto job = python_job(R"(
import time
print('first', flush=True)
while not open('inputs/go').read(): time.sleep(0.02)
print('last')
)");
    job.inputs = {{"go", scratch / "go", -1}};
    std::mutex mutex;
    std::condition_variable changed;
    std::string heard;
    job.on_log = [&](std::string_view bytes) {
        const std::lock_guard lock(mutex);
        heard += bytes;
        changed.notify_all();
    };
    const auto run = support::must(sandbox().start(job));
    {
        std::unique_lock lock(mutex);
        REQUIRE(changed.wait_for(lock, std::chrono::seconds(60), [&] { return heard == "first\n"; }));
    }
    write_text(scratch / "go", "1", 0600);
    CHECK(support::must(run->wait()).succeeded());
    CHECK(heard == "first\nlast\n");
}

TEST_CASE("whoever hears what an operator writes ends no run") {
    auto job = python_job("print('first', flush=True)\nimport time\ntime.sleep(0.1)\nprint('last')");
    unsigned calls = 0;
    bool is_standard = true;
    SUBCASE("of the standard library") {}
    SUBCASE("of any kind") { is_standard = false; }
    job.on_log = [&](std::string_view) {
        ++calls;
        if (!is_standard) throw 1;
        throw std::runtime_error("not mine");
    };
    const Report report = run_job(job);
    CHECK(report.succeeded());
    CHECK(report.log == "first\nlast\n");
    CHECK(calls == 1);
}

TEST_CASE("the report says what held") {
    const Report report = run_python("x = sum(range(10**6))");
    CHECK(report.outcome == Outcome::exited);
    CHECK(report.exit_code == 0);
    CHECK(report.wall.count() > 0);
    CHECK(report.cpu.count() > 0);
    CHECK(report.memory_peak_bytes > (1u << 20));
    CHECK(report.landlock_abi >= 1);
    CHECK_FALSE(report.seccomp_sha256.is_zero());
    CHECK_FALSE(report.code_sha256.is_zero());
    CHECK(report.layers.size() == 15);
    for (const auto& layer : report.layers) {
        CAPTURE(layer_name(layer.layer));
        const bool hard = layer.layer == Layer::memory_hard || layer.layer == Layer::pids_hard;
        if (hard)
            CHECK(layer.state != LayerStatus::State::off);
        else
            CHECK(layer.state == LayerStatus::State::on);
    }
    const std::string json = report.to_json();
    CHECK(json.find(R"("outcome":"exited","exit_code":0)") != std::string::npos);
    CHECK(json.find(R"("net_ns":{"state":"on"})") != std::string::npos);
    CHECK(json.find('\n') == std::string::npos);
}

TEST_CASE("exit codes and signals are told apart") {
    const Report failed = run_python("import sys; sys.exit(7)");
    CHECK(failed.outcome == Outcome::exited);
    CHECK(failed.exit_code == 7);
    CHECK_FALSE(failed.succeeded());
    const Report killed = run_python("import os; os.kill(os.getpid(), 15)");
    CHECK(killed.outcome == Outcome::signaled);
    CHECK(killed.signal == 15);
    const Report traced = run_python("1/0");
    CHECK(traced.exit_code == 1);
    CHECK(traced.log.find("ZeroDivisionError") != std::string::npos);
}

TEST_CASE("any program can be run, also the code itself") {
    auto job = python_job("#!/bin/sh\necho shell $1; exec 3<&-\n");
    job.argv = {"/job/code", "argument"};
    const Report report = run_job(job);
    CHECK(report.succeeded());
    CHECK(report.log == "shell argument\n");
    job.argv = {"no-such-program"};
    const auto missing = sandbox().run(job);
    REQUIRE_FALSE(missing.ok());
    CHECK(missing.status() == Status::NOT_FOUND);
    CHECK(missing.error().message.find("no-such-program") != std::string::npos);
}

TEST_CASE("inputs are shown by path and by descriptor, and cannot be changed") {
    TempDir scratch;
    write_text(scratch / "one", "first", 0600);
    write_text(scratch / "two", "second", 0644);
    auto job = python_job(R"(
import os
assert open('/job/inputs/one').read() == 'first'
assert open('/job/inputs/two').read() == 'second'
assert open('/job/inputs/memory').read() == 'from memory'
refused = 0
for name in os.listdir('/job/inputs'):
    path = '/job/inputs/' + name
    for attempt in (lambda: open(path, 'a'), lambda: os.chmod(path, 0o777), lambda: os.unlink(path),
                    lambda: os.rename(path, path + 'x'), lambda: os.truncate(path, 0),
                    lambda: os.utime(path)):
        try: attempt()
        except OSError: refused += 1
assert refused == 18, refused
try: open('/job/inputs/new', 'w')
except OSError: print('closed')
)");
    const int by_descriptor = ::open((scratch / "two").c_str(), O_RDONLY | O_CLOEXEC);
    // No path leads to it: it can only be copied.
    const int memory = ::memfd_create("input", MFD_CLOEXEC);
    REQUIRE(::write(memory, "from memory", 11) == 11);
    job.inputs = {{"one", scratch / "one", -1}, {"two", "/nonexistent", by_descriptor}, {"memory", {}, memory}};
    const Report report = run_job(job);
    INFO(report.log);
    CHECK(report.succeeded());
    CHECK(report.log == "closed\n");
    CHECK(read_text(scratch / "one") == "first");
    ::close(by_descriptor);
    ::close(memory);
}

TEST_CASE("an input that another user owns is readable when the host can read it") {
    if (!running_as_root()) return;
    TempDir scratch;
    auto job = python_job("print(open('/job/inputs/a').read() + open('/job/inputs/b').read())");
    write_text(scratch / "a", "A", 0600);
    write_text(scratch / "b", "B", 0200);
    REQUIRE(::chown((scratch / "a").c_str(), 1234, 4321) == 0);
    job.inputs = {{"a", scratch / "a", -1}, {"b", scratch / "b", -1}};
    const Report report = run_job(job);
    CHECK(report.log == "AB\n");
    struct stat info {};
    REQUIRE(::stat((scratch / "a").c_str(), &info) == 0);
    CHECK(info.st_uid == 1234);
    CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE("an ordinary host can hand on a descriptor that it could not open") {
    if (!running_as_root()) return;
    TempDir scratch;
    write_text(scratch / "secret", "handed on", 0600);
    (void)sandbox();
    const auto log = in_child([&]() -> std::string {
        auto job = python_job("print(open('/job/inputs/secret').read())");
        job.inputs = {{"secret", {}, ::open((scratch / "secret").c_str(), O_RDONLY | O_CLOEXEC)}};
        if (::setresgid(65534, 65534, 65534) != 0 || ::setresuid(65534, 65534, 65534) != 0) return "";
        const auto report = sandbox().run(job);
        return report ? report->log : report.error().message;
    });
    CHECK(log == "handed on\n");
}

TEST_CASE("runtime paths are files or directories, read-only") {
    TempDir scratch;
    std::filesystem::create_directories(scratch / "lib/pkg");
    write_text(scratch / "lib/pkg/__init__.py", "value = 42\n");
    write_text(scratch / "tool.so", "library");
    auto job = python_job(R"(
import pkg; assert pkg.value == 42
assert open('/opt/c2d/lib/tool.so').read() == 'library'
for path in ('/opt/c2d/python/x', '/opt/c2d/lib/tool.so', '/opt/x'):
    try: open(path, 'w'); print('written', path)
    except OSError: pass
)");
    // The operator may be another user than the owner of this folder.
    std::filesystem::permissions(scratch.path, std::filesystem::perms(0755));
    // A package in a folder that only the sandbox has: Python lists it to find the package.
    job.runtime = {{scratch / "lib/pkg", "/opt/c2d/python/pkg"}, {scratch / "tool.so", "/opt/c2d/lib/tool.so"}};
    job.environment = {{"PYTHONPATH", "/opt/c2d/python"}};
    const Report report = run_job(job);
    INFO(report.log);
    CHECK(report.succeeded());
    CHECK(report.log.empty());
}

TEST_CASE("the peers' channel is descriptor 3 and echoes") {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    auto job = python_job(R"(
import os, socket
peers = socket.socket(fileno=int(os.environ['C2D_PEER_FD']))
assert peers.fileno() == 3
while data := peers.recv(65536): peers.sendall(data)
print('peer ended')
)");
    job.peer_fd = ends[1];
    auto run = sandbox().start(job);
    REQUIRE(run.ok());
    ::close(ends[1]);
    std::string block(100'000, 'p'), back;
    std::thread writer([&] {
        REQUIRE(::send(ends[0], block.data(), block.size(), MSG_NOSIGNAL) == ssize_t(block.size()));
        ::shutdown(ends[0], SHUT_WR);
    });
    char buffer[65536];
    for (ssize_t got; (got = ::read(ends[0], buffer, sizeof buffer)) > 0;) back.append(buffer, std::size_t(got));
    writer.join();
    const auto report = (*run)->wait();
    REQUIRE(report.ok());
    INFO(report->log);
    CHECK(report->succeeded());
    CHECK(report->log == "peer ended\n");
    CHECK(back == block);
    ::close(ends[0]);
}

TEST_CASE("the peer sees the end when the operator ends") {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    auto job = python_job("import os; os.write(3, b'x')");
    job.peer_fd = ends[1];
    auto run = sandbox().start(job);
    REQUIRE(run.ok());
    ::close(ends[1]);
    char buffer[8];
    CHECK(::read(ends[0], buffer, sizeof buffer) == 1);
    CHECK(::read(ends[0], buffer, sizeof buffer) == 0);
    CHECK((*run)->wait().ok());
    ::close(ends[0]);
}

TEST_CASE("only a UNIX socketpair may be the peers' channel") {
    auto job = python_job("");
    const int kinds[] = {::socket(AF_INET, SOCK_STREAM, 0), ::socket(AF_UNIX, SOCK_DGRAM, 0),
                         ::open("/dev/null", O_RDWR)};
    for (const int fd : kinds) {
        job.peer_fd = fd;
        const auto run = sandbox().start(job);
        CHECK(run.status() == Status::INVALID_ARGUMENT);
        ::close(fd);
    }
}

TEST_CASE("code and arguments are those of the call, not of later") {
    auto job = python_job("import sys; print(open('/job/args.json').read())");
    job.args_json = "[1]";
    auto run = sandbox().start(job);
    REQUIRE(run.ok());
    job.args_json = "[2]";
    job.code.assign(job.code.size(), '#');
    const auto report = (*run)->wait();
    REQUIRE(report.ok());
    CHECK(report->log == "[1]\n");
    CHECK((*run)->wait().status() == Status::INVALID_ARGUMENT);
}

TEST_CASE("outputs are all or nothing") {
    TempDir scratch;
    auto job = python_job(R"(
import os
open('/job/outputs/good', 'w').write('g')
open('/job/outputs/other', 'w').write('o')
)");
    job.outputs = scratch / "out";
    job.output_names = {"good"};
    const Report report = run_job(job);
    CHECK(report.outcome == Outcome::outputs_rejected);
    REQUIRE(report.outputs_refused.size() == 1);
    CHECK(report.outputs_refused[0] == "other: is not among the named outputs");
    CHECK(report.outputs.empty());
    CHECK_FALSE(std::filesystem::exists(scratch / "out"));
    job.output_names = {"good", "other", "never_written"};
    std::filesystem::create_directory(scratch / "out");
    CHECK(run_job(job).outputs.size() == 2);
    // A folder with something in it is never touched.
    const auto again = sandbox().run(job);
    CHECK(again.status() == Status::CONFLICT);
    CHECK(read_text(scratch / "out/good") == "g");
}

TEST_CASE("an operator that fails leaves no outputs") {
    TempDir scratch;
    auto job = python_job("open('/job/outputs/part', 'w').write('x'); raise SystemExit(1)");
    job.outputs = scratch / "out";
    const Report report = run_job(job);
    CHECK(report.outcome == Outcome::exited);
    CHECK(report.outputs.empty());
    CHECK_FALSE(std::filesystem::exists(scratch / "out"));
}

TEST_CASE("errors come before anything is started") {
    auto job = python_job("");
    job.inputs = {{"data.csv", "/no/such/file", -1}};
    CHECK(sandbox().run(job).status() == Status::NOT_FOUND);
    job.inputs = {{"../escape", "/etc/hostname", -1}};
    CHECK(sandbox().run(job).status() == Status::INVALID_ARGUMENT);
    job.inputs = {{"folder", "/usr", -1}};
    CHECK(sandbox().run(job).status() == Status::INVALID_ARGUMENT);
    job.inputs.clear();
    job.limits.processes = 0;
    CHECK(sandbox().run(job).status() == Status::INVALID_ARGUMENT);
    job = python_job("");
    job.runtime = {{"/usr", "/job/inputs"}};
    CHECK(sandbox().run(job).status() == Status::INVALID_ARGUMENT);
    job.runtime = {{"/no/such", "/opt/x"}};
    CHECK(sandbox().run(job).status() == Status::NOT_FOUND);
    job.runtime.clear();
    job.environment = {{"C2D_INPUTS", "/elsewhere"}};
    CHECK(sandbox().run(job).status() == Status::INVALID_ARGUMENT);
    CHECK(Sandbox{}.run(job).status() == Status::INVALID_ARGUMENT);
    CHECK(Sandbox::open({.helper = "/no/helper", .logger = nullptr, .cgroup = {}}).status() == Status::NOT_FOUND);
}

TEST_CASE("a helper that is no helper is an error, not a hang") {
    const auto wrong = Sandbox::open({.helper = "/bin/true", .logger = nullptr, .cgroup = {}});
    REQUIRE(wrong.ok());
    const auto run = wrong->run(python_job(""));
    CHECK(run.status() == Status::IO);
    for (const auto& layer : wrong->probe())
        if (layer.layer < Layer::memory_hard) CHECK(layer.state == LayerStatus::State::off);
}

TEST_CASE("numpy and multiprocessing work inside") {
    const Report probe = run_python("import numpy");
    if (!probe.succeeded()) {
        MESSAGE("skipped: numpy is not installed (apt-get install python3-numpy)");
        return;
    }
    auto job = python_job(R"(
import multiprocessing as mp, numpy as np
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import shared_memory
def square(x): return x * x
a = np.random.default_rng(1).normal(size=(200, 200))
assert np.allclose(a @ np.linalg.inv(a), np.eye(200))
with mp.Pool(2) as pool: assert pool.map(square, range(4)) == [0, 1, 4, 9]
with ThreadPoolExecutor(2) as threads: assert list(threads.map(square, range(3))) == [0, 1, 4]
block = shared_memory.SharedMemory(create=True, size=4096); block.close(); block.unlink()
np.save('/job/outputs/a.npy', a[:10])
)");
    const Report report = run_job(job);
    INFO(report.log);
    CHECK(report.succeeded());
    CHECK(report.outputs.size() == 1);
}

TEST_CASE("eight runs at once do not disturb each other") {
    std::vector<std::thread> threads;
    std::vector<std::string> logs(8);
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([i, &logs] {
            auto job = python_job("import os; print(open('/job/args.json').read(), os.getpid())");
            job.args_json = std::to_string(i);
            if (auto report = sandbox().run(job)) logs[std::size_t(i)] = report->log;
        });
    for (auto& thread : threads) thread.join();
    for (int i = 0; i < 8; ++i) CHECK(logs[std::size_t(i)] == std::to_string(i) + " 2\n");
}

TEST_CASE("ordinary programs do without what the filter refuses") {
    const auto report = run_python(R"(
import asyncio, multiprocessing, os, sqlite3, subprocess, sys, tempfile, threading
# Databases: in memory, or with lock files instead of file locks; without either, a clear refusal.
for name in (':memory:', 'file:/tmp/a.db?vfs=unix-dotfile', 'file:/tmp/b.db?nolock=1'):
    database = sqlite3.connect(name, uri=name.startswith('file:'))
    with database: database.execute('create table t(n)'); database.executemany('insert into t values (?)', [(i,) for i in range(9)])
    assert database.execute('select sum(n) from t').fetchone() == (36,)
try: sqlite3.connect('/tmp/c.db').execute('create table t(n)'); sys.exit('locked a file')
except sqlite3.OperationalError as error: assert 'permission' in str(error), error
# Processes and threads that wait for each other: their semaphores are futexes in /dev/shm.
count = multiprocessing.Value('i', 0)
def work():
    for _ in range(200):
        with count.get_lock(): count.value += 1
workers = [multiprocessing.Process(target=work) for _ in range(4)]
for worker in workers: worker.start()
for worker in workers: worker.join()
assert count.value == 800, count.value
with multiprocessing.Pool(2) as pool: assert pool.map(abs, range(-4, 0)) == [4, 3, 2, 1]
thread = threading.Thread(target=work); thread.start(); thread.join()
assert subprocess.run(['cat'], input=b'x', capture_output=True).stdout == b'x'
async def child():
    process = await asyncio.create_subprocess_exec('cat', stdin=-1, stdout=-1)
    return (await process.communicate(b'y' * 300000))[0]
assert asyncio.run(child()) == b'y' * 300000
with tempfile.NamedTemporaryFile() as file:
    file.write(b'z' * 9000); file.flush()
    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_SEQUENTIAL)
    assert os.preadv(file.fileno(), [bytearray(9000)], 0) == 9000
assert {'0', '1', '2'} <= set(os.listdir('/proc/self/fd')) and os.readlink('/proc/self/fd/1').startswith('pipe:'), os.readlink('/proc/self/exe')
print('fine')
open('/dev/null', 'w').write('x')
)");
    CHECK_MESSAGE(report.log.find("fine") != std::string::npos, report.log);
    CHECK_MESSAGE(report.exit_code == 0, report.log);
}
