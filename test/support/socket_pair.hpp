/// Both ends of a UNIX stream socketpair.
#pragma once

#include "base/file.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>

namespace c2d::support {

struct SocketPair {
    Fd ours, theirs;
    SocketPair() {
        int ends[2];
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
        ours = Fd(ends[0]);
        theirs = Fd(ends[1]);
    }
};

}  // namespace c2d::support
