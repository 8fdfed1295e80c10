/* The ledger from C: writes, refusals, reads, verification, options, closing in any order. */
#include "world.h"

#include <unistd.h>

static int count_blocks(uint64_t block, uint64_t total, const char* line, void* user_data) {
    unsigned* count = user_data;
    (void)block;
    (void)total;
    CHECK(line != NULL);
    ++*count;
    return 0;
}
static int stop(uint64_t block, uint64_t total, const char* line, void* user_data) {
    (void)block;
    (void)total;
    (void)line;
    (void)user_data;
    return 42;
}

static void refusals_name_the_contract(world* w) {
    c2d_error* error = NULL;
    uint8_t zero[32] = {0};
    const char* address = c2d_key_address(w->bank);
    CHECK(c2d_chain_register_enterprise(w->chain, w->admin, address, "Again", "", NULL, &error) == C2D_ERROR_REFUSED);
    CHECK(strcmp(c2d_error_source(error), "AssetProvider") == 0);
    CHECK(c2d_error_code(error) != 0 && c2d_error_name(error)[0] != '\0');
    CHECK(memcmp(c2d_error_transaction(error), zero, 32) != 0);
    c2d_error_destroy(error);
    FAILS(c2d_chain_add_provider(w->chain, w->bank, address, NULL, &error), C2D_ERROR_REFUSED, "");
    FAILS(c2d_chain_add_provider(w->chain, w->admin, "0x12", NULL, &error), C2D_ERROR_INVALID_ARGUMENT, "");
}

static void reads(world* w) {
    char* json = NULL;
    int yes = -1;
    uint64_t count = 0;
    MUST(c2d_chain_info(w->chain, &json, &error));
    HAS(json, "\"kind\":\"ledger\"");
    HAS(json, c2d_key_address(w->admin));
    HAS(json, "\"DTFactory\":\"0x");
    c2d_string_destroy(json);
    MUST(c2d_chain_enterprises(w->chain, &json, &error));
    CHECK(strstr(json, c2d_key_address(w->bank)) != NULL);
    c2d_string_destroy(json);
    MUST(c2d_chain_enterprise(w->chain, c2d_key_address(w->bank), &json, &error));
    HAS(json, "\"name\":\"Bank A\"");
    c2d_string_destroy(json);
    MUST(c2d_chain_is_provider(w->chain, c2d_key_address(w->bank), &yes, &error));
    CHECK(yes == 1);
    MUST(c2d_chain_is_provider(w->chain, c2d_key_address(w->admin), &yes, &error));
    CHECK(yes == 0);
    MUST(c2d_chain_token_count(w->chain, &count, &error));
    CHECK(count == 3);
    MUST(c2d_chain_token(w->chain, w->features, &json, &error));
    HAS(json, "\"is_leaf\":true");
    c2d_string_destroy(json);
    MUST(c2d_chain_has_grant(w->chain, w->features, w->algorithm, &yes, &error));
    CHECK(yes == 1);
    MUST(c2d_chain_has_grant(w->chain, w->algorithm, w->features, &yes, &error));
    CHECK(yes == 0);
    MUST(c2d_chain_grants_of(w->chain, w->features, &json, &error));
    HAS(json, w->algorithm);
    c2d_string_destroy(json);
    MUST(c2d_chain_grants_to(w->chain, w->algorithm, &json, &error));
    HAS(json, w->features);
    HAS(json, w->labels);
    c2d_string_destroy(json);
}

static void grants_are_taken_back(world* w) {
    char* json = NULL;
    int yes = 0;
    uint8_t transaction[32] = {0};
    MUST(c2d_chain_grant_state(w->chain, w->features, w->algorithm, &json, &error));
    CHECK(strcmp(json,
                 "{\"given\":true,\"expiry\":0,\"jobs\":0,\"jobs_used\":0,\"per\":\"composition\",\"times\":0}") == 0);
    c2d_string_destroy(json);
    FAILS(c2d_chain_revoke(w->chain, w->fintech, w->features, w->algorithm, transaction, &error), C2D_ERROR_REFUSED,
          "no_permission");
    MUST(c2d_chain_revoke(w->chain, w->bank, w->features, w->algorithm, transaction, &error));
    CHECK(transaction[0] | transaction[1] | transaction[2] | transaction[3]);
    MUST(c2d_chain_has_grant(w->chain, w->features, w->algorithm, &yes, &error));
    CHECK(yes == 0);
    FAILS(c2d_chain_revoke(w->chain, w->bank, w->features, w->algorithm, NULL, &error), C2D_ERROR_REFUSED,
          "not_granted");
    FAILS(c2d_chain_close_task(w->chain, w->fintech, 1, NULL, &error), C2D_ERROR_REFUSED, "task_foreign");
    MUST(c2d_chain_close_task(w->chain, w->bank, 1, transaction, &error));
    FAILS(c2d_chain_close_task(w->chain, w->bank, 1, NULL, &error), C2D_ERROR_REFUSED, "task_unavailable");
}

static void edition_2(world* w) {
    char* json = NULL;
    int yes = -1;
    uint64_t until = 1;
    uint8_t transaction[32] = {0};
    const char *bank = c2d_key_address(w->bank), *other = "0x1111111111111111111111111111111111111111";
    MUST(c2d_chain_info(w->chain, &json, &error));
    HAS(json, "\"edition\":2");
    c2d_string_destroy(json);
    FAILS(c2d_chain_start_edition(w->chain, w->admin, 3, transaction, &error), C2D_ERROR_REFUSED, "edition_not_next");
    MUST(c2d_chain_update_organisation(w->chain, w->admin, bank, "Bank A", "", "DE:HRB1", transaction, &error));
    FAILS(c2d_chain_register_organisation(w->chain, w->admin, bank, "Again", "", "", NULL, &error), C2D_ERROR_REFUSED,
          "enterprise_exists");
    MUST(c2d_chain_remove_role(w->chain, w->admin, bank, C2D_ROLE_PROVIDER, transaction, &error));
    MUST(c2d_chain_restore_role(w->chain, w->admin, bank, C2D_ROLE_PROVIDER, NULL, &error));
    FAILS(c2d_chain_remove_role(w->chain, w->admin, bank, 7, NULL, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    MUST(c2d_chain_add_delegate(w->chain, w->bank, bank, C2D_KEY_USE_WORK, other, 60, transaction, &error));
    MUST(c2d_chain_acts_for(w->chain, other, bank, C2D_KEY_USE_WORK, &yes, &error));
    CHECK(yes == 1);
    MUST(c2d_chain_acts_for(w->chain, other, bank, C2D_KEY_USE_GRANT, &yes, &error));
    CHECK(yes == 0);
    FAILS(c2d_chain_acts_for(w->chain, other, bank, 3, &yes, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    MUST(c2d_chain_keys(w->chain, bank, &json, &error));
    HAS(json, "\"legal_id\":\"DE:HRB1\"");
    HAS(json, "\"use\":\"work\"");
    c2d_string_destroy(json);
    MUST(c2d_chain_revoke_delegate(w->chain, w->bank, bank, C2D_KEY_USE_WORK, other, NULL, &error));
    FAILS(c2d_chain_revoke_delegate(w->chain, w->bank, bank, C2D_KEY_USE_WORK, other, NULL, &error), C2D_ERROR_REFUSED,
          "delegate_missing");
    MUST(c2d_chain_change_owner(w->chain, w->bank, bank, bank, &until, transaction, &error));
    CHECK(until == 0);
    MUST(c2d_chain_is_closed(w->chain, w->labels, &yes, &error));
    CHECK(yes == 0);
    MUST(c2d_chain_close_token(w->chain, w->bank, w->features, transaction, &error));
    MUST(c2d_chain_is_closed(w->chain, w->features, &yes, &error));
    CHECK(yes == 1);
    MUST(c2d_chain_open_token(w->chain, w->bank, w->features, NULL, &error));
    MUST(c2d_chain_decision(w->chain, w->features, c2d_key_address(w->fintech), &json, &error));
    HAS(json, "\"grants\":0"); /* the owner's own word is none of them */
    HAS(json, "\"revoked_at\":0");
    c2d_string_destroy(json);
    MUST(c2d_chain_admins(w->chain, &json, &error));
    HAS(json, c2d_key_address(w->admin));
    c2d_string_destroy(json);
}

static void functions_by_their_names(world* w) {
    char* json = NULL;
    uint8_t transaction[32] = {0};
    MUST(c2d_chain_ask(w->chain, "TaskMarket.getTaskNum", "[]", &json, &error));
    CHECK(strcmp(json, "[1]") == 0);
    c2d_string_destroy(json);
    json = NULL;
    FAILS(c2d_chain_ask(w->chain, "TaskMarket.getTaskNum", "[1]", &json, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    FAILS(c2d_chain_ask(w->chain, "TaskMarket.closeTask", "[1]", &json, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    CHECK(json == NULL);
    FAILS(c2d_chain_send(w->chain, w->fintech, "TaskMarket.closeTask", "[99]", transaction, &error), C2D_ERROR_REFUSED,
          "task_unavailable");
    FAILS(c2d_chain_send(w->chain, w->fintech, "TaskMarket.getTaskNum", "[]", NULL, &error), C2D_ERROR_INVALID_ARGUMENT,
          "");
}

static void tasks_and_jobs(world* w) {
    char* json = NULL;
    const uint64_t job = world_job(w);
    MUST(c2d_chain_job(w->chain, job, &json, &error));
    HAS(json, w->algorithm);
    HAS(json, c2d_key_address(w->fintech));
    c2d_string_destroy(json);
    MUST(c2d_chain_task(w->chain, 1, &json, &error));
    HAS(json, "\"name\":\"count\"");
    HAS(json, "\"jobs\":[1]");
    c2d_string_destroy(json);
    json = NULL;
    FAILS(c2d_chain_job(w->chain, 999, &json, &error), C2D_ERROR_NOT_FOUND, "");
    FAILS(c2d_chain_task(w->chain, 999, &json, &error), C2D_ERROR_NOT_FOUND, "");
    FAILS(c2d_chain_token(w->chain, "dt:ownership:12", &json, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    CHECK(json == NULL);
}

static void receipts_are_posted_and_checked(world* w) {
    char* json = NULL;
    uint8_t digest[32] = {7}, transaction[32] = {0};
    MUST(c2d_chain_receipts_of(w->chain, 1, &json, &error));
    CHECK(strcmp(json, "[]") == 0);
    c2d_string_destroy(json);
    FAILS(c2d_chain_post_receipt(w->chain, w->fintech, 1, w->features, C2D_RECEIPT_FAILED, digest, NULL, &error),
          C2D_ERROR_REFUSED, "no_permission");
    FAILS(c2d_chain_post_receipt(w->chain, w->bank, 1, w->features, (c2d_receipt_outcome)9, digest, NULL, &error),
          C2D_ERROR_REFUSED, "receipt_malformed");
    MUST(c2d_chain_post_receipt(w->chain, w->bank, 1, w->features, C2D_RECEIPT_FAILED, digest, transaction, &error));
    CHECK(transaction[0] | transaction[1] | transaction[2] | transaction[3]);
    FAILS(c2d_chain_post_receipt(w->chain, w->bank, 1, w->features, C2D_RECEIPT_FAILED, digest, NULL, &error),
          C2D_ERROR_REFUSED, "receipt_exists");
    MUST(c2d_chain_receipts_of(w->chain, 1, &json, &error));
    HAS(json, w->features);
    HAS(json, "\"outcome\":\"failed\",\"digest\":\"0x0700000000");
    c2d_string_destroy(json);
    json = NULL;
    FAILS(c2d_receipt_read("{}", &json, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    FAILS(c2d_receipt_confirm("{}", w->chain, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    FAILS(c2d_receipt_open_member("{}", "outcome", &json, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    CHECK(json == NULL);
}

/* Those of the receipt that the test before posts. */
static void disclosures_are_counted(world* w) {
    char* json = NULL;
    const char* solver = c2d_key_address(w->fintech);
    MUST(c2d_chain_disclosures(w->chain, w->labels, solver, "labels", &json, &error));
    CHECK(strcmp(json, "{\"organisation\":3,\"total\":3}") == 0);
    c2d_string_destroy(json);
    MUST(c2d_chain_disclosures(w->chain, w->labels, c2d_key_address(w->bank), "labels", &json, &error));
    CHECK(strcmp(json, "{\"organisation\":0,\"total\":3}") == 0);
    c2d_string_destroy(json);
    json = NULL;
    FAILS(c2d_chain_disclosures(w->chain, w->labels, solver, "", &json, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    FAILS(c2d_chain_disclosures(w->chain, w->labels, solver, "a name of more than thirty-two bytes", &json, &error),
          C2D_ERROR_INVALID_ARGUMENT, "");
    CHECK(json == NULL);
}

/* The vector of docs/formats.md; job 1 has a receipt of another digest. */
static void opened_members_are_checked(world* w) {
    static const char opened[] =
        "{\"version\":2,\"job_id\":1,\"member\":\"disclosures\",\"value\":{\"label_counts\":2},"
        "\"salt\":\"0x000102030405060708090a0b0c0d0e0f\",\"commitments\":{"
        "\"version\":\"0x864b6b862527ba01720b3791bfa54003114084ccbf6d0ffd76c5447091c88762\","
        "\"outcome\":\"0x4311ffd7584efbb7b70cf9ac5d2ec6249bf51f92b7e21d57f3d55984080273b7\","
        "\"disclosures\":\"0xf191f7631bec1830d41196aec33c9066ceec20930b1ef25f8445081242fe763b\"}}";
    char call[512];
    char *json = NULL, *none = NULL;
    MUST(c2d_receipt_read_member(opened, &json, &error));
    CHECK(strcmp(json,
                 "{\"job_id\":1,\"member\":\"disclosures\",\"value\":{\"label_counts\":2},\"digest\":"
                 "\"0x10f8ff879917827b48494a6d5755b0a5d012ccc0dfab8d163e2ee8804b8e30d5\"}") == 0);
    c2d_string_destroy(json);
    FAILS(c2d_receipt_confirm_member(opened, w->chain, &none, &error), C2D_ERROR_REFUSED, "receipt_not_posted");
    FAILS(c2d_receipt_read_member("{}", &none, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    CHECK(none == NULL);
    snprintf(call, sizeof call,
             "[1,\"%s\",2,\"0x10f8ff879917827b48494a6d5755b0a5d012ccc0dfab8d163e2ee8804b8e30d5\","
             "[\"0x6c6162656c73%052d\"],[3]]",
             w->labels, 0);
    MUST(c2d_chain_send(w->chain, w->bank, "JobReceipts.postReceipt", call, NULL, &error));
    MUST(c2d_receipt_confirm_member(opened, w->chain, &json, &error));
    HAS(json, w->labels);
    HAS(json, c2d_key_address(w->bank));
    c2d_string_destroy(json);
}

static void verifies(world* w) {
    c2d_chain_head head = {0};
    c2d_error* error = NULL;
    unsigned blocks = 0;
    MUST(c2d_chain_verify(w->chain, count_blocks, &blocks, &head, &error));
    CHECK(head.number > 10 && blocks > 0);
    MUST(c2d_chain_verify(w->chain, NULL, NULL, NULL, &error));
    CHECK(c2d_chain_verify(w->chain, stop, NULL, &head, &error) == C2D_ERROR_CANCELLED);
    CHECK(c2d_error_code(error) == 42);
    c2d_error_destroy(error);
}

static void text_from_others_stays_json(world* w) {
    c2d_key* key = NULL;
    char* json = NULL;
    MUST(c2d_key_generate(NULL, &key, &error));
    c2d_status status = c2d_chain_register_enterprise(w->chain, w->admin, c2d_key_address(key), "q\"\\\n\x01 \xc3\xa9",
                                                      "\xe2\x82\xac", NULL, NULL);
    CHECK(status == C2D_OK);
    MUST(c2d_chain_enterprise(w->chain, c2d_key_address(key), &json, &error));
    HAS(json, "q\\\"\\\\\\n\\u0001 \xc3\xa9");
    HAS(json, "\xe2\x82\xac");
    c2d_string_destroy(json);
    c2d_key_destroy(key);
}

/* A struct of an older header, one of a newer, and one that nobody initialised. */
static void options_grow(void) {
    struct newer {
        c2d_chain_options known;
        uint64_t unknown;
    } newer;
    c2d_chain* chain = NULL;
    c2d_key* key = NULL;
    c2d_chain_options options = C2D_CHAIN_OPTIONS_INIT;
    c2d_rpc_options rpc = C2D_RPC_OPTIONS_INIT;
    MUST(c2d_key_generate(NULL, &key, &error));
    options.network_url = "ledger::memory:";
    /* Older: only the first field; what lies behind is not read. */
    options.struct_size = offsetof(c2d_chain_options, environment);
    options.environment = (const c2d_environment*)(size_t)1;
    options.address_file = options.network_name = options.trust_dir = (const char*)(size_t)1;
    MUST(c2d_chain_create(&options, key, &chain, &error));
    c2d_chain_destroy(chain);
    chain = NULL;
    /* Without the required field. */
    options.struct_size = sizeof(size_t);
    FAILS(c2d_chain_create(&options, key, &chain, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    /* Newer, with and without the use of what we do not know. */
    memset(&newer, 0, sizeof newer);
    c2d_chain_options_init(&newer.known);
    newer.known.struct_size = sizeof newer;
    newer.known.network_url = "ledger::memory:";
    MUST(c2d_chain_create(&newer.known, key, &chain, &error));
    c2d_chain_destroy(chain);
    chain = NULL;
    newer.unknown = 1;
    FAILS(c2d_chain_create(&newer.known, key, &chain, &error), C2D_ERROR_UNSUPPORTED, "");
    /* Not initialised. */
    newer.known.struct_size = 0;
    FAILS(c2d_chain_create(&newer.known, key, &chain, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    newer.known.struct_size = (size_t)-1;
    FAILS(c2d_chain_create(&newer.known, key, &chain, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    /* The same of the struct inside. */
    c2d_chain_options_init(&newer.known);
    newer.known.network_url = "ledger::memory:";
    newer.known.rpc = &rpc;
    MUST(c2d_chain_create(&newer.known, key, &chain, &error));
    c2d_chain_destroy(chain);
    chain = NULL;
    rpc.block_time = 3;
    FAILS(c2d_chain_create(&newer.known, key, &chain, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    rpc.block_time = C2D_BLOCK_TIME_SECONDS;
    rpc.read_block = C2D_READ_BLOCK_CONFIRMATIONS + 1;
    FAILS(c2d_chain_create(&newer.known, key, &chain, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    rpc.read_block = C2D_READ_BLOCK_FINALIZED;
    rpc.receipt_deadline_ms = UINT64_MAX;
    FAILS(c2d_chain_create(&newer.known, key, &chain, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    rpc.struct_size = 0;
    FAILS(c2d_chain_create(&newer.known, key, &chain, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    CHECK(chain == NULL);
    c2d_key_destroy(key);
}

static void files(void) {
    char folder[] = "/tmp/c2d-capi-XXXXXX", url[128];
    uint8_t no_hash[32] = {0};
    c2d_chain *chain = NULL, *second = NULL;
    c2d_key* key = NULL;
    c2d_chain_head head;
    c2d_chain_options options = C2D_CHAIN_OPTIONS_INIT;
    CHECK(mkdtemp(folder) != NULL);
    snprintf(url, sizeof url, "ledger:%s/ledger.c2d", folder);
    options.network_url = url;
    MUST(c2d_key_generate(NULL, &key, &error));
    FAILS(c2d_chain_open(&options, &chain, &error), C2D_ERROR_NOT_FOUND, "");
    MUST(c2d_chain_create(&options, key, &chain, &error));
    FAILS(c2d_chain_create(&options, key, &second, &error), C2D_ERROR_CONFLICT, "");
    c2d_chain_destroy(chain);
    MUST(c2d_chain_open(&options, &chain, &error));
    MUST(c2d_chain_verify(chain, NULL, NULL, &head, &error));
    MUST(c2d_chain_require_block(chain, head.number, head.hash, &error));
    FAILS(c2d_chain_require_block(chain, head.number, no_hash, &error), C2D_ERROR_CORRUPT, "ledger_rolled_back");
    c2d_chain_destroy(chain);
    c2d_key_destroy(key);
    unlink(url + strlen("ledger:"));
    rmdir(folder);
}

static void cuts_and_accepts(void) {
    char folder[] = "/tmp/c2d-capi-XXXXXX", url[128], trust[128], remove[160];
    const uint8_t no_hash[32] = {0};
    char* json = NULL;
    c2d_chain* chain = NULL;
    c2d_key* key = NULL;
    c2d_chain_head head;
    c2d_chain_options options = C2D_CHAIN_OPTIONS_INIT;
    CHECK(mkdtemp(folder) != NULL);
    snprintf(url, sizeof url, "ledger:%s/ledger.c2d", folder);
    snprintf(trust, sizeof trust, "%s/trust", folder);
    options.network_url = url;
    options.trust_dir = trust;
    options.clock_ok = 1;
    MUST(c2d_key_generate(NULL, &key, &error));
    MUST(c2d_chain_create(&options, key, &chain, &error));
    MUST(c2d_chain_verify(chain, NULL, NULL, &head, &error));
    MUST(c2d_chain_register_enterprise(chain, key, c2d_key_address(key), "bank", "", NULL, &error));
    FAILS(c2d_chain_cut(&options, 1, 0, &json, &error), C2D_ERROR_CONFLICT, "");
    c2d_chain_destroy(chain);
    MUST(c2d_chain_cut(&options, 1, 1, &json, &error));
    CHECK(strstr(json, "\"saved\":\"\"") != NULL);
    c2d_string_destroy(json);
    MUST(c2d_chain_cut(&options, 1, 0, &json, &error));
    CHECK(strstr(json, "\"transactions\":1") != NULL && strstr(json, "ledger.c2d.cut-1-") != NULL);
    c2d_string_destroy(json);
    FAILS(c2d_chain_cut(&options, 1, 0, &json, &error), C2D_ERROR_NOT_FOUND, "");
    FAILS(c2d_chain_accept(&options, 0, no_hash, &json, &error), C2D_ERROR_CORRUPT, "ledger_rolled_back");
    MUST(c2d_chain_accept(&options, 0, head.hash, &json, &error));
    CHECK(strstr(json, "given_up") == NULL);
    c2d_string_destroy(json);
    c2d_key_destroy(key);
    snprintf(remove, sizeof remove, "rm -rf '%s'", folder);
    CHECK(system(remove) == 0);
}

/* The registry keeps the chain and the store; the chain keeps the clock. */
static void closes_in_any_order(void) {
    world w;
    char* json = NULL;
    world_open(&w);
    world_publish(&w);
    c2d_environment_destroy(w.environment);
    c2d_chain_destroy(w.chain);
    c2d_document_store_destroy(w.documents);
    w.environment = NULL;
    w.chain = NULL;
    w.documents = NULL;
    MUST(c2d_asset_registry_resolve(w.registry, w.features, &json, &error));
    c2d_string_destroy(json);
    c2d_string_destroy(world_publish_data(&w, "more"));
    world_close(&w);
}

int main(void) {
    world w;
    world_open(&w);
    world_publish(&w);
    world_grant(&w);
    refusals_name_the_contract(&w);
    reads(&w);
    tasks_and_jobs(&w);
    functions_by_their_names(&w);
    receipts_are_posted_and_checked(&w);
    opened_members_are_checked(&w);
    disclosures_are_counted(&w);
    edition_2(&w);
    grants_are_taken_back(&w);
    verifies(&w);
    text_from_others_stays_json(&w);
    world_close(&w);
    options_grow();
    files();
    cuts_and_accepts();
    closes_in_any_order();
    return done("capi_chain");
}
