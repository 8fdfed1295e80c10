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
    const char* digest = "0x0101010101010101010101010101010101010101010101010101010101010101";
    FAILS(c2d_artifact_store_check(store, digest, &error), C2D_ERROR_NOT_FOUND, "");
    FAILS(c2d_artifact_store_check(store, "0x01", &error), C2D_ERROR_INVALID_ARGUMENT, "");
    c2d_key* key = NULL;
    MUST(c2d_key_generate(NULL, &key, &error));
    FAILS(c2d_artifact_store_erase(store, digest, key, &json, &error), C2D_ERROR_NOT_FOUND, "");
    CHECK(json == NULL);
    c2d_key_destroy(key);
    c2d_artifact_store_destroy(store);
    c2d_artifact_store_destroy(NULL);
}

int main(void) {
    char folder[] = "/tmp/c2d-artifact-XXXXXX";
    char* text = NULL;
    CHECK(mkdtemp(folder) != NULL);
    of_an_empty_folder(folder);
    MUST(c2d_artifact_folder("/srv", "0x0101010101010101010101010101010101010101", &text, &error));
    CHECK(strcmp(text, "/srv/artifacts_01010101") == 0);
    c2d_string_destroy(text);
    text = NULL;
    FAILS(c2d_artifact_folder("/srv", "bank", &text, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    FAILS(c2d_tombstone_read("{}", &text, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    CHECK(text == NULL);
    return done("capi_artifact");
}
