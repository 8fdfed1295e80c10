/// Bins on shares against what they come to in the clear: counts, weight of evidence, information value, encoded columns.

#include "mpc/ml/evidence.hpp"
#include "mpc/engines.hpp"
#include "mpc/local/protocols.hpp"
#include "mpc/parties.hpp"

#include <algorithm>
#include <cmath>

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
                for (const auto& [rows, bins] :
                     {std::pair<std::size_t, std::size_t>{1, 2}, {127, 3}, {128, 62}, {3000, 10}}) {
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
