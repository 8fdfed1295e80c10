/// Keys of a session: what they are bound to, and parties that do not keep to the agreement.

#include "base/secret.hpp"
#include "crypto/hash.hpp"
#include "mpc/changed_link.hpp"
#include "mpc/core/gf128.hpp"
#include "mpc/parties.hpp"
#include "mpc/rep3/engine.hpp"

#include <map>
#include <mutex>
#include <set>

using namespace c2d;
using namespace c2d::mpc;
using namespace c2d::mpc::rep3;
using namespace c2d::mpc::test;

namespace {

/// `change` is told what party 0 sends to party 1.
std::vector<std::unique_ptr<Link>> links_with(std::function<void(std::size_t number, Bytes& message)> change) {
    auto links = memory_links();
    links[0] = std::make_unique<ChangedLink>(
        std::move(links[0]), [change = std::move(change)](unsigned peer, std::size_t number, Bytes& message) {
            if (peer == 1) change(number, message);
        });
    return links;
}

/// Key material as a function of a number.
class NumberedRandom final : public Random {
public:
    explicit NumberedRandom(std::uint64_t seed) : generator_(seed) {}
    Result<Unit> fill(std::span<std::uint8_t> out) override {
        for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(generator_());
        return Unit{};
    }

private:
    std::mt19937_64 generator_;
};

using Contexts = std::array<KeyContext, kParties>;

/// What each party says of opening an engine, empty where all is well, and a draw of each key by each holder.
struct Agreed {
    std::string told[kParties];
    std::map<std::pair<unsigned, unsigned>, Bytes> draws;  // (party, peer)
};

Agreed agree(const Contexts& contexts, std::vector<std::unique_ptr<Link>> links = memory_links()) {
    Agreed out;
    std::mutex mutex;
    std::vector<std::thread> threads;
    for (unsigned party = 0; party < kParties; ++party)
        threads.emplace_back([&, party] {
            NumberedRandom random(party);
            auto engine = Engine::open(*links[party], random, contexts[party]);
            if (!engine) {
                links[party]->leave(engine.error());
                const std::lock_guard lock(mutex);
                out.told[party] = std::string(status_name(engine.status())) + ": " + engine.error().message;
                return;
            }
            for (unsigned peer = 0; peer < kParties; ++peer) {
                if (peer == party) continue;
                Bytes draw(32);
                (*engine)->draw(static_cast<Role>(peer), Purpose::mask, draw);
                const std::lock_guard lock(mutex);
                out.draws[{party, peer}] = draw;
            }
        });
    for (auto& thread : threads) thread.join();
    return out;
}

bool all_agreed(const Agreed& agreed) {
    for (const std::string& told : agreed.told)
        if (!told.empty()) return false;
    for (const auto& [who, draw] : agreed.draws)
        if (agreed.draws.at({who.second, who.first}) != draw) return false;
    return agreed.draws.size() == 6;
}
bool says(const std::string& told, const char* text) { return told.find(text) != std::string::npos; }

const char* const kDiffers = "does not derive the key";

}  // namespace

TEST_CASE("keys: every pair has its own, and each depends on what the pair was told and agreed on beforehand") {
    const Bytes secret(20, 9), longer(21, 9);
    Contexts none, bound, shared, shared_longer;
    for (unsigned party = 0; party < kParties; ++party)
        for (unsigned peer = 0; peer < kParties; ++peer) {
            bound[party].binding[peer].data.fill(static_cast<std::uint8_t>(1 + party + peer));
            shared[party].pre_shared[peer] = secret;
            shared_longer[party].pre_shared[peer] = longer;
        }
    std::set<Bytes> seen;
    for (const Contexts* contexts : {&none, &bound, &shared, &shared_longer}) {
        const Agreed agreed = agree(*contexts);
        CHECK(all_agreed(agreed));
        for (const auto& [who, draw] : agreed.draws)
            if (who.first < who.second) CHECK(seen.insert(draw).second);
    }
    CHECK(seen.size() == 12);
}

TEST_CASE("keys: a pair that was told different things parts before any share, and says with whom") {
    const Bytes secret(32, 1), other(32, 2);
    for (unsigned party = 0; party < kParties; ++party)
        for (unsigned peer = 0; peer < kParties; ++peer) {
            if (party == peer) continue;
            CAPTURE(party);
            CAPTURE(peer);
            Contexts contexts;
            contexts[party].binding[peer].data[31] = 1;
            const Agreed bound = agree(contexts);
            CHECK(says(bound.told[party], "peer: "));
            CHECK((says(bound.told[party], kDiffers) || says(bound.told[peer], kDiffers)));
            contexts = {};
            contexts[party].pre_shared[peer] = secret;
            contexts[peer].pre_shared[party] = other;
            CHECK(says(agree(contexts).told[party], "peer: "));
            contexts[peer].pre_shared[party] = secret;
            CHECK(all_agreed(agree(contexts)));
        }
}

TEST_CASE("keys: who opens other material than it committed to, copies, or confirms with what came back is refused") {
    // Messages from party 0 to party 1: a commitment, what was committed to, a confirmation.
    for (const std::size_t changed : {0u, 1u}) {
        const Agreed agreed = agree({}, links_with([&](std::size_t number, Bytes& message) {
                                        if (number == changed) message[0] ^= 1;
                                    }));
        CHECK(says(agreed.told[1], "party 0 opens other key material than it committed to"));
    }
    const Agreed agreed = agree({}, links_with([&](std::size_t number, Bytes& message) {
                                    if (number == 2) message[5] ^= 0x40;
                                }));
    CHECK(says(agreed.told[1], kDiffers));
}

TEST_CASE("keys: a party that waits and sends back what it was sent is refused") {
    for (const std::size_t until : {2u, 3u}) {
        auto links = memory_links();
        std::string told;
        std::vector<std::thread> threads;
        threads.emplace_back([&] {
            NumberedRandom random(1);
            links[0]->set_timeout(std::chrono::seconds(20));
            const auto streams = agree_keys(*links[0], random, {});
            told = streams ? "" : streams.error().message;
            links[0]->leave(Error(Status::CANCELLED, "over"));
        });
        for (unsigned party = 1; party < kParties; ++party)
            threads.emplace_back([&, party] {
                for (std::size_t number = 0; number < until; ++number) {
                    Bytes message(32);
                    if (!links[party]->receive(0, message) || !links[party]->send(0, message)) return;
                }
            });
        for (auto& thread : threads) thread.join();
        CHECK(says(told, "opens other key material than it committed to"));
    }
}

TEST_CASE("keys: sessions take what they are bound to, and forget the secret") {
    for (const bool differs : {false, true}) {
        auto links = memory_links();
        std::vector<std::thread> threads;
        for (unsigned party = 0; party < kParties; ++party)
            threads.emplace_back([&, party] {
                SessionOptions options;
                options.link = std::move(links[party]);
                options.pre_shared[(party + 1) % 3] = Bytes(16, static_cast<std::uint8_t>(party + (party + 1) % 3));
                options.pre_shared[(party + 2) % 3] = Bytes(16, static_cast<std::uint8_t>(party + (party + 2) % 3));
                for (Bytes32& binding : options.session_binding) binding.data.fill(7);
                if (differs && party == 1) options.session_binding[2].data[0] = 8;
                const auto session = Session::open(std::move(options));
                // Party 0 has no quarrel with either; what it hears is that they left.
                if (party != 0 || !differs) CHECK(session.ok() != differs);
            });
        for (auto& thread : threads) thread.join();
    }
}

TEST_CASE("key streams: each purpose has a key of its own") {
    const Bytes secret(32, 3);
    std::set<Bytes> seen;
    for (unsigned purpose = 1; purpose <= kPurposes; ++purpose) {
        Prg prg(secret, "test");
        Bytes out(32);
        prg.fill_at(static_cast<Purpose>(purpose), 0, out);
        CHECK(seen.insert(out).second);
    }
    CHECK(Prg(secret, "test").bytes(Purpose::tag, 16) != Prg(secret, "tests").bytes(Purpose::tag, 16));
    // By RFC 5869 and OpenSSL's command line: AES-128-CTR under the first 16 bytes of HKDF-Expand(secret, "test mask"),
    // from the block 00000003 0000000000000000 00000000.
    CHECK(hex_text(Prg(secret, "test").bytes(Purpose::mask, 16)) == "0x43960cfec5303886e9ffea89c32a97b6");
}

TEST_CASE("any: the other's value cannot be chosen after one's own is seen") {
    // Messages from A to B: a masked hash, a commitment, the value.
    for (const std::size_t changed : {1u, 2u}) {
        std::size_t first = 0;
        auto links = links_with([&](std::size_t number, Bytes& message) {
            if (number == first + changed) message[0] ^= 1;
        });
        first = 3;  // after the keys
        std::string told[kParties];
        std::vector<std::thread> threads;
        for (unsigned party = 0; party < kParties; ++party)
            threads.emplace_back([&, party] {
                auto random = Random::system();
                auto engine = must(Engine::open(*links[party], *random));
                const auto any = engine->reveal_any(party == 2 ? Bytes{} : Bytes(8, 5));
                told[party] = any ? "" : any.error().message;
                links[party]->leave(Error(Status::CANCELLED, "over"));
            });
        for (auto& thread : threads) thread.join();
        CHECK(says(told[1], "party 0 opens another value than it committed to"));
    }
}

TEST_CASE("GF(2^128): an example of GCM, and what makes it a field") {
    // The specification of GCM, test case 2: X1 = C H, whose bits stand the other way around there.
    const Gf128 h{0xdc3451f72bd29766, 0x74d42c539a5f3211}, c{0x49c56d06735b11c0, 0x1e7f4d8e9d4314cf};
    CHECK(h * c == Gf128{0x11460e8962e3747a, 0xed7bcaca160da134});
    std::mt19937_64 random(3);
    const auto any = [&] { return Gf128{random(), random()}; };
    const Gf128 one{1, 0}, zero{};
    for (int i = 0; i < 200; ++i) {
        const Gf128 x = any(), y = any(), z = any();
        CHECK(x * y == y * x);
        CHECK((x * y) * z == x * (y * z));
        CHECK(x * (y + z) == x * y + x * z);
        CHECK(x * one == x);
        CHECK(x * zero == zero);
        CHECK(x * y != zero);
        CHECK(x + x == zero);
        CHECK(Gf128::from_bytes(x.bytes()) == x);
    }
}
