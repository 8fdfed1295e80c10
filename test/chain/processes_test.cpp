/// Several processes on one file.
#include "support/ledger.hpp"
#include "support/temp_dir.hpp"

#include <set>
#include <sys/wait.h>
#include <unistd.h>

using namespace c2d;
using support::Ledger;
using support::must;
using support::TempDir;

namespace {

constexpr int kWriters = 5;
constexpr int kTasksEach = 50;

/// In a process of its own: tasks named after the writer. Exit code 0 when all were taken.
int write_tasks(const ChainOptions& options, int writer, const std::string& key_name, int count) {
    const auto chain = Chain::open(options);
    if (!chain) return 2;
    const auto key = PrivateKey::from_bytes(keccak256("key of " + key_name));
    auto mine = *chain;
    for (int i = 0; i < count; ++i)
        if (!mine.create_task(**key, std::to_string(writer) + "/" + std::to_string(i), "")) return 1;
    return 0;
}

template <class Work>
void run_in_processes(int count, Work work) {
    std::vector<pid_t> children;
    for (int i = 0; i < count; ++i) {
        const pid_t child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) ::_exit(work(i));
        children.push_back(child);
    }
    for (const pid_t child : children) {
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        CHECK(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == 0);
    }
}

std::set<std::string> task_names(Chain& chain, std::uint64_t count) {
    std::set<std::string> names;
    for (std::uint64_t id = 1; id <= count; ++id) names.insert(must(chain.task(id)).name);
    CHECK(chain.task(count + 1).status() == Status::NOT_FOUND);
    return names;
}

}  // namespace

TEST_CASE("five processes write fifty tasks each: none is lost, none is torn") {
    TempDir folder;
    ChainOptions options;
    std::uint64_t before = 0;
    {
        Ledger ledger((folder / "ledger").string());
        for (int i = 0; i < kWriters; ++i) ledger.organisation("writer " + std::to_string(i));
        options = ledger.options;
        before = must(ledger->info()).head.number;
    }
    run_in_processes(kWriters,
                     [&](int i) { return write_tasks(options, i, "writer " + std::to_string(i), kTasksEach); });
    auto chain = must(Chain::open(options));
    constexpr std::uint64_t kTasks = std::uint64_t(kWriters) * kTasksEach;
    CHECK(task_names(chain, kTasks).size() == kTasks);
    CHECK(must(chain.verify()).number == before + kTasks);
}

TEST_CASE("processes that share one key take turns with its nonces") {
    TempDir folder;
    ChainOptions options;
    {
        Ledger ledger((folder / "ledger").string());
        ledger.organisation("shared");
        options = ledger.options;
    }
    run_in_processes(4, [&](int i) { return write_tasks(options, i, "shared", 25); });
    auto chain = must(Chain::open(options));
    CHECK(task_names(chain, 100).size() == 100);
    CHECK(chain.verify().ok());
}

TEST_CASE("a reader sees whole blocks while another process writes") {
    TempDir folder;
    Ledger ledger((folder / "ledger").string());
    ledger.organisation("writer");
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) ::_exit(write_tasks(ledger.options, 0, "writer", 60));
    auto reader = must(Chain::open(ledger.options));
    std::uint64_t last = 0;
    while (last < 62) {
        const auto head = must(reader.verify());
        CHECK(head.number >= last);
        last = head.number;
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(WEXITSTATUS(status) == 0);
}
