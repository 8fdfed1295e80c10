// c2d-bench ledger: what a durable transaction costs beside the same bytes committed by bare
// SQLite, what threads gain by sharing a block, and what growth does to both.

#include "base/fail.hpp"
#include "base/try.hpp"
#include "bench/ledger_load.hpp"
#include "codec/transaction.hpp"
#include "store/sqlite.hpp"

#include <algorithm>

namespace c2d::bench {

namespace {

namespace fs = std::filesystem;

constexpr int kTurns = 7;
constexpr std::size_t kTransactions = 800;
constexpr std::size_t kThreads = 8;
constexpr std::size_t kPerThread = 400;

/// Commits of one row each with the ledger's durability.
class BareTable {
public:
    static Result<BareTable> open(const TempDir& scratch) {
        BareTable out;
        C2D_TRY(out.db_, store::Database::open((scratch / "bare.db").string(), store::Database::Mode::create));
        C2D_CHECK(out.db_.execute("CREATE TABLE rows (number INTEGER PRIMARY KEY, body BLOB)"));
        C2D_TRY(out.insert_, out.db_.prepare("INSERT INTO rows (body) VALUES (?)"));
        return out;
    }
    Result<double> rate(std::size_t bytes_count) {
        const Bytes body(bytes_count, 7);
        Result<Unit> done = Unit{};
        const double spent = seconds([&] {
            for (std::size_t i = 0; i < kTransactions && done; ++i) done = insert_.bind(1, body).run();
        });
        if (!done) return done.error();
        return kTransactions / spent;
    }

private:
    store::Database db_;
    store::Statement insert_;
};

/// Bytes of the row of a block with one transaction.
Result<std::size_t> row_bytes(const TempDir& scratch) {
    C2D_TRY(auto db, store::Database::open((scratch / "ledger.db").string(), store::Database::Mode::existing));
    C2D_TRY(auto query, db.prepare("SELECT length(hash) + length(header) + length(transactions) + "
                                   "length(receipts) FROM blocks ORDER BY number DESC LIMIT 1"));
    C2D_TRY(const bool row, query.step());
    if (!row) return fail(Status::INTERNAL, "the bench's ledger holds no block");
    return std::size_t(query.number(0));
}

/// Signers recovered from signatures per CPU-second: what one core does, whoever else uses it.
double recovery_rate(const std::vector<Bytes>& raws) {
    std::vector<std::pair<Bytes32, Signature>> signatures;
    for (const auto& raw : raws) {
        const auto decoded = decode_transaction(raw);
        if (!decoded) std::abort();
        signatures.emplace_back(signing_hash(decoded->transaction), decoded->signature);
    }
    const double before = cpu_seconds();
    for (const auto& [digest, signature] : signatures)
        if (!recover_signer(digest, signature)) std::abort();
    return double(raws.size()) / (cpu_seconds() - before);
}

struct Rates {
    Series one, bare, bare_cpu, eight, eight_per_cpu, eight_per_block, recoveries;
};

Result<Unit> measure_turn(Chain& chain, BareTable& bare, std::size_t bytes, Sender& single, std::vector<Sender>& many,
                          Rates& rates) {
    const double cpu_bare = cpu_seconds();
    C2D_TRY(const double bare_rate, bare.rate(bytes));
    rates.bare.values.push_back(bare_rate);
    rates.bare_cpu.values.push_back((cpu_seconds() - cpu_bare) / kTransactions);
    C2D_TRY(const auto raws, sign_tasks(chain, single, kTransactions));
    rates.recoveries.values.push_back(recovery_rate(raws));
    Result<Unit> sent = Unit{};
    rates.one.values.push_back(kTransactions / seconds([&] { sent = send_all(chain, raws); }));
    if (!sent) return sent;
    std::vector<std::vector<Bytes>> shares;
    for (auto& sender : many) {
        C2D_TRY(auto share, sign_tasks(chain, sender, kPerThread));
        shares.push_back(std::move(share));
    }
    C2D_TRY(const auto before, chain.info());
    const double cpu_before = cpu_seconds();
    const double spent =
        seconds([&] { sent = in_threads(kThreads, [&](std::size_t i) { return send_all(chain, shares[i]); }); });
    const double count = double(kThreads * kPerThread);
    rates.eight.values.push_back(count / spent);
    rates.eight_per_cpu.values.push_back(count / (cpu_seconds() - cpu_before));
    C2D_TRY(const auto after, chain.info());
    rates.eight_per_block.values.push_back(count / double(after.head.number - before.head.number));
    return sent;
}

Result<Rates> measure_rates(const TempDir& scratch) {
    C2D_TRY(const auto admin, PrivateKey::generate());
    C2D_TRY(auto chain, Chain::create(ledger_options(scratch, "ledger.db"), *admin));
    C2D_TRY(auto bare, BareTable::open(scratch));
    C2D_TRY(auto single, make_sender(chain, *admin));
    std::vector<Sender> many;
    for (std::size_t i = 0; i < kThreads; ++i) {
        C2D_TRY(auto sender, make_sender(chain, *admin));
        many.push_back(std::move(sender));
    }
    C2D_TRY(const auto first, sign_tasks(chain, single, 1));
    C2D_CHECK(send_all(chain, first));
    C2D_TRY(const auto bytes, row_bytes(scratch));
    Rates rates;
    for (int turn = 0; turn < kTurns; ++turn) C2D_CHECK(measure_turn(chain, bare, bytes, single, many, rates));
    return rates;
}

}  // namespace

Result<std::vector<Goal>> ledger_bench() {
    const TempDir scratch;
    C2D_TRY(const auto rates, measure_rates(scratch));
    // Closed: what was in SQLite's journal is in the file.
    const double transactions = double(kTurns) * double(kTransactions + kThreads * kPerThread);
    const double stored = double(fs::file_size((scratch / "ledger.db").string()));
    std::vector<Goal> goals = {
        report("durable transactions a second, 1 client", rates.one),
        report("durable transactions a second, 8 threads", rates.eight),
        report("bare SQLite commits of the same bytes a second", rates.bare),
        report("CPU microseconds of a bare commit", rates.bare_cpu.middle() * 1e6),
        report("transactions per block, 8 threads", rates.eight_per_block),
        report("raw signature recoveries per CPU-second, 1 core", rates.recoveries),
        report("transactions per CPU-second, 8 threads", rates.eight_per_cpu),
        report("bytes stored per transaction", stored / transactions),
        at_least("1 client / bare SQLite commits", ratio(rates.one, rates.bare), 0.6),
        at_least("8 threads / 1 client", ratio(rates.eight, rates.one), 3.0),
        at_least("8 threads per CPU-second / raw recoveries", ratio(rates.eight_per_cpu, rates.recoveries), 0.5)};
    C2D_TRY(const auto growth, ledger_growth_bench(scratch));
    goals.insert(goals.end(), growth.begin(), growth.end());
    return goals;
}

}  // namespace c2d::bench
