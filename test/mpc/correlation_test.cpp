/// Correlations, variance inflation and points of bins: shares against the same in doubles.

#include "mpc/parties.hpp"

#include <algorithm>
#include <cmath>

using namespace c2d;
using namespace c2d::mpc;
using namespace c2d::mpc::test;

namespace {

/// Columns of two banks that hang together: the last of each is a mixture of the others, one column of the second is
/// the same in every row.
struct Banks {
    Matrix first, second;
};
Banks banks(std::size_t rows, double deviation) {
    std::mt19937_64 random(rows);
    std::normal_distribution<double> normal;
    Banks out{{rows, 3, {}}, {rows, 4, {}}};
    for (std::size_t r = 0; r < rows; ++r) {
        const double u = normal(random), v = normal(random), w = normal(random);
        for (const double x : {u, v, u + 0.4 * v}) out.first.data.push_back(1.5 + deviation * x);
        for (const double x : {w, 0.0, -u + 0.1 * normal(random), 0.5 * (u + w) + 0.3 * v})
            out.second.data.push_back(deviation * x);
    }
    return out;
}

Matrix beside(const Banks& of) {
    Matrix out{of.first.rows, of.first.cols + of.second.cols, {}};
    for (std::size_t r = 0; r < out.rows; ++r) {
        for (std::size_t c = 0; c < of.first.cols; ++c) out.data.push_back(of.first.at(r, c));
        for (std::size_t c = 0; c < of.second.cols; ++c) out.data.push_back(of.second.at(r, c));
    }
    return out;
}

Matrix correlations_of(const Matrix& x) {
    const auto n = static_cast<double>(x.rows);
    Matrix out{x.cols, x.cols, std::vector<double>(x.cols * x.cols)};
    std::vector<double> mean(x.cols);
    for (std::size_t i = 0; i < x.data.size(); ++i) mean[i % x.cols] += x.data[i] / n;
    for (std::size_t a = 0; a < x.cols; ++a)
        for (std::size_t b = 0; b < x.cols; ++b)
            for (std::size_t r = 0; r < x.rows; ++r)
                out.at(a, b) += (x.at(r, a) - mean[a]) * (x.at(r, b) - mean[b]) / n;
    const Matrix covariance = out;
    for (std::size_t a = 0; a < x.cols; ++a)
        for (std::size_t b = 0; b < x.cols; ++b) {
            const double scale = std::sqrt(covariance.at(a, a) * covariance.at(b, b));
            out.at(a, b) = scale > 1e-12 ? covariance.at(a, b) / scale : 0;
        }
    return out;
}

/// The diagonal of the inverse, by Gauss and Jordan.
std::vector<double> inflation_of(Matrix a, double added) {
    Matrix inverse{a.rows, a.rows, std::vector<double>(a.rows * a.rows)};
    for (std::size_t i = 0; i < a.rows; ++i) a.at(i, i) += added, inverse.at(i, i) = 1;
    for (std::size_t i = 0; i < a.rows; ++i) {
        const double pivot = a.at(i, i);
        for (std::size_t c = 0; c < a.rows; ++c) a.at(i, c) /= pivot, inverse.at(i, c) /= pivot;
        for (std::size_t r = 0; r < a.rows; ++r) {
            if (r == i) continue;
            const double factor = a.at(r, i);
            for (std::size_t c = 0; c < a.rows; ++c) {
                a.at(r, c) -= factor * a.at(i, c);
                inverse.at(r, c) -= factor * inverse.at(i, c);
            }
        }
    }
    std::vector<double> out;
    for (std::size_t i = 0; i < a.rows; ++i) out.push_back(inverse.at(i, i));
    return out;
}

Tensor shared(Session& s, const Banks& of, double magnitude_max) {
    return must(s.hconcat({share(s, 0, of.first, magnitude_max), share(s, 1, of.second, magnitude_max)}));
}

}  // namespace

TEST_CASE("correlations of columns of two banks, of whatever deviation") {
    for (const BackendKind kind : {BackendKind::clear, BackendKind::rep3})
        for (const double deviation : {0.125, 1.0, 20.0})
            for (const std::size_t rows : {std::size_t{12}, std::size_t{100}, std::size_t{1500}}) {
                CAPTURE(deviation);
                CAPTURE(rows);
                const Banks of = banks(rows, deviation);
                const Matrix wanted = correlations_of(beside(of));
                run_sessions(kind, [&](Session& s) {
                    const Matrix found = open_to_all(s, must(s.correlations(shared(s, of, 1024))));
                    CHECK(largest_difference(found, wanted) < 0x1p-8);
                    for (std::size_t c = 0; c < found.cols; ++c) CHECK(std::abs(found.at(c, 4)) < 0x1p-12);
                });
            }
}

TEST_CASE("variance inflation is the diagonal of the inverse, and ends at 2^10") {
    const Banks of = banks(3000, 1);
    Banks others = of;
    others.first.cols = 2;
    others.first.data.clear();
    for (std::size_t r = 0; r < of.first.rows; ++r)
        for (std::size_t c = 0; c < 2; ++c) others.first.data.push_back(of.first.at(r, c));
    for (const BackendKind kind : {BackendKind::clear, BackendKind::rep3})
        for (const Banks* one : {&of, static_cast<const Banks*>(&others)}) {
            Matrix r = correlations_of(beside(*one));
            const std::vector<double> wanted = inflation_of(r, 0x1p-10);
            run_sessions(kind, [&](Session& s) {
                const Matrix found =
                    open_to_all(s, must(s.variance_inflation(must(s.correlations(shared(s, *one, 1024))))));
                REQUIRE(found.cols == wanted.size());
                for (std::size_t c = 0; c < found.cols; ++c) {
                    CAPTURE(c);
                    CHECK(found.data[c] == doctest::Approx(wanted[c]).epsilon(0.03));
                    CHECK(found.data[c] < 1100);
                }
            });
        }
}

TEST_CASE("points of bins: a weight for each column, and the intercept in the first") {
    const Matrix woe_bins{6, 2, {0, 1, 1, 0, 2, 1, 0, 0, 1, 1, 2, 0}}, labels{6, 1, {1, 0, 0, 1, 0, 1}};
    for (const BackendKind kind : {BackendKind::clear, BackendKind::rep3})
        run_sessions(kind, [&](Session& s) {
            const Matrix* const mine = s.party() == 1 ? &woe_bins : nullptr;
            const Tensor counts = must(s.bin_counts(1, mine, 3, share_labels(s, 0, labels)));
            const Tensor woe = must(s.weight_of_evidence(counts));
            const Tensor model = share(s, 0, Matrix{3, 1, {-1.25, 0.5, 0.75}});
            const Tensor points = must(s.bin_points(woe, model));
            const Matrix evidence = open_to_all(s, woe), found = open_to_all(s, points);
            for (std::size_t bin = 0; bin < 3; ++bin) {
                CHECK(std::abs(found.at(bin, 0) - (-1.25 * evidence.at(bin, 0) + 0.75)) < 0x1p-14);
                CHECK(std::abs(found.at(bin, 1) - 0.5 * evidence.at(bin, 1)) < 0x1p-14);
            }
            CHECK(s.bin_points(woe, woe).status() == Status::INVALID_ARGUMENT);
            // Their sum in each row is what the model says of it.
            const Matrix ones{3, 1, {1, 1, 0}};
            const Tensor rows = must(s.encode_bins(1, mine, points));
            const Tensor sums = must(s.score(rows, must(s.constant(ones)), {.kind = ScoreKind::logit}));
            const Tensor direct = must(s.score(must(s.encode_bins(1, mine, woe)), model, {.kind = ScoreKind::logit}));
            CHECK(largest_difference(open_to_all(s, sums), open_to_all(s, direct)) < 0x1p-13);
        });
}

TEST_CASE("what correlations do not take") {
    run_sessions(BackendKind::rep3, [&](Session& s) {
        const Matrix one{1, 2, {1, 2}}, wild{4, 1, {-500, 500, -500, 500}}, two{4, 1, {1, 0, 1, 0}};
        CHECK(s.correlations(share(s, 0, one)).status() == Status::INVALID_ARGUMENT);
        CHECK(s.correlations(must(s.mul(share(s, 0, two), share(s, 0, two)))).status() == Status::INVALID_ARGUMENT);
        CHECK(s.variance_inflation(share(s, 0, one)).status() == Status::INVALID_ARGUMENT);
        CHECK(s.correlations(share(s, 0, wild, 1024)).status() == Status::DOMAIN);
    });
}
