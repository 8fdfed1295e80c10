/// `verify` finds whatever somebody with write access to the file does to it.
#include "chain/ledger/verify.hpp"
#include "chain/raw_file.hpp"
#include "support/ledger.hpp"
#include "support/temp_dir.hpp"

#include <cstdlib>
#include <random>

using namespace c2d;
using support::must;
using support::named_id;
using support::TempDir;

namespace {

/// C2D_FULL=1 spoils more.
std::size_t rounds() { return std::getenv("C2D_FULL") ? 20 : 1; }

/// One closed ledger file with a bit of everything, and copies of it to spoil.
class Sample {
public:
    Sample() {
        support::Ledger ledger((folder_ / "good").string());
        auto& bank = ledger.organisation("bank");
        auto& solver = ledger.organisation("solver");
        must(ledger->publish_template(ledger.signer("admin"), named_id("op"), "mean", keccak256("c"), "Qm0"));
        must(ledger->mint(bank, named_id("leaf"), true, keccak256("d"), "Qm1"));
        must(ledger->mint(solver, named_id("cdt"), false, keccak256("d"), "Qm2"));
        must(ledger->grant(bank, named_id("leaf"), named_id("cdt")));
        must(ledger->start_compose(solver, named_id("cdt"), {named_id("leaf")}));
        ledger.clock->now += 5;
        must(ledger->create_task(bank, "score", "how"));
        must(ledger->add_job(solver, named_id("cdt"), 1));
        options_ = ledger.options;
        last_ = must(ledger->info()).head.number;
    }

    std::filesystem::path copy() {
        std::filesystem::remove(folder_ / "spoilt-wal");
        std::filesystem::remove(folder_ / "spoilt-shm");
        std::filesystem::copy_file(folder_ / "good", folder_ / "spoilt",
                                   std::filesystem::copy_options::overwrite_existing);
        return folder_ / "spoilt";
    }
    /// Verifies; how that ends. Not through Chain, whose `open` replays too.
    Status verdict(const std::filesystem::path& path) {
        auto file = ledger::LedgerFile::open(path);
        if (!file) return file.status();
        return ledger::verify_ledger(*file, options_.clock->now_seconds() + 120, "", {}, nullptr).status();
    }
    Status after(const std::string& sql) {
        const auto path = copy();
        RawFile(path).run(sql);
        return verdict(path);
    }
    std::vector<std::string> contents(const std::filesystem::path& path) { return RawFile(path).contents(); }
    std::uint64_t last() const { return last_; }

private:
    TempDir folder_;
    ChainOptions options_;
    std::uint64_t last_ = 0;
};

void check_found(Sample& sample, const std::string& sql) {
    CAPTURE(sql);
    CHECK(sample.after(sql) == Status::CORRUPT);
}

struct Cell {
    std::uint64_t block;
    const char* column;
    std::string where() const { return " WHERE number = " + std::to_string(block); }
};

std::vector<Cell> all_cells(Sample& sample) {
    std::vector<Cell> cells;
    for (std::uint64_t number = 0; number <= sample.last(); ++number)
        for (const char* column : {"number", "hash", "header", "transactions", "receipts"})
            cells.push_back({number, column});
    return cells;
}

/// The SQL literal of a cell's value with one random bit flipped.
std::string flip_bit(const std::string& value, std::mt19937& random) {
    const auto text = value.substr(2, value.size() - 3);
    if (value[0] == 'i') return std::to_string(std::int64_t(std::uint64_t(std::stoll(text)) ^ 1ull << random() % 64));
    auto bytes = parse_hex(text).value();
    bytes.at(random() % bytes.size()) ^= std::uint8_t(1u << random() % 8);
    return sql_blob(bytes);
}

/// A cell's value with one bit, byte or type changed, as an SQL literal.
std::string spoil(const std::string& value, std::mt19937& random) {
    if (value == "null|") return random() % 2 ? "x''" : "0";
    const auto text = value.substr(2, value.size() - 3);
    if (value[0] == 'i') {
        const auto number = std::uint64_t(std::stoll(text));
        switch (random() % 4) {
            case 0: return "x'" + std::string(number == 0 ? "" : "00") + "'";
            case 1: return std::to_string(-std::int64_t(number) - 1);
            default: return std::to_string(std::int64_t(number ^ (1ull << random() % 40)));
        }
    }
    auto bytes = parse_hex(text).value();
    switch (random() % 8) {
        case 0: bytes.push_back(std::uint8_t(random())); break;
        case 1:
            if (!bytes.empty()) {
                bytes.pop_back();
                break;
            }
            [[fallthrough]];
        case 2: return "CAST(" + sql_blob(bytes) + " AS TEXT)";
        default:
            if (!bytes.empty()) bytes[random() % bytes.size()] ^= std::uint8_t(1u << random() % 8);
    }
    return sql_blob(bytes);
}

/// Rewrites the last block with a changed header, its hash made to fit.
std::string replace_last_header(const ledger::Header& header) {
    const auto encoded = ledger::encode_header(header);
    return "UPDATE blocks SET header = " + sql_blob(encoded) + ", hash = " + sql_blob(ledger::block_hash(encoded)) +
           " WHERE number = " + std::to_string(header.number);
}

ledger::Header last_header(Sample& sample) {
    return must(ledger::decode_header(
        RawFile(sample.copy()).blob("SELECT header FROM blocks WHERE number = " + std::to_string(sample.last()))));
}

}  // namespace

TEST_CASE("an untouched copy verifies") {
    Sample sample;
    CHECK(sample.after("SELECT 1") == Status::OK);
    CHECK(sample.last() == 11);
}

TEST_CASE("one random bit flipped in a stored value is found, in every copy") {
    Sample sample;
    const std::size_t copies = std::getenv("C2D_FULL") ? 1000 : 200;
    const auto cells = all_cells(sample);
    std::mt19937 random(5);
    std::size_t found = 0;
    for (std::size_t i = 0; i < copies; ++i) {
        // Each cell in turn, so that none is left out by chance.
        const auto& cell = cells[i % cells.size()];
        const auto path = sample.copy();
        std::string sql;
        {
            RawFile file(path);
            const auto value = file.rows(std::string("SELECT ") + cell.column + " FROM blocks" + cell.where());
            REQUIRE(value.size() == 1);
            sql = std::string("UPDATE blocks SET ") + cell.column + " = " + flip_bit(value[0], random) + cell.where();
            // A number that another block has already: the two trade places.
            if (!file.try_run(sql)) {
                sql = "DELETE FROM blocks" + cell.where();
                file.run(sql);
            }
        }
        CAPTURE(sql);
        const auto verdict = sample.verdict(path);
        CHECK(verdict == Status::CORRUPT);
        found += verdict == Status::CORRUPT;
    }
    MESSAGE("bit flips in stored values found by verify: ", found, " of ", copies);
    CHECK(found == copies);
}

TEST_CASE("a changed bit, byte or type in any cell is found") {
    Sample sample;
    const auto good = sample.contents(sample.copy());
    std::mt19937 random(7);
    const auto cells = all_cells(sample);
    std::size_t changed = 0;
    for (std::size_t i = 0; i < 4 * rounds() * cells.size(); ++i) {
        const auto& cell = cells[i % cells.size()];
        const auto path = sample.copy();
        std::string sql;
        {
            RawFile file(path);
            const auto value = file.rows(std::string("SELECT ") + cell.column + " FROM blocks" + cell.where());
            REQUIRE(value.size() == 1);
            sql = std::string("UPDATE OR IGNORE blocks SET ") + cell.column + " = " + spoil(value[0], random) +
                  cell.where();
            file.try_run(sql);  // SQLite itself refuses some: then nothing changed
        }
        const bool same = sample.contents(path) == good;
        changed += !same;
        CAPTURE(sql);
        CHECK((sample.verdict(path) == Status::OK) == same);
    }
    CHECK(changed > 2 * rounds() * cells.size());
}

TEST_CASE("a flipped bit anywhere in the file is found, or changes nothing that the file says") {
    Sample sample;
    const auto path = sample.copy();
    const auto good = sample.contents(path);
    const auto bytes = support::read_text(path);
    std::mt19937 random(11);
    std::size_t found = 0;
    for (std::size_t i = 0; i < 250 * rounds(); ++i) {
        sample.copy();
        auto spoilt = bytes;
        const auto at = random() % spoilt.size();
        spoilt[at] = char(spoilt[at] ^ (1 << random() % 8));
        support::write_text(path, spoilt);
        CAPTURE(at);
        if (sample.verdict(path) == Status::OK)
            CHECK(sample.contents(path) == good);
        else
            ++found;
    }
    CHECK(found > 50);
}

TEST_CASE("rows that were added are found") {
    Sample sample;
    check_found(sample,
                "INSERT INTO blocks SELECT -5, hash, header, transactions, receipts FROM blocks "
                "WHERE number = 3");
    check_found(sample,
                "INSERT INTO blocks SELECT number + 1, hash, header, transactions, receipts FROM "
                "blocks WHERE number = 11");
    check_found(sample,
                "INSERT INTO blocks SELECT number + 90, hash, header, transactions, receipts FROM "
                "blocks WHERE number = 11");
}

TEST_CASE("rows that were removed are found") {
    Sample sample;
    check_found(sample, "DELETE FROM blocks");
    for (std::uint64_t number = 0; number < sample.last(); ++number)
        check_found(sample, "DELETE FROM blocks WHERE number = " + std::to_string(number));
    // What is cut off at the end only somebody who saw it can miss: trust_test.cpp.
    CHECK(sample.after("DELETE FROM blocks WHERE number = 11") == Status::OK);
}

TEST_CASE("blocks in another order are found") {
    Sample sample;
    check_found(sample,
                "UPDATE blocks SET number = -1 WHERE number = 4; UPDATE blocks SET number = 4 "
                "WHERE number = 5; "
                "UPDATE blocks SET number = 5 WHERE number = -1");
    check_found(sample,
                "UPDATE blocks SET transactions = (SELECT transactions FROM blocks WHERE number = "
                "4) WHERE number = 5");
    check_found(sample,
                "UPDATE blocks SET receipts = (SELECT receipts FROM blocks WHERE number = 4) WHERE "
                "number = 5");
    check_found(sample, "UPDATE blocks SET hash = (SELECT hash FROM blocks WHERE number = 4) WHERE number = 5");
}

TEST_CASE("an altered schema is found") {
    Sample sample;
    check_found(sample, "CREATE TABLE extra (x)");
    check_found(sample, "CREATE VIEW extra AS SELECT 1");
    check_found(sample, "CREATE TRIGGER extra AFTER INSERT ON blocks BEGIN DELETE FROM blocks; END");
    check_found(sample, "CREATE INDEX extra ON blocks (hash)");
    check_found(sample, "ALTER TABLE blocks ADD COLUMN note");
    check_found(sample, "ALTER TABLE blocks RENAME TO other");
}

TEST_CASE("a header whose hash was made to fit is found by what it says") {
    Sample sample;
    const auto good = last_header(sample);
    REQUIRE(sample.after(replace_last_header(good)) == Status::OK);
    auto header = good;
    header.number += 1;
    check_found(sample, "UPDATE blocks SET header = " + sql_blob(ledger::encode_header(header)) + ", hash = " +
                            sql_blob(ledger::block_hash(ledger::encode_header(header))) + " WHERE number = 11");
    const auto changed = [&](auto change) {
        auto h = good;
        change(h);
        return replace_last_header(h);
    };
    check_found(sample, changed([](auto& h) { h.parent.data[0] ^= 1; }));
    check_found(sample, changed([](auto& h) { h.transactions_hash.data[0] ^= 1; }));
    check_found(sample, changed([](auto& h) { h.receipts_hash.data[0] ^= 1; }));
    check_found(sample, changed([](auto& h) { h.writes_hash.data[0] ^= 1; }));
    check_found(sample, changed([](auto& h) { h.time -= 1; }));    // before the previous block
    check_found(sample, changed([](auto& h) { h.time += 121; }));  // more than 120 s ahead
    CHECK(sample.after(changed([](auto& h) { h.time += 120; })) == Status::OK);
}

TEST_CASE("receipts that the rules do not give are found, also when every hash fits") {
    Sample sample;
    const auto path = sample.copy();
    const auto where = " WHERE number = " + std::to_string(sample.last());
    auto receipts = must(ledger::decode_receipts(RawFile(path).blob("SELECT receipts FROM blocks" + where)));
    receipts[0][0].data.back() ^= 1;
    const auto encoded = ledger::encode_receipts(receipts);
    auto header = last_header(sample);
    header.receipts_hash = keccak256(encoded);
    check_found(sample,
                "UPDATE blocks SET receipts = " + sql_blob(encoded) + where + ";" + replace_last_header(header));
}

TEST_CASE("transactions that the rules would not take are found, also when every hash fits") {
    Sample sample;
    const auto path = sample.copy();
    const auto where = " WHERE number = " + std::to_string(sample.last());
    const auto raws = must(ledger::decode_transactions(RawFile(path).blob("SELECT transactions FROM blocks" + where)));
    const auto good = must(decode_transaction(raws[0])).transaction;
    const auto replaced = [&](const std::vector<Bytes>& list) {
        const auto encoded = ledger::encode_transactions(list);
        auto header = last_header(sample);
        header.transactions_hash = keccak256(encoded);
        return "UPDATE blocks SET transactions = " + sql_blob(encoded) + where + ";" + replace_last_header(header);
    };
    const auto signed_as = [&](const char* who, Transaction t) {
        return std::vector<Bytes>{must(sign_transaction(t, *support::named_key(who))).raw};
    };
    REQUIRE(sample.after(replaced(raws)) == Status::OK);
    check_found(sample, replaced({}));
    check_found(sample, replaced({raws[0], raws[0]}));
    check_found(sample, replaced({Bytes{1, 2, 3}}));
    check_found(sample, replaced(signed_as("outsider", good)));
    auto other_nonce = good;
    other_nonce.nonce += 1;
    check_found(sample, replaced(signed_as("solver", other_nonce)));
    auto other_chain = good;
    other_chain.chain_id += 1;
    check_found(sample, replaced(signed_as("solver", other_chain)));
}

TEST_CASE("a first block is signed by the admin that it names, also when every hash fits") {
    TempDir folder;
    support::Ledger ledger((folder / "ledger").string());
    const auto options = ledger.options;
    const auto network = must(ledger->info());
    ledger.chain.reset();
    ledger::Genesis genesis{network.chain_id, keccak256("another salt"), network.admin, network.head.time};
    const auto status_when_signed_by = [&](const char* who) {
        const auto signature = must(support::named_key(who)->sign_digest(ledger::genesis_digest(genesis)));
        const auto body = ledger::encode_genesis(genesis, signature);
        {
            RawFile file(folder / "ledger");
            auto header = must(ledger::decode_header(file.blob("SELECT header FROM blocks")));
            header.transactions_hash = keccak256(body);
            file.run("UPDATE blocks SET transactions = " + sql_blob(body) + ";" + replace_last_header(header));
        }
        const auto chain = Chain::open(options);
        return chain ? chain->verify().status() : chain.status();
    };
    CHECK(status_when_signed_by("thief") == Status::CORRUPT);
    CHECK(status_when_signed_by("admin") == Status::OK);
}
