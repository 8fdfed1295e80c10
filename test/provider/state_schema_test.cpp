/// State files of other versions. data/state_format1.db was written by the version that knew no
/// formats: its provider was killed while job 5 ran.
#include "provider/state/state_schema.hpp"

#include "provider/state/job_store.hpp"

#include "support/database.hpp"
#include "support/doubles.hpp"
#include "support/temp_dir.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

using namespace c2d;
using namespace c2d::provider;
using support::execute;
using support::must;
using support::TempDir;
using support::text_of;

namespace fs = std::filesystem;

namespace {

const fs::path kFormat1 = fs::path(C2D_SOURCE_DIR) / "test/provider/data/state_format1.db";

}  // namespace

TEST_CASE("the runs of one solver are found without looking at everybody's") {
    const TempDir folder;
    fs::copy_file(kFormat1, folder / "older.db");
    for (const char* name : {"new.db", "older.db"}) {
        CAPTURE(name);
        must(JobStore::open(folder / name));
        auto db = must(store::Database::open((folder / name).string(), store::Database::Mode::existing));
        auto plan = must(db.prepare("EXPLAIN QUERY PLAN SELECT * FROM runs WHERE solver = ? ORDER BY job_id DESC"));
        REQUIRE(must(plan.step()));
        CHECK(plan.text(3).find("SEARCH") == 0);
        CHECK(plan.text(3).find("runs_by_solver") != std::string::npos);
    }
}

TEST_CASE("runs without a receipt are found without looking at those that have one") {
    const TempDir folder;
    fs::copy_file(kFormat1, folder / "older.db");
    for (const char* name : {"new.db", "older.db"}) {
        CAPTURE(name);
        must(JobStore::open(folder / name));
        const auto plan =
            text_of(folder / name, "EXPLAIN QUERY PLAN SELECT * FROM runs WHERE has_receipt = 0 ORDER BY updated", 3);
        CHECK(plan.find("runs_without_receipt") != std::string::npos);
    }
}

TEST_CASE("a state file of format 2 learns which of its runs have a receipt") {
    const TempDir folder;
    const auto file = folder / "state.db";
    fs::copy_file(kFormat1, file);
    must(JobStore::open(file));
    execute(
        file,
        "DROP INDEX runs_without_receipt; ALTER TABLE runs DROP COLUMN has_receipt; ALTER TABLE runs DROP COLUMN joint;"
        "ALTER TABLE runs DROP COLUMN attempt; ALTER TABLE runs DROP COLUMN attempts_max; ALTER TABLE runs DROP COLUMN "
        "starts; ALTER TABLE runs DROP COLUMN disclosed; ALTER TABLE admissions DROP COLUMN attempt; ALTER TABLE "
        "receipts "
        "DROP COLUMN due; DELETE FROM receipts WHERE job_id = 3; PRAGMA user_version = 2");
    const auto store = must(JobStore::open(file));
    const auto without = must(store->runs_without_receipt(64));
    REQUIRE(without.size() == 1);
    CHECK(without[0].job_id == 3);
    CHECK_FALSE(must(store->run(3, 0))->joint);
    CHECK(text_of(folder / "state.db.format2", "PRAGMA user_version") == "2");
    must(store->add_receipt({3, 0, ReceiptOutcome::failed, {}, "{}", Posting::pending}));
    CHECK(must(store->runs_without_receipt(64)).empty());
}

TEST_CASE("a state file of format 6 knows one attempt a job") {
    const TempDir folder;
    const auto file = folder / "state.db";
    fs::copy_file(kFormat1, file);
    must(JobStore::open(file));
    execute(file,
            "ALTER TABLE runs DROP COLUMN attempt; ALTER TABLE runs DROP COLUMN attempts_max; ALTER TABLE runs DROP "
            "COLUMN starts; ALTER TABLE runs DROP COLUMN disclosed; ALTER TABLE admissions DROP COLUMN attempt; "
            "ALTER TABLE receipts DROP COLUMN due; PRAGMA user_version = 6");
    const auto store = must(JobStore::open(file));
    CHECK(text_of(folder / "state.db.format6", "PRAGMA user_version") == "6");
    const auto run = *must(store->run(1, 0));
    CHECK(run.attempt == 1);
    CHECK(run.attempts_max == 1);
    CHECK(run.starts == 0);
    CHECK(run.disclosed.empty());
    CHECK(run.again_until == 0);
    CHECK(must(store->admissions(1, 0)).at(0).attempt == 1);
}

TEST_CASE("a state file of format 7 knows no salts and no peers' inputs") {
    const TempDir folder;
    const auto file = folder / "state.db";
    fs::copy_file(kFormat1, file);
    must(JobStore::open(file));
    execute(file, "DROP TABLE input_salts; DROP TABLE peer_inputs; PRAGMA user_version = 7");
    CHECK(must(must(JobStore::open(file))->run(1, 0))->attempt == 1);
    CHECK(text_of(folder / "state.db.format7", "PRAGMA user_version") == "7");
    CHECK(text_of(file, "PRAGMA user_version") == "8");
    CHECK(text_of(file, "SELECT count(*) FROM input_salts") == "0");
    CHECK(text_of(file, "SELECT count(*) FROM peer_inputs") == "0");
}

TEST_CASE("a state file without a format is brought up to date, and copied beside before") {
    const TempDir folder;
    const auto file = folder / "state.db";
    fs::copy_file(kFormat1, file);
    {
        const auto store = must(JobStore::open(file));
        const std::pair<RunState, std::optional<RunEnd>> expected[] = {
            {RunState::succeeded, RunEnd::exited(0)},
            {RunState::failed, RunEnd::exited(3)},
            {RunState::failed, RunEnd{RunEndKind::signaled, {}}},
            {RunState::failed, RunEnd::not_prepared(Status::NOT_FOUND)},
            {RunState::running, std::nullopt},
            {RunState::cancelled, RunEnd{RunEndKind::cancelled, {}}},
            {RunState::queued, std::nullopt}};
        std::uint64_t job = 0;
        for (const auto& [state, end] : expected) {
            const auto run = must(store->run(++job, 0));
            CAPTURE(job);
            REQUIRE(run.has_value());
            CHECK(run->state == state);
            CHECK(run->end == end);
            CHECK_FALSE(run->release_exit);
            // What was signed and posted stands as it is.
            CHECK(run->receipt.has_value() == end.has_value());
            CHECK(must(store->admissions(job, 0)).size() == 1);
        }
        CHECK(must(store->fail_interrupted(9)) == 1);
        CHECK(must(store->take_next(9))->job_id == 7);
    }
    CHECK(text_of(folder / "state.db.format1", "SELECT outcome FROM runs WHERE job_id = 4") == "not_found");
    struct stat info {};
    REQUIRE(::stat((folder / "state.db.format1").c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    CHECK_FALSE(fs::exists(folder / "state.db.copying"));
    // Once is enough.
    must(JobStore::open(file));
    CHECK_FALSE(fs::exists(folder / "state.db.format1.1"));
}

TEST_CASE("a copy that stands beside already is not written over") {
    const TempDir folder;
    const auto file = folder / "state.db";
    fs::copy_file(kFormat1, file);
    support::write_text(folder / "state.db.format1", "an earlier one");
    must(JobStore::open(file));
    CHECK(support::read_text(folder / "state.db.format1") == "an earlier one");
    CHECK(fs::exists(folder / "state.db.format1.1"));
}

TEST_CASE("every outcome that the old format knew has its end") {
    const TempDir folder;
    const std::pair<const char*, RunEnd> table[] = {
        {"exited 255", RunEnd::exited(255)},
        {"abandoned", {RunEndKind::incomplete, {}}},
        {"interrupted", {RunEndKind::interrupted, {}}},
        {"peer_missing", {RunEndKind::peer_missing, {}}},
        {"setup_failed", {RunEndKind::setup_failed, {}}},
        {"grant_missing", RunEnd::refused(Reason::grant_missing)},
        {"document_unavailable", RunEnd::refused(Reason::document_unavailable)},
        {"internal", RunEnd::not_prepared(Status::INTERNAL)},
        {"unavailable", RunEnd::not_prepared(Status::UNAVAILABLE)},
        {"refused", RunEnd::not_prepared(Status::REFUSED)},
        {"whatever else", RunEnd::not_prepared(Status::INTERNAL)}};
    for (const auto& [outcome, end] : table) {
        const std::string shown(outcome);
        CAPTURE(shown);
        const auto file = folder / (std::string(outcome) + ".db");
        fs::copy_file(kFormat1, file);
        execute(file, fmt::format("UPDATE runs SET outcome = '{}' WHERE job_id = 2", outcome).c_str());
        CHECK(must(must(JobStore::open(file))->run(2, 0))->end == end);
    }
}

TEST_CASE("a change that fails half way leaves the old format whole") {
    const TempDir folder;
    const auto file = folder / "state.db";
    fs::copy_file(kFormat1, file);
    execute(file, "CREATE TRIGGER stop BEFORE UPDATE ON runs BEGIN SELECT RAISE(ABORT, 'the disk is full'); END");
    CHECK_FALSE(JobStore::open(file).ok());
    CHECK(text_of(file, "SELECT outcome FROM runs WHERE job_id = 2") == "exited 3");
    CHECK(text_of(file, "PRAGMA user_version") == "0");
    execute(file, "DROP TRIGGER stop");
    CHECK(must(must(JobStore::open(file))->run(2, 0))->end == RunEnd::exited(3));
}

TEST_CASE("a state file of a newer version is refused and left alone") {
    const TempDir folder;
    const auto file = folder / "state.db";
    must(JobStore::open(file));
    const auto newer = std::to_string(kStateFormat + 1);
    execute(file, ("PRAGMA user_version = " + newer).c_str());
    const auto opened = JobStore::open(file);
    REQUIRE_FALSE(opened.ok());
    CHECK(opened.status() == Status::UNSUPPORTED);
    CHECK(opened.error().message.find(fmt::format("newer version (format {}, this one reads up to {})", newer,
                                                  kStateFormat)) != std::string::npos);
    CHECK(text_of(file, "PRAGMA user_version") == newer);
}
