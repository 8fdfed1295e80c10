/* The sandbox from C: a run that reads and writes, bad outcomes, limits, cancelling. */
#include "check.h"

#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/c2d-capi-sandbox-XXXXXX";

static char* path_of(const char* name) {
    static char path[4][256];
    static int next = 0;
    char* out = path[next++ % 4];
    snprintf(out, sizeof path[0], "%s/%s", folder, name);
    return out;
}

static c2d_sandbox_job* job_of(const char* code, const char* outputs) {
    c2d_sandbox_job* job = NULL;
    MUST(c2d_sandbox_job_create(code, &job, &error));
    MUST(c2d_sandbox_job_set_outputs(job, path_of(outputs), &error));
    return job;
}

static void runs(const c2d_sandbox* sandbox) {
    static const char kCode[] =
        "import json, os\n"
        "args = json.load(open('args.json'))\n"
        "open('outputs/sum.txt', 'w').write(str(sum(map(int, open('inputs/rows')))))\n"
        "print('greeting', args['greeting'], os.environ['EXTRA'], '\\x1b[31m')\n";
    c2d_report* report = NULL;
    char* text = NULL;
    char line[16] = {0};
    FILE* file = fopen(path_of("rows.csv"), "w");
    fputs("1\n2\n39\n", file);
    fclose(file);
    c2d_sandbox_job* job = job_of(kCode, "out1");
    MUST(c2d_sandbox_job_set_args(job, "{\"greeting\": \"hello\"}", &error));
    MUST(c2d_sandbox_job_add_input(job, "rows", path_of("rows.csv"), &error));
    MUST(c2d_sandbox_job_add_variable(job, "EXTRA", "more", &error));
    MUST(c2d_sandbox_job_add_output_name(job, "sum.txt", &error));
    MUST(c2d_sandbox_run(sandbox, job, &report, &error));
    if (!c2d_report_succeeded(report)) {
        MUST(c2d_report_log_text(report, &text, &error));
        fprintf(stderr, "%s: %s\n%s\n", c2d_report_outcome(report), c2d_report_detail(report), text);
        c2d_string_destroy(text);
    }
    CHECK(c2d_report_succeeded(report) == 1 && c2d_report_exit_code(report) == 0);
    CHECK(strcmp(c2d_report_outcome(report), "exited") == 0);
    CHECK(c2d_report_log_size(report) > 0 && c2d_report_log_data(report) != NULL);
    MUST(c2d_report_log_text(report, &text, &error));
    HAS(text, "greeting hello more");
    CHECK(strchr(text, '\x1b') == NULL);
    c2d_string_destroy(text);
    MUST(c2d_report_to_json(report, &text, &error));
    HAS(text, "{\"name\":\"sum.txt\",\"bytes\":2,");
    c2d_string_destroy(text);
    file = fopen(path_of("out1/sum.txt"), "r");
    CHECK(file != NULL && fgets(line, sizeof line, file) && strcmp(line, "42") == 0);
    if (file) fclose(file);
    c2d_report_destroy(report);

    /* The same job once more, for an output that nobody named. */
    MUST(c2d_sandbox_job_set_outputs(job, path_of("out8"), &error));
    MUST(c2d_sandbox_job_add_argument(job, "/bin/touch", &error));
    MUST(c2d_sandbox_job_add_argument(job, "/job/outputs/secret", &error));
    MUST(c2d_sandbox_run(sandbox, job, &report, &error));
    CHECK(strcmp(c2d_report_outcome(report), "outputs_rejected") == 0);
    CHECK(access(path_of("out8/secret"), F_OK) != 0);
    c2d_report_destroy(report);
    c2d_sandbox_job_destroy(job);
}

static void bad_outcomes_are_answers(const c2d_sandbox* sandbox) {
    c2d_report* report = NULL;
    c2d_sandbox_limits limits = C2D_SANDBOX_LIMITS_INIT;
    c2d_sandbox_job* job = job_of("raise SystemExit(3)", "out2");
    MUST(c2d_sandbox_run(sandbox, job, &report, &error));
    CHECK(c2d_report_succeeded(report) == 0 && c2d_report_exit_code(report) == 3);
    c2d_report_destroy(report);
    c2d_sandbox_job_destroy(job);

    job = job_of("while True: pass", "out3");
    limits.wall_ms = 500;
    MUST(c2d_sandbox_job_set_limits(job, &limits, &error));
    MUST(c2d_sandbox_run(sandbox, job, &report, &error));
    CHECK(strcmp(c2d_report_outcome(report), "wall_timeout") == 0);
    CHECK(c2d_report_detail(report)[0] != '\0');
    c2d_report_destroy(report);
    limits.reserved = 1;
    FAILS(c2d_sandbox_job_set_limits(job, &limits, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    c2d_sandbox_job_destroy(job);

    job = job_of("", "out4");
    MUST(c2d_sandbox_job_add_argument(job, "/bin/echo", &error));
    MUST(c2d_sandbox_job_add_argument(job, "from argv", &error));
    MUST(c2d_sandbox_job_waive_layer(job, "landlock", &error));
    FAILS(c2d_sandbox_job_waive_layer(job, "moat", &error), C2D_ERROR_INVALID_ARGUMENT, "");
    MUST(c2d_sandbox_run(sandbox, job, &report, &error));
    CHECK(c2d_report_log_size(report) == 10 && memcmp(c2d_report_log_data(report), "from argv\n", 10) == 0);
    c2d_report_destroy(report);
    c2d_sandbox_job_destroy(job);
}

static size_t heard_bytes = 0;
static int ended_listeners = 0;
static void hear(const uint8_t* bytes, size_t bytes_count, void* user_data) {
    CHECK(user_data == &heard_bytes && bytes != NULL);
    heard_bytes += bytes_count;
}
static void end_listener(void* user_data) {
    CHECK(user_data == &heard_bytes);
    ++ended_listeners;
}

static void logs_are_heard(const c2d_sandbox* sandbox) {
    c2d_report* report = NULL;
    c2d_sandbox_job* job = job_of("print('x' * 99)", "out9");
    MUST(c2d_sandbox_job_set_log(job, hear, &heard_bytes, end_listener, &error));
    MUST(c2d_sandbox_run(sandbox, job, &report, &error));
    CHECK(heard_bytes == 100);
    c2d_report_destroy(report);
    CHECK(ended_listeners == 0);
    c2d_sandbox_job_destroy(job);
    CHECK(ended_listeners == 1);
}

static void bad_jobs_are_errors(const c2d_sandbox* sandbox) {
    c2d_report* report = NULL;
    c2d_sandbox_job* job = job_of("", "out5");
    MUST(c2d_sandbox_job_add_input(job, "../x", "/etc/passwd", &error));
    FAILS(c2d_sandbox_run(sandbox, job, &report, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    c2d_sandbox_job_destroy(job);
    job = job_of("", "out5");
    MUST(c2d_sandbox_job_add_input(job, "x", path_of("not there"), &error));
    FAILS(c2d_sandbox_run(sandbox, job, &report, &error), C2D_ERROR_NOT_FOUND, "");
    FAILS(c2d_sandbox_job_set_peer_fd(job, -1, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    c2d_sandbox_job_destroy(job);
    MUST(c2d_sandbox_job_create("", &job, &error));
    FAILS(c2d_sandbox_run(sandbox, job, &report, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    c2d_sandbox_job_destroy(job);
    CHECK(report == NULL);
}

static void* cancel_soon(void* run) {
    usleep(200 * 1000);
    c2d_run_cancel(run);
    return NULL;
}

static void cancels(const c2d_sandbox* sandbox) {
    c2d_run* run = NULL;
    c2d_report* report = NULL;
    pthread_t other;
    c2d_sandbox_job* job = job_of("import time; time.sleep(60)", "out6");
    MUST(c2d_sandbox_start(sandbox, job, &run, &error));
    CHECK(pthread_create(&other, NULL, cancel_soon, run) == 0);
    MUST(c2d_run_wait(run, &report, &error));
    pthread_join(other, NULL);
    CHECK(strcmp(c2d_report_outcome(report), "cancelled") == 0);
    c2d_report_destroy(report);
    FAILS(c2d_run_wait(run, &report, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    c2d_run_destroy(run);
    /* Destroying kills what runs. */
    MUST(c2d_sandbox_job_set_outputs(job, path_of("out7"), &error));
    MUST(c2d_sandbox_start(sandbox, job, &run, &error));
    c2d_run_destroy(run);
    c2d_sandbox_job_destroy(job);
}

static void parties_are_tried_out(const c2d_sandbox* sandbox) {
    static const char kCode[] =
        "import json, os\n"
        "args = json.load(open('args.json'))\n"
        "print('this is', args['me'], os.environ.get('C2D_PARTY'))\n"
        "open('outputs/x', 'w').write('done')\n"
        "if args['me'] == 'fails': raise SystemExit(3)\n";
    c2d_trial_options options = C2D_TRIAL_OPTIONS_INIT;
    const c2d_sandbox_job* jobs[3];
    c2d_sandbox_job *first = job_of(kCode, "p0"), *second = job_of("", "p1"), *third = job_of("", "p2");
    char* json = NULL;
    jobs[0] = first, jobs[1] = second, jobs[2] = third;
    MUST(c2d_sandbox_job_set_args(first, "{\"me\": \"first\"}", &error));
    MUST(c2d_sandbox_job_set_args(second, "{\"me\": \"second\"}", &error));
    MUST(c2d_sandbox_job_set_args(third, "{\"me\": \"third\"}", &error));
    MUST(c2d_sandbox_try_parties(sandbox, jobs, 3, NULL, &json, &error));
    HAS(json, "{\"succeeded\":true,\"failed\":[],\"parties\":[{\"party\":0,\"end\":\"succeeded\"");
    HAS(json, "this is second 1\\n");
    c2d_string_destroy(json);
    CHECK(access(path_of("p1/x"), R_OK) == 0);
    /* Alone; a bad outcome is an answer. */
    MUST(c2d_sandbox_job_set_args(first, "{\"me\": \"fails\"}", &error));
    MUST(c2d_sandbox_job_set_outputs(first, path_of("p3"), &error));
    options.clear = 1;
    MUST(c2d_sandbox_try_parties(sandbox, jobs, 1, &options, &json, &error));
    HAS(json, "{\"succeeded\":false,\"failed\":[0]");
    HAS(json, "\"end\":\"exited 3\"");
    HAS(json, "this is fails None\\n");
    c2d_string_destroy(json);
    FAILS(c2d_sandbox_try_parties(sandbox, jobs, 2, NULL, &json, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    options.reserved = 1;
    FAILS(c2d_sandbox_try_parties(sandbox, jobs, 1, &options, &json, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    c2d_sandbox_job_destroy(first);
    c2d_sandbox_job_destroy(second);
    c2d_sandbox_job_destroy(third);
}

int main(void) {
    c2d_sandbox *sandbox = NULL, *none = NULL;
    c2d_sandbox_options options = C2D_SANDBOX_OPTIONS_INIT;
    char* json = NULL;
    char command[128];
    CHECK(mkdtemp(folder) != NULL);
    options.helper = "/nowhere/c2d-sandbox-helper";
    FAILS(c2d_sandbox_open(&options, &none, &error), C2D_ERROR_NOT_FOUND, "");
    MUST(c2d_sandbox_open(NULL, &sandbox, &error));
    MUST(c2d_sandbox_probe(sandbox, &json, &error));
    HAS(json, "{\"layer\":\"user_ns\",\"state\":\"");
    HAS(json, "\"seccomp\"");
    c2d_string_destroy(json);
    runs(sandbox);
    bad_outcomes_are_answers(sandbox);
    logs_are_heard(sandbox);
    bad_jobs_are_errors(sandbox);
    cancels(sandbox);
    parties_are_tried_out(sandbox);
    c2d_sandbox_destroy(sandbox);
    CHECK(c2d_report_succeeded(NULL) == 0 && c2d_report_exit_code(NULL) == -1);
    c2d_run_cancel(NULL);
    c2d_run_destroy(NULL);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    CHECK(system(command) == 0);
    return done("capi_sandbox");
}
