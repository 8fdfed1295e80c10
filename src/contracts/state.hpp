/// Where the native contracts keep what they know: a map from short keys to RLP values.
#pragma once

#include <c2d/types.hpp>

#include <map>
#include <optional>
#include <set>
#include <string>

namespace c2d::contracts {

/// Reads and writes of contract storage. Keys are "contract/…" with raw bytes inside.
class State {
public:
    virtual ~State() = default;
    virtual Result<std::optional<Bytes>> get(const std::string& key) = 0;
    virtual void put(const std::string& key, Bytes value) = 0;
    /// The keys that begin so, in their order. Fails with `limit` when there are more than `count_max`. It looks
    /// through a whole range: for what happens once in a ledger's life.
    virtual Result<std::set<std::string>> keys_below(const std::string& prefix, std::size_t count_max) = 0;
};

/// Collects writes over another state; nothing below changes until the writes are taken. They move
/// on instead of being copied: from a transaction to its block, from there to the view.
class Overlay final : public State {
public:
    explicit Overlay(State& below) : below_(below) {}
    Overlay(const Overlay&) = delete;
    Overlay& operator=(const Overlay&) = delete;

    /// An empty one over this.
    Overlay above() { return Overlay(static_cast<State&>(*this)); }
    /// Takes over what `above` wrote.
    void merge(Overlay&& above) {
        above.writes_.merge(writes_);  // what is above wins
        writes_ = std::move(above.writes_);
    }

    Result<std::optional<Bytes>> get(const std::string& key) override {
        const auto found = writes_.find(key);
        if (found != writes_.end()) return std::optional<Bytes>(found->second);
        return below_.get(key);
    }
    void put(const std::string& key, Bytes value) override { writes_[key] = std::move(value); }
    Result<std::set<std::string>> keys_below(const std::string& prefix, std::size_t count_max) override;
    /// In key order, so that every node hashes the same list.
    const std::map<std::string, Bytes>& writes() const noexcept { return writes_; }
    std::map<std::string, Bytes> release() noexcept { return std::move(writes_); }

private:
    State& below_;
    std::map<std::string, Bytes> writes_;
};

}  // namespace c2d::contracts
