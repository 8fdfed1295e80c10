/// A process that ends at any named point leaves an artifact that is whole, or none.
#include "artifact/support.hpp"
#include "base/fail_point.hpp"

#include <c2d/key.hpp>

#include <cstring>
#include <sys/wait.h>
#include <unistd.h>

using namespace c2d;
using namespace c2d::test;
using support::must;

namespace {

const char* wanted_point = nullptr;
unsigned points_left = 0;
void end_here(const char* name) {
    if (std::strcmp(name, wanted_point) == 0 && points_left-- == 0) ::_exit(42);
}

/// Does `work` in a process of its own, which ends at the point when it comes there for the `times`-th time.
template <class Work>
void killed_at(const char* point, Work work, unsigned times = 1) {
    const pid_t child = ::fork();
    if (child == 0) {
        wanted_point = point;
        points_left = times - 1;
        fail_point_hook = end_here;
        work();
        ::_exit(0);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CAPTURE(point);
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 42);
}

constexpr int kKills = 20;

struct KillCase {
    support::TempDir dir;
    ArtifactStore store = must(ArtifactStore::open(dir / "artifacts"));
    std::shared_ptr<PrivateKey> owner = must(PrivateKey::generate());
};

}  // namespace

TEST_CASE_FIXTURE(KillCase, "sealing") {
    const Artifact before = seal(store, 1);
    for (int i = 0; i < kKills; ++i)
        for (const char* point : {"artifact_key_made", "artifact_wrapped", "artifact_sealed"}) {
            CAPTURE(point);
            killed_at(point, [&] { (void)store.impl().seal(draft_of(2, 0), as_bytes("file"), as_bytes("shares")); });
            const bool whole = std::strcmp(point, "artifact_sealed") == 0;
            const auto all = must(store.list());
            REQUIRE(all.size() == (whole ? 2 : 1));
            for (const auto& one : all) CHECK(store.check(one.sha256).ok());
            // The next start finds no run that would have succeeded with it.
            CHECK(must(store.impl().sweep([](const Artifact& one) { return one.job_id == 1; })) == (whole ? 1u : 0u));
            CHECK(must(store.list()).size() == 1);
        }
    CHECK(store.check(before.sha256).ok());
    const auto entries = std::distance(std::filesystem::directory_iterator(dir / "artifacts"), {});
    CHECK(entries == 4);  // lock, artifact key, and the two files of what was there before
}

TEST_CASE_FIXTURE(KillCase, "destroying") {
    for (int i = 0; i < kKills; ++i)
        for (const char* point : {"artifact_tombstone", "artifact_key_erased"}) {
            CAPTURE(point);
            const Artifact one = seal(store, 1);
            killed_at(point, [&] { (void)store.destroy(one.sha256, *owner); });
            // From the tombstone on nothing is read any more, and what is left goes.
            CHECK(store.check(one.sha256).status() == Status::NOT_FOUND);
            CHECK(must(store.find(one.sha256)).destroyed);
            if (i % 2 == 0)
                must(store.destroy(one.sha256, *owner));
            else
                must(store.impl().sweep([](const Artifact&) { return true; }));
            CHECK_FALSE(std::filesystem::exists(store.impl().path_of(one.sha256, ".sealed")));
            CHECK_FALSE(std::filesystem::exists(store.impl().path_of(one.sha256, ".key")));
        }
}

TEST_CASE_FIXTURE(KillCase, "wrapping anew") {
    std::vector<Artifact> all;
    for (std::uint64_t job = 1; job <= 3; ++job) all.push_back(seal(store, job));
    for (int i = 0; i < kKills; ++i)
        for (const char* point : {"rewrap_key_made", "rewrap_one", "rewrap_old_erased"}) {
            CAPTURE(point);
            killed_at(
                point, [&] { (void)store.rewrap(); }, point == std::string_view("rewrap_one") ? 1 + i % 3 : 1);
            for (const auto& one : all) CHECK(store.check(one.sha256).ok());
            const Artifact between = seal(store, 4);
            CHECK(must(store.rewrap()) == 4);
            CHECK(store.check(between.sha256).ok());
            for (const auto& one : all) CHECK(store.check(one.sha256).ok());
            must(store.impl().sweep([](const Artifact& one) { return one.job_id != 4; }));
        }
}
