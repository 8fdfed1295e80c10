/* A ledger with two organisations, an operator, two data sets and an Algorithm over both. */
#ifndef C2D_TEST_CAPI_WORLD_H
#define C2D_TEST_CAPI_WORLD_H

#include "check.h"

typedef struct world {
    c2d_environment* environment; /* its clock stands still at `now`, and goes on with the ledger */
    uint64_t now;
    unsigned log_lines;
    c2d_key *admin, *bank, *fintech;
    c2d_chain* chain;
    c2d_document_store* documents;
    c2d_asset_registry* registry;
    char *tid, *features, *labels, *algorithm;
} world;

static uint64_t world_clock(void* user_data) { return ((world*)user_data)->now; }
static void world_log(c2d_log_level level, const char* line, void* user_data) {
    (void)level;
    (void)line;
    ++((world*)user_data)->log_lines;
}

static void world_register(world* w, const c2d_key* key, const char* name) {
    const char* address = c2d_key_address(key);
    uint8_t transaction[32] = {0}, zero[32] = {0};
    MUST(c2d_chain_register_enterprise(w->chain, w->admin, address, name, "a test", transaction, &error));
    CHECK(memcmp(transaction, zero, 32) != 0);
    MUST(c2d_chain_add_provider(w->chain, w->admin, address, NULL, &error));
}

static char* world_publish_data(world* w, const char* name) {
    char attributes[1024];
    char* dt = NULL;
    snprintf(attributes, sizeof attributes,
             "{\"metadata\": {\"main\": {\"type\": \"Dataset\", \"name\": \"%s\"}},"
             " \"services\": [{\"index\": \"count\", \"endpoint\": \"127.0.0.1:8090\","
             "  \"descriptor\": {\"template\": \"%s\","
             "   \"constraint\": {\"input\": \"./inputs/%s.csv\", \"outputs\": {}}},"
             "  \"attributes\": {\"price\": 10, \"path\": \"./inputs/%s.csv\"}}]}",
             name, w->tid, name, name);
    MUST(c2d_asset_registry_publish(w->registry, w->bank, attributes, NULL, &dt, &error));
    return dt;
}

static char* world_publish_algorithm(world* w) {
    char attributes[2048];
    char* cdt = NULL;
    snprintf(attributes, sizeof attributes,
             "{\"metadata\": {\"main\": {\"type\": \"Algorithm\", \"name\": \"rows of both\"}},"
             " \"child_dts\": [\"%s\", \"%s\"],"
             " \"services\": [{\"index\": \"all\", \"endpoint\": {}, \"attributes\": {},"
             "  \"descriptor\": {\"workflow\": {"
             "   \"%s\": {\"service\": \"count\", \"constraint\":"
             "    {\"input\": \"./inputs/features.csv\", \"outputs\": {\"0\": \"./outputs/rows.txt\"}}},"
             "   \"%s\": {\"service\": \"count\", \"constraint\":"
             "    {\"input\": \"./inputs/labels.csv\", \"outputs\": {\"0\": \"./outputs/rows.txt\"}}}}}}]}",
             w->features, w->labels, w->features, w->labels);
    MUST(c2d_asset_registry_publish(w->registry, w->fintech, attributes, NULL, &cdt, &error));
    return cdt;
}

static void world_open(world* w) {
    memset(w, 0, sizeof *w);
    w->now = 1700000000;
    MUST(c2d_environment_create(&w->environment, &error));
    MUST(c2d_environment_set_clock(w->environment, world_clock, w, NULL, &error));
    MUST(c2d_environment_set_log(w->environment, world_log, w, NULL, &error));
    MUST(c2d_key_generate(NULL, &w->admin, &error));
    MUST(c2d_key_generate(NULL, &w->bank, &error));
    MUST(c2d_key_generate(NULL, &w->fintech, &error));
    c2d_chain_options where = C2D_CHAIN_OPTIONS_INIT;
    where.network_url = "ledger::memory:";
    where.environment = w->environment;
    MUST(c2d_chain_create(&where, w->admin, &w->chain, &error));
    MUST(c2d_document_store_memory(&w->documents, &error));
    c2d_asset_registry_options options = C2D_ASSET_REGISTRY_OPTIONS_INIT;
    options.documents = w->documents;
    options.environment = w->environment;
    MUST(c2d_asset_registry_open(w->chain, &options, &w->registry, &error));
    world_register(w, w->bank, "Bank A");
    world_register(w, w->fintech, "Fintech C");
}

static void world_forget_tokens(world* w) {
    c2d_string_destroy(w->tid);
    c2d_string_destroy(w->features);
    c2d_string_destroy(w->labels);
    c2d_string_destroy(w->algorithm);
}

/* Publishes an operator, and under it everything else; the Algorithm stands there without grants. */
static void world_use_operator(world* w, const char* operation) {
    c2d_operator_draft draft = C2D_OPERATOR_DRAFT_INIT;
    world_forget_tokens(w);
    draft.metadata_json = "{\"main\": {\"type\": \"Operation\", \"name\": \"count rows\"}}";
    draft.operation = operation;
    draft.params_json = "{\"input\": {}, \"outputs\": {}}";
    MUST(c2d_asset_registry_publish_operator(w->registry, w->admin, &draft, &w->tid, &error));
    w->features = world_publish_data(w, "features");
    w->labels = world_publish_data(w, "labels");
    w->algorithm = world_publish_algorithm(w);
}

static void world_publish(world* w) { world_use_operator(w, "open('outputs/rows.txt', 'w').write('39')\n"); }

static void world_grant(world* w) {
    MUST(c2d_asset_registry_grant(w->registry, w->bank, w->features, w->algorithm, &error));
    MUST(c2d_asset_registry_grant(w->registry, w->bank, w->labels, w->algorithm, &error));
    MUST(c2d_asset_registry_activate(w->registry, w->fintech, w->algorithm, &error));
}

/* Opens a task and submits the Algorithm; returns the job's number. */
static uint64_t world_job(world* w) {
    uint64_t task = 0, job = 0;
    MUST(c2d_chain_create_task(w->chain, w->bank, "count", "how many rows?", &task, &error));
    MUST(c2d_chain_add_job(w->chain, w->fintech, w->algorithm, task, &job, &error));
    return job;
}

static void world_close(world* w) {
    world_forget_tokens(w);
    c2d_environment_destroy(w->environment);
    c2d_key_destroy(w->admin);
    c2d_key_destroy(w->bank);
    c2d_key_destroy(w->fintech);
    c2d_chain_destroy(w->chain);
    c2d_document_store_destroy(w->documents);
    c2d_asset_registry_destroy(w->registry);
}

#endif
