#include "sandbox/control.hpp"

#include "base/fail.hpp"

#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <vector>

namespace c2d::sandbox {

Result<ControlPair> make_control_pair() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return fail(Status::IO, "socketpair failed: {}", errno_text(errno));
    return ControlPair{Fd(ends[0]), Fd(ends[1])};
}

Result<Unit> send_descriptors(int control, std::span<const int> descriptors) {
    if (descriptors.size() > C2D_PLAN_DESCRIPTORS_MAX)
        return fail(Status::LIMIT, "expected at most {} descriptors, found {}", C2D_PLAN_DESCRIPTORS_MAX,
                    descriptors.size());
    char byte = 0;
    iovec part{&byte, 1};
    const std::size_t bytes = descriptors.size() * sizeof(int);
    // Cmsg headers want the alignment of size_t.
    std::vector<std::size_t> space(CMSG_SPACE(bytes) / sizeof(std::size_t) + 1);
    msghdr packet{};
    packet.msg_iov = &part;
    packet.msg_iovlen = 1;
    packet.msg_control = space.data();
    packet.msg_controllen = CMSG_SPACE(bytes);
    cmsghdr* head = CMSG_FIRSTHDR(&packet);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(bytes);
    std::memcpy(CMSG_DATA(head), descriptors.data(), bytes);
    while (::sendmsg(control, &packet, MSG_NOSIGNAL) < 0)
        if (errno != EINTR) return fail(Status::IO, "cannot send the plan: {}", errno_text(errno));
    return Unit{};
}

namespace {

/// All that came: alignment leaves room for more than the one that was asked for.
std::vector<Fd> take_descriptors(msghdr& packet) {
    std::vector<Fd> out;
    for (cmsghdr* head = CMSG_FIRSTHDR(&packet); head; head = CMSG_NXTHDR(&packet, head)) {
        if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) continue;
        for (std::size_t at = 0; CMSG_LEN(at + sizeof(int)) <= head->cmsg_len; at += sizeof(int)) {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(head) + at, sizeof fd);
            out.emplace_back(fd);
        }
    }
    return out;
}

}  // namespace

std::optional<ControlMessage> receive_message(int control, bool& closed) {
    ControlMessage out;
    iovec part{&out.body, sizeof out.body};
    alignas(cmsghdr) char space[CMSG_SPACE(sizeof(int))];
    msghdr packet{};
    packet.msg_iov = &part;
    packet.msg_iovlen = 1;
    packet.msg_control = space;
    packet.msg_controllen = sizeof space;
    ssize_t got = 0;
    do got = ::recvmsg(control, &packet, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got < 0 && errno == EAGAIN) return std::nullopt;
    auto descriptors = got >= 0 ? take_descriptors(packet) : std::vector<Fd>();
    if (descriptors.size() == 1) out.descriptor = std::move(descriptors.front());
    const bool whole = descriptors.size() <= 1 && got == ssize_t(sizeof out.body) &&
                       (packet.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0 && out.body.type < C2D_MESSAGE_TYPES;
    if (!whole) {
        closed = true;
        return std::nullopt;
    }
    out.body.text[sizeof out.body.text - 1] = '\0';
    return out;
}

}  // namespace c2d::sandbox
