/// The computation in this process: it holds the link, the keys and the shares, checks each call and carries it out.
#pragma once

#include "mpc/core/computation.hpp"
#include "mpc/guard/guard.hpp"
#include "mpc/local/checkpointing.hpp"
#include "mpc/local/protocols.hpp"

#include <functional>

namespace c2d::mpc {

class LocalComputation final : public Computation {
public:
    /// Agrees with the other two on the protocol and on keys.
    static Result<std::unique_ptr<LocalComputation>> open(SessionOptions options);

    Result<Reply> run(const Call& call, const TrainProgress& progress) override;
    Result<Alignment> align(const std::optional<std::vector<IdColumn>>& ids, const AlignOptions& options) override;
    Result<Joined> join(const std::optional<std::vector<IdColumn>>& ids, const std::vector<Tensor>& columns,
                        const AlignOptions& options) override;
    unsigned party() const noexcept override { return link_->party(); }
    const Link::Stats& stats() const noexcept override { return link_->stats(); }
    std::vector<Disclosure> disclosures() const override { return guard_.disclosures(); }
    std::optional<Resumed> resumed() const override { return checkpoints_->resumed(); }
    const std::map<std::string, std::uint64_t>& opened_before() const { return checkpoints_->opened_before(); }
    double iterations_per_second() const noexcept override { return rate_; }
    /// Nothing of a run is released any more: something was refused, or a bit was told that says something of single
    /// rows.
    bool ends_run() const noexcept { return ends_run_; }
    /// Hears of what was opened so far whenever something is about to be.
    void set_listener(std::function<void(const std::vector<Disclosure>&)> listener) {
        guard_.set_listener(std::move(listener));
    }

private:
    using Handler = Result<Reply> (LocalComputation::*)(const Call&, const TrainProgress&);
    static Handler handler_of(Operation operation) noexcept;

    explicit LocalComputation(std::unique_ptr<Link> link) : link_(std::move(link)) {}
    Result<std::vector<Bytes>> exchange(BytesView announcement);
    Result<Unit> agree(const SessionOptions& options);
    Guard::Shares shares();
    /// The reply of a call that made a tensor: with what everybody knows of its rows.
    Result<Reply> made(const Call& call, Result<TensorPtr> data) const;
    Result<Reply> perform(const Call& call, const TrainProgress& progress);
    /// As an earlier attempt made it, or to be taken up by a later one.
    Result<Reply> perform_remembered(const Call& call, const TrainProgress& progress);
    /// What an earlier attempt learned by the call that is under way, once the guard has looked at it; null: it did not
    /// make it.
    const Milestone* known() const { return known_ && known_->done ? known_ : nullptr; }
    /// The model of the call that is under way, which an earlier attempt came to the end of.
    Reply known_model(const Provenance& provenance) const;
    /// The same, of an alignment.
    Result<Alignment> perform_align(const std::optional<std::vector<IdColumn>>& ids, const AlignOptions& options);
    /// What follows for the session from how a call of the operator's ended.
    void end_after(const Call& call, const Error& error);
    /// Adds a call to the digest of all calls: what every party is to have alike of it.
    void note(const Call& call);
    /// Fails with `peer` where another party made other calls. H tells both others, which tell each other.
    Result<Unit> agree_on_calls();
    /// A call of a program of ours: one that makes a tensor.
    Result<Tensor> make(const Call& call);

    // computation.cpp: in and out
    Result<Reply> run_exchange(const Call& call, const TrainProgress&);
    Result<Reply> input(const Call& call, const TrainProgress&);
    Result<Reply> input_labels(const Call& call, const TrainProgress&);
    Result<Reply> constant(const Call& call, const TrainProgress&);
    Result<Reply> reveal(const Call& call, const TrainProgress&);
    /// The options with the owners' bounds. Fails with `refused`, and ends the run, where a table's terms do not accept
    /// the mode.
    Result<AlignOptions> bounded_alignment(const AlignOptions& options);
    /// What all learned of an alignment that ended so; null: it succeeded.
    void note_alignment(Status status);
    void count_alignment(const Error* error);
    // joining.cpp
    void note_join(const std::vector<Tensor>& columns);
    Result<Joining::Common> join_tables(const std::optional<std::vector<IdColumn>>& ids, Joining::Table (&tables)[2],
                                        const AlignOptions& options);
    Tensor joined_column(const Tensor& from, TensorPtr column, std::uint64_t input);
    // operations.cpp
    template <auto primitive>
    Result<Reply> elementwise(const Call& call, const TrainProgress&);
    Result<Reply> less(const Call& call, const TrainProgress&);
    Result<Reply> scale(const Call& call, const TrainProgress&);
    Result<Reply> sigmoid(const Call& call, const TrainProgress&);
    Result<Reply> matmul(const Call& call, const TrainProgress&);
    Result<Reply> transpose(const Call& call, const TrainProgress&);
    Result<Reply> sum(const Call& call, const TrainProgress&);
    Result<Reply> rows(const Call& call, const TrainProgress&);
    Result<Reply> repeat(const Call& call, const TrainProgress&);
    Result<Reply> hconcat(const Call& call, const TrainProgress&);
    Result<Reply> vconcat(const Call& call, const TrainProgress&);
    // learning.cpp
    Result<Reply> train_logistic(const Call& call, const TrainProgress& progress);
    Result<Reply> train_linear(const Call& call, const TrainProgress& progress);
    Result<Reply> train(const Call& call, const TrainProgress& progress, Model model);
    /// Whether all may learn the bits that fitting a model opens: they tell of its rows what the model does.
    Result<Unit> admit_bits(const Provenance& model, const char* what);
    /// Whether the AUCs that a training tells of may be opened.
    Result<Unit> admit_evaluation(const Call& call, const Provenance& model);
    void count_positives(const TensorData& labels);
    TrainProgress measured(const TrainProgress& progress, bool evaluates);
    /// Tells the operator what an earlier attempt evaluated; whether it wants to go on.
    bool tell_again(const TrainProgress& progress);
    Result<Reply> standardise(const Call& call, const TrainProgress&);
    Result<Reply> auc(const Call& call, const TrainProgress&);
    // regression.cpp
    Result<Reply> fit_logistic(const Call& call, const TrainProgress&);
    Result<Reply> fit_linear(const Call& call, const TrainProgress&);
    Result<Reply> fit(const Call& call, const RegressionOptions& options, Model model);
    // evidence.cpp
    Result<Reply> bin_counts(const Call& call, const TrainProgress&);
    Result<Reply> weight_of_evidence(const Call& call, const TrainProgress&);
    Result<Reply> information_value(const Call& call, const TrainProgress&);
    Result<Reply> encode_bins(const Call& call, const TrainProgress&);
    Result<Reply> reveal_bin_counts(const Call& call, const TrainProgress&);
    Result<Reply> bin_points(const Call& call, const TrainProgress&);
    // correlation.cpp
    Result<Reply> correlations(const Call& call, const TrainProgress&);
    Result<Reply> variance_inflation(const Call& call, const TrainProgress&);
    /// What its owner hands over, once all know its shape.
    Result<Bins> agreed_bins(const Call& call, std::size_t count, std::size_t rows_min);
    // keeping.cpp
    Result<Reply> keep(const Call& call, const TrainProgress&);
    Result<Reply> load(const Call& call, const TrainProgress&);
    Result<Reply> score(const Call& call, const TrainProgress&);
    Result<Reply> contributions(const Call& call, const TrainProgress&);
    Result<Reply> reason_codes(const Call& call, const TrainProgress&);
    Result<TensorPtr> points_of(const TensorData& sums, double offset, double factor);
    Result<Unit> agree_on(std::string_view what, const Result<Unit>& mine);
    Result<Bytes32> joint_binding(const std::string& name);
    Error model_mismatch(std::string_view why);
    // loops.cpp
    Result<Reply> save_checkpoint(const Call& call, const TrainProgress&);
    Result<Reply> load_checkpoint(const Call& call, const TrainProgress&);
    /// From here on the same calls have the same digest, whether the steps before were done or loaded, where everybody
    /// knows the same of `state`; that has the numbers that follow.
    void number_from(std::uint64_t step, const std::vector<Tensor>& state, const std::vector<Bytes>& known);
    // statistics.cpp
    Result<Reply> column_statistics(const Call& call, const TrainProgress&);
    Result<Tensor> included_count(const Tensor& included, std::size_t count_min);
    /// Counts, means and variances, one below the other.
    Result<Tensor> statistics_of(const Tensor& a, const Tensor& included, const Tensor& count);

    std::unique_ptr<Link> link_;
    std::unique_ptr<Protocol> protocol_;
    std::shared_ptr<Random> random_;
    std::shared_ptr<KeptShares> kept_;
    /// As they came.
    std::vector<TensorPtr> loaded_;
    BackendKind backend_ = BackendKind::rep3;
    Guard guard_;
    std::unique_ptr<Checkpointing> checkpoints_;
    Milestone* known_ = nullptr;
    /// Of the loop of the operator's own that began last: the digest there, and the last number of a tensor.
    Bytes32 loop_calls_;
    std::uint64_t loop_tensors_ = 0;
    bool in_loop_ = false;
    /// Bits that a loop's state may have been chosen by, by number.
    std::map<std::uint64_t, std::weak_ptr<const TensorData>> choosing_;
    /// Why nothing is computed any more.
    std::optional<Error> ended_;
    bool ends_run_ = false;
    std::uint64_t inputs_ = 0, tensors_ = 0;
    /// Whether rows were matched, or it was tried.
    bool aligned_ = false;
    /// Of all calls so far.
    Bytes32 calls_;
    double rate_ = 0;
};

}  // namespace c2d::mpc
