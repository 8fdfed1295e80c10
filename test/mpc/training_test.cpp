/// Training on shares against double-precision training with the exact sigmoid, on the same batches
/// and starting weights. C2D_FULL=1 runs the reference job at its full counts.

#include "mpc/generated.hpp"
#include "mpc/parties.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <mutex>

using namespace c2d;
using namespace c2d::mpc;
using namespace c2d::mpc::test;

namespace {

enum class Model { logistic, linear };

bool full() { return std::getenv("C2D_FULL") != nullptr; }

/// Threads are the point under the thread sanitizer, not thousands of rounds of the same.
#if defined(__SANITIZE_THREAD__)
constexpr std::size_t kSlower = 20;
#else
constexpr std::size_t kSlower = 1;
#endif

struct Trained {
    Matrix weights;
    std::vector<double> aucs;
    double seconds = 0;
};

/// Party 0 has `a` and the label, party 1 `b`, party 2 nothing; the AUC goes to party `options.auc_to`.
Trained train(BackendKind kind, const Matrix& a, const Matrix& b, const Matrix& label, const TrainOptions& options) {
    Trained out;
    run_sessions(kind, [&](Session& session) {
        const Tensor x = must(session.hconcat({share(session, 0, a), share(session, 1, b)}));
        const Tensor y = share_labels(session, 0, label);
        std::vector<double> aucs;
        const auto start = std::chrono::steady_clock::now();
        const Tensor w = must(session.train_logistic(x, y, options, [&](std::size_t, std::optional<double> auc) {
            CHECK(auc.has_value() == (options.split != 0 && session.party() == options.auc_to));
            if (auc) aucs.push_back(*auc);
            return true;
        }));
        const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
        const auto revealed = must(session.reveal(w, {options.auc_to}));
        CHECK(revealed.has_value() == (session.party() == options.auc_to));
        if (session.party() == options.auc_to) out = {*revealed, aucs, time.count()};
    });
    return out;
}

double worst_auc(const Trained& a, const Trained& b) {
    CHECK(a.aucs.size() == b.aucs.size());
    double worst = 0;
    for (std::size_t i = 0; i < std::min(a.aucs.size(), b.aucs.size()); ++i)
        worst = std::max(worst, std::abs(a.aucs[i] - b.aucs[i]));
    return worst;
}

}  // namespace

TEST_CASE("generated credit data: weights and AUC match exact training") {
    const std::size_t rows = full() ? 50000 : 12000;
    const GeneratedData data = generate(rows, 30, 42, 7);
    TrainOptions options;
    options.split = rows * 4 / 5;
    options.iterations = full() ? 10001 : 1000 / kSlower + 1;
    options.seed = 3;
    const Trained clear = train(BackendKind::clear, data.first, data.second, data.label, options);
    for (const int schedule : {0, 1, 2}) {
        const bool precise = schedule == 1;
        options.precise = precise;
        options.wide_area = schedule == 2;
        const Trained shared = train(BackendKind::rep3, data.first, data.second, data.label, options);
        const double weights = largest_difference(clear.weights, shared.weights);
        MESSAGE(std::string(precise         ? "precise"
                            : schedule == 0 ? "fast"
                                            : "wide area")
                << ": weights differ by " << weights << ", AUC by " << worst_auc(clear, shared) << ", last AUC "
                << shared.aucs.back() << " (exact " << clear.aucs.back() << "), " << shared.seconds << " s");
        CHECK(weights < (precise ? 0.0005 : 0.01));
        CHECK(worst_auc(clear, shared) < (precise ? 0.0002 : 0.001));
        CHECK(shared.aucs.size() == (options.iterations + 99) / 100);
        if (kSlower == 1) CHECK(shared.aucs.back() > 0.8);
    }
}

TEST_CASE("breast cancer, 15 + 15 columns: logits far beyond the series, columns beyond 10") {
    const Matrix all = must(read_csv(C2D_SOURCE_DIR "/test/mpc/data/breast_cancer.csv"));
    REQUIRE(all.rows == 569);
    REQUIRE(all.cols == 31);
    Matrix a{all.rows, 15, {}}, b{all.rows, 15, {}}, y{all.rows, 1, {}};
    double largest = 0;
    for (std::size_t r = 0; r < all.rows; ++r)
        for (std::size_t c = 0; c < all.cols; ++c) {
            largest = std::max(largest, std::abs(all.at(r, c)));
            (c < 15 ? a : c < 30 ? b : y).data.push_back(all.at(r, c));
        }
    CHECK(largest > 10);
    TrainOptions options;
    options.split = 400;
    options.iterations = 10000 / kSlower + 1;
    options.seed = 11;
    options.auc_to = 1;
    options.evaluate_every = full() ? 100 : 1000;
    const Trained clear = train(BackendKind::clear, a, b, y, options);
    const Trained shared = train(BackendKind::rep3, a, b, y, options);
    const double weights = largest_difference(clear.weights, shared.weights);
    MESSAGE("weights differ by " << weights << ", AUC by " << worst_auc(clear, shared) << ", last AUC "
                                 << shared.aucs.back());
    CHECK(weights < 0.005);
    CHECK(worst_auc(clear, shared) < 0.001);
}

TEST_CASE("logits that outgrow the short series: the segment is done again with the long one") {
    // Separable data: logits grow without end, past +-16 somewhere in the middle of the run.
    GeneratedData data = generate(1500, 3, 3, 12);
    for (std::size_t r = 0; r < 1500; ++r) {
        double z = 0;
        for (std::size_t c = 0; c < 3; ++c) z += data.first.at(r, c) - data.second.at(r, c);
        data.label.data[r] = z > 0 ? 1 : 0;
    }
    TrainOptions options;
    options.split = 1000;
    options.iterations = 801 / kSlower;
    options.seed = 5;
    options.lr = 0.05;
    options.evaluate_every = 40;
    const Trained clear = train(BackendKind::clear, data.first, data.second, data.label, options);
    std::vector<double> logits;
    for (std::size_t r = 0; r < 1000; ++r) {
        double z = clear.weights.data[6];
        for (std::size_t c = 0; c < 3; ++c)
            z += data.first.at(r, c) * clear.weights.data[c] + data.second.at(r, c) * clear.weights.data[3 + c];
        logits.push_back(std::abs(z));
    }
    if (kSlower == 1) CHECK(*std::max_element(logits.begin(), logits.end()) > 30);
    for (const bool wide_area : {false, true}) {
        options.wide_area = wide_area;
        const Trained shared = train(BackendKind::rep3, data.first, data.second, data.label, options);
        MESSAGE("weights differ by " << largest_difference(clear.weights, shared.weights));
        CHECK(largest_difference(clear.weights, shared.weights) < 0.02);
        CHECK(worst_auc(clear, shared) < 0.001);
        CHECK(shared.aucs.size() == clear.aucs.size());  // no check was announced twice
    }
}

TEST_CASE("labels at party 2, AUC to party 2, several starts") {
    const GeneratedData data = generate(3000, 3, 4, 8);
    for (const std::uint64_t seed : {1, 2}) {
        Matrix weights[2];
        for (const BackendKind kind : {BackendKind::clear, BackendKind::rep3})
            run_sessions(kind, [&](Session& s) {
                const Tensor x = must(s.hconcat({share(s, 1, data.first), share(s, 2, data.second)}));
                const Tensor y = share_labels(s, 2, data.label);
                TrainOptions options;
                options.split = 2000;
                options.iterations = 301;
                options.auc_to = 2;
                options.seed = seed;
                options.lr = seed == 1 ? 0.001 : 0.013;
                const Tensor w = must(s.train_logistic(x, y, options));
                const auto out = must(s.reveal(w, {2}));
                CHECK(out.has_value() == (s.party() == 2));
                if (out) weights[static_cast<int>(kind)] = *out;
            });
        CHECK(largest_difference(weights[0], weights[1]) < 0.01);
    }
}

TEST_CASE("a rate that diverges ends with domain at every party, not with a model") {
    GeneratedData data = generate(2000, 4, 4, 9);
    for (double& x : data.first.data) x *= 8;
    run_sessions(BackendKind::rep3, [&](Session& s) {
        const Tensor x = must(s.hconcat({share(s, 0, data.first), share(s, 1, data.second)}));
        const Tensor y = share_labels(s, 0, data.label);
        TrainOptions options;
        options.split = 1500;
        options.iterations = 501;
        options.lr = 0.5;
        const auto w = s.train_logistic(x, y, options);
        CHECK(w.status() == Status::DOMAIN);
        if (!w) CHECK(w.error().message.find("standardised") != std::string::npos);
    });
}

TEST_CASE("inputs out of range or not standardised are domain at every party, before any share") {
    Matrix data{2, 2, {1, 2, 65, 3}};
    const Matrix odd{2, 1, {0, 2}};
    run_sessions(BackendKind::rep3, [&](Session& s) {
        const auto x = s.input(1, s.party() == 1 ? &data : nullptr);
        CHECK(x.status() == Status::DOMAIN);
        const char* const said = s.party() == 1 ? "are its columns standardised?" : "its own message says why";
        if (!x) CHECK(x.error().message.find(said) != std::string::npos);
        CHECK(s.input_labels(2, s.party() == 2 ? &odd : nullptr).status() == Status::DOMAIN);
        // The session lives on.
        const Matrix fine{1, 1, {2}};
        CHECK(open_to_all(s, share(s, 0, fine)).data[0] == 2);
    });
}

TEST_CASE("arguments that do not fit are refused before anything is sent") {
    const Matrix data{4, 2, std::vector<double>(8, 1.0)}, label{4, 1, {0, 1, 0, 1}};
    run_sessions(BackendKind::rep3, [&](Session& s) {
        const Tensor x = share(s, 0, data), wide = share(s, 0, data, 2000);
        const Tensor y = share_labels(s, 1, label);
        const auto refused = [&](const Tensor& features, const Tensor& labels, TrainOptions options) {
            return s.train_logistic(features, labels, options).status() == Status::INVALID_ARGUMENT;
        };
        TrainOptions fine;
        TrainOptions bad_lr, low_lr, bad_batch, no_batch, bad_split, no_iterations;
        bad_lr.lr = 2;
        low_lr.lr = 0x1p-25;
        bad_batch.batch_size = 8193;
        no_batch.batch_size = 0;
        bad_split.split = 3;
        no_iterations.iterations = 0;
        CHECK(refused(x, x, fine));
        CHECK(refused(wide, y, fine));
        CHECK(refused(must(s.add(x, x)), y, fine));
        CHECK(refused(x, y, bad_lr));
        CHECK(refused(x, y, low_lr));
        CHECK(refused(x, y, bad_batch));
        CHECK(refused(x, y, no_batch));
        CHECK(refused(x, y, bad_split));
        CHECK(refused(x, y, no_iterations));
        CHECK(s.matmul(x, x).status() == Status::INVALID_ARGUMENT);
        CHECK(s.rows(x, {4}).status() == Status::INVALID_ARGUMENT);
        CHECK(s.select(x, x, x).status() == Status::INVALID_ARGUMENT);
        CHECK(s.add(x, Tensor()).status() == Status::INVALID_ARGUMENT);
        CHECK(open_to_all(s, x).data[0] == 1);
    });
}

TEST_CASE("large batches of large columns: gradients are summed in pieces") {
    GeneratedData data = generate(9000, 2, 3, 13);
    // A flag that one row in 4,500 has, standardised.
    const double often = 2.0 / 9000, rare = (1 - often) / std::sqrt(often * (1 - often));
    for (std::size_t r = 0; r < 9000; ++r) data.first.at(r, 1) = r % 4500 == 7 ? rare : -1 / rare;
    CHECK(rare > kInputMax);
    for (const Model model : {Model::logistic, Model::linear}) {
        Matrix weights[2];
        for (const BackendKind kind : {BackendKind::clear, BackendKind::rep3})
            run_sessions(kind, [&](Session& s) {
                const Tensor x = must(s.hconcat({share(s, 0, data.first, kFeatureMax), share(s, 1, data.second)}));
                TrainOptions options;
                options.batch_size = 8192;
                options.iterations = 20;
                options.lr = 0x1p-17;
                options.precise = true;
                const Tensor w = model == Model::logistic
                                     ? must(s.train_logistic(x, share_labels(s, 0, data.label), options))
                                     : must(s.train_linear(x, share(s, 0, data.label), options));
                const Matrix opened = open_to_all(s, w);
                if (s.party() == 0) weights[static_cast<int>(kind)] = opened;
            });
        MESSAGE("weights differ by " << largest_difference(weights[0], weights[1]));
        CHECK(largest_difference(weights[0], weights[1]) < 0.001);
    }
}

TEST_CASE("a rate of zero trains nothing, and the last model is evaluated") {
    const GeneratedData data = generate(400, 3, 3, 14);
    for (const BackendKind kind : {BackendKind::clear, BackendKind::rep3})
        for (const double lr : {0.0, 0.01})
            run_sessions(kind, [&](Session& s) {
                const Tensor x = must(s.hconcat({share(s, 0, data.first), share(s, 1, data.second)}));
                TrainOptions options;
                options.split = 300;
                options.iterations = 150;
                options.lr = lr;
                std::vector<std::size_t> told;
                std::vector<double> aucs;
                must(s.train_logistic(x, share_labels(s, 0, data.label), options,
                                      [&](std::size_t iteration, std::optional<double> auc) {
                                          told.push_back(iteration);
                                          if (auc) aucs.push_back(*auc);
                                          return true;
                                      }));
                CHECK(told == std::vector<std::size_t>{0, 100, 150});
                if (s.party() != 0) return;
                REQUIRE(aucs.size() == 3);
                CHECK((aucs[0] == aucs[2]) == (lr == 0));
            });
}
