// The operator's side of the frame channel: whatever a relay sends, a link hands on exactly the
// payloads of well-formed frames, in order and by peer, and ends with a named error at the first that
// is not. The input is the relay's stream.
#include "fuzz/fuzz.hpp"
#include "net/frame.hpp"

#include <c2d/mpc.hpp>

#include <algorithm>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

using namespace c2d;
using fuzz::require;

namespace {

constexpr unsigned kMe = 0;

/// What the stream says, by the rules of docs/mpc/wire.md: payloads by peer, up to the first bad frame.
struct Payloads {
    Bytes of[mpc::kParties];
    bool well_formed = true;
};
Payloads payloads_of(BytesView stream) {
    Payloads out;
    bool ended[mpc::kParties] = {};
    while (stream.size() >= FrameHeader::kBytes) {
        const FrameHeader header = FrameHeader::decode(stream.data());
        stream = stream.subspan(FrameHeader::kBytes);
        if (header.peer >= mpc::kParties || header.peer == kMe || header.length > kFrameBytesMax) {
            out.well_formed = false;
            return out;
        }
        const std::size_t count = std::min<std::size_t>(header.length, stream.size());
        Bytes& to = out.of[header.peer];
        to.insert(to.end(), stream.begin(), stream.begin() + std::ptrdiff_t(count));
        ended[header.peer] = ended[header.peer] || header.length == 0;
        stream = stream.subspan(count);
        if (count < header.length) out.well_formed = false;
    }
    if (!stream.empty()) out.well_formed = false;
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // A socket's buffer takes this much at once.
    const BytesView stream(data, std::min<std::size_t>(size, 100'000));
    const Payloads expected = payloads_of(stream);
    for (const unsigned peer : {1u, 2u}) {
        int ends[2];
        require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0, "a socketpair can be had");
        for (BytesView rest = stream; !rest.empty();) {
            const ssize_t n = ::send(ends[1], rest.data(), rest.size(), MSG_NOSIGNAL);
            require(n > 0, "the stream fits into the socket");
            rest = rest.subspan(std::size_t(n));
        }
        ::close(ends[1]);
        {
            auto link = mpc::relay_link(ends[0], kMe);
            require(link.ok(), "a stream socket is taken");
            (*link)->set_timeout(std::chrono::milliseconds(1000));
            const Bytes& wanted = expected.of[peer];
            Bytes got;
            for (std::uint8_t byte = 0; got.size() <= wanted.size();) {
                const auto received = (*link)->receive(peer, {&byte, 1});
                if (!received) {
                    require(received.status() == Status::PEER, "the end is the peer's");
                    require(!received.error().message.empty(), "the end is explained");
                    break;
                }
                got.push_back(byte);
            }
            require(got.size() <= wanted.size(), "nothing is invented");
            require(std::equal(got.begin(), got.end(), wanted.begin()), "payloads arrive as they are");
            // Behind a malformed frame a link may stop early, but not on a stream without one.
            require(!expected.well_formed || got.size() == wanted.size(), "everything arrives");
        }
        ::close(ends[0]);
    }
    return 0;
}
