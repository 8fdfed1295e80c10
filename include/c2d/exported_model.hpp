/// A model that its owners let be opened: read back, used on tables in the clear, written as PMML for other programs.
///
/// It is what the shipped operator `open_model` writes: weights, or points of bins, and the rules by which each owner's
/// columns are prepared. Its scores are those that `Session::score` makes of the same rows, to the last point.
/// Immutable; may be used by several threads. docs/models.md has the JSON.
#pragma once

#include <c2d/preprocessing.hpp>

namespace c2d {

/// The default: 600 points where 50 good ones come to one bad (label 1), and 20 more double that.
struct PointScale {
    double points = 600, odds = 50, double_after = 20;

    bool operator==(const PointScale&) const = default;
};

/// Scores of rows.
struct ModelScores {
    /// What the model adds up: the logarithm of the odds of label 1.
    std::vector<double> logits;
    /// Whole numbers, more is better.
    std::vector<double> points;
    /// Of label 1.
    std::vector<double> probabilities;
};

/// What stands in the file.
class ExportedModel {
public:
    /// What it is a model of: weights of columns, or points of bins.
    enum class Kind { logistic_regression, scorecard };

    /// Fails with `invalid_argument`, naming the member that is not what was expected, or `limit` beyond 64 MiB or 2^22
    /// values.
    static Result<ExportedModel> parse(std::string_view json);
    /// RFC 8785 text that `parse` reads.
    std::string json() const;
    /// PMML 4.4: a RegressionModel whose result is the probability of label 1, or a Scorecard with reason codes against
    /// the best bin; both with the output `points`. A date goes in as days since 1970-01-01. Fails with `unsupported`
    /// for a datetime, and `invalid_argument` for a name or a text with a character that XML does not have.
    Result<std::string> pmml() const;

    Kind kind() const noexcept { return kind_; }                 ///< what it is
    const std::string& name() const noexcept { return name_; }   ///< of the output that was kept
    const PointScale& scale() const noexcept { return scale_; }  ///< as it was opened with
    const std::vector<table::PreprocessingRule>& rules() const noexcept {
        return rules_;
    }  ///< one of each owner's table

    /// Scores of the rows of `tables`: one for each rule, in their order, whose rows stand for the same customers, or
    /// one that has the columns of all. Fails with `invalid_argument`, naming columns that are not there.
    Result<ModelScores> score(const std::vector<table::Table>& tables) const;

private:
    friend class ModelReader;
    friend class PmmlWriter;

    Kind kind_ = Kind::logistic_regression;
    std::string name_, binding_;
    PointScale scale_;
    std::vector<unsigned> parties_;
    std::vector<table::PreprocessingRule> rules_;
    /// Of a regression: a weight for each prepared column. Of a scorecard: what each bin adds, column by column.
    std::vector<double> weights_;
    double intercept_ = 0;
    std::vector<std::vector<double>> points_;
};

}  // namespace c2d
