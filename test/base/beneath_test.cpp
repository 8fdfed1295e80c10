/// Names that others chose, opened below a folder.
#include "base/beneath.hpp"
#include "support/emulated.hpp"
#include "support/temp_dir.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

using namespace c2d;
namespace fs = std::filesystem;

namespace {

struct Below {
    support::TempDir place;
    Fd folder;
    Below() {
        fs::create_directories(place / "folder/deep");
        support::write_text(place / "outside", "secret");
        support::write_text(place / "folder/deep/inside", "inside");
        fs::create_symlink(place / "outside", place / "folder/link");
        fs::create_symlink("deep/inside", place / "folder/inner_link");
        fs::create_directory_symlink(place.path, place / "folder/up");
        fs::create_directory_symlink("deep", place / "folder/inner_up");
        REQUIRE(::mkfifo((place / "folder/fifo").c_str(), 0600) == 0);
        auto opened = open_folder(place / "folder");
        REQUIRE(opened.ok());
        folder = *std::move(opened);
    }
};

}  // namespace

TEST_CASE_FIXTURE(Below, "what is below is read, what is outside, linked or no plain file is not" *
                             doctest::skip(support::emulated())) {
    const auto inside = open_plain_file_beneath(folder.get(), "deep/inside");
    REQUIRE(inside.ok());
    CHECK(inside->bytes == 6);
    CHECK(open_plain_file_beneath(folder.get(), "deep/../deep/inside").ok());
    const auto absolute = (place / "outside").string();
    for (const std::string name : {"../outside", "deep/../../outside", "/etc/passwd", absolute.c_str(), "link",
                                   "inner_link", "up/outside", "inner_up/inside", "fifo", "deep", ".", ""}) {
        INFO(name);
        CHECK_FALSE(open_plain_file_beneath(folder.get(), name).ok());
    }
    CHECK(open_plain_file_beneath(folder.get(), "absent").status() == Status::NOT_FOUND);
    CHECK(open_plain_file_beneath(folder.get(), std::string("deep/inside\0x", 13)).status() ==
          Status::INVALID_ARGUMENT);
    CHECK(open_folder(place / "absent").status() == Status::NOT_FOUND);
}

TEST_CASE_FIXTURE(Below, "a new file is made below, and over nothing" * doctest::skip(support::emulated())) {
    constexpr int kNew = O_WRONLY | O_CREAT | O_EXCL;
    CHECK(open_beneath(folder.get(), "new", kNew, 0600).ok());
    CHECK(open_beneath(folder.get(), "new", kNew, 0600).status() == Status::CONFLICT);
    fs::create_symlink(place / "made", place / "folder/dangling");
    for (const std::string name : {"../made", "up/made", "dangling"}) {
        INFO(name);
        CHECK_FALSE(open_beneath(folder.get(), name, kNew, 0600).ok());
    }
    CHECK_FALSE(fs::exists(place / "made"));
}
