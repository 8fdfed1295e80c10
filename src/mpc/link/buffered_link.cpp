#include "mpc/link/buffered_link.hpp"

#include "base/call_scope.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"

#include <algorithm>

namespace c2d::mpc {
namespace {

/// So long a party that left in order is not blamed, while another one is there whose end may be the cause.
constexpr std::chrono::milliseconds kCauseWithin{500};

}  // namespace

bool BufferedLink::cause_may_follow(unsigned peer) const {
    if (std::ranges::any_of(broken_, [](bool broken) { return broken; })) return false;
    for (unsigned other = 0; other < parties(); ++other)
        if (other != party() && other != peer && ended_[other].empty()) return !(cancel_ && cancel_->cancelled());
    return false;
}

Error BufferedLink::ended(unsigned peer) {
    // A party that dies breaks its connections, one after the other; a party that then gives up closes in order, and
    // may be heard of first.
    const auto deadline = std::chrono::steady_clock::now() + kCauseWithin;
    while (cause_may_follow(peer) && std::chrono::steady_clock::now() < deadline)
        if (!pump(peer, 20)) break;
    for (unsigned other = 0; other < kParties; ++other)
        if (broken_[other] && !broken_[peer])
            return fail(Status::PEER, "party {} {} (and party {} gave up)", other, ended_[other], peer);
    return fail(Status::PEER, "party {} {}", peer, ended_[peer]);
}

Result<Unit> BufferedLink::wait_step(unsigned peer, std::chrono::steady_clock::time_point deadline) {
    if (cancel_ && cancel_->cancelled()) return fail(Status::CANCELLED, "cancelled");
    if (CallScope::over()) return CallScope::error("the computation");
    if (std::chrono::steady_clock::now() > deadline)
        return fail(Status::PEER, "party {} made no progress for {} ms", peer, timeout_.count());
    return pump(peer, 50);
}

Result<Unit> BufferedLink::do_send(unsigned peer, BytesView bytes) {
    while (!bytes.empty()) {
        if (!ended_[peer].empty()) return ended(peer);
        const BytesView piece = bytes.first(std::min(bytes.size(), kPieceBytes));
        C2D_CHECK(enqueue(peer, piece));
        C2D_CHECK(drain(peer));
        bytes = bytes.subspan(piece.size());
    }
    return Unit{};
}

/// Waits until what is queued is no more than may be.
Result<Unit> BufferedLink::drain(unsigned peer) {
    auto deadline = std::chrono::steady_clock::now() + timeout_;
    for (std::size_t before = unsent(); before > kSendBytesMax;) {
        C2D_CHECK(wait_step(peer, deadline));
        if (!ended_[peer].empty()) return ended(peer);
        if (unsent() < before) deadline = std::chrono::steady_clock::now() + timeout_;
        before = unsent();
    }
    return Unit{};
}

Result<Unit> BufferedLink::do_receive(unsigned peer, std::span<std::uint8_t> out) {
    std::size_t got = in_[peer].take(out);
    if (got == out.size() && unsent() == 0) return Unit{};
    auto deadline = std::chrono::steady_clock::now() + timeout_;
    while (got < out.size()) {
        if (!ended_[peer].empty()) return ended(peer);
        std::size_t more = read_past_queue(peer, out.subspan(got));
        if (more == 0) {
            C2D_CHECK(wait_step(peer, deadline));
            more = in_[peer].take(out.subspan(got));
        }
        if (more != 0) deadline = std::chrono::steady_clock::now() + timeout_;
        got += more;
    }
    return Unit{};
}

Result<Unit> BufferedLink::take_in(unsigned peer, BytesView bytes) {
    if (in_[peer].size() + bytes.size() > kReceiveBytesMax)
        return fail(Status::LIMIT, "party {} is more than {} bytes ahead", peer, kReceiveBytesMax);
    in_[peer].append(bytes);
    return Unit{};
}

}  // namespace c2d::mpc
