/* Keys in memory, from keystores and behind a function; errors, bytes and names on the way. */
#include "check.h"

/* A well-known test key and its address. */
static const char kSecret[] = "0x4646464646464646464646464646464646464646464646464646464646464646";
static const char kAddress[] = "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F";

/* A device that signs with a key of its own, until it is told to fail. */
typedef struct device {
    const c2d_key* key;
    int fail_with;
    int wrong;
    int calls;
    int destroyed;
} device;

static int device_sign(const uint8_t* digest, uint8_t* out_signature, void* user_data) {
    device* d = user_data;
    ++d->calls;
    if (d->fail_with) return d->fail_with;
    if (c2d_key_sign_digest(d->key, digest, out_signature, NULL) != C2D_OK) return -1;
    if (d->wrong) out_signature[5] ^= 1;
    return 0;
}
static void device_destroy(void* user_data) { ++((device*)user_data)->destroyed; }

static int weak_random(uint8_t* out, size_t size, void* user_data) {
    int* code = user_data;
    if (*code) return *code;
    memset(out, 0x46, size);
    return 0;
}

static void signs_and_recovers(void) {
    c2d_key* key = NULL;
    char* signer = NULL;
    uint8_t digest[C2D_DIGEST_SIZE], signature[C2D_SIGNATURE_SIZE], again[C2D_SIGNATURE_SIZE];
    memset(digest, 7, sizeof digest);
    CHECK(c2d_digest_size() == C2D_DIGEST_SIZE && c2d_signature_size() == C2D_SIGNATURE_SIZE);
    MUST(c2d_key_from_hex(kSecret, &key, &error));
    CHECK(strcmp(c2d_key_address(key), kAddress) == 0);
    MUST(c2d_key_sign_digest(key, digest, signature, &error));
    MUST(c2d_key_sign_digest(key, digest, again, &error));
    CHECK(memcmp(signature, again, sizeof again) == 0);
    MUST(c2d_recover_signer(digest, signature, sizeof signature, &signer, &error));
    CHECK(strcmp(signer, kAddress) == 0);
    c2d_string_destroy(signer);
    signer = NULL;
    FAILS(c2d_recover_signer(digest, signature, 64, &signer, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    signature[64] = 9;
    FAILS(c2d_recover_signer(digest, signature, 65, &signer, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    CHECK(signer == NULL);
    c2d_key_destroy(key);
}

static void refuses_what_is_no_key(void) {
    c2d_key* key = NULL;
    c2d_error* error = NULL;
    static const char* const kBad[] = {"",
                                       "0x",
                                       "46",
                                       "zz46464646464646464646464646464646464646464646464646464646464646",
                                       "0000000000000000000000000000000000000000000000000000000000000000",
                                       "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"};
    for (size_t i = 0; i < sizeof kBad / sizeof *kBad; ++i)
        FAILS(c2d_key_from_hex(kBad[i], &key, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    /* The message never holds the text. */
    CHECK(c2d_key_from_hex("deadbeef1234", &key, &error) == C2D_ERROR_INVALID_ARGUMENT);
    CHECK(strstr(c2d_error_message(error), "deadbeef") == NULL);
    c2d_error_destroy(error);
    CHECK(key == NULL);
    CHECK(c2d_key_from_hex(NULL, NULL, NULL) == C2D_ERROR_INVALID_ARGUMENT);
    CHECK(strcmp(c2d_key_address(NULL), "") == 0);
    c2d_key_destroy(NULL);
}

/* Signing with a token: test/pkcs11. */
static void refuses_what_names_no_token(void) {
    c2d_key* key = NULL;
    c2d_error* error = NULL;
    FAILS(c2d_key_from_pkcs11("key.json", "135790", &key, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    FAILS(c2d_key_from_pkcs11("pkcs11:object=k?module-path=/nowhere.so", NULL, &key, &error), C2D_ERROR_NOT_FOUND, "");
    /* A PIN is not repeated. */
    CHECK(c2d_key_from_pkcs11("pkcs11:object=k?module-path=/m&pin-value=135790", NULL, &key, &error) ==
          C2D_ERROR_INVALID_ARGUMENT);
    CHECK(strstr(c2d_error_message(error), "135790") == NULL);
    c2d_error_destroy(error);
    CHECK(key == NULL);
}

static void keystores(void) {
    c2d_key *key = NULL, *back = NULL;
    char* json = NULL;
    MUST(c2d_key_from_hex(kSecret, &key, &error));
    MUST(c2d_key_to_keystore(key, "correct horse", 4, &json, &error));
    CHECK(strstr(json, "46464646") == NULL);
    HAS(json, "scrypt");
    MUST(c2d_key_from_keystore(json, "correct horse", &back, &error));
    CHECK(strcmp(c2d_key_address(back), kAddress) == 0);
    c2d_key_destroy(back);
    back = NULL;
    FAILS(c2d_key_from_keystore(json, "wrong", &back, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    FAILS(c2d_key_from_keystore("{}", "correct horse", &back, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    FAILS(c2d_key_to_keystore(key, "x", 40, &json, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    CHECK(back == NULL);
    c2d_string_destroy(json);
    c2d_key_destroy(key);
}

static void keys_that_stay_outside(void) {
    c2d_key *inner = NULL, *outer = NULL;
    char* json = NULL;
    uint8_t digest[C2D_DIGEST_SIZE] = {1}, signature[C2D_SIGNATURE_SIZE];
    c2d_error* error = NULL;
    device d = {0};
    MUST(c2d_key_from_hex(kSecret, &inner, &error));
    d.key = inner;
    /* When making it fails, the data stay the caller's. */
    FAILS(c2d_key_from_signer("0x12", device_sign, &d, device_destroy, &outer, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    CHECK(d.destroyed == 0 && outer == NULL);

    MUST(c2d_key_from_signer(kAddress, device_sign, &d, device_destroy, &outer, &error));
    CHECK(strcmp(c2d_key_address(outer), kAddress) == 0);
    MUST(c2d_key_sign_digest(outer, digest, signature, &error));
    FAILS(c2d_key_to_keystore(outer, "x", 4, &json, &error), C2D_ERROR_UNSUPPORTED, "");
    d.wrong = 1;
    FAILS(c2d_key_sign_digest(outer, digest, signature, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    d.fail_with = 77;
    error = NULL;
    CHECK(c2d_key_sign_digest(outer, digest, signature, &error) == C2D_ERROR_UNAVAILABLE);
    CHECK(c2d_error_code(error) == 77 && strcmp(c2d_error_name(error), "signer_failed") == 0);
    c2d_error_destroy(error);

    /* It signs for the ledger, which keeps its answer's code. */
    c2d_chain* chain = NULL;
    c2d_chain_options where = C2D_CHAIN_OPTIONS_INIT;
    where.network_url = "ledger::memory:";
    FAILS(c2d_chain_create(&where, outer, &chain, &error), C2D_ERROR_UNAVAILABLE, "signer_failed");
    d.fail_with = d.wrong = 0;
    MUST(c2d_chain_create(&where, outer, &chain, &error));
    c2d_chain_destroy(chain);
    CHECK(d.calls >= 5 && d.destroyed == 0);
    c2d_key_destroy(outer);
    CHECK(d.destroyed == 1);
    c2d_key_destroy(inner);
}

static void randomness_is_injected(void) {
    c2d_environment* environment = NULL;
    c2d_key *key = NULL, *other = NULL;
    int code = 0;
    MUST(c2d_environment_create(&environment, &error));
    MUST(c2d_environment_set_random(environment, weak_random, &code, NULL, &error));
    MUST(c2d_key_generate(environment, &key, &error));
    CHECK(strcmp(c2d_key_address(key), kAddress) == 0);
    code = 3;
    FAILS(c2d_key_generate(environment, &other, &error), C2D_ERROR_IO, "");
    c2d_environment_destroy(environment);
    MUST(c2d_key_generate(NULL, &other, &error));
    CHECK(strcmp(c2d_key_address(other), kAddress) != 0);
    c2d_key_destroy(other);
    c2d_key_destroy(key);
}

static void names_and_versions(void) {
    CHECK(c2d_abi_version() == C2D_ABI_VERSION);
    CHECK(strcmp(c2d_version(), "0.1.0") == 0);
    CHECK(strcmp(c2d_status_name(C2D_ERROR_REFUSED), "refused") == 0);
    CHECK(strcmp(c2d_status_name((c2d_status)99), "internal") == 0);
    CHECK(c2d_status_text((c2d_status)99)[0] != '\0');
    CHECK(c2d_error_status(NULL) == C2D_OK && c2d_error_message(NULL)[0] == '\0');
    CHECK(c2d_error_code(NULL) == 0 && c2d_error_transaction(NULL)[31] == 0);
    c2d_string_destroy(NULL);
    c2d_bytes_destroy(NULL);
    c2d_error_destroy(NULL);
}

int main(void) {
    names_and_versions();
    signs_and_recovers();
    refuses_what_is_no_key();
    refuses_what_names_no_token();
    keystores();
    keys_that_stay_outside();
    randomness_is_injected();
    return done("capi_key");
}
