// Hostile outputs, as an operator could leave them if nothing else stood in its way.
#include "base/file.hpp"
#include "sandbox/collector.hpp"
#include "sandbox/support.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

using namespace c2d;
using namespace c2d::test;
namespace fs = std::filesystem;

namespace {

struct Case {
    Scratch scratch;
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
        for (const auto& entry : fs::directory_iterator(scratch.path()))
            CHECK(entry.path().filename().string().find("partial") == std::string::npos);
        return collected->refused.empty() ? "" : collected->refused.front();
    }
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
    CHECK(hex_text(collected->files[0].sha256) ==
          "0x2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    CHECK(hex_text(collected->files[2].sha256) ==
          "0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
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
    for (const char* name :
         {"-rf", ".hidden", "a b", "a\nb", "a\x1b[2J", "caf\xc3\xa9", "\xff", "a;b", "a*", "~"}) {
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
