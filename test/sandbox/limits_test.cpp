// Each limit ends a run with its own outcome, and a run can be ended from outside.
#include "sandbox/support.hpp"

#include <chrono>
#include <thread>

using namespace c2d;
using namespace c2d::test;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

TEST_CASE("wall clock") {
    auto job = python_job("import time; print('begun', flush=True); time.sleep(60)");
    job.limits.wall = milliseconds(300);
    const Report report = run_job(job);
    CHECK(report.outcome == Outcome::wall_timeout);
    CHECK(report.wall >= milliseconds(300));
    CHECK(report.wall < milliseconds(10'000));
    CHECK(report.log == "begun\n");
}

TEST_CASE("processor time of all processes together") {
    auto job = python_job(R"(
import os
for _ in range(3): os.fork()
while True: pass
)");
    job.limits.cpu = milliseconds(500);
    const Report report = run_job(job);
    CHECK(report.outcome == Outcome::cpu_limit);
    CHECK(report.cpu >= milliseconds(500));
    CHECK(report.cpu < milliseconds(5'000));
}

TEST_CASE("memory of one process") {
    auto job = python_job("block = bytearray(400 << 20); print('held')");
    job.limits.memory_bytes = 64u << 20;
    const Report report = run_job(job);
    INFO(report.log);
    CHECK(report.outcome == Outcome::memory_limit);
    CHECK(report.log.find("held") == std::string::npos);
}

TEST_CASE("memory of many processes together") {
    auto job = python_job(R"(
import os, time
for _ in range(4):
    if os.fork() == 0:
        block = bytearray(os.urandom(1 << 20) * 30)
        time.sleep(60)
time.sleep(60)
)");
    job.limits.memory_bytes = 96u << 20;
    const Report report = run_job(job);
    CHECK(report.outcome == Outcome::memory_limit);
}

TEST_CASE("memory behind files") {
    auto job = python_job(R"(
import time
with open('/tmp/block', 'wb') as block:
    for _ in range(100): block.write(bytes(1 << 20))
time.sleep(60)
)");
    job.limits.memory_bytes = 64u << 20;
    job.limits.tmp_bytes = 256u << 20;
    const Report report = run_job(job);
    CHECK(report.outcome == Outcome::memory_limit);
}

TEST_CASE("sharing memory is not using it twice") {
    auto job = python_job(R"(
import os, time
block = bytearray(os.urandom(1 << 20) * 60)
children = []
for _ in range(4):
    pid = os.fork()
    if pid == 0: time.sleep(0.3); os._exit(0)
    children.append(pid)
for pid in children: os.waitpid(pid, 0)
)");
    job.limits.memory_bytes = 128u << 20;
    const Report report = run_job(job);
    CHECK_MESSAGE(report.succeeded(), report.detail);
}

TEST_CASE("number of processes") {
    auto job = python_job(R"(
import os, time
made = 0
try:
    for _ in range(40):
        if os.fork() == 0: time.sleep(60); os._exit(0)
        made += 1
finally:
    print(made)
)");
    job.limits.processes = 16;
    const Report report = run_job(job);
    INFO(report.log);
    CHECK(report.outcome == Outcome::process_limit);
    CHECK(report.log.find("15\n") != std::string::npos);
}

TEST_CASE("size of one file") {
    // Python ignores the signal and sees an error; a program that does not is ended by it.
    auto job = python_job(R"(
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
with open('/tmp/big', 'wb') as big: big.truncate(64 << 20)
)");
    const Report report = run_job(job);
    CHECK(report.outcome == Outcome::file_size_limit);
}

TEST_CASE("size and number of outputs and of scratch files") {
    const Report report = run_python(R"(
import os
def fill(path, count, size):
    try:
        for i in range(count):
            with open(f'{path}/{i}', 'wb') as out: out.write(bytes(size))
    except OSError as error: print(path, error.strerror)
    for name in os.listdir(path): os.unlink(f'{path}/{name}')
fill('/tmp', 20, 1 << 20)
fill('/dev/shm', 20, 1 << 20)
fill('/job/outputs', 8, 1 << 18)
fill('/job/outputs', 200, 0)
fill('/tmp', 40000, 0)
)");
    CHECK(report.log ==
          "/tmp No space left on device\n/dev/shm No space left on device\n"
          "/job/outputs No space left on device\n/job/outputs No space left on device\n"
          "/tmp No space left on device\n");
}

TEST_CASE("outputs beyond the exact bound are refused") {
    auto job = python_job("open('/job/outputs/big', 'wb').write(bytes((1 << 20) + 1))");
    const Report report = run_job(job);
    // The kernel says so first when the file passes RLIMIT_FSIZE; the collector otherwise.
    CHECK(report.outcome != Outcome::setup_failed);
    job = python_job(R"(
open('/job/outputs/a', 'wb').write(bytes(700000))
open('/job/outputs/b', 'wb').write(bytes(350000))
)");
    job.limits.output_bytes = 1'048'576;
    const Report sum = run_job(job);
    CHECK(sum.outcome == Outcome::outputs_rejected);
    REQUIRE_FALSE(sum.outputs_refused.empty());
    CHECK(sum.outputs_refused[0] == "b: passes the limit of 1048576 bytes in all");
}

TEST_CASE("the log keeps head and tail and never blocks the operator") {
    auto job = python_job(R"(
import os
os.write(1, b'the first line\n')
for i in range(2000): os.write(1, b'%08d' % i + b'.' * 4087 + b'\n')
os.write(1, b'the last line\n')
)");
    job.limits.log_bytes = 10'000;
    const Report report = run_job(job);
    CHECK(report.succeeded());
    CHECK(report.log.size() <= 10'000);
    CHECK(report.log.size() > 9'000);
    CHECK(report.log.starts_with("the first line\n00000000."));
    CHECK(report.log.ends_with("the last line\n"));
    CHECK(report.log.find("bytes left out]") != std::string::npos);
    CHECK(report.log_bytes_total == 2000u * 4096 + 15 + 14);
}

TEST_CASE("open files") {
    const Report report = run_python(R"(
import os
held = []
try:
    while True: held.append(os.open('/dev/null', os.O_RDONLY))
except OSError: print(len(held) + 3)
)");
    CHECK(report.log == "256\n");
}

TEST_CASE("cancel ends the whole tree") {
    auto job = python_job(R"(
import os, signal, time
for number in range(1, 65):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
for _ in range(4): os.fork()
print('up', flush=True)
while True: time.sleep(60)
)");
    auto run = sandbox().start(job);
    REQUIRE(run.ok());
    const auto begun = steady_clock::now();
    (*run)->cancel();
    (*run)->cancel();
    const auto report = (*run)->wait();
    REQUIRE(report.ok());
    CHECK(report->outcome == Outcome::cancelled);
    CHECK(steady_clock::now() - begun < std::chrono::seconds(10));
    (*run)->cancel();
}

TEST_CASE("a cancel token ends run") {
    CancelToken token;
    std::thread later([&] {
        std::this_thread::sleep_for(milliseconds(100));  // somebody's decision, some time later
        token.cancel();
    });
    const auto report = sandbox().run(python_job("import time; time.sleep(60)"), &token);
    later.join();
    REQUIRE(report.ok());
    CHECK(report->outcome == Outcome::cancelled);
}

TEST_CASE("a run that is destroyed is ended") {
    const auto begun = steady_clock::now();
    {
        auto run = sandbox().start(python_job("import time; time.sleep(60)"));
        REQUIRE(run.ok());
    }
    CHECK(steady_clock::now() - begun < std::chrono::seconds(10));
}

TEST_CASE("what the operator leaves running ends with it") {
    const Report report = run_python(R"(
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(60)
    os._exit(0)
print('main ends')
)");
    CHECK(report.succeeded());
    CHECK(report.wall < std::chrono::seconds(20));
}

TEST_CASE("an operator that ends well just before a cancel is not called cancelled") {
    auto run = sandbox().start(python_job("pass"));
    REQUIRE(run.ok());
    // Ended by itself or by us: either is a truthful answer, and neither is anything else.
    (*run)->cancel();
    const auto report = (*run)->wait();
    REQUIRE(report.ok());
    CHECK((report->outcome == Outcome::cancelled || report->outcome == Outcome::exited));
}
