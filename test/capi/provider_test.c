/* A provider and its clients in one process: requests as values, a job through the sandbox, refusals. */
#include "world.h"

#include <unistd.h>

typedef struct bank {
    c2d_provider* provider;
    unsigned requests, ended;
    c2d_status fails; /* the transport answers so when it is not C2D_OK */
    int forges;       /* the transport loses the proof of who answered (1), or answers anew (2) */
} bank;

static c2d_status ask(const c2d_http_request* request, c2d_http_response** out, void* user_data) {
    bank* b = user_data;
    ++b->requests;
    if (b->fails != C2D_OK) return b->fails;
    CHECK(strncmp(request->target, "http://127.0.0.1:8090/", 22) == 0);
    if (!b->forges) return c2d_provider_handle(b->provider, request, out, NULL);
    c2d_http_response* honest = NULL;
    c2d_status status = c2d_provider_handle(b->provider, request, &honest, NULL);
    if (status == C2D_OK)
        status = c2d_http_response_create(200, b->forges == 1 ? c2d_http_response_body(honest) : "{\"files\":[]}",
                                          b->forges == 1 ? c2d_http_response_body_size(honest) : 12, out, NULL);
    for (size_t i = 0; status == C2D_OK && b->forges == 2 && i < c2d_http_response_header_count(honest); ++i)
        status = c2d_http_response_add_header(*out, c2d_http_response_header_name(honest, i),
                                              c2d_http_response_header_value(honest, i), NULL);
    c2d_http_response_destroy(honest);
    return status;
}
static void end(void* user_data) { ++((bank*)user_data)->ended; }

static void write_file(const char* folder, const char* name, const char* text) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE* file = fopen(path, "w");
    CHECK(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

/* Until it is started it does nothing; its folder is its own from the start. */
static void check_deferred(const world* w, const c2d_provider_options* options, c2d_provider* provider) {
    c2d_http_request request = C2D_HTTP_REQUEST_INIT;
    c2d_http_response* response = NULL;
    c2d_provider* second = NULL;
    char* runs = NULL;
    request.method = "GET";
    request.target = "/healthz";
    MUST(c2d_provider_handle(provider, &request, &response, &error));
    CHECK(c2d_http_response_status(response) == 503);
    HAS(c2d_http_response_body(response), "\"starting\"");
    c2d_http_response_destroy(response);
    FAILS(c2d_provider_runs(provider, &runs, &error), C2D_ERROR_CONFLICT, "");
    FAILS(c2d_provider_open(w->registry, options, &second, &error), C2D_ERROR_CONFLICT, "");
    MUST(c2d_provider_start(provider, &error));
    MUST(c2d_provider_start(provider, &error));
}

/* Who has no log learns of data that are not there when the provider is opened. */
static void check_missing_data(const world* w, const char* folder) {
    char exec[512];
    snprintf(exec, sizeof exec, "%s/missing", folder);
    const c2d_provider_asset missing = {w->features, "/nowhere/features.csv"};
    c2d_provider_options options = C2D_PROVIDER_OPTIONS_INIT;
    c2d_environment* environment = NULL;
    c2d_provider* provider = NULL;
    MUST(c2d_environment_create(&environment, &error));
    options.environment = environment;
    options.key = w->bank;
    options.exec_dirpath = exec;
    options.assets = &missing;
    options.assets_count = 1;
    options.defer_start = 1;
    FAILS(c2d_provider_open(w->registry, &options, &provider, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    MUST(c2d_environment_set_log(environment, world_log, (void*)w, NULL, &error));
    MUST(c2d_provider_open(w->registry, &options, &provider, &error));
    c2d_provider_destroy(provider);
    c2d_environment_destroy(environment);
}

static c2d_provider* open_provider(const world* w, const char* folder) {
    char exec[512], features[512], labels[512];
    snprintf(exec, sizeof exec, "%s/exec", folder);
    snprintf(features, sizeof features, "%s/features.csv", folder);
    snprintf(labels, sizeof labels, "%s/labels.csv", folder);
    const c2d_provider_asset assets[] = {{w->features, features}, {w->labels, labels}};
    c2d_sandbox_limits limits = C2D_SANDBOX_LIMITS_INIT;
    c2d_provider_options options = C2D_PROVIDER_OPTIONS_INIT;
    const char* network = "10.0.0.0/99";
    c2d_provider* provider = NULL;
    limits.wall_ms = 60000;
    options.environment = w->environment;
    options.exec_dirpath = exec;
    options.assets = assets;
    options.assets_count = 2;
    options.limits = &limits;
    FAILS(c2d_provider_open(w->registry, &options, &provider, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    options.key = w->bank;
    options.workers = 65;
    FAILS(c2d_provider_open(w->registry, &options, &provider, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    options.workers = 1;
    options.peer_networks = &network;
    options.peer_networks_count = 1;
    FAILS(c2d_provider_open(w->registry, &options, &provider, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    options.peer_networks_count = 0;
    options.peer_sources = &network;
    options.peer_sources_count = 1;
    FAILS(c2d_provider_open(w->registry, &options, &provider, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    const c2d_provider_peer_psk absent = {"0x1111111111111111111111111111111111111111", "/nonexistent"};
    options.peer_sources_count = 0;
    options.peer_psk = &absent;
    options.peer_psk_count = 1;
    FAILS(c2d_provider_open(w->registry, &options, &provider, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    options.peer_psk_count = 0;
    options.peer_sources_count = 1;
    network = "fintech";
    options.accepted_composers = &network;
    options.accepted_composers_count = 1;
    FAILS(c2d_provider_open(w->registry, &options, &provider, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    options.accepted_composers_count = 0;
    network = "10.0.0.0/9";
    options.organisation = "nobody";
    FAILS(c2d_provider_open(w->registry, &options, &provider, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    options.organisation = "0x1111111111111111111111111111111111111111";
    FAILS(c2d_provider_open(w->registry, &options, &provider, &error), C2D_ERROR_REFUSED, "");
    options.organisation = NULL;
    options.peer_sources_only = 1;
    options.waiting_seconds = 24 * 3600 + 1;
    FAILS(c2d_provider_open(w->registry, &options, &provider, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    options.waiting_seconds = 0;
    options.python_package = "/nowhere";
    FAILS(c2d_provider_open(w->registry, &options, &provider, &error), C2D_ERROR_NOT_FOUND, "");
    options.python_package = NULL;
    CHECK(provider == NULL);
    options.defer_start = 1;
    MUST(c2d_provider_open(w->registry, &options, &provider, &error));
    check_deferred(w, &options, provider);
    CHECK(strcmp(c2d_provider_address(provider), c2d_key_address(w->bank)) == 0);
    return provider;
}

static c2d_client* open_client(const world* w, const c2d_key* key, bank* b) {
    c2d_client_options options = C2D_CLIENT_OPTIONS_INIT;
    c2d_client* client = NULL;
    const unsigned ended = b->ended;
    options.environment = w->environment;
    options.http = ask;
    options.http_user_data = b;
    options.http_destroy = end;
    FAILS(c2d_client_open(w->registry, &options, &client, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    CHECK(b->ended == ended); /* of a call that failed, the data stay ours */
    options.key = key;
    MUST(c2d_client_open(w->registry, &options, &client, &error));
    return client;
}

/* What a transport gives on beside status and body. */
static void check_header_fields(c2d_http_response* response) {
    CHECK(c2d_http_response_header_count(response) == 0);
    FAILS(c2d_http_response_add_header(response, "two words", "x", &error), C2D_ERROR_INVALID_ARGUMENT, "");
    FAILS(c2d_http_response_add_header(response, "", "x", &error), C2D_ERROR_INVALID_ARGUMENT, "");
    FAILS(c2d_http_response_add_header(response, "X", "a\r\nY: b", &error), C2D_ERROR_INVALID_ARGUMENT, "");
    for (int i = 0; i < 64; ++i) MUST(c2d_http_response_add_header(response, "X-Part", "12", &error));
    FAILS(c2d_http_response_add_header(response, "X", "x", &error), C2D_ERROR_LIMIT, "");
    CHECK(c2d_http_response_header_count(response) == 64 && c2d_http_response_header_count(NULL) == 0);
    CHECK(strcmp(c2d_http_response_header_name(response, 63), "X-Part") == 0);
    CHECK(strcmp(c2d_http_response_header_value(response, 63), "12") == 0);
    CHECK(c2d_http_response_header_name(response, 64)[0] == '\0');
}

/* Requests without any client: what a server of the embedder's would pass on. */
static void check_requests(const c2d_provider* provider) {
    c2d_http_request request = C2D_HTTP_REQUEST_INIT;
    c2d_http_response* response = NULL;
    FAILS(c2d_provider_handle(provider, &request, &response, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    request.method = "GET";
    request.target = "http://bank.example/healthz?now";
    MUST(c2d_provider_handle(provider, &request, &response, &error));
    CHECK(c2d_http_response_status(response) == 200);
    CHECK(strcmp(c2d_http_response_body(response), "{\"status\":\"ok\"}") == 0);
    CHECK(c2d_http_response_body_size(response) == 15);
    CHECK(strcmp(c2d_http_response_content_type(response), "application/json") == 0);
    c2d_http_response_destroy(response);
    request.method = "POST";
    request.target = "/v1/verify";
    request.body = "{";
    request.body_size = 1;
    MUST(c2d_provider_handle(provider, &request, &response, &error));
    CHECK(c2d_http_response_status(response) == 400);
    HAS(c2d_http_response_body(response), "\"malformed\"");
    c2d_http_response_destroy(response);
    char* large = calloc(1, c2d_provider_body_bytes_max() + 1);
    request.body = large;
    request.body_size = c2d_provider_body_bytes_max() + 1;
    MUST(c2d_provider_handle(provider, &request, &response, &error));
    CHECK(c2d_http_response_status(response) == 413);
    c2d_http_response_destroy(response);
    free(large);
    FAILS(c2d_http_response_create(99, NULL, 0, &response, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    MUST(c2d_http_response_create(204, NULL, 0, &response, &error));
    CHECK(c2d_http_response_body_size(response) == 0 && c2d_http_response_body(response)[0] == '\0');
    check_header_fields(response);
    c2d_http_response_destroy(response);
}

static int stop_at_once(uint64_t done_parts, uint64_t total, const char* line, void* user_data) {
    (void)done_parts;
    CHECK(total == 2);
    HAS(line, "at 127.0.0.1:8090: ");
    (void)user_data;
    return 7;
}

static void check_results(const c2d_client* client, uint64_t job) {
    c2d_released_files* files = NULL;
    MUST(c2d_client_results(client, job, &files, &error));
    CHECK(c2d_released_files_count(files) == 2);
    CHECK(strcmp(c2d_released_files_name(files, 0), "rows.txt") == 0);
    HAS(c2d_released_files_dt(files, 0), "dt:ownership:");
    CHECK(c2d_released_files_size(files, 0) == 2);
    CHECK(memcmp(c2d_released_files_data(files, 0), "39", 2) == 0);
    CHECK(c2d_released_files_name(files, 2)[0] == '\0' && c2d_released_files_size(files, 2) == 0);
    CHECK(c2d_released_files_data(files, 2) == NULL);
    c2d_released_files_destroy(files);
}

static int has_content(const char* folder, const char* name, const char* content) {
    char path[512], text[64] = "";
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE* file = fopen(path, "r");
    if (!file) return 0;
    const size_t got = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    return got == strlen(content) && strcmp(text, content) == 0;
}

/* Files below a folder: both parties release one name, so each has a folder of its own. */
static void check_saved(const c2d_client* client, uint64_t job, bank* b, const char* folder) {
    char out[512];
    char* text = NULL;
    c2d_released_files* files = NULL;
    c2d_save_options replacing = C2D_SAVE_OPTIONS_INIT;
    const char* const no_receipt = "{}";
    snprintf(out, sizeof out, "%s/deep/out", folder);
    replacing.receipts = &no_receipt;
    replacing.receipts_count = 1;
    FAILS(c2d_client_save_results(client, job, out, &replacing, &text, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    replacing.receipts_count = 0;
    replacing.replace = 1;
    for (b->forges = 1; b->forges <= 2; ++b->forges) {
        FAILS(c2d_client_results(client, job, &files, &error), C2D_ERROR_CORRUPT, "answer_unproven");
        FAILS(c2d_client_save_results(client, job, out, NULL, &text, &error), C2D_ERROR_CORRUPT, "answer_unproven");
        FAILS(c2d_client_status(client, job, &text, &error), C2D_ERROR_CORRUPT, "answer_unproven");
    }
    b->forges = 0;
    CHECK(access(out, F_OK) != 0 && text == NULL && files == NULL);
    MUST(c2d_client_save_results(client, job, out, NULL, &text, &error));
    HAS(text, "\"name\":\"rows.txt\"");
    HAS(text, "/deep/out/party_1/rows.txt\",\"bytes\":2,\"sha256\":\"0x0b918943df0962bc");
    c2d_string_destroy(text);
    CHECK(has_content(out, "party_0/rows.txt", "39") && has_content(out, "party_1/rows.txt", "39"));
    write_file(out, "party_1/rows.txt", "mine");
    FAILS(c2d_client_save_results(client, job, out, NULL, &text, &error), C2D_ERROR_CONFLICT, "");
    CHECK(has_content(out, "party_1/rows.txt", "mine"));
    MUST(c2d_client_save_results(client, job, out, &replacing, &text, &error));
    c2d_string_destroy(text);
    CHECK(has_content(out, "party_1/rows.txt", "39"));
}

/* The operator kept nothing: its owner is told so, and whoever has no part in the job has nothing to ask. */
static void check_left(const world* w, const c2d_client* client, bank* b, uint64_t job) {
    c2d_client* owner = open_client(w, w->bank, b);
    char* text = NULL;
    MUST(c2d_client_artifacts(owner, job, &text, &error));
    CHECK(strcmp(text, "[]") == 0);
    c2d_string_destroy(text);
    text = NULL;
    FAILS(c2d_client_origin(owner, job, "model", -1, &text, &error), C2D_ERROR_NOT_FOUND, "");
    FAILS(c2d_client_artifacts(client, job, &text, &error), C2D_ERROR_NOT_FOUND, "");
    FAILS(c2d_origin_confirm("{}", c2d_key_address(w->bank), w->chain, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    CHECK(text == NULL);
    c2d_client_destroy(owner);
}

/* The Algorithm runs, and everybody sees of it what is theirs. */
static void check_job(const world* w, const c2d_client* client, const c2d_client* outsider, bank* b,
                      const char* folder) {
    uint64_t task = 0, job = 0;
    char* text = NULL;
    c2d_released_files* files = NULL;
    MUST(c2d_client_create_task(client, "count", "how many rows?", &task, &error));
    b->fails = C2D_ERROR_TIMEOUT;
    FAILS(c2d_client_execute(client, task, w->algorithm, &job, &error), C2D_ERROR_TIMEOUT, "");
    b->fails = (c2d_status)99;
    FAILS(c2d_client_request_grant(client, w->features, w->algorithm, &error), C2D_ERROR_INTERNAL, "");
    b->fails = C2D_OK;
    CHECK(job == 0);
    MUST(c2d_client_execute(client, task, w->algorithm, &job, &error));
    CHECK(job == 1); /* a bank that did not answer cost no job */
    FAILS(c2d_client_wait(client, job, stop_at_once, NULL, &text, &error), C2D_ERROR_CANCELLED, "");
    MUST(c2d_client_wait(client, job, NULL, NULL, &text, &error));
    FAILS(c2d_client_cancel(client, job, &error), C2D_ERROR_CONFLICT, "state_conflict");
    FAILS(c2d_client_start_attempt(client, job, &task, &error), C2D_ERROR_CONFLICT, "state_conflict");
    HAS(text, "\"attempt\":1,\"attempts_max\":1,\"again\":false");
    HAS(text, "\"state\":\"succeeded\",\"outcome\":\"succeeded\",\"receipt\":\"posted\"");
    c2d_string_destroy(text);
    check_results(client, job);
    check_saved(client, job, b, folder);
    check_left(w, client, b, job);
    MUST(c2d_client_logs(client, job, &text, &error));
    HAS(text, "\"release\":\"none\",\"log\":\"\"");
    c2d_string_destroy(text);
    FAILS(c2d_client_status(outsider, job, &text, &error), C2D_ERROR_REFUSED, "not_permitted");
    FAILS(c2d_client_results(outsider, job, &files, &error), C2D_ERROR_REFUSED, "not_permitted");
    FAILS(c2d_client_status(client, 99, &text, &error), C2D_ERROR_NOT_FOUND, "");

    MUST(c2d_provider_runs_of(b->provider, job, &text, &error));
    HAS(text, "\"state\":\"succeeded\"");
    HAS(text, "\"outputs\":[\"rows.txt\"]");
    c2d_string_destroy(text);
    FAILS(c2d_provider_runs_of(b->provider, 99, &text, &error), C2D_ERROR_NOT_FOUND, "");
    FAILS(c2d_provider_cancel(b->provider, job, &error), C2D_ERROR_CONFLICT, "");
    FAILS(c2d_provider_cancel(b->provider, 99, &error), C2D_ERROR_NOT_FOUND, "");
}

/* What the owner says: closed and opened by its client and by its provider, and what waits for its word. */
static void check_owner(const world* w, const c2d_client* client, bank* b) {
    c2d_client* owner = open_client(w, w->bank, b);
    char* text = NULL;
    FAILS(c2d_client_close_token(client, w->features, &error), C2D_ERROR_REFUSED, "no_permission");
    MUST(c2d_client_close_token(owner, w->features, &error));
    FAILS(c2d_client_request_grant(client, w->features, w->algorithm, &error), C2D_ERROR_REFUSED, "token_closed");
    MUST(c2d_client_open_token(owner, w->features, &error));
    FAILS(c2d_provider_close_token(b->provider, w->algorithm, &error), C2D_ERROR_REFUSED, "dt_not_ours");
    MUST(c2d_provider_close_token(b->provider, w->labels, &error));
    FAILS(c2d_client_request_grant(client, w->labels, w->algorithm, &error), C2D_ERROR_REFUSED, "token_closed");
    MUST(c2d_provider_open_token(b->provider, w->labels, &error));

    FAILS(c2d_client_renew_grant(client, w->labels, w->algorithm, &error), C2D_ERROR_REFUSED, "wrong_signer");
    MUST(c2d_client_renew_grant(owner, w->labels, w->algorithm, &error));
    MUST(c2d_chain_revoke(w->chain, w->bank, w->labels, w->algorithm, NULL, &error));
    FAILS(c2d_client_renew_grant(owner, w->labels, w->algorithm, &error), C2D_ERROR_REFUSED, "grant_missing");
    FAILS(c2d_client_request_grant(client, w->labels, w->algorithm, &error), C2D_ERROR_REFUSED, "grant_needs_owner");
    FAILS(c2d_client_waiting_grants(client, w->labels, &text, &error), C2D_ERROR_REFUSED, "wrong_signer");
    for (int by_client = 0; by_client < 2; ++by_client) {
        if (by_client) MUST(c2d_client_waiting_grants(owner, NULL, &text, &error));
        if (!by_client) MUST(c2d_provider_waiting_grants(b->provider, &text, &error));
        HAS(text, w->labels);
        HAS(text, c2d_key_address(w->fintech));
        c2d_string_destroy(text);
    }
    MUST(c2d_asset_registry_grant_bounded(w->registry, w->bank, w->labels, w->algorithm, 0, 9, &error));
    MUST(c2d_chain_grant_state(w->chain, w->labels, w->algorithm, &text, &error));
    HAS(text, "\"jobs\":10"); /* nine more than were registered */
    c2d_string_destroy(text);
    MUST(c2d_client_waiting_grants(owner, w->labels, &text, &error));
    CHECK(strcmp(text, "{\"grants\":[],\"unanswered\":[]}") == 0);
    c2d_string_destroy(text);
    FAILS(c2d_client_provider_queue(client, w->labels, &text, &error), C2D_ERROR_REFUSED, "wrong_signer");
    MUST(c2d_client_hold_queue(owner, w->labels, 1, &text, &error));
    HAS(text, "\"held\":true");
    c2d_string_destroy(text);
    MUST(c2d_client_drain_queue(owner, w->labels, NULL, NULL, &text, &error));
    c2d_string_destroy(text);
    MUST(c2d_client_hold_queue(owner, NULL, 0, &text, &error));
    c2d_string_destroy(text);
    MUST(c2d_client_provider_queue(owner, NULL, &text, &error));
    HAS(text, "\"held\":false");
    HAS(text, "\"runs\":[]");
    c2d_string_destroy(text);
    FAILS(c2d_client_cancel_own_runs(owner, 1, &error), C2D_ERROR_CONFLICT, "state_conflict");
    c2d_client_destroy(owner);
}

/* A job that would run for long, ended by its owner and by its solver. */
static void check_cancel(const world* w, const c2d_client* client, const bank* b) {
    uint64_t task = 0, job = 0;
    char* text = NULL;
    for (int by_owner = 0; by_owner < 2; ++by_owner) {
        uint64_t attempt = 0;
        MUST(c2d_client_create_task(client, "slow", "", &task, &error));
        MUST(c2d_chain_add_job(w->chain, w->fintech, w->algorithm, task, &job, &error));
        MUST(c2d_client_verify(client, job, w->algorithm, &error));
        if (by_owner) MUST(c2d_client_start(client, job, w->algorithm, &error));
        if (!by_owner) MUST(c2d_client_start_attempt(client, job, &attempt, &error));
        CHECK(attempt == (by_owner ? 0 : 1));
        if (by_owner) MUST(c2d_provider_cancel(b->provider, job, &error));
        if (!by_owner) MUST(c2d_client_cancel(client, job, &error));
        MUST(c2d_client_wait_with_attempts(client, job, NULL, NULL, &text, &error));
        HAS(text, "\"state\":\"cancelled\"");
        c2d_string_destroy(text);
    }
    MUST(c2d_provider_hold(b->provider, 1, &error));
    MUST(c2d_provider_hold(b->provider, 0, &error));
    MUST(c2d_provider_drain(b->provider, &error));
    MUST(c2d_provider_runs(b->provider, &text, &error));
    HAS(text, "\"state\":\"cancelled\"");
    c2d_string_destroy(text);
}

int main(void) {
    char folder[] = "/tmp/c2d-capi-provider-XXXXXX";
    world w;
    bank b;
    memset(&b, 0, sizeof b);
    CHECK(mkdtemp(folder) != NULL);
    write_file(folder, "features.csv", "3\n4\n");
    write_file(folder, "labels.csv", "0\n1\n");
    world_open(&w);
    world_publish(&w);
    check_missing_data(&w, folder);
    b.provider = open_provider(&w, folder);
    c2d_client* client = open_client(&w, w.fintech, &b);
    c2d_client* outsider = open_client(&w, w.admin, &b);
    check_requests(b.provider);

    FAILS(c2d_client_request_grant(outsider, w.features, w.algorithm, &error), C2D_ERROR_REFUSED, "wrong_signer");
    MUST(c2d_client_request_grant(client, w.features, w.algorithm, &error));
    MUST(c2d_client_request_grant(client, w.labels, w.algorithm, &error));
    MUST(c2d_asset_registry_activate(w.registry, w.fintech, w.algorithm, &error));
    check_job(&w, client, outsider, &b, folder);
    check_owner(&w, client, &b);

    /* The same Algorithm over code that does not end: published anew, with the data under new terms. */
    world_use_operator(&w, "import time\ntime.sleep(600)\n");
    c2d_provider_destroy(b.provider);
    b.provider = open_provider(&w, folder);
    MUST(c2d_client_request_grant(client, w.features, w.algorithm, &error));
    MUST(c2d_client_request_grant(client, w.labels, w.algorithm, &error));
    MUST(c2d_asset_registry_activate(w.registry, w.fintech, w.algorithm, &error));
    check_cancel(&w, client, &b);
    CHECK(b.requests > 20);

    c2d_client_destroy(client);
    c2d_client_destroy(outsider);
    CHECK(b.ended == 4);
    c2d_provider_destroy(b.provider);
    world_close(&w);
    char remove[64];
    snprintf(remove, sizeof remove, "rm -rf %s", folder);
    CHECK(system(remove) == 0);
    return done("provider");
}
