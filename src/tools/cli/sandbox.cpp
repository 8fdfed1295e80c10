// dt-cli sandbox: what this machine can wall off, and a try-out of an operator.

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/try.hpp"
#include "base/written_text.hpp"
#include "sandbox/values.hpp"
#include "tools/cli/limit_flags.hpp"
#include "tools/runtime.hpp"

#include <c2d/sandbox.hpp>

namespace c2d::cli {

namespace {

using json::Value;

constexpr std::size_t kCodeBytesMax = std::size_t(16) << 20;

struct Probe {
    static constexpr About about{"probe", "what each layer would be on this machine", "dt-cli sandbox probe"};
    void declare(Args&) {}
    Result<int> run(Session& session);
};

Result<int> Probe::run(Session& session) {
    C2D_TRY(const auto sandbox, Sandbox::open({}));
    json::Array rows;
    std::string text;
    for (const auto& layer : sandbox.probe()) {
        const char* state = layer_state_name(layer.state);
        rows.push_back(Value::object({{"layer", layer_name(layer.layer)}, {"state", state}, {"hint", layer.hint}}));
        text += fmt::format("{:<14} {:<5} {}\n", layer_name(layer.layer), state, layer.hint);
    }
    session.output.answer(Value::object({{"layers", std::move(rows)}}), text);
    return 0;
}

struct Run {
    static constexpr About about{"run", "run an operator on a job folder as a provider would",
                                 "dt-cli sandbox run --job job --code op.py --out outputs --report report.json"};
    std::string job, code, out, report;
    LimitFlags bounds;
    std::vector<std::string> argv;

    void declare(Args& args) {
        args.required("--job", job, "folder with inputs/ and args.json");
        args.required("--code", code, "the operator");
        args.required("--out", out, "new or empty folder for the outputs");
        args.optional("--report", report, "file for the report (default: stderr)");
        bounds.declare(args);
        args.optional("argv", argv, "command instead of python3 /job/code, after --");
    }
    Result<int> run(Session& session);
    Result<SandboxJob> sandbox_job() const;
};

Result<SandboxJob> Run::sandbox_job() const {
    namespace fs = std::filesystem;
    SandboxJob made;
    std::error_code error;
    if (!fs::is_directory(job, error))
        return fail(Status::NOT_FOUND, "no folder {}; expected one with inputs/ and args.json", job);
    C2D_TRY(made.code, read_written_file(code, kCodeBytesMax));
    const auto arguments = read_written_file(fs::path(job) / "args.json", kCodeBytesMax);
    if (arguments) made.args_json = *arguments;
    if (!arguments && arguments.status() != Status::NOT_FOUND) return arguments.error();
    for (const auto& entry : fs::directory_iterator(fs::path(job) / "inputs", error))
        if (entry.is_regular_file()) made.inputs.push_back({entry.path().filename().string(), entry.path(), -1});
    made.argv = argv;
    made.outputs = out;
    made.limits = bounds.limits();
    C2D_CHECK(tools::add_python_runtime(made.runtime, made.environment));
    return made;
}

Result<int> Run::run(Session& session) {
    C2D_TRY(const auto started, sandbox_job());
    C2D_TRY(const auto sandbox, Sandbox::open({{}, session.logger()}));
    C2D_TRY(const auto done, sandbox.run(started));
    const std::string body = done.to_json();
    // What an operator writes must not speak to the terminal.
    if (!session.output.as_json()) std::fputs(sanitise_log(done.log).c_str(), stdout);
    if (!report.empty())
        C2D_CHECK(write_file_atomic(report, body + "\n", 0600));
    else if (!session.output.as_json())
        std::fputs((body + "\n").c_str(), stderr);
    if (session.output.as_json()) session.output.answer(to_value(done));
    return done.succeeded() ? 0 : 1;
}

}  // namespace

void add_sandbox(const Group& program) {
    const Group group = program.group("sandbox", "probe the walls, try an operator");
    group.add<Probe>();
    group.add<Run>();
}

}  // namespace c2d::cli
