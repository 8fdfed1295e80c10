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

/// Everything is measured so often, in turns, and the middle value counts.
constexpr int kRounds = 11;
constexpr std::size_t kTransactions = 800;
constexpr std::size_t kThreads = 8;
constexpr std::size_t kPerThread = 400;

/// Commits of one row each with the ledger's durability.
class BareTable {
public:
    static Result<BareTable> open(const Scratch& scratch) {
        BareTable out;
        C2D_TRY(out.db_, store::Database::open(scratch.file("bare.db"), store::Database::Mode::create));
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
Result<std::size_t> row_bytes(const Scratch& scratch) {
    C2D_TRY(auto db, store::Database::open(scratch.file("ledger.db"), store::Database::Mode::existing));
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
    std::vector<double> one, bare, bare_cpu, eight, eight_per_cpu, eight_per_block, recoveries;
};

Result<Unit> measure_round(Chain& chain, BareTable& bare, std::size_t bytes, Sender& single, std::vector<Sender>& many,
                           Rates& rates) {
    const double cpu_bare = cpu_seconds();
    C2D_TRY(const double bare_rate, bare.rate(bytes));
    rates.bare.push_back(bare_rate);
    rates.bare_cpu.push_back((cpu_seconds() - cpu_bare) / kTransactions);
    C2D_TRY(const auto raws, sign_tasks(chain, single, kTransactions));
    rates.recoveries.push_back(recovery_rate(raws));
    Result<Unit> sent = Unit{};
    rates.one.push_back(kTransactions / seconds([&] { sent = send_all(chain, raws); }));
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
    rates.eight.push_back(count / spent);
    rates.eight_per_cpu.push_back(count / (cpu_seconds() - cpu_before));
    C2D_TRY(const auto after, chain.info());
    rates.eight_per_block.push_back(count / double(after.head.number - before.head.number));
    return sent;
}

std::vector<double> ratios(const std::vector<double>& above, const std::vector<double>& below) {
    std::vector<double> out;
    for (std::size_t i = 0; i < above.size(); ++i) out.push_back(above[i] / below[i]);
    return out;
}

Result<Rates> measure_rates(const Scratch& scratch) {
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
    for (int round = 0; round < kRounds; ++round) C2D_CHECK(measure_round(chain, bare, bytes, single, many, rates));
    return rates;
}

}  // namespace

Result<std::vector<Goal>> ledger_bench() {
    const Scratch scratch;
    C2D_TRY(const auto rates, measure_rates(scratch));
    // Closed: what was in SQLite's journal is in the file.
    const double transactions = double(kRounds) * double(kTransactions + kThreads * kPerThread);
    const double stored = double(fs::file_size(scratch.file("ledger.db")));
    std::vector<Goal> goals = {report("durable transactions a second, 1 client", median(rates.one)),
                               report("durable transactions a second, 8 threads", median(rates.eight)),
                               report("bare SQLite commits of the same bytes a second", median(rates.bare)),
                               report("CPU microseconds of a bare commit", median(rates.bare_cpu) * 1e6),
                               report("transactions per block, 8 threads", median(rates.eight_per_block)),
                               report("raw signature recoveries per CPU-second, 1 core", median(rates.recoveries)),
                               report("transactions per CPU-second, 8 threads", median(rates.eight_per_cpu)),
                               report("bytes stored per transaction", stored / transactions),
                               at_least("1 client / bare SQLite commits", median(ratios(rates.one, rates.bare)), 0.6),
                               at_least("8 threads / 1 client", median(ratios(rates.eight, rates.one)), 3.0),
                               at_least("8 threads per CPU-second / raw recoveries",
                                        median(ratios(rates.eight_per_cpu, rates.recoveries)), 0.5)};
    C2D_TRY(const auto growth, ledger_growth_bench(scratch));
    goals.insert(goals.end(), growth.begin(), growth.end());
    return goals;
}

}  // namespace c2d::bench
