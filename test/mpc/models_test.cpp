/// Linear regression, penalties, rates that fall, standardisation and column statistics: shares
/// against the clear-text oracle, and what each refuses.

#include "mpc/generated.hpp"
#include "mpc/parties.hpp"

#include <cmath>

using namespace c2d;
using namespace c2d::mpc;
using namespace c2d::mpc::test;

namespace {

struct Outcome {
    Matrix weights;
    double rate = 0;
};

/// Features of parties 0 and 1 and `target` of party 2 through `train`, the model opened to all.
template <class Train>
Outcome trained(BackendKind kind, const GeneratedData& data, const Matrix& target, bool labels, Train train) {
    Outcome out;
    run_sessions(kind, [&](Session& s) {
        const Tensor x = must(s.hconcat({share(s, 0, data.first), share(s, 1, data.second)}));
        const Tensor y = labels ? share_labels(s, 2, target) : share(s, 2, target);
        const Matrix weights = open_to_all(s, must(train(s, x, y)));
        if (s.party() == 0) out = {weights, s.iterations_per_second()};
    });
    return out;
}

/// A target that is linear in the columns, with some noise.
Matrix linear_target(const GeneratedData& data) {
    Matrix out{data.first.rows, 1, {}};
    std::mt19937_64 random(4);
    std::normal_distribution<double> normal;
    for (std::size_t r = 0; r < data.first.rows; ++r) {
        double y = 1.5 + normal(random);
        for (std::size_t c = 0; c < data.first.cols; ++c) y += data.first.at(r, c) * (c % 2 ? 0.7 : -1.1);
        for (std::size_t c = 0; c < data.second.cols; ++c) y += data.second.at(r, c) * 0.4;
        out.data.push_back(y);
    }
    return out;
}

}  // namespace

TEST_CASE("linear regression, with a penalty and a rate that falls, equals exact training") {
    const GeneratedData data = generate(2000, 5, 6, 21);
    const Matrix target = linear_target(data);
    for (const double l2 : {0.0, 3.0}) {
        TrainOptions options;
        options.lr = 0.0013;
        options.iterations = 400;
        options.split = 1800;
        options.seed = 5;
        options.l2 = l2;
        options.lr_decay = 0.7;
        options.lr_decay_every = 90;
        const auto train = [&](Session& s, const Tensor& x, const Tensor& y) {
            std::size_t calls = 0;
            auto w = s.train_linear(x, y, options, [&](std::size_t iteration, std::optional<double> auc) {
                CHECK(iteration == 100 * calls++);
                CHECK(!auc.has_value());
                CHECK((iteration == 0) == (s.iterations_per_second() == 0));
                return true;
            });
            CHECK(calls == 5);
            return w;
        };
        const Outcome clear = trained(BackendKind::clear, data, target, false, train);
        const Outcome shared = trained(BackendKind::rep3, data, target, false, train);
        const double off = largest_difference(clear.weights, shared.weights);
        MESSAGE("l2 " << l2 << ": weights differ by " << off << ", " << shared.rate << " iterations a second");
        CHECK(off < 0.001);
        CHECK(shared.rate > 0);
        if (l2 == 0) CHECK(std::abs(shared.weights.data[0] + 1.1) < 0.2);
    }
}

TEST_CASE("logistic regression with a penalty and a rate that falls equals exact training") {
    const GeneratedData data = generate(2000, 5, 6, 22);
    double norm[2] = {};
    for (const double l2 : {0.0, 8.0}) {
        TrainOptions options;
        options.iterations = 300;
        options.seed = 6;
        options.l2 = l2;
        options.lr_decay = 0.5;
        options.lr_decay_every = 70;
        const auto train = [&](Session& s, const Tensor& x, const Tensor& y) {
            return s.train_logistic(x, y, options);
        };
        const Outcome clear = trained(BackendKind::clear, data, data.label, true, train);
        const Outcome shared = trained(BackendKind::rep3, data, data.label, true, train);
        const double off = largest_difference(clear.weights, shared.weights);
        MESSAGE("l2 " << l2 << ": weights differ by " << off);
        // The rate falls below what the three-round schedule takes: it goes on with five.
        CHECK(off < (l2 == 0 ? 0.01 : 0.0005));
        for (double w : shared.weights.data) norm[l2 != 0] += w * w;
    }
    CHECK(norm[1] < 0.8 * norm[0]);
}

TEST_CASE("linear training that diverges ends with domain at every party, naming the cause") {
    GeneratedData data = generate(1000, 3, 3, 23);
    for (double& x : data.first.data) x *= 8;
    const Matrix target = linear_target(data);
    for (const double lr : {0.02, 1.0})
        run_sessions(BackendKind::rep3, [&](Session& s) {
            const Tensor x = must(s.hconcat({share(s, 0, data.first), share(s, 1, data.second)}));
            TrainOptions options;
            options.iterations = 300;
            options.lr = lr;
            const auto w = s.train_linear(x, share(s, 2, target), options);
            CHECK(w.status() == Status::DOMAIN);
            if (!w) CHECK(w.error().message.find("residual") != std::string::npos);
        });
}

TEST_CASE("columns standardised on shares, over the rows of all parties") {
    std::mt19937_64 random(8);
    std::normal_distribution<double> normal;
    Matrix part[2] = {{3000, 4, {}}, {2500, 4, {}}};
    const double mean[] = {10, -3, 0, 0.5}, deviation[] = {5, 0.01, 1, 0.3};
    for (Matrix& rows : part)
        for (std::size_t i = 0; i < rows.rows * 4; ++i)
            rows.data.push_back(std::round((mean[i % 4] + deviation[i % 4] * normal(random)) * 65536) / 65536);
    Matrix out[2];
    for (const BackendKind kind : {BackendKind::clear, BackendKind::rep3})
        run_sessions(kind, [&](Session& s) {
            const Tensor all = must(s.vconcat({share(s, 0, part[0]), share(s, 1, part[1])}));
            const Tensor z = must(s.standardise(all));
            const Matrix opened = open_to_all(s, z);
            if (s.party() == 2) out[static_cast<int>(kind)] = opened;
            // What comes out may be trained on.
            const Matrix label{5500, 1, std::vector<double>(5500, 1)};
            TrainOptions options;
            options.iterations = 2;
            CHECK(s.train_logistic(z, share_labels(s, 2, label), options).ok());
        });
    double worst[4] = {};
    for (std::size_t i = 0; i < 5500 * 4; ++i)
        worst[i % 4] = std::max(worst[i % 4], std::abs(out[0].data.at(i) - out[1].data.at(i)));
    for (std::size_t c = 0; c < 4; ++c) CHECK(worst[c] < 0x1p-13 + 0x1p-16 / deviation[c]);
}

TEST_CASE("standardise_bound: columns as they stand in a bank's books, of several magnitudes, are standardised") {
    std::mt19937_64 random(18);
    std::normal_distribution<double> normal;
    for (const double magnitude : {1000.0, 60000.0, 0x1p20}) {
        Matrix x{3000, 2, {}};
        for (std::size_t r = 0; r < 3000; ++r) {
            x.data.push_back(std::round(std::clamp(magnitude * (0.4 + 0.1 * normal(random)), 0.0, magnitude)));
            x.data.push_back(std::round(std::clamp(magnitude * (-0.5 + 0.02 * normal(random)), -magnitude, 0.0)));
        }
        Matrix out[2];
        for (const BackendKind kind : {BackendKind::clear, BackendKind::rep3})
            run_sessions(kind, [&](Session& s) {
                const Matrix opened = open_to_all(s, must(s.standardise(share(s, 1, x, magnitude))));
                if (s.party() == 2) out[static_cast<int>(kind)] = opened;
            });
        CAPTURE(magnitude);
        CHECK(largest_difference(out[0], out[1]) < 0x1p-13);
    }
}

TEST_CASE("constant columns and outliers are refused by standardise at every party") {
    const auto refused = [](const Matrix& x) {
        for (const BackendKind kind : {BackendKind::clear, BackendKind::rep3})
            run_sessions(kind, [&](Session& s) {
                const auto z = s.standardise(share(s, 1, x));
                CHECK(z.status() == Status::DOMAIN);
                if (!z) CHECK(z.error().message.find("deviation") != std::string::npos);
            });
    };
    refused({300, 1, std::vector<double>(300, 2.5)});
    Matrix outlier{6000, 1, std::vector<double>(6000, 0)};
    outlier.data[17] = 60;
    refused(outlier);
    outlier.data[17] = -60;
    refused(outlier);
    run_sessions(BackendKind::rep3, [&](Session& s) {
        const Tensor one = share(s, 0, {1, 2, {1, 2}});
        CHECK(s.standardise(one).status() == Status::INVALID_ARGUMENT);
        CHECK(s.standardise(must(s.add(one, one))).status() == Status::INVALID_ARGUMENT);
    });
}

TEST_CASE("column statistics of a secret group, opened to one party") {
    std::mt19937_64 random(9);
    const Matrix x = random_matrix(random, 900, 5, 60);
    Matrix member{900, 1, {}};
    for (std::size_t i = 0; i < 900; ++i) member.data.push_back(random() % 3 == 0 ? 1 : 0);
    for (const bool all : {true, false}) {
        ColumnStatistics got[2];
        for (const BackendKind kind : {BackendKind::clear, BackendKind::rep3})
            run_sessions(kind, [&](Session& s) {
                const Tensor t = share(s, 0, x), bits = share_labels(s, 1, member);
                const auto found = must(s.column_statistics(t, all ? Tensor() : bits, 10, {2}));
                CHECK(found.has_value() == (s.party() == 2));
                if (found) got[static_cast<int>(kind)] = *found;
            });
        CHECK(got[0].count == got[1].count);
        CHECK(all == (got[0].count == 900));
        for (std::size_t c = 0; c < 5; ++c) {
            CHECK(std::abs(got[0].mean.at(c) - got[1].mean.at(c)) < 0x1p-14);
            CHECK(std::abs(got[0].variance.at(c) - got[1].variance.at(c)) < 0x1p-13);
        }
    }
}

TEST_CASE("a group below the minimum reveals nothing but that it is") {
    std::mt19937_64 random(10);
    const Matrix x = random_matrix(random, 50, 2, 5);
    Matrix nine{50, 1, std::vector<double>(50, 0)};
    for (std::size_t i = 0; i < 9; ++i) nine.data[5 * i] = 1;
    for (const BackendKind kind : {BackendKind::clear, BackendKind::rep3})
        run_sessions(kind, [&](Session& s) {
            const Tensor t = share(s, 0, x), bits = share_labels(s, 1, nine);
            CHECK(s.column_statistics(t, bits, 9, {0}).ok());
            const auto before = s.stats();
            const auto few = s.column_statistics(t, bits, 10, {0});
            CHECK(few.status() == Status::DOMAIN);
            if (!few) CHECK(few.error().message.find("fewer than 10") != std::string::npos);
            // One comparison and one bit, no column: far less than one number per row.
            if (kind == BackendKind::rep3) CHECK(s.stats().bytes_received[0] - before.bytes_received[0] < 200);
            CHECK(s.column_statistics(t, {}, 51, {0}).status() == Status::DOMAIN);
            CHECK(s.column_statistics(t, bits, 1, {0}).status() == Status::INVALID_ARGUMENT);
            CHECK(s.column_statistics(t, t, 5, {0}).status() == Status::INVALID_ARGUMENT);
            CHECK(s.column_statistics(t, must(s.rows(bits, {1, 2})), 5, {0}).status() == Status::INVALID_ARGUMENT);
            CHECK(s.column_statistics(t, {}, 5, {3}).status() == Status::INVALID_ARGUMENT);
            const Matrix numbers{50, 1, std::vector<double>(50, 2)};
            CHECK(s.column_statistics(t, share(s, 2, numbers), 5, {0}).status() == Status::INVALID_ARGUMENT);
        });
}

TEST_CASE("options of training that make no sense are refused before anything is sent") {
    const Matrix x{8, 2, std::vector<double>(16, 1.0)}, y{8, 1, {0, 1, 0, 1, 0, 1, 0, 1}};
    run_sessions(BackendKind::rep3, [&](Session& s) {
        const Tensor features = share(s, 0, x), target = share(s, 1, y);
        const auto refused = [&](auto change) {
            TrainOptions options;
            options.iterations = 1000;
            change(options);
            return s.train_linear(features, target, options).status() == Status::INVALID_ARGUMENT;
        };
        CHECK(refused([](TrainOptions& o) { o.l2 = -1; }));
        CHECK(refused([](TrainOptions& o) { o.l2 = 300; }));
        CHECK(refused([](TrainOptions& o) { o.lr_decay = 0; }));
        CHECK(refused([](TrainOptions& o) { o.lr_decay = 1.1; }));
        CHECK(refused([](TrainOptions& o) { o.lr_decay = 0.5, o.lr_decay_every = 10; }));
        CHECK(refused([](TrainOptions& o) { o.split = 9; }));
        CHECK(refused([](TrainOptions& o) { o.lr = std::nan(""); }));
        CHECK(s.train_linear(features, features, {}).status() == Status::INVALID_ARGUMENT);
        CHECK(s.train_linear(features, must(s.add(target, target)), {}).status() == Status::INVALID_ARGUMENT);
        CHECK(s.vconcat({features, target}).status() == Status::INVALID_ARGUMENT);
        CHECK(s.vconcat({}).status() == Status::INVALID_ARGUMENT);
    });
}
