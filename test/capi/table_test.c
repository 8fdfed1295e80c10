/* Tables, Arrow and preprocessing from C. */
#include "check.h"

#include <unistd.h>

static const char* const text = "id,income,city\nA,1.5,Bern\nB,,\"Basel, Stadt\"\nC,2.5,\n";

static c2d_table* example(void) {
    c2d_table* table = NULL;
    c2d_table_options options = C2D_TABLE_OPTIONS_INIT;
    options.id = "id";
    MUST(c2d_table_parse_csv(text, strlen(text), "example", &options, &table, &error));
    return table;
}

static void cells(void) {
    c2d_table* table = example();
    char* cell = NULL;
    CHECK(c2d_table_rows(table) == 3 && c2d_table_cols(table) == 3);
    MUST(c2d_table_cell(table, 1, 2, &cell, &error));
    CHECK(strcmp(cell, "Basel, Stadt") == 0);
    c2d_string_destroy(cell);
    MUST(c2d_table_cell(table, 1, 1, &cell, &error));
    CHECK(cell == NULL);
    FAILS(c2d_table_cell(table, 3, 0, &cell, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    MUST(c2d_table_schema(table, &cell, &error));
    CHECK(strstr(cell, "\"role\": \"id\"") != NULL);
    c2d_string_destroy(cell);
    c2d_table_destroy(table);
    CHECK(c2d_table_rows(NULL) == 0 && c2d_table_cols(NULL) == 0);
    c2d_table_destroy(NULL);
}

static void choosing(void) {
    c2d_table* table = example();
    c2d_table *some = NULL, *rows = NULL, *other = NULL;
    const char* names[] = {"income", "id"};
    const uint64_t numbers[] = {2, 0};
    const uint64_t beyond[] = {3};
    double out[2] = {0, 0};
    MUST(c2d_table_select(table, names, 1, &some, &error));
    MUST(c2d_table_take(some, numbers, 2, &rows, &error));
    MUST(c2d_table_numbers(rows, out, 2, &error));
    CHECK(out[0] == 2.5 && out[1] == 1.5);
    FAILS(c2d_table_numbers(rows, out, 1, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    FAILS(c2d_table_numbers(some, out, 3, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    FAILS(c2d_table_take(some, beyond, 1, &other, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    names[0] = "age";
    FAILS(c2d_table_select(table, names, 1, &other, &error), C2D_ERROR_NOT_FOUND, "");
    MUST(c2d_table_conform(table, "{\"fields\": [{\"name\": \"city\"}]}", &other, &error));
    CHECK(c2d_table_cols(other) == 1);
    c2d_table_destroy(other);
    c2d_table_destroy(rows);
    c2d_table_destroy(some);
    c2d_table_destroy(table);
}

static int count_calls(uint64_t done, uint64_t total, const char* line, void* user_data) {
    (void)done;
    (void)total;
    (void)line;
    ++*(int*)user_data;
    return 0;
}

static int stop(uint64_t done, uint64_t total, const char* line, void* user_data) {
    (void)done;
    (void)total;
    (void)line;
    (void)user_data;
    return 7;
}

static void files(void) {
    char path[] = "/tmp/c2d-table-XXXXXX";
    const int fd = mkstemp(path);
    c2d_table* table = NULL;
    c2d_table_options options = C2D_TABLE_OPTIONS_INIT;
    char* report = NULL;
    int calls = 0;
    CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) && write(fd, "D,1\n", 4) == 4);
    close(fd);
    FAILS(c2d_table_read_csv(path, NULL, NULL, NULL, &table, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    MUST(c2d_table_check_csv(path, NULL, count_calls, &calls, &report, &error));
    CHECK(calls > 0 && strstr(report, "\"usable\":false") && strstr(report, "expected 3 cells, found 2"));
    c2d_string_destroy(report);
    FAILS(c2d_table_check_csv(path, NULL, stop, NULL, &report, &error), C2D_ERROR_CANCELLED, "");
    options.header = 5;
    FAILS(c2d_table_check_csv(path, &options, NULL, NULL, &report, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    unlink(path);
    FAILS(c2d_table_read_csv(path, NULL, NULL, NULL, &table, &error), C2D_ERROR_NOT_FOUND, "");
}

static void table_files(void) {
    char path[] = "/tmp/c2d-table-XXXXXX";
    c2d_table *table = example(), *again = NULL;
    char* report = NULL;
    close(mkstemp(path));
    MUST(c2d_table_write(table, path, &error));
    MUST(c2d_table_read(path, NULL, NULL, NULL, &again, &error));
    CHECK(c2d_table_rows(again) == 3 && c2d_table_cols(again) == 3);
    MUST(c2d_table_check(path, NULL, NULL, NULL, &report, &error));
    CHECK(strstr(report, "\"usable\":true") && strstr(report, "a table file"));
    c2d_string_destroy(report);
    c2d_table_destroy(again);
    c2d_table_destroy(table);
    unlink(path);
    FAILS(c2d_table_read(path, NULL, NULL, NULL, &again, &error), C2D_ERROR_NOT_FOUND, "");
    FAILS(c2d_table_query("{\"sqlite\": \"/nowhere.db\", \"query\": \"SELECT 1\"}", NULL, &again, &error),
          C2D_ERROR_NOT_FOUND, "");
    FAILS(c2d_table_query("{}", NULL, &again, &error), C2D_ERROR_INVALID_ARGUMENT, "");
}

static void arrow(void) {
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    struct ArrowArray array;
    c2d_table *table = example(), *again = NULL;
    char* cell = NULL;
    MUST(c2d_table_export_arrow(table, &stream, &error));
    c2d_table_destroy(table);
    MUST(c2d_table_import_arrow(&stream, &again, &error));
    CHECK(stream.release == NULL && c2d_table_rows(again) == 3);
    MUST(c2d_table_cell(again, 0, 2, &cell, &error));
    CHECK(strcmp(cell, "Bern") == 0);
    c2d_string_destroy(cell);
    /* One array by itself. */
    MUST(c2d_table_export_arrow(again, &stream, &error));
    CHECK(stream.get_schema(&stream, &schema) == 0 && stream.get_next(&stream, &array) == 0);
    stream.release(&stream);
    table = NULL;
    MUST(c2d_table_import_arrow_array(&schema, &array, &table, &error));
    CHECK(schema.release == NULL && array.release == NULL && c2d_table_cols(table) == 3);
    FAILS(c2d_table_import_arrow(&stream, &table, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    MUST(c2d_schema_export_arrow("{\"fields\": [{\"name\": \"a\", \"type\": \"date\"}]}", &schema, &error));
    CHECK(schema.n_children == 1 && strcmp(schema.children[0]->format, "tdD") == 0);
    schema.release(&schema);
    c2d_table_destroy(table);
    c2d_table_destroy(again);
}

static void rules(void) {
    c2d_table* table = example();
    c2d_preprocessing_rule *rule = NULL, *again = NULL;
    c2d_prepared* prepared = NULL;
    char *json = NULL, *plan = NULL, *schema = NULL;
    uint8_t digest[32], other[32];
    MUST(c2d_table_schema(table, &schema, &error));
    MUST(c2d_preprocessing_plan(schema, &plan, &error));
    MUST(c2d_preprocessing_rule_fit(table, plan, &rule, &error));
    MUST(c2d_preprocessing_rule_to_json(rule, &json, &error));
    MUST(c2d_preprocessing_rule_parse(json, &again, &error));
    MUST(c2d_preprocessing_rule_digest(rule, digest, &error));
    MUST(c2d_preprocessing_rule_digest(again, other, &error));
    CHECK(memcmp(digest, other, 32) == 0);
    MUST(c2d_preprocessing_rule_apply(again, table, &prepared, &error));
    CHECK(c2d_prepared_rows(prepared) == 3 && c2d_prepared_cols(prepared) == 4);
    CHECK(c2d_prepared_data(prepared)[1] == 0 && c2d_prepared_data(prepared)[5] == 1); /* the flag of row 1 */
    c2d_string_destroy(json);
    MUST(c2d_prepared_to_json(prepared, &json, &error));
    CHECK(strstr(json, "income (missing)") != NULL);
    c2d_string_destroy(json);
    c2d_string_destroy(plan);
    c2d_string_destroy(schema);
    FAILS(c2d_preprocessing_rule_fit(table, "[{\"name\": \"city\"}]", &rule, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    FAILS(c2d_preprocessing_rule_parse("{}", &rule, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    c2d_prepared_destroy(prepared);
    c2d_preprocessing_rule_destroy(again);
    c2d_preprocessing_rule_destroy(rule);
    c2d_table_destroy(table);
}

static void models(void) {
    const char* const opened =
        "{\"version\":1,\"model\":\"logistic regression\",\"name\":\"model\",\"binding\":\"0x01\",\"intercept\":0.5,"
        "\"rules\":[{\"party\":0,\"rule\":{\"columns\":[{\"as\":\"number\",\"fill\":2,\"missing_seen\":true,\"name\":"
        "\"income\",\"type\":\"number\"}],\"version\":1}}],\"scale\":{\"points\":600,\"odds\":50,\"double\":20},"
        "\"weights\":[-1]}";
    c2d_table* table = example();
    c2d_exported_model *model = NULL, *again = NULL;
    c2d_prepared* scores = NULL;
    char *json = NULL, *pmml = NULL;
    MUST(c2d_exported_model_parse(opened, &model, &error));
    MUST(c2d_exported_model_to_json(model, &json, &error));
    MUST(c2d_exported_model_parse(json, &again, &error));
    MUST(c2d_exported_model_to_pmml(again, &pmml, &error));
    CHECK(strstr(pmml, "<NumericPredictor name=\"prepared income\" coefficient=\"-1\"/>") != NULL);
    const c2d_table* const tables[2] = {table, NULL};
    MUST(c2d_exported_model_score(again, tables, 1, &scores, &error));
    CHECK(c2d_prepared_rows(scores) == 3 && c2d_prepared_cols(scores) == 3);
    /* 0.5 less 1.5, 2 and 2.5; 600 - 28.8539 (logit + ln 50) points. */
    const double* numbers = c2d_prepared_data(scores);
    CHECK(numbers[0] == -1 && numbers[3] == -1.5 && numbers[6] == -2);
    CHECK(numbers[1] == 516 && numbers[4] == 530 && numbers[7] == 545);
    CHECK(numbers[2] > 0.268 && numbers[2] < 0.27);
    c2d_string_destroy(json);
    MUST(c2d_prepared_to_json(scores, &json, &error));
    CHECK(strstr(json, "probability") != NULL);
    c2d_string_destroy(json);
    c2d_string_destroy(pmml);
    c2d_prepared_destroy(scores);
    FAILS(c2d_exported_model_score(model, tables, 2, &scores, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    FAILS(c2d_exported_model_score(model, tables, 0, &scores, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    FAILS(c2d_exported_model_parse("{}", &model, &error), C2D_ERROR_INVALID_ARGUMENT, "");
    c2d_exported_model_destroy(again);
    c2d_exported_model_destroy(model);
    c2d_exported_model_destroy(NULL);
    c2d_table_destroy(table);
}

static void schemas(void) {
    char* out = NULL;
    uint8_t digest[32];
    MUST(c2d_schema_normalise("{\"fields\": [{\"name\": \"a\"}]}", &out, &error));
    CHECK(strstr(out, "\"type\": \"string\"") != NULL);
    c2d_string_destroy(out);
    MUST(c2d_schema_digest("{\"fields\": [{\"name\": \"a\"}]}", digest, &error));
    FAILS(c2d_schema_read("/nowhere.json", &out, &error), C2D_ERROR_NOT_FOUND, "");
    FAILS(c2d_schema_normalise("{\"fields\": []}", &out, &error), C2D_ERROR_INVALID_ARGUMENT, "");
}

int main(void) {
    cells();
    choosing();
    files();
    table_files();
    arrow();
    rules();
    models();
    schemas();
    return done("capi_table");
}
