/// c2d-engine: holds one party's keys, shares and peers in a joint run, beside the operator and out of its reach. Started by
/// c2d-sandbox-helper, of no use by hand: descriptor 3 is the peers' channel, 4 the operator's socket, 5 the memory in which the
/// provider says what it is for, and it what was opened (src/base/engine_start.hpp).

#include "base/engine_start.hpp"
#include "base/forbid_files.hpp"
#include "base/secret.hpp"
#include "mpc/engine/server.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <openssl/crypto.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace {

enum { kPeers = 3, kOperator = 4, kProvider = 5 };

int failed(const char* what) {
    std::fprintf(stderr, "c2d-engine: %s\n", what);
    return static_cast<int>(c2d::mpc::engine::End::failed);
}

/// All of the memory, which has a fixed size.
bool read_all(std::span<std::uint8_t> out) {
    for (std::size_t got = 0; got < out.size();) {
        const ssize_t n = ::pread(kProvider, out.data() + got, out.size() - got, static_cast<off_t>(got));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        got += static_cast<std::size_t>(n);
    }
    return true;
}
bool write_all(c2d::BytesView bytes) {
    if (::lseek(kProvider, 0, SEEK_SET) != 0) return false;
    while (!bytes.empty()) {
        const ssize_t n = ::write(kProvider, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
    return true;
}

/// In the place of what was there.
bool say(const c2d::EngineReport& report) {
    std::string text = c2d::engine_report_text(report);
    text.resize(c2d::kEngineMemoryBytes);
    return write_all(c2d::as_bytes(text));
}

c2d::Result<c2d::EngineStart> read_start() {
    c2d::SecretBytes memory(c2d::kEngineMemoryBytes);
    if (!read_all(memory.span())) return c2d::Error(c2d::Status::IO, "cannot read what it is for");
    return c2d::engine_start_from(memory.text().substr(0, memory.text().find('\0')));
}

}  // namespace

int main() {
    // Before anything is read: from here on nobody of the same user looks at this process or attaches to it.
    if (::prctl(PR_SET_DUMPABLE, 0) != 0) return failed("cannot become unreadable");
    auto start = read_start();
    if (!start) return failed(start.error().message.c_str());
    if (!say({})) return failed("cannot tell what was opened");
    // Read while files can still be.
    ::OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, nullptr);
    if (const auto wall = c2d::forbid_files(); !wall) return failed(wall.error().message.c_str());
    // The operator is started when this is there.
    if (::write(kOperator, "e", 1) != 1) return failed("nobody is there");
    c2d::EngineReport report;
    const auto tell = [&report] {
        // Nothing is opened of which the owner would not hear.
        if (!say(report)) ::_exit(failed("cannot tell what was opened"));
    };
    c2d::mpc::engine::Listener listener;
    listener.opened = [&](const std::vector<c2d::mpc::Disclosure>& opened) {
        for (const auto& [kind, count] : opened) report.opened[kind] = count;
        tell();
    };
    listener.peer_gone = [&] {
        report.peer_gone = true;
        tell();
    };
    return static_cast<int>(c2d::mpc::engine::serve(kOperator, kPeers, *std::move(start), listener));
}
