/// The folder of a run: whose it is, and that nothing leads out of it.
#include "provider/state/job_folder.hpp"

#include "crypto/hash.hpp"

#include "support/doubles.hpp"
#include "support/temp_dir.hpp"

#include <set>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace c2d;
using namespace c2d::provider;
using support::must;
using support::named_address;
using support::named_id;
using support::TempDir;
namespace fs = std::filesystem;

namespace {

struct Claims {
    TempDir folder;
    fs::path claim(const char* who, std::uint64_t job = 7, unsigned party = 0) {
        return must(claim_job_folder(folder / "tests", job, party, named_address(who), named_id("algo")));
    }
    std::string name(const char* who, std::uint64_t job = 7, unsigned party = 0) {
        return claim(who, job, party).filename().string();
    }
    static std::string short_address(const char* who) { return hex_text(named_address(who).view()).substr(2, 8); }
};
unsigned mode_of(const fs::path& path) {
    struct stat info {};
    REQUIRE(::lstat(path.c_str(), &info) == 0);
    return info.st_mode & 07777;
}

}  // namespace

TEST_CASE_FIXTURE(Claims, "a run's folder is job_ID, for nobody else to read, with inputs and outputs") {
    const auto path = claim("bank a");
    CHECK(path == folder / "tests" / "job_7");
    CHECK(mode_of(path) == 0700);
    CHECK(mode_of(path / "inputs") == 0700);
    CHECK(mode_of(path / "outputs") == 0700);
    CHECK(support::read_text(path / ".claim").starts_with(address_text(named_address("bank a"))));
}

TEST_CASE_FIXTURE(Claims, "two providers and two parties below one folder get folders of their own") {
    CHECK(name("bank a") == "job_7");
    CHECK(name("bank b") == "job_7_" + short_address("bank b"));
    CHECK(name("bank a", 7, 1) == "job_7_" + short_address("bank a"));
    CHECK(name("bank a", 7, 2) == "job_7_" + short_address("bank a") + "_p2");
    CHECK(name("bank a", 8) == "job_8");
}

TEST_CASE_FIXTURE(Claims, "what a run of another Algorithm left under the number stays") {
    support::write_text(claim("bank a") / "outputs/out.txt", "old");
    const auto other = must(claim_job_folder(folder / "tests", 7, 0, named_address("bank a"), named_id("another")));
    CHECK(other != folder / "tests/job_7");
    CHECK(support::read_text(folder / "tests/job_7/outputs/out.txt") == "old");
    CHECK(fs::is_empty(other / "outputs"));
}

TEST_CASE_FIXTURE(Claims, "claiming again gives the same folder, emptied") {
    const auto path = claim("bank a");
    claim("bank b");
    support::write_text(path / "inputs" / "rows.csv", "secret");
    support::write_text(path / "log", "old");
    fs::create_directories(path / "outputs" / "deep" / "er");
    CHECK(claim("bank a") == path);
    CHECK(fs::is_empty(path / "inputs"));
    CHECK(fs::is_empty(path / "outputs"));
    CHECK_FALSE(fs::exists(path / "log"));
    CHECK(claim("bank b") == folder / "tests" / ("job_7_" + short_address("bank b")));
}

TEST_CASE_FIXTURE(Claims, "emptying a folder does not follow links out of it") {
    const auto path = claim("bank a");
    support::write_text(folder / "precious", "keep");
    fs::create_directory(folder / "elsewhere");
    support::write_text(folder / "elsewhere" / "file", "keep");
    fs::create_directory_symlink(folder / "elsewhere", path / "link");
    claim("bank a");
    CHECK(fs::exists(folder / "elsewhere" / "file"));
    CHECK_FALSE(fs::exists(fs::symlink_status(path / "link")));
}

TEST_CASE_FIXTURE(Claims, "when every name is taken that is a conflict") {
    claim("bank a", 7, 9);
    for (const auto& taken : {"job_7_" + short_address("bank a"), "job_7_" + short_address("bank a") + "_p0"}) {
        fs::create_directories(folder / "tests" / taken);
        support::write_text(folder / "tests" / taken / ".claim", "somebody else");
    }
    CHECK(claim_job_folder(folder / "tests", 7, 0, named_address("bank a"), named_id("algo")).status() ==
          Status::CONFLICT);
}

TEST_CASE_FIXTURE(Claims,
                  "a folder that somebody laid out before is made ours alone, a link in its place is not taken") {
    fs::create_directories(folder / "tests" / "job_7");
    fs::permissions(folder / "tests" / "job_7", fs::perms::all);
    CHECK(mode_of(claim("bank a")) == 0700);
    fs::create_directory(folder / "elsewhere");
    fs::create_directory_symlink(folder / "elsewhere", folder / "tests" / "job_8");
    CHECK(name("bank a", 8) == "job_8_" + short_address("bank a"));
    CHECK(fs::is_empty(folder / "elsewhere"));
}

TEST_CASE_FIXTURE(Claims, "of providers that come at the same moment exactly one gets the plain name") {
    constexpr int kProviders = 6;
    std::vector<pid_t> children;
    for (int i = 0; i < kProviders; ++i) {
        const pid_t child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            const auto address = named_address("provider " + std::to_string(i));
            ::_exit(claim_job_folder(folder / "tests", 7, 0, address, named_id("algo")).ok() ? 0 : 1);
        }
        children.push_back(child);
    }
    for (const pid_t child : children) {
        int status = 0;
        ::waitpid(child, &status, 0);
        CHECK(WEXITSTATUS(status) == 0);
    }
    std::set<std::string> holders;
    for (const auto& entry : fs::directory_iterator(folder / "tests"))
        holders.insert(support::read_text(entry.path() / ".claim"));
    CHECK(holders.size() == kProviders);
}

TEST_CASE("a folder that cannot be made is an error of the disk") {
    TempDir folder;
    support::write_text(folder / "file", "x");
    CHECK(claim_job_folder(folder / "file", 7, 0, Address{}, {}).status() == Status::IO);
}

// Data files --------------------------------------------------------------------------------------

TEST_CASE("a data file is opened when it is one, and no link of any kind") {
    TempDir folder;
    support::write_text(folder / "rows.csv", "1,2\n");
    CHECK(must(read_fd(must(open_data_file(folder / "rows.csv")).get(), 100)) == "1,2\n");
    fs::create_symlink(folder / "rows.csv", folder / "link.csv");
    fs::create_symlink("/etc/passwd", folder / "out.csv");
    fs::create_directory(folder / "folder");
    REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
    CHECK(open_data_file(folder / "absent.csv").status() == Status::NOT_FOUND);
    for (const char* bad : {"link.csv", "out.csv", "folder", "pipe"}) {
        CAPTURE(std::string(bad));
        CHECK(open_data_file(folder / bad).status() == Status::IO);
    }
    CHECK_FALSE(open_data_file("/dev/null").ok());
}

TEST_CASE("a file's print is its length and SHA-256, wherever the descriptor stands") {
    TempDir folder;
    const std::string content(3'000'000, 'r');
    support::write_text(folder / "rows.csv", content);
    const auto file = must(open_data_file(folder / "rows.csv"));
    Sha256 hash;
    hash.update(as_bytes(content));
    const FilePrint expected{content.size(), hash.finish()};
    CHECK(must(print_of(file.get())) == expected);
    REQUIRE(::lseek(file.get(), 100, SEEK_SET) == 100);
    CHECK(must(print_of(file.get())) == expected);
    support::write_text(folder / "rows.csv", content + "x");
    CHECK(must(print_of(file.get())) != expected);
}

TEST_CASE_FIXTURE(Claims, "what a run left of rows is swept from our folders, and from nobody else's") {
    const auto plant = [](const fs::path& at) {
        support::write_text(at / "inputs" / "rows.csv", "rows");
        fs::create_directory(at / "outputs.partial-a1B2c3");
        support::write_text(at / "outputs.partial-a1B2c3" / "out.txt", "rows");
        support::write_text(at / "outputs" / "out.txt", "released");
    };
    const auto ours = claim("bank a", 7);
    const auto others = claim("bank b", 8);
    plant(ours);
    plant(others);
    fs::create_directories(folder / "elsewhere/inputs");
    support::write_text(folder / "elsewhere/inputs/rows.csv", "rows");
    fs::copy_file(ours / ".claim", folder / "elsewhere/.claim");
    fs::create_directory_symlink(folder / "elsewhere", folder / "tests" / "job_9");
    CHECK(sweep_job_folders(folder / "tests", named_address("bank a")) == 1);
    CHECK(fs::is_empty(ours / "inputs"));
    CHECK_FALSE(fs::exists(ours / "outputs.partial-a1B2c3"));
    CHECK(support::read_text(ours / "outputs" / "out.txt") == "released");
    CHECK(fs::exists(others / "inputs" / "rows.csv"));
    CHECK(fs::exists(others / "outputs.partial-a1B2c3"));
    CHECK(fs::exists(folder / "elsewhere/inputs/rows.csv"));
}
