// c2d-bench align: which rows of two tables are the same customer, three processes over TLS on loopback, from ids in
// memory to row numbers at both banks, or to joined columns. Beside it: the bare calls of libsecp256k1 that an exchange
// of points is made of, and pandas' merge in the clear. C2D_FULL=1: 10^7 ids with the helper, too.

#include "base/try.hpp"
#include "bench/bench.hpp"
#include "bench/three_parties.hpp"
#include "crypto/blind_point.hpp"
#include "mpc/link/tls_link.hpp"

#include <c2d/mpc.hpp>

#include <cstdio>
#include <cstdlib>

namespace c2d::bench {
namespace {

using namespace mpc;

constexpr std::size_t kMany = 1'000'000, kMost = 10'000'000, kPoints = 12'000, kJoinedColumns = 5;

/// Row `row` of a bank: half of its customers are the other's, too, who has them in another order.
IdValues ids_of(unsigned party, std::size_t rows) {
    IdValues out;
    out.bytes.reserve(rows * 18);
    out.offsets.reserve(rows + 1);
    for (std::size_t row = 0; row < rows; ++row) {
        // The factor has no divisor in common with the numbers of rows here, so that nothing repeats.
        const std::size_t place = party == 0 ? row : (row * 0x9e3779b1u + 12345u) % rows;
        char text[19];
        std::snprintf(text, sizeof text, "ID%016llu", static_cast<unsigned long long>(place + party * rows / 2));
        out.add({text, 18});
    }
    return out;
}

AlignOptions options_of(AlignMode mode, std::size_t rows) {
    AlignOptions out;
    out.mode = mode;
    out.rows_max = rows;
    return out;
}

/// All begin at once.
Result<Unit> meet(Link& link) {
    const std::uint8_t here = 1;
    std::uint8_t there = 0;
    for (unsigned peer = 0; peer < kParties; ++peer)
        if (peer != link.party()) C2D_CHECK(link.send(peer, {&here, 1}));
    for (unsigned peer = 0; peer < kParties; ++peer)
        if (peer != link.party()) C2D_CHECK(link.receive(peer, {&there, 1}));
    return Unit{};
}

/// One party: seconds, and bytes that it sent.
Result<std::vector<double>> take_part(unsigned party, Channels channels, AlignMode mode, std::size_t rows) {
    C2D_TRY(const auto link, tls_link(party, std::move(channels)));
    const IdValues ids = party < 2 ? ids_of(party, rows) : IdValues{};
    std::optional<std::vector<IdColumn>> given;
    if (party < 2) given = std::vector{ids.view()};
    C2D_CHECK(meet(*link));
    Result<Alignment> found = Error(Status::INTERNAL, "did not run");
    const double time = seconds([&] { found = align(*link, given, options_of(mode, rows)); });
    C2D_TRY(const Alignment alignment, std::move(found));
    if (alignment.common != rows - rows / 2) return Error(Status::INTERNAL, "other rows were found than are common");
    double sent = 0;
    for (const std::uint64_t bytes : link->stats().bytes_sent) sent += static_cast<double>(bytes);
    return std::vector<double>{time, sent};
}

/// The same for a join, of so many columns of each bank's.
Result<std::vector<double>> take_part_in_join(unsigned party, Channels channels, std::size_t rows, std::size_t cols) {
    SessionOptions session_options;
    C2D_TRY(session_options.link, tls_link(party, std::move(channels)));
    C2D_TRY(const auto session, Session::open(std::move(session_options)));
    const IdValues ids = party < 2 ? ids_of(party, rows) : IdValues{};
    std::optional<std::vector<IdColumn>> given;
    if (party < 2) given = std::vector{ids.view()};
    const Matrix own{rows, cols, std::vector<double>(rows * cols, 1)};
    std::vector<Tensor> columns(2);
    for (const unsigned bank : {0u, 1u}) {
        C2D_TRY(columns[bank], session->input(bank, party == bank ? &own : nullptr));
    }
    C2D_TRY(const auto ready, session->exchange({}));
    Result<Joined> found = Error(Status::INTERNAL, "did not run");
    const double time = seconds([&] { found = session->join(given, columns, options_of(AlignMode::hidden, rows)); });
    C2D_CHECK(found);
    if (found->common != rows - rows / 2) return Error(Status::INTERNAL, "other rows were found than are common");
    return std::vector<double>{time};
}

Result<double> join_seconds(std::size_t rows, std::size_t cols) {
    C2D_TRY(const auto numbers, run_three_parties([&](unsigned party, Channels channels) {
                return take_part_in_join(party, std::move(channels), rows, cols);
            }));
    return std::max({numbers[0][0], numbers[1][0], numbers[2][0]});
}

/// Until the slower bank has its rows.
Result<double> align_seconds(AlignMode mode, std::size_t rows) {
    C2D_TRY(const auto numbers, run_three_parties([&](unsigned party, Channels channels) {
                return take_part(party, std::move(channels), mode, rows);
            }));
    return std::max(numbers[0][0], numbers[1][0]);
}

/// What each bank computes for an id of each, and nothing else: a hash to the curve and two multiplications.
Result<std::vector<double>> bare_calls(unsigned party, Channels channels, std::size_t rows) {
    C2D_TRY(const auto link, tls_link(party, std::move(channels)));
    C2D_CHECK(meet(*link));
    if (party == 2) return std::vector<double>{0};
    const auto random = Random::system();
    C2D_TRY(const BlindingScalar scalar, BlindingScalar::draw(*random));
    const IdValues ids = ids_of(party, rows);
    Result<Unit> done = Unit{};
    const double time = seconds([&] {
        done = [&]() -> Result<Unit> {
            for (std::size_t row = 0; row < rows; ++row) {
                const BytesView id = BytesView(ids.bytes).subspan(ids.offsets[row], 18);
                C2D_TRY(const CurvePoint once, scalar.times(hash_to_curve({}, id)));
                C2D_CHECK(scalar.times(once));
            }
            return Unit{};
        }();
    });
    C2D_CHECK(done);
    return std::vector<double>{time};
}

Result<double> bare_seconds(std::size_t rows) {
    C2D_TRY(const auto numbers, run_three_parties([&](unsigned party, Channels channels) {
                return bare_calls(party, std::move(channels), rows);
            }));
    return std::max(numbers[0][0], numbers[1][0]);
}

/// A merge in the clear by pandas, in one process; fails where it is not installed.
Result<double> pandas_seconds() {
    const std::string command =
        "/usr/bin/python3 -B " C2D_SOURCE_DIR "/test/bench/align_pandas.py " + std::to_string(kMany) + " 2>/dev/null";
    FILE* const output = ::popen(command.c_str(), "r");
    if (!output) return Error(Status::IO, "cannot start python3");
    double time = 0;
    const int read = std::fscanf(output, "%lf", &time);
    if (::pclose(output) != 0 || read != 1) return Error(Status::NOT_FOUND, "pandas is not installed");
    return time;
}

}  // namespace

Result<std::vector<Goal>> align_bench() {
    const bool with_pandas = pandas_seconds().ok();
    std::vector<Measure> subjects = {[] { return align_seconds(AlignMode::helper, kMany); },
                                     [] { return align_seconds(AlignMode::two_party, kPoints); },
                                     [] { return bare_seconds(kPoints); },
                                     [] { return join_seconds(kMany, kJoinedColumns); }};
    if (with_pandas) subjects.push_back(pandas_seconds);
    C2D_TRY(const auto times, in_turns(subjects, {}));
    const Series helper = times[0].per_second(double(kMany)), points = times[1].per_second(double(kPoints)),
                 bare = times[2].per_second(double(kPoints)), joined = times[3];
    std::vector<Goal> out = {
        at_least("helper: rows a second, 10^6 of each bank", helper.middle(), 1e6),
        at_least("two_party: ids of each bank a second, one core each", points.middle(), 12'000),
        report("limit: a hash to the curve and two multiplications a second", bare),
        at_least("two_party / limit", ratio(points, bare), 0.9),
        at_most("hidden: seconds, 10^6 rows of each bank, 10 columns in all", joined.middle(), 5),
    };
    if (with_pandas) {
        out.push_back(report("seconds, pandas' merge in the clear, 10^6 of each", times[4]));
        out.push_back(report("helper / pandas", ratio(helper, times[4].per_second(double(kMany)))));
    }
    if (std::getenv("C2D_FULL")) {
        C2D_TRY(const double most, align_seconds(AlignMode::helper, kMost));
        out.push_back(at_most("helper: seconds, 10^7 of each bank", most, 10));
    }
    return out;
}

}  // namespace c2d::bench
