/// AUC on shares equals the AUC of the rounded scores with mid-ranks, ties included, to four decimals.

#include "mpc/parties.hpp"

#include <cmath>

using namespace c2d;
using namespace c2d::mpc;
using namespace c2d::mpc::test;

namespace {

/// By definition: pairs won plus half the pairs tied.
double exact(const Matrix& scores, const Matrix& labels) {
    double won = 0, pairs = 0;
    for (std::size_t i = 0; i < scores.rows; ++i)
        for (std::size_t j = 0; j < scores.rows; ++j) {
            if (labels.data[i] != 1 || labels.data[j] != 0) continue;
            pairs += 1;
            if (scores.data[i] > scores.data[j]) won += 1;
            if (scores.data[i] == scores.data[j]) won += 0.5;
        }
    // To four decimals, a half up. Twice the pairs won is an integer.
    return std::floor((2 * won * 10000 + pairs) / (2 * pairs)) / 10000;
}

double on_shares(const Matrix& scores, const Matrix& labels, unsigned owner, unsigned to) {
    double out = -1;
    run_sessions(BackendKind::rep3, [&](Session& s) {
        const Tensor x = share(s, (owner + 1) % 3, scores, 0x1p20);
        const auto auc = must(s.auc(x, share_labels(s, owner, labels), to));
        CHECK(auc.has_value() == (s.party() == to));
        if (auc) out = *auc;
    });
    return out;
}

}  // namespace

TEST_CASE("exact for many shapes, owners and degrees of ties") {
    std::mt19937_64 random(21);
    for (int round = 0; round < 24; ++round) {
        const std::size_t n = round < 8 ? 2 + static_cast<std::size_t>(round) : 2 + random() % 400;
        const int levels = std::vector<int>{1, 2, 5, 1000000}[random() % 4];
        Matrix scores{n, 1, {}}, labels{n, 1, {}};
        for (std::size_t i = 0; i < n; ++i) {
            scores.data.push_back(static_cast<double>(random() % levels) * 0x1p-14 - 3);
            labels.data.push_back(random() % 5 == 0 ? 1 : 0);
        }
        labels.data[random() % n] = 1;
        const std::size_t negative = random() % n;
        labels.data[negative] = 0;
        if (std::count(labels.data.begin(), labels.data.end(), 1.0) == 0) labels.data[(negative + 1) % n] = 1;
        const double got =
            on_shares(scores, labels, static_cast<unsigned>(round % 3), static_cast<unsigned>(round / 3 % 3));
        CHECK(got == exact(scores, labels));
    }
}

TEST_CASE("extremes") {
    const Matrix labels{6, 1, {0, 0, 0, 1, 1, 1}};
    CHECK(on_shares({6, 1, {1, 2, 3, 4, 5, 6}}, labels, 0, 0) == 1);
    CHECK(on_shares({6, 1, {6, 5, 4, 3, 2, 1}}, labels, 0, 1) == 0);
    CHECK(on_shares({6, 1, {7, 7, 7, 7, 7, 7}}, labels, 2, 2) == 0.5);
    CHECK(on_shares({6, 1, {-1e6, -9e5, 0, 1e6, 1e6, 1e6}}, labels, 1, 2) == 1);
}

TEST_CASE("labels of one class are domain at every party") {
    const Matrix scores{3, 1, {1, 2, 3}}, labels{3, 1, {1, 1, 1}};
    for (const BackendKind kind : {BackendKind::rep3, BackendKind::clear})
        run_sessions(kind, [&](Session& s) {
            const Tensor x = share(s, 1, scores);
            CHECK(s.auc(x, share_labels(s, 0, labels), 0).status() == Status::DOMAIN);
        });
}

TEST_CASE("10,000 rows") {
    std::mt19937_64 random(22);
    Matrix scores{10000, 1, {}}, labels{10000, 1, {}};
    for (std::size_t i = 0; i < scores.rows; ++i) {
        labels.data.push_back(random() % 6 == 0 ? 1 : 0);
        scores.data.push_back(std::round((labels.data[i] + static_cast<double>(random() % 3000) / 1000) * 4096) / 4096);
    }
    const auto start = std::chrono::steady_clock::now();
    const double got = on_shares(scores, labels, 0, 0);
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    MESSAGE("one evaluation of 10,000 rows: " << time.count() << " s");
    CHECK(std::abs(got - exact(scores, labels)) < 1.0001e-4);
}
