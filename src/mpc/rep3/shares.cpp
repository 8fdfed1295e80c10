#include "mpc/rep3/shares.hpp"

#include "mpc/core/kernels.hpp"

#include <algorithm>

namespace c2d::mpc::rep3 {
namespace {

/// Columns of one plane go where the others' stand beside them. An empty plane is zero.
void join(const Words& from, std::size_t cols, Words& to, std::size_t at, std::size_t stride) {
    for (std::size_t i = 0; i * cols < from.size(); ++i) std::copy_n(&from[i * cols], cols, &to[i * stride + at]);
}

Words rows_of(const Words& plane, std::size_t cols, const std::vector<std::size_t>& index) {
    Words out;
    if (plane.empty()) return out;
    out.reserve(index.size() * cols);
    for (const std::size_t row : index) {
        const Word* from = plane.data() + row * cols;
        out.insert(out.end(), from, from + cols);
    }
    return out;
}

}  // namespace

Shares Block::whole() const {
    Shares out = shares_;
    out.p.resize(out.rows * out.cols);
    out.q.resize(out.rows * out.cols);
    return out;
}

Blocks blocks_of(Owner owner, Shares shares) { return {std::make_shared<Block>(owner, std::move(shares))}; }

std::size_t cols_of(const Blocks& blocks) {
    std::size_t out = 0;
    for (const auto& block : blocks) out += block->cols();
    return out;
}

Shares joined(const Blocks& blocks) {
    const std::size_t rows = blocks.front()->rows(), cols = cols_of(blocks);
    Shares out{rows, cols, Words(rows * cols), Words(rows * cols)};
    std::size_t at = 0;
    for (const auto& block : blocks) {
        join(block->shares().p, block->cols(), out.p, at, cols);
        join(block->shares().q, block->cols(), out.q, at, cols);
        at += block->cols();
    }
    return out;
}

Blocks rows_of(const Blocks& blocks, const std::vector<std::size_t>& index) {
    Blocks out;
    for (const auto& block : blocks) {
        const Shares& x = block->shares();
        Shares some{index.size(), x.cols, rows_of(x.p, x.cols, index), rows_of(x.q, x.cols, index)};
        out.push_back(std::make_shared<Block>(block->owner(), std::move(some)));
    }
    return out;
}

Blocks multiplied(const Blocks& blocks, Word factor) {
    Blocks out;
    for (const auto& block : blocks) {
        Shares x = block->shares();
        multiply_by(x, factor);
        out.push_back(std::make_shared<Block>(block->owner(), std::move(x)));
    }
    return out;
}

void add_to(Shares& x, const Shares& y) {
    kernel::add(y.p.data(), x.p.data(), x.size());
    kernel::add(y.q.data(), x.q.data(), x.size());
}
void subtract_from(Shares& x, const Shares& y) {
    kernel::subtract(x.p.data(), y.p.data(), x.p.data(), x.size());
    kernel::subtract(x.q.data(), y.q.data(), x.q.data(), x.size());
}
void multiply_by(Shares& x, Word factor) {
    for (Word& word : x.p) word *= factor;
    for (Word& word : x.q) word *= factor;
}
void add_constant(Shares& x, Word constant, Role role) {
    if (role == Role::h) return;
    for (Word& word : x.q) word += constant;
}

Words summands_of(Role role, const Shares& x) {
    if (role == Role::h) return Words(x.size());
    Words out = x.p;
    if (role == Role::a) kernel::add(x.q.data(), out.data(), out.size());
    return out;
}

}  // namespace c2d::mpc::rep3
