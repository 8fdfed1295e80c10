/// What an operator and its engine say to each other over their socket. Numbers are little-endian.
///
/// A message is a length (u64), a type (u8) and that many bytes. Operator to engine: open, call, align, join, rule,
/// go_on, close; engine to operator: opened or reply, failure, progress. An answer begins with a `Status` of the
/// session. docs/mpc/wire.md has the layout.
#pragma once

#include "mpc/core/call.hpp"

namespace c2d::mpc::engine {

enum class MessageType : std::uint8_t { open = 1, call, go_on, close, reply, failure, progress, align, join, rule };

/// The largest call: a matrix, or indices, of the largest size.
inline constexpr std::uint64_t kMessageMax = (std::uint64_t{1} << 31) + (std::uint64_t{1} << 21);
/// Tensors that an operator may hold at once.
inline constexpr std::size_t kTensorsMax = 65536;

struct Message {
    MessageType type;
    Bytes payload;
};

/// The stream socket between the two; one end. The descriptor stays the caller's.
class Channel {
public:
    explicit Channel(int fd) noexcept : fd_(fd) {}
    Result<Unit> send(MessageType type, BytesView payload) const;
    /// Waits for the next one. Nothing when the other side has closed between two messages. Fails with `peer` for what
    /// is no message; room grows with what comes, not with what a length announces.
    Result<std::optional<Message>> receive() const;
    int fd() const noexcept { return fd_; }

private:
    Result<bool> receive_into(std::span<std::uint8_t> out, bool may_end) const;
    int fd_;
};

/// A call as it travels: tensors by number, and those that the operator has let go.
struct SentCall {
    Call call;
    std::vector<std::uint64_t> tensors = {};
    std::vector<std::uint64_t> released = {};
    std::optional<Matrix> data = {};
    Bytes bytes = {};
};
Bytes encode_call(const Call& call, const std::vector<std::uint64_t>& tensors,
                  const std::vector<std::uint64_t>& released);
/// Fails with `invalid_argument` for what is none. `call.data` and `call.bytes` stay empty: see `SentCall`.
Result<SentCall> decode_call(BytesView payload);

/// A `join`: tensors as in a call, and what an `align` is asked with (mpc/align/request.hpp).
struct SentJoin {
    std::vector<std::uint64_t> tensors = {};
    std::vector<std::uint64_t> released = {};
    Bytes request = {};
};
Bytes encode_join(const SentJoin& join);
/// Fails with `invalid_argument` for what is none.
Result<SentJoin> decode_join(BytesView payload);

/// What a session counted so far.
struct SessionState {
    Link::Stats stats = {};
    double rate = 0;
    std::vector<Disclosure> disclosures = {};
    /// Of attempt 0: it begins anew.
    Resumed resumed = {};
};

/// A tensor that the engine holds.
struct SentTensor {
    std::uint64_t number = 0, rows = 0, cols = 0;
};

struct SentReply {
    SessionState state = {};
    std::vector<SentTensor> tensors = {};
    std::optional<Matrix> opened = {};
    /// Of all three parties; or one, which is what an `align` or a `join` came to (mpc/align/request.hpp).
    std::vector<Bytes> announcements = {};
};
Bytes encode_reply(const SentReply& reply);
Result<SentReply> decode_reply(BytesView payload);

struct SentFailure {
    SessionState state;
    Error error;
};
Bytes encode_failure(const SentFailure& failure);
Result<SentFailure> decode_failure(BytesView payload);

struct SentProgress {
    SessionState state;
    std::uint64_t iteration = 0;
    std::optional<double> auc = {};
};
Bytes encode_progress(const SentProgress& progress);
Result<SentProgress> decode_progress(BytesView payload);

}  // namespace c2d::mpc::engine
