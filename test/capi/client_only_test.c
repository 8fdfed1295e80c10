/* A build for clients: what runs operators is there, and says that it is not. */
#include "check.h"

static void nothing_runs(void) {
    c2d_sandbox* sandbox = NULL;
    c2d_sandbox_job* job = NULL;
    c2d_provider* provider = NULL;
    c2d_sandbox_options options;
    c2d_provider_options provider_options;
    c2d_error* reason = NULL;
    c2d_sandbox_options_init(&options);
    c2d_provider_options_init(&provider_options);
    CHECK(options.struct_size == sizeof options && provider_options.struct_size == sizeof provider_options);
    FAILS(c2d_sandbox_job_create("print(1)", &job, &error), C2D_ERROR_UNSUPPORTED, "");
    FAILS(c2d_provider_open(NULL, &provider_options, &provider, &error), C2D_ERROR_UNSUPPORTED, "");
    CHECK(c2d_sandbox_open(&options, &sandbox, &reason) == C2D_ERROR_UNSUPPORTED);
    HAS(c2d_error_message(reason), "c2d_sandbox_open");
    HAS(c2d_error_message(reason), "build it without -DC2D_CLIENT_ONLY=ON");
    CHECK(sandbox == NULL && job == NULL && provider == NULL);
    c2d_error_destroy(reason);
    c2d_sandbox_destroy(NULL);
    c2d_provider_destroy(NULL);
}

/* The rest works: a ledger in memory, and a key. */
static void the_rest_works(void) {
    c2d_key* key = NULL;
    c2d_chain* chain = NULL;
    c2d_chain_options options = C2D_CHAIN_OPTIONS_INIT;
    options.network_url = "ledger::memory:";
    MUST(c2d_key_generate(NULL, &key, &error));
    MUST(c2d_chain_create(&options, key, &chain, &error));
    c2d_chain_destroy(chain);
    c2d_key_destroy(key);
}

int main(void) {
    nothing_runs();
    the_rest_works();
    return done("client_only");
}
