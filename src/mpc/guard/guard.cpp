#include "mpc/guard/guard.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"

#include <algorithm>
#include <numeric>

namespace c2d::mpc {
namespace {

/// Sets that are compared with each other on shares, at most.
constexpr std::size_t kSetsMax = 64;
/// Of each class, for each count of labels in bins that is opened.
constexpr std::size_t kLabelsForEachCount = 10;
constexpr auto kAll = static_cast<std::uint64_t>(Sum::all);

std::string_view called(Content content) {
    switch (content) {
        case Content::rows:
        case Content::bits:
        case Content::scores: return "values of single rows";
        case Content::features:
        case Content::hidden: return "counts of labels in bins that their owner chose, or made of these";
        case Content::model:
        case Content::addends: return "what another run kept, or a model's points of bins";
        default: return "no sum over rows that each went in once with the same weight";
    }
}

/// The places at which both have the same row of an input.
struct Common {
    std::vector<std::size_t> first, second;

    bool operator==(const Common&) const = default;
};
Common common_places(const RowsOf& x, const RowsOf& y) {
    Common out;
    std::vector<std::size_t> where(x.count, SIZE_MAX);
    for (std::size_t i = 0; i < y.size(); ++i)
        if (y.at(i) != RowsOf::kNone) where[static_cast<std::size_t>(y.at(i))] = i;
    for (std::size_t i = 0; i < x.size(); ++i) {
        if (x.at(i) == RowsOf::kNone || where[static_cast<std::size_t>(x.at(i))] == SIZE_MAX) continue;
        out.first.push_back(i);
        out.second.push_back(where[static_cast<std::size_t>(x.at(i))]);
    }
    return out;
}

/// Those of each input that both have: rows of one that go below another's are looked at by themselves.
std::vector<Common> common_places(const std::vector<RowsOf>& a, const std::vector<RowsOf>& b) {
    std::vector<Common> out;
    for (const RowsOf& x : a) {
        const auto y = std::ranges::find(b, x.input, &RowsOf::input);
        if (y == b.end()) continue;
        Common common = common_places(x, *y);
        if (!common.first.empty() && std::ranges::find(out, common) == out.end()) out.push_back(std::move(common));
    }
    return out;
}

std::size_t places_of(const ChosenRows& one) { return one.among.empty() ? 0 : one.among[0].size(); }

std::vector<std::size_t> first_places(std::size_t count) {
    std::vector<std::size_t> out(count);
    std::iota(out.begin(), out.end(), std::size_t{0});
    return out;
}

/// The same bits of as many rows; or, without bits, the same rows.
bool same_set(const ChosenRows& a, const ChosenRows& b) {
    if (a.bits != b.bits || places_of(a) != places_of(b)) return false;
    if (a.bits) return true;
    const auto common = common_places(a.among, b.among);
    return !common.empty() && common[0].first.size() == places_of(a);
}

}  // namespace

/// Counts of rows on shares, what each is at least, and whether it may also be none.
struct Guard::Parts {
    std::vector<Tensor> counts;
    std::vector<double> least;
    std::vector<bool> may_be_none;
    /// Each is 1 where a row weighs too much.
    std::vector<Tensor> too_heavy;

    void add(const Tensor& count, std::size_t minimum, bool none) {
        if (minimum <= 1) return;
        counts.push_back(count);
        least.push_back(static_cast<double>(minimum));
        may_be_none.push_back(none);
    }
};

Error Guard::refuse(const char* name, std::string message) {
    count("refusal");
    Error out = fail(Status::REFUSED, "{}", message);
    out.name = name;
    return out;
}

std::vector<Disclosure> Guard::disclosures() const {
    std::vector<Disclosure> out;
    for (const auto& [kind, times] : opened_) out.push_back({kind, times});
    return out;
}

namespace {

constexpr const char* kCoefficients = "coefficients";

bool is_reasons(const Provenance& x) { return x.kind == std::string_view(kReasonCodes); }

bool may_open_scores(const TensorData& tensor, const OpeningRules& allowed) {
    const Provenance& x = tensor.provenance;
    if (x.content != Content::scores) return false;
    if (is_reasons(x)) return (x.lying ? tensor.rows : tensor.cols) <= allowed.reason_codes;
    const std::string_view kind = x.kind;
    if (kind == score_kind_name(ScoreKind::points)) return allowed.scores >= ScoresOpened::points;
    return kind == score_kind_name(ScoreKind::probability) && allowed.scores >= ScoresOpened::probabilities;
}

}  // namespace

Result<Unit> Guard::open(const TensorData& tensor) {
    const Provenance& x = tensor.provenance;
    if (x.is_result()) return open(x.needs, x.kind);
    if (may_open_scores(tensor, rules_)) {
        C2D_CHECK(admit_scores(x));
        C2D_CHECK(admit_score_rows(tensor));
        C2D_CHECK(admit(x.needs));
        count(x.kind);
        return Unit{};
    }
    if (x.content == Content::model && rules_.coefficients) {
        C2D_CHECK(admit(x.needs));
        count(kCoefficients);
        return Unit{};
    }
    return open_any(fmt::format("reveal: this tensor is {}", called(x.content)));
}

/// Whoever knows its table finds a joined row again by its score. Scores by as many models as there are columns are the
/// columns, and an owner's `models_max` counts one for a job that made its model, or those that were loaded.
Result<Unit> Guard::admit_scores(const Provenance& x) {
    if (rules_.reveal_any) return Unit{};
    C2D_CHECK(refuse_joined(x.sources));
    for (const RowsOf& source : x.sources) {
        if (unknown_.contains(source.input))
            return refuse(kNotOpenable, "scores of joined rows are not opened: they would tell which rows these are");
        if (!scored_as(source, is_reasons(x)))
            return refuse(kNotOpenable,
                          fmt::format("other {} of these rows were opened: of each row those by one model "
                                      "are, or by each model that was loaded",
                                      is_reasons(x) ? "reason codes" : "scores"));
    }
    return Unit{};
}

/// Notes which rows are scored. False where that would be more often than there are models.
bool Guard::scored_as(const RowsOf& source, bool reasons) {
    auto& scorings = (reasons ? reasoned_ : scored_)[source.input];
    std::vector<bool>& rows = scorings[source.function];
    rows.resize(source.count);
    for (std::size_t i = 0; i < source.size(); ++i)
        if (source.at(i) != RowsOf::kNone) rows[static_cast<std::size_t>(source.at(i))] = true;
    const auto times = [&](std::size_t row) {
        return std::ranges::count_if(scorings, [&](const auto& one) { return one.second[row]; });
    };
    const auto most = static_cast<std::ptrdiff_t>(std::max<std::size_t>(loaded_.size(), 1));
    for (std::size_t row = 0; row < source.count; ++row)
        if (rows[row] && times(row) > most) return false;
    return true;
}

std::uint32_t Guard::number_of_weighting(const Tensor& weights) {
    std::pair<std::uint64_t, Bytes32> of{UINT64_MAX, {}};
    if (weights) {
        const auto& sources = weights.data()->provenance.sources;
        // Which rows of several inputs stand together is not looked at: such weights are like no others.
        if (sources.size() != 1) return static_cast<std::uint32_t>(UINT32_MAX - ++other_weightings_);
        of = {sources[0].input, sources[0].function};
    }
    const auto known = std::ranges::find(weightings_, of);
    if (known == weightings_.end()) weightings_.push_back(of);
    return static_cast<std::uint32_t>(std::ranges::find(weightings_, of) - weightings_.begin()) + 1;
}

Result<Unit> Guard::admit_weighting(const Provenance& features, const Tensor& weights) {
    const std::uint32_t number = number_of_weighting(weights);
    for (const RowsOf& source : features.sources) {
        auto& rows = weighted_[source.input];
        rows.resize(source.count);
        for (std::size_t place = 0; place < source.size(); ++place) {
            if (source.at(place) == RowsOf::kNone) continue;
            Weighted& row = rows[static_cast<std::size_t>(source.at(place))];
            const Weighted now{number, weights ? weights.data()->provenance.sources[0].at(place) : 0};
            if (row.weighting == 0) row = now;
            if (row != now)
                return refuse(kBelowMinimum,
                              "a model is not made: another one was made of these rows with other weights, and the two "
                              "would tell of the rows that weigh otherwise");
        }
    }
    return Unit{};
}

Result<Unit> Guard::admit_score_rows(const TensorData& tensor) {
    const Provenance& x = tensor.provenance;
    const std::size_t rows = x.lying ? tensor.cols : tensor.rows;
    std::uint64_t& opened = is_reasons(x) ? reason_rows_ : score_rows_;
    if (rows > rules_.score_rows_max - opened)
        return refuse(kScoreRows,
                      fmt::format("the {} of {} rows are not opened: the terms of all owners let {} "
                                  "more be (release.score_rows_max)",
                                  is_reasons(x) ? "reason codes" : "scores", rows, rules_.score_rows_max - opened));
    opened += rows;
    return Unit{};
}

Result<Unit> Guard::admit_reasons(std::size_t count) {
    if (rules_.reveal_any || count <= rules_.reason_codes) return Unit{};
    return refuse(kNotOpenable,
                  fmt::format("{} reason codes of a row are not opened: the terms of all owners let {} be "
                              "(release.reason_codes)",
                              count, rules_.reason_codes));
}

Result<Unit> Guard::open_any(const std::string& why) {
    if (!rules_.reveal_any)
        return refuse(kNotOpenable,
                      fmt::format("{}; only where the terms of all owners say release.reveal: \"any\" more "
                                  "than sums, counts, statistics, AUCs and models is opened",
                                  why));
    count("any");
    return Unit{};
}

Result<Unit> Guard::open(const Needs& needs, const char* kind) {
    if (needs.empty()) return Unit{};
    C2D_CHECK(admit(needs));
    count(kind);
    return Unit{};
}

Result<Unit> Guard::open_label_counts(const TensorData& counts) {
    if (rules_.reveal_any) return open_any({});
    const auto& chosen = counts.provenance.needs.chosen;
    const auto at = std::ranges::find_if(chosen, [](const ChosenRows& one) { return one.labels; });
    if (counts.provenance.content != Content::hidden || at == chosen.end())
        return refuse(kNotOpenable, "counts in bins are opened of labels from input_labels alone");
    const ChosenRows& labels = *at;
    const unsigned owner = labels.bits->owner;
    const std::size_t count = counts.rows / 2 * counts.cols;
    if (count > label_counts_[owner])
        return refuse(
            kBudgetSpent,
            fmt::format("{} counts of labels in bins are not opened: party {} lets {} more be (release.label_counts "
                        "in its terms)",
                        count, owner, label_counts_[owner]));
    C2D_CHECK(admit(counts.provenance.needs));
    // With as many equations as unknowns, or not many fewer, each label follows.
    const std::size_t least = kLabelsForEachCount * (label_counts_opened_[owner] + count);
    C2D_TRY(const Tensor own, own_column(labels));
    C2D_TRY(const Tensor ones, total(own));
    C2D_TRY(const Tensor all, number(static_cast<double>(own.rows())));
    C2D_TRY(const Tensor zeros, shares_.make({Operation::sub, {all, ones}}));
    Parts parts;
    for (const Tensor& part : {ones, zeros}) parts.add(part, least, false);
    C2D_TRY(const bool below, any_below(parts));
    if (below)
        return refuse(
            kBelowMinimum,
            fmt::format("{} counts of labels in bins are not opened: for each there must be {} labels of each class",
                        count, kLabelsForEachCount));
    label_counts_[owner] -= count;
    label_counts_opened_[owner] += count;
    this->count("label_counts", count);
    return Unit{};
}

Result<Unit> Guard::admit(const Needs& needs) {
    C2D_CHECK(refuse_joined(needs.sets));
    for (const ChosenRows& one : needs.chosen) C2D_CHECK(refuse_joined(one.among));
    for (const RowsOf& set : needs.sets) C2D_CHECK(admit_set(set));
    return admit_chosen(needs.chosen, needs.sets);
}

Result<Unit> Guard::refuse_joined(const std::vector<RowsOf>& sets) {
    if (rules_.reveal_any) return Unit{};
    for (const RowsOf& set : sets)
        if (joined_.contains(set.input))
            return refuse(
                kNotOpenable,
                fmt::format("rows of party {} were joined: results are opened of the joined ones alone, since "
                            "others would tell of the rows that are not common",
                            set.owner));
    return Unit{};
}

Result<Unit> Guard::hide(const std::vector<RowsOf>& joined) {
    C2D_CHECK(refuse_joined(joined));
    const auto is_opened = [&](const RowsOf& source) {
        const auto chosen = [&](const Known& one) {
            return std::ranges::find(one.set.among, source.input, &RowsOf::input) != one.set.among.end();
        };
        return atoms_.contains(source.input) || scored_.contains(source.input) || std::ranges::any_of(known_, chosen);
    };
    for (const RowsOf& source : joined) {
        if (!rules_.reveal_any && is_opened(source))
            return refuse(kNotOpenable,
                          fmt::format("join: something was opened of these rows of party {}; what is opened "
                                      "of the joined ones would tell of those that are not common",
                                      source.owner));
    }
    for (const RowsOf& source : joined) joined_.insert(source.input);
    return Unit{};
}

/// The rows of the input, in the sets that are opened, in as many parts as these can tell apart: each is large enough.
Result<Unit> Guard::admit_set(const RowsOf& set) {
    auto& atoms = atoms_[set.input];
    atoms.resize(set.count);
    std::vector<bool> in(set.count);
    for (std::size_t i = 0; i < set.size(); ++i)
        if (set.at(i) != RowsOf::kNone) in[static_cast<std::size_t>(set.at(i))] = true;
    std::map<std::pair<std::uint32_t, bool>, std::size_t> sizes;
    for (std::size_t row = 0; row < set.count; ++row) ++sizes[{atoms[row], in[row]}];
    std::map<std::pair<std::uint32_t, bool>, std::uint32_t> numbers;
    for (const auto& [part, size] : sizes) {
        const bool in_none = part.first == 0 && !part.second;
        if (!in_none && size < rules_.rows)
            return refuse(
                kBelowMinimum,
                fmt::format("a result that stands for {} rows of an input of party {}, or differs from one that "
                            "was opened by so many, is not opened: the minimum is {}",
                            size, set.owner, rules_.rows));
        numbers.emplace(part, in_none ? 0 : static_cast<std::uint32_t>(numbers.size() + 1));
    }
    for (std::size_t row = 0; row < set.count; ++row) atoms[row] = numbers[{atoms[row], in[row]}];
    return Unit{};
}

bool Guard::compares_on_shares() const {
    return std::max({rules_.rows, rules_.positives, rules_.negatives}) > 1 || rules_.weight_share_max < 1;
}

Result<Unit> Guard::admit_chosen(const std::vector<ChosenRows>& chosen, const std::vector<RowsOf>& sets) {
    if (!compares_on_shares()) return Unit{};
    Parts parts;
    std::vector<Opened> opened;
    opened.reserve(sets.size() + chosen.size());
    for (const RowsOf& set : sets) opened.push_back({nullptr, {set}});
    opened.insert(opened.end(), chosen.begin(), chosen.end());
    for (const Opened& one : opened) C2D_CHECK(add_set(one, parts));
    if (parts.counts.empty() && parts.too_heavy.empty()) return Unit{};
    C2D_TRY(const bool below, any_below(parts));
    if (!below) return Unit{};
    return refuse(
        kBelowMinimum,
        fmt::format("a result is not opened: it, or its difference to one that was opened, stands for too few "
                    "rows (the minimum is {}, {} positives and {} negatives), or a row weighs too much in it",
                    rules_.rows, rules_.positives, rules_.negatives));
}

Result<Unit> Guard::add_set(const Opened& one, Parts& parts) {
    const auto same = std::ranges::find_if(known_, [&](const Known& other) { return same_set(one, other.set); });
    const bool is_known = same != known_.end(), repeated = repeats_ == Repeats::all;
    if (is_known && (same->compared || repeated)) return Unit{};
    if (!is_known && known_.size() == kSetsMax)
        return refuse(kNotOpenable, fmt::format("more than {} different sets of rows are opened", kSetsMax));
    if (!repeated) {
        if (one.bits && !one.weights) C2D_CHECK(add_own(one, parts));
        if (one.weights) C2D_CHECK(add_weights(one, parts));
        for (auto other = known_.begin(); other != known_.end(); ++other)
            if (other != same) C2D_CHECK(add_difference(one, other->set, parts));
    }
    if (is_known)
        same->compared = true;
    else
        known_.push_back({one, !repeated});
    return Unit{};
}

Result<Tensor> Guard::number(double value) {
    const Matrix data{1, 1, {value}};
    return shares_.make({Operation::constant, {}, {}, {}, &data});
}

Result<Tensor> Guard::total(const Tensor& column) { return shares_.make({Operation::sum, {column}, {kAll}}); }

/// Bits at some places.
Result<Tensor> Guard::column(std::shared_ptr<const TensorData> bits, const std::vector<std::size_t>& places) {
    return shares_.make({Operation::rows, {Tensor(std::move(bits))}, {places.begin(), places.end()}});
}

/// The rows that it chooses from: the first of its tensor.
Result<Tensor> Guard::own_column(const ChosenRows& one) {
    if (places_of(one) == one.bits->rows) return Tensor(one.bits);
    return column(one.bits, first_places(places_of(one)));
}

/// Its ones and its zeros, of all rows and of those of each input that has rows at some places alone: what an owner
/// knows of its own rows would fill up the minimum of another's.
Result<Unit> Guard::add_own(const ChosenRows& one, Parts& parts) {
    C2D_TRY(const Tensor all, own_column(one));
    C2D_CHECK(add_ones_and_zeros(one, all, false, parts));
    std::set<std::vector<std::size_t>> groups;
    for (const RowsOf& source : one.among) {
        if (!source.places) continue;
        std::vector<std::size_t> places;
        for (std::size_t place = 0; place < source.size(); ++place)
            if (source.at(place) != RowsOf::kNone) places.push_back(place);
        if (places.size() != source.size()) groups.insert(std::move(places));
    }
    for (const auto& places : groups) {
        C2D_TRY(const Tensor some, column(one.bits, places));
        C2D_CHECK(add_ones_and_zeros(one, some, true, parts));
    }
    return Unit{};
}

Result<Unit> Guard::add_ones_and_zeros(const ChosenRows& one, const Tensor& bits, bool may_be_none, Parts& parts) {
    C2D_TRY(const Tensor ones, total(bits));
    C2D_TRY(const Tensor all, number(static_cast<double>(bits.rows())));
    C2D_TRY(const Tensor zeros, shares_.make({Operation::sub, {all, ones}}));
    parts.add(ones, one.labels ? std::max(rules_.positives, std::size_t{1}) : rules_.rows, may_be_none);
    parts.add(zeros, one.labels ? rules_.negatives : rules_.rows, may_be_none || !one.labels);
    return Unit{};
}

/// The parts that two sets make of the rows that they have in common.
Result<Unit> Guard::add_difference(const ChosenRows& one, const Opened& other, Parts& parts) {
    if (one.weights || other.weights || (!one.bits && !other.bits)) return Unit{};
    for (const Common& common : common_places(one.among, other.among)) {
        // All rows that the other one's bits choose from: what that makes of them is looked at by itself.
        const std::size_t places = common.first.size();
        if ((!one.bits && places == places_of(other)) || (!other.bits && places == places_of(one))) continue;
        C2D_CHECK(add_parts(one, common.first, other, common.second, parts));
    }
    return Unit{};
}

/// The four parts that two sets make of rows, each none or large enough. The row at a place of the one stands at the
/// place of the other that has the same number.
Result<Unit> Guard::add_parts(const ChosenRows& one, const std::vector<std::size_t>& places, const Opened& other,
                              const std::vector<std::size_t>& others, Parts& parts) {
    C2D_TRY(const Tensor rows, number(static_cast<double>(places.size())));
    Tensor first = rows, second = rows, both;
    Tensor x, y;
    if (one.bits) {
        C2D_TRY(x, column(one.bits, places));
        C2D_TRY(first, total(x));
    }
    if (other.bits) {
        C2D_TRY(y, column(other.bits, others));
        C2D_TRY(second, total(y));
    }
    if (x && y) {
        C2D_TRY(const Tensor product, shares_.make({Operation::mul, {x, y}}));
        C2D_TRY(both, total(product));
    } else {
        both = x ? first : second;
    }
    C2D_TRY(const Tensor only_first, shares_.make({Operation::sub, {first, both}}));
    C2D_TRY(const Tensor only_second, shares_.make({Operation::sub, {second, both}}));
    C2D_TRY(const Tensor not_first, shares_.make({Operation::sub, {rows, first}}));
    C2D_TRY(const Tensor neither, shares_.make({Operation::sub, {not_first, only_second}}));
    // Classes of labels have minima of their own.
    const bool labels = one.labels || other.labels;
    const std::size_t least = labels ? std::min({rules_.rows, rules_.positives, rules_.negatives}) : rules_.rows;
    for (const Tensor& part : {both, only_first, only_second, neither}) parts.add(part, least, true);
    return Unit{};
}

/// |w| of each row against its share of the sum of them all.
Result<Unit> Guard::add_weights(const ChosenRows& one, Parts& parts) {
    if (rules_.weight_share_max >= 1) return Unit{};
    C2D_TRY(const Tensor w, own_column(one));
    const std::size_t n = w.rows();
    C2D_TRY(const Tensor zero, number(0));
    C2D_TRY(const Tensor zeros, shares_.make({Operation::repeat, {zero}, {n, 1}}));
    C2D_TRY(const Tensor negated, shares_.make({Operation::sub, {zeros, w}}));
    C2D_TRY(const Tensor below, shares_.make({Operation::less, {w, zeros}}));
    C2D_TRY(const Tensor magnitudes, shares_.make({Operation::select, {below, negated, w}}));
    C2D_TRY(const Tensor sum, total(magnitudes));
    C2D_TRY(const Tensor share, shares_.make({Operation::scale, {sum}, {}, {rules_.weight_share_max}}));
    C2D_TRY(const Tensor most, shares_.make({Operation::repeat, {share}, {n, 1}}));
    C2D_TRY(const Tensor heavy, shares_.make({Operation::less, {most, magnitudes}}));
    C2D_TRY(const Tensor count, total(heavy));
    parts.too_heavy.push_back(count);
    return Unit{};
}

/// One bit, to all: whether any part is too small.
Result<bool> Guard::any_below(Parts& parts) {
    C2D_CHECK(shares_.agree());
    if (repeats_ == Repeats::all) return false;
    std::vector<Tensor> bad = parts.too_heavy;
    if (!parts.counts.empty()) {
        const std::size_t n = parts.counts.size();
        C2D_TRY(const Tensor counts, shares_.make({Operation::vconcat, parts.counts}));
        C2D_TRY(const Tensor twice, shares_.make({Operation::vconcat, {counts, counts}}));
        // Below the minimum, less those that are none and may be.
        Matrix bounds{2 * n, 1, parts.least}, signs{1, 2 * n, std::vector<double>(2 * n, 1)};
        for (std::size_t i = 0; i < n; ++i) {
            bounds.data.push_back(0.5);
            signs.data[n + i] = parts.may_be_none[i] ? -1 : 0;
        }
        C2D_TRY(const Tensor least, shares_.make({Operation::constant, {}, {}, {}, &bounds}));
        C2D_TRY(const Tensor below, shares_.make({Operation::less, {twice, least}}));
        C2D_TRY(const Tensor weights, shares_.make({Operation::constant, {}, {}, {}, &signs}));
        C2D_TRY(const Tensor found, shares_.make({Operation::matmul, {weights, below}}));
        bad.push_back(found);
    }
    C2D_TRY(const Tensor all, shares_.make({Operation::vconcat, bad}));
    C2D_TRY(const Tensor sum, total(all));
    C2D_TRY(const Tensor half, number(0.5));
    C2D_TRY(const Tensor any, shares_.make({Operation::less, {half, sum}}));
    tell("minimum", 1);
    C2D_TRY(const double opened, shares_.open(any));
    return opened != 0;
}

}  // namespace c2d::mpc
