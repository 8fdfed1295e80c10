/// What the table of costs says of work, beside what sessions send.

#include "mpc/parties.hpp"

#include <c2d/mpc_cost.hpp>
#include <c2d/regression.hpp>

#include <array>
#include <cmath>

using namespace c2d;
using namespace c2d::mpc;
using namespace c2d::mpc::test;

namespace {

struct Sent {
    double bytes = 0, rounds = 0;
};
Sent sent_by(const Session& s) {
    Sent out;
    for (const std::uint64_t bytes : s.stats().bytes_sent) out.bytes += static_cast<double>(bytes);
    out.rounds = static_cast<double>(s.stats().rounds);
    return out;
}

/// What a call sent is within a fifth of what it was to cost, and a kilobyte.
void check(const Session& s, const Sent& before, Work work, const WorkSize& size, const char* what) {
    const Cost cost = must(cost_of(work, size));
    const Sent after = sent_by(s);
    const double wanted = cost.bytes_sent[s.party()], found = after.bytes - before.bytes;
    CAPTURE(what);
    CAPTURE(s.party());
    CAPTURE(size.rows);
    CAPTURE(wanted);
    CAPTURE(found);
    CHECK(std::abs(found - wanted) < 0.2 * found + 25000);
    if (s.party() < 2) CHECK(after.rounds - before.rounds < 1.3 * cost.rounds + 10);
}

}  // namespace

TEST_CASE("work costs what the table says") {
    for (const auto& [rows, columns, bins] :
         {std::array<std::size_t, 3>{1000, 6, 10}, {3000, 4, 5}, {5000, 12, 10}, {14000, 6, 20}}) {
        std::mt19937_64 random(rows);
        Matrix numbers{rows, columns, {}}, labels{rows, 1, {}};
        for (std::size_t i = 0; i < rows * columns; ++i) numbers.data.push_back(static_cast<double>(random() % bins));
        for (std::size_t i = 0; i < rows; ++i) labels.data.push_back(random() % 3 == 0 ? 1 : 0);
        run_sessions(BackendKind::rep3, [&, rows = rows, columns = columns, bins = bins](Session& s) {
            const Matrix* const own = s.party() == 1 ? &numbers : nullptr;
            WorkSize size{rows, columns, bins};
            Sent before = sent_by(s);
            const Tensor y = share_labels(s, 0, labels);
            check(s, before, Work::labels, size, "labels");
            before = sent_by(s);
            const Tensor counts = must(s.bin_counts(1, own, bins, y));
            const Tensor woe = must(s.weight_of_evidence(counts));
            must(s.information_value(counts));
            check(s, before, Work::evidence, size, "evidence");
            before = sent_by(s);
            const Tensor x = must(s.encode_bins(1, own, woe));
            check(s, before, Work::encoding, size, "encoding");
            before = sent_by(s);
            const Tensor correlations = must(s.correlations(x));
            check(s, before, Work::correlations, size, "correlations");
            before = sent_by(s);
            must(s.variance_inflation(correlations));
            check(s, before, Work::inflation, size, "inflation");
            before = sent_by(s);
            const Regression fitted = must(s.fit_logistic(x, y, {}));
            size.steps = fitted.steps;
            check(s, before, Work::fit, size, "fit");
            before = sent_by(s);
            const Tensor ones = must(s.constant({rows, 1, std::vector<double>(rows, 1)}));
            must(s.auc(must(s.matmul(must(s.hconcat({x, ones})), fitted.weights)), y, 0));
            check(s, before, Work::auc, size, "auc");
        });
    }
}

TEST_CASE("scores and reasons cost what the table says") {
    constexpr OpeningRules kRules{
        .rows = 10, .positives = 5, .negatives = 5, .scores = ScoresOpened::points, .reason_codes = 10};
    for (const auto& [rows, columns, codes] :
         {std::array<std::size_t, 3>{1000, 6, 1}, {2000, 5, 4}, {3000, 40, 4}, {2000, 12, 10}}) {
        std::mt19937_64 random(rows);
        const Matrix numbers = random_matrix(random, rows, columns, 1);
        Matrix labels{rows, 1, {}};
        for (std::size_t i = 0; i < rows; ++i) labels.data.push_back(random() % 3 == 0 ? 1 : 0);
        const auto score_rows = [&, rows = rows, columns = columns, codes = codes](Session& s) {
            const WorkSize size{rows, columns, 10, codes};
            const Tensor y = share_labels(s, 0, labels);
            Sent before = sent_by(s);
            const Tensor x = share(s, 1, numbers, 64);
            check(s, before, Work::inputs, size, "inputs");
            const Tensor model = must(s.fit_logistic(x, y, {})).weights;
            before = sent_by(s);
            must(s.reveal(must(s.score(x, model)), {0}));
            check(s, before, Work::scoring, size, "scoring");
            before = sent_by(s);
            const Tensor added = must(s.contributions(x, model));
            check(s, before, Work::contributions, size, "contributions");
            const Tensor none = must(s.constant({1, columns, std::vector<double>(columns)}));
            before = sent_by(s);
            must(s.reveal(must(s.reason_codes(added, none, codes)), {0}));
            check(s, before, Work::reasons, size, "reasons");
        };
        run_sessions(BackendKind::rep3, score_rows, kRules);
    }
}

TEST_CASE("costs grow with the work, and what is no work is refused") {
    const auto seconds = [](Work work, std::size_t rows, std::size_t columns) {
        return must(cost_of(work, {rows, columns})).seconds;
    };
    for (const Work work : {Work::evidence, Work::encoding, Work::correlations, Work::fit, Work::auc, Work::training,
                            Work::inputs, Work::scoring, Work::contributions, Work::reasons}) {
        CHECK(seconds(work, 100000, 50) <= seconds(work, 1000000, 50));
        CHECK(must(cost_of(work, {1000, 5})).memory_bytes <= must(cost_of(work, {1000000, 5})).memory_bytes);
    }
    // The bench of docs/mpc/regression.md, and that of docs/mpc/woe.md: within a factor of two.
    CHECK(seconds(Work::fit, 40000, 72) == doctest::Approx(2).epsilon(1));
    CHECK(must(cost_of(Work::fit, {40000, 72, 10, 7}, {0.04, 1.25e7})).seconds == doctest::Approx(18).epsilon(0.6));
    CHECK(seconds(Work::evidence, 50000, 72) + seconds(Work::encoding, 50000, 72) < 2);
    for (const WorkSize& none : {WorkSize{0, 5}, WorkSize{5, 0}, WorkSize{5, 5, 1}, WorkSize{5, 5, 10, 0}})
        CHECK(cost_of(Work::fit, none).status() == Status::INVALID_ARGUMENT);
    CHECK(cost_of(Work::auc, {5, 0}).ok());
    CHECK(cost_of(Work::fit, {5, 5}, {-1, 1}).status() == Status::INVALID_ARGUMENT);
    CHECK(cost_of(Work::fit, {5, 5}, {0, 0}).status() == Status::INVALID_ARGUMENT);
    CHECK(cost_of(static_cast<Work>(99), {5, 5}).status() == Status::INVALID_ARGUMENT);
    Cost both = must(cost_of(Work::fit, {1000, 5}));
    const Cost one = both;
    both += must(cost_of(Work::labels, {1000, 0}));
    CHECK(both.seconds > one.seconds);
    CHECK(both.memory_bytes == one.memory_bytes);
}

TEST_CASE("works have names, and one that is none is told all of them") {
    CHECK(must(work_named("labels")) == Work::labels);
    CHECK(must(work_named("fit")) == Work::fit);
    CHECK(must(work_named("reasons")) == Work::reasons);
    const auto none = work_named("fits");
    REQUIRE(none.status() == Status::INVALID_ARGUMENT);
    CHECK(none.error().message ==
          "work must be one of labels, evidence, encoding, correlations, inflation, fit, training, auc, inputs, "
          "scoring, contributions, reasons, found fits");
}
