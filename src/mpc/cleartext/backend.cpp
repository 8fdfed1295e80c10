#include "base/fail.hpp"
#include "base/try.hpp"
#include "crypto/hash.hpp"
#include "mpc/cleartext/cleartext.hpp"
#include "mpc/core/domain.hpp"
#include "mpc/core/piecewise_sigmoid.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace c2d::mpc::cleartext {
namespace {

class ClearBackend final : public Backend {
public:
    explicit ClearBackend(Link& link) : link_(link) {}

    Result<TensorPtr> input(unsigned owner, const Matrix* data, std::size_t rows, std::size_t cols,
                            InputKind) override {
        auto out = make_tensor(rows, cols);
        std::span<std::uint8_t> bytes{reinterpret_cast<std::uint8_t*>(out->values.data()),
                                      out->values.size() * sizeof(double)};
        if (data) {
            out->values = data->data;
            bytes = {reinterpret_cast<std::uint8_t*>(out->values.data()), bytes.size()};
            for (unsigned peer = 0; peer < kParties; ++peer)
                if (peer != owner) C2D_CHECK(link_.send(peer, bytes));
        } else {
            C2D_CHECK(link_.receive(owner, bytes));
        }
        return TensorPtr(std::move(out));
    }

    Result<TensorPtr> constant(const Matrix& data) override {
        auto out = make_tensor(data.rows, data.cols);
        out->values = data.data;
        return TensorPtr(std::move(out));
    }

    Result<KeptTensor> save(const TensorData& a) override {
        KeptTensor out{a.rows, a.cols, 0, ClearedBytes(values_of(a).size() * sizeof(double))};
        std::memcpy(out.shares.data(), values_of(a).data(), out.shares.size());
        return out;
    }
    /// Everybody has all of it.
    Result<TensorPtr> restore(const KeptTensor& kept, const Bytes32& context) override {
        auto out = make_tensor(kept.rows, kept.cols);
        std::memcpy(out->values.data(), kept.shares.data(), kept.shares.size());
        const Bytes32 mine = hmac_sha256(context, kept.shares);
        for (unsigned peer = 0; peer < kParties; ++peer)
            if (peer != link_.party()) C2D_CHECK(link_.send(peer, mine));
        bool same = true;
        for (unsigned peer = 0; peer < kParties; ++peer) {
            if (peer == link_.party()) continue;
            Bytes32 theirs;
            C2D_CHECK(link_.receive(peer, theirs.data));
            same = same && theirs == mine;
        }
        if (!same) return fail(Status::CORRUPT, "a copy is not what was kept");
        return TensorPtr(std::move(out));
    }

    Result<TensorPtr> add(const TensorData& a, const TensorData& b) override {
        return each(a, [&](std::size_t i) { return values_of(a)[i] + values_of(b)[i]; });
    }
    Result<TensorPtr> sub(const TensorData& a, const TensorData& b) override {
        return each(a, [&](std::size_t i) { return values_of(a)[i] - values_of(b)[i]; });
    }
    Result<TensorPtr> scale(const TensorData& a, double factor) override {
        return each(a, [&](std::size_t i) { return values_of(a)[i] * factor; });
    }
    Result<TensorPtr> mul(const TensorData& a, const TensorData& b) override {
        return each(a, [&](std::size_t i) { return values_of(a)[i] * values_of(b)[i]; });
    }
    Result<TensorPtr> less(const TensorData& a, const TensorData& b) override {
        auto out = make_tensor(a.rows, a.cols);
        for (std::size_t i = 0; i < out->values.size(); ++i)
            out->values[i] = values_of(a)[i] < values_of(b)[i] ? 1.0 : 0.0;
        return TensorPtr(std::move(out));
    }
    Result<TensorPtr> select(const TensorData& bit, const TensorData& a, const TensorData& b) override {
        return each(a, [&](std::size_t i) { return values_of(bit)[i] != 0 ? values_of(a)[i] : values_of(b)[i]; });
    }
    Result<TensorPtr> sum(const TensorData& a, Sum which) override {
        auto out = make_tensor(which == Sum::each_row ? a.rows : 1, which == Sum::each_column ? a.cols : 1);
        for (std::size_t r = 0; r < a.rows; ++r)
            for (std::size_t c = 0; c < a.cols; ++c)
                out->values[which == Sum::each_row      ? r
                            : which == Sum::each_column ? c
                                                        : 0] += values_of(a)[r * a.cols + c];
        return TensorPtr(std::move(out));
    }
    Result<TensorPtr> broadcast(const TensorData& a, std::size_t rows, std::size_t cols) override {
        auto out = make_tensor(rows, cols);
        for (std::size_t r = 0; r < rows; ++r)
            for (std::size_t c = 0; c < cols; ++c)
                out->values[r * cols + c] = values_of(a)[(a.rows == 1 ? 0 : r) * a.cols + (a.cols == 1 ? 0 : c)];
        return TensorPtr(std::move(out));
    }
    Result<TensorPtr> divide(const TensorData& a, const TensorData& b) override {
        for (std::size_t i = 0; i < values_of(b).size(); ++i)
            if (!(values_of(b)[i] >= kDivisorMin && values_of(b)[i] < kDivisorMax &&
                  std::fabs(values_of(a)[i]) < kQuotientMax * values_of(b)[i]))
                return division_domain();
        return each(a, [&](std::size_t i) { return values_of(a)[i] / values_of(b)[i]; });
    }
    Result<TensorPtr> inverse_sqrt(const TensorData& a) override {
        for (const double x : values_of(a))
            if (!(x >= kDivisorMin && x < kDivisorMax)) return root_domain();
        return each(a, [&](std::size_t i) { return 1 / std::sqrt(values_of(a)[i]); });
    }
    Result<TensorPtr> log(const TensorData& a) override {
        for (const double x : values_of(a))
            if (!(x >= kDivisorMin && x < kDivisorMax)) return log_domain();
        return each(a, [&](std::size_t i) { return std::log(values_of(a)[i]); });
    }

    Result<TensorPtr> round(const TensorData& a) override {
        return each(a, [&](std::size_t i) { return std::floor(values_of(a)[i] + 0.5); });
    }

    Result<TensorPtr> sigmoid(const TensorData& a, SigmoidKind kind) override {
        if (kind == SigmoidKind::comparison)
            return each(a, [&](std::size_t i) { return piecewise::value_at(values_of(a)[i]); });
        for (double z : values_of(a))
            if (std::fabs(z) > kLogitMax) return sigmoid_domain();
        return each(a, [&](std::size_t i) { return 1 / (1 + std::exp(-values_of(a)[i])); });
    }

    Result<TensorPtr> matmul(const TensorData& a, const TensorData& b) override {
        auto out = make_tensor(a.rows, b.cols);
        for (std::size_t i = 0; i < a.rows; ++i)
            for (std::size_t k = 0; k < a.cols; ++k)
                for (std::size_t j = 0; j < b.cols; ++j)
                    out->values[i * b.cols + j] += values_of(a)[i * a.cols + k] * values_of(b)[k * b.cols + j];
        return TensorPtr(std::move(out));
    }

    Result<TensorPtr> transpose(const TensorData& a) override {
        auto out = make_tensor(a.cols, a.rows);
        for (std::size_t r = 0; r < a.rows; ++r)
            for (std::size_t c = 0; c < a.cols; ++c) out->values[c * a.rows + r] = values_of(a)[r * a.cols + c];
        return TensorPtr(std::move(out));
    }

    Result<TensorPtr> gather(const TensorData& a, const std::vector<std::size_t>& index) override {
        auto out = make_tensor(index.size(), a.cols);
        for (std::size_t i = 0; i < index.size(); ++i)
            std::copy_n(&values_of(a)[index[i] * a.cols], a.cols, &out->values[i * a.cols]);
        return TensorPtr(std::move(out));
    }

    Result<TensorPtr> hconcat(const std::vector<const TensorData*>& parts) override {
        std::size_t cols = 0, offset = 0;
        for (const TensorData* part : parts) cols += part->cols;
        auto out = make_tensor(parts[0]->rows, cols);
        for (const TensorData* part : parts) {
            for (std::size_t r = 0; r < out->rows; ++r)
                std::copy_n(&values_of(*part)[r * part->cols], part->cols, &out->values[r * cols + offset]);
            offset += part->cols;
        }
        return TensorPtr(std::move(out));
    }

    Result<TensorPtr> vconcat(const std::vector<const TensorData*>& parts) override {
        auto out = make_tensor(0, parts[0]->cols);
        for (const TensorData* part : parts) {
            out->values.insert(out->values.end(), values_of(*part).begin(), values_of(*part).end());
            out->rows += part->rows;
        }
        return TensorPtr(std::move(out));
    }

    Result<std::optional<Matrix>> reveal(const TensorData& a, const std::vector<unsigned>& to) override {
        std::optional<Matrix> out;
        if (std::find(to.begin(), to.end(), link_.party()) != to.end()) out = Matrix{a.rows, a.cols, values_of(a)};
        return out;
    }

private:
    template <class F>
    Result<TensorPtr> each(const TensorData& shape, F f) {
        auto out = make_tensor(shape.rows, shape.cols);
        for (std::size_t i = 0; i < out->values.size(); ++i) out->values[i] = f(i);
        return TensorPtr(std::move(out));
    }

    Link& link_;
};

}  // namespace

std::unique_ptr<Backend> make_backend(Link& link) { return std::make_unique<ClearBackend>(link); }

}  // namespace c2d::mpc::cleartext
