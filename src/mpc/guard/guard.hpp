/// Decides whether something may be opened, and counts what was.
///
/// Which rows a result is made of is public, so sets of rows are compared in the clear: no combination of what was
/// opened may stand for fewer rows than the minimum. Sets that bits choose are compared on shares, each with every
/// other; what all learn of them is one bit, whether something is below its minimum.
#pragma once

#include "mpc/core/call.hpp"
#include "mpc/core/tensor.hpp"

#include <array>
#include <functional>
#include <map>
#include <set>

namespace c2d::mpc {

/// Names of refusals.
inline constexpr const char* kNotOpenable = "not_openable";
inline constexpr const char* kBudgetSpent = "budget_spent";
inline constexpr const char* kBelowMinimum = "below_minimum";
inline constexpr const char* kModeNotAccepted = "mode_not_accepted";
inline constexpr const char* kScoreRows = "score_rows_max";
inline constexpr const char* kModelMismatch = "model_mismatch";

class Guard {
public:
    /// What the guard computes with: calls whose result stays shared, and the opening of its bit to all.
    struct Shares {
        std::function<Result<Tensor>(const Call&)> make;
        std::function<Result<double>(const Tensor&)> open;
        /// That all parties made the same calls: what the bit says is then of the same tensors at all of them.
        std::function<Result<Unit>()> agree;
    };

    Guard() = default;
    /// `label_counts` by the party whose labels they are of.
    Guard(const OpeningRules& rules, const std::array<std::size_t, kParties>& label_counts, Shares shares)
        : rules_(rules), label_counts_(label_counts), shares_(std::move(shares)) {}

    const OpeningRules& rules() const noexcept { return rules_; }
    /// Whether the rules ask for anything that public bits could go around.
    bool guards() const { return !rules_.reveal_any && compares_on_shares(); }
    /// Whether a tensor may be opened by `reveal`; counted as its kind. Fails with `refused`.
    Result<Unit> open(const TensorData& tensor);
    /// Whether a result with these needs may be; counted as `kind`.
    Result<Unit> open(const Needs& needs, const char* kind);
    /// The same, not counted yet.
    Result<Unit> admit(const Needs& needs);
    /// Whether counts of labels in bins (ones above zeros) may be, to who chose the bins: as many as the labels' owner
    /// lets, and of each class there are ten labels for every count that was opened.
    Result<Unit> open_label_counts(const TensorData& counts);
    /// Whether so many reason codes of a row may be: asked before they are found.
    Result<Unit> admit_reasons(std::size_t count);
    /// Whether something may be opened that is no result, which `why` says.
    Result<Unit> open_any(const std::string& why);
    /// What an earlier attempt at the computation did of the call that is under way.
    enum class Repeats {
        nothing,
        /// It was let through, and counted. What is opened of it is yet to come, of what was put in this time.
        admission,
        /// And nothing more is opened of it.
        all,
    };
    void set_repeating(Repeats repeats) noexcept { repeats_ = repeats; }
    /// All learned a bit, or something that was opened before is opened again.
    void count(const char* kind, std::uint64_t times = 1) {
        if (repeats_ == Repeats::nothing) tell(kind, times);
    }
    /// Hears of all that was counted whenever that grows.
    void set_listener(std::function<void(const std::vector<Disclosure>&)> listener) { listener_ = std::move(listener); }
    /// The common ones of these rows go on as an input of their own: nothing else is opened of the inputs that they are
    /// of, and nothing was, or the difference would tell of the rows that are not common. Fails with `refused`.
    Result<Unit> hide(const std::vector<RowsOf>& joined);
    /// Whether a model may be made of these features' rows, each with the weight at its place, or all alike where
    /// `weights` is empty: two models of rows that are weighted otherwise differ by as few rows as one likes. Fails
    /// with `refused`.
    Result<Unit> admit_weighting(const Provenance& features, const Tensor& weights);
    /// Rows of a joined table, of which nobody knows who they are: they are this input.
    void add_unknown(std::uint64_t input) { unknown_.insert(input); }
    /// A model that another session kept is here under this name.
    void add_loaded(const std::string& name) { loaded_.insert(name); }
    /// Says no, and counts it.
    Error refuse(const char* name, std::string message);
    std::vector<Disclosure> disclosures() const;

private:
    /// What was opened: the rows that bits choose, or all of a set.
    using Opened = ChosenRows;
    struct Known {
        Opened set;
        /// Whether it was found large enough in this session: an earlier attempt may have put in something else.
        bool compared = false;
    };
    struct Parts;

    void tell(const char* kind, std::uint64_t times) {
        opened_[kind] += times;
        if (listener_) listener_(disclosures());
    }

    Result<Unit> refuse_joined(const std::vector<RowsOf>& sets);
    /// A number from 1 on; 0 is none.
    std::uint32_t number_of_weighting(const Tensor& weights);
    Result<Unit> admit_scores(const Provenance& x);
    bool scored_as(const RowsOf& source, bool reasons);
    /// Its rows more, of all whose scores, or whose reason codes, may be opened.
    Result<Unit> admit_score_rows(const TensorData& tensor);
    Result<Unit> admit_set(const RowsOf& set);
    Result<Unit> admit_chosen(const std::vector<ChosenRows>& chosen, const std::vector<RowsOf>& sets);
    Result<Tensor> own_column(const ChosenRows& one);
    Result<Unit> add_own(const ChosenRows& one, Parts& parts);
    /// What a set that is opened for the first time has to be compared with.
    Result<Unit> add_set(const Opened& one, Parts& parts);
    Result<Unit> add_difference(const ChosenRows& one, const Opened& other, Parts& parts);
    Result<Unit> add_ones_and_zeros(const ChosenRows& one, const Tensor& bits, bool may_be_none, Parts& parts);
    Result<Unit> add_parts(const ChosenRows& one, const std::vector<std::size_t>& places, const Opened& other,
                           const std::vector<std::size_t>& others, Parts& parts);
    Result<Unit> add_weights(const ChosenRows& one, Parts& parts);
    Result<bool> any_below(Parts& parts);
    Result<Tensor> number(double value);
    Result<Tensor> total(const Tensor& column);
    Result<Tensor> column(std::shared_ptr<const TensorData> bits, const std::vector<std::size_t>& places);
    bool compares_on_shares() const;

    OpeningRules rules_;
    Repeats repeats_ = Repeats::nothing;
    /// How many may still be opened, and were.
    std::array<std::size_t, kParties> label_counts_{}, label_counts_opened_{};
    /// Rows whose scores were opened, and whose reason codes.
    std::uint64_t score_rows_ = 0, reason_rows_ = 0;
    Shares shares_;
    std::map<std::string, std::uint64_t> opened_;
    std::function<void(const std::vector<Disclosure>&)> listener_;
    /// Of each input: which rows no opened set has told apart; 0 stands for those that are in none.
    std::map<std::uint64_t, std::vector<std::uint32_t>> atoms_;
    std::vector<Known> known_;
    /// Inputs that were joined: of them nothing is opened any more.
    std::set<std::uint64_t> joined_;
    /// And those that they became.
    std::set<std::uint64_t> unknown_;
    /// Names of the models that were loaded.
    std::set<std::string> loaded_;
    /// What a row of an input weighs in the models that it is in.
    struct Weighted {
        std::uint32_t weighting = 0;
        std::int32_t row = 0;

        bool operator==(const Weighted&) const = default;
    };
    std::map<std::uint64_t, std::vector<Weighted>> weighted_;
    /// The inputs that weights are of, with what was made of them, by their numbers.
    std::vector<std::pair<std::uint64_t, Bytes32>> weightings_;
    std::uint32_t other_weightings_ = 0;
    /// Of each input: which of its rows were scored, or had reason codes opened, by what was made of them.
    std::map<std::uint64_t, std::map<Bytes32, std::vector<bool>>> scored_, reasoned_;
};

}  // namespace c2d::mpc
