#include "mpc/guard/derive.hpp"

#include "crypto/hash.hpp"
#include "mpc/core/sampling.hpp"

#include <algorithm>

namespace c2d::mpc {

void Needs::add(const Needs& more) {
    sets.insert(sets.end(), more.sets.begin(), more.sets.end());
    for (const ChosenRows& one : more.chosen) {
        const auto same = [&](const ChosenRows& known) { return known.bits == one.bits; };
        if (std::ranges::none_of(chosen, same)) chosen.push_back(one);
    }
}

namespace {

const Provenance& of(const Tensor& tensor) { return tensor.data()->provenance; }

/// Something that has sources.
bool has_rows(const Provenance& x) {
    return x.content != Content::other && x.content != Content::result && x.content != Content::hidden &&
           x.content != Content::model;
}
/// What a model is made of.
bool is_table(const Provenance& x) { return x.content == Content::rows || x.content == Content::features; }
/// Columns that may stand beside others of their kind.
bool has_columns(const Provenance& x) { return is_table(x) || x.content == Content::addends; }

bool same_places(const RowsOf& a, const RowsOf& b) {
    if (a.places == b.places) return a.count == b.count;
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (a.at(i) != b.at(i)) return false;
    return true;
}

const RowsOf* source_of(const std::vector<RowsOf>& all, std::uint64_t input) {
    const auto at = std::ranges::find(all, input, &RowsOf::input);
    return at == all.end() ? nullptr : &*at;
}

constexpr const char* kInformationValue = "information_value";
constexpr const char* kCorrelation = "correlation";
constexpr const char* kInflation = "variance_inflation";
bool is_of_columns(std::string_view kind) { return kind == kCorrelation || kind == kInflation; }

const char* joined_kind(const Provenance& a, const Provenance& b) {
    if (a.needs.empty()) return b.kind;
    if (b.needs.empty() || std::string_view(a.kind) == b.kind) return a.kind;
    // Columns that are compared by their information value keep the name of what is compared.
    if (std::string_view(a.kind) == kInformationValue && is_of_columns(b.kind)) return b.kind;
    if (std::string_view(b.kind) == kInformationValue && is_of_columns(a.kind)) return a.kind;
    return "sum";
}

/// A result of this shape: one row is like all rows, one column like all columns.
Provenance result_of(const TensorData& out, const char* kind, Needs needs) {
    return {Content::result, false, out.rows == 1, out.cols == 1, kind, {}, std::move(needs)};
}

/// Of several results, computed together in whatever way.
Provenance results_together(const std::vector<Tensor>& all, const TensorData& out) {
    Provenance result = result_of(out, "public", {});
    for (const Tensor& one : all) {
        result.kind = joined_kind(result, of(one));
        result.needs.add(of(one).needs);
    }
    return result;
}

bool all_results(const std::vector<Tensor>& all) {
    return std::ranges::all_of(all, [](const Tensor& one) { return of(one).is_result(); });
}

/// A result that is the same for every row of `rows`, beside which it stands.
bool same_for_each_row(const Provenance& result, const Provenance& rows) {
    return result.is_result() && (rows.lying ? result.columns_alike : result.rows_alike);
}

/// `rows`, changed in a way that is the same for each row and hangs on `result` besides.
Provenance with(const Provenance& rows, const Provenance& result, Content content) {
    Provenance out = rows;
    out.content = content;
    out.needs.add(result.needs);
    return out;
}

/// Rows of two tensors beside each other.
Provenance rows_together(const Provenance& a, const Provenance& b) {
    if (!has_columns(a) || !has_columns(b) || a.lying != b.lying) return {};
    if ((a.content == Content::addends) != (b.content == Content::addends)) return {};
    auto sources = aligned(a.sources, b.sources);
    if (!sources) return {};
    Provenance out = a;
    out.sources = *std::move(sources);
    out.needs.add(b.needs);
    if (b.content == Content::features) out.content = Content::features;
    return out;
}

// ---------------------------------------------------------------- element by element

Provenance elementwise_results(const Call& call, const TensorData& out) {
    Provenance result = results_together(call.tensors, out);
    for (const Tensor& one : call.tensors) {
        const bool first = &one == &call.tensors[0];
        result.rows_alike = (first || result.rows_alike) && of(one).rows_alike;
        result.columns_alike = (first || result.columns_alike) && of(one).columns_alike;
    }
    return result;
}

/// Rows of inputs and something that is the same for all of them, in either order; `rows` null where that is not so.
struct RowsAndResult {
    const Provenance* rows = nullptr;
    const Provenance* result = nullptr;
};
RowsAndResult rows_and_result(const Call& call) {
    const Provenance &a = of(call.tensors[0]), &b = of(call.tensors[1]);
    if (has_rows(a) && same_for_each_row(b, a)) return {&a, &b};
    if (has_rows(b) && same_for_each_row(a, b)) return {&b, &a};
    return {};
}

Provenance of_sum_of_two(const Call& call) {
    const auto [rows, result] = rows_and_result(call);
    // Bits with something added are no bits, and to count them would say how many there are.
    if (rows) return rows->content == Content::bits ? Provenance{} : with(*rows, *result, rows->content);
    return rows_together(of(call.tensors[0]), of(call.tensors[1]));
}

Provenance of_product(const Call& call) {
    const auto [rows, result] = rows_and_result(call);
    if (!rows || rows->content == Content::bits) return {};
    if (call.operation == Operation::divide && rows != &of(call.tensors[0])) return {};
    return with(*rows, *result, rows->content);
}

/// Whether rows of two owners stand at the same place.
bool mixes_owners(const std::vector<RowsOf>& sources) {
    for (std::size_t i = 1; i < sources.size(); ++i)
        for (std::size_t j = 0; j < i; ++j) {
            if (sources[i].owner == sources[j].owner) continue;
            for (std::size_t place = 0; place < sources[i].size(); ++place)
                if (sources[i].at(place) != RowsOf::kNone && sources[j].at(place) != RowsOf::kNone) return true;
        }
    return false;
}

bool stands_at_each_place(const RowsOf& source) {
    return !source.places || std::ranges::find(*source.places, RowsOf::kNone) == source.places->end();
}

/// Whether each row of an input is compared with the same: rows of another one that stand beside some of them would be
/// a threshold for these.
bool compares_alike(const Provenance& a, const Provenance& b) {
    for (const auto& [one, other] : {std::pair(&a, &b), std::pair(&b, &a)})
        for (const RowsOf& source : one->sources)
            if (!source_of(other->sources, source.input) && !stands_at_each_place(source)) return false;
    return true;
}

/// A comparison of an owner's rows with what is the same for all of them. Another party's threshold for each row would
/// choose rows.
Provenance of_less(const Call& call) {
    const auto [rows, result] = rows_and_result(call);
    const Provenance &a = of(call.tensors[0]), &b = of(call.tensors[1]);
    Provenance both = rows ? with(*rows, *result, rows->content) : rows_together(a, b);
    if (both.content != Content::rows || mixes_owners(both.sources)) return {};
    if (!rows && !compares_alike(a, b)) return {};
    both.content = Content::bits;
    return both;
}

Provenance of_sigmoid(const Call& call) {
    Provenance out = of(call.tensors[0]);
    const bool scores = is_table(out) || out.content == Content::scores;
    out.content = scores ? Content::scores : Content::other;
    return out;
}

// ---------------------------------------------------------------- of whole matrices

/// Sums over rows, of rows or of bits, each once.
Provenance over_rows(const Tensor& a, const TensorData& out) {
    const Provenance& x = of(a);
    Needs needs = x.needs;
    if (x.content == Content::rows) {
        needs.add({x.sources, {}});
        return result_of(out, "sum", std::move(needs));
    }
    if (x.content != Content::bits || x.lying || a.cols() != 1) return {};
    const auto data = a.shared();
    needs.add({{}, {{data, x.sources, data->is_labels}}});
    return result_of(out, "count", std::move(needs));
}

Provenance of_matmul(const Call& call, const TensorData& out) {
    const Tensor &a = call.tensors[0], &b = call.tensors[1];
    const Provenance &x = of(a), &y = of(b);
    // Columns are combined, the same for each row.
    if (x.content == Content::rows && !x.lying && y.is_result()) return with(x, y, Content::rows);
    if (y.content == Content::rows && y.lying && x.is_result()) return with(y, x, Content::rows);
    if (x.content == Content::features && !x.lying && y.is_result()) return with(x, y, Content::scores);
    // Rows are added up, each with the same weight.
    const bool left = y.content == Content::rows && !y.lying && x.is_result() && x.columns_alike;
    const bool right = x.content == Content::rows && x.lying && y.is_result() && y.rows_alike;
    if (!left && !right) return {};
    Provenance total = over_rows(left ? b : a, out);
    total.needs.add(left ? x.needs : y.needs);
    return total;
}

Provenance of_transpose(const Call& call) {
    Provenance out = of(call.tensors[0]);
    out.lying = has_rows(out) && !out.lying;
    std::swap(out.rows_alike, out.columns_alike);
    return out;
}

Provenance of_total(const Call& call, const TensorData& out) {
    const Tensor& a = call.tensors[0];
    const Provenance& x = of(a);
    const auto which = static_cast<Sum>(call.integers[0]);
    if (which == Sum::all || which == (x.lying ? Sum::each_row : Sum::each_column)) return over_rows(a, out);
    // Along a row.
    if (x.content == Content::rows || (x.lying ? a.rows() : a.cols()) == 1) return x;
    return {};
}

/// Places for rows of one input, filled one after the other.
class PlacesOf {
public:
    explicit PlacesOf(const RowsOf& source) : source_(source), seen_(source.count) {}

    /// False where the row stands at another place already.
    bool add(std::int32_t row) {
        places_->push_back(row);
        if (row == RowsOf::kNone) return true;
        const bool again = seen_[static_cast<std::size_t>(row)];
        seen_[static_cast<std::size_t>(row)] = true;
        return !again;
    }
    RowsOf take() && {
        source_.places = std::move(places_);
        return std::move(source_);
    }

private:
    RowsOf source_;
    std::shared_ptr<std::vector<std::int32_t>> places_ = std::make_shared<std::vector<std::int32_t>>();
    std::vector<bool> seen_;
};

/// The places of `source` at `index`; nothing where a row of the input would stand twice.
std::optional<RowsOf> chosen_from(const RowsOf& source, const std::vector<std::uint64_t>& index) {
    PlacesOf out(source);
    for (const std::uint64_t place : index)
        if (!out.add(source.at(place))) return {};
    return std::move(out).take();
}

Provenance with_rows(const Provenance& x, const std::vector<std::uint64_t>& index) {
    Provenance out = x;
    for (RowsOf& source : out.sources) {
        auto places = chosen_from(source, index);
        if (!places) return {};
        source = *std::move(places);
    }
    return out;
}

Provenance of_rows(const Call& call) {
    const Provenance& x = of(call.tensors[0]);
    if (x.is_result() || !x.lying) return with_rows(x, call.integers);
    return is_table(x) ? x : Provenance{};
}

Provenance of_repeat(const Call& call, const TensorData& out) {
    const Tensor& a = call.tensors[0];
    Provenance x = of(a);
    if (x.is_result()) {
        x.rows_alike = x.rows_alike || a.rows() == 1;
        x.columns_alike = x.columns_alike || a.cols() == 1;
        return x;
    }
    const bool rows_stay = x.lying ? a.cols() == out.cols : a.rows() == out.rows;
    const bool stays = a.rows() == out.rows && a.cols() == out.cols;
    return stays || (rows_stay && x.content == Content::rows) ? x : Provenance{};
}

/// Columns of counts, or what was made of them: as much a secret as each.
Provenance hidden_beside(const std::vector<Tensor>& parts) {
    Provenance out = of(parts[0]);
    for (const Tensor& part : parts) {
        if (of(part).content != Content::hidden) return {};
        out.needs.add(of(part).needs);
    }
    return out;
}

/// Columns of rows beside each other; what is the same for each row may stand among them.
Provenance beside(const std::vector<Tensor>& parts) {
    const auto first = std::ranges::find_if(parts, [](const Tensor& part) { return has_rows(of(part)); });
    if (first == parts.end()) return hidden_beside(parts);
    Provenance out = of(*first);
    if (!has_columns(out)) return {};
    for (const Tensor& part : parts)
        out = same_for_each_row(of(part), out) ? with(out, of(part), out.content) : rows_together(out, of(part));
    return out;
}

RowsOf nowhere(const RowsOf& source, std::size_t places) {
    RowsOf out = source;
    out.places = std::make_shared<std::vector<std::int32_t>>(places, RowsOf::kNone);
    return out;
}

/// The rows of `source`, then those of `more`; nothing where one would stand twice, or something else was made of it.
std::optional<RowsOf> one_after_other(const RowsOf& source, const RowsOf& more) {
    if (source.function != more.function) return {};
    PlacesOf out(source);
    for (const RowsOf* part : {&source, &more})
        for (std::size_t i = 0; i < part->size(); ++i)
            if (!out.add(part->at(i))) return {};
    return std::move(out).take();
}

/// Rows one below the other.
Provenance below(const std::vector<Tensor>& parts) {
    Provenance out = of(parts[0]);
    if (!is_table(out) && out.content != Content::bits) return {};
    std::size_t places = out.lying ? parts[0].cols() : parts[0].rows();
    for (std::size_t i = 1; i < parts.size(); ++i) {
        const Provenance& next = of(parts[i]);
        const std::size_t more = out.lying ? parts[i].cols() : parts[i].rows();
        if (next.content != out.content || next.lying != out.lying) return {};
        std::vector<RowsOf> sources;
        for (const RowsOf& source : out.sources) {
            const RowsOf* same = source_of(next.sources, source.input);
            auto joined = one_after_other(source, same ? *same : nowhere(source, more));
            if (!joined) return {};
            sources.push_back(*std::move(joined));
        }
        for (const RowsOf& source : next.sources)
            if (!source_of(out.sources, source.input))
                sources.push_back(*one_after_other(nowhere(source, places), source));
        out.sources = std::move(sources);
        out.needs.add(next.needs);
        places += more;
    }
    return out;
}

/// Whether rows of inputs go below each other, and not beside.
bool puts_below(const Call& call) {
    const bool lying = of(call.tensors[0]).lying;
    return (call.operation == Operation::hconcat && lying) || (call.operation == Operation::vconcat && !lying);
}

Provenance of_concat(const Call& call) {
    if (call.tensors.size() == 1) return of(call.tensors[0]);
    return puts_below(call) ? below(call.tensors) : beside(call.tensors);
}

// ---------------------------------------------------------------- scoring

Provenance of_score(const Call& call) {
    const Provenance &x = of(call.tensors[0]), &model = of(call.tensors[1]);
    const bool adds = x.content == Content::addends && model.is_result();
    const bool weighs = is_table(x) && (model.content == Content::model || model.is_result());
    if (x.lying || (!adds && !weighs)) return {};
    Provenance out = with(x, model, Content::scores);
    out.kind = score_kind_name(static_cast<ScoreKind>(call.integers[0]));
    return out;
}

/// What a model adds to each row's sum, by column.
Provenance of_contributions(const Call& call) {
    const Provenance &x = of(call.tensors[0]), &model = of(call.tensors[1]);
    if (x.lying || !is_table(x) || (model.content != Content::model && !model.is_result())) return {};
    return with(x, model, Content::addends);
}

/// What may be compared with rows of addends, and says of whose rows it is made.
bool is_baseline(const Provenance& x) {
    return x.content == Content::model || x.content == Content::addends || x.content == Content::rows || x.is_result();
}

Provenance of_reason_codes(const Call& call) {
    const Provenance& x = of(call.tensors[0]);
    if (x.lying || x.content != Content::addends) return {};
    Provenance out = x;
    for (std::size_t i = 1; i < call.tensors.size(); ++i) {
        if (!is_baseline(of(call.tensors[i]))) return {};
        out.needs.add(of(call.tensors[i]).needs);
    }
    out.content = Content::scores;
    out.kind = kReasonCodes;
    return out;
}

// ---------------------------------------------------------------- learning

/// Mean and deviation are those of whole inputs, or they would tell two results apart that differ in few rows.
Provenance of_standardise(const Call& call) {
    Provenance out = of(call.tensors[0]);
    if (!is_table(out) || out.lying) return {};
    for (const RowsOf& source : out.sources) {
        std::size_t there = 0;
        for (std::size_t i = 0; i < source.size(); ++i) there += source.at(i) != RowsOf::kNone ? 1 : 0;
        if (there != source.count) return {};
    }
    out.needs.add({out.sources, {}});
    return out;
}

/// Whether so many different rows are drawn, over all batches.
bool draws_enough(const TrainOptions& options, std::size_t rows, std::size_t rows_min) {
    if (options.batch_size < rows_min || rows < rows_min) return false;
    Sampler sampler(options.seed);
    std::vector<std::uint32_t> batch(options.batch_size);
    std::vector<bool> seen(rows);
    std::size_t count = 0;
    for (std::size_t i = 0; i < options.iterations && count < rows_min; ++i) {
        sampler.batch(i, rows, batch);
        for (const std::uint32_t row : batch) {
            count += seen[row] ? 0 : 1;
            seen[row] = true;
        }
    }
    return count >= rows_min;
}

std::vector<std::uint64_t> first_of(std::size_t count) {
    std::vector<std::uint64_t> out(count);
    for (std::size_t i = 0; i < count; ++i) out[i] = i;
    return out;
}

Provenance of_training(const Call& call, const TensorData& out, std::size_t rows_min) {
    const Tensor &features = call.tensors[0], &targets = call.tensors[1];
    const TrainOptions options = train_options_of(call);
    const std::size_t rows = options.split == 0 ? features.rows() : options.split;
    const auto index = first_of(rows);
    const Provenance x = with_rows(of(features), index), y = with_rows(of(targets), index);
    if (!is_table(x) || x.lying || y.lying) return {};
    if (y.content != Content::bits && y.content != Content::rows) return {};
    const auto sources = aligned(x.sources, y.sources);
    if (!sources || !draws_enough(options, rows, rows_min)) return {};
    Needs needs = x.needs;
    needs.add(y.needs);
    needs.add({*sources, {{targets.shared(), *sources, targets.data()->is_labels, y.content != Content::bits}}});
    return result_of(out, "model", std::move(needs));
}

/// All rows, each once; what weighs rows or shifts them stands for the same ones.
Provenance of_fit(const Call& call, const TensorData& out) {
    const Tensor& targets = call.tensors[1];
    const Provenance &x = of(call.tensors[0]), &y = of(targets);
    if (!is_table(x) || x.lying || y.lying) return {};
    if (y.content != Content::bits && y.content != Content::rows) return {};
    auto sources = aligned(x.sources, y.sources);
    Needs needs = x.needs;
    needs.add(y.needs);
    for (std::size_t i = 2; i < call.tensors.size() && sources; ++i) {
        const Provenance& column = of(call.tensors[i]);
        if (column.lying || (column.content != Content::rows && column.content != Content::bits)) return {};
        sources = aligned(*sources, column.sources);
        needs.add(column.needs);
        // The first of them is how often rows count, if the call has it.
        if (sources && i == 2 && fit_has_weights(call))
            needs.add({{}, {{call.tensors[i].shared(), *sources, false, true}}});
    }
    if (!sources) return {};
    needs.add({*sources, {{targets.shared(), *sources, targets.data()->is_labels, y.content != Content::bits}}});
    return result_of(out, "model", std::move(needs));
}

// ---------------------------------------------------------------- bins

/// Whatever is made of counts stands for all labels that were counted.
Provenance of_bin_counts(const Tensor& labels) {
    const Provenance& y = of(labels);
    if (y.content != Content::bits || y.lying) return {};
    Provenance out;
    out.content = Content::hidden;
    out.needs = y.needs;
    out.needs.add({y.sources, {{labels.shared(), y.sources, labels.data()->is_labels}}});
    return out;
}

Provenance of_information_value(const Provenance& counts, const TensorData& out) {
    if (counts.content != Content::hidden) return {};
    return result_of(out, kInformationValue, counts.needs);
}

/// A model over bins: never opened, as its values are not, but kept and scored with.
Provenance of_bin_points(const Provenance& values, const Provenance& model) {
    if (values.content != Content::hidden || !model.is_result()) return {};
    Provenance out;
    out.content = Content::model;
    out.needs = values.needs;
    out.needs.add(model.needs);
    return out;
}

/// Of whole rows, each once, as a model is.
Provenance of_correlations(const Provenance& x, const TensorData& out) {
    if (!is_table(x) || x.lying) return {};
    Needs whole = x.needs;
    whole.add({x.sources, {}});
    return result_of(out, kCorrelation, std::move(whole));
}

Provenance of_inflation(const Provenance& correlations, const TensorData& out) {
    if (!correlations.is_result()) return {};
    return result_of(out, kInflation, correlations.needs);
}

}  // namespace

Provenance of_encoded(const Provenance& values, const TensorData& out, std::uint64_t number, unsigned owner) {
    if (values.content != Content::hidden && values.content != Content::model) return {};
    Provenance made;
    made.content = values.content == Content::hidden ? Content::features : Content::addends;
    made.sources = {{number, owner, out.rows}};
    made.needs = values.needs;
    return made;
}

std::optional<std::vector<RowsOf>> aligned(const std::vector<RowsOf>& a, const std::vector<RowsOf>& b) {
    std::vector<RowsOf> out = a;
    for (const RowsOf& source : b) {
        const RowsOf* const same = source_of(a, source.input);
        if (same && !same_places(*same, source)) return {};
        if (!same) out.push_back(source);
    }
    return out;
}

Provenance of_joined(const Provenance& was, const TensorData& out, std::uint64_t number) {
    Provenance made = was;
    const std::uint64_t column = out.number;
    RowsOf rows{number, was.sources[0].owner, out.rows};
    rows.function = sha256(BytesView(reinterpret_cast<const std::uint8_t*>(&column), sizeof column));
    made.sources = {rows};
    return made;
}

bool is_one_function(const std::vector<RowsOf>& sources) {
    return std::ranges::all_of(
        sources, [&](const RowsOf& one) { return one.function == sources[0].function || stands_at_each_place(one); });
}

Provenance of_input(const TensorData& out, std::uint64_t number, unsigned owner) {
    Provenance made;
    made.content = out.is_bits ? Content::bits : Content::rows;
    made.sources = {{number, owner, out.rows}};
    return made;
}

Provenance of_constant(const Matrix& data) {
    const auto row_is_first = [&](std::size_t r) {
        return std::equal(data.data.begin(), data.data.begin() + static_cast<std::ptrdiff_t>(data.cols),
                          data.data.begin() + static_cast<std::ptrdiff_t>(r * data.cols));
    };
    const auto column_is_first = [&](std::size_t i) { return data.data[i] == data.data[i - i % data.cols]; };
    Provenance made{Content::result, false, true, true};
    for (std::size_t r = 1; r < data.rows; ++r) made.rows_alike = made.rows_alike && row_is_first(r);
    for (std::size_t i = 0; i < data.data.size(); ++i) made.columns_alike = made.columns_alike && column_is_first(i);
    return made;
}

Provenance provenance_of_rows(const Provenance& x, const std::vector<std::uint64_t>& index) {
    return with_rows(x, index);
}

std::optional<Needs> needs_of_auc(const Provenance& scores, const Tensor& labels) {
    const Provenance& y = of(labels);
    // Scores that everybody knows would choose rows among the labels.
    if (scores.lying || y.lying || y.content != Content::bits) return {};
    if (!is_table(scores) && scores.content != Content::scores) return {};
    const auto sources = aligned(scores.sources, y.sources);
    if (!sources) return {};
    Needs out = scores.needs;
    out.add(y.needs);
    out.add({*sources, {{labels.shared(), *sources, true}}});
    return out;
}

std::optional<Needs> needs_of_statistics(const Tensor& a, const Tensor& included) {
    const Provenance& x = of(a);
    if (x.is_result() && !included) return x.needs;
    const bool single = x.content == Content::bits && a.cols() == 1;
    if (x.lying || (x.content != Content::rows && !single)) return {};
    Needs out = x.needs;
    if (single) out.add({{}, {{a.shared(), x.sources, a.data()->is_labels}}});
    if (!included) {
        out.add({x.sources, {}});
        return out;
    }
    const Provenance& bits = of(included);
    const auto sources = aligned(x.sources, bits.sources);
    if (bits.content != Content::bits || bits.lying || !sources || single) return {};
    out.add(bits.needs);
    out.add({{}, {{included.shared(), *sources}}});
    return out;
}

namespace {

/// What is made of the rows that a call is asked of, before it is said that it was this call.
Provenance made_of(const Call& call, const TensorData& out, std::size_t rows_min) {
    switch (call.operation) {
        case Operation::train_logistic:
        case Operation::train_linear: return of_training(call, out, rows_min);
        case Operation::fit_logistic:
        case Operation::fit_linear: return of_fit(call, out);
        case Operation::transpose: return of_transpose(call);
        case Operation::repeat: return of_repeat(call, out);
        case Operation::bin_counts: return of_bin_counts(call.tensors[0]);
        case Operation::weight_of_evidence: return of(call.tensors[0]);
        case Operation::information_value: return of_information_value(of(call.tensors[0]), out);
        case Operation::correlations: return of_correlations(of(call.tensors[0]), out);
        case Operation::variance_inflation: return of_inflation(of(call.tensors[0]), out);
        case Operation::bin_points: return of_bin_points(of(call.tensors[0]), of(call.tensors[1]));
        case Operation::contributions: return of_contributions(call);
        case Operation::reason_codes: return of_reason_codes(call);
        default: break;
    }
    if (all_results(call.tensors)) {
        if (call.operation == Operation::rows) return of_rows(call);
        if (call.tensors.size() <= 3 && call.tensors[0].rows() == out.rows && call.tensors[0].cols() == out.cols &&
            call.operation != Operation::matmul)
            return elementwise_results(call, out);
        return results_together(call.tensors, out);
    }
    switch (call.operation) {
        case Operation::add:
        case Operation::sub: return of_sum_of_two(call);
        case Operation::scale: return of(call.tensors[0]).content == Content::bits ? Provenance{} : of(call.tensors[0]);
        case Operation::mul:
        case Operation::divide: return of_product(call);
        case Operation::less: return of_less(call);
        case Operation::sigmoid: return of_sigmoid(call);
        case Operation::matmul: return of_matmul(call, out);
        case Operation::sum: return of_total(call, out);
        case Operation::rows: return of_rows(call);
        case Operation::hconcat:
        case Operation::vconcat: return of_concat(call);
        case Operation::standardise: return of_standardise(call);
        case Operation::score: return of_score(call);
        default: return {};
    }
}

/// Whether a call moves rows as they are.
bool moves_rows(const Call& call, const Provenance& made, const TensorData& out) {
    const Tensor& first = call.tensors[0];
    switch (call.operation) {
        case Operation::transpose: return true;
        case Operation::rows: return !made.lying;
        case Operation::hconcat:
        case Operation::vconcat: return call.tensors.size() == 1 || puts_below(call);
        case Operation::repeat: return first.rows() == out.rows && first.cols() == out.cols;
        default: return false;
    }
}

class FunctionHash {
public:
    explicit FunctionHash(const Call& call) {
        add_number(static_cast<std::uint64_t>(call.operation));
        // Points and probability of one model say the same of a row.
        if (call.operation == Operation::score) return;
        add_number(call.integers.size());
        for (const std::uint64_t number : call.integers) add_number(number);
        for (const double real : call.reals) add(&real, sizeof real);
    }
    /// What was made of a row of this input before, or a result that is the same for each row. What is standardised
    /// hangs on the rows beside it, too.
    void add_operand(const Tensor& operand, std::uint64_t input, bool by_number) {
        const RowsOf* const source = source_of(of(operand).sources, input);
        add_number(by_number || !has_rows(of(operand)) ? operand.data()->number : 0);
        add_number(source ? 1 : 0);
        if (source) hash_.update(source->function.data);
    }
    Bytes32 finish() { return hash_.finish(); }

private:
    void add(const void* data, std::size_t bytes) {
        hash_.update(BytesView(static_cast<const std::uint8_t*>(data), bytes));
    }
    void add_number(std::uint64_t number) { add(&number, sizeof number); }

    Sha256 hash_;
};

}  // namespace

Provenance derive(const Call& call, const TensorData& out, std::size_t rows_min) {
    Provenance made = made_of(call, out, rows_min);
    if (!has_rows(made) || moves_rows(call, made, out)) return made;
    const bool by_number = call.operation == Operation::standardise;
    for (RowsOf& source : made.sources) {
        FunctionHash hash(call);
        for (const Tensor& operand : call.tensors) hash.add_operand(operand, source.input, by_number);
        source.function = hash.finish();
    }
    return made;
}

}  // namespace c2d::mpc
