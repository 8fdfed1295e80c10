/// Regression on shares against Newton's method in double precision, from the same columns. C2D_FULL=1: 40,000 rows of
/// 72 columns from even to 1 in 500.

#include "mpc/ml/regression.hpp"
#include "base/fail.hpp"
#include "mpc/core/glm.hpp"
#include "mpc/engines.hpp"
#include "mpc/generated.hpp"
#include "mpc/local/protocols.hpp"
#include "mpc/ml/inverse.hpp"
#include "mpc/parties.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

using namespace c2d;
using namespace c2d::mpc;
using namespace c2d::mpc::test;

namespace {

bool full() { return std::getenv("C2D_FULL") != nullptr; }

/// Solves a x = b and gives the diagonal of a's inverse, by Gauss and Jordan.
struct Solved {
    std::vector<double> x, diagonal;
};
Solved solve(std::vector<double> a, const std::vector<double>& b) {
    const std::size_t n = b.size(), width = 2 * n + 1;
    std::vector<double> rows(n * width);
    for (std::size_t r = 0; r < n; ++r) {
        std::copy_n(&a[r * n], n, &rows[r * width]);
        rows[r * width + n] = b[r];
        rows[r * width + n + 1 + r] = 1;
    }
    for (std::size_t k = 0; k < n; ++k) {
        std::size_t pivot = k;
        for (std::size_t r = k; r < n; ++r)
            if (std::abs(rows[r * width + k]) > std::abs(rows[pivot * width + k])) pivot = r;
        std::swap_ranges(&rows[k * width], &rows[k * width] + width, &rows[pivot * width]);
        for (std::size_t c = width; c-- > k;) rows[k * width + c] /= rows[k * width + k];
        for (std::size_t r = 0; r < n; ++r) {
            if (r == k) continue;
            const double factor = rows[r * width + k];
            for (std::size_t c = k; c < width; ++c) rows[r * width + c] -= factor * rows[k * width + c];
        }
    }
    Solved out;
    for (std::size_t r = 0; r < n; ++r) {
        out.x.push_back(rows[r * width + n]);
        out.diagonal.push_back(rows[r * width + n + 1 + r]);
    }
    return out;
}

struct Exact {
    std::vector<double> weights, errors;
};
struct Problem {
    Matrix x, y;
    std::vector<double> weight = {}, offset = {};
    double ridge = 1e-4;
    bool linear = false;
};
/// To the last digit that doubles have.
Exact exact_fit(const Problem& of) {
    const std::size_t n = of.x.rows, d = of.x.cols, width = d + 1;
    Exact out{std::vector<double>(width), {}};
    double scale = 1;
    for (int step = 0; step < 40; ++step) {
        std::vector<double> h(width * width), g(width), row(width, 1);
        double squares = 0;
        for (std::size_t i = 0; i < n; ++i) {
            std::copy_n(&of.x.data[i * d], d, row.data());
            double z = of.offset.empty() ? 0 : of.offset[i];
            for (std::size_t j = 0; j < width; ++j) z += row[j] * out.weights[j];
            const double s = of.weight.empty() ? 1 : of.weight[i], p = of.linear ? z : 1 / (1 + std::exp(-z));
            const double v = s * (of.linear ? 1 : p * (1 - p)), e = of.y.data[i] - p;
            squares += s * e * e;
            for (std::size_t j = 0; j < width; ++j) {
                g[j] += s * e * row[j];
                for (std::size_t k = 0; k < width; ++k) h[j * width + k] += v * row[j] * row[k];
            }
        }
        for (std::size_t j = 0; j < d; ++j) {
            h[j * width + j] += of.ridge * static_cast<double>(n);
            g[j] -= of.ridge * static_cast<double>(n) * out.weights[j];
        }
        if (of.linear) scale = squares / static_cast<double>(n - width);
        const Solved solved = solve(h, g);
        double most = 0;
        out.errors.clear();
        for (std::size_t j = 0; j < width; ++j) {
            out.weights[j] += solved.x[j];
            most = std::max(most, std::abs(solved.x[j]));
            out.errors.push_back(std::sqrt(scale * solved.diagonal[j]));
        }
        if (most < 1e-10) break;
    }
    return out;
}

Matrix column_of(const std::vector<double>& values) { return {values.size(), 1, values}; }

/// The first half of the columns at party 0, the rest at party 1; labels at party 0; statistics to party 1.
Regression fitted(BackendKind kind, const Problem& of, RegressionOptions options = {}) {
    const std::size_t first = of.x.cols / 2;
    Matrix a{of.x.rows, first, {}}, b{of.x.rows, of.x.cols - first, {}};
    for (std::size_t i = 0; i < of.x.data.size(); ++i) (i % of.x.cols < first ? a : b).data.push_back(of.x.data[i]);
    Regression out;
    run_sessions(kind, [&](Session& s) {
        const Tensor x = must(s.hconcat({share(s, 0, a, 128), share(s, 1, b, 128)}));
        RegressionOptions own = options;
        own.ridge = of.ridge;
        own.statistics_to = {1};
        if (!of.weight.empty()) own.sample_weight = share(s, 0, column_of(of.weight));
        if (!of.offset.empty()) own.offset = share(s, 1, column_of(of.offset));
        Regression found = of.linear ? must(s.fit_linear(x, share(s, 0, of.y), own))
                                     : must(s.fit_logistic(x, share_labels(s, 0, of.y), own));
        CHECK(found.weights.rows() == of.x.cols + 1);
        CHECK(found.statistics.has_value() == (s.party() == 1));
        const Matrix opened = open_to_all(s, found.weights);
        if (s.party() != 1) return;
        CHECK(opened.data == found.statistics->coefficients);
        found.weights = {};
        out = std::move(found);
    });
    return out;
}

double worst(const std::vector<double>& a, const std::vector<double>& b, bool relative = false) {
    REQUIRE(a.size() == b.size());
    double out = 0;
    for (std::size_t j = 0; j < a.size(); ++j) out = std::max(out, std::abs(a[j] - b[j]) / (relative ? b[j] : 1));
    return out;
}

void check_close(const char* what, const Regression& found, const Exact& exact, double error = 1e-3) {
    REQUIRE(found.statistics.has_value());
    const RegressionStatistics& statistics = *found.statistics;
    const double weights = worst(statistics.coefficients, exact.weights);
    const double errors = worst(statistics.standard_errors, exact.errors, true);
    MESSAGE(std::string(what) << ": " << found.steps << " steps, coefficients differ by " << weights
                              << ", standard errors by a factor 1 + " << errors);
    CHECK(found.converged);
    CHECK(weights < error);
    CHECK(errors < 2e-3);
    for (std::size_t j = 0; j < exact.weights.size(); ++j)
        CHECK(std::abs(statistics.z_values[j] - exact.weights[j] / exact.errors[j]) <
              0.01 + 0.005 * std::abs(statistics.z_values[j]));
}

/// Credit data with about this share of bad customers.
Problem credit(std::size_t rows, std::size_t cols, double rate, std::uint64_t seed) {
    const GeneratedData data = generate(rows, cols / 2, cols - cols / 2, seed);
    Problem out{{rows, cols, {}}, {rows, 1, {}}};
    std::vector<double> truth(cols);
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    std::uniform_real_distribution<double> uniform(0, 1);
    for (double& t : truth) t = normal(random) * 1.8 / std::sqrt(static_cast<double>(cols));
    std::vector<double> z(rows);
    for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t c = 0; c < cols; ++c) {
            const double x = c < cols / 2 ? data.first.at(r, c) : data.second.at(r, c - cols / 2);
            out.x.data.push_back(std::round(x * 65536) / 65536);
            z[r] += truth[c] * out.x.data.back();
        }
    double low = -20, high = 20;
    for (int i = 0; i < 60; ++i) {
        const double middle = (low + high) / 2;
        double mean = 0;
        for (const double one : z) mean += 1 / (1 + std::exp(-one - middle)) / static_cast<double>(rows);
        (mean > rate ? high : low) = middle;
    }
    for (const double one : z) out.y.data.push_back(uniform(random) < 1 / (1 + std::exp(-one - low)) ? 1 : 0);
    return out;
}

/// `program(protocol)` at three parties; where it opens something, party 0's is kept.
template <class Program>
void run_protocols(BackendKind kind, Program program) {
    auto links = memory_links();
    std::vector<std::thread> threads;
    for (unsigned party = 0; party < kParties; ++party)
        threads.emplace_back([&, party] {
            auto random = Random::system();
            auto protocol = must(open_protocol({.backend = kind}, *links[party], *random));
            program(*protocol, party);
        });
    for (auto& thread : threads) thread.join();
}

TensorPtr put_in(Protocol& protocol, unsigned party, unsigned owner, const Matrix& data, double bound) {
    auto out =
        must(protocol.backend->input(owner, party == owner ? &data : nullptr, data.rows, data.cols, InputKind::values));
    out->bound = bound;
    return out;
}

}  // namespace

TEST_CASE("sums over rows are rounded once, whatever their size") {
    std::mt19937_64 random(3);
    // Pieces of few rows: 128^2 at 2^36 leaves 2^11 of them, 2^10 with a weight of 2.
    const Matrix a = random_matrix(random, 5000, 2, 128), b = random_matrix(random, 5000, 3, 128),
                 v = random_matrix(random, 5000, 1, 1);
    for (const bool owned : {true, false})
        run_protocols(BackendKind::rep3, [&](Protocol& protocol, unsigned party) {
            const TensorPtr left = put_in(protocol, party, 0, a, 128), right = put_in(protocol, party, 1, b, 128);
            TensorPtr x = must(protocol.backend->hconcat({left.get(), right.get()}));
            if (!owned) x = must(protocol.backend->add(*x, *must(protocol.backend->scale(*x, 0))));
            x->bound = 128;
            const TensorPtr weight = put_in(protocol, party, 2, v, 1);
            auto design = must(protocol.glm->design(*x));
            std::vector<std::uint32_t> index(5000);
            for (std::uint32_t i = 0; i < 5000; ++i) index[i] = i;
            const auto at = [&](std::size_t row, std::size_t col) {
                return col == 5 ? 1.0 : col < 2 ? a.at(row, col) : b.at(row, col - 2);
            };
            for (const TensorData* one :
                 {static_cast<const TensorData*>(weight.get()), static_cast<const TensorData*>(nullptr)}) {
                const TensorPtr gram = must(protocol.glm->gram(*design, one, 1, index));
                const Matrix opened = *must(protocol.backend->reveal(*gram, {0, 1, 2}));
                for (std::size_t j = 0; j < 6; ++j)
                    for (std::size_t k = 0; k < 6; ++k) {
                        double sum = 0;
                        for (std::size_t i = 0; i < 5000; ++i)
                            sum += at(i, j) * at(i, k) * (one != nullptr ? v.data[i] : 1) / 8192;
                        CHECK(std::abs(opened.at(j, k) - sum) < 0.02);
                    }
            }
            const TensorPtr w = must(protocol.glm->constant_at({6, 1, {0, 0.5, 1, 1.5, 2, 2.5}}, 24));
            const Matrix sums = *must(
                protocol.backend->reveal(*must(protocol.glm->weighted_sum(*design, *weight, 1, *w, 100)), {0, 1, 2}));
            for (std::size_t j = 0; j < 6; ++j) {
                double sum = 0;
                for (std::size_t i = 0; i < 5000; ++i) sum += at(i, j) * v.data[i] / 8192;
                if (j < 5) sum -= 100 * 0.5 * static_cast<double>(j) / 8192;
                CHECK(std::abs(sums.data[j] - sum) < 0.001);
            }
        });
}

TEST_CASE("a normaliser brings what it takes to [1/2, 1), and says what it does not take") {
    for (const BackendKind kind : {BackendKind::rep3, BackendKind::clear})
        run_protocols(kind, [](Protocol& protocol, unsigned) {
            for (const double value : {0x1p-14, 0.3, 1.0, 1.5, 77.0, 262143.0}) {
                const TensorPtr x = must(protocol.glm->constant_at({1, 1, {value}}, kMeanBits));
                Doubts outside;
                const TensorPtr power = must(protocol.glm->normaliser(*x, outside));
                REQUIRE_FALSE(must(protocol.glm->any({&outside})));
                const double found =
                    must(protocol.backend->reveal(*must(protocol.glm->mul_at(*x, *power, kMeanBits)), {0, 1, 2}))
                        ->data[0];
                CHECK(found >= 0.5 - 0x1p-29);
                CHECK(found < 1);
            }
            for (const double value : {0.0, 0x1p-15, 262144.0, -1.0}) {
                const TensorPtr x = must(protocol.glm->constant_at({1, 1, {value}}, kMeanBits));
                Doubts outside, none;
                (void)must(protocol.glm->normaliser(*x, outside));
                CHECK(must(protocol.glm->any({&none, &outside})));
                CHECK_FALSE(must(protocol.glm->any({&none})));
            }
            const TensorPtr x = must(protocol.glm->constant_at({3, 1, {-5, 0.25, 0.5}}, 30));
            CHECK(must(protocol.glm->any_above(*x, 0.4999)));
            CHECK_FALSE(must(protocol.glm->any_above(*x, 0.5)));
            const TensorPtr signs = must(protocol.glm->constant_at({4, 1, {-5, 0x1p-30, 0, 7}}, 30));
            CHECK(must(protocol.glm->above_zero(*signs)) == std::vector<bool>{false, true, false, true});
        });
}

namespace {

/// What a rough inverse leaves of the unit matrix.
void check_rough(Protocol& protocol, ml::Inverse inverse) {
    must(ml::invert(protocol, inverse, ml::kRoughInverse));
    // What came with the matrix is the matrix: what was done to one was done to the other.
    const Matrix unit =
        *must(protocol.backend->reveal(*must(protocol.glm->matmul_at(*inverse.rows, *inverse.value, 30)), {0, 1, 2}));
    for (std::size_t i = 0; i < unit.rows; ++i)
        for (std::size_t j = 0; j < unit.cols; ++j) CHECK(std::abs(unit.at(i, j) - (i == j ? 1 : 0)) < 0.02);
}

}  // namespace

TEST_CASE("inverses to a condition of 10^4, and beyond that an answer") {
    constexpr std::size_t kSize = 12;
    for (const double smallest : {1.0, 1e-2, 1e-4, 1e-9}) {
        // Reflected twice: eigenvalues from `smallest` to 1.
        Matrix a{kSize, kSize, std::vector<double>(kSize * kSize)};
        std::vector<double> axis(kSize);
        for (std::size_t i = 0; i < kSize; ++i) axis[i] = std::sin(1.0 + 3.0 * static_cast<double>(i));
        double length = 0;
        for (const double one : axis) length += one * one;
        const auto reflection = [&](std::size_t i, std::size_t j) {
            return (i == j ? 1.0 : 0.0) - 2 * axis[i] * axis[j] / length;
        };
        for (std::size_t i = 0; i < kSize; ++i)
            for (std::size_t j = 0; j < kSize; ++j)
                for (std::size_t k = 0; k < kSize; ++k)
                    a.at(i, j) +=
                        reflection(i, k) * reflection(j, k) * std::pow(smallest, static_cast<double>(k) / (kSize - 1));
        const Solved exact = solve(a.data, std::vector<double>(kSize, 1));
        run_protocols(BackendKind::rep3, [&](Protocol& protocol, unsigned party) {
            const TensorPtr shared = must(protocol.glm->constant_at(a, kMeanBits));
            Doubts doubts;
            ml::Inverse inverse = must(ml::normalised(protocol, *shared, shared.get(), doubts));
            REQUIRE_FALSE(must(protocol.glm->any({&doubts})));
            if (smallest >= 1e-2) check_rough(protocol, inverse);
            must(ml::invert(protocol, inverse, ml::kExactInverse));
            must(ml::doubt_inverse(protocol, inverse, doubts));
            const bool good = !must(protocol.glm->any({&doubts}));
            CHECK(good == (smallest >= 1e-4));
            if (!good) return;
            const TensorPtr power = must(protocol.backend->broadcast(*inverse.power, kSize, 1));
            const TensorPtr diagonal = must(protocol.glm->diagonal(*inverse.value));
            const Matrix opened =
                *must(protocol.backend->reveal(*must(protocol.glm->mul_at(*diagonal, *power, 39)), {0, 1, 2}));
            if (party == 0) CHECK(worst(opened.data, exact.diagonal, true) < 2e-3);
        });
    }
}

TEST_CASE("p-values of the normal and of Student's distribution") {
    CHECK(ml::normal_p_value(1.959963985) == doctest::Approx(0.05).epsilon(1e-8));
    CHECK(ml::normal_p_value(-3) == doctest::Approx(0.0026997961).epsilon(1e-8));
    // Tables: t = 2.228 with 10 degrees, 12.706 with 1, 2.576 with very many.
    CHECK(ml::student_p_value(2.2281388520, 10) == doctest::Approx(0.05).epsilon(1e-8));
    CHECK(ml::student_p_value(-12.706204736, 1) == doctest::Approx(0.05).epsilon(1e-8));
    CHECK(ml::student_p_value(2.5758293035, 1e7) == doctest::Approx(0.01).epsilon(1e-5));
    CHECK(ml::student_p_value(0, 5) == doctest::Approx(1));
}

TEST_CASE("logistic regression equals Newton's method in double precision, from even to rare") {
    for (const double rate : {0.5, 0.05, 0.005}) {
        const Problem of = credit(full() ? 40000 : 6000, full() ? 72 : 10, rate, 5);
        const Exact exact = exact_fit(of);
        for (const BackendKind kind : {BackendKind::clear, BackendKind::rep3}) {
            RegressionOptions options;
            if (!full()) options.curvature_rows = 2048;
            const std::string what = fmt::format("{} bad, {}", rate, kind == BackendKind::clear ? "clear" : "shares");
            // Rounding of 30 bad customers' rows weighs more than that of 200.
            check_close(what.c_str(), fitted(kind, of, options), exact, full() || rate > 0.01 ? 1e-3 : 2e-3);
        }
    }
}

TEST_CASE("no ridge, sample weights and an offset") {
    Problem of = credit(3000, 6, 0.2, 6);
    of.ridge = 0;
    check_close("no ridge", fitted(BackendKind::rep3, of), exact_fit(of));
    std::mt19937_64 random(7);
    std::uniform_real_distribution<double> uniform(0, 3);
    for (std::size_t i = 0; i < 3000; ++i) {
        of.weight.push_back(std::round(uniform(random) * 4) / 4);
        of.offset.push_back(std::round(uniform(random) * 64) / 64 - 1.5);
    }
    for (const BackendKind kind : {BackendKind::clear, BackendKind::rep3})
        check_close("weights and offset", fitted(kind, of), exact_fit(of));
    of.weight[1234] = -0x1p-16;
    for (const BackendKind kind : {BackendKind::clear, BackendKind::rep3})
        run_sessions(kind, [&](Session& s) {
            RegressionOptions options;
            options.sample_weight = share(s, 0, column_of(of.weight));
            const Tensor x = share(s, 1, of.x, 128);
            CHECK(s.fit_linear(x, share(s, 0, of.y), options).error().name == "negative_weight");
            CHECK(s.fit_logistic(x, share_labels(s, 0, of.y), options).error().name == "negative_weight");
        });
}

TEST_CASE("least squares, with the variance of residuals") {
    Problem of = credit(2500, 8, 0.5, 8);
    std::mt19937_64 random(9);
    std::normal_distribution<double> normal;
    of.linear = true;
    for (std::size_t r = 0; r < of.x.rows; ++r) {
        double y = 3 + 2 * normal(random);
        for (std::size_t c = 0; c < of.x.cols; ++c) y += 0.5 * static_cast<double>(c) * of.x.at(r, c);
        of.y.data[r] = std::round(y * 4096) / 4096;
    }
    for (const BackendKind kind : {BackendKind::clear, BackendKind::rep3}) {
        const Regression found = fitted(kind, of);
        check_close("linear", found, exact_fit(of));
        CHECK(found.statistics->scale == doctest::Approx(4).epsilon(0.1));
    }
}

TEST_CASE("data that have no best coefficients end with the cause at every party") {
    Problem of = credit(1500, 4, 0.5, 10);
    const auto refused = [&](const char* name) {
        for (const BackendKind kind : {BackendKind::clear, BackendKind::rep3})
            run_sessions(kind, [&](Session& s) {
                RegressionOptions options;
                options.ridge = of.ridge;
                const auto found = s.fit_logistic(share(s, 0, of.x), share_labels(s, 1, of.y), options);
                CHECK(found.status() == Status::DOMAIN);
                if (!found) CHECK(found.error().name == name);
            });
    };
    SUBCASE("a column that is the sum of two others") {
        of.ridge = 0;
        for (std::size_t r = 0; r < of.x.rows; ++r) of.x.at(r, 3) = of.x.at(r, 0) + of.x.at(r, 1);
        refused("collinear");
        of.ridge = 1e-4;
        CHECK(fitted(BackendKind::rep3, of).converged);
    }
    SUBCASE("a column that decides") {
        of.ridge = 0;
        for (std::size_t r = 0; r < of.x.rows; ++r) of.y.data[r] = of.x.at(r, 0) > 0 ? 1 : 0;
        refused("separable");
        of.ridge = 1e-4;
        check_close("separable, with a ridge", fitted(BackendKind::rep3, of), exact_fit(of), 5e-3);
    }
}

TEST_CASE("a fit that may not take all its steps returns its model, and nobody learns statistics unasked") {
    const Problem of = credit(2000, 4, 0.3, 11);
    RegressionOptions options;
    options.steps_max = 2;
    const Regression found = fitted(BackendKind::rep3, of, options);
    CHECK(found.steps == 2);
    CHECK_FALSE(found.converged);
    CHECK(worst(found.statistics->coefficients, exact_fit(of).weights) < 0.3);
    run_sessions(BackendKind::rep3, [&](Session& s) {
        const Regression quiet = must(s.fit_logistic(share(s, 0, of.x), share_labels(s, 1, of.y), {}));
        CHECK_FALSE(quiet.statistics.has_value());
    });
}

TEST_CASE("statistics are opened of rows that each went in once, as models are, and of nothing else") {
    const Problem of = credit(400, 3, 0.5, 12);
    const OpeningRules rules{.rows = 10, .positives = 5, .negatives = 5};
    std::vector<std::size_t> twice(400), few(8);
    for (std::size_t i = 0; i < 400; ++i) twice[i] = i / 2;
    for (std::size_t i = 0; i < 8; ++i) few[i] = i;
    for (const int which : {0, 1, 2})
        run_sessions(
            BackendKind::rep3,
            [&](Session& s) {
                Tensor x = share(s, 0, of.x), y = share_labels(s, 1, of.y);
                if (which != 0) x = must(s.rows(x, which == 1 ? twice : few));
                if (which != 0) y = must(s.rows(y, which == 1 ? twice : few));
                RegressionOptions options;
                options.statistics_to = {2};
                const auto found = s.fit_logistic(x, y, options);
                CHECK(found.status() == (which == 0 ? Status::OK : Status::REFUSED));
                if (!found) return;
                CHECK(must(s.reveal(found->weights, {0})).has_value() == (s.party() == 0));
                bool counted = false;
                for (const Disclosure& one : s.disclosures()) counted = counted || one.kind == "model";
                CHECK(counted);
            },
            rules);
}

TEST_CASE("what a regression cannot take is refused before anything is sent") {
    const Matrix x{5, 2, std::vector<double>(10, 1.0)}, y{5, 1, {0, 1, 0, 1, 1}},
        few{3, 2, std::vector<double>(6, 1.0)};
    run_sessions(BackendKind::rep3, [&](Session& s) {
        const Tensor features = share(s, 0, x), labels = share_labels(s, 0, y), wide = share(s, 0, x, 2000);
        const auto refused = [&](const Tensor& a, const Tensor& b, const RegressionOptions& options) {
            return s.fit_logistic(a, b, options).status() == Status::INVALID_ARGUMENT;
        };
        RegressionOptions ridge, tolerance, steps, to, weight;
        ridge.ridge = -1;
        tolerance.tolerance = 0;
        steps.steps_max = 0;
        to.statistics_to = {3};
        weight.sample_weight = features;
        for (const RegressionOptions& one : {ridge, tolerance, steps, to, weight})
            CHECK(refused(features, labels, one));
        CHECK(refused(features, features, {}));
        CHECK(refused(wide, labels, {}));
        CHECK(refused(Tensor(), labels, {}));
        CHECK(refused(share(s, 0, few), must(s.rows(labels, {0, 1, 2})), {}));
        CHECK(s.fit_linear(features, must(s.add(features, features)), {}).status() == Status::INVALID_ARGUMENT);
        CHECK(open_to_all(s, features).data[0] == 1);
    });
}
