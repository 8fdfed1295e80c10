// c2d-bench evm: presigned jobs sent to an EVM node one after the other, each with its receipt, by
// our client and by ethers in turns.

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/try.hpp"
#include "bench/ledger_load.hpp"
#include "codec/json.hpp"
#include "codec/transaction.hpp"
#include "contracts/interface.hpp"
#include "crypto/hash.hpp"
#include "support/anvil.hpp"

#include <algorithm>
#include <cstdio>

namespace c2d::bench {

namespace {

constexpr std::size_t kJobs = 100;

struct World {
    std::unique_ptr<support::Anvil> anvil;
    Chain chain;
    Sender solver;
    TokenId cdt;
    std::uint64_t task = 0;
};

/// A network where gas is free, our contracts on it, and one composition of one leaf.
Result<World> make_world(const TempDir& scratch) {
    C2D_TRY(auto anvil, support::Anvil::start(
                            C2D_SOURCE_DIR, {"--prune-history", "--gas-price", "0", "--block-base-fee-per-gas", "0"}));
    ChainOptions options;
    options.network_url = anvil->url();
    options.address_file = (scratch / "addresses.json").string();
    options.network_name = "anvil";
    options.rpc.gas_price = 0;
    options.rpc.force_legacy = true;
    C2D_TRY(const auto admin, PrivateKey::generate());
    C2D_CHECK(Chain::deploy(options, *admin));
    C2D_TRY(auto chain, Chain::open(options));
    C2D_TRY(auto solver, make_sender(chain, *admin));
    const TokenId leaf = keccak256("leaf"), cdt = keccak256("cdt");
    C2D_CHECK(chain.mint(*solver.key, leaf, true, leaf, "Qm"));
    C2D_CHECK(chain.mint(*solver.key, cdt, false, cdt, "Qm"));
    C2D_CHECK(chain.grant(*solver.key, leaf, cdt));
    C2D_CHECK(chain.start_compose(*solver.key, cdt, {leaf}));
    C2D_TRY(const auto task, chain.create_task(*solver.key, "bench", ""));
    C2D_TRY(solver.nonce, chain.node().nonce(solver.key->address()));
    return World{std::move(anvil), std::move(chain), std::move(solver), cdt, task};
}

Result<std::vector<Bytes>> sign_jobs(World& world) {
    std::vector<Bytes> out;
    for (std::size_t i = 0; i < kJobs; ++i) {
        Transaction job;
        job.chain_id = world.chain.network().chain_id;
        job.nonce = world.solver.nonce++;
        job.gas_limit = 1'000'000;
        job.to = world.chain.network().contracts.task_market;
        job.data = contracts::task_market::kAddJob.call(world.cdt, world.task);
        C2D_TRY(auto signed_job, sign_transaction(job, *world.solver.key));
        out.push_back(std::move(signed_job.raw));
    }
    return out;
}

Result<double> our_rate(World& world) {
    C2D_TRY(const auto raws, sign_jobs(world));
    Result<Unit> sent = Unit{};
    const double spent = seconds([&] { sent = send_all(world.chain, raws); });
    if (!sent) return sent.error();
    return double(kJobs) / spent;
}

Result<std::string> output_of(const std::string& command) {
    std::FILE* pipe = ::popen(command.c_str(), "r");
    if (!pipe) return fail(Status::IO, "cannot run {}", command);
    std::string out;
    char part[4096];
    while (const auto bytes = std::fread(part, 1, sizeof part, pipe)) out.append(part, bytes);
    if (::pclose(pipe) != 0) return fail(Status::UNAVAILABLE, "{} failed: {}", command, out);
    return out;
}

/// The same work by test/evm/rate.mjs; it measures itself, so that the start of node does not
/// count.
Result<double> ethers_rate(World& world, const TempDir& scratch, const char* way) {
    C2D_TRY(const auto raws, sign_jobs(world));
    json::Array texts;
    for (const auto& raw : raws) texts.push_back(hex_text(raw));
    const auto input = json::Value::object({{"url", world.anvil->url()}, {"raws", std::move(texts)}});
    const std::string file = (scratch / "raws.json").string();
    C2D_CHECK(write_file_atomic(file, json::compact(input)));
    C2D_TRY(const auto said,
            output_of(fmt::format("'{}/test/evm/node.sh' rate.mjs {} < '{}'", C2D_SOURCE_DIR, way, file)));
    C2D_TRY(const auto answer, json::parse(said));
    const json::Value* spent = answer.find("seconds");
    if (!spent || spent->number() <= 0) return fail(Status::CORRUPT, "expected seconds from rate.mjs, found {}", said);
    return double(kJobs) / spent->number();
}

}  // namespace

Result<std::vector<Goal>> evm_bench() {
    const TempDir scratch;
    C2D_TRY(auto world, make_world(scratch));
    C2D_CHECK(our_rate(world));  // both sides meet a node that has warmed up
    C2D_TRY(const auto rates,
            in_turns({[&] { return our_rate(world); }, [&] { return ethers_rate(world, scratch, ""); },
                      [&] { return ethers_rate(world, scratch, "--ask"); }},
                     {}));
    const Series &ours = rates[0], &waiting = rates[1], &asking = rates[2];
    const Series& faster = waiting.middle() > asking.middle() ? waiting : asking;
    return std::vector<Goal>{report("presigned jobs a second, one after the other", ours),
                             report("the same by ethers, broadcast and wait", waiting),
                             report("the same by ethers, sent raw and asked for in a loop", asking),
                             at_least("our client / ethers in its faster way", ratio(ours, faster), 1.0)};
}

}  // namespace c2d::bench
