#include "mpc/rep3/ml/binning.hpp"

#include "base/try.hpp"
#include "mpc/rep3/division.hpp"
#include "mpc/rep3/ml/one_hot.hpp"
#include "mpc/rep3/tensor.hpp"

#include <algorithm>

namespace c2d::mpc::rep3 {
namespace {

class Rep3Binning final : public Binning {
public:
    explicit Rep3Binning(std::shared_ptr<Engine> engine) : engine_(std::move(engine)) {}

    Result<TensorPtr> ones_in_bins(const Bins& bins, const TensorData& bits) override {
        // Who knows the bins and the labels counts at home.
        if (bits.is_labels && bits.owner == bins.owner) return counted_at_home(bins, tensor_of(bits).own_labels);
        const Shares& y = tensor_of(bits).shares();
        C2D_TRY(const Shares counted, bin_sums(*engine_, bins, y));
        return TensorPtr(make_tensor(with_last_bin(bins, counted, y), 0));
    }

    Result<TensorPtr> look_up(const Bins& bins, const TensorData& table) override {
        C2D_TRY(Shares out, looked_up(*engine_, bins, tensor_of(table).shares()));
        return TensorPtr(make_tensor(std::move(out), tensor_of(table).fraction));
    }

    Result<TensorPtr> logarithm_of_integers(const TensorData& a, unsigned bits) override {
        C2D_TRY(Quotient out, logarithm(*engine_, tensor_of(a).shares(), {0, bits, tensor_of(a).fraction}, kLogBits,
                                        Rounding::coins));
        C2D_TRY(const bool outside, engine_->reveal_any(out.outside));
        if (outside) return TensorPtr();
        return TensorPtr(make_tensor(std::move(out.value), kLogBits));
    }

private:
    Result<TensorPtr> counted_at_home(const Bins& bins, const std::vector<std::uint8_t>& labels) {
        Words counts;
        if (static_cast<unsigned>(engine_->role()) == bins.owner) {
            counts.resize(bins.count * bins.cols);
            for (std::size_t row = 0; row < bins.rows; ++row)
                for (std::size_t c = 0; c < bins.cols; ++c) counts[bins.at(row, c) * bins.cols + c] += labels[row];
        }
        C2D_TRY(Block block, engine_->input(bins.owner, std::move(counts), bins.count, bins.cols));
        return TensorPtr(make_tensor(Blocks{std::make_shared<Block>(std::move(block))}, 0));
    }

    /// What is left of all ones is in the last bin.
    static Shares with_last_bin(const Bins& bins, const Shares& counted, const Shares& y) {
        const std::size_t others = bins.count - 1;
        Shares out{bins.count, bins.cols, Words(bins.count * bins.cols), Words(bins.count * bins.cols)};
        Word total_p = 0, total_q = 0;
        for (std::size_t i = 0; i < y.size(); ++i) total_p += y.p[i], total_q += y.q[i];
        for (std::size_t c = 0; c < bins.cols; ++c) {
            Word &last_p = out.p[others * bins.cols + c], &last_q = out.q[others * bins.cols + c];
            last_p = total_p, last_q = total_q;
            for (std::size_t bin = 0; bin < others; ++bin) {
                last_p -= out.p[bin * bins.cols + c] = counted.p[c * others + bin];
                last_q -= out.q[bin * bins.cols + c] = counted.q[c * others + bin];
            }
        }
        return out;
    }

    std::shared_ptr<Engine> engine_;
};

}  // namespace

std::unique_ptr<Binning> make_binning(std::shared_ptr<Engine> engine) {
    return std::make_unique<Rep3Binning>(std::move(engine));
}

}  // namespace c2d::mpc::rep3
