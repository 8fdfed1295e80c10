#include <c2d/capi/sandbox.h>
#include <c2d/operator_trial.hpp>
#include <c2d/sandbox.hpp>

#include "json_text.hpp"
#include "mpc_handles.hpp"
#include "provider/values.hpp"
#include "same_options.hpp"
#include "sandbox/values.hpp"

using c2d::Error;
using c2d::Result;
using c2d::Status;
using c2d::Unit;
using c2d::capi::give_json;
using c2d::capi::give_text;
using c2d::capi::guard;
using c2d::json::list_of;

struct c2d_sandbox_job {
    c2d::SandboxJob value;
};
struct c2d_report {
    c2d::Report value;
};
struct c2d_sandbox {
    c2d::Sandbox value;
};
struct c2d_run {
    std::unique_ptr<c2d::SandboxRun> value;
};

namespace {

constexpr int kLayers = int(c2d::Layer::pids_hard) + 1;

Result<c2d::Layer> parse_layer(std::string_view name) {
    for (int number = 0; number < kLayers; ++number)
        if (name == c2d::layer_name(static_cast<c2d::Layer>(number))) return static_cast<c2d::Layer>(number);
    return Error(Status::INVALID_ARGUMENT, "there is no layer " + c2d::sanitise_log(name));
}

/// A change of a job by one text, which its function calls `name`.
template <class Change>
c2d_status change(c2d_sandbox_job* job, const char* text, const char* name, c2d_error** error, Change apply) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(job);
        if (!text) return c2d::capi::null_argument(name);
        apply(job->value, text);
        return Unit{};
    });
}

/// The C++ class finds it out only when there is something to collect.
Result<Unit> check_outputs(const c2d::SandboxJob& job) {
    if (!job.outputs.empty()) return Unit{};
    return Error(Status::INVALID_ARGUMENT, "the job has no directory for its outputs");
}

/// The parties of a try-out, and what is the same of all in the first.
Result<c2d::OperatorTrial> trial_of(std::span<const c2d_sandbox_job* const> jobs, const c2d_trial_options& options) {
    if (options.reserved != 0) return Error(Status::INVALID_ARGUMENT, "reserved must be 0");
    c2d::OperatorTrial out;
    for (std::size_t party = 0; party < jobs.size() && party < 3; ++party) {
        if (!jobs[party]) return c2d::capi::null_argument("jobs");
        const c2d::SandboxJob& job = jobs[party]->value;
        c2d::TrialParty own{job.inputs, job.args_json, job.outputs, job.output_names, {}, job.on_log};
        if (options.kept) own.kept = std::filesystem::path(options.kept) / ("party_" + std::to_string(party));
        out.parties.push_back(std::move(own));
        if (party > 0) continue;
        out.code = job.code;
        out.runtime = job.runtime;
        out.environment = job.environment;
        out.limits = job.limits;
        out.may_be_missing = job.may_be_missing;
    }
    // More are refused as such.
    out.parties.resize(jobs.size());
    out.clear = options.clear != 0;
    C2D_TRY(out.rules, c2d::capi::read_opening_rules(options.rules));
    return out;
}

Result<Unit> give(Result<c2d::Report>&& report, c2d_report** out) {
    if (!report) return std::move(report).error();
    *out = new c2d_report{*std::move(report)};
    return Unit{};
}

}  // namespace

namespace c2d::capi {

Result<SandboxLimits> read_limits(const c2d_sandbox_limits* given) {
    C2D_TRY(const c2d_sandbox_limits limits, read_options(given));
    if (limits.reserved != 0) return Error(Status::INVALID_ARGUMENT, "reserved must be 0");
    constexpr std::uint64_t kMillisecondsMax = std::uint64_t(1) << 53;
    if (limits.wall_ms > kMillisecondsMax || limits.cpu_ms > kMillisecondsMax)
        return Error(Status::INVALID_ARGUMENT, "a time limit is past 2^53 ms");
    SandboxLimits out;
    C2D_CHECK(take_sandbox_limits(limits, out));
    return out;
}

Result<SandboxOptions> read_sandbox_options(const c2d_sandbox_options* given) {
    C2D_TRY(const c2d_sandbox_options options, read_options(given));
    SandboxOptions out;
    out.helper = text_or_empty(options.helper);
    out.cgroup = text_or_empty(options.cgroup);
    use_environment(options.environment, out);
    return out;
}

}  // namespace c2d::capi

extern "C" {

// ---------------------------------------------------------------- what to run

void c2d_sandbox_limits_init(c2d_sandbox_limits* limits) {
    if (limits) *limits = C2D_SANDBOX_LIMITS_INIT;
}

c2d_status c2d_sandbox_job_create(const char* code, c2d_sandbox_job** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(code, out);
        auto job = std::make_unique<c2d_sandbox_job>();
        job->value.code = code;
        *out = job.release();
        return Unit{};
    });
}

c2d_status c2d_sandbox_job_set_args(c2d_sandbox_job* job, const char* args_json, c2d_error** error) {
    return change(job, args_json, "args_json", error,
                  [](c2d::SandboxJob& value, const char* text) { value.args_json = text; });
}

c2d_status c2d_sandbox_job_add_argument(c2d_sandbox_job* job, const char* word, c2d_error** error) {
    return change(job, word, "word", error,
                  [](c2d::SandboxJob& value, const char* text) { value.argv.emplace_back(text); });
}

c2d_status c2d_sandbox_job_add_input(c2d_sandbox_job* job, const char* name, const char* path, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(job, name, path);
        job->value.inputs.push_back({name, path, -1});
        return Unit{};
    });
}

c2d_status c2d_sandbox_job_add_mount(c2d_sandbox_job* job, const char* host, const char* inside, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(job, host, inside);
        job->value.runtime.push_back({host, inside});
        return Unit{};
    });
}

c2d_status c2d_sandbox_job_add_variable(c2d_sandbox_job* job, const char* name, const char* value, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(job, name, value);
        job->value.environment.emplace_back(name, value);
        return Unit{};
    });
}

c2d_status c2d_sandbox_job_set_peer_fd(c2d_sandbox_job* job, int fd, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(job);
        if (fd < 0) return Error(Status::INVALID_ARGUMENT, "fd is negative");
        job->value.peer_fd = fd;
        return Unit{};
    });
}

c2d_status c2d_sandbox_job_set_outputs(c2d_sandbox_job* job, const char* path, c2d_error** error) {
    return change(job, path, "path", error, [](c2d::SandboxJob& value, const char* text) { value.outputs = text; });
}

c2d_status c2d_sandbox_job_add_output_name(c2d_sandbox_job* job, const char* name, c2d_error** error) {
    return change(job, name, "name", error,
                  [](c2d::SandboxJob& value, const char* text) { value.output_names.emplace_back(text); });
}

c2d_status c2d_sandbox_job_set_limits(c2d_sandbox_job* job, const c2d_sandbox_limits* limits, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(job, limits);
        C2D_TRY(job->value.limits, c2d::capi::read_limits(limits));
        return Unit{};
    });
}

c2d_status c2d_sandbox_job_set_log(c2d_sandbox_job* job, c2d_output_function log, void* user_data,
                                   c2d_destroy_function destroy, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(job, log);
        const auto user = std::make_shared<c2d::capi::UserData>(user_data);
        user->adopt(destroy);
        job->value.on_log = [log, user](std::string_view bytes) {
            log(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), user->get());
        };
        return Unit{};
    });
}

c2d_status c2d_sandbox_job_waive_layer(c2d_sandbox_job* job, const char* layer, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(job, layer);
        C2D_TRY(const c2d::Layer parsed, parse_layer(layer));
        job->value.may_be_missing.push_back(parsed);
        return Unit{};
    });
}

void c2d_sandbox_job_destroy(c2d_sandbox_job* job) { delete job; }

// ---------------------------------------------------------------- what happened

int c2d_report_succeeded(const c2d_report* report) { return report && report->value.succeeded() ? 1 : 0; }
const char* c2d_report_outcome(const c2d_report* report) {
    return report ? c2d::outcome_name(report->value.outcome) : "";
}
const char* c2d_report_detail(const c2d_report* report) { return report ? report->value.detail.c_str() : ""; }
int c2d_report_exit_code(const c2d_report* report) { return report ? report->value.exit_code : -1; }
const uint8_t* c2d_report_log_data(const c2d_report* report) {
    return report ? reinterpret_cast<const uint8_t*>(report->value.log.data()) : nullptr;
}
size_t c2d_report_log_size(const c2d_report* report) { return report ? report->value.log.size() : 0; }

c2d_status c2d_report_log_text(const c2d_report* report, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(report, out);
        return give_text(c2d::sanitise_log(report->value.log), out);
    });
}

c2d_status c2d_report_to_json(const c2d_report* report, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(report, out);
        return give_text(report->value.to_json(), out);
    });
}

void c2d_report_destroy(c2d_report* report) { delete report; }

// ---------------------------------------------------------------- the sandbox

void c2d_sandbox_options_init(c2d_sandbox_options* options) {
    if (options) *options = C2D_SANDBOX_OPTIONS_INIT;
}

c2d_status c2d_sandbox_open(const c2d_sandbox_options* options, c2d_sandbox** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(out);
        C2D_TRY(c2d::SandboxOptions wanted, c2d::capi::read_sandbox_options(options));
        C2D_TRY(c2d::Sandbox sandbox, c2d::Sandbox::open(std::move(wanted)));
        *out = new c2d_sandbox{std::move(sandbox)};
        return Unit{};
    });
}

c2d_status c2d_sandbox_probe(const c2d_sandbox* sandbox, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(sandbox, out);
        return give_json(list_of(sandbox->value.probe()), out);
    });
}

c2d_status c2d_sandbox_run(const c2d_sandbox* sandbox, const c2d_sandbox_job* job, c2d_report** out,
                           c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(sandbox, job, out);
        C2D_CHECK(check_outputs(job->value));
        return give(sandbox->value.run(job->value), out);
    });
}

c2d_status c2d_sandbox_start(const c2d_sandbox* sandbox, const c2d_sandbox_job* job, c2d_run** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(sandbox, job, out);
        C2D_CHECK(check_outputs(job->value));
        C2D_TRY(auto run, sandbox->value.start(job->value));
        *out = new c2d_run{std::move(run)};
        return Unit{};
    });
}

void c2d_sandbox_destroy(c2d_sandbox* sandbox) { delete sandbox; }

void c2d_trial_options_init(c2d_trial_options* options) {
    if (options) *options = C2D_TRIAL_OPTIONS_INIT;
}

c2d_status c2d_sandbox_try_parties(const c2d_sandbox* sandbox, const c2d_sandbox_job* const* jobs, size_t jobs_count,
                                   const c2d_trial_options* options, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(sandbox, jobs, out);
        C2D_TRY(const c2d_trial_options given, c2d::capi::read_options(options));
        C2D_TRY(const auto trial, trial_of({jobs, jobs_count}, given));
        C2D_TRY(const auto report, c2d::try_operator(sandbox->value, trial));
        return give_json(c2d::to_value(report), out);
    });
}

c2d_status c2d_run_wait(c2d_run* run, c2d_report** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(run, out);
        return give(run->value->wait(), out);
    });
}

void c2d_run_cancel(const c2d_run* run) {
    if (run) run->value->cancel();
}

void c2d_run_destroy(c2d_run* run) { delete run; }

}  // extern "C"
