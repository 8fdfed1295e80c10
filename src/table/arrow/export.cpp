// Tables as Arrow gives them on: columns that lie as Arrow has them are lent, the others turned.

#include <c2d/arrow.hpp>

#include <cerrno>
#include <new>

namespace c2d::table {

namespace {

const char* format_of(Type type) noexcept {
    switch (type) {
        case Type::string: return "U";
        case Type::integer: return "l";
        case Type::number: return "g";
        case Type::boolean: return "b";
        case Type::date: return "tdD";
        case Type::datetime: return "tsu:";
    }
    return "U";
}

/// What a schema that was given out stands on.
struct SchemaParts {
    std::vector<std::string> names;
    std::vector<ArrowSchema> fields;
    std::vector<ArrowSchema*> places;
};

void release_field(ArrowSchema* field) { field->release = nullptr; }

void release_schema(ArrowSchema* schema) {
    const auto* const parts = static_cast<SchemaParts*>(schema->private_data);
    for (auto* const field : parts->places)
        if (field->release != nullptr) field->release(field);
    delete parts;
    schema->release = nullptr;
}

/// What one column that was given out stands on.
struct ColumnParts {
    Column column;
    std::vector<std::uint8_t> present, bits;
    std::vector<std::int32_t> days;
    std::vector<std::int64_t> none = {0};
    const void* buffers[3] = {};
};

void release_column(ArrowArray* array) {
    delete static_cast<ColumnParts*>(array->private_data);
    array->release = nullptr;
}

/// The bits of validity from bit 0 on.
void lend_validity(ColumnParts& parts) {
    const Column& column = parts.column;
    if (column.missing() == 0) return;
    parts.present.resize((column.rows() + 7) / 8);
    for (std::size_t row = 0; row < column.rows(); ++row)
        if (!column.is_missing(row)) parts.present[row / 8] |= std::uint8_t(1u << (row % 8));
    parts.buffers[0] = parts.present.data();
}

void lend_values(ColumnParts& parts) {
    const Column& column = parts.column;
    switch (column.type()) {
        case Type::string:
            parts.buffers[1] = column.rows() == 0 ? parts.none.data() : column.parts().offsets.data();
            parts.buffers[2] = column.parts().bytes;
            break;
        case Type::number: parts.buffers[1] = column.numbers().data(); break;
        case Type::integer:
        case Type::datetime: parts.buffers[1] = column.integers().data(); break;
        case Type::boolean:
            parts.bits.resize((column.rows() + 7) / 8 + 1);
            for (std::size_t row = 0; row < column.rows(); ++row)
                parts.bits[row / 8] |= std::uint8_t((column.integers()[row] & 1) << (row % 8));
            parts.buffers[1] = parts.bits.data();
            break;
        case Type::date:
            parts.days.reserve(column.rows() + 1);
            for (const auto day : column.integers()) parts.days.push_back(std::int32_t(day));
            parts.buffers[1] = parts.days.data();
            break;
    }
}

ArrowArray array_of(const Column& column) {
    auto* const parts = new ColumnParts;
    parts->column = column;
    lend_validity(*parts);
    lend_values(*parts);
    ArrowArray out{};
    out.length = std::int64_t(column.rows());
    out.null_count = std::int64_t(column.missing());
    out.n_buffers = column.type() == Type::string ? 3 : 2;
    out.buffers = parts->buffers;
    out.release = release_column;
    out.private_data = parts;
    return out;
}

/// What a table that was given out stands on.
struct TableParts {
    std::vector<ArrowArray> columns;
    std::vector<ArrowArray*> places;
    const void* buffers[1] = {};
};

void release_table(ArrowArray* array) {
    auto* const parts = static_cast<TableParts*>(array->private_data);
    for (auto* const column : parts->places)
        if (column->release != nullptr) column->release(column);
    delete parts;
    array->release = nullptr;
}

void fill_array(const Table& table, ArrowArray* out) {
    auto* const parts = new TableParts;
    parts->columns.reserve(table.cols());
    for (std::size_t i = 0; i < table.cols(); ++i) parts->columns.push_back(array_of(table.column(i)));
    for (auto& column : parts->columns) parts->places.push_back(&column);
    *out = ArrowArray{};
    out->length = std::int64_t(table.rows());
    out->n_buffers = 1;
    out->n_children = std::int64_t(table.cols());
    out->buffers = parts->buffers;
    out->children = parts->places.data();
    out->release = release_table;
    out->private_data = parts;
}

/// A stream of one piece.
struct Stream {
    Table table;
    bool given = false;
    std::string error;
};

int get_schema(ArrowArrayStream* stream, ArrowSchema* out) {
    try {
        export_arrow_schema(static_cast<Stream*>(stream->private_data)->table.schema(), out);
        return 0;
    } catch (const std::bad_alloc&) {
        return ENOMEM;
    }
}

int get_next(ArrowArrayStream* stream, ArrowArray* out) {
    auto* const self = static_cast<Stream*>(stream->private_data);
    *out = ArrowArray{};
    if (self->given) return 0;
    try {
        fill_array(self->table, out);
    } catch (const std::bad_alloc&) {
        self->error = "out of memory";
        return ENOMEM;
    }
    self->given = true;
    return 0;
}

const char* get_last_error(ArrowArrayStream* stream) {
    const auto& error = static_cast<Stream*>(stream->private_data)->error;
    return error.empty() ? nullptr : error.c_str();
}

void release_stream(ArrowArrayStream* stream) {
    delete static_cast<Stream*>(stream->private_data);
    stream->release = nullptr;
}

}  // namespace

void export_arrow_schema(const Schema& schema, ArrowSchema* out) {
    auto* const parts = new SchemaParts;
    for (const auto& field : schema.fields) parts->names.push_back(field.name);
    for (std::size_t i = 0; i < schema.fields.size(); ++i) {
        ArrowSchema field{};
        field.format = format_of(schema.fields[i].type);
        field.name = parts->names[i].c_str();
        field.flags = ARROW_FLAG_NULLABLE;
        field.release = release_field;
        parts->fields.push_back(field);
    }
    for (auto& field : parts->fields) parts->places.push_back(&field);
    *out = ArrowSchema{};
    out->format = "+s";
    out->name = "";
    out->n_children = std::int64_t(parts->places.size());
    out->children = parts->places.data();
    out->release = release_schema;
    out->private_data = parts;
}

void export_arrow(const Table& table, ArrowArrayStream* out) {
    *out = ArrowArrayStream{get_schema, get_next, get_last_error, release_stream, new Stream{table}};
}

}  // namespace c2d::table
