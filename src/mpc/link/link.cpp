#include "base/fail.hpp"
#include "base/try.hpp"

#include <c2d/mpc.hpp>

namespace c2d::mpc {

Result<Unit> Link::send(unsigned peer, BytesView bytes) {
    if (peer >= kParties || peer == party_)
        return fail(Status::INVALID_ARGUMENT, "party {} cannot send to party {}", party_, peer);
    if (bytes.empty()) return Unit{};
    if (transcript_) transcript_(true, peer, bytes);
    stats_.bytes_sent[peer] += bytes.size();
    may_count_round_ = true;
    return do_send(peer, bytes);
}

Result<Unit> Link::receive(unsigned peer, std::span<std::uint8_t> out) {
    if (peer >= kParties || peer == party_)
        return fail(Status::INVALID_ARGUMENT, "party {} cannot receive from party {}", party_,
                    peer);
    if (out.empty()) return Unit{};
    if (may_count_round_) ++stats_.rounds;
    may_count_round_ = false;
    C2D_CHECK(do_receive(peer, out));
    stats_.bytes_received[peer] += out.size();
    if (transcript_) transcript_(false, peer, out);
    return Unit{};
}

}  // namespace c2d::mpc
