/// Checkpoints of a session: what its calls came to is remembered, written now and then, and taken up again by a later
/// attempt.
///
/// The three parties agree on one that all of them have when they open the session. A call is the same as one of the
/// earlier attempt where the digest of all calls before it and of its public arguments is; the first one that differs
/// ends the taking up, at all parties alike.
#pragma once

#include "mpc/core/checkpoint_record.hpp"
#include "mpc/core/loop.hpp"
#include "mpc/core/protocol.hpp"

#include <functional>

namespace c2d::mpc {

class Checkpointing final : public LoopCourse {
public:
    using Opened = std::map<std::string, std::uint64_t>;
    /// What of the session it needs: its announcements to all, and what was opened so far.
    struct Session {
        std::function<Result<std::vector<Bytes>>(BytesView)> exchange;
        std::function<std::vector<Disclosure>()> opened;
    };

    /// `options` without a place: nothing is remembered.
    Checkpointing(const SessionOptions& options, Link& link, Backend& backend, Random& random, Session session);

    /// Names what this party has, and takes the newest that all have. All three call it together.
    Result<Unit> agree();
    const std::optional<Resumed>& resumed() const noexcept { return resumed_; }
    /// What was opened before the checkpoint from which it goes on, of each kind.
    const Opened& opened_before() const noexcept { return opened_before_; }

    /// A call that is remembered begins. Whether an earlier attempt made it.
    bool enter(const Bytes32& calls);
    /// A loop of the operator's own begins, or goes on, in the same place after other calls.
    bool enter_loop(const Bytes32& calls);
    /// Its steps so far are all that a later attempt needs of what came after its beginning.
    void return_to_loop();
    /// What the call that began came to in the earlier attempt, or so far in this one.
    Milestone& now() { return live_[at_].stone; }
    /// What a loop that is done came to.
    const std::vector<TensorPtr>& tensors() const { return live_[at_].tensors; }
    /// It returned, `tensor` if it made one.
    void leave(const Bytes32& calls, std::uint64_t tensors, const TensorPtr& tensor);
    /// It failed, or what it makes cannot be taken up.
    void forget();
    /// Nothing is written any more: what was computed from here on stands in no checkpoint.
    void stop() noexcept { stopped_ = true; }

    // LoopCourse
    bool is_on() const override { return place_ != nullptr; }
    const LoopPoint* begin() const override;
    std::uint64_t steps_max() const override { return steps_max_; }
    Result<Unit> between(LoopPoint point) override;

private:
    struct Live {
        Milestone stone;
        std::vector<TensorPtr> tensors;
    };
    using Clock = std::chrono::steady_clock;

    struct Found;
    Result<std::vector<Found>> found() const;
    Result<Unit> take(const std::vector<Found>& mine, const std::vector<Bytes>& all);
    Result<bool> restore(CheckpointRecord& record, const Bytes32& digest);
    /// Party 0's clock says whether one is written now, and how many steps there are to be before the next look.
    Result<bool> is_due(std::uint64_t step);
    Result<Unit> write();

    std::shared_ptr<Checkpoints> place_;
    BackendKind backend_kind_;
    std::chrono::milliseconds every_;
    std::uint32_t attempt_;
    Link& link_;
    Backend& backend_;
    Random& random_;
    Session session_;
    Opened opened_before_;
    std::optional<Resumed> resumed_;
    std::vector<Live> live_;
    /// The call that is under way, or ended last, and how many calls of the earlier attempt are left from `next_` on.
    std::size_t at_ = 0, next_ = 0, known_ = 0, loop_ = 0;
    /// Where the loop that is under way began.
    std::optional<LoopPoint> begin_;
    std::uint64_t number_ = 0, steps_max_ = 0, last_step_ = 0;
    Clock::time_point written_, looked_;
    bool stopped_ = false;
};

}  // namespace c2d::mpc
