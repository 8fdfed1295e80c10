// c2d-bench ledger: what a durable transaction costs beside the same bytes committed by bare SQLite.

#include "base/fail.hpp"
#include "base/try.hpp"
#include "codec/abi.hpp"
#include "codec/transaction.hpp"
#include "store/sqlite.hpp"
#include "tools/bench/bench.hpp"

#include <c2d/chain.hpp>
#include <c2d/key.hpp>

#include <cstdlib>
#include <filesystem>
#include <thread>

namespace c2d::bench {

namespace {

namespace fs = std::filesystem;

constexpr int kTransactions = 1500;
constexpr unsigned kThreads = 8;

/// A folder of its own, gone at the end.
class Scratch {
public:
    Scratch() {
        std::string name = (fs::temp_directory_path() / "c2d-bench-XXXXXX").string();
        if (::mkdtemp(name.data())) path_ = name;
    }
    ~Scratch() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    std::string file(const char* name) const { return (path_ / name).string(); }

private:
    fs::path path_;
};

struct Sender {
    std::shared_ptr<PrivateKey> key;
    std::vector<Bytes> raw;
};

/// An organisation with signed createTask transactions, ready to send.
Result<Sender> make_sender(Chain& chain, Signer& admin, int count) {
    Sender sender;
    C2D_TRY(sender.key, PrivateKey::generate());
    C2D_CHECK(chain.register_enterprise(admin, sender.key->address(), "bench", "bench"));
    Transaction t;
    t.chain_id = chain.network().chain_id;
    t.gas_limit = 1'000'000;
    t.to = chain.network().contracts.task_market;
    t.data = abi::encode_call("createTask(string,string)",
                              {abi::Value::text("a task"), abi::Value::text("of the bench")});
    for (int i = 0; i < count; ++i, ++t.nonce) {
        C2D_TRY(const auto signed_transaction, sign_transaction(t, *sender.key));
        sender.raw.push_back(signed_transaction.raw);
    }
    return sender;
}

Result<Unit> send_all(Chain& chain, const Sender& sender) {
    for (const auto& raw : sender.raw) C2D_CHECK(chain.node().submit(raw));
    return Unit{};
}

/// Commits of one blob each with the ledger's durability.
Result<double> bare_rate(const Scratch& scratch, std::size_t bytes_count) {
    C2D_TRY(auto db, store::Database::open(scratch.file("bare.db"), store::Database::Mode::create));
    C2D_CHECK(db.execute("CREATE TABLE rows (number INTEGER PRIMARY KEY, body BLOB)"));
    C2D_TRY(auto insert, db.prepare("INSERT INTO rows (body) VALUES (?)"));
    const Bytes body(bytes_count, 7);
    Result<Unit> done = Unit{};
    const double spent = seconds([&] {
        for (int i = 0; i < kTransactions && done; ++i) done = insert.bind(1, body).run();
    });
    if (!done) return done.error();
    return kTransactions / spent;
}

double recovery_rate(const Sender& sender) {
    const int count = int(sender.raw.size());
    return count / seconds([&] {
               for (const auto& raw : sender.raw)
                   if (!decode_transaction(raw)) std::abort();
           });
}

Result<double> threads_rate(Chain& chain, std::vector<Sender>& senders) {
    std::vector<Result<Unit>> results(senders.size(), Result<Unit>(Unit{}));
    const double spent = seconds([&] {
        std::vector<std::thread> threads;
        for (std::size_t i = 0; i < senders.size(); ++i)
            threads.emplace_back([&, i] { results[i] = send_all(chain, senders[i]); });
        for (auto& thread : threads) thread.join();
    });
    double sent = 0;
    for (std::size_t i = 0; i < senders.size(); ++i) {
        if (!results[i]) return results[i].error();
        sent += double(senders[i].raw.size());
    }
    return sent / spent;
}

}  // namespace

Result<std::vector<Goal>> ledger_bench() {
    const Scratch scratch;
    C2D_TRY(const auto admin, PrivateKey::generate());
    ChainOptions options;
    options.network_url = "ledger:" + scratch.file("ledger.db");
    C2D_TRY(auto chain, Chain::create(options, *admin));
    C2D_TRY(const auto single, make_sender(chain, *admin, kTransactions));
    std::vector<Sender> many;
    for (unsigned i = 0; i < kThreads; ++i) {
        C2D_TRY(auto sender, make_sender(chain, *admin, kTransactions / 4));
        many.push_back(std::move(sender));
    }
    const auto before = fs::file_size(scratch.file("ledger.db"));
    Result<Unit> sent = Unit{};
    const double one = kTransactions / seconds([&] { sent = send_all(chain, single); });
    if (!sent) return sent.error();
    C2D_TRY(const double eight, threads_rate(chain, many));
    C2D_TRY(const double bare, bare_rate(scratch, 1024));
    const double recoveries = recovery_rate(single);
    const double grown = double(fs::file_size(scratch.file("ledger.db"))) - double(before);
    const double transactions = kTransactions + kThreads * (kTransactions / 4);
    return std::vector<Goal>{report("transactions a second, 1 client", one),
                             report("transactions a second, 8 threads", eight),
                             report("bare SQLite commits a second", bare),
                             report("signature recoveries a second, 1 core", recoveries),
                             report("bytes stored per transaction", grown / transactions),
                             at_least("1 client / bare SQLite commits", one / bare, 0.6),
                             at_least("8 threads / 1 client", eight / one, 3.0)};
}

}  // namespace c2d::bench
