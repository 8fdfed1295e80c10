// A build for clients (C2D_CLIENT_ONLY) runs no operators: the functions of c2d/capi/sandbox.h and c2d/capi/provider.h
// are there, so that programs and the Python package load, and say what is missing.

#include <c2d/capi/provider.h>
#include <c2d/capi/sandbox.h>

#include "guard.hpp"

namespace {

c2d_status absent(c2d_error** error, const char* function) noexcept {
    return c2d::capi::guard(error, [&]() -> c2d::Result<c2d::Unit> {
        return c2d::Error(c2d::Status::UNSUPPORTED,
                          std::string(function) +
                              ": this c2d was built for clients, without sandbox and provider; "
                              "build it without -DC2D_CLIENT_ONLY=ON, on Linux");
    });
}

}  // namespace

/// A function that would fail or give something: `ABSENT(name, types of what stands before the error…)`.
#define ABSENT_1(name, a) \
    c2d_status name(a, c2d_error** error) { return absent(error, #name); }
#define ABSENT_2(name, a, b) \
    c2d_status name(a, b, c2d_error** error) { return absent(error, #name); }
#define ABSENT_3(name, a, b, c) \
    c2d_status name(a, b, c, c2d_error** error) { return absent(error, #name); }
#define ABSENT_4(name, a, b, c, d) \
    c2d_status name(a, b, c, d, c2d_error** error) { return absent(error, #name); }
#define ABSENT_5(name, a, b, c, d, e) \
    c2d_status name(a, b, c, d, e, c2d_error** error) { return absent(error, #name); }

extern "C" {

void c2d_sandbox_limits_init(c2d_sandbox_limits* limits) {
    if (limits) *limits = C2D_SANDBOX_LIMITS_INIT;
}
void c2d_trial_options_init(c2d_trial_options* options) {
    if (options) *options = C2D_TRIAL_OPTIONS_INIT;
}
void c2d_sandbox_options_init(c2d_sandbox_options* options) {
    if (options) *options = C2D_SANDBOX_OPTIONS_INIT;
}
void c2d_provider_options_init(c2d_provider_options* options) {
    if (options) *options = C2D_PROVIDER_OPTIONS_INIT;
}

ABSENT_2(c2d_sandbox_job_create, const char*, c2d_sandbox_job**)
ABSENT_2(c2d_sandbox_job_set_args, c2d_sandbox_job*, const char*)
ABSENT_2(c2d_sandbox_job_add_argument, c2d_sandbox_job*, const char*)
ABSENT_3(c2d_sandbox_job_add_input, c2d_sandbox_job*, const char*, const char*)
ABSENT_3(c2d_sandbox_job_add_mount, c2d_sandbox_job*, const char*, const char*)
ABSENT_3(c2d_sandbox_job_add_variable, c2d_sandbox_job*, const char*, const char*)
ABSENT_2(c2d_sandbox_job_set_peer_fd, c2d_sandbox_job*, int)
ABSENT_2(c2d_sandbox_job_set_outputs, c2d_sandbox_job*, const char*)
ABSENT_2(c2d_sandbox_job_add_output_name, c2d_sandbox_job*, const char*)
ABSENT_4(c2d_sandbox_job_set_log, c2d_sandbox_job*, c2d_output_function, void*, c2d_destroy_function)
ABSENT_2(c2d_sandbox_job_set_limits, c2d_sandbox_job*, const c2d_sandbox_limits*)
ABSENT_2(c2d_sandbox_job_waive_layer, c2d_sandbox_job*, const char*)
ABSENT_2(c2d_report_log_text, const c2d_report*, char**)
ABSENT_2(c2d_report_to_json, const c2d_report*, char**)
ABSENT_2(c2d_sandbox_open, const c2d_sandbox_options*, c2d_sandbox**)
ABSENT_2(c2d_sandbox_probe, const c2d_sandbox*, char**)
ABSENT_3(c2d_sandbox_run, const c2d_sandbox*, const c2d_sandbox_job*, c2d_report**)
ABSENT_5(c2d_sandbox_try_parties, const c2d_sandbox*, const c2d_sandbox_job* const*, size_t, const c2d_trial_options*,
         char**)
ABSENT_3(c2d_sandbox_start, const c2d_sandbox*, const c2d_sandbox_job*, c2d_run**)
ABSENT_2(c2d_run_wait, c2d_run*, c2d_report**)

ABSENT_3(c2d_provider_open, const c2d_asset_registry*, const c2d_provider_options*, c2d_provider**)
ABSENT_1(c2d_provider_start, const c2d_provider*)
ABSENT_3(c2d_provider_handle, const c2d_provider*, const c2d_http_request*, c2d_http_response**)
ABSENT_2(c2d_provider_runs, const c2d_provider*, char**)
ABSENT_3(c2d_provider_runs_of, const c2d_provider*, uint64_t, char**)
ABSENT_2(c2d_provider_cancel, const c2d_provider*, uint64_t)
ABSENT_2(c2d_provider_waiting_grants, const c2d_provider*, char**)
ABSENT_2(c2d_provider_close_token, const c2d_provider*, const char*)
ABSENT_2(c2d_provider_open_token, const c2d_provider*, const char*)
ABSENT_2(c2d_provider_hold, const c2d_provider*, int)
ABSENT_1(c2d_provider_drain, const c2d_provider*)

// Nobody can have one of these handles: the answers are those for NULL.
int c2d_report_succeeded(const c2d_report*) { return 0; }
const char* c2d_report_outcome(const c2d_report*) { return ""; }
const char* c2d_report_detail(const c2d_report*) { return ""; }
int c2d_report_exit_code(const c2d_report*) { return -1; }
const uint8_t* c2d_report_log_data(const c2d_report*) { return nullptr; }
size_t c2d_report_log_size(const c2d_report*) { return 0; }
size_t c2d_provider_body_bytes_max(void) { return 0; }
const char* c2d_provider_address(const c2d_provider*) { return ""; }

void c2d_sandbox_job_destroy(c2d_sandbox_job*) {}
void c2d_report_destroy(c2d_report*) {}
void c2d_sandbox_destroy(c2d_sandbox*) {}
void c2d_run_cancel(const c2d_run*) {}
void c2d_run_destroy(c2d_run*) {}
void c2d_provider_destroy(c2d_provider*) {}

}  // extern "C"
