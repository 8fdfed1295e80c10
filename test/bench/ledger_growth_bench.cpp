// Part of c2d-bench ledger: lookups and transactions on a ledger of 10^3 and of 10^6 tokens. Every
// token is minted by a signed transaction through the public interface; threads share blocks, so
// that a million takes a minute or two.

#include "base/fail.hpp"
#include "base/try.hpp"
#include "bench/ledger_load.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <random>

namespace c2d::bench {

namespace {

constexpr std::uint64_t kSmall = 1'000;
constexpr std::uint64_t kLarge = 1'000'000;
constexpr std::size_t kMinters = 64;
/// Transactions signed ahead by a minter.
constexpr std::size_t kSignedAhead = 50;
constexpr std::size_t kLookups = 10'000;
constexpr std::size_t kTransactions = 400;
constexpr Plan kPlan{.turns = 7, .repeats = 3};

/// C2D_BENCH_TOKENS: fewer tokens, for a quick look.
std::uint64_t large_count() {
    const char* text = std::getenv("C2D_BENCH_TOKENS");
    const auto count = text ? std::strtoull(text, nullptr, 10) : 0;
    return count > kSmall ? count : kLarge;
}

/// The id of the n-th token: spread over the whole range, as random ids are.
TokenId id_of(std::uint64_t n) {
    TokenId id;
    for (std::size_t at = 0; at < id.data.size(); at += 8) {
        std::uint64_t word = (n * 4 + at / 8 + 1) * 0x9e3779b97f4a7c15ull;  // SplitMix64
        word = (word ^ word >> 30) * 0xbf58476d1ce4e5b9ull;
        word = (word ^ word >> 27) * 0x94d049bb133111ebull;
        word ^= word >> 31;
        std::memcpy(id.data.data() + at, &word, sizeof word);
    }
    return id;
}

class Growth {
public:
    static Result<Growth> start(const TempDir& scratch, const std::string& name) {
        Growth out;
        out.options_ = ledger_options(scratch, name);
        C2D_TRY(const auto admin, PrivateKey::generate());
        C2D_TRY(auto chain, Chain::create(out.options_, *admin));
        for (std::size_t i = 0; i < kMinters; ++i) {
            C2D_TRY(auto sender, make_sender(chain, *admin));
            out.minters_.push_back(std::move(sender));
        }
        return out;
    }

    /// Mints so many tokens, then opens the ledger anew, so that nothing is left in memory.
    Result<Unit> grow_to(std::uint64_t count) {
        {
            C2D_TRY(auto chain, Chain::open(options_));
            C2D_CHECK(in_threads(kMinters, [&](std::size_t i) { return mint_share(chain, i, count); }));
        }
        minted_ = count;
        C2D_TRY(auto chain, Chain::open(options_));
        chain_.emplace(std::move(chain));
        return Unit{};
    }

    /// Seconds of a lookup of a random token.
    Result<double> lookup_time() {
        Result<Unit> done = Unit{};
        const double spent = seconds([&] {
            for (std::size_t i = 0; i < kLookups && done; ++i)
                if (const auto token = chain_->token(id_of(random_() % minted_)); !token) done = token.error();
        });
        if (!done) return done.error();
        return spent / kLookups;
    }

    /// Seconds of a mint by one client.
    Result<double> transaction_time() {
        std::vector<Bytes> raws;
        for (std::size_t i = 0; i < kTransactions; ++i) {
            C2D_TRY(auto raw, sign_mint(*chain_, minters_[0], id_of(minted_ + extra_++)));
            raws.push_back(std::move(raw));
        }
        Result<Unit> sent = Unit{};
        const double spent = seconds([&] { sent = send_all(*chain_, raws); });
        if (!sent) return sent.error();
        return spent / kTransactions;
    }

private:
    Result<Unit> mint_share(Chain& chain, std::size_t i, std::uint64_t count) {
        std::vector<Bytes> raws;
        for (auto n = i; n < count; n += kMinters) {
            C2D_TRY(auto raw, sign_mint(chain, minters_[i], id_of(n)));
            raws.push_back(std::move(raw));
            if (raws.size() < kSignedAhead) continue;
            C2D_CHECK(send_all(chain, raws));
            raws.clear();
        }
        return send_all(chain, raws);
    }

    ChainOptions options_;
    std::vector<Sender> minters_;
    std::optional<Chain> chain_;
    std::uint64_t minted_ = 0, extra_ = 0;
    std::mt19937_64 random_{1};
};

/// What the process that minted keeps of the large ledger.
double view_bytes(const TempDir& scratch) {
    std::uintmax_t most = 0;
    for (const auto& entry : std::filesystem::directory_iterator((scratch / "trust").string()))
        if (entry.path().extension() == ".view") most = std::max(most, entry.file_size());
    return double(most);
}

}  // namespace

Result<std::vector<Goal>> ledger_growth_bench(const TempDir& scratch) {
    const auto count = large_count();
    C2D_TRY(auto small, Growth::start(scratch, "small.db"));
    C2D_TRY(auto large, Growth::start(scratch, "large.db"));
    C2D_CHECK(small.grow_to(kSmall));
    Result<Unit> grown = Unit{};
    const double spent = seconds([&] { grown = large.grow_to(count); });
    if (!grown) return grown.error();
    const auto bytes = double(std::filesystem::file_size((scratch / "large.db").string()));
    C2D_TRY(const auto lookups,
            in_turns({[&] { return small.lookup_time(); }, [&] { return large.lookup_time(); }}, kPlan));
    C2D_TRY(const auto mints,
            in_turns({[&] { return small.transaction_time(); }, [&] { return large.transaction_time(); }}, kPlan));
    return std::vector<Goal>{report("tokens of the large ledger", double(count)),
                             report("mints a second while growing, 64 threads", double(count) / spent),
                             report("bytes stored per mint", bytes / double(count)),
                             report("bytes of the view per mint", view_bytes(scratch) / double(count)),
                             report("lookups a second, 10^3 tokens", lookups[0].per_second(1)),
                             report("lookups a second, large ledger", lookups[1].per_second(1)),
                             report("mints a second, 1 client, 10^3 tokens", mints[0].per_second(1)),
                             report("mints a second, 1 client, large ledger", mints[1].per_second(1)),
                             at_most("time of a lookup, large / 10^3 tokens", ratio(lookups[1], lookups[0]), 1.5),
                             at_most("time of a mint, large / 10^3 tokens", ratio(mints[1], mints[0]), 1.5)};
}

}  // namespace c2d::bench
