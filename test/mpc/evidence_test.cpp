/// Bins on shares against what they come to in the clear: counts, weight of evidence, information value, encoded
/// columns.

#include "mpc/ml/evidence.hpp"
#include "mpc/engines.hpp"
#include "mpc/local/protocols.hpp"
#include "mpc/parties.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <functional>

using namespace c2d;
using namespace c2d::mpc;
using namespace c2d::mpc::test;

namespace {

struct Problem {
    Matrix bins, labels;
    std::size_t count = 0;
};
/// Of each column some bins have no rows, and one has few.
Problem make_problem(std::size_t rows, std::size_t cols, std::size_t count, double rate, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    Problem out{{rows, cols, {}}, {rows, 1, {}}, count};
    std::uniform_real_distribution<double> uniform(0, 1);
    for (std::size_t r = 0; r < rows; ++r) {
        double risk = rate;
        for (std::size_t c = 0; c < cols; ++c) {
            const double bins = c == 0 ? 2 : static_cast<double>(count);
            const double bin = std::min(std::floor(bins * std::pow(uniform(random), 1.5)), bins - 1);
            out.bins.data.push_back(bin);
            risk *= 1 + 0.3 * (bin / bins - 0.5);
        }
        out.labels.data.push_back(uniform(random) < risk ? 1 : 0);
    }
    return out;
}

/// Ones, below them zeros.
Matrix counts_of(const Problem& of) {
    Matrix out{2 * of.count, of.bins.cols, std::vector<double>(2 * of.count * of.bins.cols)};
    for (std::size_t r = 0; r < of.bins.rows; ++r)
        for (std::size_t c = 0; c < of.bins.cols; ++c)
            out.at(static_cast<std::size_t>(of.bins.at(r, c)) + (of.labels.data[r] != 0 ? 0 : of.count), c) += 1;
    return out;
}

struct Exact {
    Matrix evidence, value;
};
Exact exact(const Problem& of, double smoothing) {
    const Matrix counts = counts_of(of);
    const auto n = static_cast<double>(of.bins.rows);
    double ones = 0;
    for (const double y : of.labels.data) ones += y;
    const double zeros = n - ones;
    Exact out{{of.count, of.bins.cols, {}}, {1, of.bins.cols, std::vector<double>(of.bins.cols)}};
    for (std::size_t bin = 0; bin < of.count; ++bin)
        for (std::size_t c = 0; c < of.bins.cols; ++c) {
            const double bad = counts.at(bin, c), good = counts.at(of.count + bin, c);
            const double woe = std::log((good + smoothing * zeros / n) / zeros * ones / (bad + smoothing * ones / n));
            out.evidence.data.push_back(woe);
            out.value.data[c] += (good / zeros - bad / ones) * woe;
        }
    return out;
}

Matrix encoded(const Problem& of, const Matrix& values) {
    Matrix out = of.bins;
    for (std::size_t i = 0; i < out.data.size(); ++i)
        out.data[i] = values.at(static_cast<std::size_t>(of.bins.data[i]), i % of.bins.cols);
    return out;
}

const Matrix* at(const Session& s, unsigned owner, const Matrix& data) { return s.party() == owner ? &data : nullptr; }

TensorPtr labels_of(Protocol& protocol, unsigned party, unsigned owner, const Matrix& data) {
    auto out = must(protocol.backend->input(owner, party == owner ? &data : nullptr, data.rows, 1, InputKind::labels));
    out->is_labels = out->is_bits = true;
    out->owner = owner;
    return out;
}

/// Counts as they are, which no session opens.
Matrix opened_counts(BackendKind kind, const Problem& of, unsigned owner, unsigned labels_owner) {
    auto links = memory_links();
    std::vector<std::thread> threads;
    Matrix out;
    for (unsigned party = 0; party < kParties; ++party)
        threads.emplace_back([&, party] {
            auto random = Random::system();
            auto protocol = must(open_protocol({.backend = kind}, *links[party], *random));
            const TensorPtr y = labels_of(*protocol, party, labels_owner, of.labels);
            Bins bins{owner, of.bins.rows, of.bins.cols, of.count};
            if (party == owner) bins.numbers.assign(of.bins.data.begin(), of.bins.data.end());
            const TensorPtr counts = must(ml::bin_counts(*protocol, bins, *y));
            const auto opened = must(protocol->backend->reveal(*counts, {0}));
            if (party == 0) out = *opened;
        });
    for (auto& thread : threads) thread.join();
    return out;
}

}  // namespace

TEST_CASE("counts on shares are those in the clear, whoever has the bins and the labels") {
    for (const BackendKind kind : {BackendKind::clear, BackendKind::rep3})
        for (unsigned owner = 0; owner < 2; ++owner)
            for (unsigned labels = 0; labels < kParties; ++labels)
                for (const auto& shape : {std::pair<std::size_t, std::size_t>{1, 2}, {127, 3}, {128, 62}, {3000, 10}}) {
                    const std::size_t rows = shape.first, bins = shape.second;
                    CAPTURE(rows);
                    const Problem of = make_problem(rows, 4, bins, 0.4, rows + bins);
                    CHECK(opened_counts(kind, of, owner, labels).data == counts_of(of).data);
                }
}

TEST_CASE("all rows in one bin, all labels alike: the borders of a byte") {
    for (const double label : {0.0, 1.0}) {
        Problem of{{508, 2, std::vector<double>(1016, 0)}, {508, 1, std::vector<double>(508, label)}, 2};
        for (unsigned owner = 0; owner < 2; ++owner)
            CHECK(opened_counts(BackendKind::rep3, of, owner, 2).data == counts_of(of).data);
    }
}

TEST_CASE("weight of evidence, information value and encoded columns") {
    for (const BackendKind kind : {BackendKind::clear, BackendKind::rep3})
        for (unsigned owner = 0; owner < 2; ++owner)
            for (const double smoothing : {1.0, 0.5, 1.0 / 16}) {
                const Problem of = make_problem(2500, 3, 7, 0.15, 5), later = make_problem(400, 3, 7, 0.15, 6);
                const Exact wanted = exact(of, smoothing);
                run_sessions(kind, [&](Session& s) {
                    const Tensor y = share_labels(s, 0, of.labels);
                    const Tensor counts = must(s.bin_counts(owner, at(s, owner, of.bins), of.count, y));
                    const Tensor woe = must(s.weight_of_evidence(counts, smoothing));
                    const Matrix opened = open_to_all(s, woe);
                    CHECK(largest_difference(opened, wanted.evidence) < (kind == BackendKind::clear ? 1e-12 : 0x1p-16));
                    const Tensor value = must(s.information_value(counts, smoothing));
                    CHECK(largest_difference(open_to_all(s, value), wanted.value) < 0x1p-11 + 1e-5);
                    for (const Problem* rows : {&of, &later}) {
                        const Tensor columns = must(s.encode_bins(owner, at(s, owner, rows->bins), woe));
                        CHECK(open_to_all(s, columns).data == encoded(*rows, opened).data);
                    }
                });
            }
}

TEST_CASE("labels of one class have no evidence, and say so at every party") {
    for (const BackendKind kind : {BackendKind::clear, BackendKind::rep3})
        for (const double label : {0.0, 1.0})
            run_sessions(kind, [&](Session& s) {
                const Matrix bins{4, 1, {0, 1, 0, 1}}, labels{4, 1, std::vector<double>(4, label)};
                const Tensor counts = must(s.bin_counts(1, at(s, 1, bins), 2, share_labels(s, 0, labels)));
                CHECK(s.weight_of_evidence(counts).status() == Status::DOMAIN);
                CHECK(s.information_value(counts).status() == Status::DOMAIN);
            });
}

TEST_CASE("what is no bin is said to its owner, and arguments before anything is sent") {
    const Matrix good{3, 1, {0, 1, 2}}, half{3, 1, {0, 0.5, 1}}, high{3, 1, {0, 1, 3}}, low{3, 1, {0, -1, 1}},
        labels{3, 1, {0, 1, 1}}, two{2, 1, {0, 1}};
    run_sessions(BackendKind::rep3, [&](Session& s) {
        const Tensor y = share_labels(s, 0, labels);
        for (const Matrix* bad : {&half, &high, &low}) {
            const auto found = s.bin_counts(1, at(s, 1, *bad), 3, y);
            CHECK(found.status() == Status::DOMAIN);
            if (s.party() == 1)
                CHECK(found.error().message.find("which is no bin's number from 0 to 2") != std::string::npos);
        }
        CHECK(s.bin_counts(1, at(s, 1, two), 3, y).status() == Status::INVALID_ARGUMENT);
        CHECK(s.bin_counts(2, at(s, 2, good), 3, y).status() == Status::INVALID_ARGUMENT);
        for (const std::size_t count : {std::size_t{1}, kBinsMax + 1})
            CHECK(s.bin_counts(1, at(s, 1, good), count, y).status() == Status::INVALID_ARGUMENT);
        CHECK(s.bin_counts(1, at(s, 1, good), 3, must(s.add(y, y))).status() == Status::INVALID_ARGUMENT);
        CHECK(s.weight_of_evidence(y).status() == Status::INVALID_ARGUMENT);
        const Tensor counts = must(s.bin_counts(1, at(s, 1, good), 3, y));
        for (const double smoothing : {0.0, 65.0})
            CHECK(s.weight_of_evidence(counts, smoothing).status() == Status::INVALID_ARGUMENT);
        const Tensor woe = must(s.weight_of_evidence(counts));
        CHECK(s.encode_bins(1, at(s, 1, Matrix{1, 2, {0, 1}}), woe).status() == Status::INVALID_ARGUMENT);
    });
}

// ---------------------------------------------------------------- counts that are opened

namespace {

constexpr std::size_t kChosen = 60, kColumns = 9, kTenths = 10, kCover = 7800;

/// Bins of a bank that wants 60 labels: these rows move from column to column, all others stay.
Problem chosen_bins() {
    std::mt19937_64 random(21);
    Problem out{{kChosen + kCover, kColumns, {}}, {kChosen + kCover, 1, {}}, kTenths};
    for (std::size_t row = 0; row < out.bins.rows; ++row) {
        for (std::size_t c = 0; c < kColumns; ++c)
            out.bins.data.push_back(static_cast<double>(row < kChosen ? random() % kTenths : row % kTenths));
        out.labels.data.push_back(static_cast<double>(random() % 2));
    }
    return out;
}

/// What a.at(i, j) x_j = b_i come to, by least squares: conjugate gradients on the normal equations.
std::vector<double> least_squares(const Matrix& a, const std::vector<double>& b) {
    std::vector<double> x(a.cols), r = b, s(a.cols), p;
    const auto transposed = [&] {
        std::fill(s.begin(), s.end(), 0);
        for (std::size_t i = 0; i < a.rows; ++i)
            for (std::size_t j = 0; j < a.cols; ++j) s[j] += a.at(i, j) * r[i];
    };
    const auto squared = [](const std::vector<double>& v) {
        double out = 0;
        for (const double one : v) out += one * one;
        return out;
    };
    transposed();
    p = s;
    for (int step = 0; step < 4000 && squared(s) > 1e-18; ++step) {
        std::vector<double> q(a.rows);
        for (std::size_t i = 0; i < a.rows; ++i)
            for (std::size_t j = 0; j < a.cols; ++j) q[i] += a.at(i, j) * p[j];
        const double before = squared(s), alpha = before / squared(q);
        for (std::size_t j = 0; j < a.cols; ++j) x[j] += alpha * p[j];
        for (std::size_t i = 0; i < a.rows; ++i) r[i] -= alpha * q[i];
        transposed();
        for (std::size_t j = 0; j < a.cols; ++j) p[j] = s[j] + squared(s) / before * p[j];
    }
    return x;
}

/// How many of the chosen labels follow from these counts of ones.
std::size_t labels_found(const Problem& of, const Matrix& ones) {
    Matrix a{kColumns * kTenths, kChosen + kTenths, std::vector<double>(kColumns * kTenths * (kChosen + kTenths))};
    std::vector<double> b;
    for (std::size_t c = 0; c < kColumns; ++c)
        for (std::size_t bin = 0; bin < kTenths; ++bin) {
            const std::size_t equation = b.size();
            for (std::size_t row = 0; row < kChosen; ++row)
                a.at(equation, row) = of.bins.at(row, c) == static_cast<double>(bin) ? 1 : 0;
            a.at(equation, kChosen + bin) = 1;
            b.push_back(ones.at(bin, c));
        }
    const std::vector<double> x = least_squares(a, b);
    std::size_t out = 0;
    for (std::size_t row = 0; row < kChosen; ++row) out += (x[row] > 0.5) == (of.labels.data[row] != 0) ? 1 : 0;
    return out;
}

/// Asked by bank B, whose bins they are, of bank A's labels.
void with_counts(const Problem& of, std::size_t label_counts,
                 const std::function<void(Session&, Result<std::optional<Matrix>>)>& program, std::size_t times = 1) {
    for (const BackendKind kind : {BackendKind::rep3, BackendKind::clear}) {
        auto links = memory_links();
        std::vector<std::thread> threads;
        for (unsigned party = 0; party < kParties; ++party)
            threads.emplace_back([&, party] {
                SessionOptions options;
                options.link = std::move(links[party]);
                options.backend = kind;
                options.rules = {.rows = 100, .positives = 100, .negatives = 100};
                // The labels are bank A's: what others let be opened of theirs is of no account.
                options.rules.label_counts = party == 0 ? label_counts : party == 1 ? 1000 : 0;
                auto session = must(Session::open(std::move(options)));
                const Tensor y = share_labels(*session, 0, of.labels);
                for (std::size_t i = 0; i < times; ++i) {
                    const Tensor counts = must(session->bin_counts(1, at(*session, 1, of.bins), of.count, y));
                    program(*session, session->reveal_bin_counts(counts));
                }
            });
        for (auto& thread : threads) thread.join();
    }
}

}  // namespace

TEST_CASE("bins of many labels of each class give the labels of chosen rows, so that counts are refused") {
    const Problem of = chosen_bins();
    const Matrix counts = counts_of(of);
    for (const double one : counts.data) CHECK(one > 300);
    // What the attack would find if counts were opened as they are, and what it finds in rounded ones.
    CHECK(labels_found(of, counts) == kChosen);
    Matrix rounded = counts;
    for (double& one : rounded.data) one = 5 * std::round(one / 5);
    CHECK(labels_found(of, rounded) < kChosen * 9 / 10);
    const auto refused = [](const char* name) {
        return [name](Session& s, Result<std::optional<Matrix>> found) {
            CHECK(found.status() == Status::REFUSED);
            if (!found) CHECK(found.error().name == name);
            for (const Disclosure& one : s.disclosures()) CHECK(one.kind != "label_counts");
        };
    };
    with_counts(of, 0, refused("budget_spent"));
    with_counts(of, kColumns * kTenths - 1, refused("budget_spent"));
    Problem few = of;
    for (std::size_t row = 0; row < few.labels.rows; ++row) few.labels.data[row] = row % 9 == 0 ? 1 : 0;
    with_counts(few, 1000, refused("below_minimum"));
}

TEST_CASE("counts that the labels' owner lets be opened are rounded, to the bins' owner alone, and used up") {
    const Problem of = chosen_bins();
    const Matrix counts = counts_of(of);
    std::array<std::atomic<int>, kParties> asked{};
    with_counts(
        of, 2 * kColumns * kTenths - 1,
        [&](Session& s, Result<std::optional<Matrix>> found) {
            if (asked[s.party()]++ % 2 == 1) {
                CHECK(found.status() == Status::REFUSED);
                return;
            }
            REQUIRE(found.ok());
            CHECK(found->has_value() == (s.party() == 1));
            if (*found)
                for (std::size_t i = 0; i < (*found)->data.size(); ++i)
                    CHECK((*found)->data[i] == 5 * std::round(counts.data[i] / 5));
            bool counted = false;
            for (const Disclosure& one : s.disclosures())
                counted = counted || (one.kind == "label_counts" && one.count == kColumns * kTenths);
            CHECK(counted);
        },
        2);
}
