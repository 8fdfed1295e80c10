/// One provider at a time on one state.
#include "provider/state/state_lock.hpp"

#include "support/doubles.hpp"
#include "support/temp_dir.hpp"

#include <fmt/format.h>
#include <unistd.h>

using namespace c2d;
using provider::lock_state;
using support::must;
using support::TempDir;

TEST_CASE("a second lock fails at once and names holder and folder; another state is free") {
    const TempDir folder;
    auto held = must(lock_state(folder / "a.db"));
    const auto second = lock_state(folder / "a.db");
    REQUIRE_FALSE(second.ok());
    CHECK(second.status() == Status::CONFLICT);
    CHECK(second.error().message.find(fmt::format("process {} ", ::getpid())) != std::string::npos);
    CHECK(second.error().message.find(folder.path.string()) != std::string::npos);
    CHECK(lock_state(folder / "b.db").ok());
    held.reset();
    CHECK(lock_state(folder / "a.db").ok());
}

TEST_CASE("what stands in the lock file is not repeated unless it is a number") {
    const TempDir folder;
    const auto held = must(lock_state(folder / "a.db"));
    support::write_text(folder / "a.db.lock", "\x1b[31mno number");
    const auto second = lock_state(folder / "a.db");
    REQUIRE_FALSE(second.ok());
    CHECK(second.error().message.find("process unknown ") != std::string::npos);
}

TEST_CASE("a lock file that is a link is not followed") {
    const TempDir folder;
    support::write_text(folder / "target", "kept");
    std::filesystem::create_symlink(folder / "target", folder / "a.db.lock");
    CHECK(lock_state(folder / "a.db").status() == Status::IO);
    CHECK(support::read_text(folder / "target") == "kept");
}
