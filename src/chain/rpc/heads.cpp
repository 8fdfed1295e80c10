#include "chain/rpc/heads.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"

#include <algorithm>

namespace c2d::rpc {

namespace {

Result<Unit> require_head(std::uint64_t number, const Head& head) {
    if (head.number == number) return Unit{};
    return fail(Status::NOT_FOUND, "the state of block {} is not kept; the head is block {}", number, head.number);
}

}  // namespace

Result<Chain> Heads::at(Chain& chain, std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    std::erase_if(kept_, [&](const Kept& kept) { return now - kept.used > kIdleMax; });
    if (const auto known = std::ranges::find(kept_, number, &Kept::number); known != kept_.end()) {
        known->used = now;
        return known->chain;
    }
    // Before the state is copied, which anybody could have done for any number.
    C2D_TRY(const auto info, chain.info());
    C2D_CHECK(require_head(number, info.head));
    C2D_TRY(auto fresh, chain.at_head());
    C2D_CHECK(require_head(number, fresh.network().head));
    if (kept_.size() == kHeadsMax) kept_.erase(std::ranges::min_element(kept_, {}, &Kept::used));
    kept_.push_back({number, fresh, now});
    return fresh;
}

}  // namespace c2d::rpc
