/* Many calls from eight threads, over whole lives of everything: open a ledger in memory, publish,
 * grant, verify, trace, close. Nothing may pile up: bytes in use, descriptors, threads and resident
 * memory are as flat at the end as they were once everything had been used.
 *
 * The number of calls is 10^6 under C2D_FULL=1, else small. Every call of the interface counts. */
#include "world.h"

#include <dirent.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 8, WINDOWS = 5 };

static atomic_ullong calls;
static unsigned long long calls_wanted;

/* Counts a call that must succeed. */
#define COUNT(call) (atomic_fetch_add(&calls, 1), (call))
#define DO(call) MUST(COUNT(call))

/* -- what may pile up -- */

typedef struct usage {
    size_t in_use; /* bytes that malloc has given out; 0 where a sanitizer replaces it */
    unsigned descriptors, threads;
    size_t resident;
} usage;

static unsigned entries(const char* folder) {
    unsigned count = 0;
    DIR* dir = opendir(folder);
    CHECK(dir != NULL);
    for (const struct dirent* entry; dir && (entry = readdir(dir));) count += entry->d_name[0] != '.';
    if (dir) closedir(dir);
    return count;
}

static usage measure(void) {
    usage out = {0, entries("/proc/self/fd"), entries("/proc/self/task"), 0};
    unsigned long size = 0, resident = 0;
    FILE* file = fopen("/proc/self/statm", "r");
    CHECK(file && fscanf(file, "%lu %lu", &size, &resident) == 2);
    if (file) fclose(file);
    const struct mallinfo2 info = mallinfo2();
    out.in_use = info.uordblks + info.hblkhd;
    out.resident = resident * (size_t)sysconf(_SC_PAGESIZE);
    return out;
}

/* -- one life -- */

static uint64_t still(void* user_data) { return *(const uint64_t*)user_data; }

static char* publish(const c2d_asset_registry* registry, const c2d_key* owner, const char* attributes) {
    char* dt = NULL;
    DO(c2d_asset_registry_publish(registry, owner, attributes, NULL, &dt, &error));
    return dt;
}

/* A leaf under an operator, and an Algorithm over it. */
static void publish_all(const c2d_asset_registry* registry, const c2d_key* owner, char** dt, char** cdt) {
    char text[1024];
    char* tid = NULL;
    c2d_operator_draft draft = C2D_OPERATOR_DRAFT_INIT;
    draft.metadata_json = "{\"main\": {\"type\": \"Operation\", \"name\": \"op\"}}";
    draft.operation = "print(1)\n";
    draft.params_json = "{\"rows\": {}}";
    DO(c2d_asset_registry_publish_operator(registry, owner, &draft, &tid, &error));
    snprintf(text, sizeof text,
             "{\"metadata\": {\"main\": {\"type\": \"Dataset\", \"name\": \"d\"}}, \"services\":"
             " [{\"index\": \"s\", \"endpoint\": \"127.0.0.1:1\", \"descriptor\": {\"template\": \"%s\","
             " \"constraint\": {\"rows\": {}}}, \"attributes\": {\"path\": \"./inputs/d.csv\"}}]}",
             tid);
    *dt = publish(registry, owner, text);
    snprintf(text, sizeof text,
             "{\"metadata\": {\"main\": {\"type\": \"Algorithm\", \"name\": \"a\"}}, \"child_dts\": [\"%s\"],"
             " \"services\": [{\"index\": \"a\", \"descriptor\": {\"workflow\": {\"%s\":"
             " {\"service\": \"s\", \"constraint\": {\"rows\": 100}}}}}]}",
             *dt, *dt);
    *cdt = publish(registry, owner, text);
    COUNT(c2d_string_destroy(tid));
}

/* Signs a request and has it decided, twice: the second time it is a replay. */
static void verify(const c2d_chain* chain, const c2d_asset_registry* registry, const c2d_key* key,
                   const c2d_request* request) {
    c2d_nonce_store* nonces = NULL;
    c2d_job_verifier* verifier = NULL;
    c2d_job_verifier_options options = C2D_JOB_VERIFIER_OPTIONS_INIT;
    char* body = NULL;
    DO(c2d_nonce_store_memory(&nonces, &error));
    options.self = COUNT(c2d_key_address(key));
    options.nonces = nonces;
    options.environment = request->environment;
    DO(c2d_job_verifier_open(registry, &options, &verifier, &error));
    DO(c2d_request_sign_body(request, chain, key, &body, &error));
    for (int again = 0; again < 2; ++again) {
        c2d_verdict* verdict = NULL;
        DO(c2d_job_verifier_verify(verifier, C2D_METHOD_VERIFY, body, strlen(body), &verdict, &error));
        CHECK(COUNT(c2d_verdict_accepted(verdict)) == !again);
        CHECK(strcmp(COUNT(c2d_verdict_reason(verdict)), again ? "replayed" : "accepted") == 0);
        COUNT(c2d_verdict_destroy(verdict));
    }
    COUNT(c2d_string_destroy(body));
    COUNT(c2d_job_verifier_destroy(verifier));
    COUNT(c2d_nonce_store_destroy(nonces));
}

static void trace(const c2d_asset_registry* registry, const char* root) {
    c2d_tracer* tracer = NULL;
    c2d_trace* walked = NULL;
    char* text = NULL;
    DO(c2d_tracer_create(registry, &tracer, &error));
    DO(c2d_tracer_walk(tracer, &root, 1, NULL, NULL, &walked, &error));
    DO(c2d_trace_to_text(walked, &text, &error));
    HAS(text, "job 1");
    COUNT(c2d_string_destroy(text));
    COUNT(c2d_trace_destroy(walked));
    COUNT(c2d_tracer_destroy(tracer));
}

/* A failure is an object too. */
static void fail(const c2d_asset_registry* registry) {
    c2d_error* error = NULL;
    char* json = NULL;
    CHECK(COUNT(c2d_asset_registry_resolve(registry, "dt:ownership:none", &json, &error)) != C2D_OK);
    CHECK(COUNT(c2d_error_message(error))[0] != '\0' && json == NULL);
    COUNT(c2d_error_destroy(error));
}

static void use(const c2d_chain* chain, const c2d_asset_registry* registry, const c2d_key* key,
                const c2d_environment* environment) {
    const char* address = COUNT(c2d_key_address(key));
    char *dt = NULL, *cdt = NULL, *json = NULL;
    uint64_t task = 0;
    c2d_request request = C2D_REQUEST_INIT;
    DO(c2d_chain_register_enterprise(chain, key, address, "org", "soak", NULL, &error));
    DO(c2d_chain_add_provider(chain, key, address, NULL, &error));
    publish_all(registry, key, &dt, &cdt);
    DO(c2d_asset_registry_grant(registry, key, dt, cdt, &error));
    DO(c2d_asset_registry_activate(registry, key, cdt, &error));
    DO(c2d_chain_create_task(chain, key, "t", "soak", &task, &error));
    DO(c2d_chain_add_job(chain, key, cdt, task, &request.job_id, &error));
    request.method = C2D_METHOD_VERIFY;
    request.audience = address;
    request.dt = dt;
    request.algo_dt = cdt;
    request.environment = environment;
    for (int i = 0; i < 4; ++i) verify(chain, registry, key, &request);
    for (int i = 0; i < 4; ++i) trace(registry, dt);
    fail(registry);
    DO(c2d_asset_registry_resolve(registry, cdt, &json, &error));
    COUNT(c2d_string_destroy(json));
    COUNT(c2d_string_destroy(dt));
    COUNT(c2d_string_destroy(cdt));
}

static void live(void) {
    const uint64_t now = 1700000000;
    c2d_environment* environment = NULL;
    c2d_key* key = NULL;
    c2d_chain* chain = NULL;
    c2d_document_store* documents = NULL;
    c2d_asset_registry* registry = NULL;
    c2d_chain_options where = C2D_CHAIN_OPTIONS_INIT;
    c2d_asset_registry_options options = C2D_ASSET_REGISTRY_OPTIONS_INIT;
    DO(c2d_environment_create(&environment, &error));
    DO(c2d_environment_set_clock(environment, still, (void*)&now, NULL, &error));
    DO(c2d_key_generate(environment, &key, &error));
    where.network_url = "ledger::memory:";
    where.environment = environment;
    DO(c2d_chain_create(&where, key, &chain, &error));
    DO(c2d_document_store_memory(&documents, &error));
    options.documents = documents;
    options.environment = environment;
    DO(c2d_asset_registry_open(chain, &options, &registry, &error));
    use(chain, registry, key, environment);
    COUNT(c2d_chain_destroy(chain)); /* in an order that only counting can bear */
    COUNT(c2d_document_store_destroy(documents));
    COUNT(c2d_environment_destroy(environment));
    COUNT(c2d_asset_registry_destroy(registry));
    COUNT(c2d_key_destroy(key));
}

static void* work(void* until) {
    while (atomic_load(&calls) < *(const unsigned long long*)until) live();
    return NULL;
}

/* Lives in eight threads until so many calls were made in all. */
static void run_until(unsigned long long until) {
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; ++i) CHECK(pthread_create(&threads[i], NULL, work, &until) == 0);
    for (int i = 0; i < THREADS; ++i) CHECK(pthread_join(threads[i], NULL) == 0);
}

int main(void) {
    const char* full = getenv("C2D_FULL");
    const time_t start = time(NULL);
    usage first = {0, 0, 0, 0}, last = {0, 0, 0, 0};
    calls_wanted = full && strcmp(full, "1") == 0 ? 1000000 : 20000;
    for (unsigned window = 1; window <= WINDOWS; ++window) {
        run_until(calls_wanted * window / WINDOWS);
        last = measure();
        if (window == 1) first = last;
        printf("%llu calls, %lld s: %zu KiB in use, %zu KiB resident, %u descriptors, %u threads\n",
               atomic_load(&calls), (long long)(time(NULL) - start), last.in_use / 1024, last.resident / 1024,
               last.descriptors, last.threads);
    }
    CHECK(last.descriptors == first.descriptors);
    CHECK(last.threads == first.threads);
    /* A life that lost 100 bytes would have lost a megabyte and more in the full count. */
    CHECK(last.in_use <= first.in_use + 64ul * 1024);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* they keep what was freed for a while */
    CHECK(last.resident <= first.resident + first.resident / 4 + (16u << 20));
#endif
    CHECK(time(NULL) - start <= 600);
    return done("soak");
}
