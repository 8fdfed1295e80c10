/** @file
 * Tables: read, checked, prepared, and exchanged with others over Arrow's C interface; see c2d/table.hpp,
 * c2d/preprocessing.hpp and docs/tables.md.
 *
 * Tables, rules and what these make are immutable: any thread may use them. */
#ifndef C2D_CAPI_TABLE_H
#define C2D_CAPI_TABLE_H

#include <c2d/arrow_abi.h>
#include <c2d/capi/environment.h>

#ifdef __cplusplus
extern "C" {
#endif

/* -- schemas: JSON text -- */

/** Reads a schema (Frictionless Table Schema with roles, docs/tables.md) and gives it as it was understood.
 * C2D_ERROR_INVALID_ARGUMENT names every member that is not read. *out ends with c2d_string_destroy. */
C2D_API c2d_status c2d_schema_normalise(const char* schema, char** out, c2d_error** error);
/** The same of a file. */
C2D_API c2d_status c2d_schema_read(const char* path, char** out, c2d_error** error);
/** 32 bytes to out_digest: SHA-256 of the RFC 8785 text of names, types and roles. */
C2D_API c2d_status c2d_schema_digest(const char* schema, uint8_t* out_digest, c2d_error** error);
/** Fills *out, which the caller releases, with names and types. */
C2D_API c2d_status c2d_schema_export_arrow(const char* schema, struct ArrowSchema* out, c2d_error** error);

/* -- files -- */

/** Whether the first line of a file holds names. */
typedef enum c2d_table_header C2D_ENUM {
    C2D_TABLE_HEADER_FOUND_OUT = 0,
    C2D_TABLE_HEADER_YES = 1,
    C2D_TABLE_HEADER_NO = 2
} c2d_table_header;

/** How a file is read. What stands here goes before what the schema says; what neither says is found out. */
typedef struct c2d_table_options {
    size_t struct_size;
    const char* schema;    /**< JSON; NULL: types are found out */
    const char* encoding;  /**< NULL: a byte order mark, else UTF-8 */
    const char* delimiter; /**< one character; NULL: found out */
    const char* decimal;   /**< "." or ","; NULL: found out */
    const char* id;        /**< column that gets the role id where there is no schema; NULL: none */
    const char* label;     /**< likewise */
    size_t problems_max;   /**< problems that a check keeps; 0: 1000 */
    uint64_t bytes_max;    /**< that a table may take in memory; 0: 16 GiB */
    uint64_t header;       /**< a c2d_table_header: whether line 1 holds names */
} c2d_table_options;
#define C2D_TABLE_OPTIONS_INIT \
    { sizeof(c2d_table_options), 0, 0, 0, 0, 0, 0, 0, 0, C2D_TABLE_HEADER_FOUND_OUT }
/** The same as the macro. */
C2D_API void c2d_table_options_init(c2d_table_options* options);

/** Named, typed columns. */
typedef struct c2d_table c2d_table;

/** Reads a CSV file into memory. `options` may be NULL. A file with problems is C2D_ERROR_INVALID_ARGUMENT, whose
 * message tells the first; c2d_table_check_csv tells all. */
C2D_API c2d_status c2d_table_read_csv(const char* path, const c2d_table_options* options,
                                      c2d_progress_function progress, void* user_data, c2d_table** out,
                                      c2d_error** error);
/** The same of text, which `name` is called in messages. */
C2D_API c2d_status c2d_table_parse_csv(const char* text, size_t text_size, const char* name,
                                       const c2d_table_options* options, c2d_table** out, c2d_error** error);
/** Reads a whole file, whatever its size, and tells what is wrong with it and what it holds, as JSON: "usable", "rows",
 * "bytes", "problem_count", "problems", "decided", "columns", "schema". `options` may be NULL. A file that is no table
 * is a problem, not a failure. *out ends with c2d_string_destroy. */
C2D_API c2d_status c2d_table_check_csv(const char* path, const c2d_table_options* options,
                                       c2d_progress_function progress, void* user_data, char** out, c2d_error** error);

/** Reads a CSV file or a table file (docs/formats.md), told by how it begins; otherwise as c2d_table_read_csv. */
C2D_API c2d_status c2d_table_read(const char* path, const c2d_table_options* options, c2d_progress_function progress,
                                  void* user_data, c2d_table** out, c2d_error** error);
/** Checks either, as c2d_table_check_csv does a CSV file; problems of a table file have a "row" in place of a
 * "line". */
C2D_API c2d_status c2d_table_check(const char* path, const c2d_table_options* options, c2d_progress_function progress,
                                   void* user_data, char** out, c2d_error** error);
/** Writes a table file: equal cells under an equal schema give equal bytes. */
C2D_API c2d_status c2d_table_write(const c2d_table* table, const char* path, c2d_error** error);
/** Asks a database and gives the answer in memory. `source` is JSON as in a provider's `assets_path` (docs/tables.md):
 * {"sqlite": FILE, "query": SQL}, or {"odbc": CONNECTION, "query": SQL, "password_file": FILE}. `options` may be
 * NULL. */
C2D_API c2d_status c2d_table_query(const char* source, const c2d_table_options* options, c2d_table** out,
                                   c2d_error** error);

/* -- tables -- */

C2D_API size_t c2d_table_rows(const c2d_table* table); /**< 0 of NULL */
C2D_API size_t c2d_table_cols(const c2d_table* table); /**< 0 of NULL */
/** The schema as JSON. *out ends with c2d_string_destroy. */
C2D_API c2d_status c2d_table_schema(const c2d_table* table, char** out, c2d_error** error);
/** One cell as text; *out is NULL for a missing one, else it ends with c2d_string_destroy. */
C2D_API c2d_status c2d_table_cell(const c2d_table* table, size_t row, size_t column, char** out, c2d_error** error);
/** The named columns, in that order. C2D_ERROR_NOT_FOUND names those that there are. */
C2D_API c2d_status c2d_table_select(const c2d_table* table, const char* const* names, size_t names_count,
                                    c2d_table** out, c2d_error** error);
/** The rows of these numbers, in that order, repeats allowed. */
C2D_API c2d_status c2d_table_take(const c2d_table* table, const uint64_t* rows, size_t rows_count, c2d_table** out,
                                  c2d_error** error);
/** The same cells under another schema: its fields by name, in its order, with its roles; columns that it does not have
 * or ignores are left out, and integers become numbers where it says so. */
C2D_API c2d_status c2d_table_conform(const c2d_table* table, const char* schema, c2d_table** out, c2d_error** error);
/** Rows times columns numbers, row by row. C2D_ERROR_INVALID_ARGUMENT names columns that are text or lack a value. */
C2D_API c2d_status c2d_table_numbers(const c2d_table* table, double* out_numbers, size_t out_numbers_count,
                                     c2d_error** error);
/** Ends the handle; NULL does nothing. */
C2D_API void c2d_table_destroy(c2d_table* table);

/** Takes all rows of a stream, which is released whatever the outcome. */
C2D_API c2d_status c2d_table_import_arrow(struct ArrowArrayStream* stream, c2d_table** out, c2d_error** error);
/** Takes one array of struct type; both are released whatever the outcome. */
C2D_API c2d_status c2d_table_import_arrow_array(struct ArrowSchema* schema, struct ArrowArray* array, c2d_table** out,
                                                c2d_error** error);
/** Fills *out, which the caller releases, with a stream of the rows; it may outlive the table. */
C2D_API c2d_status c2d_table_export_arrow(const c2d_table* table, struct ArrowArrayStream* out, c2d_error** error);

/* -- preprocessing -- */

/** What is done to columns before a model sees them, with all its numbers. */
typedef struct c2d_preprocessing_rule c2d_preprocessing_rule;
/** Rows of numbers with names. */
typedef struct c2d_prepared c2d_prepared;

/** The plan that a schema gives, as JSON. *out ends with c2d_string_destroy. */
C2D_API c2d_status c2d_preprocessing_plan(const char* schema, char** out, c2d_error** error);
/** Fits a plan (JSON; NULL: that of the table's schema) on the rows of a table. */
C2D_API c2d_status c2d_preprocessing_rule_fit(const c2d_table* table, const char* plan, c2d_preprocessing_rule** out,
                                              c2d_error** error);
/** Reads what c2d_preprocessing_rule_to_json gives. */
C2D_API c2d_status c2d_preprocessing_rule_parse(const char* json, c2d_preprocessing_rule** out, c2d_error** error);
/** RFC 8785 text. *out ends with c2d_string_destroy. */
C2D_API c2d_status c2d_preprocessing_rule_to_json(const c2d_preprocessing_rule* rule, char** out, c2d_error** error);
/** 32 bytes to out_digest: SHA-256 of that text. */
C2D_API c2d_status c2d_preprocessing_rule_digest(const c2d_preprocessing_rule* rule, uint8_t* out_digest,
                                                 c2d_error** error);
/** Columns are found by name; all that are missing or of another type are named. One without any value is of every
 * type. */
C2D_API c2d_status c2d_preprocessing_rule_apply(const c2d_preprocessing_rule* rule, const c2d_table* table,
                                                c2d_prepared** out, c2d_error** error);
/** Ends the handle; NULL does nothing. */
C2D_API void c2d_preprocessing_rule_destroy(c2d_preprocessing_rule* rule);

C2D_API size_t c2d_prepared_rows(const c2d_prepared* prepared); /**< 0 of NULL */
C2D_API size_t c2d_prepared_cols(const c2d_prepared* prepared); /**< 0 of NULL */
/** Rows times columns numbers, row by row. View into prepared. */
C2D_API const double* c2d_prepared_data(const c2d_prepared* prepared);
/** {"names": […], "surprises": [{"column", "unseen", "newly_missing"}]}: the columns' names, and what these rows held
 * that training rows did not, which is for the owner alone. *out ends with c2d_string_destroy. */
C2D_API c2d_status c2d_prepared_to_json(const c2d_prepared* prepared, char** out, c2d_error** error);
/** Ends the handle; NULL does nothing. */
C2D_API void c2d_prepared_destroy(c2d_prepared* prepared);

/* -- models that were opened -- */

/** What the operator open_model writes. Immutable; may be used by several threads. */
typedef struct c2d_exported_model c2d_exported_model;

/** C2D_ERROR_INVALID_ARGUMENT names the member that is not what was expected. */
C2D_API c2d_status c2d_exported_model_parse(const char* json, c2d_exported_model** out, c2d_error** error);
/** RFC 8785 text that c2d_exported_model_parse reads. *out ends with c2d_string_destroy. */
C2D_API c2d_status c2d_exported_model_to_json(const c2d_exported_model* model, char** out, c2d_error** error);
/** PMML 4.4; a date goes in as days since 1970-01-01. C2D_ERROR_UNSUPPORTED or C2D_ERROR_INVALID_ARGUMENT name a column
 * that it cannot say. *out ends with c2d_string_destroy. */
C2D_API c2d_status c2d_exported_model_to_pmml(const c2d_exported_model* model, char** out, c2d_error** error);
/** The columns logit, points and probability, of the rows of tables: one for each rule of the model, in their order,
 * whose rows stand for the same customers, or one that has the columns of all. */
C2D_API c2d_status c2d_exported_model_score(const c2d_exported_model* model, const c2d_table* const* tables,
                                            size_t count, c2d_prepared** out, c2d_error** error);
/** Ends the handle; NULL does nothing. */
C2D_API void c2d_exported_model_destroy(c2d_exported_model* model);

#ifdef __cplusplus
}
#endif

#endif
