/// Which characteristics cost a row most, named and nothing else of them; only where the terms of all let so many be.

#include "mpc/engines.hpp"
#include "mpc/generated.hpp"
#include "mpc/parties.hpp"

#include "support/temp_dir.hpp"
#include <c2d/regression.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

using namespace c2d;
using namespace c2d::mpc;
using namespace c2d::mpc::test;

namespace {

constexpr OpeningRules kNamed{
    .rows = 10, .positives = 5, .negatives = 5, .scores = ScoresOpened::points, .reason_codes = 4};

/// What `reason_codes` says, computed in the clear.
std::vector<double> codes_of(const Matrix& above, std::size_t count) {
    std::vector<double> out;
    for (std::size_t row = 0; row < above.rows; ++row) {
        std::vector<std::size_t> order(above.cols);
        for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
        std::ranges::stable_sort(order,
                                 [&](std::size_t a, std::size_t b) { return above.at(row, a) > above.at(row, b); });
        for (std::size_t i = 0; i < count; ++i)
            out.push_back(i < order.size() && above.at(row, order[i]) > 0 ? double(order[i] + 1) : 0);
    }
    return out;
}

/// Multiples of 1/8, so that both backends and the clear one have the same, and many are equal.
Matrix eighths(std::size_t rows, std::size_t cols, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    Matrix out = random_matrix(random, rows, cols, 3);
    for (double& x : out.data) x = std::round(x * 8) / 8;
    return out;
}

Matrix less_row(const Matrix& x, const std::vector<double>& base) {
    Matrix out = x;
    for (std::size_t i = 0; i < out.data.size(); ++i) out.data[i] -= base[i % out.cols];
    return out;
}

struct BinnedCase {
    static constexpr std::size_t kRows = 400, kBins = 5;
    GeneratedData data = generate(kRows, 3, 2, 5);
    std::array<Matrix, 2> bins{Matrix{kRows, 3, {}}, Matrix{kRows, 2, {}}};

    BinnedCase() {
        const auto number = [](double x) { return std::clamp(std::floor(x + 2.5), 0.0, double(kBins - 1)); };
        for (const double x : data.first.data) bins[0].data.push_back(number(x));
        for (const double x : data.second.data) bins[1].data.push_back(number(x));
    }
    const Matrix* at(const Session& s, unsigned owner) const { return s.party() == owner ? &bins[owner] : nullptr; }
    Tensor points(Session& s) const {
        const Tensor y = share_labels(s, 0, data.label);
        std::vector<Tensor> evidence, encoded;
        for (unsigned owner = 0; owner < 2; ++owner) {
            evidence.push_back(must(s.weight_of_evidence(must(s.bin_counts(owner, at(s, owner), kBins, y)))));
            encoded.push_back(must(s.encode_bins(owner, at(s, owner), evidence.back())));
        }
        const Tensor model = must(s.fit_logistic(must(s.hconcat(encoded)), y, {})).weights;
        return must(s.bin_points(must(s.hconcat(evidence)), model));
    }
    Tensor columns(Session& s, const Tensor& points, std::size_t first, std::size_t count) const {
        std::vector<std::size_t> index;
        for (std::size_t i = first; i < first + count; ++i) index.push_back(i);
        return must(s.transpose(must(s.rows(must(s.transpose(points)), index))));
    }
    Tensor rows(Session& s, const Tensor& points) const {
        return must(s.hconcat({must(s.encode_bins(0, at(s, 0), columns(s, points, 0, 3))),
                               must(s.encode_bins(1, at(s, 1), columns(s, points, 3, 2)))}));
    }
    /// The share of rows in each bin, as its owner says it.
    Tensor shares(Session& s) const {
        std::array<Matrix, 2> found;
        for (unsigned owner = 0; owner < 2; ++owner) {
            found[owner] = {kBins, bins[owner].cols, std::vector<double>(kBins * bins[owner].cols)};
            for (std::size_t i = 0; i < bins[owner].data.size(); ++i)
                found[owner].at(std::size_t(bins[owner].data[i]), i % bins[owner].cols) += 1.0 / kRows;
        }
        return must(s.hconcat({share(s, 0, found[0]), share(s, 1, found[1])}));
    }
};

/// The name of the refusal, the same at all parties; empty: there was none.
template <class Call>
std::string refusal(const OpeningRules& rules, const Call& call) {
    std::array<std::string, kParties> names;
    run_sessions(
        BackendKind::rep3, [&](Session& s) { names[s.party()] = call(s); }, rules);
    CHECK(names[0] == names[1]);
    CHECK(names[0] == names[2]);
    return names[0];
}

std::string name_of(Session& s, const Result<Tensor>& tensor) {
    if (!tensor) return tensor.error().name;
    const auto value = s.reveal(*tensor, {0});
    return value ? std::string() : value.error().name;
}

}  // namespace

TEST_CASE(
    "of every number of columns and codes those are named that are most above the baseline, the first of equal ones") {
    for (const BackendKind kind : {BackendKind::clear, BackendKind::rep3})
        for (const std::size_t cols : {1, 2, 3, 7, 16, 33})
            for (const std::size_t count : {1, 2, 3, 4, 7, 10}) {
                CAPTURE(cols);
                CAPTURE(count);
                const Matrix x = eighths(40, cols, cols), base = eighths(1, cols, 77);
                run_sessions(kind, [&](Session& s) {
                    const Tensor codes = must(s.reason_codes(share(s, 0, x), share(s, 1, base), count));
                    CHECK(open_to_all(s, codes).data == codes_of(less_row(x, base.data), count));
                });
            }
}

TEST_CASE("more rows than are sorted at once come in their order") {
    const Matrix x = eighths(70'000, 33, 3), base{1, 33, std::vector<double>(33)};
    run_sessions(BackendKind::rep3, [&](Session& s) {
        const Tensor codes = must(s.reason_codes(share(s, 0, x), must(s.constant(base)), 2));
        CHECK(open_to_all(s, codes).data == codes_of(x, 2));
    });
}

TEST_CASE("contributions are products, added up over the columns of a characteristic") {
    const Matrix x = eighths(20, 4, 9), model{5, 1, {0.5, -1, 2, 0.25, 7}};
    for (const BackendKind kind : {BackendKind::clear, BackendKind::rep3})
        run_sessions(kind, [&](Session& s) {
            const Tensor features = share(s, 0, x), weights = must(s.constant(model));
            const Matrix each = open_to_all(s, must(s.contributions(features, weights)));
            const Matrix both = open_to_all(s, must(s.contributions(features, weights, {1, 3})));
            CHECK(both.cols == 2);
            for (std::size_t row = 0; row < 20; ++row) {
                for (std::size_t i = 0; i < 4; ++i)
                    CHECK(std::abs(each.at(row, i) - x.at(row, i) * model.data[i]) <= 0x1p-16);
                CHECK(both.at(row, 0) == each.at(row, 0));
                CHECK(both.at(row, 1) == each.at(row, 1) + each.at(row, 2) + each.at(row, 3));
            }
            for (const std::vector<std::size_t>& columns :
                 {std::vector<std::size_t>{1, 2}, {1, 4}, {0, 4}, {5}, {1, 1, 1, 1, 1}})
                CHECK(s.contributions(features, weights, columns).status() == Status::INVALID_ARGUMENT);
            CHECK(s.contributions(features, must(s.constant({4, 1, {1, 1, 1, 1}}))).status() ==
                  Status::INVALID_ARGUMENT);
            for (const std::size_t count : {0, 11})
                CHECK(s.reason_codes(features, must(s.constant({1, 4, {0, 0, 0, 0}})), count).status() ==
                      Status::INVALID_ARGUMENT);
            CHECK(s.reason_codes(features, weights).status() == Status::INVALID_ARGUMENT);
            CHECK(s.reason_codes(features, features, 1, weights).status() == Status::INVALID_ARGUMENT);
        });
}

TEST_CASE_FIXTURE(
    BinnedCase,
    "a scorecard's codes are those of its points in the clear, against the best bins and against the mean") {
    for (const BackendKind kind : {BackendKind::clear, BackendKind::rep3})
        run_sessions(kind, [&](Session& s) {
            const Tensor all = points(s);
            const Matrix table = open_to_all(s, all);
            Matrix own{kRows, 5, {}};
            for (std::size_t row = 0; row < kRows; ++row)
                for (std::size_t i = 0; i < 5; ++i)
                    own.data.push_back(table.at(std::size_t(i < 3 ? bins[0].at(row, i) : bins[1].at(row, i - 3)), i));
            std::vector<double> best(5, 1e9), mean(5);
            for (std::size_t i = 0; i < 5; ++i) {
                for (std::size_t bin = 0; bin < kBins; ++bin) best[i] = std::min(best[i], table.at(bin, i));
                for (std::size_t row = 0; row < kRows; ++row) mean[i] += own.at(row, i) / kRows;
            }
            const Tensor shared = rows(s, all);
            CHECK(open_to_all(s, must(s.reason_codes(shared, all, 3))).data == codes_of(less_row(own, best), 3));
            const Matrix found = open_to_all(s, must(s.reason_codes(shared, all, 2, shares(s))));
            // Means are rounded: what is named first lies within that of the first in the clear.
            const Matrix above = less_row(own, mean);
            const std::vector<double> wanted = codes_of(above, 2);
            for (std::size_t i = 0; i < wanted.size(); ++i) {
                const auto value = [&](double code) { return code == 0 ? 0 : above.at(i / 2, std::size_t(code) - 1); };
                CHECK(std::abs(value(found.data[i]) - value(wanted[i])) < 0x1p-12);
            }
        });
}

TEST_CASE_FIXTURE(BinnedCase,
                  "codes are opened where the terms of all let so many be, and refused before they are found") {
    const auto named = [&](std::size_t count) {
        return [&, count](Session& s) {
            const Tensor all = points(s);
            return name_of(s, s.reason_codes(rows(s, all), all, count));
        };
    };
    CHECK(refusal(kNamed, named(4)) == "");
    CHECK(refusal(kNamed, named(5)) == "not_openable");
    OpeningRules none = kNamed;
    none.reason_codes = 0;
    CHECK(refusal(none, named(1)) == "not_openable");
    std::array<std::string, kParties> names;
    run_sessions(
        BackendKind::rep3, [&](Session& s) { names[s.party()] = named(1)(s); }, kNamed,
        [&](unsigned party, SessionOptions& options) {
            if (party == 1) options.rules = none;
        });
    for (const std::string& name : names) CHECK(name == "not_openable");
}

TEST_CASE_FIXTURE(BinnedCase, "codes are counted, of as many rows as scores may be, and say nothing else") {
    OpeningRules rules = kNamed;
    rules.score_rows_max = kRows;
    run_sessions(
        BackendKind::rep3,
        [&](Session& s) {
            const Tensor all = points(s), shared = rows(s, all);
            const Tensor codes = must(s.reason_codes(shared, all, 2));
            const Tensor score = must(s.score(shared, must(s.constant({6, 1, {1, 1, 1, 1, 1, 0}}))));
            // Each has rows of its own.
            CHECK(s.reveal(score, {0}).ok());
            const auto opened = must(s.reveal(codes, {0}));
            CHECK(opened.has_value() == (s.party() == 0));
            const auto kinds = s.disclosures();
            const auto counted = std::ranges::find(kinds, std::string("reason_codes"), &Disclosure::kind);
            REQUIRE(counted != kinds.end());
            CHECK(counted->count == 1);
            const auto again = s.reveal(codes, {0});
            CHECK(again.status() == Status::REFUSED);
            CHECK(again.error().name == "score_rows_max");
        },
        rules);
    // Rows that lie are rows.
    for (const bool reasons : {true, false})
        CHECK(refusal(rules, [&](Session& s) {
                  const Tensor all = points(s), shared = rows(s, all);
                  const Tensor found = reasons ? must(s.reason_codes(shared, all, 1))
                                               : must(s.score(shared, must(s.constant({6, 1, {1, 1, 1, 1, 1, 0}}))));
                  must(s.reveal(must(s.transpose(found)), {0}));
                  return name_of(s, s.transpose(found));
              }) == "score_rows_max");
    const auto other = [&](const auto& make) {
        return refusal(kNamed, [&](Session& s) {
            const Tensor all = points(s), shared = rows(s, all);
            return name_of(s, make(s, must(s.reason_codes(shared, all, 2)), shared, all));
        });
    };
    using T = const Tensor&;
    CHECK(other([](Session& s, T codes, T, T) { return s.sum(codes, Sum::each_column); }) == "not_openable");
    CHECK(other([](Session& s, T codes, T, T) { return s.less(codes, codes); }) == "not_openable");
    CHECK(other([](Session& s, T codes, T, T) { return s.mul(codes, codes); }) == "not_openable");
    CHECK(other([](Session&, T, T shared, T) { return Result<Tensor>(shared); }) == "not_openable");
    // Rows as they are put in have no codes, nor has a baseline of which nobody knows what it is.
    CHECK(other([&](Session& s, T, T, T) {
              return s.reason_codes(share(s, 0, data.first), must(s.constant({1, 3, {0, 0, 0}})), 1);
          }) == "not_openable");
    CHECK(other([](Session& s, T, T shared, T all) { return s.reason_codes(shared, must(s.mul(all, all)), 1); }) ==
          "not_openable");
    CHECK(other([&](Session& s, T, T, T) {
              const Tensor y = share_labels(s, 0, data.label);
              const Tensor model = must(s.fit_logistic(share(s, 1, data.second), y, {})).weights;
              return s.contributions(share(s, 1, data.second), model);
          }) == "not_openable");
}

TEST_CASE("a model that was kept is opened where the terms of all say so, and is counted") {
    support::TempDir dir;
    const GeneratedData data = generate(300, 2, 1, 4);
    const auto run = [&](const OpeningRules& rules, const auto& program) {
        run_sessions(BackendKind::rep3, program, rules, [&](unsigned party, SessionOptions& options) {
            options.kept = KeptShares::folder(dir / std::to_string(party));
        });
    };
    Matrix trained;
    run(kNamed, [&](Session& s) {
        const Tensor x = must(s.hconcat({share(s, 0, data.first), share(s, 1, data.second)}));
        const Tensor model = must(s.fit_logistic(x, share_labels(s, 0, data.label), {})).weights;
        must(s.keep(model, "model"));
        if (const auto opened = must(s.reveal(model, {0}))) trained = *opened;
    });
    OpeningRules open = kNamed;
    open.coefficients = true;
    run(open, [&](Session& s) {
        const auto opened = must(s.reveal(must(s.load("model")), {0}));
        if (opened) CHECK(opened->data == trained.data);
        const auto kinds = s.disclosures();
        const auto counted = std::ranges::find(kinds, std::string("coefficients"), &Disclosure::kind);
        REQUIRE(counted != kinds.end());
        CHECK(counted->count == 1);
    });
    run(kNamed, [&](Session& s) { CHECK(s.reveal(must(s.load("model")), {0}).error().name == "not_openable"); });
    std::array<std::string, kParties> names;
    run_sessions(
        BackendKind::rep3,
        [&](Session& s) {
            const auto opened = s.reveal(must(s.load("model")), {0});
            names[s.party()] = opened ? "" : opened.error().name;
        },
        open,
        [&](unsigned party, SessionOptions& options) {
            options.kept = KeptShares::folder(dir / std::to_string(party));
            if (party == 2) options.rules = kNamed;
        });
    for (const std::string& name : names) CHECK(name == "not_openable");
}
