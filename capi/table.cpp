#include <c2d/arrow.hpp>
#include <c2d/capi/table.h>
#include <c2d/exported_model.hpp>
#include <c2d/preprocessing.hpp>
#include <c2d/table_source.hpp>

#include "base/fail.hpp"
#include "json_text.hpp"
#include "same_options.hpp"
#include "table/values.hpp"

using c2d::Result;
using c2d::Unit;
using c2d::capi::give_json;
using c2d::capi::give_text;
using c2d::capi::guard;
using c2d::capi::text_or_empty;

struct c2d_table {
    c2d::table::Table value;
};
struct c2d_preprocessing_rule {
    c2d::table::PreprocessingRule value;
};
struct c2d_prepared {
    c2d::table::Prepared value;
};
struct c2d_exported_model {
    c2d::ExportedModel value;
};

namespace {

using c2d::table::Table;

Result<char> one_character(const char* text, const char* name) {
    const std::string_view given = text_or_empty(text);
    if (given.size() > 1)
        return c2d::fail(c2d::Status::INVALID_ARGUMENT, "{}: expected one character, found {} bytes", name,
                         given.size());
    return given.empty() ? '\0' : given[0];
}

Result<std::optional<bool>> header_of(uint64_t header) {
    switch (header) {
        case C2D_TABLE_HEADER_FOUND_OUT: return std::optional<bool>();
        case C2D_TABLE_HEADER_YES: return std::optional(true);
        case C2D_TABLE_HEADER_NO: return std::optional(false);
        default: return c2d::Error(c2d::Status::INVALID_ARGUMENT, "header is yes, no or found out");
    }
}

Result<c2d::table::ReadOptions> read_table_options(const c2d_table_options* given) {
    C2D_TRY(const auto options, c2d::capi::read_options(given));
    c2d::table::ReadOptions out;
    if (options.schema) {
        C2D_TRY(out.schema, c2d::table::parse_schema(options.schema));
    }
    C2D_CHECK(c2d::capi::take_read_options(options, out));
    C2D_TRY(out.delimiter, one_character(options.delimiter, "delimiter"));
    C2D_TRY(out.decimal, one_character(options.decimal, "decimal"));
    C2D_TRY(out.header, header_of(options.header));
    return out;
}

Result<Unit> give(Result<Table>&& table, c2d_table** out) {
    if (!table) return std::move(table).error();
    *out = new c2d_table{*std::move(table)};
    return Unit{};
}

Result<Unit> give(Result<c2d::table::PreprocessingRule>&& rule, c2d_preprocessing_rule** out) {
    if (!rule) return std::move(rule).error();
    *out = new c2d_preprocessing_rule{*std::move(rule)};
    return Unit{};
}

/// A file read, or checked, by `how`.
c2d_status read_file(const char* path, const c2d_table_options* options, c2d_progress_function progress,
                     void* user_data, c2d_table** out, c2d_error** error,
                     Result<Table> (*how)(const std::string&, const c2d::table::ReadOptions&)) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(path, out);
        C2D_TRY(auto read, read_table_options(options));
        c2d::capi::ProgressCall call(progress, user_data);
        read.progress = call.progress();
        read.cancel = call.token();
        auto table = how(path, read);
        if (!table) return call.finish(std::move(table).error());
        return give(std::move(table), out);
    });
}

c2d_status check_file(const char* path, const c2d_table_options* options, c2d_progress_function progress,
                      void* user_data, char** out, c2d_error** error,
                      Result<c2d::table::CheckReport> (*how)(const std::string&, const c2d::table::ReadOptions&)) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(path, out);
        C2D_TRY(auto read, read_table_options(options));
        c2d::capi::ProgressCall call(progress, user_data);
        read.progress = call.progress();
        read.cancel = call.token();
        const auto report = how(path, read);
        if (!report) return call.finish(report.error());
        return give_json(to_value(*report), out);
    });
}

void copy_digest(const c2d::Bytes32& digest, uint8_t* out) { std::ranges::copy(digest.data, out); }

}  // namespace

extern "C" {

c2d_status c2d_schema_normalise(const char* schema, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(schema, out);
        C2D_TRY(const auto read, c2d::table::parse_schema(schema));
        return give_text(c2d::table::schema_json(read), out);
    });
}

c2d_status c2d_schema_read(const char* path, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(path, out);
        C2D_TRY(const auto read, c2d::table::read_schema(path));
        return give_text(c2d::table::schema_json(read), out);
    });
}

c2d_status c2d_schema_digest(const char* schema, uint8_t* out_digest, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(schema, out_digest);
        C2D_TRY(const auto read, c2d::table::parse_schema(schema));
        copy_digest(c2d::table::schema_digest(read), out_digest);
        return Unit{};
    });
}

c2d_status c2d_schema_export_arrow(const char* schema, struct ArrowSchema* out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(schema, out);
        C2D_TRY(const auto read, c2d::table::parse_schema(schema));
        c2d::table::export_arrow_schema(read, out);
        return Unit{};
    });
}

void c2d_table_options_init(c2d_table_options* options) {
    if (options) *options = C2D_TABLE_OPTIONS_INIT;
}

c2d_status c2d_table_read_csv(const char* path, const c2d_table_options* options, c2d_progress_function progress,
                              void* user_data, c2d_table** out, c2d_error** error) {
    return read_file(path, options, progress, user_data, out, error, c2d::table::read_csv);
}

c2d_status c2d_table_read(const char* path, const c2d_table_options* options, c2d_progress_function progress,
                          void* user_data, c2d_table** out, c2d_error** error) {
    return read_file(path, options, progress, user_data, out, error, c2d::table::read_table);
}

c2d_status c2d_table_parse_csv(const char* text, size_t text_size, const char* name, const c2d_table_options* options,
                               c2d_table** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        if (text_size != 0) C2D_CAPI_NEED(text);
        C2D_CAPI_NEED(name, out);
        C2D_TRY(const auto read, read_table_options(options));
        return give(c2d::table::parse_csv({text, text_size}, name, read), out);
    });
}

c2d_status c2d_table_check_csv(const char* path, const c2d_table_options* options, c2d_progress_function progress,
                               void* user_data, char** out, c2d_error** error) {
    return check_file(path, options, progress, user_data, out, error, c2d::table::check_csv);
}

c2d_status c2d_table_check(const char* path, const c2d_table_options* options, c2d_progress_function progress,
                           void* user_data, char** out, c2d_error** error) {
    return check_file(path, options, progress, user_data, out, error, c2d::table::check_table);
}

c2d_status c2d_table_write(const c2d_table* table, const char* path, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(table, path);
        return c2d::table::write_table(table->value, path);
    });
}

c2d_status c2d_table_query(const char* source, const c2d_table_options* options, c2d_table** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(source, out);
        C2D_TRY(const auto read, read_table_options(options));
        C2D_TRY(const auto asked, c2d::table::parse_table_source(source));
        return give(c2d::table::read_source(asked, read), out);
    });
}

size_t c2d_table_rows(const c2d_table* table) { return table ? table->value.rows() : 0; }
size_t c2d_table_cols(const c2d_table* table) { return table ? table->value.cols() : 0; }

c2d_status c2d_table_schema(const c2d_table* table, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(table, out);
        return give_text(c2d::table::schema_json(table->value.schema()), out);
    });
}

c2d_status c2d_table_cell(const c2d_table* table, size_t row, size_t column, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(table, out);
        C2D_TRY(const auto text, c2d::table::cell_text_of(table->value, row, column));
        *out = text ? c2d::capi::copy_text(*text) : nullptr;
        return Unit{};
    });
}

c2d_status c2d_table_select(const c2d_table* table, const char* const* names, size_t names_count, c2d_table** out,
                            c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(table, names, out);
        C2D_TRY(const auto wanted, c2d::capi::read_texts(names, names_count, "names"));
        return give(table->value.select(wanted), out);
    });
}

c2d_status c2d_table_take(const c2d_table* table, const uint64_t* rows, size_t rows_count, c2d_table** out,
                          c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(table, rows, out);
        return give(table->value.take({rows, rows_count}), out);
    });
}

c2d_status c2d_table_conform(const c2d_table* table, const char* schema, c2d_table** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(table, schema, out);
        C2D_TRY(const auto wanted, c2d::table::parse_schema(schema));
        return give(table->value.conform(wanted), out);
    });
}

c2d_status c2d_table_numbers(const c2d_table* table, double* out_numbers, size_t out_numbers_count, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(table, out_numbers);
        C2D_TRY(const auto numbers, c2d::table::numbers_of(table->value));
        if (numbers.data.size() != out_numbers_count)
            return c2d::fail(c2d::Status::INVALID_ARGUMENT, "expected room for {} numbers, found {}",
                             numbers.data.size(), out_numbers_count);
        std::ranges::copy(numbers.data, out_numbers);
        return Unit{};
    });
}

void c2d_table_destroy(c2d_table* table) { delete table; }

c2d_status c2d_table_import_arrow(struct ArrowArrayStream* stream, c2d_table** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(stream);
        auto table = c2d::table::import_arrow(stream);
        C2D_CAPI_NEED(out);
        return give(std::move(table), out);
    });
}

c2d_status c2d_table_import_arrow_array(struct ArrowSchema* schema, struct ArrowArray* array, c2d_table** out,
                                        c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(schema, array);
        auto table = c2d::table::import_arrow(schema, array);
        C2D_CAPI_NEED(out);
        return give(std::move(table), out);
    });
}

c2d_status c2d_table_export_arrow(const c2d_table* table, struct ArrowArrayStream* out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(table, out);
        c2d::table::export_arrow(table->value, out);
        return Unit{};
    });
}

c2d_status c2d_preprocessing_plan(const char* schema, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(schema, out);
        C2D_TRY(const auto read, c2d::table::parse_schema(schema));
        return give_text(c2d::table::plan_json(c2d::table::default_plan(read)), out);
    });
}

c2d_status c2d_preprocessing_rule_fit(const c2d_table* table, const char* plan, c2d_preprocessing_rule** out,
                                      c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(table, out);
        auto wanted = c2d::table::default_plan(table->value.schema());
        if (plan) {
            C2D_TRY(wanted, c2d::table::parse_plan(plan));
        }
        return give(c2d::table::PreprocessingRule::fit(table->value, wanted), out);
    });
}

c2d_status c2d_preprocessing_rule_parse(const char* json, c2d_preprocessing_rule** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(json, out);
        return give(c2d::table::PreprocessingRule::parse(json), out);
    });
}

c2d_status c2d_preprocessing_rule_to_json(const c2d_preprocessing_rule* rule, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(rule, out);
        return give_text(rule->value.json(), out);
    });
}

c2d_status c2d_preprocessing_rule_digest(const c2d_preprocessing_rule* rule, uint8_t* out_digest, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(rule, out_digest);
        copy_digest(rule->value.digest(), out_digest);
        return Unit{};
    });
}

c2d_status c2d_preprocessing_rule_apply(const c2d_preprocessing_rule* rule, const c2d_table* table, c2d_prepared** out,
                                        c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(rule, table, out);
        C2D_TRY(auto prepared, rule->value.apply(table->value));
        *out = new c2d_prepared{std::move(prepared)};
        return Unit{};
    });
}

void c2d_preprocessing_rule_destroy(c2d_preprocessing_rule* rule) { delete rule; }

size_t c2d_prepared_rows(const c2d_prepared* prepared) { return prepared ? prepared->value.rows : 0; }
size_t c2d_prepared_cols(const c2d_prepared* prepared) { return prepared ? prepared->value.cols() : 0; }
const double* c2d_prepared_data(const c2d_prepared* prepared) {
    return prepared ? prepared->value.data.data() : nullptr;
}

c2d_status c2d_prepared_to_json(const c2d_prepared* prepared, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(prepared, out);
        return give_json(to_value(prepared->value), out);
    });
}

void c2d_prepared_destroy(c2d_prepared* prepared) { delete prepared; }

c2d_status c2d_exported_model_parse(const char* json, c2d_exported_model** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(json, out);
        C2D_TRY(auto model, c2d::ExportedModel::parse(json));
        *out = new c2d_exported_model{std::move(model)};
        return Unit{};
    });
}

c2d_status c2d_exported_model_to_json(const c2d_exported_model* model, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(model, out);
        return give_text(model->value.json(), out);
    });
}

c2d_status c2d_exported_model_to_pmml(const c2d_exported_model* model, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(model, out);
        C2D_TRY(const auto text, model->value.pmml());
        return give_text(text, out);
    });
}

c2d_status c2d_exported_model_score(const c2d_exported_model* model, const c2d_table* const* tables, size_t count,
                                    c2d_prepared** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(model, tables, out);
        std::vector<Table> all;
        for (size_t i = 0; i < count; ++i) {
            if (!tables[i]) return c2d::fail(c2d::Status::INVALID_ARGUMENT, "tables must not hold NULL");
            all.push_back(tables[i]->value);
        }
        C2D_TRY(const auto scores, model->value.score(all));
        c2d::table::Prepared columns{scores.points.size(), {"logit", "points", "probability"}};
        for (std::size_t row = 0; row < columns.rows; ++row)
            for (const auto* one : {&scores.logits, &scores.points, &scores.probabilities})
                columns.data.push_back((*one)[row]);
        *out = new c2d_prepared{std::move(columns)};
        return Unit{};
    });
}

void c2d_exported_model_destroy(c2d_exported_model* model) { delete model; }

}  // extern "C"
