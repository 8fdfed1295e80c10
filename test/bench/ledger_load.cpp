#include "bench/ledger_load.hpp"

#include "base/try.hpp"
#include "codec/transaction.hpp"
#include "contracts/interface.hpp"

#include <sys/resource.h>

#include <cstdlib>
#include <thread>

namespace c2d::bench {

namespace {

Result<Bytes> sign_call(const Chain& chain, Sender& sender, const Address& to, Bytes data) {
    Transaction t;
    t.chain_id = chain.network().chain_id;
    t.nonce = sender.nonce++;
    t.gas_limit = 1'000'000;
    t.to = to;
    t.data = std::move(data);
    C2D_TRY(auto signed_transaction, sign_transaction(t, *sender.key));
    return std::move(signed_transaction.raw);
}

}  // namespace

ChainOptions ledger_options(const TempDir& scratch, const std::string& name) {
    ChainOptions options;
    options.network_url = "ledger:" + (scratch / name).string();
    options.trust_dir = (scratch / "trust").string();
    return options;
}

Result<Sender> make_sender(Chain& chain, Signer& admin) {
    Sender sender;
    C2D_TRY(sender.key, PrivateKey::generate());
    C2D_CHECK(chain.register_enterprise(admin, sender.key->address(), "bench", "bench"));
    C2D_CHECK(chain.add_provider(admin, sender.key->address()));
    return sender;
}

Result<std::vector<Bytes>> sign_tasks(const Chain& chain, Sender& sender, std::size_t count) {
    const auto data = contracts::task_market::kCreateTask.call("a task", "of the bench");
    std::vector<Bytes> out;
    for (std::size_t i = 0; i < count; ++i) {
        C2D_TRY(auto raw, sign_call(chain, sender, chain.network().contracts.task_market, data));
        out.push_back(std::move(raw));
    }
    return out;
}

Result<std::vector<Bytes>> sign_jobs(const Chain& chain, Sender& sender, const TokenId& cdt, std::uint64_t task,
                                     std::size_t count) {
    const auto data = contracts::task_market::kAddJob.call(cdt, task);
    std::vector<Bytes> out;
    for (std::size_t i = 0; i < count; ++i) {
        C2D_TRY(auto raw, sign_call(chain, sender, chain.network().contracts.task_market, data));
        out.push_back(std::move(raw));
    }
    return out;
}

Result<Bytes> sign_receipt(const Chain& chain, Sender& sender, std::uint64_t job, const TokenId& dt) {
    return sign_call(chain, sender, chain.network().contracts.job_receipts,
                     contracts::job_receipts::kPost.call(job, dt, 1, dt));
}

Result<Bytes> sign_mint(const Chain& chain, Sender& sender, const TokenId& id) {
    return sign_call(chain, sender, chain.network().contracts.dt_factory,
                     contracts::dt_factory::kMint.call(id, sender.key->address(), true, id,
                                                       "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG"));
}

Result<Unit> send_all(Chain& chain, const std::vector<Bytes>& raws) {
    for (const auto& raw : raws) C2D_CHECK(chain.node().submit(raw));
    return Unit{};
}

Result<Unit> send_together(Chain& chain, const std::vector<Bytes>& raws) {
    constexpr std::size_t kThreads = 16;
    return in_threads(kThreads, [&](std::size_t i) -> Result<Unit> {
        for (auto at = i; at < raws.size(); at += kThreads) {
            auto sent = chain.node().submit(raws[at]);
            for (; !sent && sent.status() == Status::CONFLICT; sent = chain.node().submit(raws[at]))
                std::this_thread::yield();
            if (!sent) return sent.error();
        }
        return Unit{};
    });
}

Result<Unit> in_threads(std::size_t count, const std::function<Result<Unit>(std::size_t)>& work) {
    std::vector<Result<Unit>> results(count, Result<Unit>(Unit{}));
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < count; ++i) threads.emplace_back([&, i] { results[i] = work(i); });
    for (auto& thread : threads) thread.join();
    for (auto& result : results) C2D_CHECK(std::move(result));
    return Unit{};
}

double cpu_seconds() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto seconds_of = [](const timeval& t) { return double(t.tv_sec) + double(t.tv_usec) * 1e-6; };
    return seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
}

}  // namespace c2d::bench
