/// Files that are no ledgers: a clear error, and the file stays as it was.
#include "chain/raw_file.hpp"
#include "support/ledger.hpp"
#include "support/temp_dir.hpp"

using namespace c2d;
using support::Ledger;
using support::must;
using support::read_text;
using support::TempDir;
using support::write_text;

namespace {

Status open_status(const std::filesystem::path& path) {
    ChainOptions options;
    options.network_url = "ledger:" + path.string();
    options.clock = std::make_shared<support::FakeClock>();
    const auto chain = Chain::open(options);
    if (!chain) {
        CHECK(chain.error().message.size() > 10);
        return chain.status();
    }
    return chain->verify().status();
}

void check_untouched(const std::filesystem::path& path, Status status) {
    const auto before = read_text(path);
    CHECK(open_status(path) == status);
    CHECK(read_text(path) == before);
}

}  // namespace

TEST_CASE("a file that is no database is said to be damaged and left alone") {
    TempDir folder;
    write_text(folder / "text", "this is not a database, it only looks like one from afar\n");
    check_untouched(folder / "text", Status::CORRUPT);
    write_text(folder / "noise", std::string(8192, '\x5a'));
    check_untouched(folder / "noise", Status::CORRUPT);
}

TEST_CASE("an empty file is no ledger and stays empty") {
    TempDir folder;
    write_text(folder / "empty", "");
    check_untouched(folder / "empty", Status::CORRUPT);
}

TEST_CASE("another program's database is no ledger and is left alone") {
    TempDir folder;
    RawFile(folder / "other").run("CREATE TABLE accounts (id INTEGER); INSERT INTO accounts VALUES (7)");
    check_untouched(folder / "other", Status::CORRUPT);
    CHECK(Chain::create(
              [&] {
                  ChainOptions options;
                  options.network_url = "ledger:" + (folder / "other").string();
                  return options;
              }(),
              *support::named_key("admin"))
              .status() == Status::CONFLICT);
    CHECK(RawFile(folder / "other").number("SELECT id FROM accounts") == 7);
}

TEST_CASE("tables without a first block are no ledger") {
    TempDir folder;
    { Ledger ledger((folder / "ledger").string()); }
    RawFile(folder / "ledger").run("DELETE FROM blocks");
    check_untouched(folder / "ledger", Status::CORRUPT);
}

TEST_CASE("a folder and a link are not opened as ledgers") {
    TempDir folder;
    CHECK_FALSE(open_status(folder.path) == Status::OK);
    { Ledger ledger((folder / "ledger").string()); }
    std::filesystem::create_symlink(folder / "ledger", folder / "link");
    CHECK_FALSE(open_status(folder / "link") == Status::OK);
    CHECK(open_status(folder / "ledger") == Status::OK);
}

TEST_CASE("a truncated ledger is damaged, wherever it was cut") {
    TempDir folder;
    {
        Ledger ledger((folder / "ledger").string());
        for (int i = 0; i < 20; ++i) ledger.organisation("bank " + std::to_string(i));
    }
    const auto whole = read_text(folder / "ledger");
    for (const double part : {0.001, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.999}) {
        CAPTURE(part);
        std::filesystem::remove(folder / "cut-wal");
        std::filesystem::remove(folder / "cut-shm");
        write_text(folder / "cut", whole.substr(0, std::size_t(double(whole.size()) * part)));
        check_untouched(folder / "cut", Status::CORRUPT);
    }
}
