/* Documents, operators, tokens and the trace from C. */
#include "world.h"

static void documents(void) {
    c2d_document_store* store = NULL;
    c2d_bytes* bytes = NULL;
    char* cid = NULL;
    MUST(c2d_document_store_memory(&store, &error));
    MUST(c2d_document_store_put(store, (const uint8_t*)"hello\0world", 11, &cid, &error));
    MUST(c2d_document_store_get(store, cid, &bytes, &error));
    CHECK(c2d_bytes_size(bytes) == 11 && memcmp(c2d_bytes_data(bytes), "hello\0world", 11) == 0);
    c2d_bytes_destroy(bytes);
    bytes = NULL;
    c2d_string_destroy(cid);
    /* Known from IPFS itself. */
    MUST(c2d_document_store_put(store, (const uint8_t*)"hello world", 11, &cid, &error));
    CHECK(strcmp(cid, "Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyfD") == 0);
    c2d_string_destroy(cid);
    MUST(c2d_document_store_put(store, NULL, 0, &cid, &error));
    CHECK(strcmp(cid, "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH") == 0);
    c2d_string_destroy(cid);
    FAILS(c2d_document_store_put(store, NULL, 1, &cid, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    FAILS(c2d_document_store_get(store, "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG", &bytes, &error),
          C2D_ERROR_NOT_FOUND, "");
    FAILS(c2d_document_store_get(store, "nonsense", &bytes, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    CHECK(bytes == NULL);
    c2d_document_store_destroy(store);
    FAILS(c2d_document_store_directory("/proc/version/here", &store, &error), C2D_ERROR_IO, "");
    MUST(c2d_document_store_directory("/proc/none/here", &store, &error));
    FAILS(c2d_document_store_put(store, NULL, 0, &cid, &error), C2D_ERROR_IO, "");
    c2d_document_store_destroy(store);
}

static void text_of_others(void) {
    char* text = NULL;
    MUST(c2d_display_text("a\x1b[2J\n\0b", 8, 0, &text, &error));
    CHECK(strcmp(text, "a\\x1b[2J\\x0a\\x00b") == 0);
    c2d_string_destroy(text);
    MUST(c2d_display_text("a\n\xe2\x80\xae", 5, 1, &text, &error));
    CHECK(strcmp(text, "a\n\\u202e") == 0);
    c2d_string_destroy(text);
    MUST(c2d_url_without_credentials("http://user:password@node:8545/v3", &text, &error));
    CHECK(strcmp(text, "http://…@node:8545/v3") == 0);
    c2d_string_destroy(text);
    MUST(c2d_url_without_credentials("ledger:bank.db", &text, &error));
    CHECK(strcmp(text, "ledger:bank.db") == 0);
    c2d_string_destroy(text);
    MUST(c2d_display_text(NULL, 0, 0, &text, &error));
    CHECK(strcmp(text, "") == 0);
    c2d_string_destroy(text);
}

/* A node that is not there: opening asks nothing of it, using it says so. */
static void ipfs(void) {
    c2d_document_store* store = NULL;
    char* cid = NULL;
    c2d_ipfs_options options = C2D_IPFS_OPTIONS_INIT;
    FAILS(c2d_document_store_ipfs(&options, &store, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    options.endpoint = "nonsense";
    FAILS(c2d_document_store_ipfs(&options, &store, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    options.endpoint = "/ip4/127.0.0.1/tcp/1/http";
    options.authorization = "Bearer token";
    options.find_within_ms = UINT64_MAX;
    FAILS(c2d_document_store_ipfs(&options, &store, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    options.find_within_ms = 1000;
    MUST(c2d_document_store_ipfs(&options, &store, &error));
    FAILS(c2d_document_store_put(store, (const uint8_t*)"x", 1, &cid, &error), C2D_ERROR_UNAVAILABLE, "");
    c2d_document_store_destroy(store);
}

static void write_file(const char* path, const char* text) {
    FILE* file = fopen(path, "w");
    CHECK(file != NULL);
    if (!file) return;
    CHECK(fputs(text, file) >= 0);
    CHECK(fclose(file) == 0);
}

/* The file that dt-cli reads, in a folder of its own. */
static void configured(world* w) {
    char folder[] = "/tmp/c2d_assets_XXXXXX", config[64], ledger[64], text[512];
    CHECK(mkdtemp(folder) != NULL);
    snprintf(config, sizeof config, "%s/config.ini", folder);
    snprintf(ledger, sizeof ledger, "ledger:%s/ledger.c2d", folder);
    c2d_asset_registry* registry = NULL;
    c2d_chain* chain = NULL;
    c2d_document_store* documents = NULL;
    FAILS(c2d_asset_registry_open_config(config, NULL, &registry, &error), C2D_ERROR_NOT_FOUND, "");

    write_file(config, "network_url = ledger:here\n");
    FAILS(c2d_asset_registry_open_config(config, NULL, &registry, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    snprintf(text, sizeof text,
             "\xef\xbb\xbf[keeper]\nnetwork_url = %s\nipfs_endpoint = dir:%s/documents\ntrust_dir = %s/trust\n", ledger,
             folder, folder);
    write_file(config, text);
    FAILS(c2d_asset_registry_open_config(config, w->environment, &registry, &error), C2D_ERROR_NOT_FOUND, "");

    c2d_chain_options where = C2D_CHAIN_OPTIONS_INIT;
    where.network_url = ledger;
    where.environment = w->environment;
    MUST(c2d_chain_create(&where, w->admin, &chain, &error));
    c2d_chain_destroy(chain);
    chain = NULL;
    MUST(c2d_asset_registry_open_config(config, w->environment, &registry, &error));
    MUST(c2d_asset_registry_chain(registry, &chain, &error));
    MUST(c2d_asset_registry_documents(registry, &documents, &error));
    c2d_asset_registry_destroy(registry); /* what was put out stands alone */
    char *info = NULL, *cid = NULL;
    MUST(c2d_chain_info(chain, &info, &error));
    HAS(info, "\"kind\":\"ledger\"");
    c2d_string_destroy(info);
    MUST(c2d_document_store_put(documents, (const uint8_t*)"here", 4, &cid, &error));
    snprintf(text, sizeof text, "%s/documents/%s", folder, cid);
    FILE* stored = fopen(text, "r");
    CHECK(stored != NULL);
    if (stored) fclose(stored);
    c2d_string_destroy(cid);
    c2d_document_store_destroy(documents);
    c2d_chain_destroy(chain);
    snprintf(text, sizeof text, "rm -rf '%s'", folder);
    CHECK(system(text) == 0);
}

static void resolves(world* w) {
    char* json = NULL;
    MUST(c2d_asset_registry_resolve(w->registry, w->features, &json, &error));
    HAS(json, "\"type\":\"Dataset\"");
    HAS(json, "\"active\":true");
    HAS(json, w->tid);
    HAS(json, "\"document\":{");
    HAS(json, "template_checksum");
    HAS(json, "\"free\":[{\"service\":\"count\",\"argument\":\"outputs\",\"allows\":\"{}\"}]");
    c2d_string_destroy(json);
    json = NULL;
    FAILS(c2d_asset_registry_schema(w->registry, w->features, &json, &error), C2D_ERROR_NOT_FOUND, "");
    MUST(c2d_asset_registry_resolve(w->registry, w->algorithm, &json, &error));
    HAS(json, "\"active\":false");
    HAS(json, w->labels);
    c2d_string_destroy(json);
    MUST(c2d_asset_registry_resolve_operator(w->registry, w->tid, &json, &error));
    HAS(json, "\"operation\":\"open('outputs/rows.txt', 'w').write('39')\\n\"");
    HAS(json, "\"params\":{");
    c2d_string_destroy(json);
    MUST(c2d_asset_registry_list(w->registry, 0, 256, &json, &error));
    HAS(json, w->features);
    CHECK(strstr(json, w->algorithm) == NULL); /* not active, so not on the list */
    CHECK(strstr(json, "\"document\"") == NULL);
    c2d_string_destroy(json);
    MUST(c2d_asset_registry_list(w->registry, 1000, 1, &json, &error));
    CHECK(strcmp(json, "[]") == 0);
    c2d_string_destroy(json);
    MUST(c2d_asset_registry_plan(w->registry, w->algorithm, &json, &error));
    HAS(json, "./outputs/rows.txt");
    HAS(json, "127.0.0.1:8090");
    c2d_string_destroy(json);
    json = NULL;
    FAILS(c2d_asset_registry_resolve(w->registry, w->tid, &json, &error), C2D_ERROR_NOT_FOUND, "");
    FAILS(c2d_asset_registry_resolve(w->registry, "dt:x", &json, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    CHECK(json == NULL);
}

/* Terms that do not hold are refused by name, and nothing is written. */
static void refuses(world* w) {
    char attributes[2048];
    char* dt = NULL;
    uint64_t before = 0, after = 0;
    MUST(c2d_chain_token_count(w->chain, &before, &error));
    FAILS(c2d_asset_registry_publish(w->registry, w->bank, "{\"a\": }", NULL, &dt, &error), C2D_ERROR_INVALID_ARGUMENT,
          "");
    snprintf(attributes, sizeof attributes,
             "{\"metadata\": {\"main\": {\"type\": \"Dataset\", \"name\": \"x\"}},"
             " \"services\": [{\"index\": \"count\", \"endpoint\": \"127.0.0.1:8090\","
             "  \"descriptor\": {\"template\": \"%s\","
             "   \"constraint\": {\"outputs\": {}}}}]}",
             w->tid);
    FAILS(c2d_asset_registry_publish(w->registry, w->bank, attributes, NULL, &dt, &error), C2D_ERROR_REFUSED,
          "argument_missing");
    FAILS(c2d_asset_registry_activate(w->registry, w->fintech, w->algorithm, &error), C2D_ERROR_REFUSED, "");
    /* Only the owner may grant. */
    FAILS(c2d_asset_registry_grant(w->registry, w->fintech, w->features, w->algorithm, &error), C2D_ERROR_REFUSED, "");
    MUST(c2d_chain_token_count(w->chain, &after, &error));
    CHECK(before == after && dt == NULL);
}

static void operators(world* w) {
    char* tid = NULL;
    char* json = NULL;
    c2d_operator_draft draft = C2D_OPERATOR_DRAFT_INIT;
    FAILS(c2d_asset_registry_publish_operator(w->registry, w->admin, &draft, &tid, &error), C2D_ERROR_INVALID_ARGUMENT,
          "");
    draft.metadata_json = "{\"main\": {\"type\": \"Operation\", \"name\": \"count rows\"}}";
    draft.operation = "print('two')\n";
    draft.params_json = "{\"input\": {}, \"outputs\": {}}";
    FAILS(c2d_asset_registry_publish_operator(w->registry, w->bank, &draft, &tid, &error), C2D_ERROR_REFUSED, "");
    /* Without an id there is nothing to update. */
    FAILS(c2d_asset_registry_update_operator(w->registry, w->admin, &draft, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    draft.id = w->tid;
    MUST(c2d_asset_registry_update_operator(w->registry, w->admin, &draft, &error));
    MUST(c2d_asset_registry_resolve_operator(w->registry, w->tid, &json, &error));
    HAS(json, "print('two')");
    c2d_string_destroy(json);
    CHECK(tid == NULL);
}

static int stop(uint64_t tokens, uint64_t total, const char* line, void* user_data) {
    (void)tokens;
    (void)total;
    (void)line;
    ++*(int*)user_data;
    return -7;
}

static void traces(world* w) {
    c2d_tracer* tracer = NULL;
    c2d_trace* trace = NULL;
    char *text = NULL, *json = NULL;
    int calls = 0;
    const char* roots[2];
    roots[0] = w->features;
    roots[1] = w->labels;
    MUST(c2d_tracer_create(w->registry, &tracer, &error));
    MUST(c2d_tracer_walk(tracer, roots, 2, NULL, NULL, &trace, &error));
    MUST(c2d_trace_to_text(trace, &text, &error));
    MUST(c2d_trace_to_json(trace, &json, &error));
    HAS(text, "features  Dataset  Bank A");
    HAS(text, "└── job 1");
    HAS(json, "{\"roots\":[");
    HAS(json, w->algorithm);
    /* When, and what became of a grant. */
    HAS(text, "  registered ");
    HAS(text, "  granted ");
    HAS(json, "\"minted\":{\"block\":");
    HAS(json, "\"grant\":{\"state\":\"granted\"");
    c2d_string_destroy(text);
    c2d_string_destroy(json);
    c2d_trace_destroy(trace);
    trace = NULL;
    FAILS(c2d_tracer_walk(tracer, roots, 2, stop, &calls, &trace, &error), C2D_ERROR_CANCELLED, "");
    CHECK(calls == 1);
    roots[1] = w->tid;
    FAILS(c2d_tracer_walk(tracer, roots, 2, NULL, NULL, &trace, &error), C2D_ERROR_NOT_FOUND, "");
    roots[1] = NULL;
    FAILS(c2d_tracer_walk(tracer, roots, 2, NULL, NULL, &trace, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    CHECK(trace == NULL);
    /* No root, no tree. */
    MUST(c2d_tracer_walk(tracer, NULL, 0, NULL, NULL, &trace, &error));
    MUST(c2d_trace_to_json(trace, &json, &error));
    CHECK(strcmp(json, "{\"roots\":[]}") == 0);
    c2d_string_destroy(json);
    c2d_tracer_destroy(tracer);
    c2d_trace_destroy(trace);
}

int main(void) {
    world w;
    documents();
    text_of_others();
    ipfs();
    world_open(&w);
    configured(&w);
    world_publish(&w);
    resolves(&w);
    refuses(&w);
    world_grant(&w);
    world_job(&w);
    traces(&w);
    operators(&w);
    world_close(&w);
    return done("capi_assets");
}
