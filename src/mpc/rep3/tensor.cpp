#include "mpc/rep3/tensor.hpp"

namespace c2d::mpc::rep3 {

std::shared_ptr<Rep3Tensor> make_tensor(Blocks blocks, unsigned fraction) {
    auto out = std::make_shared<Rep3Tensor>();
    out->rows = blocks[0]->rows();
    out->cols = cols_of(blocks);
    out->blocks = std::move(blocks);
    out->fraction = fraction;
    return out;
}

std::shared_ptr<Rep3Tensor> make_tensor(Shares shares, unsigned fraction) {
    return make_tensor(blocks_of(Owner::nobody, std::move(shares)), fraction);
}

Shares raised(const Rep3Tensor& x, unsigned fraction) {
    Shares out = x.shares();
    if (fraction != x.fraction) multiply_by(out, Word{1} << (fraction - x.fraction));
    return out;
}

const Shares& at_scale(const Rep3Tensor& x, unsigned fraction, Shares& room) {
    return fraction == x.fraction ? x.shares() : room = raised(x, fraction);
}

Blocks raised_blocks(const Rep3Tensor& x, unsigned fraction) {
    if (fraction == x.fraction) return x.blocks;
    return multiplied(x.blocks, Word{1} << (fraction - x.fraction));
}

Result<Shares> at_16(Engine& engine, const TensorData& a) {
    const Rep3Tensor& x = tensor_of(a);
    if (x.fraction <= kFractionBits) return raised(x, kFractionBits);
    return engine.reshare_rounded(summands_of(engine.role(), x.shares()), x.fraction - kFractionBits, a.rows, a.cols);
}

}  // namespace c2d::mpc::rep3
