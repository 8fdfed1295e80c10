#include "job/nonce_store.hpp"

#include "support/doubles.hpp"
#include "support/folder.hpp"

using namespace c2d;
using support::must;
using support::named_address;

namespace {

constexpr std::uint64_t kNow = 1'800'000'000;

/// Both stores behind one face: the memory's and the table's.
struct Store {
    virtual ~Store() = default;
    virtual Result<bool> seen(const char* signer, std::uint64_t nonce) = 0;
    virtual Result<bool> remember(const char* signer, std::uint64_t nonce, std::uint64_t expiry,
                                  std::uint64_t now) = 0;
    static Bytes32 nonce(std::uint64_t number) { return keccak256(std::to_string(number)); }
};
struct Memory : Store {
    std::shared_ptr<NonceStore> nonces = NonceStore::memory();
    Result<bool> seen(const char* signer, std::uint64_t n) override {
        return nonces->seen(named_address(signer), nonce(n));
    }
    Result<bool> remember(const char* signer, std::uint64_t n, std::uint64_t expiry,
                          std::uint64_t now) override {
        return nonces->remember(named_address(signer), nonce(n), expiry, now);
    }
};
struct Table : Store {
    store::Database db = must(store::Database::open(":memory:", store::Database::Mode::create));
    NonceTable nonces = must(NonceTable::open(db));
    Address last;
    std::string last_name;
    const Address& of(const char* signer) {
        if (last_name != signer) last_name = signer, last = named_address(signer);
        return last;
    }
    Result<bool> seen(const char* signer, std::uint64_t n) override {
        return nonces.seen(of(signer), nonce(n));
    }
    Result<bool> remember(const char* signer, std::uint64_t n, std::uint64_t expiry,
                          std::uint64_t now) override {
        return nonces.remember(of(signer), nonce(n), expiry, now);
    }
};

}  // namespace

TEST_CASE_TEMPLATE("a nonce is remembered once for its signer", S, Memory, Table) {
    S store;
    CHECK_FALSE(must(store.seen("solver", 1)));
    CHECK(must(store.remember("solver", 1, kNow + 300, kNow)));
    CHECK(must(store.seen("solver", 1)));
    CHECK_FALSE(must(store.remember("solver", 1, kNow + 300, kNow)));
    CHECK_FALSE(must(store.seen("bank", 1)));
    CHECK(must(store.remember("bank", 1, kNow + 300, kNow)));
    CHECK(must(store.remember("solver", 2, kNow + 300, kNow)));
}

TEST_CASE_TEMPLATE("a nonce outlives its request by the skew that the expiry check forgives", S,
                   Memory, Table) {
    S store;
    must(store.remember("solver", 1, kNow, kNow));
    // A request of expiry kNow is taken until kNow + 60: until then its nonce must be known.
    CHECK_FALSE(must(store.remember("solver", 1, kNow, kNow + 60)));
    must(store.remember("solver", 2, kNow + 900, kNow + 60));
    CHECK(must(store.seen("solver", 1)));
    must(store.remember("solver", 3, kNow + 900, kNow + 121));
    CHECK_FALSE(must(store.seen("solver", 1)));
    CHECK(must(store.seen("solver", 2)));
}

TEST_CASE("the live nonces of a signer are bounded, and make room when they expire") {
    Memory memory;
    for (std::uint64_t i = 0; i < kNoncesPerSignerMax; ++i)
        REQUIRE(memory.nonces->remember(Address{}, Store::nonce(i), kNow + 300, kNow).ok());
    CHECK(memory.nonces->remember(Address{}, Store::nonce(9999), kNow + 300, kNow).status() ==
          Status::LIMIT);
    CHECK(memory.remember("another", 1, kNow + 300, kNow).ok());
    CHECK(must(memory.nonces->remember(Address{}, Store::nonce(9999), kNow + 900, kNow + 421)));
}

TEST_CASE("the table is bounded too, within one transaction") {
    Table table;
    auto write = must(store::WriteTransaction::begin(table.db));
    for (std::uint64_t i = 0; i < kNoncesPerSignerMax; ++i)
        REQUIRE(table.remember("solver", i, kNow + 300, kNow).ok());
    CHECK(table.remember("solver", 9999, kNow + 300, kNow).status() == Status::LIMIT);
    CHECK(table.remember("another", 1, kNow + 300, kNow).ok());
    CHECK(must(table.remember("solver", 9999, kNow + 900, kNow + 421)));
    must(write.commit());
}

TEST_CASE("a restart forgets no nonce, and an abandoned transaction remembers none") {
    support::Folder folder;
    const auto path = (folder / "state.db").string();
    const auto solver = named_address("solver");
    {
        auto db = must(store::Database::open(path, store::Database::Mode::create));
        auto table = must(NonceTable::open(db));
        must(table.remember(solver, Store::nonce(1), kNow + 300, kNow));
        const auto write = must(store::WriteTransaction::begin(db));
        must(table.remember(solver, Store::nonce(2), kNow + 300, kNow));
    }
    auto db = must(store::Database::open(path, store::Database::Mode::existing));
    auto table = must(NonceTable::open(db));
    CHECK(must(table.seen(solver, Store::nonce(1))));
    CHECK_FALSE(must(table.seen(solver, Store::nonce(2))));
}
