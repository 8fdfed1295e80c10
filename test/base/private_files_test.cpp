#include "base/private_files.hpp"

#include "base/file.hpp"
#include "support/temp_dir.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>
#include <unistd.h>

using namespace c2d;
namespace fs = std::filesystem;

namespace {

unsigned mode_of(const fs::path& path) {
    struct stat found {};
    REQUIRE(::stat(path.c_str(), &found) == 0);
    return found.st_mode & 07777;
}

struct Umask {
    explicit Umask(mode_t mask) : before(::umask(mask)) {}
    ~Umask() { ::umask(before); }
    mode_t before;
};

constexpr uid_t kSomebody = 65534;

}  // namespace

TEST_CASE("private folders: made for their owner alone, whatever the umask") {
    const support::TempDir scratch;
    for (const mode_t mask : {mode_t(0), mode_t(022), mode_t(0777)}) {
        const auto top = scratch.path / ("mask_" + std::to_string(mask));
        {
            const Umask with(mask);
            REQUIRE(make_private_folder(top / "between" / "last/").ok());
        }
        for (const auto& made : {top, top / "between", top / "between" / "last"}) CHECK(mode_of(made) == 0700);
    }
}

TEST_CASE("private folders: one of ours is tightened, a shared one is refused") {
    const support::TempDir scratch;
    const auto folder = scratch.path / "exec";
    for (const unsigned wide : {0755u, 0750u, 0701u, 0777u}) {
        fs::create_directory(folder);
        REQUIRE(::chmod(folder.c_str(), wide) == 0);
        // What only remembers things leaves other people's choice alone.
        REQUIRE(make_private_folder(folder).ok());
        CHECK(mode_of(folder) == wide);
        REQUIRE(hold_private_folder(folder).ok());
        CHECK(mode_of(folder) == 0700);
    }
    fs::create_directory_symlink(folder, scratch.path / "link");
    REQUIRE(::chmod(folder.c_str(), 0755) == 0);
    REQUIRE(hold_private_folder(scratch.path / "link").ok());
    CHECK(mode_of(folder) == 0700);

    REQUIRE(::chmod(folder.c_str(), 01777) == 0);
    const auto shared = hold_private_folder(folder);
    REQUIRE(!shared.ok());
    CHECK(shared.error().name == "exposed_folder");
    CHECK(shared.error().message.find("chmod 700") != std::string::npos);
    CHECK(mode_of(folder) == 01777);
    CHECK(!hold_private_folder("/proc/self/status").ok());
}

TEST_CASE("private folders: somebody else's is not ours to change" * doctest::skip(::geteuid() != 0)) {
    const support::TempDir scratch;
    const auto folder = scratch.path / "exec";
    fs::create_directory(folder);
    REQUIRE(::chmod(folder.c_str(), 0755) == 0);
    REQUIRE(::chown(folder.c_str(), kSomebody, kSomebody) == 0);
    CHECK(hold_private_folder(folder).status() == Status::INVALID_ARGUMENT);
    CHECK(mode_of(folder) == 0755);
}

TEST_CASE("secret files: read when nobody else can read or change them") {
    const support::TempDir scratch;
    const auto file = scratch.path / "password";
    REQUIRE(write_file_atomic(file, "correct horse\n", 0600).ok());
    for (const unsigned mode : {0600u, 0400u, 0700u}) {
        REQUIRE(::chmod(file.c_str(), mode) == 0);
        const auto read = read_secret_file(file, 100);
        REQUIRE(read.ok());
        CHECK(read->text() == "correct horse\n");
        CHECK(exposure_of(file).empty());
    }
    fs::create_symlink(file, scratch.path / "link");
    for (const unsigned mode : {0644u, 0640u, 0604u, 0620u, 0602u, 0610u}) {
        REQUIRE(::chmod(file.c_str(), mode) == 0);
        for (const auto& path : {file, scratch.path / "link"}) {
            const auto refused = read_secret_file(path, 100);
            REQUIRE(!refused.ok());
            CHECK(refused.error().name == "exposed_file");
            CHECK(refused.error().message.find("chmod 600") != std::string::npos);
            CHECK(!exposure_of(path).empty());
            CHECK(read_secret_file(path, 100, Exposed::allow).ok());
        }
    }
}

TEST_CASE("secret files: bounds, and what is no file") {
    const support::TempDir scratch;
    const auto file = scratch.path / "key";
    REQUIRE(write_file_atomic(file, std::string(100, 'k'), 0600).ok());
    CHECK(read_secret_file(file, 100).ok());
    CHECK(read_secret_file(file, 99).status() == Status::LIMIT);
    CHECK(read_secret_file(scratch.path / "absent", 99).status() == Status::NOT_FOUND);
    CHECK(read_secret_file(scratch.path, 99).status() == Status::IO);
    CHECK(exposure_of(scratch.path / "absent").empty());
    REQUIRE(write_file_atomic(file, "", 0600).ok());
    CHECK(read_secret_file(file, 100).value().empty());
}

TEST_CASE("secret files: owners" * doctest::skip(::geteuid() != 0)) {
    const support::TempDir scratch;
    const auto file = scratch.path / "key";
    REQUIRE(write_file_atomic(file, "k", 0600).ok());
    REQUIRE(::chmod(scratch.path.c_str(), 0755) == 0);
    // The administrator opens a user's own key.
    REQUIRE(::chown(file.c_str(), kSomebody, kSomebody) == 0);
    CHECK(exposure_of(file).empty());
    REQUIRE(::chown(file.c_str(), 0, kSomebody) == 0);
    REQUIRE(::seteuid(kSomebody) == 0);
    const auto as_somebody = [&](unsigned mode, uid_t owner) {
        REQUIRE(::seteuid(0) == 0);
        REQUIRE(::chown(file.c_str(), owner, kSomebody) == 0);
        REQUIRE(::chmod(file.c_str(), mode) == 0);
        REQUIRE(::seteuid(kSomebody) == 0);
        return exposure_of(file).empty();
    };
    CHECK(as_somebody(0640, 0));  // handed over by a service manager
    CHECK(!as_somebody(0644, 0));
    CHECK(!as_somebody(0660, 0));
    CHECK(!as_somebody(0600, 1234));
    CHECK(!as_somebody(0640, kSomebody));
    CHECK(as_somebody(0600, kSomebody));
    REQUIRE(::seteuid(0) == 0);
}
