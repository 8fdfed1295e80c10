// c2d-bench mpc-relay: the demo's operator as a provider runs it (Python package, sandbox, frame relay,
// TLS), from start to exit with reading its CSV files, against the engine alone, in turns.

#include "base/fail.hpp"
#include "base/try.hpp"
#include "bench/bench.hpp"
#include "bench/mpc_job.hpp"
#include "bench/three_parties.hpp"
#include "net/frame_relay.hpp"
#include "support/temp_dir.hpp"

#include <c2d/sandbox.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <sys/socket.h>

namespace c2d::bench {
namespace {

namespace fs = std::filesystem;
using namespace mpc;

Result<Unit> write_csv(const fs::path& file, const Matrix& data, const char* number) {
    std::FILE* out = std::fopen(file.c_str(), "w");
    if (!out) return fail(Status::IO, "cannot write {}", file.string());
    for (std::size_t r = 0; r < data.rows; ++r)
        for (std::size_t c = 0; c < data.cols; ++c) {
            std::fprintf(out, number, data.at(r, c));
            std::fputc(c + 1 < data.cols ? ',' : '\n', out);
        }
    if (std::fclose(out) != 0) return fail(Status::IO, "cannot write {}", file.string());
    return Unit{};
}

std::string arguments_of(unsigned party) {
    return fmt::format(R"({{"party_id": {}, "inputs": {{"0": "./inputs/a.csv", "1": "./inputs/b.csv", )"
                       R"("2": "./inputs/label.csv"}}, "model_args": {{"in_dim": 72, "out_dim": 1, "lr": 0.01, )"
                       R"("batch_size": 256, "split": 0, "epoch": {}, "seed": 11}}, )"
                       R"("outputs": {{"0": "./outputs/rtt_log.txt"}}}})",
                       party, kJobIterations);
}

/// What a provider starts for a party.
Result<SandboxJob> job_of(unsigned party, const fs::path& folder, int peer_fd) {
    SandboxJob job;
    C2D_TRY(job.code, read_file(C2D_SOURCE_DIR "/examples/joint_risk/samples/op/rtt_op.py", 1 << 20));
    job.args_json = arguments_of(party);
    const std::vector<const char*> names[] = {{"a.csv", "label.csv"}, {"b.csv"}, {}};
    for (const char* name : names[party]) job.inputs.push_back({name, folder / name});
    job.runtime = {{C2D_SOURCE_DIR "/bindings/python/c2d", "/opt/c2d/c2d"}, {C2D_LIBRARY_FILE, "/opt/c2d/libc2d.so"}};
    job.environment = {
        {"PYTHONPATH", "/opt/c2d"}, {"C2D_LIBRARY", "/opt/c2d/libc2d.so"}, {"C2D_PARTY", std::to_string(party)}};
    job.peer_fd = peer_fd;
    return job;
}

/// Relay and sandbox of one party; returns the seconds from start to exit.
Result<std::vector<double>> run_operator(unsigned party, Channels channels, const fs::path& folder) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return fail(Status::IO, "cannot make a socketpair: {}", errno_text(errno));
    Fd operator_end(ends[0]);
    FrameRelayOptions options;
    options.operator_fd = Fd(ends[1]);
    options.party = party;
    options.peers = std::move(channels);
    C2D_TRY(const auto sandbox, Sandbox::open());
    C2D_TRY(const SandboxJob job, job_of(party, folder, operator_end.get()));
    Result<Report> report = Report{};
    Result<std::unique_ptr<FrameRelay>> relay = Error(Status::INTERNAL, "not started");
    const double time = seconds([&] {
        auto run = sandbox.start(job);
        if (!run) {
            report = run.error();
            return;
        }
        relay = FrameRelay::start(std::move(options));
        operator_end.reset();
        report = (*run)->wait();
    });
    C2D_CHECK(report);
    if (!relay) return relay.error();
    (*relay)->wait();
    if (!report->succeeded())
        return fail(Status::INTERNAL, "the operator of party {}: {} ({})", party, report->detail,
                    sanitise_log(report->log));
    return std::vector<double>{time};
}

Result<double> operator_rate(const fs::path& folder) {
    C2D_TRY(const auto numbers, run_three_parties([&](unsigned party, Channels channels) {
                return run_operator(party, std::move(channels), folder);
            }));
    double longest = 0;
    for (const auto& party : numbers) longest = std::max(longest, party[0]);
    return double(kJobIterations) / longest;
}

}  // namespace

Result<std::vector<Goal>> mpc_relay_bench() {
    const JobData data = make_job_data();
    support::TempDir folder;
    C2D_CHECK(write_csv(folder / "a.csv", head(data.a, kJobSplit), "%.6f"));
    C2D_CHECK(write_csv(folder / "b.csv", head(data.b, kJobSplit), "%.6f"));
    C2D_CHECK(write_csv(folder / "label.csv", head(data.label, kJobSplit), "%.0f"));
    C2D_TRY(const auto rates,
            in_turns({[&] { return operator_rate(folder.path); }, [&] { return engine_rate(data); }}, {}));
    return std::vector<Goal>{
        report("iterations a second, engine alone", rates[1]),
        report("iterations a second, operator in the sandbox, start to exit", rates[0]),
        at_least("operator / engine", ratio(rates[0], rates[1]), 0.4),
    };
}

}  // namespace c2d::bench
