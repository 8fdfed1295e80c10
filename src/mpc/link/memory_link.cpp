#include "base/call_scope.hpp"
#include "base/fail.hpp"
#include "mpc/link/buffered_link.hpp"
#include "net/byte_queue.hpp"

#include <c2d/mpc.hpp>

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace c2d::mpc {
namespace {

/// What the three ends share. A closed end wakes everybody who waits for it.
struct Hub {
    std::mutex mutex;
    std::condition_variable changed;
    ByteQueue queue[kParties][kParties];  // [from][to]
    bool closed[kParties] = {};
};

class MemoryLink final : public Link {
public:
    MemoryLink(std::shared_ptr<Hub> hub, unsigned party, unsigned parties)
        : Link(party, parties), hub_(std::move(hub)) {}
    ~MemoryLink() override { do_leave(false); }

private:
    void do_leave(bool) noexcept override {
        std::lock_guard lock(hub_->mutex);
        hub_->closed[party_] = true;
        hub_->changed.notify_all();
    }

    Result<Unit> do_send(unsigned peer, BytesView bytes) override {
        std::lock_guard lock(hub_->mutex);
        if (hub_->closed[peer]) return fail(Status::PEER, "party {} {}", peer, kLeft);
        hub_->queue[party_][peer].append(bytes);
        hub_->changed.notify_all();
        return Unit{};
    }

    Result<Unit> do_receive(unsigned peer, std::span<std::uint8_t> out) override {
        std::unique_lock lock(hub_->mutex);
        ByteQueue& queue = hub_->queue[peer][party_];
        const auto deadline = std::chrono::steady_clock::now() + timeout_;
        while (queue.size() < out.size()) {
            if (hub_->closed[peer]) return fail(Status::PEER, "party {} {}", peer, kLeft);
            if (cancel_ && cancel_->cancelled()) return fail(Status::CANCELLED, "cancelled");
            if (CallScope::over()) return CallScope::error("the computation");
            if (std::chrono::steady_clock::now() > deadline)
                return fail(Status::PEER, "party {} sent nothing for {} ms", peer, timeout_.count());
            hub_->changed.wait_for(lock, std::chrono::milliseconds(50));
        }
        queue.take(out);
        return Unit{};
    }

    std::shared_ptr<Hub> hub_;
};

}  // namespace

std::vector<std::unique_ptr<Link>> memory_links(unsigned parties) {
    auto hub = std::make_shared<Hub>();
    std::vector<std::unique_ptr<Link>> links;
    for (unsigned party = 0; party < std::min(parties, kParties); ++party)
        links.push_back(std::make_unique<MemoryLink>(hub, party, std::min(parties, kParties)));
    return links;
}

}  // namespace c2d::mpc
