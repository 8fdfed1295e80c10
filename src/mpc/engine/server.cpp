#include "mpc/engine/server.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "mpc/align/request.hpp"
#include "mpc/engine/message.hpp"
#include "mpc/local/computation.hpp"

#include <algorithm>
#include <poll.h>
#include <thread>
#include <unordered_map>

namespace c2d::mpc::engine {
namespace {

class Server {
public:
    Server(int operator_fd, int peers_fd, EngineStart start, Listener listener, std::shared_ptr<KeptShares> kept,
           std::shared_ptr<Checkpoints> checkpoints)
        : channel_(operator_fd),
          peers_fd_(peers_fd),
          start_(std::move(start)),
          listener_(std::move(listener)),
          kept_(std::move(kept)),
          checkpoints_(std::move(checkpoints)) {}

    End serve() {
        for (;;) {
            auto message = channel_.receive();
            if (!message) return End::failed;
            if (!*message) return End::done;
            if (!handle(**message)) return End::failed;
            if (refused_) return End::refused;
        }
    }
    /// The operator is gone: what is computed for it has no use.
    CancelToken& gone() noexcept { return gone_; }

private:
    /// Fails where the operator cannot be answered any more.
    Result<Unit> handle(const Message& message) {
        switch (message.type) {
            case MessageType::open: return answer(open(message.payload));
            case MessageType::call: return answer(call(message.payload));
            case MessageType::align: return answer(align(message.payload));
            case MessageType::join: return answer(join(message.payload));
            case MessageType::rule: return answer(note_rule(message.payload));
            case MessageType::close:
                tensors_.clear();
                computation_.reset();
                return Unit{};
            default: return fail(Status::PEER, "the operator sent no message that begins anything");
        }
    }

    SessionState state() const {
        if (!computation_) return {};
        return {computation_->stats(), computation_->iterations_per_second(), computation_->disclosures(),
                computation_->resumed().value_or(Resumed())};
    }

    Result<Unit> answer(Result<SentReply> reply) {
        if (!reply) {
            refused_ = computation_ && computation_->ends_run();
            if (reply.status() == Status::PEER && listener_.peer_gone) listener_.peer_gone();
            return channel_.send(MessageType::failure, encode_failure({state(), reply.error()}));
        }
        reply->state = state();
        return channel_.send(MessageType::reply, encode_reply(*reply));
    }

    Result<SentReply> open(BytesView payload) {
        if (opened_) return fail(Status::INVALID_ARGUMENT, "a job has one session with its peers");
        if (payload.size() != 1) return fail(Status::INVALID_ARGUMENT, "the engine's socket: no session's backend");
        SessionOptions options;
        options.backend = start_.clear ? BackendKind::clear : static_cast<BackendKind>(payload[0]);
        // In the clear everybody on the way sees everything.
        if (options.backend != BackendKind::rep3 && !start_.clear && !start_.rules.reveal_any)
            return fail(Status::INVALID_ARGUMENT,
                        "the clear backend is for owners whose terms say release.reveal: \"any\"");
        opened_ = true;
        options.rules = start_.rules;
        options.session_binding = start_.session_binding;
        for (unsigned peer = 0; peer < kParties; ++peer)
            options.pre_shared[peer].assign(start_.pre_shared[peer].begin(), start_.pre_shared[peer].end());
        start_.pre_shared = {};
        options.cancel = &gone_;
        options.kept = kept_;
        options.checkpoints = checkpoints_;
        options.checkpoint_every = std::chrono::milliseconds(start_.checkpoint_ms);
        options.attempt = start_.attempt;
        C2D_TRY(options.link, relay_link(peers_fd_, start_.party));
        C2D_TRY(computation_, LocalComputation::open(std::move(options)));
        computation_->set_listener(listener_.opened);
        if (const auto resumed = computation_->resumed(); resumed && listener_.resumed)
            listener_.resumed(*resumed, computation_->opened_before());
        return SentReply{};
    }

    Result<SentReply> call(BytesView payload) {
        if (!computation_) return fail(Status::INVALID_ARGUMENT, "no session is open");
        C2D_TRY(SentCall sent, decode_call(payload));
        release(sent.released);
        C2D_TRY(sent.call.tensors, tensors_of(sent.tensors));
        sent.call.data = sent.data ? &*sent.data : nullptr;
        sent.call.bytes = sent.bytes;
        C2D_CHECK(check_room(1));
        C2D_TRY(Reply reply, computation_->run(sent.call, [this](std::size_t iteration, std::optional<double> auc) {
            return tell(iteration, auc);
        }));
        SentReply out;
        if (reply.tensor) out.tensors.push_back(hold(std::move(reply.tensor)));
        C2D_CHECK(check_room(reply.tensors.size()));
        for (Tensor& tensor : reply.tensors) out.tensors.push_back(hold(std::move(tensor)));
        out.opened = std::move(reply.opened);
        out.announcements = std::move(reply.announcements);
        return out;
    }

    Result<SentReply> align(BytesView payload) {
        if (!computation_) return fail(Status::INVALID_ARGUMENT, "no session is open");
        C2D_TRY(const align_detail::Request request, align_detail::decode_request(payload));
        C2D_CHECK(check_alignments());
        C2D_TRY(const Alignment found, computation_->align(request.views(), request.options));
        note_alignment(found);
        SentReply out;
        out.announcements.push_back(align_detail::encode_alignment(found));
        return out;
    }

    Result<SentReply> join(BytesView payload) {
        if (!computation_) return fail(Status::INVALID_ARGUMENT, "no session is open");
        C2D_TRY(const SentJoin sent, decode_join(payload));
        release(sent.released);
        C2D_TRY(const std::vector<Tensor> columns, tensors_of(sent.tensors));
        C2D_CHECK(check_room(columns.size()));
        C2D_TRY(const align_detail::Request request, align_detail::decode_request(sent.request));
        C2D_CHECK(check_alignments());
        C2D_TRY(Joined found, computation_->join(request.views(), columns, request.options));
        const Alignment sizes{{}, {found.table_rows[0], found.table_rows[1]}, found.common};
        note_alignment(sizes);
        SentReply out;
        for (Tensor& column : found.columns) out.tensors.push_back(hold(std::move(column)));
        out.announcements.push_back(align_detail::encode_alignment(sizes));
        return out;
    }

    /// All are told to the owner, so no more are made than there is room for.
    Result<Unit> check_alignments() const {
        if (alignments_ < kAlignmentsToldMax) return Unit{};
        return fail(Status::LIMIT, "a job aligns at most {} times", kAlignmentsToldMax);
    }
    void note_alignment(const Alignment& found) {
        ++alignments_;
        if (listener_.aligned) listener_.aligned(found);
    }

    Result<SentReply> note_rule(BytesView payload) {
        C2D_TRY(const Bytes32 digest, Bytes32::from(payload));
        if (std::ranges::find(rules_, digest) != rules_.end()) return SentReply{};
        if (rules_.size() == kRulesToldMax)
            return fail(Status::LIMIT, "a job notes at most {} different rules", kRulesToldMax);
        rules_.push_back(digest);
        if (listener_.rule) listener_.rule(digest);
        return SentReply{};
    }

    void release(const std::vector<std::uint64_t>& numbers) {
        for (const std::uint64_t number : numbers) tensors_.erase(number);
    }
    Result<std::vector<Tensor>> tensors_of(const std::vector<std::uint64_t>& numbers) const {
        std::vector<Tensor> out;
        for (const std::uint64_t number : numbers) {
            const auto found = tensors_.find(number);
            if (found == tensors_.end()) return fail(Status::INVALID_ARGUMENT, "there is no tensor {}", number);
            out.push_back(found->second);
        }
        return out;
    }
    Result<Unit> check_room(std::size_t more) const {
        if (tensors_.size() + more <= kTensorsMax) return Unit{};
        return fail(Status::LIMIT, "an operator may hold {} tensors", kTensorsMax);
    }
    SentTensor hold(Tensor tensor) {
        const SentTensor out{++last_tensor_, tensor.rows(), tensor.cols()};
        tensors_.emplace(out.number, std::move(tensor));
        return out;
    }

    /// Whether the operator wants to go on.
    bool tell(std::size_t iteration, std::optional<double> auc) {
        if (!channel_.send(MessageType::progress, encode_progress({state(), iteration, auc}))) return false;
        const auto message = channel_.receive();
        return message && *message && (*message)->type == MessageType::go_on && (*message)->payload == Bytes{1};
    }

    Channel channel_;
    int peers_fd_;
    EngineStart start_;
    Listener listener_;
    std::shared_ptr<KeptShares> kept_;
    std::shared_ptr<Checkpoints> checkpoints_;
    CancelToken gone_;
    std::unique_ptr<LocalComputation> computation_;
    std::unordered_map<std::uint64_t, Tensor> tensors_;
    std::uint64_t last_tensor_ = 0;
    std::size_t alignments_ = 0;
    std::vector<Bytes32> rules_;
    bool opened_ = false, refused_ = false;
};

/// Notices the operator's end while a call is under way, and ends itself when nobody is interested any more.
class Watch {
public:
    Watch(int fd, CancelToken& gone) : thread_([this, fd, &gone] { run(fd, gone); }) {}
    ~Watch() {
        ending_.cancel();
        thread_.join();
    }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

private:
    void run(int fd, CancelToken& gone) {
        while (!ending_.cancelled()) {
            pollfd polled{fd, POLLRDHUP, 0};
            if (::poll(&polled, 1, 100) <= 0 || polled.revents == 0) continue;
            gone.cancel();
            return;
        }
    }
    CancelToken ending_;
    std::thread thread_;
};

}  // namespace

End serve(int operator_fd, int peers_fd, EngineStart start, Listener listener, std::shared_ptr<KeptShares> kept,
          std::shared_ptr<Checkpoints> checkpoints) {
    Server server(operator_fd, peers_fd, std::move(start), std::move(listener), std::move(kept),
                  std::move(checkpoints));
    const Watch watch(operator_fd, server.gone());
    return server.serve();
}

}  // namespace c2d::mpc::engine
