/* Artifacts from C: an empty folder, and what is refused. What is in a folder the Python tests look at. */
#include "check.h"

#include <unistd.h>

static void of_an_empty_folder(const char* folder) {
    c2d_artifact_store* store = NULL;
    char* json = NULL;
    size_t count = 7;
    MUST(c2d_artifact_store_open(folder, NULL, &store, &error));
    MUST(c2d_artifact_store_list(store, &json, &error));
    CHECK(strcmp(json, "[]") == 0);
    c2d_string_destroy(json);
    json = NULL;
    MUST(c2d_artifact_store_rewrap(store, &count, &error));
    CHECK(count == 0);
    MUST(c2d_artifact_store_rewrap(store, NULL, &error));
    char other[256], in_token[512];
    snprintf(other, sizeof other, "%s/../c2d-artifact-other.key", folder);
    snprintf(in_token, sizeof in_token, "pkcs11:object=k?module-path=%s/none.so", folder);
    count = 7;
    MUST(c2d_artifact_store_rewrap_to(store, other, &count, &error));
    CHECK(count == 0 && access(other, F_OK) == 0);
    unlink(other);
    FAILS(c2d_artifact_store_rewrap_to(store, in_token, NULL, &error), C2D_ERROR_NOT_FOUND, "");
    FAILS(c2d_artifact_store_rewrap_to(store, "pkcs11:object=k", NULL, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    const char* digest = "0x0101010101010101010101010101010101010101010101010101010101010101";
    FAILS(c2d_artifact_store_check(store, digest, &error), C2D_ERROR_NOT_FOUND, "");
    FAILS(c2d_artifact_store_check(store, "0x01", &error), C2D_ERROR_INVALID_ARGUMENT, "");
    FAILS(c2d_artifact_store_wrapped_by(store, digest, &json, &error), C2D_ERROR_NOT_FOUND, "");
    FAILS(c2d_artifact_store_wrapped_by(store, "0x01", &json, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    c2d_key* key = NULL;
    MUST(c2d_key_generate(NULL, &key, &error));
    FAILS(c2d_artifact_store_erase(store, digest, key, &json, &error), C2D_ERROR_NOT_FOUND, "");
    CHECK(json == NULL);
    c2d_key_destroy(key);
    c2d_artifact_store_destroy(store);
    c2d_artifact_store_destroy(NULL);
}

/* Results for one receiver: a key, a file to it and back. */
static void of_age(const char* folder) {
    char identity[256], plain[256], file[256], back[256];
    char *recipient = NULL, *again = NULL;
    snprintf(identity, sizeof identity, "%s/id", folder);
    snprintf(plain, sizeof plain, "%s/plain", folder);
    snprintf(file, sizeof file, "%s/file", folder);
    snprintf(back, sizeof back, "%s/back", folder);
    MUST(c2d_age_identity_create(identity, NULL, &recipient, &error));
    CHECK(strncmp(recipient, "age1", 4) == 0);
    MUST(c2d_age_identity_recipient(identity, &again, &error));
    CHECK(strcmp(recipient, again) == 0);
    c2d_string_destroy(again);
    again = NULL;
    FAILS(c2d_age_identity_create(identity, NULL, &again, &error), C2D_ERROR_CONFLICT, "");

    FILE* out = fopen(plain, "w");
    CHECK(out != NULL && fputs("scores", out) >= 0 && fclose(out) == 0);
    MUST(c2d_age_encrypt_file(plain, recipient, file, NULL, &error));
    FAILS(c2d_age_encrypt_file(plain, "age1", back, NULL, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    MUST(c2d_age_decrypt_file(file, identity, back, &error));
    char content[16] = "";
    FILE* in = fopen(back, "r");
    CHECK(in != NULL && fgets(content, sizeof content, in) != NULL && fclose(in) == 0);
    CHECK(strcmp(content, "scores") == 0);
    FAILS(c2d_age_decrypt_file(file, identity, back, &error), C2D_ERROR_CONFLICT, "");
    unlink(back);
    FAILS(c2d_age_decrypt_file(plain, identity, back, &error), C2D_ERROR_CORRUPT, "");
    FAILS(c2d_age_identity_recipient(plain, &again, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    CHECK(again == NULL && access(back, F_OK) != 0);
    c2d_string_destroy(recipient);
}

int main(void) {
    char folder[] = "/tmp/c2d-artifact-XXXXXX";
    char* text = NULL;
    CHECK(mkdtemp(folder) != NULL);
    of_an_empty_folder(folder);
    of_age(folder);
    MUST(c2d_artifact_folder("/srv", "0x0101010101010101010101010101010101010101", &text, &error));
    CHECK(strcmp(text, "/srv/artifacts_01010101") == 0);
    c2d_string_destroy(text);
    text = NULL;
    FAILS(c2d_artifact_folder("/srv", "bank", &text, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    FAILS(c2d_tombstone_read("{}", &text, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    CHECK(text == NULL);
    return done("capi_artifact");
}
