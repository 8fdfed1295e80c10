// Hostile outputs, as an operator could leave them if nothing else stood in its way.
#include "sandbox/collector.hpp"
#include "base/file.hpp"
#include "crypto/hash.hpp"
#include "sandbox/support.hpp"

#include <atomic>
#include <cstdlib>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

using namespace c2d;
using namespace c2d::test;
namespace fs = std::filesystem;

namespace {

struct Case {
    TempDir scratch;
    fs::path from = scratch / "from", to = scratch / "to";
    SandboxLimits limits;
    std::vector<std::string> wanted;

    Case() {
        fs::create_directory(from);
        limits.output_bytes = 10'000;
        limits.output_files = 5;
    }
    Result<sandbox::Collected> collect() const {
        const Fd fd(::open(from.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        return sandbox::collect_outputs(fd.get(), limits, wanted, to);
    }
    /// Collects and requires that it is refused, with nothing left behind.
    std::string refusal() const {
        const auto collected = collect();
        REQUIRE(collected.ok());
        CHECK(collected->files.empty());
        CHECK_FALSE(fs::exists(to));
        for (const auto& entry : fs::directory_iterator(scratch.path))
            CHECK(entry.path().filename().string().find("partial") == std::string::npos);
        return collected->refused.empty() ? "" : collected->refused.front();
    }
};

constexpr const char* kSecret = "the host's secret";

/// A tmpfs of its own, attached nowhere; none for who may not mount.
Fd open_tmpfs() {
    const Fd made(int(::syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC)));
    if (!made || ::syscall(SYS_fsconfig, made.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) return Fd();
    const Fd mount(int(::syscall(SYS_fsmount, made.get(), FSMOUNT_CLOEXEC, 0)));
    return mount ? Fd(::openat(mount.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) : Fd();
}

/// Replaces `from/result` over and over: a plain file, longer and shorter ones, links to a secret,
/// a second name of it, a pipe, a folder that holds it, a device; and `from` by a link to elsewhere.
class Swapper {
public:
    Swapper(const Case& it, bool devices) : it_(it), devices_(devices) {
        thread_ = std::thread([this] {
            while (!stop_) swap_once(int(swaps_++ % 9));
        });
    }
    ~Swapper() { stop(); }
    void stop() {
        stop_ = true;
        if (thread_.joinable()) thread_.join();
    }
    unsigned swaps() const { return swaps_; }

private:
    void make(int kind, const fs::path& at) const {
        std::error_code ignored;
        switch (kind) {
            case 0: return write_text(at, std::string(70'000, 'x'));
            case 1: return write_text(at, "short");
            case 2: return fs::create_symlink(it_.scratch / "private/secret", at, ignored);
            case 3: return fs::create_hard_link(it_.scratch / "private/secret", at, ignored);
            case 4: ::mkfifo(at.c_str(), 0600); return;
            case 5: return fs::create_directory_symlink(it_.scratch / "private", at, ignored);
            case 6: fs::create_directory(at, ignored); return;
            case 7:
                if (devices_) return fs::create_hard_link(it_.scratch / "device", at, ignored);
                return write_text(at, "no device");
            default: return write_text(at, "");
        }
    }
    void swap_once(int kind) const {
        std::error_code ignored;
        const fs::path next = it_.scratch / "next", result = it_.from / "result";
        make(kind, next);
        if (::rename(next.c_str(), result.c_str()) != 0) {  // a folder goes over nothing but a folder
            fs::remove_all(result, ignored);
            fs::rename(next, result, ignored);
        }
        if (kind == 1) fs::resize_file(result, 3, ignored);
        fs::remove_all(next, ignored);
        if (kind != 0) return;
        // The folder, too: whoever opened it before keeps the right one.
        fs::rename(it_.from, it_.scratch / "aside", ignored);
        fs::create_directory_symlink(it_.scratch / "private", it_.from, ignored);
        fs::remove(it_.from, ignored);
        fs::rename(it_.scratch / "aside", it_.from, ignored);
    }

    const Case& it_;
    const bool devices_;
    std::atomic<bool> stop_{false};
    std::atomic<unsigned> swaps_{0};
    std::thread thread_;
};

}  // namespace

TEST_CASE("plain files come out, hashed, for the owner only") {
    Case it;
    write_text(it.from / "b.bin", std::string(5000, '\0'));
    write_text(it.from / "a.txt", "hello", 0777);
    write_text(it.from / "empty", "");
    const auto collected = it.collect();
    REQUIRE(collected.ok());
    CHECK(collected->refused.empty());
    REQUIRE(collected->files.size() == 3);
    CHECK(collected->files[0].name == "a.txt");
    CHECK(hex_text(collected->files[0].sha256) == "0x2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    CHECK(hex_text(collected->files[2].sha256) == "0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    struct stat info {};
    REQUIRE(::stat((it.to / "a.txt").c_str(), &info) == 0);
    CHECK((info.st_mode & 07777) == 0600);
    REQUIRE(::stat(it.to.c_str(), &info) == 0);
    CHECK((info.st_mode & 07777) == 0700);
}

TEST_CASE("links, pipes, sockets, devices and folders stay") {
    SUBCASE("symbolic link") {
        Case it;
        fs::create_symlink("/etc/passwd", it.from / "result");
        CHECK(it.refusal() == "result: is a symbolic link");
    }
    SUBCASE("hard link") {
        Case it;
        write_text(it.scratch / "elsewhere", "secret");
        fs::create_hard_link(it.scratch / "elsewhere", it.from / "result");
        CHECK(it.refusal() == "result: has 2 names (hard links)");
    }
    SUBCASE("named pipe") {
        Case it;
        REQUIRE(::mkfifo((it.from / "result").c_str(), 0600) == 0);
        CHECK(it.refusal() == "result: is a named pipe");
    }
    SUBCASE("folder") {
        Case it;
        fs::create_directories(it.from / "result/deep");
        CHECK(it.refusal() == "result: is a directory");
    }
    SUBCASE("socket") {
        Case it;
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        (it.from / "result").string().copy(address.sun_path, sizeof address.sun_path - 1);
        const Fd fd(::socket(AF_UNIX, SOCK_STREAM, 0));
        REQUIRE(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
        CHECK(it.refusal() == "result: is a socket");
    }
    SUBCASE("device") {
        Case it;
        if (::mknod((it.from / "result").c_str(), S_IFCHR | 0600, makedev(1, 5)) != 0) return;
        CHECK(it.refusal() == "result: is a device");
    }
}

TEST_CASE("names that a shell, a terminal or a path would misread") {
    for (const char* name : {"-rf", ".hidden", "a b", "a\nb", "a\x1b[2J", "caf\xc3\xa9", "\xff", "a;b", "a*", "~"}) {
        Case it;
        write_text(it.from / name, "x");
        CAPTURE(name);
        const auto why = it.refusal();
        CHECK(why.find("the name must match") != std::string::npos);
        CHECK(why.find('\x1b') == std::string::npos);
    }
    Case it;
    write_text(it.from / std::string(129, 'n'), "x");
    CHECK(it.refusal().find("the name must match") != std::string::npos);
}

TEST_CASE("bounds on bytes, holes and files") {
    SUBCASE("one too long") {
        Case it;
        write_text(it.from / "a", std::string(10'001, 'x'));
        CHECK(it.refusal() == "a: passes the limit of 10000 bytes in all");
    }
    SUBCASE("exactly full") {
        Case it;
        write_text(it.from / "a", std::string(6000, 'x'));
        write_text(it.from / "b", std::string(4000, 'x'));
        CHECK(it.collect()->files.size() == 2);
    }
    SUBCASE("a file of holes counts as long as it reads") {
        Case it;
        write_text(it.from / "a", "x");
        fs::resize_file(it.from / "a", 1ull << 42);
        CHECK(it.refusal() == "a: passes the limit of 10000 bytes in all");
    }
    SUBCASE("too many") {
        Case it;
        for (int i = 0; i < 6; ++i) write_text(it.from / std::to_string(i), "");
        CHECK(it.refusal() == "expected at most 5 files, found 6");
    }
    SUBCASE("the list of refusals is bounded") {
        Case it;
        it.limits.output_files = 1000;
        for (int i = 0; i < 200; ++i) fs::create_directory(it.from / std::to_string(i));
        CHECK(it.collect()->refused.size() == 32);
    }
}

TEST_CASE("one bad file keeps the good ones back") {
    Case it;
    write_text(it.from / "a", "good");
    write_text(it.from / "z", "good");
    fs::create_symlink("a", it.from / "m");
    CHECK(it.refusal() == "m: is a symbolic link");
}

TEST_CASE("only the named outputs leave") {
    Case it;
    it.wanted = {"model"};
    write_text(it.from / "model", "m");
    write_text(it.from / "raw_data", "r");
    CHECK(it.refusal() == "raw_data: is not among the named outputs");
}

TEST_CASE("the target must be absent or empty, and its folder must exist") {
    Case it;
    write_text(it.from / "a", "x");
    fs::create_directory(it.to);
    CHECK(it.collect().ok());
    CHECK(it.collect().status() == Status::CONFLICT);
    it.to = it.scratch / "no/such/folder";
    CHECK(it.collect().status() == Status::IO);
    it.to.clear();
    CHECK(it.collect()->files.size() == 1);
}

TEST_CASE("a hundred thousand files are counted, not read") {
    Case it;
    const std::size_t count = std::getenv("C2D_FULL") ? 100'001 : 20'000;
    const Fd folder(::open(it.from.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    for (std::size_t i = 0; i < count; ++i)
        Fd(::openat(folder.get(), std::to_string(i).c_str(), O_WRONLY | O_CREAT, 0600));
    const auto collected = it.collect();
    REQUIRE(collected.ok());
    REQUIRE(collected->refused.size() == 1);
    CHECK(collected->refused[0] == (count > 100'000 ? "expected at most 5 files, found 100001 or more"
                                                    : "expected at most 5 files, found 20000"));
}

TEST_CASE("giants of holes are refused by their length, and many do not overflow the sum") {
    Case it;
    it.limits.output_files = 100;
    it.limits.output_bytes = 1ull << 50;
    const Fd memory = open_tmpfs();
    if (!memory) return;
    for (int i = 0; i < 40; ++i) {
        const Fd file(::openat(memory.get(), std::to_string(i).c_str(), O_WRONLY | O_CREAT, 0600));
        REQUIRE(::ftruncate(file.get(), 1ll << 46) == 0);
    }
    // Sixteen of them are within the bound; the seventeenth is not, and so none is read.
    const auto collected = sandbox::collect_outputs(memory.get(), it.limits, {}, it.to);
    REQUIRE(collected.ok());
    CHECK(collected->refused.size() == 24);
    CHECK(collected->files.empty());
    CHECK_FALSE(fs::exists(it.to));
}

TEST_CASE("a writer that swaps every entry while it is collected leads nowhere") {
    Case it;
    it.limits.output_bytes = 1u << 20;
    fs::create_directory(it.scratch / "private");
    write_text(it.scratch / "private/secret", kSecret);
    const bool devices = ::mknod((it.scratch / "device").c_str(), S_IFCHR | 0600, makedev(1, 5)) == 0;
    // As the host has it: opened before the operator could do anything.
    const Fd folder(::open(it.from.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    Swapper swapper(it, devices);
    int plain = 0, refused = 0;
    const unsigned swaps = std::getenv("C2D_FULL") ? 50'000 : 400;
    for (int round = 0; swapper.swaps() < swaps || plain == 0 || refused == 0; ++round) {
        it.to = it.scratch / ("to" + std::to_string(round));
        const auto collected = sandbox::collect_outputs(folder.get(), it.limits, {}, it.to);
        REQUIRE_MESSAGE(collected.ok(), collected.error().message);
        (collected->refused.empty() ? plain : refused)++;
        CHECK(fs::exists(it.to) == collected->refused.empty());
        for (const auto& file : collected->files) {
            const auto text = read_text(it.to / file.name);
            CHECK(text.size() == file.bytes);
            CHECK(text.find(kSecret) == std::string::npos);
            CHECK(file.sha256 == sha256(as_bytes(text)));
        }
        fs::remove_all(it.to);
    }
    swapper.stop();
    for (const auto& entry : fs::directory_iterator(it.scratch.path))
        CHECK(entry.path().filename().string().find("partial") == std::string::npos);
    MESSAGE(plain << " rounds found plain files, " << refused << " were refused, in " << swapper.swaps() << " swaps");
}

TEST_CASE("more files than descriptors") {
    Case it;
    it.limits.output_files = 200;
    for (int i = 0; i < 100; ++i) write_text(it.from / ("f" + std::to_string(i)), "1");
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const rlimit few{40, before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &few);
    const auto collected = it.collect();
    ::setrlimit(RLIMIT_NOFILE, &before);
    REQUIRE(collected.ok());
    CHECK(collected->files.size() == 100);
}
