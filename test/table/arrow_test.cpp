#include "support/must.hpp"

#include <c2d/arrow.hpp>

#include <cerrno>
#include <cstring>
#include <limits>

using namespace c2d;
using namespace c2d::table;
using support::must;

namespace {

/// How often what a producer gave was released.
struct Counts {
    int schemas = 0, arrays = 0, streams = 0;
};

/// An array of struct type with one child, on buffers of the test's own.
struct Piece {
    ArrowArray array{}, child{}, dictionary{};
    ArrowArray* children[1] = {&child};
    const void* buffers[4] = {};
    const void* none[1] = {};
    const void* values[3] = {};

    Piece(Counts& counts, std::int64_t rows, std::vector<const void*> parts) {
        std::copy(parts.begin(), parts.end(), buffers);
        child.length = rows;
        child.null_count = buffers[0] == nullptr ? 0 : -1;
        child.n_buffers = std::int64_t(parts.size());
        child.buffers = buffers;
        array.length = rows;
        array.n_children = 1;
        array.n_buffers = 1;
        array.buffers = none;
        array.children = children;
        array.private_data = &counts;
        array.release = [](ArrowArray* self) {
            ++static_cast<Counts*>(self->private_data)->arrays;
            self->release = nullptr;
        };
    }
};

/// A producer of pieces.
struct Producer {
    Counts counts;
    ArrowSchema schema{}, field{}, dictionary{};
    ArrowSchema* fields[1] = {&field};
    std::vector<ArrowArray> pieces;
    std::size_t next = 0;
    int fails_at = -1;
    ArrowArrayStream stream{};

    explicit Producer(const char* format, const char* name = "x") {
        field.format = format;
        field.name = name;
        schema.format = "+s";
        schema.n_children = 1;
        schema.children = fields;
        schema.private_data = &counts;
        schema.release = [](ArrowSchema* self) {
            ++static_cast<Counts*>(self->private_data)->schemas;
            self->release = nullptr;
        };
        stream.private_data = this;
        stream.get_schema = [](ArrowArrayStream* self, ArrowSchema* out) {
            *out = of(self).schema;
            return 0;
        };
        stream.get_next = [](ArrowArrayStream* self, ArrowArray* out) {
            Producer& here = of(self);
            if (int(here.next) == here.fails_at) return EIO;
            *out = here.next < here.pieces.size() ? here.pieces[here.next] : ArrowArray{};
            ++here.next;
            return 0;
        };
        stream.get_last_error = [](ArrowArrayStream*) { return "the disk \x1b[31m is gone"; };
        stream.release = [](ArrowArrayStream* self) {
            ++of(self).counts.streams;
            self->release = nullptr;
        };
    }
    static Producer& of(ArrowArrayStream* self) { return *static_cast<Producer*>(self->private_data); }

    Result<Table> import(std::initializer_list<Piece*> given) {
        for (auto* piece : given) pieces.push_back(piece->array);
        auto table = import_arrow(&stream);
        CHECK((stream.release == nullptr));
        CHECK(counts.streams == 1);
        CHECK(counts.schemas == 1);
        return table;
    }
};

template <class Value>
std::vector<std::int64_t> integers_of(const char* format, const std::vector<Value>& values) {
    Producer producer(format);
    Piece piece(producer.counts, std::int64_t(values.size()), {nullptr, values.data()});
    const Table table = must(producer.import({&piece}));
    return {table.column(0).integers().begin(), table.column(0).integers().end()};
}

std::string refusal(Producer& producer, std::initializer_list<Piece*> pieces) {
    const auto table = producer.import(pieces);
    REQUIRE_FALSE(table.ok());
    CHECK(table.status() == Status::INVALID_ARGUMENT);
    CHECK(producer.counts.arrays == int(std::min(producer.next, producer.pieces.size())));
    return table.error().message;
}

Table example() {
    return must(parse_csv(
        "id,income,age,opened,active,seen\nA,1.5,30,2024-01-31,true,2024-01-31T08:00:00\n"
        ",,,,,\n客户,-2.5,-3,1969-12-31,false,1969-12-31T23:59:59.5\n",
        "t.csv", {.schema = must(parse_schema(R"({"fields": [{"name": "id"}, {"name": "income", "type": "number"},
        {"name": "age", "type": "integer"}, {"name": "opened", "type": "date"}, {"name": "active", "type": "boolean"},
        {"name": "seen", "type": "datetime"}]})"))}));
}

std::string all_cells(const Table& table) {
    std::string out;
    for (std::size_t row = 0; row < table.rows(); ++row)
        for (std::size_t i = 0; i < table.cols(); ++i) out += must(cell_text_of(table, row, i)).value_or("-") + "|";
    return out;
}

}  // namespace

TEST_CASE("arrow: what is given out comes in as the same table, and outlives it") {
    ArrowArrayStream stream{};
    std::string wanted;
    {
        const Table table = example();
        wanted = all_cells(table);
        export_arrow(table, &stream);
    }
    const Table again = must(import_arrow(&stream));
    CHECK((stream.release == nullptr));
    CHECK(all_cells(again) == wanted);
    CHECK(again.field(3).type == Type::date);
    const Table some = must(again.take(std::vector<std::uint64_t>{2}));
    export_arrow(some, &stream);
    CHECK(all_cells(must(import_arrow(&stream))) == all_cells(some));
    export_arrow(must(example().take({})), &stream);
    CHECK(must(import_arrow(&stream)).rows() == 0);
}

TEST_CASE("arrow: a stream that nobody reads is released, and so is a schema") {
    ArrowArrayStream stream{};
    export_arrow(example(), &stream);
    ArrowSchema schema{};
    CHECK(stream.get_schema(&stream, &schema) == 0);
    CHECK(std::string(schema.children[1]->format) == "g");
    schema.release(&schema);
    ArrowArray array{};
    CHECK(stream.get_next(&stream, &array) == 0);
    stream.release(&stream);
    CHECK((stream.release == nullptr));
    CHECK(array.length == 3);  // it lives on
    array.release(&array);
}

TEST_CASE("arrow: integers of every width") {
    using Wanted = std::vector<std::int64_t>;
    CHECK(integers_of<std::int8_t>("c", {-1, 5}) == Wanted{-1, 5});
    CHECK(integers_of<std::uint8_t>("C", {255}) == Wanted{255});
    CHECK(integers_of<std::int16_t>("s", {-300}) == Wanted{-300});
    CHECK(integers_of<std::uint16_t>("S", {65535}) == Wanted{65535});
    CHECK(integers_of<std::int32_t>("i", {-70000}) == Wanted{-70000});
    CHECK(integers_of<std::uint32_t>("I", {4000000000}) == Wanted{4000000000});
    CHECK(integers_of<std::int64_t>("l", {-1, INT64_MAX}) == Wanted{-1, INT64_MAX});
    CHECK(integers_of<std::uint64_t>("L", {7}) == Wanted{7});
    CHECK(integers_of<std::int32_t>("tdD", {-1}) == Wanted{-1});
    CHECK(integers_of<std::int64_t>("tdm", {-1, 86400000}) == Wanted{-1, 1});
    CHECK(integers_of<std::int64_t>("tss:", {-1}) == Wanted{-1000000});
    CHECK(integers_of<std::int64_t>("tsm:UTC", {5}) == Wanted{5000});
    CHECK(integers_of<std::int64_t>("tsn:", {-1, 1999}) == Wanted{-1, 1});
}

TEST_CASE("arrow: numbers; a NaN is missing, an infinite one refused") {
    const double nan = std::numeric_limits<double>::quiet_NaN(), infinite = std::numeric_limits<double>::infinity();
    {
        Producer producer("g");
        const double values[] = {1.5, nan};
        Piece piece(producer.counts, 2, {nullptr, values});
        const Table table = must(producer.import({&piece}));
        CHECK(table.column(0).missing() == 1);
        CHECK(table.column(0).numbers()[0] == 1.5);
    }
    Producer producer("g");
    const double values[] = {1.5, -infinite};
    Piece piece(producer.counts, 2, {nullptr, values});
    CHECK(refusal(producer, {&piece}).find("column x: row 1: is not finite") != std::string::npos);
}

TEST_CASE("arrow: decimals, bits and validity with an offset") {
    {
        Producer producer("d:10,2");
        const std::int64_t values[] = {12345, 0, -100, -1};
        Piece piece(producer.counts, 2, {nullptr, values});
        const Table table = must(producer.import({&piece}));
        CHECK(table.column(0).numbers()[0] == 123.45);
        CHECK(table.column(0).numbers()[1] == -1);
    }
    Producer producer("b");
    const std::uint8_t present[] = {0b10111011}, bits[] = {0b11001100};
    Piece piece(producer.counts, 4, {present, bits});
    piece.child.offset = 1;
    piece.child.length = 6;
    piece.array.offset = 1;
    const Table table = must(producer.import({&piece}));  // bits 2 to 5
    CHECK(table.column(0).is_missing(0));
    CHECK((table.column(0).integers()[1] == 1 && table.column(0).integers()[2] == 0));
    CHECK(table.column(0).missing() == 1);
}

TEST_CASE("arrow: a view is released with the last column, a copy at once") {
    Producer producer("g");
    const double values[] = {1.5, 2.5};
    Piece piece(producer.counts, 2, {nullptr, values});
    Column column;
    {
        const Table table = must(producer.import({&piece}));
        column = table.column(0);
        CHECK(column.numbers().data() == values);  // not copied
    }
    CHECK(producer.counts.arrays == 0);
    column = Column();
    CHECK(producer.counts.arrays == 1);
    Producer letters("U");
    const std::int64_t offsets[] = {0, 3, 3, 9};
    const std::uint8_t present[] = {0b101};
    Piece texts(letters.counts, 3, {present, offsets, "abc客户"});
    {
        const Table table = must(letters.import({&texts}));
        CHECK(table.column(0).missing() == 1);
        CHECK(table.column(0).text(2).data() == static_cast<const char*>(texts.buffers[2]) + 3);
        CHECK(letters.counts.arrays == 0);
    }
    CHECK(letters.counts.arrays == 1);
    Producer twice("g");
    Piece first(twice.counts, 2, {nullptr, values}), second(twice.counts, 1, {nullptr, values});
    const Table table = must(twice.import({&first, &second}));
    CHECK(table.rows() == 3);
    CHECK(twice.counts.arrays == 2);
}

TEST_CASE("arrow: texts of three layouts, and dictionaries") {
    const char* bytes = "abc客户";
    {
        Producer producer("u");
        const std::int32_t offsets[] = {0, 3, 9};
        Piece piece(producer.counts, 2, {nullptr, offsets, bytes});
        CHECK(must(producer.import({&piece})).column(0).text(1) == "客户");
    }
    {
        Producer producer("vu");
        struct View {
            std::int32_t length;
            char inlined[4];
            std::int32_t buffer, offset;
        };
        const char* data = "a text of more than twelve bytes";
        const std::int64_t sizes[] = {32};
        const View views[] = {{3, {'a', 'b', 'c', 0}, 0, 0}, {28, {}, 0, 4}};
        Piece piece(producer.counts, 2, {nullptr, views, data, sizes});
        const Table table = must(producer.import({&piece}));
        CHECK(table.column(0).text(0) == "abc");
        CHECK(table.column(0).text(1) == "xt of more than twelve bytes");
    }
    Producer producer("c");
    producer.dictionary.format = "U";
    producer.field.dictionary = &producer.dictionary;
    const std::int8_t indices[] = {1, 0, 1};
    const std::int64_t offsets[] = {0, 3, 9};
    Piece piece(producer.counts, 3, {nullptr, indices});
    piece.values[1] = offsets;
    piece.values[2] = bytes;
    piece.dictionary.length = 2;
    piece.dictionary.n_buffers = 3;
    piece.dictionary.buffers = piece.values;
    piece.child.dictionary = &piece.dictionary;
    const Table table = must(producer.import({&piece}));
    CHECK(table.field(0).type == Type::string);
    CHECK((table.column(0).text(0) == "客户" && table.column(0).text(1) == "abc"));
}

TEST_CASE("arrow: types that no column has are refused by name") {
    for (const auto& [format, name] :
         {std::pair("+l", "a list"), std::pair("z", "bytes"), std::pair("tDu", "a duration"),
          std::pair("e", "a half float"), std::pair("d:10,2,256", "d:10,2,256"), std::pair("?", "?")}) {
        Producer producer(format);
        CHECK(refusal(producer, {}).find(name) != std::string::npos);
    }
    Producer producer("g", "");
    CHECK(refusal(producer, {}).find("expected a name") != std::string::npos);
}

TEST_CASE("arrow: producers that break their promises are refused, and released once") {
    const double values[] = {1, 2};
    {
        Producer producer("g");  // a piece of another schema
        Piece piece(producer.counts, 2, {nullptr, values});
        piece.array.n_children = 2;
        CHECK(refusal(producer, {&piece}).find("a piece has 2 columns, where the schema has 1") != std::string::npos);
    }
    {
        Producer producer("g");
        Piece piece(producer.counts, 2, {nullptr, values});
        piece.child.length = 1;
        CHECK(refusal(producer, {&piece}).find("has 1 rows, where the others have 2") != std::string::npos);
    }
    {
        Producer producer("U");
        Piece piece(producer.counts, 2, {nullptr, values});
        CHECK(refusal(producer, {&piece}).find("has 2 buffers, where its type has 3") != std::string::npos);
    }
    {
        Producer producer("U");
        const std::int64_t offsets[] = {5, 3, 9};
        Piece piece(producer.counts, 2, {nullptr, offsets, "abcdefghi"});
        CHECK(refusal(producer, {&piece}).find("ends before it begins") != std::string::npos);
    }
    {
        Producer producer("u");
        const std::int32_t offsets[] = {0, 2};
        Piece piece(producer.counts, 1, {nullptr, offsets, "\xff\xfe"});
        CHECK(refusal(producer, {&piece}).find("not UTF-8") != std::string::npos);
    }
    {
        Producer producer("g");
        Piece piece(producer.counts, -1, {nullptr, values});
        CHECK(refusal(producer, {&piece}).find("cannot be") != std::string::npos);
    }
    Producer producer("g");
    producer.fails_at = 1;
    Piece piece(producer.counts, 2, {nullptr, values});
    CHECK(refusal(producer, {&piece}).find("failed at a piece: the disk \\x1b[31m is gone") != std::string::npos);
}

TEST_CASE("arrow: what was released or read already") {
    ArrowArrayStream stream{};
    CHECK(import_arrow(&stream).error().message.find("released or read already") != std::string::npos);
    export_arrow(example(), &stream);
    CHECK(import_arrow(&stream).ok());
    CHECK(import_arrow(&stream).status() == Status::INVALID_ARGUMENT);
    ArrowSchema schema{};
    ArrowArray array{};
    CHECK(import_arrow(&schema, &array).status() == Status::INVALID_ARGUMENT);
    // One of the two is there: it is released all the same.
    export_arrow_schema(example().schema(), &schema);
    CHECK(import_arrow(&schema, &array).status() == Status::INVALID_ARGUMENT);
    CHECK((schema.release == nullptr));
}
