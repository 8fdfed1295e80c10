/// Creating and opening ledgers, and the time of blocks.
#include "support/ledger.hpp"
#include "chain/ledger/execution.hpp"
#include "support/temp_dir.hpp"

#include <set>

using namespace c2d;
using support::Ledger;
using support::must;
using support::named_address;
using support::TempDir;

TEST_CASE("a new ledger belongs to its signer and stands where five deployments would") {
    Ledger ledger;
    const auto info = must(ledger->info());
    const auto admin = named_address("admin");
    CHECK(info.kind == "ledger");
    CHECK(info.admin == admin);
    CHECK_FALSE(info.salt.is_zero());
    CHECK(info.head.number == 0);
    CHECK(info.head.time == ledger.clock->now);
    CHECK(info.contracts.role_controller == create_address(admin, 0));
    CHECK(info.contracts.asset_provider == create_address(admin, 1));
    CHECK(info.contracts.op_template == create_address(admin, 2));
    CHECK(info.contracts.dt_factory == create_address(admin, 3));
    CHECK(info.contracts.task_market == create_address(admin, 4));
    CHECK(must(ledger->node().nonce(admin)) == 5);
    CHECK(must(ledger->node().nonce(named_address("bank"))) == 0);
    CHECK(ledger->network().chain_id == info.chain_id);
}

TEST_CASE("chain ids lie in [2^32, 2^52) and differ from ledger to ledger") {
    std::set<std::uint64_t> seen;
    for (int i = 0; i < 40; ++i) {
        ChainOptions options;
        options.network_url = "ledger::memory:";
        options.random = std::make_shared<support::RepeatableRandom>("seed " + std::to_string(i));
        const auto chain = must(Chain::create(options, *support::named_key("admin")));
        CHECK(chain.network().chain_id >= (1ull << 32));
        CHECK(chain.network().chain_id < (1ull << 52));
        seen.insert(chain.network().chain_id);
    }
    CHECK(seen.size() == 40);
}

TEST_CASE("a draw that gives too small a chain id is drawn again") {
    struct SmallFirst final : Random {
        int calls = 0;
        Result<Unit> fill(std::span<std::uint8_t> out) override {
            const std::uint8_t byte = ++calls == 2 ? 0 : 0xff;  // the salt, a zero id, then a large one
            std::ranges::fill(out, byte);
            return Unit{};
        }
    };
    ChainOptions options;
    options.network_url = "ledger::memory:";
    options.random = std::make_shared<SmallFirst>();
    CHECK(must(Chain::create(options, *support::named_key("admin"))).network().chain_id == (1ull << 52) - 1);
}

TEST_CASE("a ledger that was closed opens again as the same network") {
    TempDir folder;
    std::optional<Ledger> first(std::in_place, (folder / "ledger").string());
    first->organisation("bank");
    const auto before = must((*first)->info());
    const auto options = first->options;
    first.reset();
    const auto again = must(must(Chain::open(options)).info());
    CHECK(again.chain_id == before.chain_id);
    CHECK(again.salt == before.salt);
    CHECK(again.admin == before.admin);
    CHECK(again.contracts == before.contracts);
    CHECK(again.head.number == 2);
    CHECK(again.head.hash == before.head.hash);
    CHECK(must(must(Chain::open(options)).is_enterprise(named_address("bank"))));
}

TEST_CASE("a place that holds a ledger takes no second one") {
    TempDir folder;
    Ledger ledger((folder / "ledger").string());
    const auto head = must(ledger->info()).head.hash;
    CHECK(Chain::create(ledger.options, ledger.signer("other")).status() == Status::CONFLICT);
    CHECK(must(ledger->info()).head.hash == head);
    CHECK(must(ledger->info()).admin == named_address("admin"));
}

TEST_CASE("urls of other kinds are unsupported, absent ledgers are not found") {
    TempDir folder;
    ChainOptions options;
    for (const char* url : {"", "ledger:", "ledger", "sqlite:x"}) {
        CAPTURE(std::string(url));
        options.network_url = url;
        CHECK(Chain::open(options).status() == Status::UNSUPPORTED);
        CHECK(Chain::create(options, *support::named_key("admin")).status() == Status::UNSUPPORTED);
    }
    options.network_url = "ledger:" + (folder / "absent").string();
    const auto absent = Chain::open(options);
    CHECK(absent.status() == Status::NOT_FOUND);
    CHECK(absent.error().message.starts_with((folder / "absent").string() +
                                             " is missing: create a ledger with: dt-cli chain init"));
    CHECK_FALSE(std::filesystem::exists(folder / "absent"));
    options.network_url = "ledger:" + (folder / "no" / "folder").string();
    CHECK(Chain::create(options, *support::named_key("admin")).status() == Status::NOT_FOUND);
}

TEST_CASE("a scheme may be written large, and a path without one is told its own") {
    TempDir folder;
    ChainOptions options;
    options.network_url = " LEDGER:" + (folder / "Bank.db").string();
    must(Chain::create(options, *support::named_key("admin")));
    CHECK(std::filesystem::exists(folder / "Bank.db"));
    options.network_url = "Ledger:" + (folder / "Bank.db").string();
    CHECK(Chain::open(options).ok());
    options.network_url = (folder / "Bank.db").string();
    CHECK(Chain::open(options).error().message.ends_with("a ledger in this file is ledger:" + options.network_url));
}

TEST_CASE("block time is the clock's, and never before the previous block's") {
    Ledger ledger;
    const auto start = ledger.clock->now.load();
    const auto time_of = [&](const char* name) {
        return must(ledger->register_enterprise(ledger.signer("admin"), named_address(name), name, "")).block_time;
    };
    ledger.clock->now = start + 10;
    CHECK(time_of("a") == start + 10);
    ledger.clock->now = start + 4;
    CHECK(time_of("b") == start + 10);
    ledger.clock->now = start + 11;
    CHECK(time_of("c") == start + 11);
    CHECK(must(ledger->verify()).time == start + 11);
}

TEST_CASE("a ledger from more than 120 s ahead is not written to") {
    Ledger ledger;
    const auto head = must(ledger->info()).head;
    const auto enroll = [&] {
        return ledger->register_enterprise(ledger.signer("admin"), named_address("bank"), "bank", "").status();
    };
    ledger.clock->now = head.time - 121;
    CHECK(enroll() == Status::UNAVAILABLE);
    CHECK(must(ledger->info()).head.hash == head.hash);
    CHECK(ledger->verify().status() == Status::CORRUPT);
    ledger.clock->now = head.time - 120;
    CHECK(enroll() == Status::OK);
    CHECK(must(ledger->info()).head.time == head.time);
    CHECK(must(ledger->verify()).number == 1);
}

TEST_CASE("verifying reports its progress and can be cancelled") {
    Ledger ledger;
    ledger.organisation("bank");
    std::uint64_t done = 0, total = 0;
    CHECK(must(ledger->verify([&](auto d, auto t, auto) { done = d, total = t; })).number == 2);
    CHECK(done == 2);
    CHECK(total == 2);
    CancelToken cancel;
    cancel.cancel();
    CHECK(ledger->verify({}, &cancel).status() == Status::CANCELLED);
    CHECK(ledger->verify().ok());
}

TEST_CASE("a signer that fails leaves no ledger and no block behind") {
    struct Broken final : Signer {
        Address address() const override { return named_address("broken"); }
        Result<Signature> sign_digest(const Bytes32&) override { return Error(Status::UNAVAILABLE, "the HSM sleeps"); }
    } broken;
    TempDir folder;
    ChainOptions options;
    options.network_url = "ledger:" + (folder / "ledger").string();
    CHECK(Chain::create(options, broken).status() == Status::UNAVAILABLE);
    CHECK_FALSE(std::filesystem::exists(folder / "ledger"));
    Ledger ledger;
    CHECK(ledger->create_task(broken, "a", "b").status() == Status::UNAVAILABLE);
    CHECK(must(ledger->info()).head.number == 0);
}
