#include "mpc/engine/remote.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "mpc/align/request.hpp"
#include "mpc/core/domain.hpp"
#include "mpc/core/tensor.hpp"
#include "mpc/engine/message.hpp"

#include <mutex>

namespace c2d::mpc::engine {
namespace {

/// Numbers of tensors that no handle stands for any more; the engine hears of them with the next call.
struct Released {
    std::mutex mutex;
    std::vector<std::uint64_t> numbers;

    void add(std::uint64_t number) {
        const std::lock_guard lock(mutex);
        numbers.push_back(number);
    }
    std::vector<std::uint64_t> take() {
        const std::lock_guard lock(mutex);
        return std::exchange(numbers, {});
    }
};

struct RemoteTensor final : TensorData {
    RemoteTensor(std::uint64_t number_, std::shared_ptr<Released> released_)
        : number(number_), released(std::move(released_)) {}
    ~RemoteTensor() override { released->add(number); }

    std::uint64_t number;
    std::shared_ptr<Released> released;
};

class RemoteComputation final : public Computation {
public:
    RemoteComputation(int fd, unsigned party) : channel_(fd), party_(party) {}
    ~RemoteComputation() override {
        if (open_) (void)channel_.send(MessageType::close, {});
    }

    Result<Unit> open(BackendKind backend) {
        const std::uint8_t kind = static_cast<std::uint8_t>(backend);
        C2D_CHECK(channel_.send(MessageType::open, BytesView(&kind, 1)));
        C2D_CHECK(answer({}));
        open_ = true;
        return Unit{};
    }

    Result<Alignment> align(const std::optional<std::vector<IdColumn>>& ids, const AlignOptions& options) override {
        const Bytes request = align_detail::encode_request(ids, options);
        C2D_CHECK(check_size(request));
        C2D_CHECK(channel_.send(MessageType::align, request));
        C2D_TRY(const SentReply sent, answer({}));
        if (sent.announcements.size() != 1) return answered_otherwise();
        return align_detail::decode_alignment(sent.announcements[0]);
    }

    Result<Joined> join(const std::optional<std::vector<IdColumn>>& ids, const std::vector<Tensor>& columns,
                        const AlignOptions& options) override {
        SentJoin join;
        C2D_TRY(join.tensors, numbers_of(columns));
        join.released = released_->take();
        join.request = align_detail::encode_request(ids, options);
        const Bytes message = encode_join(join);
        C2D_CHECK(check_size(message));
        C2D_CHECK(channel_.send(MessageType::join, message));
        C2D_TRY(const SentReply sent, answer({}));
        if (sent.announcements.size() != 1 || sent.tensors.size() != columns.size()) return answered_otherwise();
        C2D_TRY(const Alignment found, align_detail::decode_alignment(sent.announcements[0]));
        Joined out{{}, {found.table_rows[0], found.table_rows[1]}, found.common};
        for (const SentTensor& one : sent.tensors) out.columns.push_back(held(one));
        return out;
    }

    Result<Unit> note_rule(const Bytes32& digest) override {
        C2D_CHECK(channel_.send(MessageType::rule, digest));
        C2D_CHECK(answer({}));
        return Unit{};
    }

    Result<Reply> run(const Call& call, const TrainProgress& progress) override {
        C2D_CHECK(check_signature(call));
        C2D_TRY(const std::vector<std::uint64_t> tensors, numbers_of(call.tensors));
        C2D_CHECK(channel_.send(MessageType::call, encode_call(call, tensors, released_->take())));
        C2D_TRY(SentReply sent, answer(progress));
        Reply out;
        if (call.operation == Operation::load_checkpoint)
            for (const SentTensor& one : sent.tensors) out.tensors.push_back(held(one));
        else if (sent.tensors.size() > 1)
            return answered_otherwise();
        else if (!sent.tensors.empty())
            out.tensor = held(sent.tensors[0]);
        out.opened = std::move(sent.opened);
        out.announcements = std::move(sent.announcements);
        return out;
    }

    unsigned party() const noexcept override { return party_; }
    const Link::Stats& stats() const noexcept override { return state_.stats; }
    std::vector<Disclosure> disclosures() const override { return state_.disclosures; }
    std::optional<Resumed> resumed() const override {
        return state_.resumed.attempt == 0 ? std::nullopt : std::optional(state_.resumed);
    }
    double iterations_per_second() const noexcept override { return state_.rate; }

private:
    static Error answered_otherwise() { return fail(Status::PEER, "the engine answered with something else"); }
    static Result<Unit> check_size(BytesView message) {
        if (message.size() <= kMessageMax) return Unit{};
        return fail(Status::LIMIT, "ids of {} bytes are more than an engine takes at once ({})", message.size(),
                    kMessageMax);
    }
    Result<std::vector<std::uint64_t>> numbers_of(const std::vector<Tensor>& tensors) const {
        std::vector<std::uint64_t> out;
        for (const Tensor& tensor : tensors) {
            const auto* const ours = dynamic_cast<const RemoteTensor*>(tensor.data());
            if (!ours || ours->released != released_)
                return fail(Status::INVALID_ARGUMENT, "this tensor belongs to another session");
            out.push_back(ours->number);
        }
        return out;
    }
    Tensor held(const SentTensor& sent) const {
        auto out = std::make_shared<RemoteTensor>(sent.number, released_);
        out->rows = sent.rows;
        out->cols = sent.cols;
        return Tensor(std::move(out));
    }

    /// What the engine says to a call, in the end.
    Result<SentReply> answer(const TrainProgress& progress) {
        for (;;) {
            C2D_TRY(auto message, channel_.receive());
            if (!message) return fail(Status::PEER, "the engine ended");
            switch (message->type) {
                case MessageType::reply: {
                    C2D_TRY(SentReply reply, decode_reply(message->payload));
                    state_ = reply.state;
                    return reply;
                }
                case MessageType::failure: {
                    C2D_TRY(SentFailure failure, decode_failure(message->payload));
                    state_ = std::move(failure.state);
                    return std::move(failure.error);
                }
                case MessageType::progress: {
                    C2D_TRY(SentProgress told, decode_progress(message->payload));
                    state_ = std::move(told.state);
                    const std::uint8_t go_on = !progress || progress(told.iteration, told.auc) ? 1 : 0;
                    C2D_CHECK(channel_.send(MessageType::go_on, BytesView(&go_on, 1)));
                    break;
                }
                default: return answered_otherwise();
            }
        }
    }

    Channel channel_;
    unsigned party_;
    bool open_ = false;
    std::shared_ptr<Released> released_ = std::make_shared<Released>();
    SessionState state_;
};

}  // namespace

Result<std::unique_ptr<Computation>> open_remote(int fd, unsigned party, BackendKind backend) {
    if (party >= kParties) return fail(Status::INVALID_ARGUMENT, "party must be 0, 1 or 2, found {}", party);
    auto out = std::make_unique<RemoteComputation>(fd, party);
    C2D_CHECK(out->open(backend));
    return std::unique_ptr<Computation>(std::move(out));
}

}  // namespace c2d::mpc::engine
