// dt-cli sandbox: what this machine can wall off, and a try-out of an operator.

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/try.hpp"
#include "base/written_text.hpp"
#include "tools/cli/command.hpp"
#include "tools/runtime.hpp"

#include <c2d/sandbox.hpp>

namespace c2d::cli {

namespace {

using json::Value;

constexpr std::size_t kCodeBytesMax = std::size_t(16) << 20;
constexpr const char* kStates[] = {"on", "soft", "off"};

Result<int> probe(Session& session) {
    C2D_TRY(const auto sandbox, Sandbox::open({}));
    json::Array rows;
    std::string text;
    for (const auto& layer : sandbox.probe()) {
        const char* state = kStates[int(layer.state)];
        rows.push_back(Value::object({{"layer", layer_name(layer.layer)}, {"state", state}, {"hint", layer.hint}}));
        text += fmt::format("{:<14} {:<5} {}\n", layer_name(layer.layer), state, layer.hint);
    }
    session.output.answer(Value::object({{"layers", std::move(rows)}}), text);
    return 0;
}

SandboxLimits limits_of(const Flags& flags) {
    SandboxLimits limits;
    limits.memory_bytes = flags.mem_mb << 20;
    limits.processes = std::uint32_t(flags.pids);
    limits.output_bytes = flags.out_mb << 20;
    limits.output_files = std::uint32_t(flags.out_files);
    limits.tmp_bytes = flags.tmp_mb << 20;
    limits.wall = std::chrono::seconds(flags.wall_s);
    limits.log_bytes = flags.log_kb << 10;
    return limits;
}

Result<SandboxJob> job_of(const Flags& flags) {
    namespace fs = std::filesystem;
    SandboxJob job;
    std::error_code error;
    if (!fs::is_directory(flags.job, error))
        return fail(Status::NOT_FOUND, "no folder {}; expected one with inputs/ and args.json", flags.job);
    C2D_TRY(job.code, read_written_file(flags.code, kCodeBytesMax));
    const auto arguments = read_written_file(fs::path(flags.job) / "args.json", kCodeBytesMax);
    if (arguments) job.args_json = *arguments;
    if (!arguments && arguments.status() != Status::NOT_FOUND) return arguments.error();
    for (const auto& entry : fs::directory_iterator(fs::path(flags.job) / "inputs", error))
        if (entry.is_regular_file()) job.inputs.push_back({entry.path().filename().string(), entry.path(), -1});
    job.argv = flags.argv;
    job.outputs = flags.out;
    job.limits = limits_of(flags);
    C2D_CHECK(tools::add_python_runtime(job.runtime, job.environment));
    return job;
}

Result<int> run(Session& session) {
    C2D_TRY(const auto job, job_of(session.flags));
    C2D_TRY(const auto sandbox, Sandbox::open({{}, session.logger()}));
    C2D_TRY(const auto report, sandbox.run(job));
    const std::string body = report.to_json();
    // What an operator writes must not speak to the terminal.
    if (!session.output.as_json()) std::fputs(sanitise_log(report.log).c_str(), stdout);
    if (!session.flags.report.empty())
        C2D_CHECK(write_file_atomic(session.flags.report, body + "\n", 0600));
    else if (!session.output.as_json())
        std::fputs((body + "\n").c_str(), stderr);
    if (session.output.as_json()) {
        C2D_TRY(auto value, json::parse(body, {std::size_t(16) << 20, 64}));
        session.output.answer(value);
    }
    return report.succeeded() ? 0 : 1;
}

}  // namespace

void add_sandbox(CLI::App& app, Flags& flags, Action& action) {
    auto* group = app.add_subcommand("sandbox", "probe the walls, try an operator");
    group->require_subcommand(1)->fallthrough();
    add_command(*group, "probe", "what each layer would be on this machine", action, probe);
    auto* command = add_command(*group, "run", "run an operator on a job folder as a provider would", action, run);
    command->add_option("--job", flags.job, "folder with inputs/ and args.json")->required();
    command->add_option("--code", flags.code, "the operator")->required();
    command->add_option("--out", flags.out, "new or empty folder for the outputs")->required();
    command->add_option("--report", flags.report, "file for the report (default: stderr)");
    // Within what 32 bits and milliseconds hold; the library says what it makes of the rest.
    const CLI::Range number(std::uint64_t(1), std::uint64_t(1) << 31, "1 to 2^31");
    const CLI::Range year(std::uint64_t(1), std::uint64_t(366) * 24 * 3600, "1 second to a year");
    command->add_option("--mem_mb", flags.mem_mb, "memory (4096)")->check(number);
    command->add_option("--pids", flags.pids, "processes and threads (64)")->check(number);
    command->add_option("--out_mb", flags.out_mb, "outputs in all (256)")->check(number);
    command->add_option("--out_files", flags.out_files, "number of outputs (64)")->check(number);
    command->add_option("--tmp_mb", flags.tmp_mb, "temporary files (256)")->check(number);
    command->add_option("--wall", flags.wall_s, "seconds (3600)")->check(year);
    command->add_option("--log_kb", flags.log_kb, "log kept (1024)")->check(number);
    command->add_option("argv", flags.argv, "command instead of python3 /job/code, after --");
}

}  // namespace c2d::cli
