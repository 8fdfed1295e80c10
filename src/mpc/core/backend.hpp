/// What a protocol offers to `Session`. Arguments arrive checked: shapes fit, indices are in range.
#pragma once

#include <c2d/mpc.hpp>

namespace c2d::mpc {

/// The public side of a tensor; each backend derives its content.
struct TensorData {
    virtual ~TensorData() = default;
    std::size_t rows = 0;
    std::size_t cols = 0;
    /// Largest |x|, publicly agreed at input; 0 where nothing is known.
    double bound = 0;
    /// A column from `input_labels`, or rows of one; at its owner, the labels themselves.
    bool is_labels = false;
    /// Every element is 0 or 1: labels, a result of `less`, or rows of these.
    bool is_bits = false;
    unsigned owner = 0;
    std::vector<std::uint8_t> own_labels;
};
using TensorPtr = std::shared_ptr<const TensorData>;

enum class Model { logistic, linear };

class Backend {
public:
    virtual ~Backend() = default;
    virtual const char* name() const noexcept = 0;

    /// `data` at the owner, null elsewhere. `labels`: integers.
    virtual Result<std::shared_ptr<TensorData>> input(unsigned owner, const Matrix* data, std::size_t rows,
                                                      std::size_t cols, bool labels) = 0;
    virtual Result<TensorPtr> constant(const Matrix& data) = 0;
    virtual Result<TensorPtr> add(const TensorData& a, const TensorData& b, bool negative) = 0;
    virtual Result<TensorPtr> scale(const TensorData& a, double factor) = 0;
    virtual Result<TensorPtr> mul(const TensorData& a, const TensorData& b) = 0;
    virtual Result<TensorPtr> matmul(const TensorData& a, const TensorData& b) = 0;
    virtual Result<std::shared_ptr<TensorData>> transpose(const TensorData& a) = 0;
    virtual Result<std::shared_ptr<TensorData>> rows(const TensorData& a, const std::vector<std::size_t>& index) = 0;
    virtual Result<std::shared_ptr<TensorData>> hconcat(const std::vector<const TensorData*>& parts) = 0;
    virtual Result<std::shared_ptr<TensorData>> vconcat(const std::vector<const TensorData*>& parts) = 0;
    virtual Result<TensorPtr> sum(const TensorData& a, Sum which) = 0;
    virtual Result<std::shared_ptr<TensorData>> repeat(const TensorData& a, std::size_t rows, std::size_t cols) = 0;
    virtual Result<TensorPtr> divide(const TensorData& a, const TensorData& b) = 0;
    virtual Result<TensorPtr> inverse_sqrt(const TensorData& a) = 0;
    virtual Result<std::shared_ptr<TensorData>> less(const TensorData& a, const TensorData& b) = 0;
    /// Fails with `invalid_argument` when `bit` holds no bits.
    virtual Result<TensorPtr> select(const TensorData& bit, const TensorData& a, const TensorData& b) = 0;
    virtual Result<TensorPtr> sigmoid(const TensorData& a, SigmoidKind kind) = 0;
    virtual Result<std::optional<Matrix>> reveal(const TensorData& a, const std::vector<unsigned>& to) = 0;
    virtual Result<TensorPtr> train(const TensorData& x, const TensorData& y, const TrainOptions& options,
                                    const TrainProgress& progress, Model model) = 0;
    /// `x.bound` is set.
    virtual Result<std::shared_ptr<TensorData>> standardise(const TensorData& x) = 0;
    virtual Result<std::optional<double>> auc(const TensorData& scores, const TensorData& labels, unsigned to) = 0;
};

Result<std::unique_ptr<Backend>> rep3_backend(Link& link, Random& random);
std::unique_ptr<Backend> clear_backend(Link& link);

/// The owner tells both others the shape and whether its data are good; all learn the same error.
/// `problem` is empty at an owner whose data are good.
struct Announcement {
    std::uint64_t rows = 0;
    std::uint64_t cols = 0;
};
Result<Announcement> announce_input(Link& link, unsigned owner, const Matrix* data, const std::string& problem);

/// What leaves the domain of a division or a root: the same words from every backend.
Error division_domain();
Error root_domain();
Error standardise_domain();

/// Positives and negatives of labels from row `first` on.
struct ClassCounts {
    std::uint64_t positives = 0;
    std::uint64_t negatives = 0;
};
ClassCounts count_classes(const std::vector<std::uint8_t>& labels, std::size_t first);

}  // namespace c2d::mpc
