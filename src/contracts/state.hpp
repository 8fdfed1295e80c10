/// Where the native contracts keep what they know: a map from short keys to RLP values.
#pragma once

#include <c2d/types.hpp>

#include <map>
#include <optional>
#include <string>

namespace c2d::contracts {

/// Reads and writes of contract storage. Keys are "contract/…" with raw bytes inside.
class State {
public:
    virtual ~State() = default;
    virtual Result<std::optional<Bytes>> get(const std::string& key) = 0;
    virtual void put(const std::string& key, Bytes value) = 0;
};

/// Collects writes over another state; nothing below changes until the writes are taken.
class Overlay final : public State {
public:
    explicit Overlay(State& below) : below_(below) {}
    Result<std::optional<Bytes>> get(const std::string& key) override {
        const auto found = writes_.find(key);
        if (found != writes_.end()) return std::optional<Bytes>(found->second);
        return below_.get(key);
    }
    void put(const std::string& key, Bytes value) override { writes_[key] = std::move(value); }
    /// In key order, so that every node hashes the same list.
    const std::map<std::string, Bytes>& writes() const noexcept { return writes_; }

private:
    State& below_;
    std::map<std::string, Bytes> writes_;
};

}  // namespace c2d::contracts
