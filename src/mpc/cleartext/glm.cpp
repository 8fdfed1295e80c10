#include "mpc/core/glm.hpp"
#include "base/try.hpp"
#include "mpc/cleartext/cleartext.hpp"

#include <algorithm>
#include <cmath>

namespace c2d::mpc::cleartext {
namespace {

struct ClearDesign final : Glm::Design {
    explicit ClearDesign(const TensorData& x) : values(values_of(x)) {
        rows = x.rows;
        cols = x.cols;
        bound = x.bound;
    }
    /// With the column of ones.
    double at(std::size_t row, std::size_t col) const { return col == cols ? 1 : values[row * cols + col]; }
    std::vector<double> values;
};

/// What a normaliser takes: as the shares have it.
constexpr double kNormalMin = 0x1p-14, kNormalMax = 0x1p18;

class ClearGlm final : public Glm {
public:
    Result<std::unique_ptr<Design>> design(const TensorData& x) override {
        return std::unique_ptr<Design>(std::make_unique<ClearDesign>(x));
    }

    Result<TensorPtr> predict(Design& design, const TensorData& w, const TensorData* offset, LinkFunction link,
                              Doubts& outside) override {
        const auto& table = static_cast<const ClearDesign&>(design);
        auto out = make_tensor(table.rows, 1);
        for (std::size_t i = 0; i < table.rows; ++i) {
            double z = offset != nullptr ? values_of(*offset)[i] : 0;
            for (std::size_t j = 0; j <= table.cols; ++j) z += table.at(i, j) * values_of(w)[j];
            outside.bits.push_back(link == LinkFunction::logistic && std::fabs(z) > kLogitMax ? 1 : 0);
            out->values[i] = link == LinkFunction::logistic ? 1 / (1 + std::exp(-z)) : z;
        }
        return TensorPtr(std::move(out));
    }

    Result<TensorPtr> weighted_sum(Design& design, const TensorData& e, double, const TensorData& w,
                                   double penalty) override {
        const auto& table = static_cast<const ClearDesign&>(design);
        auto out = make_tensor(table.cols + 1, 1);
        for (std::size_t i = 0; i < table.rows; ++i)
            for (std::size_t j = 0; j <= table.cols; ++j) out->values[j] += table.at(i, j) * values_of(e)[i];
        for (std::size_t j = 0; j < table.cols; ++j) out->values[j] -= penalty * values_of(w)[j];
        for (double& value : out->values) value = std::ldexp(value, -static_cast<int>(rows_log2(table.rows)));
        return TensorPtr(std::move(out));
    }

    unsigned curvature_bits(const Design&, double) const override { return kCurvatureBits; }
    Result<TensorPtr> gram(Design& design, const TensorData* v, double,
                           const std::vector<std::uint32_t>& index) override {
        const auto& table = static_cast<const ClearDesign&>(design);
        const std::size_t width = table.cols + 1;
        auto out = make_tensor(width, width);
        for (std::size_t i = 0; i < index.size(); ++i)
            for (std::size_t j = 0; j < width; ++j) {
                const double scaled = table.at(index[i], j) * (v != nullptr ? values_of(*v)[i] : 1);
                for (std::size_t k = 0; k < width; ++k) out->values[j * width + k] += scaled * table.at(index[i], k);
            }
        for (double& value : out->values) value = std::ldexp(value, -static_cast<int>(rows_log2(index.size())));
        return TensorPtr(std::move(out));
    }

    Result<TensorPtr> mul_at(const TensorData& a, const TensorData& b, unsigned) override {
        auto out = make_tensor(a.rows, a.cols);
        for (std::size_t i = 0; i < out->values.size(); ++i) out->values[i] = values_of(a)[i] * values_of(b)[i];
        return TensorPtr(std::move(out));
    }
    Result<TensorPtr> matmul_at(const TensorData& a, const TensorData& b, unsigned) override {
        auto out = make_tensor(a.rows, b.cols);
        for (std::size_t i = 0; i < a.rows; ++i)
            for (std::size_t k = 0; k < a.cols; ++k)
                for (std::size_t j = 0; j < b.cols; ++j)
                    out->values[i * b.cols + j] += values_of(a)[i * a.cols + k] * values_of(b)[k * b.cols + j];
        return TensorPtr(std::move(out));
    }
    Result<TensorPtr> constant_at(const Matrix& data, unsigned) override {
        auto out = make_tensor(data.rows, data.cols);
        out->values = data.data;
        return TensorPtr(std::move(out));
    }
    Result<TensorPtr> times_power_of_two(const TensorData& a, int power) override {
        auto out = make_tensor(a.rows, a.cols);
        for (std::size_t i = 0; i < out->values.size(); ++i) out->values[i] = std::ldexp(values_of(a)[i], power);
        return TensorPtr(std::move(out));
    }
    Result<TensorPtr> rounded(const TensorData& a, unsigned) override { return times_power_of_two(a, 0); }
    Result<TensorPtr> diagonal(const TensorData& a) override {
        auto out = make_tensor(a.rows, 1);
        for (std::size_t i = 0; i < a.rows; ++i) out->values[i] = values_of(a)[i * a.cols + i];
        return TensorPtr(std::move(out));
    }
    Result<TensorPtr> normaliser(const TensorData& a, Doubts& outside) override {
        const double value = values_of(a)[0];
        const bool inside = value >= kNormalMin && value < kNormalMax;
        outside.bits.push_back(inside ? 0 : 1);
        auto out = make_tensor(1, 1);
        if (inside) out->values[0] = std::ldexp(1.0, -1 - std::ilogb(value));
        return TensorPtr(std::move(out));
    }
    Result<Unit> doubt_above(const TensorData& a, double bound, Doubts& beyond) override {
        for (const double value : values_of(a)) beyond.bits.push_back(value > bound ? 1 : 0);
        return Unit{};
    }
    Result<bool> any(const std::vector<const Doubts*>& of) override {
        return std::ranges::any_of(
            of, [](const Doubts* one) { return std::ranges::any_of(one->bits, [](auto bit) { return bit != 0; }); });
    }
    Result<std::vector<bool>> above_zero(const TensorData& a) override {
        std::vector<bool> out;
        for (const double value : values_of(a)) out.push_back(value > 0);
        return out;
    }
};

}  // namespace

std::unique_ptr<Glm> make_glm() { return std::make_unique<ClearGlm>(); }

}  // namespace c2d::mpc::cleartext
