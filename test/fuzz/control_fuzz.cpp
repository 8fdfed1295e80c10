// The host's reader of control messages. The input is a row of packets: a byte with the number of
// descriptors that travel (three bits) and whether a whole message is sent, two bytes with the
// size, and the bytes.
#include "fuzz/fuzz.hpp"
#include "sandbox/control.hpp"

#include <algorithm>
#include <cstring>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

using namespace c2d;
using namespace c2d::sandbox;
using fuzz::require;

namespace {

void send_packet(int socket, const std::uint8_t* data, std::size_t size, unsigned descriptors) {
    iovec part{const_cast<std::uint8_t*>(data), size};
    msghdr packet{};
    packet.msg_iov = &part;
    packet.msg_iovlen = 1;
    alignas(cmsghdr) char space[CMSG_SPACE(8 * sizeof(int))] = {};
    if (descriptors > 0) {
        packet.msg_control = space;
        packet.msg_controllen = CMSG_SPACE(descriptors * sizeof(int));
        cmsghdr* head = CMSG_FIRSTHDR(&packet);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(descriptors * sizeof(int));
        const std::vector<int> list(descriptors, socket);
        std::memcpy(CMSG_DATA(head), list.data(), descriptors * sizeof(int));
    }
    (void)::sendmsg(socket, &packet, MSG_NOSIGNAL | MSG_DONTWAIT);
}

int lowest_free_descriptor() {
    const int fd = ::dup(0);
    ::close(fd);
    return fd;
}

void read_all(int socket) {
    for (bool closed = false; !closed;) {
        const auto message = receive_message(socket, closed);
        require(!(message && closed), "the end brings no message");
        if (!message) return;
        require(message->body.type < C2D_MESSAGE_TYPES, "a message has a known type");
        require(std::memchr(message->body.text, 0, sizeof message->body.text) != nullptr, "a message's text ends");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const int before = lowest_free_descriptor();
    {
        auto pair = make_control_pair();
        require(pair.ok(), "a socketpair can be had");
        const std::uint8_t* const end = data + size;
        for (int packets = 0; data + 3 <= end && packets < 16; ++packets) {
            const unsigned descriptors = data[0] & 7;
            std::size_t bytes = data[0] & 8 ? sizeof(c2d_message) : std::size_t(data[1] | data[2] << 8);
            data += 3;
            bytes = std::min(bytes, std::size_t(end - data));
            send_packet(pair->helper.get(), data, bytes, descriptors);
            data += bytes;
            if (data < end && *data & 1) read_all(pair->host.get());
        }
        pair->helper.reset();
        read_all(pair->host.get());
    }
    require(lowest_free_descriptor() == before, "no descriptor stays open");
    return 0;
}
