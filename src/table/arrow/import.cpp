// Columns out of Arrow arrays: viewed where they lie as a column does and come in one piece, else copied.

#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "base/utf8.hpp"
#include "table/arrow/format.hpp"
#include "table/arrow/owned.hpp"
#include "table/column_builder.hpp"

#include <c2d/arrow.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>

namespace c2d::table {

namespace {

constexpr std::int64_t kRowsMax = std::int64_t{1} << 40;

using OwnedArray = OwnedArrow<ArrowArray>;

/// One column of the producer's schema.
struct GivenColumn {
    std::string name;
    ArrowFormat format;
    bool is_dictionary = false;
    /// Of a dictionary: what its indices choose from.
    ArrowFormat values;
};

/// The cells of one array from its offset on. Whether a row is there, and what it holds.
class Cells {
public:
    Cells(const ArrowArray& array, const ArrowFormat& format, std::int64_t offset)
        : array_(array), format_(format), offset_(std::size_t(offset)) {}

    /// Fails when the array has not the parts that its format says.
    Result<Unit> check(std::size_t rows) const {
        if (format_.layout == Layout::none) return Unit{};
        const bool texts = format_.layout == Layout::text32 || format_.layout == Layout::text64;
        const std::int64_t wanted = texts ? 3 : 2;
        const bool views = format_.layout == Layout::text_view;
        if (views ? array_.n_buffers < 3 : array_.n_buffers != wanted)
            return fail(Status::INVALID_ARGUMENT, "has {} buffers, where its type has {}", array_.n_buffers, wanted);
        if (array_.buffers == nullptr || (rows != 0 && array_.buffers[1] == nullptr))
            return fail(Status::INVALID_ARGUMENT, "has rows, but no buffer of values");
        return Unit{};
    }
    bool is_missing(std::size_t row) const noexcept {
        if (format_.layout == Layout::none) return true;
        const auto* const present = static_cast<const std::uint8_t*>(array_.buffers[0]);
        const std::size_t bit = offset_ + row;
        return present != nullptr && array_.null_count != 0 && ((present[bit / 8] >> (bit % 8)) & 1) == 0;
    }
    /// Fails for what no integer of 64 bits holds.
    Result<std::int64_t> integer(std::size_t row) const {
        switch (format_.layout) {
            case Layout::bits: return (values<std::uint8_t>()[(offset_ + row) / 8] >> ((offset_ + row) % 8)) & 1;
            case Layout::int8: return at<std::int8_t>(row);
            case Layout::uint8: return at<std::uint8_t>(row);
            case Layout::int16: return at<std::int16_t>(row);
            case Layout::uint16: return at<std::uint16_t>(row);
            case Layout::uint32: return at<std::uint32_t>(row);
            case Layout::int32:
            case Layout::date32: return at<std::int32_t>(row);
            case Layout::uint64:
                if (at<std::uint64_t>(row) > INT64_MAX)
                    return fail(Status::INVALID_ARGUMENT, "row {}: beyond 2^63 - 1", row);
                return std::int64_t(at<std::uint64_t>(row));
            case Layout::date64: return floored(at<std::int64_t>(row), 86400000);
            case Layout::timestamp: return moment(row);
            default: return at<std::int64_t>(row);
        }
    }
    double number(std::size_t row) const {
        if (format_.layout == Layout::float32) return double(at<float>(row));
        if (format_.layout == Layout::decimal128) return decimal(row);
        return at<double>(row);
    }
    Result<std::string_view> text(std::size_t row) const {
        C2D_TRY(const std::string_view out, format_.layout == Layout::text_view ? view(row)
                                            : format_.layout == Layout::text32  ? slice<std::int32_t>(row)
                                                                                : slice<std::int64_t>(row));
        if (!is_valid_utf8(out)) return fail(Status::INVALID_ARGUMENT, "row {}: the text is not UTF-8", row);
        return out;
    }

private:
    template <class Value>
    const Value* values() const noexcept {
        return static_cast<const Value*>(array_.buffers[1]);
    }
    template <class Value>
    Value at(std::size_t row) const noexcept {
        return values<Value>()[offset_ + row];
    }
    static std::int64_t floored(std::int64_t value, std::int64_t by) noexcept {
        return value / by - (value % by < 0 ? 1 : 0);
    }
    Result<std::int64_t> moment(std::size_t row) const {
        std::int64_t out = 0;
        if (__builtin_mul_overflow(at<std::int64_t>(row), format_.multiply, &out))
            return fail(Status::INVALID_ARGUMENT, "row {}: a timestamp beyond the year 290000", row);
        return format_.divide == 1 ? out : floored(out, format_.divide);
    }
    double decimal(std::size_t row) const noexcept {
        std::uint64_t low = 0, high = 0;
        const auto* const bytes = values<char>() + 16 * (offset_ + row);
        std::memcpy(&low, bytes, 8);
        std::memcpy(&high, bytes + 8, 8);
        const bool negative = (high >> 63) != 0;
        if (negative) {  // two's complement
            low = ~low + 1;
            high = ~high + (low == 0 ? 1 : 0);
        }
        const double whole = (std::ldexp(double(high), 64) + double(low)) / std::pow(10.0, format_.scale);
        return negative ? -whole : whole;
    }
    template <class Offset>
    Result<std::string_view> slice(std::size_t row) const {
        const Offset from = at<Offset>(row), to = at<Offset>(row + 1);
        if (from < 0 || to < from || (to != from && array_.buffers[2] == nullptr))
            return fail(Status::INVALID_ARGUMENT, "row {}: a text that ends before it begins", row);
        return std::string_view(static_cast<const char*>(array_.buffers[2]) + from, std::size_t(to - from));
    }
    /// Up to 12 bytes stand in the view itself, longer ones in one of the further buffers.
    Result<std::string_view> view(std::size_t row) const {
        const auto* const bytes = values<char>() + 16 * (offset_ + row);
        std::int32_t parts[4] = {};
        std::memcpy(parts, bytes, sizeof parts);
        if (parts[0] >= 0 && parts[0] <= 12) return std::string_view(bytes + 4, std::size_t(parts[0]));
        const std::int64_t data = std::int64_t{parts[2]} + 2,
                           buffers = array_.n_buffers - 1;  // the last has their sizes
        const auto* const sizes = static_cast<const std::int64_t*>(array_.buffers[buffers]);
        if (parts[0] < 0 || parts[2] < 0 || parts[3] < 0 || data >= buffers || sizes == nullptr ||
            std::int64_t{parts[3]} + parts[0] > sizes[data - 2])
            return fail(Status::INVALID_ARGUMENT, "row {}: a text that lies outside its buffer", row);
        return std::string_view(static_cast<const char*>(array_.buffers[data]) + parts[3], std::size_t(parts[0]));
    }

    const ArrowArray& array_;
    const ArrowFormat& format_;
    std::size_t offset_;
};

Result<Unit> append_cell(ColumnBuilder& out, const Cells& cells, std::size_t row) {
    if (cells.is_missing(row)) {
        out.add_missing();
        return Unit{};
    }
    if (out.type() == Type::string) {
        C2D_TRY(const auto text, cells.text(row));
        out.add_text(text);
    } else if (out.type() == Type::number) {
        const double value = cells.number(row);
        if (std::isinf(value)) return fail(Status::INVALID_ARGUMENT, "row {}: is not finite", row);
        if (std::isnan(value))
            out.add_missing();
        else
            out.add_number(value);
    } else {
        C2D_TRY(const auto value, cells.integer(row));
        out.add_integer(value);
    }
    return Unit{};
}

/// The length and offset of an array that is what the schema says.
Result<Unit> check_shape(const ArrowArray& array) {
    if (array.length < 0 || array.offset < 0 || array.length > kRowsMax || array.offset > kRowsMax)
        return fail(Status::INVALID_ARGUMENT, "has a length or an offset that cannot be");
    return Unit{};
}

Result<Unit> append_dictionary(ColumnBuilder& out, const GivenColumn& source, const ArrowArray& array,
                               std::int64_t offset, std::size_t rows) {
    if (array.dictionary == nullptr) return fail(Status::INVALID_ARGUMENT, "lacks the dictionary that its type has");
    const ArrowArray& dictionary = *array.dictionary;
    C2D_CHECK(check_shape(dictionary));
    const Cells indices(array, source.format, offset), values(dictionary, source.values, dictionary.offset);
    C2D_CHECK(indices.check(rows));
    C2D_CHECK(values.check(std::size_t(dictionary.length)));
    for (std::size_t row = 0; row < rows; ++row) {
        if (indices.is_missing(row)) {
            out.add_missing();
            continue;
        }
        C2D_TRY(const std::int64_t index, indices.integer(row));
        if (index < 0 || index >= dictionary.length)
            return fail(Status::INVALID_ARGUMENT, "row {}: an index beyond its dictionary", row);
        C2D_CHECK(append_cell(out, values, std::size_t(index)));
    }
    return Unit{};
}

Result<Unit> append_array(ColumnBuilder& out, const GivenColumn& source, const ArrowArray& array,
                          const ArrowArray& parent) {
    C2D_CHECK(check_shape(array));
    if (parent.offset + parent.length > array.length)
        return fail(Status::INVALID_ARGUMENT, "has {} rows, where the others have {}", array.length, parent.length);
    const std::int64_t offset = array.offset + parent.offset;
    const auto rows = std::size_t(parent.length);
    if (source.is_dictionary) return append_dictionary(out, source, array, offset, rows);
    const Cells cells(array, source.format, offset);
    C2D_CHECK(cells.check(rows));
    for (std::size_t row = 0; row < rows; ++row) C2D_CHECK(append_cell(out, cells, row));
    return Unit{};
}

/// Numbers that can be viewed: all are there, and finite. What stands in missing cells is anything, where columns have
/// zeros.
bool lend_numbers(const ArrowArray& array, Layout layout, std::size_t offset, Column::Parts& parts) {
    if (array.null_count != 0 && array.buffers[0] != nullptr) {
        const auto* const present = static_cast<const std::uint8_t*>(array.buffers[0]);
        for (std::size_t bit = offset; bit < offset + parts.rows; ++bit)
            if (((present[bit / 8] >> (bit % 8)) & 1) == 0) return false;
    }
    if (layout == Layout::int64) {
        parts.integers = {static_cast<const std::int64_t*>(array.buffers[1]) + offset, parts.rows};
        return true;
    }
    parts.numbers = {static_cast<const double*>(array.buffers[1]) + offset, parts.rows};
    return std::ranges::all_of(parts.numbers, [](double value) { return std::isfinite(value); });
}

/// Texts that can be viewed: UTF-8 in order, and nothing in missing cells.
bool lend_texts(const ArrowArray& array, std::size_t offset, Column::Parts& parts) {
    const auto* const offsets = static_cast<const std::int64_t*>(array.buffers[1]) + offset;
    if (array.buffers[2] == nullptr || offsets[0] < 0) return false;
    parts.offsets = {offsets, parts.rows + 1};
    parts.bytes = static_cast<const char*>(array.buffers[2]);
    if (array.null_count != 0 && array.buffers[0] != nullptr) {
        parts.present = static_cast<const std::uint8_t*>(array.buffers[0]);
        parts.first_bit = offset;
    }
    for (std::size_t row = 0; row < parts.rows; ++row)
        if (offsets[row + 1] < offsets[row]) return false;
    const Column column(parts);
    for (std::size_t row = 0; row < parts.rows; ++row) {
        const bool missing = column.is_missing(row);
        parts.missing += missing ? 1 : 0;
        if (missing ? !column.text(row).empty() : !is_valid_utf8(column.text(row))) return false;
    }
    return true;
}

/// A column that views an array which lies as columns do; nothing where it does not.
std::optional<Column> view_of(const GivenColumn& source, const ArrowArray& array, const ArrowArray& parent,
                              const std::shared_ptr<const void>& owner) {
    const Layout layout = source.format.layout;
    const bool texts = layout == Layout::text64, numbers = layout == Layout::int64 || layout == Layout::float64;
    if (source.is_dictionary || (!texts && !numbers) || array.n_buffers != (texts ? 3 : 2) || array.offset < 0 ||
        array.length < parent.offset + parent.length || array.buffers == nullptr || array.buffers[1] == nullptr)
        return std::nullopt;
    Column::Parts parts;
    parts.type = source.format.type;
    parts.rows = std::size_t(parent.length);
    parts.owner = owner;
    const auto offset = std::size_t(array.offset + parent.offset);
    if (texts ? !lend_texts(array, offset, parts) : !lend_numbers(array, layout, offset, parts)) return std::nullopt;
    return Column(parts);
}

class Import {
public:
    Result<Unit> take_schema(const ArrowSchema& schema) {
        if (schema.format == nullptr || std::string_view(schema.format) != "+s")
            return fail(Status::INVALID_ARGUMENT, "expected columns, found {}",
                        schema.format == nullptr ? "nothing" : arrow_format_name(schema.format));
        if (schema.n_children < 1 || schema.n_children > std::int64_t(kColumnsMax) || schema.children == nullptr)
            return fail(Status::INVALID_ARGUMENT, "expected 1 to {} columns, found {}", kColumnsMax, schema.n_children);
        std::set<std::string> names;
        for (std::int64_t i = 0; i < schema.n_children; ++i) {
            const ArrowSchema* const child = schema.children[i];
            if (child == nullptr || child->format == nullptr)
                return fail(Status::INVALID_ARGUMENT, "column {} has no type", i);
            take_field(*child, names);
        }
        return outcome();
    }

    Result<Unit> take_array(OwnedArray array) {
        C2D_CHECK(check_shape(*array));
        if (array->n_children != std::int64_t(given_.size()) || array->children == nullptr)
            return fail(Status::INVALID_ARGUMENT, "a piece has {} columns, where the schema has {}", array->n_children,
                        given_.size());
        if (array->null_count > 0) return fail(Status::INVALID_ARGUMENT, "whole rows are missing: leave them out");
        pieces_.push_back(std::make_shared<OwnedArray>(std::move(array)));
        return Unit{};
    }

    Result<Table> finish() {
        Schema schema;
        std::vector<Column> columns;
        for (std::size_t i = 0; i < given_.size(); ++i) {
            Field field;
            field.name = given_[i].name;
            field.type = type_of(given_[i]);
            auto column = column_of(i);
            if (!column) complain(field.name, column.error().message);
            columns.push_back(column.value_or(Column()));
            schema.fields.push_back(std::move(field));
        }
        C2D_CHECK(outcome());
        return Table::make(std::move(schema), std::move(columns));
    }

private:
    static Type type_of(const GivenColumn& source) {
        return source.is_dictionary ? source.values.type : source.format.type;
    }

    void complain(const std::string& column, const std::string& what) {
        if (wrong_.size() < 1500)
            wrong_ += (wrong_.empty() ? "column " : "; column ") + display_text(column, 80) + ": " + what;
    }
    Result<Unit> outcome() const {
        if (wrong_.empty()) return Unit{};
        return fail(Status::INVALID_ARGUMENT, "the Arrow data are no table: {}", wrong_);
    }

    void take_field(const ArrowSchema& field, std::set<std::string>& names) {
        GivenColumn source;
        source.name = field.name == nullptr ? "" : field.name;
        const auto format = parse_arrow_format(field.format);
        if (source.name.empty() || source.name.size() > kNameBytesMax || !is_valid_utf8(source.name))
            complain(source.name, fmt::format("expected a name of 1 to {} bytes of UTF-8", kNameBytesMax));
        if (!names.insert(source.name).second) complain(source.name, "two columns have this name");
        if (!format) complain(source.name, arrow_format_name(field.format) + " is no type of a column");
        source.format = format.value_or(ArrowFormat{});
        if (field.dictionary != nullptr) {
            const auto values =
                field.dictionary->format == nullptr ? std::nullopt : parse_arrow_format(field.dictionary->format);
            if (!values || field.dictionary->dictionary != nullptr || source.format.type != Type::integer)
                complain(source.name, "a dictionary of what is no type of a column");
            source.is_dictionary = true;
            source.values = values.value_or(ArrowFormat{});
        }
        given_.push_back(std::move(source));
    }

    Result<Column> column_of(std::size_t index) const {
        const GivenColumn& source = given_[index];
        if (pieces_.size() == 1) {
            const ArrowArray& parent = **pieces_[0];
            if (const auto* const child = parent.children[index]; child != nullptr)
                if (auto column = view_of(source, *child, parent, pieces_[0])) return *std::move(column);
        }
        ColumnBuilder out(type_of(source));
        for (const auto& piece : pieces_) {
            const ArrowArray& parent = **piece;
            if (parent.children[index] == nullptr) return fail(Status::INVALID_ARGUMENT, "is not there");
            C2D_CHECK(append_array(out, source, *parent.children[index], parent));
        }
        return out.finish();
    }

    std::vector<GivenColumn> given_;
    std::vector<std::shared_ptr<OwnedArray>> pieces_;
    std::string wrong_;
};

/// What the producer says of its failure.
Error producer_failed(ArrowArrayStream& stream, int code, const char* doing) {
    const char* const text = stream.get_last_error != nullptr ? stream.get_last_error(&stream) : nullptr;
    return fail(Status::INVALID_ARGUMENT, "the Arrow producer failed at {}: {} ({})", doing,
                text != nullptr ? display_text(text) : "it does not say why", std::strerror(code));
}

}  // namespace

Result<Table> import_arrow(ArrowArrayStream* given) {
    OwnedArrow<ArrowArrayStream> stream(given);
    if (!stream.alive()) return fail(Status::INVALID_ARGUMENT, "the Arrow stream was released or read already");
    ArrowArrayStream& source = *stream.get();
    if (source.get_schema == nullptr || source.get_next == nullptr)
        return fail(Status::INVALID_ARGUMENT, "the Arrow stream lacks its functions");
    OwnedArrow<ArrowSchema> schema;
    if (const int code = source.get_schema(&source, schema.get()); code != 0)
        return producer_failed(source, code, "its schema");
    if (!schema.alive()) return fail(Status::INVALID_ARGUMENT, "the Arrow producer gave no schema");
    Import import;
    C2D_CHECK(import.take_schema(*schema));
    for (;;) {
        OwnedArray array;
        if (const int code = source.get_next(&source, array.get()); code != 0)
            return producer_failed(source, code, "a piece");
        if (!array.alive()) return import.finish();
        C2D_CHECK(import.take_array(std::move(array)));
    }
}

Result<Table> import_arrow(ArrowSchema* given_schema, ArrowArray* given_array) {
    OwnedArrow<ArrowSchema> schema(given_schema);
    OwnedArray array(given_array);
    if (!schema.alive() || !array.alive())
        return fail(Status::INVALID_ARGUMENT, "the Arrow array was released or read already");
    Import import;
    C2D_CHECK(import.take_schema(*schema));
    C2D_CHECK(import.take_array(std::move(array)));
    return import.finish();
}

}  // namespace c2d::table
