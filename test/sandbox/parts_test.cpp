// The pieces that need no kernel: plan, log, names, cgroup paths, cleaning of text.
#include "sandbox/cgroup.hpp"
#include "sandbox/helper_image.hpp"
#include "sandbox/job_check.hpp"
#include "sandbox/layers.hpp"
#include "sandbox/log_buffer.hpp"
#include "sandbox/plan.hpp"
#include "sandbox/support.hpp"
#include "support/temp_dir.hpp"

extern "C" {
#include "sandbox/helper/plan.h"
}

#include <cstring>
#include <memory>
#include <random>

using namespace c2d;
using namespace c2d::sandbox;

namespace {

Plan small_plan() {
    Plan plan;
    auto& head = plan.head;
    head.peer = C2D_PLAN_NO_DESCRIPTOR;
    head.engine_start = C2D_PLAN_NO_DESCRIPTOR;
    head.cgroup_first = 5;
    head.cgroup_directory = C2D_PLAN_NO_DESCRIPTOR;
    head.job_id = 65530;
    head.inside_id = 1000;
    head.processes = head.open_files = head.output_inodes = head.scratch_inodes = head.sample_ms = 9;
    head.root_bytes = head.scratch_bytes = head.output_bytes = head.address_space_bytes = 1 << 20;
    head.file_bytes = head.memory_bytes = head.cpu_seconds = 7;
    plan.mounts = {{2, 0, "/usr"}, {3, C2D_MOUNT_INPUT | C2D_MOUNT_NOEXEC, "/job/inputs/a"}};
    plan.links = {{"/bin", "usr/bin"}};
    plan.files = {{0444, "/job/code", "print()"}, {0444, "/empty", ""}};
    plan.arguments = {"python3", "", "/job/code"};
    plan.variables = {"A=1"};
    plan.filter = Bytes(16, 6);
    return plan;
}

std::string encoded(const Plan& plan) { return *encode_plan(plan); }

/// Null, or what the helper says against these bytes.
const char* parse(const std::string& bytes, std::size_t descriptors = 6) {
    // On the heap and of the exact size, so that a sanitizer sees a read beyond it.
    const auto exact = std::make_unique<char[]>(bytes.size() + 1);
    std::memcpy(exact.get(), bytes.data(), bytes.size());
    static ::plan out;
    return ::plan_parse(exact.get(), bytes.size(), descriptors, &out);
}

std::string text_of(const char* text) { return text ? text : "accepted"; }

}  // namespace

TEST_CASE("an engine is whole, or there is none") {
    Plan plan = small_plan();
    plan.head.peer = 4;
    plan.head.engine_start = 5;
    plan.engine = "/opt/engine";
    plan.engine_filter = Bytes(8, 6);
    CHECK(text_of(parse(encoded(plan))) == "accepted");
    const auto says = [&](const char* why, auto change) {
        Plan other = plan;
        change(other);
        CHECK(text_of(parse(encoded(other))) == why);
    };
    says("the engine names no descriptor or has no peers", [](Plan& p) { p.head.peer = C2D_PLAN_NO_DESCRIPTOR; });
    says("the engine names no descriptor or has no peers", [](Plan& p) { p.head.engine_start = 6; });
    says("an engine is not whole", [](Plan& p) { p.head.engine_start = C2D_PLAN_NO_DESCRIPTOR; });
    says("an engine is not whole", [](Plan& p) { p.engine.clear(); });
    says("an engine is not whole", [](Plan& p) { p.engine_filter.clear(); });
    says("a path is not absolute and plain", [](Plan& p) { p.engine = "engine"; });
}

TEST_CASE("the helper reads back what the host wrote") {
    const auto bytes = encoded(small_plan());
    static ::plan out;
    REQUIRE(::plan_parse(bytes.data(), bytes.size(), 6, &out) == nullptr);
    CHECK(out.head.mount_count == 2);
    CHECK(out.mounts[1].descriptor == 3);
    CHECK(std::string(out.mounts[1].inside) == "/job/inputs/a");
    CHECK(std::string(out.links[0].target) == "usr/bin");
    CHECK(std::string(static_cast<const char*>(out.files[0].content), out.files[0].bytes) == "print()");
    CHECK(out.files[1].bytes == 0);
    CHECK(std::string(out.arguments[2]) == "/job/code");
    CHECK(out.arguments[3] == nullptr);
    CHECK(std::string(out.variables[0]) == "A=1");
    CHECK(out.head.filter_count == 2);
}

TEST_CASE("a plan that is wrong is refused with its reason") {
    const auto refused = [](auto change) {
        Plan plan = small_plan();
        change(plan);
        return text_of(parse(encoded(plan)));
    };
    CHECK(refused([](Plan& p) { p.mounts[0].descriptor = 6; }) == "a mount names no descriptor");
    CHECK(refused([](Plan& p) { p.mounts[0].flags = 64; }) == "a mount has unknown flags");
    CHECK(refused([](Plan& p) { p.mounts[0].flags = C2D_MOUNT_WRITABLE; }) == "a mount is writable");
    for (const char* path : {"usr", "/", "", "/a//b", "/a/../b", "/..", "/./a", "/a/"})
        CHECK(refused([&](Plan& p) { p.mounts[0].inside = path; }) == "a path is not absolute and plain");
    CHECK(refused([](Plan& p) { p.files[0].mode = 0666; }) == "a file has a bad mode");
    CHECK(refused([](Plan& p) { p.files[0].mode = 04555; }) == "a file has a bad mode");
    CHECK(refused([](Plan& p) { p.arguments.clear(); }) == "nothing to run or no filter");
    CHECK(refused([](Plan& p) { p.filter.clear(); }) == "nothing to run or no filter");
    CHECK(refused([](Plan& p) { p.filter.resize(15); }) == "the filter is not as long as stated");
    CHECK(refused([](Plan& p) { p.head.job_id = 0; }) == "the operator's user is root or nobody's");
    CHECK(refused([](Plan& p) { p.head.processes = 0; }) == "a limit is zero");
    CHECK(refused([](Plan& p) { p.head.peer = 17; }) == "the peer names no descriptor");
    CHECK(refused([](Plan& p) { p.head.cgroup_count = 3; }) == "a cgroup names no descriptor");
    CHECK(refused([](Plan& p) { p.head.cgroup_first = ~0u; }) == "a cgroup names no descriptor");
    CHECK(refused([](Plan& p) { p.head.cgroup_directory = 5; }) ==
          "the cgroup's directory names no descriptor or no cgroup");
    CHECK(refused([](Plan& p) { p.head.required = 1u << C2D_LAYER_COUNT; }) == "a layer is unknown");
    CHECK(refused([](Plan& p) { p.head.left_out = 1u << 31; }) == "a layer is unknown");
    CHECK(refused([](Plan& p) { p.head.left_out = 1u << C2D_LAYER_MOUNT_NS; }) ==
          "the machine's own mounts are in danger");
    CHECK(refused([](Plan& p) { p.head.zero = 1; }) == "a reserved number is not zero");
    CHECK(refused([](Plan& p) { p.arguments.assign(257, "x"); }) == "a count passes its bound");
    CHECK(refused([](Plan& p) { p.arguments[0] = std::string("a\0b", 3); }) == "a text does not end at its zero");
}

TEST_CASE("a helper of another version says so") {
    auto bytes = encoded(small_plan());
    const std::uint32_t other = C2D_PLAN_VERSION + 1;
    std::memcpy(bytes.data() + offsetof(c2d_plan_header, version), &other, sizeof other);
    CHECK(text_of(parse(bytes)) == "helper and library are of different versions");
}

TEST_CASE("every cut and every longer plan is refused") {
    const auto bytes = encoded(small_plan());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        std::string cut = bytes.substr(0, size);
        CHECK(parse(cut) != nullptr);
        // Also when the header agrees with the cut.
        if (size < sizeof(c2d_plan_header)) continue;
        const auto stated = std::uint32_t(size);
        std::memcpy(cut.data() + offsetof(c2d_plan_header, bytes), &stated, sizeof stated);
        CHECK(parse(cut) != nullptr);
    }
    std::string longer = bytes + std::string(8, '\0');
    const auto stated = std::uint32_t(longer.size());
    std::memcpy(longer.data() + offsetof(c2d_plan_header, bytes), &stated, sizeof stated);
    CHECK(text_of(parse(longer)) == "something follows the last record");
    CHECK(parse(bytes, 1) != nullptr);
    CHECK(parse(bytes, 241) != nullptr);
}

TEST_CASE("no change of bytes makes the helper read elsewhere") {
    // A sanitizer watches; whether a changed plan is accepted does not matter here.
    const auto bytes = encoded(small_plan());
    std::mt19937 random(2024);
    for (int round = 0; round < 20'000; ++round) {
        std::string changed = bytes;
        for (unsigned i = 0; i <= random() % 4; ++i)
            changed[random() % changed.size()] = char(random() % 3 == 0 ? 0xff : random());
        (void)parse(changed);
    }
}

TEST_CASE("a plan has a size limit") {
    Plan plan = small_plan();
    plan.files[0].content.assign(65u << 20, 'x');
    CHECK(encode_plan(plan).status() == Status::LIMIT);
}

TEST_CASE("sealed memory stays as it is") {
    const auto fd = sealed_memory("test", "content");
    REQUIRE(fd.ok());
    CHECK(*read_fd(fd->get(), 100) == "content");
    CHECK_FALSE(write_fd(fd->get(), as_bytes("more")).ok());
}

TEST_CASE("the log buffer against a plain model") {
    std::mt19937 random(7);
    for (int round = 0; round < 300; ++round) {
        const std::size_t bound = 1 + random() % 600;
        LogBuffer log(bound);
        std::string all;
        for (unsigned i = 0; i < random() % 30; ++i) {
            std::string part(random() % 200, '\0');
            for (char& c : part) c = char('a' + random() % 26);
            log.append(part);
            all += part;
        }
        const std::string kept = log.text();
        CHECK(log.total() == all.size());
        CHECK(kept.size() <= bound);
        const std::size_t mark = bound >= 256 ? 64 : 0;
        const std::size_t head = (bound - mark) - (bound - mark) / 2, tail = (bound - mark) / 2;
        if (all.size() <= head + tail) {
            CHECK(kept == all);
            continue;
        }
        CHECK(kept.starts_with(all.substr(0, head)));
        CHECK(kept.ends_with(all.substr(all.size() - tail)));
        if (mark != 0)
            CHECK(kept.find("[c2d: " + std::to_string(all.size() - head - tail) + " bytes left out]") !=
                  std::string::npos);
    }
}

TEST_CASE("text from an operator cannot drive a terminal") {
    CHECK(sanitise_log("plain\ttext\nline") == "plain\ttext\nline");
    CHECK(sanitise_log("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80") == "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80");
    CHECK(sanitise_log("\x1b]0;title\x07\x1b[2J") == "\\x1b]0;title\\x07\\x1b[2J");
    CHECK(sanitise_log("over\rwritten\b\x7f") == "over\\x0dwritten\\x08\\x7f");
    CHECK(sanitise_log(std::string("a\0b", 3)) == "a\\x00b");
    CHECK(sanitise_log("\xc2\x9b"
                       "31m") == "\\x9b31m");  // C1 control sequence
    CHECK(sanitise_log("\xe2\x80\xae"
                       "evil") == "\\u202eevil");  // right-to-left override
    CHECK(sanitise_log("\xff\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80") ==
          "\\xff\\xc0\\xaf\\xed\\xa0\\x80\\xf4\\x90\\x80\\x80");  // not UTF-8 in four ways
    CHECK(sanitise_log("\xe2\x82") == "\\xe2\\x82");
    CHECK(sanitise_log("").empty());
}

TEST_CASE("the report is one JSON object whatever the operator named things") {
    Report report;
    report.detail = "quote \" back \\ line\n esc \x1b bad \xff";
    report.outputs_refused = {"a\"b"};
    const auto json = report.to_json();
    CHECK(json.find(R"("detail":"quote \" back \\ line\n esc \\x1b bad \\xff")") != std::string::npos);
    CHECK(json.find(R"("outputs_refused":["a\"b"])") != std::string::npos);
}

TEST_CASE("names") {
    for (const char* good : {"a", "_", "9.csv", "A-b_c.d", "rtt_log.txt"}) CHECK(name_is_plain(good));
    CHECK(name_is_plain(std::string(128, 'a')));
    for (const char* bad : {"", ".", "..", ".a", "-a", "a/b", "a b", "a\n", "\xc3\xa9"})
        CHECK_FALSE(name_is_plain(bad));
    CHECK_FALSE(name_is_plain(std::string(129, 'a')));
    CHECK_FALSE(name_is_plain(std::string_view("a\0b", 3)));
    for (const char* good : {"/opt", "/opt/c2d/python", "/a/.b"}) CHECK(inside_path_is_plain(good));
    for (const char* bad : {"", "/", "opt", "/opt/", "/a//b", "/a/../b", "/a/."})
        CHECK_FALSE(inside_path_is_plain(bad));
}

TEST_CASE("the helper and the Python package are where the environment says, or nowhere") {
    const support::TempDir folder;
    const auto helper = folder / "helper";
    support::write_text(helper, "a program");
    const auto open = [](const std::string& named) {
        ::setenv("C2D_SANDBOX_HELPER", named.c_str(), 1);
        auto opened = sandbox::HelperImage::open({});
        ::unsetenv("C2D_SANDBOX_HELPER");
        return opened;
    };
    const auto found = open(helper.string());
    REQUIRE(found.ok());
    CHECK((*found)->path() == helper);
    const auto missing = open((folder / "nowhere").string());
    REQUIRE_FALSE(missing.ok());
    CHECK(missing.status() == Status::NOT_FOUND);
    // The place that was named is the only one that was looked at, and the message has it once.
    CHECK(missing.error().message.find("(looked for " + (folder / "nowhere").string() + ")") != std::string::npos);
    // A path of the caller's own goes before it.
    ::setenv("C2D_SANDBOX_HELPER", "/nowhere", 1);
    CHECK(sandbox::HelperImage::open(helper).ok());
    ::unsetenv("C2D_SANDBOX_HELPER");

    std::filesystem::create_directories(folder / "python/c2d");
    support::write_text(folder / "python/c2d/_ffi.py", "");
    support::write_text(folder / "libc2d.so", "");
    ::setenv("C2D_PYTHON_PATH", (folder / "python").c_str(), 1);
    ::setenv("C2D_LIBRARY", (folder / "libc2d.so").c_str(), 1);
    const auto runtime = PythonRuntime::find();
    REQUIRE(runtime.found());
    CHECK(runtime.mounts[0].host == folder / "python/c2d");
    CHECK(runtime.mounts[1].host == folder / "libc2d.so");
    ::setenv("C2D_PYTHON_PATH", (folder / "nowhere").c_str(), 1);
    CHECK_FALSE(PythonRuntime::find().found());
    ::unsetenv("C2D_PYTHON_PATH");
    ::unsetenv("C2D_LIBRARY");
}

TEST_CASE("a program's path in the place of its text is said to be one") {
    SandboxJob job;
    job.code = "operators/train.py";
    const auto checked = sandbox::check_job(job);
    CHECK(checked.status() == Status::INVALID_ARGUMENT);
    CHECK(checked.error().message.ends_with("found what looks like the path of a file; pass what the file holds"));
    job.code = "print(1)";
    CHECK(sandbox::check_job(job).ok());
}

TEST_CASE("layers and outcomes have names, and missing layers have hints") {
    CHECK(std::string(layer_name(Layer::net_ns)) == "net_ns");
    CHECK(std::string(layer_name(Layer::pids_hard)) == "pids_hard");
    CHECK(std::string(outcome_name(Outcome::outputs_rejected)) == "outputs_rejected");
    CHECK(std::string(outcome_name(Outcome::process_limit)) == "process_limit");
    CHECK(layer_hint(Layer::user_ns, ENOSPC).find("max_user_namespaces") != std::string::npos);
    CHECK(layer_hint(Layer::user_ns, EACCES).find("AppArmor") != std::string::npos);
    CHECK(layer_hint(Layer::landlock, EOPNOTSUPP).find("lsm=landlock") != std::string::npos);
    const Error error = layer_error(Layer::landlock, ENOSYS, "landlock_create_ruleset");
    CHECK(error.status == Status::LAYER_UNAVAILABLE);
    CHECK(error.source == "landlock");
    CHECK(error.code == ENOSYS);
    SandboxJob job;
    const auto all = required_layers(job);
    CHECK((all & (1u << int(Layer::seccomp))) != 0);
    CHECK((all & (1u << int(Layer::memory_hard))) == 0);
    job.may_be_missing = {Layer::landlock};
    CHECK(required_layers(job) == (all & ~(1u << int(Layer::landlock))));
}

TEST_CASE("the own cgroup is found in v1, v2, mixed and container views") {
    const char* mixed =
        "30 24 0:26 / /sys/fs/cgroup ro - tmpfs tmpfs ro\n"
        "31 30 0:27 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
        "32 30 0:28 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
        "33 30 0:29 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory\n";
    const char* self = "4:memory:/jobs/a\n3:cpu,cpuacct:/\n0::/user.slice/x\n";
    CHECK(find_cgroup("memory", self, mixed)->directory == "/sys/fs/cgroup/memory/jobs/a");
    CHECK(find_cgroup("cpuacct", self, mixed)->directory == "/sys/fs/cgroup/cpu,cpuacct");
    CHECK(find_cgroup("", self, mixed)->directory == "/sys/fs/cgroup/unified/user.slice/x");
    CHECK(find_cgroup("", self, mixed)->top == "/sys/fs/cgroup/unified");
    CHECK_FALSE(find_cgroup("pids", self, mixed).has_value());
    // A container sees its own group mounted as the root.
    const char* container = "90 89 0:40 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n";
    CHECK(find_cgroup("memory", "4:memory:/docker/abc\n", container)->directory == "/sys/fs/cgroup/memory");
    CHECK(find_cgroup("memory", "4:memory:/docker/abc/in\n", container)->directory == "/sys/fs/cgroup/memory/in");
    // Above what the namespace shows: not ours.
    CHECK_FALSE(find_cgroup("", "0::/../other\n", mixed).has_value());
    CHECK_FALSE(find_cgroup("memory", "", "").has_value());
    CHECK_FALSE(find_cgroup("memory", "junk", "junk\n - \n").has_value());
}
