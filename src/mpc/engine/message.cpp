#include "mpc/engine/message.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"

#include <cerrno>
#include <cstring>
#include <sys/socket.h>

namespace c2d::mpc::engine {
namespace {

constexpr std::size_t kHeaderBytes = 9;
constexpr std::size_t kGrowBytes = std::size_t{1} << 20;
constexpr std::size_t kKindsMax = 64, kTextMax = 4096;

static_assert(kOperations < 256);

class Writer {
public:
    template <class Number>
    Writer& put(Number value) {
        const auto* const bytes = reinterpret_cast<const std::uint8_t*>(&value);
        out_.insert(out_.end(), bytes, bytes + sizeof value);
        return *this;
    }
    template <class Number>
    Writer& list(std::span<const Number> values) {
        put<std::uint64_t>(values.size());
        const auto* const bytes = reinterpret_cast<const std::uint8_t*>(values.data());
        out_.insert(out_.end(), bytes, bytes + values.size_bytes());
        return *this;
    }
    Writer& text(std::string_view text) { return list<char>({text.data(), text.size()}); }
    Writer& matrix(const Matrix* data) {
        put<std::uint8_t>(data ? 1 : 0);
        if (!data) return *this;
        return put<std::uint64_t>(data->rows).put<std::uint64_t>(data->cols).list<double>(data->data);
    }
    Bytes take() { return std::move(out_); }

private:
    Bytes out_;
};

/// Reads what a Writer wrote; `good` turns false at the first thing that is not there.
class Reader {
public:
    explicit Reader(BytesView bytes) : left_(bytes) {}
    bool good() const noexcept { return good_; }
    bool ended() const noexcept { return good_ && left_.empty(); }

    template <class Number>
    Number get() {
        Number out{};
        if (!has(sizeof out)) return out;
        std::memcpy(&out, left_.data(), sizeof out);
        left_ = left_.subspan(sizeof out);
        return out;
    }
    template <class Number>
    std::vector<Number> list(std::size_t count_max) {
        const auto count = get<std::uint64_t>();
        if (count > count_max || !has(count * sizeof(Number))) {
            good_ = false;
            return {};
        }
        std::vector<Number> out(count);
        if (count != 0) std::memcpy(out.data(), left_.data(), count * sizeof(Number));
        left_ = left_.subspan(count * sizeof(Number));
        return out;
    }
    std::string text() {
        const auto letters = list<char>(kTextMax);
        return {letters.begin(), letters.end()};
    }
    bool flag() {
        const auto value = get<std::uint8_t>();
        if (value > 1) good_ = false;
        return value == 1;
    }
    std::optional<Matrix> matrix() {
        if (!flag()) return {};
        Matrix out;
        out.rows = get<std::uint64_t>();
        out.cols = get<std::uint64_t>();
        out.data = list<double>(kElementsMax);
        const bool fits = out.cols != 0 && out.rows <= kElementsMax / out.cols;
        if (!fits || out.data.size() != out.rows * out.cols) good_ = false;
        return out;
    }

private:
    bool has(std::uint64_t bytes) {
        good_ = good_ && bytes <= left_.size();
        return good_;
    }
    BytesView left_;
    bool good_ = true;
};

Error malformed(std::string_view what) { return fail(Status::INVALID_ARGUMENT, "the engine's socket: no {}", what); }

void put_state(Writer& out, const SessionState& state) {
    for (unsigned party = 0; party < kParties; ++party)
        out.put(state.stats.bytes_sent[party]).put(state.stats.bytes_received[party]);
    out.put(state.stats.rounds).put(state.rate).put<std::uint64_t>(state.disclosures.size());
    for (const Disclosure& one : state.disclosures) out.text(one.kind).put(one.count);
    out.put(state.resumed.attempt).put(state.resumed.number).put(state.resumed.step);
}

SessionState get_state(Reader& in) {
    SessionState out;
    for (unsigned party = 0; party < kParties; ++party) {
        out.stats.bytes_sent[party] = in.get<std::uint64_t>();
        out.stats.bytes_received[party] = in.get<std::uint64_t>();
    }
    out.stats.rounds = in.get<std::uint64_t>();
    out.rate = in.get<double>();
    const auto kinds = std::min<std::uint64_t>(in.get<std::uint64_t>(), kKindsMax);
    for (std::uint64_t i = 0; i < kinds && in.good(); ++i) {
        std::string kind = in.text();
        out.disclosures.push_back({std::move(kind), in.get<std::uint64_t>()});
    }
    out.resumed.attempt = in.get<std::uint32_t>();
    out.resumed.number = in.get<std::uint64_t>();
    out.resumed.step = in.get<std::uint64_t>();
    return out;
}

}  // namespace

// ---------------------------------------------------------------- the socket

Result<Unit> Channel::send(MessageType type, BytesView payload) const {
    std::uint8_t head[kHeaderBytes];
    const std::uint64_t length = payload.size();
    std::memcpy(head, &length, sizeof length);
    head[8] = static_cast<std::uint8_t>(type);
    for (BytesView part : {BytesView(head), payload})
        while (!part.empty()) {
            const ssize_t n = ::send(fd_, part.data(), part.size(), MSG_NOSIGNAL);
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return fail(Status::PEER, "the other end of the engine's socket is gone: {}", errno_text(errno));
            part = part.subspan(static_cast<std::size_t>(n));
        }
    return Unit{};
}

/// False where the stream ends before the first byte, if it may.
Result<bool> Channel::receive_into(std::span<std::uint8_t> out, bool may_end) const {
    std::size_t got = 0;
    while (got < out.size()) {
        const ssize_t n = ::recv(fd_, out.data() + got, out.size() - got, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail(Status::PEER, "cannot read from the engine's socket: {}", errno_text(errno));
        if (n == 0 && got == 0 && may_end) return false;
        if (n == 0) return fail(Status::PEER, "the engine's socket ended within a message");
        got += static_cast<std::size_t>(n);
    }
    return true;
}

Result<std::optional<Message>> Channel::receive() const {
    std::uint8_t head[kHeaderBytes];
    C2D_TRY(const bool there, receive_into(head, true));
    if (!there) return std::optional<Message>{};
    std::uint64_t length = 0;
    std::memcpy(&length, head, sizeof length);
    if (length > kMessageMax || head[8] == 0 || head[8] > static_cast<std::uint8_t>(MessageType::rule))
        return fail(Status::PEER, "the engine's socket: {} bytes of type {} are no message", length, head[8]);
    Message out{static_cast<MessageType>(head[8]), {}};
    while (out.payload.size() < length) {
        const std::size_t before = out.payload.size();
        out.payload.resize(before + std::min<std::uint64_t>(length - before, std::max(kGrowBytes, before)));
        C2D_TRY(const bool more, receive_into(std::span(out.payload).subspan(before), false));
        (void)more;
    }
    return std::optional(std::move(out));
}

// ---------------------------------------------------------------- messages

Bytes encode_call(const Call& call, const std::vector<std::uint64_t>& tensors,
                  const std::vector<std::uint64_t>& released) {
    Writer out;
    out.put(call.operation).list<std::uint64_t>(tensors).list<std::uint64_t>(released);
    out.list<std::uint64_t>(call.integers).list<double>(call.reals).matrix(call.data).list<std::uint8_t>(call.bytes);
    return out.take();
}

Result<SentCall> decode_call(BytesView payload) {
    Reader in(payload);
    SentCall out;
    const auto operation = in.get<std::uint8_t>();
    if (operation >= kOperations) return malformed("operation");
    out.call.operation = static_cast<Operation>(operation);
    const Signature& wanted = signature_of(out.call.operation);
    out.tensors = in.list<std::uint64_t>(wanted.tensors_max);
    out.released = in.list<std::uint64_t>(kTensorsMax);
    out.call.integers = in.list<std::uint64_t>(wanted.integers_max);
    out.call.reals = in.list<double>(wanted.reals);
    out.data = in.matrix();
    out.bytes = in.list<std::uint8_t>(std::size_t{1} << 20);
    if (!in.ended()) return malformed("call");
    return out;
}

Bytes encode_join(const SentJoin& join) {
    Writer out;
    out.list<std::uint64_t>(join.tensors).list<std::uint64_t>(join.released).list<std::uint8_t>(join.request);
    return out.take();
}

Result<SentJoin> decode_join(BytesView payload) {
    Reader in(payload);
    SentJoin out;
    out.tensors = in.list<std::uint64_t>(kTensorsMax);
    out.released = in.list<std::uint64_t>(kTensorsMax);
    out.request = in.list<std::uint8_t>(kMessageMax);
    if (!in.ended()) return malformed("join");
    return out;
}

Bytes encode_reply(const SentReply& reply) {
    Writer out;
    put_state(out, reply.state);
    out.list<SentTensor>(reply.tensors).matrix(reply.opened ? &*reply.opened : nullptr);
    out.put<std::uint8_t>(reply.announcements.empty() ? 0 : reply.announcements.size() == 1 ? 2 : 1);
    for (const Bytes& one : reply.announcements) out.list<std::uint8_t>(one);
    return out.take();
}

Result<SentReply> decode_reply(BytesView payload) {
    Reader in(payload);
    SentReply out;
    out.state = get_state(in);
    out.tensors = in.list<SentTensor>(kTensorsMax);
    out.opened = in.matrix();
    const auto parts = in.get<std::uint8_t>();
    for (unsigned party = 0; parts == 1 && party < kParties; ++party)
        out.announcements.push_back(in.list<std::uint8_t>(std::size_t{1} << 20));
    if (parts == 2) out.announcements.push_back(in.list<std::uint8_t>(kMessageMax));
    if (!in.ended() || parts > 2) return malformed("reply");
    return out;
}

Bytes encode_failure(const SentFailure& failure) {
    Writer out;
    put_state(out, failure.state);
    out.put<std::uint32_t>(static_cast<std::uint32_t>(failure.error.status)).put<std::int64_t>(failure.error.code);
    out.text(std::string_view(failure.error.name).substr(0, kTextMax));
    out.text(std::string_view(failure.error.message).substr(0, kTextMax));
    return out.take();
}

Result<SentFailure> decode_failure(BytesView payload) {
    Reader in(payload);
    SessionState state = get_state(in);
    const auto status = in.get<std::uint32_t>();
    const auto code = in.get<std::int64_t>();
    std::string name = in.text(), message = in.text();
    if (!in.ended() || status == 0 || status > static_cast<std::uint32_t>(Status::INTERNAL))
        return malformed("failure");
    SentFailure out{std::move(state), Error(static_cast<Status>(status), std::move(message))};
    out.error.name = std::move(name);
    out.error.code = static_cast<decltype(out.error.code)>(code);
    return out;
}

Bytes encode_progress(const SentProgress& progress) {
    Writer out;
    put_state(out, progress.state);
    out.put(progress.iteration).put<std::uint8_t>(progress.auc ? 1 : 0).put(progress.auc.value_or(0));
    return out.take();
}

Result<SentProgress> decode_progress(BytesView payload) {
    Reader in(payload);
    SentProgress out;
    out.state = get_state(in);
    out.iteration = in.get<std::uint64_t>();
    const bool known = in.flag();
    const auto auc = in.get<double>();
    if (known) out.auc = auc;
    if (!in.ended()) return malformed("progress");
    return out;
}

}  // namespace c2d::mpc::engine
