#include "mpc/core/binning.hpp"

#include "base/try.hpp"
#include "mpc/cleartext/cleartext.hpp"

#include <cmath>

namespace c2d::mpc::cleartext {
namespace {

class ClearBinning final : public Binning {
public:
    explicit ClearBinning(Link& link) : link_(link) {}

    Result<TensorPtr> ones_in_bins(const Bins& bins, const TensorData& bits) override {
        C2D_TRY(const Bins all, told(bins));
        auto out = make_tensor(bins.count, bins.cols);
        for (std::size_t row = 0; row < bins.rows; ++row)
            for (std::size_t c = 0; c < bins.cols; ++c)
                out->values[all.at(row, c) * bins.cols + c] += values_of(bits)[row];
        return TensorPtr(std::move(out));
    }

    Result<TensorPtr> look_up(const Bins& bins, const TensorData& table) override {
        C2D_TRY(const Bins all, told(bins));
        auto out = make_tensor(bins.rows, bins.cols);
        for (std::size_t row = 0; row < bins.rows; ++row)
            for (std::size_t c = 0; c < bins.cols; ++c)
                out->values[row * bins.cols + c] = values_of(table)[all.at(row, c) * bins.cols + c];
        return TensorPtr(std::move(out));
    }

    Result<TensorPtr> logarithm_of_integers(const TensorData& a, unsigned bits) override {
        auto out = make_tensor(a.rows, a.cols);
        for (std::size_t i = 0; i < out->values.size(); ++i) {
            const double x = values_of(a)[i];
            if (!(x >= 1 && x < std::ldexp(1.0, static_cast<int>(bits)))) return TensorPtr();
            out->values[i] = std::log(x);
        }
        return TensorPtr(std::move(out));
    }

private:
    /// In the clear everybody is told everything.
    Result<Bins> told(const Bins& bins) {
        Bins out = bins;
        out.numbers.resize(bins.rows * bins.cols);
        if (link_.party() != bins.owner) {
            C2D_CHECK(link_.receive(bins.owner, out.numbers));
            return out;
        }
        for (unsigned peer = 0; peer < kParties; ++peer)
            if (peer != bins.owner) C2D_CHECK(link_.send(peer, out.numbers));
        return out;
    }

    Link& link_;
};

}  // namespace

std::unique_ptr<Binning> make_binning(Link& link) { return std::make_unique<ClearBinning>(link); }

}  // namespace c2d::mpc::cleartext
