/* Two data sets are published, composed and used in a job; then their whole life is traced.
 *
 * cc publish_and_trace.c $(pkg-config --cflags --libs c2d) -o publish_and_trace && ./publish_and_trace
 *
 * Everything happens in memory: the ledger, the documents and three fresh keys. Every return value is
 * checked by `must`, which ends the program with the library's own explanation. */
#include <c2d/c2d.h>

#include <stdio.h>
#include <stdlib.h>

/* Ends the program when a call failed. */
static void must(c2d_status status, c2d_error* error, const char* what) {
    if (status == C2D_OK) return;
    fprintf(stderr, "%s: %s (%s)\n", what, c2d_error_message(error), c2d_status_name(status));
    c2d_error_destroy(error);
    exit(1);
}

static c2d_key* new_key(void) {
    c2d_error* error = NULL;
    c2d_key* key = NULL;
    must(c2d_key_generate(NULL, &key, &error), error, "new key");
    return key;
}

/* A new ledger with `admin` as its administrator. */
static c2d_chain* new_chain(const c2d_key* admin) {
    c2d_error* error = NULL;
    c2d_chain* chain = NULL;
    c2d_chain_options options = C2D_CHAIN_OPTIONS_INIT;
    options.network_url = "ledger::memory:";
    must(c2d_chain_create(&options, admin, &chain, &error), error, "new ledger");
    return chain;
}

static c2d_asset_registry* new_registry(const c2d_chain* chain) {
    c2d_error* error = NULL;
    c2d_document_store* documents = NULL;
    c2d_asset_registry* registry = NULL;
    c2d_asset_registry_options options = C2D_ASSET_REGISTRY_OPTIONS_INIT;
    must(c2d_document_store_memory(&documents, &error), error, "document store");
    options.documents = documents;
    must(c2d_asset_registry_open(chain, &options, &registry, &error), error, "registry");
    c2d_document_store_destroy(documents); /* the registry keeps it */
    return registry;
}

/* Registers an organisation that may publish. */
static void register_organisation(const c2d_chain* chain, const c2d_key* admin, const c2d_key* key, const char* name) {
    c2d_error* error = NULL;
    const char* address = c2d_key_address(key);
    must(c2d_chain_register_enterprise(chain, admin, address, name, "", NULL, &error), error, name);
    must(c2d_chain_add_provider(chain, admin, address, NULL, &error), error, name);
}

/* Code that was reviewed: it counts the rows of one file. */
static char* publish_operator(const c2d_asset_registry* registry, const c2d_key* admin) {
    c2d_error* error = NULL;
    char* tid = NULL;
    c2d_operator_draft draft = C2D_OPERATOR_DRAFT_INIT;
    draft.metadata_json = "{\"main\": {\"type\": \"Operation\", \"name\": \"count rows\"}}";
    draft.operation =
        "import json, sys\n"
        "args = json.load(open(sys.argv[2]))\n"
        "rows = sum(1 for _ in open(args['input']))\n"
        "open(args['outputs']['0'], 'w').write(str(rows))\n";
    draft.params_json = "{\"input\": {}, \"outputs\": {}}";
    must(c2d_asset_registry_publish_operator(registry, admin, &draft, &tid, &error), error, "publish the operator");
    return tid;
}

/* A data set, on offer for that operator alone: its terms leave nothing free. */
static char* publish_data(const c2d_asset_registry* registry, const c2d_key* owner, const char* tid, const char* name) {
    c2d_error* error = NULL;
    char* dt = NULL;
    char attributes[1024];
    snprintf(attributes, sizeof attributes,
             "{\"metadata\": {\"main\": {\"type\": \"Dataset\", \"name\": \"%s\"}},"
             " \"services\": [{\"index\": \"count\", \"endpoint\": \"127.0.0.1:8090\","
             "  \"descriptor\": {\"template\": \"%s\","
             "   \"constraint\": {\"input\": \"./inputs/%s.csv\", \"outputs\": {\"0\": \"./outputs/rows.txt\"}}},"
             "  \"attributes\": {\"price\": 10, \"path\": \"./inputs/%s.csv\"}}]}",
             name, tid, name, name);
    must(c2d_asset_registry_publish(registry, owner, attributes, NULL, &dt, &error), error, name);
    return dt;
}

/* An Algorithm: both data sets, with every argument fixed. */
static char* publish_algorithm(const c2d_asset_registry* registry, const c2d_key* owner, const char* first,
                               const char* second) {
    c2d_error* error = NULL;
    char* cdt = NULL;
    char attributes[2048];
    snprintf(attributes, sizeof attributes,
             "{\"metadata\": {\"main\": {\"type\": \"Algorithm\", \"name\": \"rows of both\"}},"
             " \"child_dts\": [\"%s\", \"%s\"],"
             " \"services\": [{\"index\": \"all\", \"endpoint\": {}, \"attributes\": {},"
             "  \"descriptor\": {\"workflow\": {"
             "   \"%s\": {\"service\": \"count\", \"constraint\":"
             "    {\"input\": \"./inputs/features.csv\", \"outputs\": {\"0\": \"./outputs/rows.txt\"}}},"
             "   \"%s\": {\"service\": \"count\", \"constraint\":"
             "    {\"input\": \"./inputs/labels.csv\", \"outputs\": {\"0\": \"./outputs/rows.txt\"}}}}}}]}",
             first, second, first, second);
    must(c2d_asset_registry_publish(registry, owner, attributes, NULL, &cdt, &error), error, "compose");
    return cdt;
}

static void print_trace(const c2d_asset_registry* registry, const char* root) {
    c2d_error* error = NULL;
    c2d_tracer* tracer = NULL;
    c2d_trace* trace = NULL;
    char* text = NULL;
    must(c2d_tracer_create(registry, &tracer, &error), error, "tracer");
    must(c2d_tracer_walk(tracer, &root, 1, NULL, NULL, &trace, &error), error, "trace");
    must(c2d_trace_to_text(trace, &text, &error), error, "trace as text");
    fputs(text, stdout);
    c2d_string_destroy(text);
    c2d_trace_destroy(trace);
    c2d_tracer_destroy(tracer);
}

int main(void) {
    c2d_error* error = NULL;
    uint64_t task = 0, job = 0;
    c2d_key* admin = new_key();
    c2d_key* bank = new_key();
    c2d_key* fintech = new_key();
    c2d_chain* chain = new_chain(admin);
    c2d_asset_registry* registry = new_registry(chain);

    register_organisation(chain, admin, bank, "Bank A");
    register_organisation(chain, admin, fintech, "Fintech C");

    char* tid = publish_operator(registry, admin);
    char* features = publish_data(registry, bank, tid, "features");
    char* labels = publish_data(registry, bank, tid, "labels");
    char* algorithm = publish_algorithm(registry, fintech, features, labels);

    /* The bank permits it, twice; only then can the composition be activated. */
    must(c2d_asset_registry_grant(registry, bank, features, algorithm, &error), error, "grant");
    must(c2d_asset_registry_grant(registry, bank, labels, algorithm, &error), error, "grant");
    must(c2d_asset_registry_activate(registry, fintech, algorithm, &error), error, "activate");

    must(c2d_chain_create_task(chain, bank, "count", "how many rows?", &task, &error), error, "task");
    must(c2d_chain_add_job(chain, fintech, algorithm, task, &job, &error), error, "job");
    printf("job %llu of task %llu\n", (unsigned long long)job, (unsigned long long)task);

    print_trace(registry, features);

    c2d_string_destroy(algorithm);
    c2d_string_destroy(labels);
    c2d_string_destroy(features);
    c2d_string_destroy(tid);
    c2d_asset_registry_destroy(registry);
    c2d_chain_destroy(chain);
    c2d_key_destroy(fintech);
    c2d_key_destroy(bank);
    c2d_key_destroy(admin);
    return 0;
}
