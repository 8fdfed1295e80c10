/// A tensor as one party of this protocol holds it.
#pragma once

#include "mpc/core/tensor.hpp"
#include "mpc/rep3/engine.hpp"

namespace c2d::mpc::rep3 {

struct Rep3Tensor final : TensorData {
    /// As they came in: a training reads inputs where they stand, without a copy.
    Blocks blocks;
    /// Fractional bits: 16, 0 for bits and labels, 24 for a trained model.
    unsigned fraction = kFractionBits;
    /// At the owner of labels: what they are. It counts classes for an AUC; no other party has them.
    std::vector<std::uint8_t> own_labels;

    /// One matrix; made when it is first asked for, if there are several blocks or parts of one are
    /// left out.
    const Shares& shares() const {
        if (blocks.size() == 1 && blocks[0]->is_whole()) return blocks[0]->shares();
        if (!joined_) joined_ = joined(blocks);
        return *joined_;
    }

private:
    mutable std::optional<Shares> joined_;
};

inline const Rep3Tensor& tensor_of(const TensorData& data) { return static_cast<const Rep3Tensor&>(data); }

std::shared_ptr<Rep3Tensor> make_tensor(Blocks blocks, unsigned fraction);
std::shared_ptr<Rep3Tensor> make_tensor(Shares shares, unsigned fraction);

/// Moves a value to more fractional bits, exactly.
Shares raised(const Rep3Tensor& x, unsigned fraction);
/// The same without a copy where nothing changes; else the value stands in `room`.
const Shares& at_scale(const Rep3Tensor& x, unsigned fraction, Shares& room);
/// The same as it came in, whose blocks are shared where nothing changes.
Blocks raised_blocks(const Rep3Tensor& x, unsigned fraction);
/// A value with 16 fractional bits, whatever it had.
Result<Shares> at_16(Engine& engine, const TensorData& a);

}  // namespace c2d::mpc::rep3
