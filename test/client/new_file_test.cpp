/// Files that appear only when they are whole.
#include "client/new_file.hpp"
#include "support/doubles.hpp"
#include "support/temp_dir.hpp"

using namespace c2d;
using client::NewFile;
using support::must;
namespace fs = std::filesystem;

namespace {

struct Place {
    support::TempDir folder;
    Fd fd = must(open_folder(folder.path));
    support::RepeatableRandom random;
    std::size_t entries() const {
        return std::size_t(std::distance(fs::directory_iterator(folder.path), fs::directory_iterator()));
    }
};

}  // namespace

TEST_CASE_FIXTURE(Place, "a file has no name before it is published, and none at all if it never is") {
    {
        auto file = must(NewFile::create(fd.get(), "x", random));
        must(file.write(as_bytes("half")));
        CHECK_FALSE(fs::exists(folder / "x"));
        CHECK(entries() == 1);
    }
    CHECK(entries() == 0);
    auto file = must(NewFile::create(fd.get(), "x", random));
    must(file.write(as_bytes("whole")));
    must(file.close());
    must(file.publish(false));
    CHECK(support::read_text(folder / "x") == "whole");
    CHECK(entries() == 1);
}

TEST_CASE_FIXTURE(Place, "what came to stand at the name meanwhile stays, unless it may be replaced") {
    for (const bool replace : {false, true}) {
        auto file = must(NewFile::create(fd.get(), "x", random));
        must(client::check_absent(fd.get(), "x"));
        must(file.close());
        support::write_text(folder / "x", "mine");
        const auto published = file.publish(replace);
        CHECK(published.status() == (replace ? Status::OK : Status::CONFLICT));
        CHECK(support::read_text(folder / "x") == (replace ? "" : "mine"));
        CHECK(client::check_absent(fd.get(), "x").status() == Status::CONFLICT);
        fs::remove(folder / "x");
    }
}
