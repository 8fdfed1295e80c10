/// The primitives that a protocol offers. Programs over them stand in `Session`, for every protocol alike.
///
/// Arguments arrive checked: shapes fit, indices are in range. What leaves the stated domain fails with the
/// errors of core/domain.hpp, at all parties alike.
#pragma once

#include "mpc/core/kept_record.hpp"
#include "mpc/core/tensor.hpp"

namespace c2d::mpc {

class Backend {
public:
    virtual ~Backend() = default;

    // -- in and out
    /// `data` at the owner, null elsewhere. Labels are integers, too.
    virtual Result<TensorPtr> input(unsigned owner, const Matrix* data, std::size_t rows, std::size_t cols,
                                    InputKind kind) = 0;
    virtual Result<TensorPtr> constant(const Matrix& data) = 0;
    virtual Result<std::optional<Matrix>> reveal(const TensorData& a, const std::vector<unsigned>& to) = 0;

    // -- kept for later sessions
    /// A fresh share of it.
    virtual Result<KeptTensor> save(const TensorData& a) = 0;
    /// Takes it back, if each pair holds the same of what both hold; `context` goes into what they compare. Fails with
    /// `corrupt` where that is not so, and only after all that is sent was sent.
    virtual Result<TensorPtr> restore(const KeptTensor& kept, const Bytes32& context) = 0;

    // -- element by element
    virtual Result<TensorPtr> add(const TensorData& a, const TensorData& b) = 0;
    virtual Result<TensorPtr> sub(const TensorData& a, const TensorData& b) = 0;
    virtual Result<TensorPtr> scale(const TensorData& a, double factor) = 0;
    virtual Result<TensorPtr> mul(const TensorData& a, const TensorData& b) = 0;
    virtual Result<TensorPtr> divide(const TensorData& a, const TensorData& b) = 0;
    virtual Result<TensorPtr> inverse_sqrt(const TensorData& a) = 0;
    virtual Result<TensorPtr> log(const TensorData& a) = 0;
    virtual Result<TensorPtr> less(const TensorData& a, const TensorData& b) = 0;
    /// Fails with `invalid_argument` when `bit` holds no bits.
    virtual Result<TensorPtr> select(const TensorData& bit, const TensorData& a, const TensorData& b) = 0;
    /// To whole numbers, a half up.
    virtual Result<TensorPtr> round(const TensorData& a) = 0;
    virtual Result<TensorPtr> sigmoid(const TensorData& a, SigmoidKind kind) = 0;

    // -- of whole matrices
    virtual Result<TensorPtr> matmul(const TensorData& a, const TensorData& b) = 0;
    virtual Result<TensorPtr> transpose(const TensorData& a) = 0;
    virtual Result<TensorPtr> sum(const TensorData& a, Sum which) = 0;
    /// The rows at `index`, in that order.
    virtual Result<TensorPtr> gather(const TensorData& a, const std::vector<std::size_t>& index) = 0;
    /// A row, a column or a single value, to rows x cols.
    virtual Result<TensorPtr> broadcast(const TensorData& a, std::size_t rows, std::size_t cols) = 0;
    virtual Result<TensorPtr> hconcat(const std::vector<const TensorData*>& parts) = 0;
    virtual Result<TensorPtr> vconcat(const std::vector<const TensorData*>& parts) = 0;
};

}  // namespace c2d::mpc
