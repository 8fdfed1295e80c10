/// Writes over a state, which move on instead of being copied: from a transaction to its block,
/// from there to the view.
#pragma once

#include "contracts/state.hpp"

namespace c2d::ledger {

class Layer final : public contracts::State {
public:
    explicit Layer(contracts::State& below) : below_(below) {}
    Result<std::optional<Bytes>> get(const std::string& key) override {
        const auto found = writes_.find(key);
        if (found != writes_.end()) return std::optional<Bytes>(found->second);
        return below_.get(key);
    }
    void put(const std::string& key, Bytes value) override { writes_[key] = std::move(value); }
    /// Takes over what a layer above wrote.
    void merge(Layer&& above) {
        above.writes_.merge(writes_);  // what is above wins
        writes_ = std::move(above.writes_);
    }
    std::map<std::string, Bytes> release() { return std::move(writes_); }

private:
    contracts::State& below_;
    std::map<std::string, Bytes> writes_;
};

}  // namespace c2d::ledger
