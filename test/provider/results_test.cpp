/// What leaves a run's folder, and what does not.
#include "provider/outputs/results.hpp"
#include "crypto/hash.hpp"
#include "provider/outputs/release.hpp"
#include "support/doubles.hpp"
#include "support/temp_dir.hpp"

#include <sys/stat.h>

using namespace c2d;
using provider::result_manifest;
using provider::result_piece;
using support::must;
namespace fs = std::filesystem;

namespace {

/// What may be released of a run.
constexpr std::uint64_t kReleased = std::uint64_t(1) << 20;

struct Ended {
    support::TempDir place;
    provider::JobRun run;
    Ended() {
        fs::create_directories(place / "job/outputs");
        support::write_text(place / "secret", "secret");
        run.folder = place / "job";
        run.state = provider::RunState::succeeded;
        run.outputs = {"out.txt", "model"};
        support::write_text(place / "job/outputs/out.txt", "0123456789");
        support::write_text(place / "job/outputs/other", "not named");
    }
    std::size_t listed() { return must(result_manifest(run, kReleased)).find("files")->items().size(); }
    std::string refusal(std::string_view name, std::string_view range) {
        const auto piece = result_piece(run, kReleased, name, range);
        return piece ? "206" : piece.error().name;
    }
};

}  // namespace

TEST_CASE_FIXTURE(Ended, "the manifest has the named outputs that are there") {
    const auto body = must(result_manifest(run, kReleased));
    REQUIRE(body.find("files")->items().size() == 1);
    const auto& file = body.find("files")->items()[0];
    CHECK(file.text_at({"name"}) == "out.txt");
    CHECK(file.find("bytes")->as_uint() == 10);
    CHECK(file.text_at({"sha256"}) == hex_text(sha256(as_bytes("0123456789"))));
    support::write_text(place / "job/outputs/model", "");
    CHECK(listed() == 2);
    for (const auto state : {provider::RunState::running, provider::RunState::failed, provider::RunState::cancelled}) {
        run.state = state;
        CHECK(listed() == 0);
        CHECK(refusal("out.txt", "bytes=0-1") == "not_found");
    }
}

TEST_CASE_FIXTURE(Ended, "the log goes out as the terms say, and not once a grant was taken back") {
    support::write_text(place / "job/log", "row 4711\n");
    const auto told = [this](bool owner) { return must(provider::released_log(run, owner)); };
    CHECK(told(false).text_at({"log"}) == "");
    run.release_log = "full";
    CHECK(told(false).text_at({"log"}) == "row 4711\n");
    run.state = provider::RunState::cancelled;
    run.end = RunEnd{RunEndKind::revoked, {}};
    CHECK(told(false).text_at({"release"}) == "none");
    CHECK(told(false).find("log") == nullptr);
    CHECK(told(true).text_at({"log"}) == "row 4711\n");
}

TEST_CASE_FIXTURE(Ended, "pieces are those that were asked for, always with status 206") {
    const auto piece = must(result_piece(run, kReleased, "out.txt", "bytes=2-4"));
    CHECK(piece.status == 206);
    CHECK(piece.body == "234");
    CHECK(piece.header("Content-Range") == "bytes 2-4/10");
    CHECK(must(result_piece(run, kReleased, "out.txt", "bytes=0-9")).body == "0123456789");
    CHECK(must(result_piece(run, kReleased, "out.txt", "bytes=8-99999999999")).body == "89");
    for (const auto* range :
         {"", "bytes=", "bytes=-3", "bytes=3-", "bytes=4-2", "bytes=10-11", "bytes=0-1,3-4", "items=0-1", "bytes=0-1 ",
          "bytes=0x0-1", "bytes=99999999999999999999-99999999999999999999"}) {
        INFO(range);
        CHECK(refusal("out.txt", range) == "malformed");
    }
    for (const auto* name : {"other", "model", "../secret", "../../secret", "outputs/out.txt", ".", ""}) {
        INFO(name);
        CHECK(refusal(name, "bytes=0-1") == "not_found");
    }
}

TEST_CASE_FIXTURE(Ended, "links and pipes do not leave") {
    fs::create_symlink(place / "secret", place / "job/outputs/model");
    CHECK_FALSE(result_manifest(run, kReleased).ok());
    CHECK(refusal("out.txt", "bytes=0-1") != "206");
    fs::remove(place / "job/outputs/model");
    REQUIRE(::mkfifo((place / "job/outputs/model").c_str(), 0600) == 0);
    CHECK_FALSE(result_manifest(run, kReleased).ok());
    fs::remove_all(place / "job/outputs");
    fs::create_directories(place / "elsewhere");
    support::write_text(place / "elsewhere/out.txt", "secret");
    fs::create_directory_symlink(place / "elsewhere", place / "job/outputs");
    CHECK_FALSE(result_manifest(run, kReleased).ok());
    CHECK(refusal("out.txt", "bytes=0-1") != "206");
}

TEST_CASE_FIXTURE(Ended, "an owner may release more, and it still leaves in pieces") {
    const std::uint64_t more = 5 * kReleased;
    support::write_text(place / "job/outputs/model", std::string(3 * kReleased + 1, 'x'));
    CHECK(result_manifest(run, kReleased).error().name == "result_too_large");
    CHECK(must(result_manifest(run, more)).find("files")->items().size() == 2);
    CHECK(must(result_piece(run, more, "model", "bytes=0-99999999")).body.size() == kReleased);
    CHECK(must(result_piece(run, more, "model", "bytes=3145728-99999999")).body == "x");
    CHECK(result_piece(run, kReleased, "model", "bytes=0-1").error().name == "result_too_large");
}

TEST_CASE_FIXTURE(Ended, "all outputs together stay within the bound") {
    support::write_text(place / "job/outputs/model", std::string((std::size_t(1) << 20) - 10, 'x'));
    CHECK(listed() == 2);
    CHECK(must(result_piece(run, kReleased, "model", "bytes=0-1048575")).body.size() == (std::size_t(1) << 20) - 10);
    support::write_text(place / "job/outputs/model", std::string((std::size_t(1) << 20) - 9, 'x'));
    CHECK(result_manifest(run, kReleased).error().name == "result_too_large");
    CHECK(refusal("out.txt", "bytes=0-1") == "result_too_large");
}
