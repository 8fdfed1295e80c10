/* Requests and verdicts from C: accepted, each way of being refused, nonces in the caller's store. */
#include "world.h"

/* A table of the caller's that can be made to fail. */
typedef struct table {
    uint8_t nonces[16][32];
    int count;
    int fail_with;
    int destroyed;
} table;

static int table_seen(const char* signer, const uint8_t* nonce, void* user_data) {
    table* t = user_data;
    CHECK(strncmp(signer, "0x", 2) == 0);
    if (t->fail_with) return t->fail_with;
    for (int i = 0; i < t->count; ++i)
        if (memcmp(t->nonces[i], nonce, 32) == 0) return 1;
    return 0;
}
static int table_remember(const char* signer, const uint8_t* nonce, uint64_t expiry, uint64_t now, void* user_data) {
    table* t = user_data;
    CHECK(expiry > now);
    if (table_seen(signer, nonce, user_data)) return 0;
    memcpy(t->nonces[t->count++], nonce, 32);
    return 1;
}
static void table_destroy(void* user_data) { ++((table*)user_data)->destroyed; }

static c2d_job_verifier* verifier_of(world* w, const c2d_key* self, const c2d_nonce_store* nonces) {
    c2d_job_verifier* verifier = NULL;
    c2d_job_verifier_options options = C2D_JOB_VERIFIER_OPTIONS_INIT;
    options.self = c2d_key_address(self);
    options.nonces = nonces;
    options.environment = w->environment;
    MUST(c2d_job_verifier_open(w->registry, &options, &verifier, &error));
    return verifier;
}

static c2d_request request_of(world* w, c2d_method method, uint64_t job) {
    c2d_request request = C2D_REQUEST_INIT;
    request.method = method;
    request.audience = c2d_key_address(w->bank);
    request.dt = w->features;
    request.algo_dt = w->algorithm;
    request.job_id = job;
    request.environment = w->environment;
    return request;
}

static char* sign(world* w, const c2d_request* request, const c2d_key* key) {
    char* body = NULL;
    MUST(c2d_request_sign_body(request, w->chain, key, &body, &error));
    return body;
}

/* Verifies a body, checks the reason's name, and ends the body. */
static void expect(const c2d_job_verifier* verifier, c2d_method method, char* body, const char* reason) {
    c2d_verdict* verdict = NULL;
    MUST(c2d_job_verifier_verify(verifier, method, body, strlen(body), &verdict, &error));
    if (strcmp(c2d_verdict_reason(verdict), reason) != 0)
        fprintf(stderr, "    %s at %s: expected %s, found %s\n", c2d_verdict_reason(verdict), c2d_verdict_path(verdict),
                c2d_verdict_expected(verdict), c2d_verdict_actual(verdict));
    CHECK(strcmp(c2d_verdict_reason(verdict), reason) == 0);
    CHECK(c2d_verdict_accepted(verdict) == (strcmp(reason, "accepted") == 0));
    CHECK(c2d_verdict_text(verdict)[0] != '\0');
    CHECK(c2d_verdict_http_status(verdict) >= 200);
    c2d_verdict_destroy(verdict);
    c2d_string_destroy(body);
}

static void grants(world* w, const c2d_job_verifier* verifier) {
    const c2d_method method = C2D_METHOD_GRANT_PERMISSION;
    c2d_request request = request_of(w, method, 0);
    c2d_verdict* verdict = NULL;
    char* body = sign(w, &request, w->fintech);

    MUST(c2d_job_verifier_verify(verifier, method, body, strlen(body), &verdict, &error));
    CHECK(c2d_verdict_accepted(verdict) == 1 && c2d_verdict_http_status(verdict) == 200);
    c2d_verdict_destroy(verdict);
    expect(verifier, method, body, "replayed");

    expect(verifier, method, sign(w, &request, w->bank), "wrong_signer");
    expect(verifier, C2D_METHOD_ON_PREMISE_COMPUTE, sign(w, &request, w->fintech), "malformed");
    request.audience = c2d_key_address(w->fintech);
    expect(verifier, method, sign(w, &request, w->fintech), "wrong_audience");
    request = request_of(w, method, 0);
    request.dt = w->tid;
    expect(verifier, method, sign(w, &request, w->fintech), "dt_unknown");

    request = request_of(w, method, 0);
    body = sign(w, &request, w->fintech);
    w->now += 3600;
    expect(verifier, method, body, "request_expired");
    request.lifetime_seconds = 100000;
    FAILS(c2d_request_sign_body(&request, w->chain, w->fintech, &body, &error), C2D_ERROR_INVALID_ARGUMENT, "");
}

/* Before the signature holds, nothing else is said. */
static void garbage(const c2d_job_verifier* verifier) {
    static const char* const kBodies[] = {"", "{", "[]", "{}", "\xff", "{\"dt\": 1}", "null"};
    for (size_t i = 0; i < sizeof kBodies / sizeof *kBodies; ++i) {
        char* body = malloc(strlen(kBodies[i]) + 1);
        strcpy(body, kBodies[i]);
        c2d_verdict* verdict = NULL;
        MUST(c2d_job_verifier_verify(verifier, C2D_METHOD_GRANT_PERMISSION, body, strlen(body), &verdict, &error));
        CHECK(strcmp(c2d_verdict_reason(verdict), "malformed") == 0);
        c2d_verdict_destroy(verdict);
        free(body);
    }
    c2d_verdict* verdict = NULL;
    FAILS(c2d_job_verifier_verify(verifier, (c2d_method)77, "{}", 2, &verdict, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    CHECK(verdict == NULL);
}

/* Every field says what the JSON says. */
static void terms_as_struct(world* w, const c2d_job_verifier* verifier, const c2d_envelope* envelope, uint64_t job) {
    c2d_job_terms* terms = NULL;
    c2d_verdict* verdict = NULL;
    char *json = NULL, *operators = NULL, expected[512];
    MUST(c2d_job_verifier_verify_job(verifier, envelope, &json, &verdict, &error));
    c2d_verdict_destroy(verdict);
    MUST(c2d_job_verifier_verify_job_terms(verifier, envelope, &terms, &verdict, &error));
    CHECK(c2d_verdict_accepted(verdict) && terms != NULL);
    c2d_verdict_destroy(verdict);

    CHECK(terms->struct_size == sizeof *terms && terms->job_id == job);
    CHECK(strcmp(terms->algo_dt, w->algorithm) == 0 && strcmp(terms->op_template, w->tid) == 0);
    CHECK(strcmp(terms->solver, c2d_key_address(w->fintech)) == 0);
    CHECK(strcmp(terms->operation, "open('outputs/rows.txt', 'w').write('39')\n") == 0);
    CHECK(terms->operation_size == strlen(terms->operation));
    CHECK(terms->parties == 1 && terms->party == 0 && terms->all_parties_count == 0);
    CHECK(terms->release_exit == 0 && terms->collusion_overridden == 0);
    CHECK(strcmp(terms->release_log, "none") == 0);
    CHECK(terms->outputs_count == 1 && strcmp(terms->outputs[0], "rows.txt") == 0);
    CHECK(terms->inputs_count == 1 && strcmp(terms->inputs[0].dt, w->features) == 0);
    CHECK(strcmp(terms->inputs[0].name, "features.csv") == 0);
    CHECK(terms->grants_count == 2 && strcmp(terms->grants[0].grantee, w->algorithm) == 0);
    CHECK(strcmp(terms->grants[0].dt, w->features) == 0 || strcmp(terms->grants[1].dt, w->features) == 0);
    snprintf(expected, sizeof expected,
             "\"algo_checksum\":\"%s\",\"solver\":\"%s\",\"attempt\":%u,\"attempts_max\":%u,\"template\":\"%s\"",
             terms->algo_checksum, terms->solver, terms->attempt, terms->attempts_max, terms->op_template);
    HAS(json, expected);
    snprintf(expected, sizeof expected, "\"template_checksum\":\"%s\"", terms->template_checksum);
    HAS(json, expected);
    snprintf(expected, sizeof expected, "\"args\":%s,\"args_hash\":\"%s\"", terms->args_json, terms->args_hash);
    HAS(json, expected);
    snprintf(expected, sizeof expected, "\"document_checksum\":\"%s\"", terms->inputs[0].document_checksum);
    HAS(json, expected);
    snprintf(expected, sizeof expected, "\"grants\":[{\"dt\":\"%s\"", terms->grants[0].dt);
    HAS(json, expected);
    HAS(json, "\"release_exit\":false");
    MUST(c2d_asset_registry_resolve_operator(w->registry, terms->op_template, &operators, &error));
    HAS(operators, terms->template_checksum);
    c2d_string_destroy(operators);
    c2d_string_destroy(json);
    c2d_job_terms_destroy(terms);
    c2d_job_terms_destroy(NULL);
}

static void jobs(world* w, const c2d_job_verifier* verifier) {
    const c2d_method method = C2D_METHOD_ON_PREMISE_COMPUTE;
    const uint64_t job = world_job(w);
    c2d_request request = request_of(w, method, job);
    c2d_envelope* envelope = NULL;
    c2d_verdict* verdict = NULL;
    char* terms = NULL;
    char* body = sign(w, &request, w->fintech);

    MUST(c2d_job_verifier_check_body(verifier, method, body, strlen(body), &envelope, &verdict, &error));
    CHECK(c2d_verdict_accepted(verdict) && envelope != NULL);
    c2d_verdict_destroy(verdict);
    CHECK(strcmp(c2d_envelope_signer(envelope), c2d_key_address(w->fintech)) == 0);
    CHECK(strcmp(c2d_envelope_dt(envelope), w->features) == 0);
    CHECK(strcmp(c2d_envelope_algo_dt(envelope), w->algorithm) == 0);
    CHECK(c2d_envelope_job_id(envelope) == job && c2d_envelope_method(envelope) == method);
    CHECK(strcmp(c2d_envelope_store_path(envelope), "") == 0);

    MUST(c2d_job_verifier_verify_job(verifier, envelope, &terms, &verdict, &error));
    CHECK(c2d_verdict_accepted(verdict));
    c2d_verdict_destroy(verdict);
    HAS(terms, "\"operation\":\"open('outputs/rows.txt'");
    HAS(terms, "\"args\":{");
    HAS(terms, "\"outputs\":[\"rows.txt\"]");
    HAS(terms, "\"name\":\"features.csv\"");
    HAS(terms, "\"parties\":1");
    c2d_string_destroy(terms);
    MUST(c2d_job_verifier_verify_job(verifier, envelope, NULL, &verdict, &error));
    c2d_verdict_destroy(verdict);
    terms_as_struct(w, verifier, envelope, job);

    MUST(c2d_job_verifier_admit(verifier, envelope, &verdict, &error));
    CHECK(c2d_verdict_accepted(verdict));
    c2d_verdict_destroy(verdict);
    MUST(c2d_job_verifier_admit(verifier, envelope, &verdict, &error));
    CHECK(strcmp(c2d_verdict_reason(verdict), "replayed") == 0);
    c2d_verdict_destroy(verdict);
    c2d_envelope_destroy(envelope);
    c2d_string_destroy(body);

    request.job_id = 999;
    body = sign(w, &request, w->fintech);
    MUST(c2d_job_verifier_check_body(verifier, method, body, strlen(body), &envelope, &verdict, &error));
    c2d_verdict_destroy(verdict);
    terms = body; /* any pointer: it must become NULL */
    MUST(c2d_job_verifier_verify_job(verifier, envelope, &terms, &verdict, &error));
    CHECK(strcmp(c2d_verdict_reason(verdict), "job_unknown") == 0 && terms == NULL);
    CHECK(c2d_verdict_http_status(verdict) == 404);
    c2d_verdict_destroy(verdict);
    c2d_job_terms* none = (c2d_job_terms*)body;
    MUST(c2d_job_verifier_verify_job_terms(verifier, envelope, &none, &verdict, &error));
    CHECK(strcmp(c2d_verdict_reason(verdict), "job_unknown") == 0 && none == NULL);
    c2d_verdict_destroy(verdict);
    c2d_envelope_destroy(envelope);
    c2d_string_destroy(body);
    expect(verifier, method, sign(w, &request, w->fintech), "job_unknown");
}

/* Two parties of one bank, one of which is said to be at an endpoint with a zero byte in it. */
static void publish_joint(world* w) {
    c2d_operator_draft draft = C2D_OPERATOR_DRAFT_INIT;
    char** const leaves[] = {&w->features, &w->labels};
    char attributes[2048];
    draft.metadata_json =
        "{\"main\": {\"type\": \"Operation\", \"name\": \"both\","
        " \"mpc\": {\"parties\": 2, \"threshold\": 1}}}";
    draft.operation = "pass";
    draft.params_json = "{\"party_id\": {}, \"exec_endpoints\": {}, \"outputs\": {}}";
    MUST(c2d_asset_registry_publish_operator(w->registry, w->admin, &draft, &w->tid, &error));
    snprintf(attributes, sizeof attributes,
             "{\"metadata\": {\"main\": {\"type\": \"Dataset\", \"name\": \"rows\"}},"
             " \"services\": [{\"index\": \"s\", \"endpoint\": \"127.0.0.1:8090\","
             "  \"descriptor\": {\"template\": \"%s\","
             "   \"constraint\": {\"party_id\": {}, \"exec_endpoints\": {}, \"outputs\": {}}},"
             "  \"attributes\": {\"path\": \"./inputs/rows.csv\"}}]}",
             w->tid);
    for (size_t i = 0; i < 2; ++i)
        MUST(c2d_asset_registry_publish(w->registry, w->bank, attributes, NULL, leaves[i], &error));
#define ARGUMENTS(party)                                         \
    "{\"service\": \"s\", \"constraint\": {\"party_id\": " party \
    ", \"exec_endpoints\":"                                      \
    " {\"0\": \"192.0.2.1:8911\\u0000\", \"1\": \"192.0.2.2:8912\"}, \"outputs\": {\"0\": \"./outputs/x\"}}}"
    snprintf(
        attributes, sizeof attributes,
        "{\"metadata\": {\"main\": {\"type\": \"Algorithm\", \"name\": \"joint\"}}, \"child_dts\": [\"%s\", \"%s\"],"
        " \"services\": [{\"index\": \"s\", \"endpoint\": {}, \"attributes\": {}, \"descriptor\": {\"workflow\":"
        "  {\"%s\": " ARGUMENTS("0") ", \"%s\": " ARGUMENTS("1") "}}}]}",
        w->features, w->labels, w->features, w->labels);
#undef ARGUMENTS
    MUST(c2d_asset_registry_publish(w->registry, w->fintech, attributes, NULL, &w->algorithm, &error));
    world_grant(w);
}

/* A text does not end before its end: who reads "Bank A" reads all of the name. */
static void zero_bytes_in_terms(void) {
    world w;
    c2d_job_verifier_options options = C2D_JOB_VERIFIER_OPTIONS_INIT;
    c2d_nonce_store* nonces = NULL;
    c2d_job_verifier* verifier = NULL;
    c2d_envelope* envelope = NULL;
    c2d_verdict* verdict = NULL;
    c2d_job_terms* terms = NULL;
    char name[256];
    world_open(&w);
    MUST(c2d_nonce_store_memory(&nonces, &error));
    snprintf(name, sizeof name, "[\"%s\", \"Bank A\\u0000, not\", \"a test\"]", c2d_key_address(w.bank));
    MUST(c2d_chain_send(w.chain, w.admin, "AssetProvider.updateEnterprise", name, NULL, &error));
    publish_joint(&w);
    options.self = c2d_key_address(w.bank);
    options.environment = w.environment;
    options.nonces = nonces;
    options.allow_collusion = 1;
    MUST(c2d_job_verifier_open(w.registry, &options, &verifier, &error));
    const c2d_request request = request_of(&w, C2D_METHOD_ON_PREMISE_COMPUTE, world_job(&w));
    char* body = sign(&w, &request, w.fintech);
    MUST(c2d_job_verifier_check_body(verifier, request.method, body, strlen(body), &envelope, &verdict, &error));
    c2d_verdict_destroy(verdict);
    MUST(c2d_job_verifier_verify_job_terms(verifier, envelope, &terms, &verdict, &error));
    CHECK(c2d_verdict_accepted(verdict) && terms->all_parties_count == 2);
    CHECK(strcmp(terms->all_parties[0].organisation, "Bank A\\x00, not") == 0);
    CHECK(strcmp(terms->all_parties[0].endpoint, "192.0.2.1:8911\\x00") == 0);
    CHECK(strcmp(terms->all_parties[1].endpoint, "192.0.2.2:8912") == 0);
    c2d_verdict_destroy(verdict);
    c2d_job_terms_destroy(terms);
    c2d_envelope_destroy(envelope);
    c2d_string_destroy(body);
    c2d_job_verifier_destroy(verifier);
    c2d_nonce_store_destroy(nonces);
    world_close(&w);
}

static void headers(world* w, const c2d_job_verifier* verifier) {
    c2d_request request = request_of(w, C2D_METHOD_STATUS, 1);
    c2d_envelope* envelope = NULL;
    c2d_verdict* verdict = NULL;
    char* header = NULL;
    MUST(c2d_request_sign_authorization(&request, w->chain, w->fintech, &header, &error));
    CHECK(strncmp(header, "C2D ", 4) == 0);
    MUST(c2d_job_verifier_check_authorization(verifier, C2D_METHOD_STATUS, header, &envelope, &verdict, &error));
    CHECK(c2d_verdict_accepted(verdict) && envelope != NULL);
    c2d_verdict_destroy(verdict);
    c2d_envelope_destroy(envelope);
    envelope = (c2d_envelope*)header; /* any pointer: it must become NULL */
    MUST(c2d_job_verifier_check_authorization(verifier, C2D_METHOD_LOG, header, &envelope, &verdict, &error));
    CHECK(!c2d_verdict_accepted(verdict) && envelope == NULL);
    CHECK(c2d_verdict_path(verdict)[0] != '\0');
    c2d_verdict_destroy(verdict);
    c2d_string_destroy(header);
}

/* A store that fails leaves the request undecided: neither accepted nor refused. */
static void a_failing_store(world* w, const c2d_job_verifier* verifier, table* t) {
    c2d_request request = request_of(w, C2D_METHOD_STATUS, 1);
    c2d_verdict* verdict = NULL;
    char* body = sign(w, &request, w->fintech);
    t->fail_with = -C2D_ERROR_LIMIT;
    FAILS(c2d_job_verifier_verify(verifier, C2D_METHOD_STATUS, body, strlen(body), &verdict, &error), C2D_ERROR_LIMIT,
          "");
    t->fail_with = 7;
    FAILS(c2d_job_verifier_verify(verifier, C2D_METHOD_STATUS, body, strlen(body), &verdict, &error),
          C2D_ERROR_INTERNAL, "");
    CHECK(verdict == NULL);
    t->fail_with = 0;
    c2d_string_destroy(body);
}

int main(void) {
    world w;
    table t = {0};
    c2d_nonce_store *memory = NULL, *own = NULL;
    world_open(&w);
    world_publish(&w);
    MUST(c2d_nonce_store_memory(&memory, &error));
    MUST(c2d_nonce_store_from_functions(table_seen, table_remember, &t, table_destroy, &own, &error));

    c2d_job_verifier* verifier = verifier_of(&w, w.bank, memory);
    c2d_nonce_store_destroy(memory); /* the verifier keeps it */
    grants(&w, verifier);
    garbage(verifier);
    c2d_job_verifier_destroy(verifier);

    world_grant(&w);
    verifier = verifier_of(&w, w.bank, own);
    c2d_nonce_store_destroy(own);
    CHECK(t.destroyed == 0);
    jobs(&w, verifier);
    headers(&w, verifier);
    a_failing_store(&w, verifier, &t);
    CHECK(t.count > 0);
    /* Whoever answers closes in any order. */
    world_close(&w);
    garbage(verifier);
    c2d_job_verifier_destroy(verifier);
    CHECK(t.destroyed == 1);
    zero_bytes_in_terms();
    CHECK(strcmp(c2d_method_name(C2D_METHOD_LIST), "list") == 0);
    CHECK(c2d_method_name((c2d_method)99) == NULL && c2d_method_name((c2d_method)-1) == NULL);
    return done("capi_verifier");
}
