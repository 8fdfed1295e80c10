/// Clocks that were wrong, files that vanished, and how keeper and readers get over it.
#include "chain/raw_file.hpp"
#include "support/ledger.hpp"
#include "support/temp_dir.hpp"

#include "chain/ledger/file_place.hpp"
#include "chain/ledger/recovery.hpp"

#include <c2d/chain_server.hpp>
#include <c2d/watched_clock.hpp>

using namespace c2d;
using support::must;
using support::named_id;
using support::TempDir;

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kHour = 3600;

/// A clock whose wall time and uptime are set apart.
class MachineClock final : public WatchedClock {
public:
    std::uint64_t now_seconds() override { return wall; }
    std::optional<Uptime> uptime() override { return Uptime{boot, up}; }
    bool synchronised() override { return in_step; }
    void pass(std::uint64_t seconds) { wall += seconds, up += seconds; }

    std::uint64_t wall = 1'800'000'000, up = 500;
    std::string boot = "first";
    bool in_step = false;
};

/// What a logger was told, warnings only.
class Warnings final : public Logger {
public:
    void log(LogLevel level, std::string_view line) override {
        if (level == LogLevel::warn) lines.emplace_back(line);
    }
    std::vector<std::string> lines;
};

/// A ledger file with an organisation that mints, and machines that use it, each with its own clock and memory.
class World {
public:
    World() {
        support::Ledger ledger(path());
        signer_ = ledger.shared_signer("bank");
        ledger.organisation("bank");
    }
    std::string path() const { return (folder / "ledger").string(); }
    ChainOptions machine(const std::string& name, std::uint64_t ahead = 0) {
        ChainOptions options;
        options.network_url = "ledger:" + path();
        options.trust_dir = (folder / name).string();
        options.random = std::make_shared<support::RepeatableRandom>(name);
        auto clock = std::make_shared<support::FakeClock>();
        clock->now += ahead;
        clocks[name] = clock;
        options.clock = clock;
        return options;
    }
    Result<Receipt> mint(const ChainOptions& options, const std::string& name) {
        auto chain = Chain::open(options);
        if (!chain) return chain.error();
        return chain->mint(*signer_, named_id(name), true, keccak256("d"), "Qm");
    }
    Signer& signer() { return *signer_; }

    TempDir folder;
    std::map<std::string, std::shared_ptr<support::FakeClock>> clocks;

private:
    std::shared_ptr<Signer> signer_;
};

void replace_with(const fs::path& copy, const std::string& path) {
    for (const char* end : {"-wal", "-shm"}) fs::remove(path + end);
    fs::rename(copy, path);
}

}  // namespace

// A clock that is wrong ---------------------------------------------------------------------------

TEST_CASE("a block from a clock ahead: readers answer from the block before, and say so") {
    World world;
    const auto here = world.machine("here");
    must(world.mint(here, "a"));
    auto running = must(Chain::open(here));
    const auto before = must(running.info()).head;
    const auto late = must(world.mint(world.machine("fast", kHour), "late"));

    auto options = world.machine("there");
    const auto warnings = std::make_shared<Warnings>();
    options.logger = warnings;
    for (const auto& chain : {running, must(Chain::open(options))}) {
        const auto info = must(chain.info());
        CHECK(info.head.hash == before.hash);
        REQUIRE(info.ahead);
        CHECK(info.ahead->block == late.block_number);
        CHECK(info.ahead->time == late.block_time);
        CHECK(info.ahead->wait == kHour - 120);
        CHECK(must(chain.token(named_id("a"))).id == named_id("a"));
        CHECK(chain.token(named_id("late")).status() == Status::NOT_FOUND);
        const auto current = chain.require_current();
        CHECK(current.status() == Status::UNAVAILABLE);
        CHECK(current.error().name == "ledger_ahead");
        CHECK(current.error().code == kHour - 120);
        CHECK(chain.verify().error().name == "ledger_ahead");
    }
    // Once for the block, and with both explanations.
    REQUIRE(warnings->lines.size() == 1);
    CHECK(warnings->lines[0].find("that of its writer was wrong, or this one is") != std::string::npos);

    SUBCASE("nothing is written upon it, nor beside it") {
        const auto refused = running.mint(world.signer(), named_id("b"), true, keccak256("d"), "Qm");
        CHECK(refused.error().name == "ledger_ahead");
        CHECK(must(running.info()).head.hash == before.hash);
    }
    SUBCASE("it is believed when its time has come") {
        for (auto& [name, clock] : world.clocks) clock->now += kHour - 121;
        CHECK(must(running.info()).ahead->wait == 1);
        for (auto& [name, clock] : world.clocks) clock->now += 1;
        CHECK(!must(running.info()).ahead);
        CHECK(running.require_current().ok());
        CHECK(must(running.info()).head.hash == late.block_hash);
        CHECK(running.mint(world.signer(), named_id("b"), true, keccak256("d"), "Qm").ok());
        CHECK(running.verify().ok());
    }
    SUBCASE("who believed it with a clock that was ahead, too, is told the same") {
        auto fast = must(Chain::open(world.machine("fast")));
        const auto info = must(fast.info());
        CHECK(info.head.hash == late.block_hash);
        CHECK(info.ahead->wait == kHour - 120);
        CHECK(fast.mint(world.signer(), named_id("b"), true, keccak256("d"), "Qm").error().name == "ledger_ahead");
    }
    SUBCASE("a served ledger says it to its clients") {
        ChainServer server(running);
        class Wire final : public HttpTransport {
        public:
            explicit Wire(ChainServer& server) : server_(server) {}
            Result<HttpResponse> send(const HttpRequest& request) override { return server_.handle(request); }

        private:
            ChainServer& server_;
        };
        ChainOptions client;
        client.network_url = "http://server.example";
        client.http = std::make_shared<Wire>(server);
        auto chain = must(Chain::open(client));
        const auto info = must(chain.info());
        REQUIRE(info.ahead);
        CHECK(info.ahead->block == late.block_number);
        CHECK(info.ahead->wait == kHour - 120);
        CHECK(chain.require_current().error().name == "ledger_ahead");
        const auto refused = chain.mint(world.signer(), named_id("b"), true, keccak256("d"), "Qm");
        CHECK(refused.status() == Status::UNAVAILABLE);
        CHECK(refused.error().name == "ledger_ahead");
        CHECK(refused.error().code == kHour - 120);
    }
}

TEST_CASE("a clock three minutes fast holds nobody up for longer than a minute") {
    World world;
    must(world.mint(world.machine("fast", 180), "late"));
    const auto refused = world.mint(world.machine("here"), "b");
    CHECK(refused.error().name == "ledger_ahead");
    CHECK(refused.error().code == 60);
}

TEST_CASE("a clock that moved further than time passed is not believed for writing") {
    World world;
    auto options = world.machine("here");
    const auto clock = std::make_shared<MachineClock>();
    options.clock = clock;
    must(world.mint(options, "a"));
    const auto refused_as_jumped = [&](const char* name) {
        const auto refused = world.mint(options, name);
        CHECK(refused.status() == Status::UNAVAILABLE);
        return !refused && refused.error().name == "clock_jumped";
    };
    SUBCASE("time that passed is no jump, however long") {
        clock->pass(kHour * 24 * 30);
        CHECK(world.mint(options, "b").ok());
    }
    SUBCASE("120 s more are, and stay so, within a process and between two") {
        auto running = must(Chain::open(options));
        clock->wall += 120;
        must(running.mint(world.signer(), named_id("b"), true, keccak256("d"), "Qm"));
        clock->wall += 121;
        CHECK(running.mint(world.signer(), named_id("c"), true, keccak256("d"), "Qm").error().name == "clock_jumped");
        CHECK(running.token(named_id("b")).ok());
        CHECK(refused_as_jumped("c"));
        clock->pass(100);
        CHECK(refused_as_jumped("c"));
        SUBCASE("until somebody says that it is right, for other programs, too") {
            options.clock_ok = true;
            CHECK(must(Chain::open(options)).info().ok());
            options.clock_ok = false;
            CHECK(world.mint(options, "c").ok());
            CHECK(running.mint(world.signer(), named_id("d"), true, keccak256("d"), "Qm").ok());
        }
        SUBCASE("until the kernel says that it is synchronised") {
            clock->in_step = true;
            CHECK(world.mint(options, "c").ok());
            clock->in_step = false;
            CHECK(world.mint(options, "d").ok());
        }
        SUBCASE("until it is set back") {
            clock->wall -= 121;
            CHECK(world.mint(options, "c").ok());
        }
    }
    SUBCASE("a clock that is set back is believed, and measured from there") {
        clock->wall -= kHour;
        clock->wall += 100;
        options.clock_ok = false;
        CHECK(must(Chain::open(options)).info().ok());
        clock->wall += kHour;
        CHECK(refused_as_jumped("b"));
    }
    SUBCASE("after a restart of the machine nobody can tell") {
        clock->boot = "second";
        clock->up = 3;
        clock->wall += kHour;
        CHECK(world.mint(options, "b").ok());
    }
    SUBCASE("a new ledger is not begun with it either") {
        clock->wall += kHour;
        options.network_url = "ledger:" + (world.folder / "new").string();
        CHECK(Chain::create(options, world.signer()).error().name == "clock_jumped");
        CHECK(!fs::exists(world.folder / "new"));
    }
    SUBCASE("a look that cannot be read is as good as none") {
        support::write_text(world.folder / "here" / "clock", "c2d clock 1\nboot first\nuptime x\nwall 5\n");
        CHECK(world.mint(options, "b").ok());
    }
}

// Cutting and accepting ---------------------------------------------------------------------------

TEST_CASE("the keeper cuts the block, each reader accepts the head, and all go on") {
    World world;
    const auto keeper = world.machine("keeper"), reader = world.machine("reader");
    must(world.mint(keeper, "a"));
    must(world.mint(reader, "b"));
    const auto late = must(world.mint(world.machine("reader", kHour), "late"));
    const auto from = late.block_number;
    world.machine("reader");

    const auto looked = must(Chain::cut(keeper, from, {.dry_run = true}));
    CHECK(looked.saved.empty());
    CHECK(world.mint(keeper, "c").error().name == "ledger_ahead");

    const auto cut = must(Chain::cut(keeper, from));
    CHECK(cut.from == from);
    CHECK(cut.blocks == 1);
    CHECK(cut.transactions == 1);
    CHECK(cut.first_time == late.block_time);
    CHECK(cut.head.number == from - 1);
    CHECK(fs::exists(cut.saved));
    CHECK(RawFile(cut.saved).rows("SELECT number, hash FROM blocks").size() == 1);

    // The keeper goes on; the reader, who saw the block, accepts first.
    must(world.mint(keeper, "c"));
    auto there = reader;
    CHECK(Chain::open(there).error().name == "ledger_rolled_back");
    const auto accepted = must(Chain::accept(there, cut.head.number, cut.head.hash));
    REQUIRE(accepted.given_up);
    CHECK(accepted.given_up->hash == late.block_hash);
    auto chain = must(Chain::open(there));
    CHECK(must(chain.token(named_id("c"))).id == named_id("c"));
    CHECK(chain.token(named_id("late")).status() == Status::NOT_FOUND);
    CHECK(chain.verify().ok());
    must(world.mint(keeper, "late"));
    CHECK(must(chain.token(named_id("late"))).id == named_id("late"));
}

TEST_CASE("what a cut refuses") {
    World world;
    const auto keeper = world.machine("keeper");
    must(world.mint(keeper, "a"));
    const auto head = must(must(Chain::open(keeper)).info()).head;
    const auto blocks = [&] { return RawFile(world.path()).rows("SELECT number FROM blocks").size(); };
    const auto all = blocks();
    SUBCASE("the first block, and blocks that are not there") {
        for (const auto from : {std::uint64_t(0), head.number + 1, UINT64_MAX})
            CHECK(Chain::cut(keeper, from).status() == Status::NOT_FOUND);
    }
    SUBCASE("while somebody writes") {
        RawFile writer(world.path());
        writer.run("BEGIN IMMEDIATE");
        CHECK(Chain::cut(keeper, head.number).status() == Status::CONFLICT);
        writer.run("ROLLBACK");
        CHECK(blocks() == all);
        CHECK(Chain::cut(keeper, head.number).ok());
    }
    SUBCASE("while another program here has it open") {
        {
            const auto open = must(Chain::open(keeper));
            CHECK(Chain::cut(keeper, head.number).status() == Status::CONFLICT);
            CHECK(Chain::accept(keeper, head.number, head.hash).status() == Status::CONFLICT);
            CHECK(open.verify().ok());
        }
        CHECK(Chain::cut(keeper, head.number).ok());
    }
    SUBCASE("when what would stay does not hold") {
        RawFile(world.path()).run("UPDATE blocks SET receipts = x'c0' WHERE number = 1");
        CHECK(Chain::cut(keeper, head.number).error().name == "ledger_corrupt");
        CHECK(blocks() == all);
    }
    SUBCASE("a file of that name that is there") {
        const auto saved =
            world.path() + ".cut-" + std::to_string(head.number) + "-" + hex_text(head.hash).substr(2, 8);
        RawFile(saved).run("CREATE TABLE other (x)");
        CHECK(Chain::cut(keeper, head.number).status() == Status::CONFLICT);
        CHECK(blocks() == all);
    }
    SUBCASE("but not what an earlier try saved of the same blocks") {
        fs::copy_file(world.path(), world.folder / "before");
        const auto cut = must(Chain::cut(keeper, head.number - 1));
        CHECK(RawFile(cut.saved).rows("SELECT number FROM blocks").size() == 2);
        RawFile(cut.saved).run("DELETE FROM blocks WHERE number = " + std::to_string(head.number));
        replace_with(world.folder / "before", world.path());
        CHECK(must(Chain::cut(keeper, head.number - 1)).saved == cut.saved);
        CHECK(RawFile(cut.saved).rows("SELECT number FROM blocks").size() == 2);
    }
    SUBCASE("a ledger that is not a file here") {
        ChainOptions other;
        other.network_url = "http://server.example";
        CHECK(Chain::cut(other, 1).status() == Status::UNSUPPORTED);
        CHECK(Chain::accept(other, 1, head.hash).status() == Status::UNSUPPORTED);
        other.network_url = "ledger::memory:";
        CHECK(Chain::cut(other, 1).status() == Status::UNSUPPORTED);
    }
}

TEST_CASE("what accepting refuses") {
    World world;
    const auto reader = world.machine("reader");
    const auto first = must(world.mint(reader, "a"));
    fs::copy_file(world.path(), world.folder / "earlier");
    const auto second = must(world.mint(reader, "b"));
    const auto accept = [&](std::uint64_t number, const Bytes32& hash) { return Chain::accept(reader, number, hash); };

    // All that was seen is there: an earlier head changes nothing.
    const auto idle = must(accept(first.block_number, first.block_hash));
    CHECK(!idle.given_up);
    CHECK(idle.head.hash == second.block_hash);

    replace_with(world.folder / "earlier", world.path());
    CHECK(Chain::open(reader).error().name == "ledger_rolled_back");
    for (const auto& [number, hash] :
         {std::pair(first.block_number, second.block_hash), std::pair(second.block_number, second.block_hash),
          std::pair(first.block_number - 1, first.block_hash)}) {
        CHECK(accept(number, hash).error().name == "ledger_rolled_back");
        CHECK(Chain::open(reader).error().name == "ledger_rolled_back");
    }
    SUBCASE("blocks that do not hold") {
        RawFile(world.path()).run("UPDATE blocks SET receipts = x'c0' WHERE number = 1");
        CHECK(accept(first.block_number, first.block_hash).error().name == "ledger_corrupt");
        CHECK(Chain::open(reader).error().name == "ledger_rolled_back");
    }
    SUBCASE("another ledger at the path") {
        fs::remove(world.path());
        const auto created = must(Chain::create(world.machine("other"), world.signer()));
        const auto head = must(created.info()).head;
        CHECK(accept(head.number, head.hash).error().name == "ledger_rolled_back");
    }
    SUBCASE("without a memory there is nothing to accept") {
        auto none = reader;
        none.trust_dir.clear();
        CHECK(Chain::accept(none, first.block_number, first.block_hash).status() == Status::INVALID_ARGUMENT);
    }
    SUBCASE("the right head") {
        CHECK(accept(first.block_number, first.block_hash).ok());
        CHECK(Chain::open(reader).ok());
    }
}

// Files that vanish -------------------------------------------------------------------------------

TEST_CASE("a ledger file that is deleted or replaced under a process is noticed at the next call") {
    World world;
    const auto here = world.machine("here");
    must(world.mint(here, "a"));
    auto chain = must(Chain::open(here));
    const auto check_noticed = [&](std::string_view what) {
        for (int twice = 0; twice < 2; ++twice) {
            const auto read = chain.token(named_id("a"));
            CHECK(read.status() == Status::CORRUPT);
            CHECK(read.error().name == "ledger_replaced");
            CHECK(read.error().message.find(what) != std::string::npos);
            CHECK(read.error().message.find(world.path()) != std::string::npos);
        }
        CHECK(chain.info().error().name == "ledger_replaced");
        CHECK(chain.mint(world.signer(), named_id("b"), true, keccak256("d"), "Qm").error().name == "ledger_replaced");
    };
    SUBCASE("deleted") {
        fs::remove(world.path());
        check_noticed("deleted or moved");
    }
    SUBCASE("moved away, and back") {
        fs::rename(world.path(), world.folder / "aside");
        check_noticed("deleted or moved");
        fs::rename(world.folder / "aside", world.path());
        CHECK(chain.mint(world.signer(), named_id("b"), true, keccak256("d"), "Qm").ok());
    }
    SUBCASE("replaced by a copy") {
        fs::copy_file(world.path(), world.folder / "copy");
        fs::rename(world.folder / "copy", world.path());
        check_noticed("replaced by another file");
    }
    SUBCASE("the log beside it is removed") {
        fs::remove(world.path() + "-wal");
        check_noticed("separated from its log");
    }
}
