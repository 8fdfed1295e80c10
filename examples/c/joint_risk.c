/* Two banks and a fintech company train a risk model that none of them could train alone.
 *
 * cc joint_risk.c $(pkg-config --cflags --libs c2d) -o joint_risk
 * ./joint_risk STORY DATA WORK [PORT SPLIT BATCH EPOCH]
 *
 * STORY is the folder joint_risk beside this one: operator and terms. DATA holds org1_feature.csv,
 * org1_label.csv and org2_feature.csv (STORY/generate_data.py makes them up). WORK, a
 * new folder, becomes the providers' job folders. Three ports from PORT (8911) must be free; the model trains on the
 * first SPLIT rows (40000) in EPOCH iterations (10001) of BATCH rows (256).
 *
 * Ledger, documents and all organisations are in this one process: requests go from the client to the
 * providers as values. The three parties of the computation are processes of their own, each walled
 * off in a sandbox, and speak TLS with each other. */
#include <c2d/c2d.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The keys of the original demonstration. Public: never use them for anything of value. */
static const char system_secret[] = "4472aa5d4e2efe297784a3d44d840c9652cdb7663e22dedd920958bf6edfaf7e";
static const char operator_id[] = "dt:ownership:caf831804693f76b0b988639a9cb680f45fcaeb23ee8f3b8a7b8d93e59616b3b";
static const char bank_b_data[] = "dt:ownership:a6e190d28f84e8e715617a35908aae8921977230130c69f7a8fdb0a5e545398a";

/* An organisation: its key, the tokens it offers, and its provider once that runs. */
typedef struct party {
    const char *name, *endpoint, *secret;
    const char* tokens[2]; /* names of documents in the story, */
    const char* files[2];  /* and of the data behind them */
    c2d_key* key;
    c2d_provider* provider;
    char* dts[2];
} party;

typedef struct story {
    const char *folder, *data, *work;
    int port;
    const char *split, *batch, *epoch;
    c2d_chain* chain;
    c2d_asset_registry* registry;
    party parties[3];
} story;

/* -- errors, texts, files -- */

/* Ends the program when a call failed. */
static void must(c2d_status status, c2d_error* error, const char* what) {
    if (status == C2D_OK) return;
    fprintf(stderr, "%s: %s (%s)\n", what, c2d_error_message(error), c2d_status_name(status));
    c2d_error_destroy(error);
    exit(1);
}

static void* must_have(void* memory) {
    if (!memory) must(C2D_ERROR_LIMIT, NULL, "out of memory");
    return memory;
}

static void join(char* out, size_t size, const char* folder, const char* name) {
    if (snprintf(out, size, "%s/%s", folder, name) < (int)size) return;
    fprintf(stderr, "%s/%s is too long a path\n", folder, name);
    exit(1);
}

/* The text of a file of the story. */
static char* read_story(const story* s, const char* name) {
    char path[1024];
    join(path, sizeof path, s->folder, name);
    FILE* file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0) {
        perror(path);
        exit(1);
    }
    const long size = ftell(file);
    char* text = must_have(malloc((size_t)size + 1));
    rewind(file);
    text[fread(text, 1, (size_t)size, file)] = '\0';
    fclose(file);
    return text;
}

/* `text` with every `from` replaced by `to`; takes and gives an owned text. */
static char* replaced(char* text, const char* from, const char* to) {
    const size_t size = strlen(text), grows = strlen(to) > strlen(from) ? strlen(to) - strlen(from) : 0;
    char* out = must_have(malloc(size + size / strlen(from) * grows + 1));
    char* end = out;
    const char* at = text;
    for (const char* next; (next = strstr(at, from)); at = next + strlen(from))
        end += sprintf(end, "%.*s%s", (int)(next - at), at, to);
    strcpy(end, at);
    free(text);
    return out;
}

/* A token's attributes from the story, with this run's numbers and ports. */
static char* attributes(const story* s, const char* token) {
    char name[256], from[32], to[32];
    snprintf(name, sizeof name, "samples/ddo/%s_attr.json", token);
    char* text = read_story(s, name);
    text = replaced(text, "${IN_DIM:-72}", "72");
    text = replaced(text, "${LR:-0.01}", "0.01");
    text = replaced(text, "${SPLIT:-40000}", s->split);
    text = replaced(text, "${SHUFFLE:-false}", "false");
    text = replaced(text, "${BATCH_SIZE:-256}", s->batch);
    text = replaced(text, "${EPOCH:-10001}", s->epoch);
    for (int number = 0; number < 3; ++number) {
        snprintf(from, sizeof from, "127.0.0.1:%d", 8911 + number);
        snprintf(to, sizeof to, "127.0.0.1:%d", s->port + number);
        text = replaced(text, from, to);
    }
    return text;
}

/* -- the organisations -- */

static c2d_key* key_of(const char* secret) {
    c2d_error* error = NULL;
    c2d_key* key = NULL;
    must(c2d_key_from_hex(secret, &key, &error), error, "key");
    return key;
}

/* A new ledger and an empty store of documents. */
static void open_world(story* s, const c2d_key* admin) {
    c2d_error* error = NULL;
    c2d_document_store* documents = NULL;
    c2d_chain_options where = C2D_CHAIN_OPTIONS_INIT;
    c2d_asset_registry_options options = C2D_ASSET_REGISTRY_OPTIONS_INIT;
    where.network_url = "ledger::memory:";
    must(c2d_chain_create(&where, admin, &s->chain, &error), error, "new ledger");
    must(c2d_document_store_memory(&documents, &error), error, "documents");
    options.documents = documents;
    must(c2d_asset_registry_open(s->chain, &options, &s->registry, &error), error, "registry");
    c2d_document_store_destroy(documents); /* the registry keeps it */
}

/* The system administrator registers the organisations and publishes the reviewed operator. */
static void prepare(story* s, const c2d_key* admin) {
    c2d_error* error = NULL;
    char* tid = NULL;
    for (int i = 0; i < 3; ++i) {
        const char* address = c2d_key_address(s->parties[i].key);
        must(c2d_chain_register_enterprise(s->chain, admin, address, s->parties[i].name, "", NULL, &error), error,
             s->parties[i].name);
        must(c2d_chain_add_provider(s->chain, admin, address, NULL, &error), error, s->parties[i].name);
    }
    char* operation = read_story(s, "samples/op/rtt_op.py");
    char* params = read_story(s, "samples/op/rtt_params.json");
    c2d_operator_draft draft = C2D_OPERATOR_DRAFT_INIT;
    draft.id = operator_id;
    draft.operation = operation;
    draft.params_json = params;
    draft.metadata_json =
        "{\"main\": {\"type\": \"Operation\", \"name\": \"op1\", \"desc\": \"test op\","
        " \"mpc\": {\"parties\": 3, \"threshold\": 1, \"party\": \"party_id\","
        "           \"endpoints\": \"exec_endpoints\"}}}";
    must(c2d_asset_registry_publish_operator(s->registry, admin, &draft, &tid, &error), error, "operator");
    c2d_string_destroy(tid);
    free(operation);
    free(params);
}

/* An organisation publishes its tokens and starts a provider next to its data. As party `number` of a
 * computation it listens on a port of its own. */
static void start_party(story* s, int number) {
    c2d_error* error = NULL;
    party* p = &s->parties[number];
    char work[1024], data[2][1024];
    c2d_provider_asset assets[2];
    const c2d_port_range port = {(uint16_t)(s->port + number), (uint16_t)(s->port + number)};
    /* Everything runs on one machine here: without this private peers are refused. */
    const char* networks[] = {"127.0.0.0/8"};
    c2d_provider_options options = C2D_PROVIDER_OPTIONS_INIT;
    for (int i = 0; i < 2 && p->tokens[i]; ++i) {
        char* text = attributes(s, p->tokens[i]);
        must(c2d_asset_registry_publish(s->registry, p->key, text, NULL, &p->dts[i], &error), error, p->tokens[i]);
        free(text);
        if (!p->files[i]) continue;
        join(data[i], sizeof data[i], s->data, p->files[i]);
        assets[options.assets_count].dt = p->dts[i];
        assets[options.assets_count++].path = data[i];
    }
    join(work, sizeof work, s->work, p->name);
    options.key = p->key;
    options.exec_dirpath = work;
    options.assets = assets;
    options.peer_ports = &port;
    options.peer_ports_count = 1;
    options.peer_networks = networks;
    options.peer_networks_count = 1;
    must(c2d_provider_open(s->registry, &options, &p->provider, &error), error, p->name);
}

static void end_party(party* p) {
    c2d_provider_destroy(p->provider);
    c2d_string_destroy(p->dts[0]);
    c2d_string_destroy(p->dts[1]);
    c2d_key_destroy(p->key);
}

/* -- the computation -- */

/* In place of the network: a request goes to the provider at its endpoint. */
static c2d_status send_request(const c2d_http_request* request, c2d_http_response** out, void* user_data) {
    const story* s = user_data;
    const char* host = strstr(request->target, "://");
    for (int i = 0; host && i < 3; ++i)
        if (strncmp(host + 3, s->parties[i].endpoint, strlen(s->parties[i].endpoint)) == 0)
            return c2d_provider_handle(s->parties[i].provider, request, out, NULL);
    return C2D_ERROR_UNAVAILABLE;
}

static int show(uint64_t done, uint64_t total, const char* line, void* user_data) {
    (void)done, (void)total, (void)user_data;
    fprintf(stderr, "%s\n", line);
    return 0;
}

static void print_results(const c2d_client* client, uint64_t job) {
    c2d_error* error = NULL;
    c2d_released_files* files = NULL;
    must(c2d_client_results(client, job, &files, &error), error, "results");
    for (size_t i = 0; i < c2d_released_files_count(files); ++i)
        fwrite(c2d_released_files_data(files, i), 1, c2d_released_files_size(files, i), stdout);
    c2d_released_files_destroy(files);
}

/* The company composes under the banks' terms, runs the job and prints what was released. *out is the
 * Algorithm. */
static void compute(story* s, char** out) {
    c2d_error* error = NULL;
    c2d_client* client = NULL;
    uint64_t task = 0, job = 0;
    char *parts = NULL, *text = attributes(s, "3rd_algo");
    c2d_client_options options = C2D_CLIENT_OPTIONS_INIT;
    options.key = s->parties[2].key;
    options.http = send_request;
    options.http_user_data = s;
    must(c2d_client_open(s->registry, &options, &client, &error), error, "client");
    must(c2d_client_compose(client, text, NULL, out, &error), error, "compose");
    must(c2d_client_create_task(client, "test", "test_task", &task, &error), error, "task");
    must(c2d_client_execute(client, task, *out, &job, &error), error, "job");
    must(c2d_client_wait(client, job, show, NULL, &parts, &error), error, "wait");
    if (strstr(parts, "\"failed\"") || strstr(parts, "\"cancelled\"")) {
        fprintf(stderr, "the job failed: %s\n", parts);
        exit(1);
    }
    print_results(client, job);
    c2d_string_destroy(parts);
    c2d_client_destroy(client);
    free(text);
}

/* The regulator walks a token's whole life. */
static void print_trace(const story* s, const char* root) {
    c2d_error* error = NULL;
    c2d_tracer* tracer = NULL;
    c2d_trace* trace = NULL;
    char* text = NULL;
    must(c2d_tracer_create(s->registry, &tracer, &error), error, "tracer");
    must(c2d_tracer_walk(tracer, &root, 1, NULL, NULL, &trace, &error), error, "trace");
    must(c2d_trace_to_text(trace, &text, &error), error, "trace as text");
    fputs(text, stdout);
    c2d_string_destroy(text);
    c2d_trace_destroy(trace);
    c2d_tracer_destroy(tracer);
}

int main(int argc, char** argv) {
    if (argc < 4 || argc > 8) {
        fprintf(stderr, "usage: joint_risk STORY DATA WORK [PORT SPLIT BATCH EPOCH]\n");
        return 2;
    }
    story s = {argv[1],
               argv[2],
               argv[3],
               argc > 4 ? atoi(argv[4]) : 8911,
               argc > 5 ? argv[5] : "40000",
               argc > 6 ? argv[6] : "256",
               argc > 7 ? argv[7] : "10001",
               NULL,
               NULL,
               {{"org1",
                 "127.0.0.1:8090",
                 "5c25a2fb9b5427bbe8b68b4ddc0655ae7621f87a147a489b1337ca166bca0173",
                 {"org1_feature", "org1_label"},
                 {"org1_feature.csv", "org1_label.csv"},
                 NULL,
                 NULL,
                 {NULL, NULL}},
                {"org2",
                 "127.0.0.1:8091",
                 "eee795df5de4fc3636abfcfb6d1741665a903efa2b5ded74cea33ca92111b953",
                 {"org2_feature", NULL},
                 {"org2_feature.csv", NULL},
                 NULL,
                 NULL,
                 {NULL, NULL}},
                {"3rd-party",
                 "127.0.0.1:8092",
                 "6bba7694acf53fd8d02120263e6e5aaacbab4b623f4a401ac835c9d8ec54e122",
                 {"3rd_compute", NULL},
                 {NULL, NULL},
                 NULL,
                 NULL,
                 {NULL, NULL}}}};
    c2d_error* error = NULL;
    char* algorithm = NULL;
    c2d_key* admin = key_of(system_secret);
    for (int i = 0; i < 3; ++i) s.parties[i].key = key_of(s.parties[i].secret);
    open_world(&s, admin);
    prepare(&s, admin);
    for (int i = 0; i < 3; ++i) start_party(&s, i);

    compute(&s, &algorithm);
    print_trace(&s, algorithm);
    print_trace(&s, bank_b_data);
    must(c2d_chain_verify(s.chain, NULL, NULL, NULL, &error), error, "the ledger does not hold");

    for (int i = 0; i < 3; ++i) end_party(&s.parties[i]);
    c2d_string_destroy(algorithm);
    c2d_asset_registry_destroy(s.registry);
    c2d_chain_destroy(s.chain);
    c2d_key_destroy(admin);
    return 0;
}
