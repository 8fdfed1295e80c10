#include "base/call_scope.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"

#include <c2d/mpc.hpp>

#include <utility>

namespace c2d::mpc {

void Link::leave(const Error& why) noexcept {
    const bool broken = why.status == Status::CANCELLED;
    if (left_ || (told_ && !broken)) return;
    told_ = true;
    if (broken) left_ = why;
    do_leave(broken);
}

Result<Unit> Link::unless_left(Result<Unit>&& done) {
    if (!done) leave(done.error());
    return std::move(done);
}

Result<Unit> Link::send(unsigned peer, BytesView bytes) {
    if (peer >= parties_ || peer == party_)
        return fail(Status::INVALID_ARGUMENT, "party {} cannot send to party {}", party_, peer);
    if (bytes.empty()) return Unit{};
    if (left_) return *left_;
    if (transcript_) transcript_(true, peer, bytes);
    stats_.bytes_sent[peer] += bytes.size();
    may_count_round_ = true;
    return unless_left(do_send(peer, bytes));
}

Result<Unit> Link::receive(unsigned peer, std::span<std::uint8_t> out) {
    if (peer >= parties_ || peer == party_)
        return fail(Status::INVALID_ARGUMENT, "party {} cannot receive from party {}", party_, peer);
    if (out.empty()) return Unit{};
    if (left_) return *left_;
    // Here too: whoever is the slowest never waits.
    if (CallScope::over()) return unless_left(CallScope::error("the computation"));
    if (may_count_round_) ++stats_.rounds;
    may_count_round_ = false;
    C2D_CHECK(unless_left(do_receive(peer, out)));
    stats_.bytes_received[peer] += out.size();
    if (transcript_) transcript_(false, peer, out);
    return Unit{};
}

Result<Unit> Link::receive_rest(unsigned peer, std::span<std::uint8_t> out) {
    const bool may_count_round = std::exchange(may_count_round_, false);
    C2D_CHECK(receive(peer, out));
    may_count_round_ = may_count_round;
    return Unit{};
}

}  // namespace c2d::mpc
