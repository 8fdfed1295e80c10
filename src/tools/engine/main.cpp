/// c2d-engine: holds one party's keys, shares and peers in a joint run, beside the operator and out of its reach. Started by
/// c2d-sandbox-helper, of no use by hand: descriptor 3 is the peers' channel, 4 the operator's socket, 5 what the provider
/// says (src/base/engine_start.hpp).

#include "base/engine_start.hpp"
#include "base/file.hpp"
#include "base/secret.hpp"
#include "mpc/engine/server.hpp"

#include <cstdio>
#include <sys/prctl.h>
#include <unistd.h>

namespace {

enum { kPeers = 3, kOperator = 4, kStart = 5 };
constexpr std::size_t kStartBytesMax = 4096;

int failed(const char* what) {
    std::fprintf(stderr, "c2d-engine: %s\n", what);
    return static_cast<int>(c2d::mpc::engine::End::failed);
}

}  // namespace

int main() {
    // Before anything is read: from here on nobody of the same user looks at this process or attaches to it.
    if (::prctl(PR_SET_DUMPABLE, 0) != 0) return failed("cannot become unreadable");
    auto text = c2d::read_fd(kStart, kStartBytesMax);
    auto start = text ? c2d::engine_start_from(*text) : c2d::Result<c2d::EngineStart>(text.error());
    if (text) c2d::clear_secret(text->data(), text->size());
    ::close(kStart);
    if (!start) return failed(start.error().message.c_str());
    // The operator is started when this is there.
    if (::write(kOperator, "e", 1) != 1) return failed("nobody is there");
    return static_cast<int>(c2d::mpc::engine::serve(kOperator, kPeers, *std::move(start)));
}
