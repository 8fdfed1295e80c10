#include "base/display_text.hpp"
#include "base/fail.hpp"

#include <c2d/mpc_cost.hpp>

#include <algorithm>
#include <cmath>

namespace c2d::mpc {
namespace {

/// Rows that a step of a fit draws for its curvature, twice as many near the end; its last step takes all rows. Sums
/// over rows go in pieces of so many.
constexpr double kSampledRows = 8192, kMeanSampledRows = 11000, kSampleWorth = 1.5, kPieceRows = 255;
/// What a process needs before anything is computed.
constexpr double kProcessBytes = 5e7;

/// Bytes that a session, fitted to its messages, sends for each of these; the rest of a process' time goes by numbers.
struct Terms {
    double a, b, h;
};
void add(Cost& cost, const Terms& bytes, double times) {
    cost.bytes_sent[0] += bytes.a * times;
    cost.bytes_sent[1] += bytes.b * times;
    cost.bytes_sent[2] += bytes.h * times;
}

struct Sizes {
    double rows, columns, bins, steps, batch;
    double cells() const { return rows * columns; }
    double width() const { return columns + 1; }
};

Cost of_labels(const Sizes& n) {
    Cost out;
    add(out, {8, 0, 0}, n.rows);
    out.memory_bytes = 40 * n.rows;
    return out;
}

Cost of_evidence(const Sizes& n) {
    Cost out;
    add(out, {0.13, 1.13, 0.19}, n.cells() * (n.bins - 1));
    add(out, {4350, 4350, 9170}, (n.bins + 1) * n.columns);
    out.rounds = 83;
    out.seconds = 9e-9 * n.cells() * n.bins;
    out.memory_bytes = 18 * n.cells() + 150 * n.rows;
    return out;
}

Cost of_encoding(const Sizes& n) {
    Cost out;
    add(out, {16, 8.65 + 0.13 * n.bins, 8}, n.cells());
    out.rounds = 3 * std::max(1.0, n.cells() / 1e6);
    out.seconds = 3e-8 * n.cells();
    out.memory_bytes = 35 * n.cells() + 150 * n.rows;
    return out;
}

Cost of_correlations(const Sizes& n) {
    Cost out;
    add(out, {150, 150, 220}, n.width() * n.width());
    out.rounds = 62;
    out.seconds = 2e-8 * n.rows * n.width() + 5e-10 * n.rows * n.width() * n.width();
    out.memory_bytes = 95 * n.rows * n.width() + 300 * n.rows;
    return out;
}

Cost of_inflation(const Sizes& n) {
    Cost out;
    add(out, {476, 476, 540}, n.columns * n.columns);
    out.rounds = 76;
    out.seconds = 1e-9 * 80 * n.columns * n.columns * n.columns;
    out.memory_bytes = 500 * n.columns * n.columns;
    return out;
}

Cost of_fit(const Sizes& n) {
    const bool samples = n.rows > kSampleWorth * kSampledRows;
    const double whole = samples ? 1 : n.steps, rough = n.steps - whole;
    const double curvature_rows = whole * n.rows + rough * kMeanSampledRows;
    const double elements = n.width() * n.width();
    Cost out;
    // What is predicted at the start costs nothing.
    add(out, {21, 21, 252}, (n.steps - 1) * n.rows);
    add(out, {16, 16, 16}, curvature_rows);
    add(out, {8, 8, 8}, curvature_rows * (n.width() + elements / 2 / kPieceRows));
    add(out, {470, 470, 530}, whole * elements);
    add(out, {210, 210, 210}, rough * elements);
    out.rounds = 30 + 95 * whole + 48 * rough;
    out.seconds = 6e-8 * n.steps * n.rows * n.width() + 5e-10 * curvature_rows * n.width() * n.width();
    out.memory_bytes = 104 * n.rows * n.width() + 900 * n.rows;
    return out;
}

Cost of_training(const Sizes& n) {
    Cost out;
    add(out, {12, 12, 136}, n.steps * n.batch);
    add(out, {8, 8, 8}, n.steps * n.width());
    out.rounds = 3 * n.steps;
    out.seconds = 2.4e-8 * n.steps * n.batch * n.width();
    out.memory_bytes = 48 * n.cells();
    return out;
}

Cost of_auc(const Sizes& n) {
    Cost out;
    const double doublings = std::log2(n.rows);
    add(out, {151 + 11 * doublings, 173 + 11 * doublings, 114 + 54 * doublings}, n.rows);
    out.rounds = 180;
    out.seconds = 3e-6 * n.rows;
    out.memory_bytes = 1200 * n.rows;
    return out;
}

Cost of_inputs(const Sizes& n) {
    Cost out;
    add(out, {0, 8, 0}, n.cells());
    out.rounds = 1;
    out.seconds = 6e-9 * n.cells();
    out.memory_bytes = 24 * n.cells();
    return out;
}

Cost of_scoring(const Sizes& n) {
    Cost out;
    add(out, {73, 81, 123}, n.rows);
    out.rounds = 12;
    out.seconds = 4e-7 * n.rows + 6e-9 * n.cells();
    out.memory_bytes = 24 * n.cells() + 600 * n.rows;
    return out;
}

Cost of_contributions(const Sizes& n) {
    Cost out;
    add(out, {23, 23, 35}, n.cells());
    out.rounds = 6;
    out.seconds = 1e-7 * n.cells();
    out.memory_bytes = 200 * n.cells();
    return out;
}

/// Comparisons of a row that find the largest: groups of as many are sorted, and of two merged the larger halves go on.
Cost of_reasons(const Sizes& n) {
    const double group = std::exp2(std::ceil(std::log2(n.steps))), depth = std::log2(group);
    const double merges = std::max(0.0, std::ceil(n.columns / group) - 1);
    const double sorted = (merges + 1) * group * depth * (depth + 1) / 4, merged = merges * group * (1 + depth / 2);
    const double comparisons = sorted + merged + n.steps;
    Cost out;
    add(out, {34, 34, 69}, n.rows * comparisons);
    add(out, {0, 8, 0}, n.rows * n.steps);
    out.rounds = 8 * (depth * (depth + 1) / 2 + std::ceil(std::log2(merges + 1)) * (1 + depth) + 1);
    out.seconds = 2.5e-7 * n.rows * comparisons;
    out.memory_bytes = 250 * n.cells();
    return out;
}

/// What a work is called, and what it costs by itself: docs/mpc/costs.md has the same table.
struct WorkRow {
    Work work;
    std::string_view name;
    Cost (*cost)(const Sizes&);
    bool has_columns = true;
};
constexpr WorkRow kWorks[] = {
    {Work::labels, "labels", of_labels, false},
    {Work::evidence, "evidence", of_evidence},
    {Work::encoding, "encoding", of_encoding},
    {Work::correlations, "correlations", of_correlations},
    {Work::inflation, "inflation", of_inflation},
    {Work::fit, "fit", of_fit},
    {Work::training, "training", of_training},
    {Work::auc, "auc", of_auc, false},
    {Work::inputs, "inputs", of_inputs},
    {Work::scoring, "scoring", of_scoring},
    {Work::contributions, "contributions", of_contributions},
    {Work::reasons, "reasons", of_reasons},
};

std::string names_of_works() {
    std::string out;
    for (const auto& row : kWorks) out += (out.empty() ? "" : ", ") + std::string(row.name);
    return out;
}

}  // namespace

Result<Work> work_named(std::string_view name) {
    const auto* row = std::ranges::find(kWorks, name, &WorkRow::name);
    if (row == std::end(kWorks))
        return fail(Status::INVALID_ARGUMENT, "work must be one of {}, found {}", names_of_works(),
                    display_text(name, 40));
    return row->work;
}

Cost& Cost::operator+=(const Cost& next) {
    for (unsigned party = 0; party < kParties; ++party) bytes_sent[party] += next.bytes_sent[party];
    rounds += next.rounds;
    seconds += next.seconds;
    memory_bytes = std::max(memory_bytes, next.memory_bytes);
    return *this;
}

Result<Cost> cost_of(Work work, const WorkSize& size, const Wire& wire) {
    const auto* row = std::ranges::find(kWorks, work, &WorkRow::work);
    if (row == std::end(kWorks))
        return fail(Status::INVALID_ARGUMENT, "cost: expected a Work, found number {}", static_cast<int>(work));
    if (size.rows == 0 || (row->has_columns && size.columns == 0) || size.bins < 2 || size.steps == 0 ||
        size.batch_size == 0)
        return fail(Status::INVALID_ARGUMENT, "cost: rows, columns, steps and batch_size must be 1 or more, bins 2");
    if (!(wire.round_trip_seconds >= 0) || !(wire.bytes_per_second > 0))
        return fail(Status::INVALID_ARGUMENT, "cost: a wire has a round trip of 0 s or more, and carries something");
    Cost out =
        row->cost({static_cast<double>(size.rows), static_cast<double>(size.columns), static_cast<double>(size.bins),
                   static_cast<double>(size.steps), static_cast<double>(size.batch_size)});
    // A round is one way; what a party sends goes to two others.
    out.seconds +=
        out.rounds * wire.round_trip_seconds / 2 + *std::ranges::max_element(out.bytes_sent) / wire.bytes_per_second;
    out.memory_bytes += kProcessBytes;
    return out;
}

}  // namespace c2d::mpc
