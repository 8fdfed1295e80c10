/// Loops of an operator's own: where they stand is written as it is of a training, with what everybody knows of the
/// state.

#include "base/fail.hpp"
#include "base/try.hpp"
#include "crypto/hash.hpp"
#include "mpc/local/computation.hpp"

#include <cstring>
#include <set>

namespace c2d::mpc {

void LocalComputation::number_from(std::uint64_t step, const std::vector<Tensor>& state,
                                   const std::vector<Bytes>& known) {
    Sha256 hash;
    hash.update(loop_calls_);
    hash.update(as_bytes(fmt::format("step {}", step)));
    // What was opened of one state says nothing of another that is made of other rows.
    for (const Bytes& one : known) hash.update(sha256(one));
    calls_ = hash.finish();
    // Numbers that no other call has.
    std::memcpy(&tensors_, calls_.data.data(), sizeof tensors_);
    tensors_ |= std::uint64_t{1} << 63;
    for (const Tensor& one : state) {
        std::const_pointer_cast<TensorData>(one.shared())->number = ++tensors_;
        if (one.cols() == 1) choosing_[tensors_] = one.shared();
    }
}

Result<Reply> LocalComputation::load_checkpoint(const Call&, const TrainProgress&) {
    Reply out;
    if (!checkpoints_->is_on()) return out;
    loop_calls_ = calls_;
    loop_tensors_ = tensors_;
    in_loop_ = true;
    if (!checkpoints_->enter_loop(calls_)) return out;
    const Milestone& stone = checkpoints_->now();
    const LoopPoint* const begin = checkpoints_->begin();
    if (begin == nullptr || begin->tensors.empty() || stone.known.size() != begin->tensors.size()) return out;
    const auto lookup = [this](std::uint64_t number) {
        const auto found = choosing_.find(number);
        return found == choosing_.end() ? nullptr : found->second.lock();
    };
    for (std::size_t i = 0; i < stone.known.size(); ++i) {
        C2D_CHECK(decode_known(stone.known[i], lookup, *begin->tensors[i]));
        out.tensors.emplace_back(begin->tensors[i]);
    }
    out.opened = Matrix{1, 1, {static_cast<double>(begin->step)}};
    number_from(begin->step, out.tensors, stone.known);
    return out;
}

Result<Reply> LocalComputation::save_checkpoint(const Call& call, const TrainProgress&) {
    if (!checkpoints_->is_on()) return Reply{};
    if (!in_loop_) return fail(Status::INVALID_ARGUMENT, "save_checkpoint: call load_checkpoint where the loop begins");
    if (call.integers[0] >= std::uint64_t{1} << 53)
        return fail(Status::INVALID_ARGUMENT, "save_checkpoint: expected a step below 2^53, found {}",
                    call.integers[0]);
    std::set<const TensorData*> distinct;
    for (const Tensor& one : call.tensors)
        if (!distinct.insert(one.data()).second)
            return fail(Status::INVALID_ARGUMENT, "save_checkpoint: expected each tensor once in the state");
    checkpoints_->return_to_loop();
    std::erase_if(choosing_, [](const auto& one) { return one.second.expired(); });
    LoopPoint point{call.integers[0], {}, {}};
    std::vector<Bytes> known;
    for (const Tensor& one : call.tensors) {
        C2D_TRY(known.emplace_back(), encode_known(*one.data(), loop_tensors_));
        point.tensors.push_back(std::const_pointer_cast<TensorData>(one.shared()));
    }
    checkpoints_->now().known = known;
    C2D_CHECK(checkpoints_->between(std::move(point)));
    number_from(call.integers[0], call.tensors, known);
    return Reply{};
}

}  // namespace c2d::mpc
