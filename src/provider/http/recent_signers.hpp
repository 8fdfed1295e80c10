/// Who asked lately for something that concerned them, as the ledger says.
#pragma once

#include <c2d/types.hpp>

#include <list>
#include <map>
#include <mutex>

namespace c2d::provider {

/// Bounded: whoever asked longest ago is forgotten first. Thread-safe.
class RecentSigners {
public:
    static constexpr std::size_t kMax = 4096;

    void add(const Address& signer) {
        const std::lock_guard lock(mutex_);
        if (const auto known = places_.find(signer); known != places_.end())
            return order_.splice(order_.begin(), order_, known->second);
        order_.push_front(signer);
        places_[signer] = order_.begin();
        if (order_.size() <= kMax) return;
        places_.erase(order_.back());
        order_.pop_back();
    }
    bool contains(const Address& signer) const {
        const std::lock_guard lock(mutex_);
        return places_.contains(signer);
    }

private:
    mutable std::mutex mutex_;
    std::list<Address> order_;
    std::map<Address, std::list<Address>::iterator> places_;
};

}  // namespace c2d::provider
