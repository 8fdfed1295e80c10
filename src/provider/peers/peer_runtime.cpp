#include "provider/peers/peer_runtime.hpp"

#include "base/call_scope.hpp"
#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "codec/json.hpp"
#include "job/values.hpp"

#include <algorithm>
#include <poll.h>

namespace c2d::provider {

namespace {

using Io = PeerChannel::Io;
using Time = std::chrono::steady_clock::time_point;

constexpr int kLookMs = 100;
constexpr std::size_t kVersionBytesMax = 64;

std::string shown(const AcceptedRuntime& one) {
    json::Object out;
    if (!one.version.empty()) out.emplace_back("version", one.version);
    if (one.library_sha256) out.emplace_back("library_sha256", hex_text(*one.library_sha256));
    if (one.package_sha256) out.emplace_back("package_sha256", hex_text(*one.package_sha256));
    return json::compact(out);
}

Error missing(unsigned party, std::string_view why) {
    Error error = fail(Status::PEER, "peer_missing: party {} did not say which c2d it runs: {}", party, why);
    error.source = "peer";
    error.name = "peer_missing";
    error.code = party;
    return error;
}

/// One peer, as far as it has come.
struct Hello {
    PeerChannel* channel;
    Bytes out, in;
    std::size_t wanted = kRuntimeLengthBytes;
    short events = POLLIN;
    std::optional<ReceiptRuntime> said = {};

    bool done() const { return out.empty() && said.has_value(); }
    Result<Unit> write();
    Result<Unit> read();
    Result<Unit> take();
};

Result<Unit> Hello::write() {
    while (!out.empty()) {
        const auto step = channel->write_some(out);
        if (step.io == Io::want_read || step.io == Io::want_write) return Unit{};
        if (step.io != Io::done)
            return fail(Status::PEER, "{}", step.io == Io::closed ? "it left" : channel->failure());
        out.erase(out.begin(), out.begin() + std::ptrdiff_t(step.bytes_count));
    }
    return Unit{};
}

/// Never a byte more: what follows is said between relays.
Result<Unit> Hello::read() {
    while (!said) {
        const std::size_t begin = in.size();
        in.resize(wanted);
        const auto step = channel->read_some(std::span(in).subspan(begin));
        in.resize(begin + (step.io == Io::done ? step.bytes_count : 0));
        if (step.io == Io::want_read || step.io == Io::want_write) {
            events = step.io == Io::want_read ? POLLIN : POLLOUT;
            return Unit{};
        }
        if (step.io != Io::done)
            return fail(Status::PEER, "{}", step.io == Io::closed ? "it left" : channel->failure());
        if (in.size() == wanted) C2D_CHECK(take());
    }
    return Unit{};
}

Result<Unit> Hello::take() {
    if (wanted == kRuntimeLengthBytes) {
        const std::size_t length = in[0] | std::size_t(in[1]) << 8;
        if (length == 0 || length > kRuntimeTextMax)
            return fail(Status::PEER, "it announced {} bytes; expected 1 to {}", length, kRuntimeTextMax);
        wanted += length;
        return Unit{};
    }
    C2D_TRY(said, decode_runtime(as_text(BytesView(in).subspan(kRuntimeLengthBytes))));
    return Unit{};
}

void wait_for(const std::vector<Hello>& peers) {
    std::vector<pollfd> entries;
    for (const Hello& peer : peers) {
        const short events = short((peer.said ? 0 : peer.events) | (peer.out.empty() ? 0 : POLLOUT));
        entries.push_back({peer.done() ? -1 : peer.channel->fd(), events, 0});
    }
    ::poll(entries.data(), entries.size(), kLookMs);
}

}  // namespace

Verdict check_runtime(const JobTerms& terms, unsigned party, const ReceiptRuntime& runtime) {
    for (const auto& list : terms.accepted_runtimes) {
        if (std::ranges::any_of(list, [&](const AcceptedRuntime& one) { return one.accepts(runtime); })) continue;
        std::string expected;
        for (const auto& one : list) expected += (expected.empty() ? "" : " or ") + shown(one);
        return Verdict::refuse(Reason::runtime_not_accepted, fmt::format("runtime/{}", party), expected,
                               json::compact(to_value(runtime)));
    }
    return Verdict::accept();
}

Bytes encode_runtime(const ReceiptRuntime& runtime) {
    const std::string text = json::compact(to_value(runtime));
    Bytes out(kRuntimeLengthBytes + text.size());
    out[0] = std::uint8_t(text.size());
    out[1] = std::uint8_t(text.size() >> 8);
    std::ranges::copy(text, out.begin() + kRuntimeLengthBytes);
    return out;
}

Result<ReceiptRuntime> decode_runtime(std::string_view text) {
    const auto body = json::parse(text, {kRuntimeTextMax, 2});
    ReceiptRuntime out;
    if (body) out.version = body->text_at({"version"});
    const auto library = parse_bytes32(body ? body->text_at({"library_sha256"}) : "");
    const auto package = parse_bytes32(body ? body->text_at({"package_sha256"}) : "");
    if (!library || !package || out.version.empty() || out.version.size() > kVersionBytesMax)
        return fail(Status::PEER, "expected version, library_sha256 and package_sha256, found {}", display_text(text));
    out.library_sha256 = *library;
    out.package_sha256 = *package;
    return out;
}

Result<PeerRuntimes> exchange_runtimes(const std::vector<std::unique_ptr<PeerChannel>>& channels,
                                       const ReceiptRuntime& own, std::chrono::milliseconds limit,
                                       const CancelToken* cancel) {
    std::vector<Hello> peers;
    for (const auto& channel : channels) peers.push_back({channel.get(), encode_runtime(own), {}});
    const Time until = std::chrono::steady_clock::now() + limit;
    while (!std::ranges::all_of(peers, &Hello::done)) {
        if ((cancel && cancel->cancelled()) || CallScope::over())
            return fail(Status::CANCELLED, "cancelled while waiting for the other parties");
        for (Hello& peer : peers) {
            auto moved = peer.write();
            if (moved) moved = peer.read();
            if (moved && !peer.done() && std::chrono::steady_clock::now() >= until)
                moved = fail(Status::PEER, "in time");
            if (!moved) return missing(peer.channel->party(), moved.error().message);
        }
        wait_for(peers);
    }
    PeerRuntimes out;
    for (const Hello& peer : peers) out.emplace(peer.channel->party(), *peer.said);
    return out;
}

}  // namespace c2d::provider
