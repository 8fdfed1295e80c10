/// A process believes what it replayed, remembers the last head, and refuses a ledger without it.
#include "chain/raw_file.hpp"
#include "support/ledger.hpp"
#include "support/temp_dir.hpp"

#include "chain/ledger/block.hpp"

#include <cstdlib>

using namespace c2d;
using support::must;
using support::named_address;
using support::named_id;
using support::TempDir;

namespace fs = std::filesystem;

namespace {

/// A ledger in a folder, and the memory of a bank that uses it in another one.
class Bank {
public:
    Bank() {
        support::Ledger ledger(path());
        bank_ = ledger.shared_signer("bank");
        ledger.organisation("bank");
        options = ledger.options;
        options.trust_dir = (folder / "trust").string();
    }
    std::string path() const { return (folder / "ledger").string(); }
    Result<Chain> open() const { return Chain::open(options); }
    Receipt mint(const char* name) {
        auto chain = must(open());
        return must(chain.mint(*bank_, named_id(name), true, keccak256("d"), "Qm"));
    }
    void save(const char* name) const { fs::copy_file(path(), folder / name, fs::copy_options::overwrite_existing); }
    void restore(const char* name) const {
        fs::remove(path() + "-wal");
        fs::remove(path() + "-shm");
        fs::copy_file(folder / name, path(), fs::copy_options::overwrite_existing);
    }
    /// The one file of the memory with that ending.
    fs::path memory(const std::string& ending) const {
        for (const auto& entry : fs::directory_iterator(options.trust_dir))
            if (entry.path().string().ends_with(ending)) return entry.path();
        FAIL("no " << ending << " file");
        return {};
    }
    Signer& signer() { return *bank_; }

    TempDir folder;
    ChainOptions options;

private:
    std::shared_ptr<Signer> bank_;
};

void check_rolled_back(const Result<Chain>& chain) {
    CHECK(chain.status() == Status::CORRUPT);
    if (!chain) CHECK(chain.error().name == "ledger_rolled_back");
}

std::string head_row(const std::string& path, std::uint64_t number) {
    const auto where = " FROM blocks WHERE number = " + std::to_string(number);
    RawFile file(path);
    std::string row = std::to_string(number);
    for (const char* column : {"hash", "header", "transactions", "receipts"})
        row += ", " + sql_blob(file.blob(std::string("SELECT ") + column + where));
    return row;
}

}  // namespace

TEST_CASE("a ledger that was put back to an earlier state is refused by those who saw the later one") {
    Bank bank;
    bank.mint("a");
    bank.save("earlier");
    bank.mint("b");
    bank.restore("earlier");
    check_rolled_back(bank.open());
    // Somebody who never saw more cannot know.
    auto outsider = bank.options;
    outsider.trust_dir = (bank.folder / "another").string();
    CHECK(Chain::open(outsider).ok());
    outsider.trust_dir.clear();
    CHECK(Chain::open(outsider).ok());
}

TEST_CASE("a ledger with another continuation is refused, as long as it may be") {
    Bank bank;
    bank.save("earlier");
    bank.mint("a");
    bank.restore("earlier");
    auto forger = bank.options;
    forger.trust_dir.clear();
    {
        auto chain = must(Chain::open(forger));
        for (const char* name : {"x", "y", "z"})
            must(chain.mint(bank.signer(), named_id(name), true, keccak256("d"), "Qm"));
    }
    check_rolled_back(bank.open());
}

TEST_CASE("the memory survives the loss of what was replayed, and a move of the ledger") {
    Bank bank;
    bank.mint("a");
    bank.save("earlier");
    bank.mint("b");
    SUBCASE("the view is deleted: replayed anew") {
        fs::remove(bank.memory(".view"));
        CHECK(must(must(bank.open()).token(named_id("b"))).id == named_id("b"));
    }
    SUBCASE("the view is deleted and the ledger put back") {
        fs::remove(bank.memory(".view"));
        bank.restore("earlier");
        check_rolled_back(bank.open());
    }
    SUBCASE("the view is no database any more: replayed anew") {
        support::write_text(bank.memory(".view"), std::string(8192, 'x'));
        CHECK(must(must(bank.open()).token(named_id("b"))).id == named_id("b"));
    }
    SUBCASE("an earlier state stands at another path") {
        fs::copy_file(bank.folder / "earlier", bank.folder / "moved");
        bank.options.network_url = "ledger:" + (bank.folder / "moved").string();
        check_rolled_back(bank.open());
    }
}

TEST_CASE("another ledger at the same path is refused until the memory is removed") {
    Bank bank;
    bank.mint("a");
    fs::remove(bank.path());
    auto other = bank.options;
    other.trust_dir.clear();
    other.random = std::make_shared<support::RepeatableRandom>("another ledger");
    must(Chain::create(other, *support::named_key("thief")));
    const auto refused = bank.open();
    check_rolled_back(refused);
    CHECK(refused.error().message.find(bank.memory(".head").string()) != std::string::npos);
    fs::remove(bank.memory(".head"));
    CHECK(bank.open().ok());
    SUBCASE("who creates the new one has replaced what it remembers") {
        fs::remove(bank.path());
        other.trust_dir = bank.options.trust_dir;
        other.random = std::make_shared<support::RepeatableRandom>("a third");
        must(Chain::create(other, *support::named_key("admin")));
        CHECK(bank.open().ok());
    }
}

TEST_CASE("a damaged memory is said, not ignored") {
    Bank bank;
    bank.mint("a");
    const auto file = bank.memory(".head");
    const auto good = support::read_text(file);
    for (const std::string& bad :
         {std::string(), std::string("c2d ledger head 1\n"), good.substr(0, good.size() - 9), "x" + good}) {
        CAPTURE(bad);
        support::write_text(file, bad);
        CHECK(bank.open().status() == Status::CORRUPT);
    }
    support::write_text(file, good);
    CHECK(bank.open().ok());
}

TEST_CASE("a block that comes alone is remembered before its answer") {
    Bank bank;
    auto chain = must(bank.open());
    const auto receipt = must(chain.mint(bank.signer(), named_id("a"), true, keccak256("d"), "Qm"));
    CHECK(support::read_text(bank.memory(".head")).find(hex_text(receipt.block_hash)) != std::string::npos);
}

TEST_CASE("a memory that cannot be kept is said, once for each time, and loses nothing") {
    Bank bank;
    bank.mint("a");
    auto chain = must(bank.open());
    const auto head = bank.memory(".head");
    fs::rename(head, bank.folder / "aside");
    fs::create_directory(head);
    must(chain.mint(bank.signer(), named_id("b"), true, keccak256("d"), "Qm"));
    CHECK(chain.info().status() == Status::IO);
    CHECK(must(chain.token(named_id("b"))).id == named_id("b"));
    must(chain.mint(bank.signer(), named_id("c"), true, keccak256("d"), "Qm"));

    fs::remove(head);
    fs::rename(bank.folder / "aside", head);
    const auto last = must(chain.info()).head;
    chain = must(bank.open());  // the end of the first one saves
    CHECK(must(chain.info()).head.hash == last.hash);
    CHECK(support::read_text(head).find(hex_text(last.hash)) != std::string::npos);
    CHECK(chain.verify().ok());
}

TEST_CASE("a process that runs refuses what is put back under it") {
    Bank bank;
    bank.mint("a");
    const auto chain = must(bank.open());
    const auto head = must(chain.info()).head;
    RawFile(bank.path()).run("DELETE FROM blocks WHERE number = " + std::to_string(head.number));
    const auto read = chain.token(named_id("a"));
    CHECK(read.status() == Status::CORRUPT);
    CHECK(read.error().name == "ledger_rolled_back");
}

TEST_CASE("rows written by hand change nothing that is believed") {
    Bank bank;
    bank.mint("a");
    const auto chain = must(bank.open());
    const auto head = must(chain.info()).head;
    const auto next = std::to_string(head.number + 1);
    const auto path = bank.path();
    SUBCASE("a copy of an old block as the next one") {
        auto row = head_row(path, head.number);
        RawFile(path).run("INSERT INTO blocks VALUES (" + next + row.substr(row.find(',')) + ")");
        CHECK(chain.token(named_id("a")).error().name == "ledger_corrupt");
        CHECK(chain.info().status() == Status::CORRUPT);
    }
    SUBCASE("a block that links and holds a transaction that nobody signed") {
        RawFile file(path);
        const auto body = ledger::encode_transactions({Bytes(200, 7)});
        const auto receipts = ledger::encode_receipts({{}});
        const auto header = ledger::encode_header(
            {head.number + 1, head.hash, head.time, keccak256(body), keccak256(receipts), ledger::writes_hash({})});
        file.run("INSERT INTO blocks VALUES (" + next + ", " + sql_blob(ledger::block_hash(header)) + ", " +
                 sql_blob(header) + ", " + sql_blob(body) + ", " + sql_blob(receipts) + ")");
        const auto read = chain.token(named_id("a"));
        CHECK(read.status() == Status::CORRUPT);
        CHECK(read.error().name == "ledger_corrupt");
        CHECK(read.error().message.find("block " + next + ", field transactions") == 0);
    }
    SUBCASE("a block that was replayed, rewritten afterwards") {
        RawFile file(path);
        const auto where = " WHERE number = " + std::to_string(head.number - 1);
        file.run("UPDATE blocks SET receipts = x'c0'" + where);
        // What was replayed stands; what must be read from the file again is not believed.
        CHECK(must(chain.token(named_id("a"))).id == named_id("a"));
        CHECK(chain.node().block(head.number - 1).error().name == "ledger_corrupt");
        CHECK(chain.verify().error().name == "ledger_corrupt");
    }
    SUBCASE("tables beside the blocks") {
        RawFile(path).run("CREATE TABLE state (key BLOB PRIMARY KEY, value BLOB NOT NULL)");
        CHECK(bank.open().status() == Status::CORRUPT);
    }
}

TEST_CASE("verify finds that what this process had replayed is damaged") {
    Bank bank;
    bank.mint("a");
    RawFile(bank.memory(".view")).run("UPDATE state SET value = x'c0' WHERE key = (SELECT max(key) FROM state)");
    const auto chain = must(bank.open());
    CHECK(chain.verify().status() == Status::CORRUPT);
    fs::remove(bank.memory(".view"));
    CHECK(must(bank.open()).verify().ok());
}

TEST_CASE("receipts carry the head, and a head that was noted can be asked for") {
    Bank bank;
    const auto first = bank.mint("a");
    const auto second = bank.mint("b");
    const auto chain = must(bank.open());
    CHECK(must(chain.info()).head.hash == second.block_hash);
    CHECK(chain.require_block(first.block_number, first.block_hash).ok());
    CHECK(chain.require_block(second.block_number, second.block_hash).ok());
    for (const auto& [number, hash] :
         {std::pair(first.block_number, second.block_hash), std::pair(second.block_number + 1, second.block_hash)}) {
        const auto refused = chain.require_block(number, hash);
        CHECK(refused.status() == Status::CORRUPT);
        CHECK(refused.error().name == "ledger_rolled_back");
    }
}

TEST_CASE("two that keep their own memory see each other's blocks") {
    Bank bank;
    auto options = bank.options;
    options.trust_dir = (bank.folder / "another").string();
    auto here = must(bank.open()), there = must(Chain::open(options));
    for (const char* name : {"a", "b", "c"}) {
        must(here.mint(bank.signer(), named_id(name), true, keccak256("d"), "Qm"));
        CHECK(must(there.token(named_id(name))).owner == bank.signer().address());
        CHECK(must(there.info()).head.hash == must(here.info()).head.hash);
    }
    must(there.mint(bank.signer(), named_id("d"), true, keccak256("d"), "Qm"));
    CHECK(must(here.token(named_id("d"))).id == named_id("d"));
    CHECK(here.verify().ok());
    CHECK(there.verify().ok());
}

TEST_CASE("two that share their memory see each other's blocks") {
    Bank bank;
    auto here = must(bank.open()), there = must(bank.open());
    for (int i = 0; i < 20; ++i) {
        auto& writer = i % 3 ? here : there;
        const auto id = named_id("token " + std::to_string(i));
        must(writer.mint(bank.signer(), id, true, keccak256("d"), "Qm"));
        CHECK(must(here.token(id)).id == id);
        CHECK(must(there.token(id)).id == id);
        CHECK(must(there.node().receipt(must(there.node().block(must(here.info()).head.number))->transactions[0]))
                  ->block_hash == must(here.info()).head.hash);
    }
    CHECK(must(here.token_count()) == 20);
    CHECK(here.verify().ok());
}

TEST_CASE("the memory is for its owner alone") {
    Bank bank;
    bank.mint("a");
    CHECK(fs::status(bank.options.trust_dir).permissions() == fs::perms::owner_all);
    CHECK(fs::status(bank.memory(".head")).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("a view call that reads too much is refused, pages are read" * doctest::skip(!std::getenv("C2D_FULL"))) {
    support::Ledger ledger;
    auto& bank = ledger.organisation("bank");
    constexpr std::uint64_t kTokens = 33'000;
    for (std::uint64_t i = 0; i < kTokens; ++i)
        must(ledger->mint(bank, named_id(std::to_string(i)), true, keccak256("d"), "Qm"));
    const auto map = keccak256("getDTMap()");
    const auto all = ledger->node().call(ledger->network().contracts.dt_factory, BytesView(map.data).first(4));
    CHECK(all.status() == Status::LIMIT);
    CHECK(must(ledger->tokens(kTokens - 100, 256)).size() == 100);
}
