/// The power goes at a random write: what was answered stands, nothing stands in part.
#include "chain/lossy_disk.hpp"
#include "support/ledger.hpp"
#include "support/temp_dir.hpp"

#include <cmath>
#include <cstdlib>
#include <thread>

using namespace c2d;
using support::Ledger;
using support::must;
using support::TempDir;

namespace {

constexpr int kWriters = 4;

struct Answered {
    std::uint64_t task = 0;
    std::string name;
};

/// Tasks until the power goes; what was answered.
std::vector<Answered> write_until_cut(Chain chain, int writer) {
    const auto key = support::named_key("writer " + std::to_string(writer));
    std::vector<Answered> out;
    for (int i = 0;; ++i) {
        const auto name = std::to_string(writer) + "/" + std::to_string(i);
        const auto task = chain.create_task(*key, name, "");
        if (!task) return out;
        out.push_back({*task, name});
    }
}

std::vector<Answered> write_in_threads(const Chain& chain) {
    std::vector<std::vector<Answered>> of_writer(kWriters);
    std::vector<std::thread> threads;
    for (int i = 0; i < kWriters; ++i)
        threads.emplace_back([&, i] { of_writer[std::size_t(i)] = write_until_cut(chain, i); });
    for (auto& thread : threads) thread.join();
    std::vector<Answered> out;
    for (auto& part : of_writer) out.insert(out.end(), part.begin(), part.end());
    return out;
}

/// Few operations mostly, and now and then enough for SQLite to move its journal into the file.
std::uint64_t random_operations(std::mt19937& random) {
    return 1 + std::uint64_t(std::exp(double(random() % 1000) / 1000 * std::log(6000.0)));
}

}  // namespace

TEST_CASE("whatever the disk had not synced, answered transactions stand and the ledger verifies") {
    const int rounds = std::getenv("C2D_FULL") ? 150 : 12;
    support::LossyDisk disk;
    std::mt19937 random(3);
    std::size_t answered_count = 0, lost = 0;
    for (int round = 0; round < rounds; ++round) {
        CAPTURE(round);
        TempDir folder;
        std::vector<Answered> answered;
        ChainOptions options;
        {
            Ledger ledger((folder / "ledger").string());
            for (int i = 0; i < kWriters; ++i) ledger.organisation("writer " + std::to_string(i));
            options = ledger.options;
            options.trust_dir = (folder / "trust").string();
        }
        {
            const auto chain = must(Chain::open(options));
            disk.cut_after(random_operations(random));
            answered = write_in_threads(chain);
        }
        REQUIRE(disk.is_cut());
        lost += disk.lose_unsynced(random);
        answered_count += answered.size();
        // Also by the memory of the process that wrote: it must not be ahead of the ledger.
        const auto again = Chain::open(options);
        REQUIRE_MESSAGE(again.ok(), again.error().message);
        CHECK(must(again->verify()).number == must(again->info()).head.number);
        for (const auto& [task, name] : answered) CHECK(must(again->task(task)).name == name);
    }
    MESSAGE(rounds, " power cuts, ", lost, " writes lost or torn, ", answered_count, " answered transactions kept");
    CHECK(lost > 0);
    CHECK(answered_count > 0);
}

TEST_CASE("the disk of these tests loses what a database without syncs relies on") {
    // Otherwise the test above would pass on a ledger that never syncs.
    support::LossyDisk disk;
    std::mt19937 random(4);
    bool lost_something = false;
    for (int round = 0; round < 40 && !lost_something; ++round) {
        TempDir folder;
        const auto path = (folder / "unsafe").string();
        sqlite3* db = nullptr;
        REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
        REQUIRE(sqlite3_exec(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; CREATE TABLE t (x)", nullptr,
                             nullptr, nullptr) == SQLITE_OK);
        disk.cut_after(20 + random() % 50);
        int answered = 0;
        while (sqlite3_exec(db, "INSERT INTO t VALUES (1)", nullptr, nullptr, nullptr) == SQLITE_OK) ++answered;
        sqlite3_close(db);
        disk.lose_unsynced(random);
        REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
        int rows = 0;
        const auto count = [](void* out, int, char** values, char**) {
            *static_cast<int*>(out) = std::atoi(values[0]);
            return 0;
        };
        lost_something =
            sqlite3_exec(db, "SELECT count(*) FROM t", count, &rows, nullptr) != SQLITE_OK || rows < answered;
        sqlite3_close(db);
    }
    CHECK(lost_something);
}
