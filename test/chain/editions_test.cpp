/// Ledgers of edition 1 of the rules, how they go on with edition 2, and what a block may say of its edition.
#include "chain/ledger/ledger_node.hpp"
#include "chain/ledger/verify.hpp"
#include "chain/raw_file.hpp"
#include "codec/transaction.hpp"
#include "contracts/interface.hpp"
#include "support/ledger.hpp"
#include "support/temp_dir.hpp"

#include <thread>

using namespace c2d;
using support::must;
using support::named_address;
using support::named_id;
using support::named_key;
using support::TempDir;

namespace fs = std::filesystem;

namespace {

const Bytes32 kChecksum = keccak256("document");

/// A copy of the ledger that a program wrote which knew edition 1 alone (test/chain/edition1/write.sh).
struct Stored {
    TempDir folder;
    ChainOptions options;

    Stored() {
        fs::copy_file(fs::path(C2D_SOURCE_DIR) / "test/chain/edition1/ledger.sqlite", path());
        options.network_url = "ledger:" + path().string();
        options.clock = std::make_shared<support::FakeClock>();
    }
    fs::path path() const { return folder / "ledger"; }
    Result<Chain> open() const { return Chain::open(options); }
    std::uint64_t version(std::uint64_t number) const {
        RawFile file(path());
        return must(ledger::decode_header(
                        file.blob("SELECT header FROM blocks WHERE number = " + std::to_string(number))))
            .edition;
    }
};

/// An empty ledger of edition 1 in memory.
Chain ledger_of_edition_1() {
    ledger::LedgerOptions how{":memory:",
                              {},
                              std::make_shared<support::FakeClock>(),
                              std::make_shared<support::RepeatableRandom>("edition 1"),
                              nullptr};
    how.edition = 1;
    ChainOptions options;
    options.node = must(ledger::create_ledger(how, *named_key("admin")));
    return must(Chain::open(options));
}

std::string named(const Address& address) { return "[\"" + address_text(address) + "\"]"; }

}  // namespace

TEST_CASE("a stored ledger of edition 1 replays to the head that its writer saw, and verifies") {
    Stored stored;
    const auto chain = must(stored.open());
    const auto info = must(chain.info());
    CHECK(info.edition == 1);
    CHECK_FALSE(info.features().edition_2);
    CHECK(info.features().revoking);
    CHECK(info.head.number == 18);
    CHECK(hex_text(info.head.hash) == "0x9a8837dc4786b9e406a2aaec21ac47963006e93cb4976e7a75d9a549c0ac1ac0");
    CHECK(must(chain.verify()).number == 18);
    CHECK(must(chain.is_active(named_id("cdt"))));
    CHECK(must(chain.grant_state(named_id("leaf2"), named_id("cdt"))).used == 1);
    CHECK(must(chain.job_receipt(1, named_id("leaf"))).owner == named_address("bank"));
    CHECK(must(chain.revocations_of(named_id("leaf"))).size() == 1);
    CHECK(must(chain.jobs_of(named_id("cdt"))).size() == 1);
}

TEST_CASE("what edition 2 brought is unsupported before it, and an address is its own key") {
    Stored stored;
    auto chain = must(stored.open());
    const auto bank = named_key("bank");
    const auto before = must(chain.info()).head.hash;
    CHECK(chain.decision(named_id("leaf"), bank->address()).status() == Status::UNSUPPORTED);
    CHECK(chain.is_closed(named_id("leaf")).status() == Status::UNSUPPORTED);
    CHECK(chain.admins().status() == Status::UNSUPPORTED);
    CHECK(chain.close_token(*bank, named_id("leaf")).status() == Status::UNSUPPORTED);
    CHECK(chain.change_owner(*bank, bank->address(), named_address("cold")).status() == Status::UNSUPPORTED);
    CHECK(chain.grant(*bank, named_id("leaf"), named_id("cdt"), {.owners_word = true}).status() == Status::UNSUPPORTED);
    CHECK(chain.ask("Identity.identityOwner", named(bank->address())).status() == Status::UNSUPPORTED);
    CHECK(chain.send(*bank, "DTFactory.closeToken", "[\"" + hex_text(named_id("leaf")) + "\"]").status() ==
          Status::UNSUPPORTED);
    CHECK(must(chain.identity_owner(bank->address())) == bank->address());
    CHECK(must(chain.acts_for(bank->address(), bank->address(), KeyUse::grant)));
    CHECK_FALSE(must(chain.acts_for(named_address("admin"), bank->address(), KeyUse::owner)));
    CHECK(must(chain.principal(bank->address(), KeyUse::work)) == bank->address());
    CHECK(must(chain.legal_id(bank->address())).empty());
    CHECK(must(chain.info()).head.hash == before);
}

TEST_CASE("only an administrator starts edition 2, and nothing else stands in the ledger before") {
    Stored stored;
    auto chain = must(stored.open());
    CHECK(chain.start_edition(*named_key("bank"), 2).status() == Status::NOT_FOUND);
    CHECK(chain.start_edition(*named_key("outsider"), 2).status() == Status::NOT_FOUND);
    CHECK(chain.start_edition(*named_key("admin"), 1).status() == Status::NOT_FOUND);
    CHECK(chain.start_edition(*named_key("admin"), 3).status() == Status::NOT_FOUND);
    CHECK(must(chain.info()).head.number == 18);
    CHECK(must(chain.edition()) == 1);
}

TEST_CASE("a stored ledger goes on with edition 2: the block that says so is its first") {
    Stored stored;
    auto chain = must(stored.open());
    const auto other = must(stored.open());
    const auto as_of_before = must(chain.at_head());
    const auto receipt = must(chain.start_edition(*named_key("admin2"), 2));
    CHECK(receipt.block_number == 19);
    CHECK(stored.version(18) == 1);
    CHECK(stored.version(19) == 2);
    for (const Chain* each : {static_cast<const Chain*>(&chain), &other}) {
        CHECK(must(each->edition()) == 2);
        CHECK(must(each->info()).edition == 2);
    }
    CHECK(must(as_of_before.info()).edition == 1);
    CHECK(as_of_before.admins().status() == Status::UNSUPPORTED);
    CHECK(must(chain.admins()).size() == 2);
    // What was revoked before stays so until the owner's own word.
    const auto bank = named_key("bank");
    CHECK(chain.grant(*bank, named_id("leaf"), named_id("cdt")).error().name == "grant_needs_owner");
    must(chain.grant(*bank, named_id("leaf"), named_id("cdt"), {.owners_word = true}));
    CHECK(must(chain.add_job(*named_key("solver"), named_id("cdt"), 1)) == 2);
    CHECK(must(other.decision(named_id("leaf"), named_address("solver"))).used == 1);
    CHECK(stored.version(must(chain.info()).head.number) == 2);
    CHECK(chain.start_edition(*named_key("admin"), 2).error().name == "edition_not_next");
    CHECK(must(chain.verify()).number == must(chain.info()).head.number);
    CHECK(must(must(stored.open()).info()).head.hash == must(chain.info()).head.hash);
}

TEST_CASE("a ledger that is cut before edition 2 began is of edition 1 again") {
    Stored stored;
    must(must(stored.open()).start_edition(*named_key("admin"), 2));
    must(Chain::cut(stored.options, 19));
    auto chain = must(stored.open());
    CHECK(must(chain.info()).edition == 1);
    must(chain.add_provider(*named_key("admin"), named_address("third")));
    must(chain.verify());
}

TEST_CASE("transactions that come together with the start of an edition are each in a block of their rules") {
    Stored stored;
    auto chain = must(stored.open());
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t)
        threads.emplace_back([&chain, t] {
            const auto id = named_address("new " + std::to_string(t));
            if (t == 4) return void(must(chain.start_edition(*named_key("admin2"), 2)));
            must(chain.register_enterprise(*named_key("admin"), id, "new", ""));
        });
    for (auto& thread : threads) thread.join();
    CHECK(must(chain.info()).edition == 2);
    must(chain.verify());
}

TEST_CASE("a new ledger begins with edition 2, and one that begins with edition 1 can go on") {
    support::Ledger ledger;
    CHECK(must(ledger->info()).edition == 2);
    CHECK(must(ledger->admins()) == std::vector{named_address("admin")});
    auto old = ledger_of_edition_1();
    CHECK(old.network().edition == 1);
    must(old.add_admin(*named_key("admin"), named_address("deputy")));
    must(old.start_edition(*named_key("deputy"), 2));
    CHECK(must(old.admins()).size() == 2);
    must(old.verify());
}

TEST_CASE("a sender for whom no role stands makes no transaction, from edition 2 on") {
    support::Ledger ledger;
    ledger.organisation("bank");
    const auto before = must(ledger->info()).head;
    const auto refused = ledger->create_task(ledger.signer("outsider"), "spam", "");
    REQUIRE(refused.status() == Status::REFUSED);
    CHECK(refused.error().code == 10000);
    CHECK(refused.error().name == "no_permission");
    CHECK(refused.error().source == "TaskMarket");
    CHECK(refused.error().transaction == std::array<std::uint8_t, 32>{});
    CHECK(must(ledger->info()).head.number == before.number);
    CHECK(must(ledger->node().nonce(named_address("outsider"))) == 0);
    // A delegate has no role, and stands for who has one.
    must(ledger->add_delegate(ledger.signer("bank"), named_address("bank"), KeyUse::work, named_address("clerk"), 60));
    CHECK(must(ledger->create_task(ledger.signer("clerk"), "score", "")) == 1);
    ledger.clock->now += 61;
    CHECK(ledger->create_task(ledger.signer("clerk"), "score", "").status() == Status::REFUSED);
    auto old = ledger_of_edition_1();
    const auto mined = old.create_task(*named_key("outsider"), "spam", "");
    CHECK(mined.error().transaction != std::array<std::uint8_t, 32>{});
    must(old.verify());
}

TEST_CASE("a block with a transaction of a sender without a role is corrupt") {
    TempDir folder;
    ChainOptions options;
    {
        support::Ledger ledger((folder / "ledger").string());
        ledger.organisation("bank");
        must(ledger->create_task(ledger.signer("bank"), "score", ""));
        options = ledger.options;
    }
    {
        RawFile file(folder / "ledger");
        const auto header_of = [&] {
            return must(ledger::decode_header(file.blob("SELECT header FROM blocks WHERE number = 3")));
        };
        const auto raws =
            must(ledger::decode_transactions(file.blob("SELECT transactions FROM blocks WHERE number = 3")));
        auto transaction = must(decode_transaction(raws[0])).transaction;
        transaction.nonce = 0;
        const auto body =
            ledger::encode_transactions({must(sign_transaction(transaction, *named_key("outsider"))).raw});
        auto header = header_of();
        header.transactions_hash = keccak256(body);
        const auto encoded = ledger::encode_header(header);
        file.run("UPDATE blocks SET transactions = " + sql_blob(body) + ", header = " + sql_blob(encoded) +
                 ", hash = " + sql_blob(ledger::block_hash(encoded)) + " WHERE number = 3");
    }
    const auto opened = Chain::open(options);
    REQUIRE(opened.status() == Status::CORRUPT);
    CHECK(opened.error().message.find("no role stands for") != std::string::npos);
}

namespace {

/// The same ledger with another version in the header of its block `number`, every hash made to fit.
Result<Head> verdict_with_version(Stored& stored, std::uint64_t number, std::uint64_t version) {
    RawFile file(stored.path());
    const auto where = " WHERE number = " + std::to_string(number);
    auto header = must(ledger::decode_header(file.blob("SELECT header FROM blocks" + where)));
    header.edition = version;
    const auto encoded = ledger::encode_header(header);
    file.run("DELETE FROM blocks WHERE number > " + std::to_string(number));
    file.run("UPDATE blocks SET header = " + sql_blob(encoded) + ", hash = " + sql_blob(ledger::block_hash(encoded)) +
             where);
    auto opened = must(ledger::LedgerFile::open(stored.path()));
    return ledger::verify_ledger(opened, UINT64_MAX, "", {}, nullptr);
}

}  // namespace

TEST_CASE("a block of a later edition than the program knows is unsupported, never corrupt") {
    for (const std::uint64_t number : {18, 19}) {
        Stored stored;
        if (number == 19) must(must(stored.open()).start_edition(*named_key("admin"), 2));
        const auto verdict = verdict_with_version(stored, number, 3);
        CHECK(verdict.status() == Status::UNSUPPORTED);
        CHECK(verdict.error().message.find("edition 3") != std::string::npos);
        CHECK(stored.open().status() == Status::UNSUPPORTED);
    }
}

TEST_CASE("an edition that is raised without its start, or lowered, is corrupt") {
    Stored raised;
    const auto verdict = verdict_with_version(raised, 17, 2);
    CHECK(verdict.status() == Status::CORRUPT);
    CHECK(verdict.error().message.find("header.version") != std::string::npos);
    Stored lowered;
    auto chain = must(lowered.open());
    must(chain.start_edition(*named_key("admin"), 2));
    must(chain.add_provider(*named_key("admin"), named_address("third")));
    CHECK(verdict_with_version(lowered, 20, 1).status() == Status::CORRUPT);
    CHECK(verdict_with_version(lowered, 19, 1).status() == Status::CORRUPT);
    Stored genesis;
    CHECK(verdict_with_version(genesis, 0, 2).status() == Status::CORRUPT);
    Stored none;
    CHECK(verdict_with_version(none, 18, 0).status() == Status::CORRUPT);
}

TEST_CASE("a block of edition 2 whose start is not its first transaction is corrupt") {
    Stored stored;
    {
        auto chain = must(stored.open());
        must(chain.start_edition(*named_key("admin"), 2));
    }
    RawFile file(stored.path());
    auto raws = must(ledger::decode_transactions(file.blob("SELECT transactions FROM blocks WHERE number = 19")));
    const auto network = must(must(stored.open()).info());
    Transaction first = must(decode_transaction(raws[0])).transaction;
    first.nonce = must(must(stored.open()).node().nonce(named_address("bank")));
    first.to = network.contracts.task_market;
    first.data = contracts::task_market::kCreateTask.call("score", "");
    raws.insert(raws.begin(), must(sign_transaction(first, *named_key("bank"))).raw);
    const auto body = ledger::encode_transactions(raws);
    auto header = must(ledger::decode_header(file.blob("SELECT header FROM blocks WHERE number = 19")));
    header.transactions_hash = keccak256(body);
    const auto encoded = ledger::encode_header(header);
    file.run("UPDATE blocks SET transactions = " + sql_blob(body) + ", header = " + sql_blob(encoded) +
             ", hash = " + sql_blob(ledger::block_hash(encoded)) + " WHERE number = 19");
    const auto opened = stored.open();
    REQUIRE(opened.status() == Status::CORRUPT);
    CHECK(opened.error().message.find("does not start that edition") != std::string::npos);
}
