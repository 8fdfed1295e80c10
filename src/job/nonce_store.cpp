#include "job/nonce_store.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"

#include <c2d/request.hpp>

#include <map>
#include <mutex>

namespace c2d {

namespace {

Error too_many(const Address& signer) {
    return fail(Status::LIMIT, "{} has {} live requests; wait until some expire",
                address_text(signer), kNoncesPerSignerMax);
}

/// A nonce must outlive its request by the skew that the expiry check forgives.
std::uint64_t keep_until(std::uint64_t expiry) { return expiry + 2 * kRequestSkewSeconds; }

class MemoryNonces final : public NonceStore {
public:
    Result<bool> seen(const Address& signer, const Bytes32& nonce) override {
        const std::lock_guard lock(mutex_);
        return live_[signer].contains(nonce);
    }

    Result<bool> remember(const Address& signer, const Bytes32& nonce, std::uint64_t expiry,
                          std::uint64_t now) override {
        const std::lock_guard lock(mutex_);
        auto& nonces = live_[signer];
        std::erase_if(nonces, [now](const auto& entry) { return entry.second < now; });
        if (nonces.contains(nonce)) return false;
        if (nonces.size() >= kNoncesPerSignerMax) return too_many(signer);
        nonces[nonce] = keep_until(expiry);
        return true;
    }

private:
    std::mutex mutex_;
    std::map<Address, std::map<Bytes32, std::uint64_t>> live_;
};

}  // namespace

std::shared_ptr<NonceStore> NonceStore::memory() { return std::make_shared<MemoryNonces>(); }

Result<NonceTable> NonceTable::open(store::Database& db) {
    C2D_CHECK(db.execute("CREATE TABLE IF NOT EXISTS nonces (signer BLOB NOT NULL, nonce BLOB NOT NULL, "
                         "keep_until INTEGER NOT NULL, PRIMARY KEY (signer, nonce)) WITHOUT ROWID;"
                         "CREATE INDEX IF NOT EXISTS nonces_by_end ON nonces (keep_until)"));
    NonceTable out;
    C2D_TRY(out.find_, db.prepare("SELECT 1 FROM nonces WHERE signer = ? AND nonce = ?"));
    C2D_TRY(out.insert_, db.prepare("INSERT INTO nonces VALUES (?, ?, ?)"));
    C2D_TRY(out.purge_, db.prepare("DELETE FROM nonces WHERE keep_until < ?"));
    C2D_TRY(out.count_, db.prepare("SELECT count(*) FROM nonces WHERE signer = ?"));
    C2D_TRY(out.count_all_, db.prepare("SELECT count(*) FROM nonces"));
    return out;
}

Result<bool> NonceTable::seen(const Address& signer, const Bytes32& nonce) {
    find_.bind(1, signer.view()).bind(2, nonce.view());
    C2D_TRY(const bool found, find_.step());
    find_.reset();
    return found;
}

Result<bool> NonceTable::remember(const Address& signer, const Bytes32& nonce, std::uint64_t expiry,
                                  std::uint64_t now) {
    C2D_TRY(const bool known, seen(signer, nonce));
    if (known) return false;
    C2D_CHECK(purge_.bind(1, now).run());
    count_.bind(1, signer.view());
    C2D_CHECK(count_.step());
    const auto live = count_.number(0);
    count_.reset();
    if (live >= kNoncesPerSignerMax) return too_many(signer);
    C2D_CHECK(count_all_.step());
    const auto all = count_all_.number(0);
    count_all_.reset();
    if (all >= kNoncesMax) return fail(Status::LIMIT, "too many live requests; wait until some expire");
    C2D_CHECK(insert_.bind(1, signer.view()).bind(2, nonce.view()).bind(3, keep_until(expiry)).run());
    return true;
}

}  // namespace c2d
