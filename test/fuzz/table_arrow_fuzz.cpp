#include "fuzz/fuzz.hpp"

#include <c2d/arrow.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

using namespace c2d;
using namespace c2d::table;
using fuzz::require;

namespace {

constexpr std::size_t kColumns = 2;
constexpr const char* kFormats[] = {"b",   "c",    "C",       "i",      "l", "L",  "f", "g", "u",  "U",  "vu",  "tdD",
                                    "tdm", "tss:", "tsn:UTC", "d:20,5", "n", "+l", "z", "",  "d:", "ts", "tsx:"};
constexpr std::size_t kBytes = 4096;

/// Numbers out of the input; zeros behind its end.
class Input {
public:
    Input(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
    std::uint8_t byte() { return at_ < size_ ? data_[at_++] : 0; }
    void fill(std::uint8_t* out, std::size_t size) {
        for (std::size_t i = 0; i < size; ++i) out[i] = byte();
    }

private:
    const std::uint8_t* data_;
    std::size_t size_, at_ = 0;
};

/// An array whose buffers have room for every row that it says; what stands in them, and all else, is of the input.
struct Fuzzed {
    ArrowArray array{}, columns[kColumns]{}, dictionary{};
    ArrowArray* places[kColumns] = {&columns[0], &columns[1]};
    alignas(16) std::array<std::uint8_t, kBytes> present{}, values{}, texts{}, chosen{};
    std::int64_t sizes[1] = {kBytes};
    const void* buffers[4] = {};
    const void* dictionary_buffers[4] = {};
    const void* none[1] = {};
    int released = 0;

    void fill(Input& input) {
        input.fill(values.data(), 200);
        input.fill(texts.data(), 100);
        input.fill(present.data(), 16);
        input.fill(chosen.data(), 40);
        bound_offsets(values.data());
        const void* parts[] = {input.byte() % 2 != 0 ? present.data() : nullptr, values.data(), texts.data(), sizes};
        std::ranges::copy(parts, buffers);
        std::ranges::copy(parts, dictionary_buffers);
        const auto rows = std::int64_t(input.byte() % 20);
        for (auto& column : columns) {
            column.length = rows + std::int64_t(input.byte() % 3) - 1;
            column.offset = input.byte() % 4;
            column.null_count = std::int64_t(input.byte() % 3) - 1;
            column.n_buffers = input.byte() % 5;
            column.buffers = buffers;
            column.dictionary = input.byte() % 2 != 0 ? &dictionary : nullptr;
        }
        dictionary.length = input.byte() % 8;
        dictionary.n_buffers = input.byte() % 5;
        dictionary.buffers = dictionary_buffers;
        array.length = rows - (input.byte() == 7 ? 30 : 0);
        array.offset = input.byte() % 3;
        array.null_count = input.byte() == 9 ? 1 : 0;
        array.n_children = std::int64_t(kColumns) + (input.byte() == 5 ? 1 : 0);
        array.children = places;
        array.n_buffers = 1;
        array.buffers = none;
        array.private_data = this;
        array.release = [](ArrowArray* self) {
            ++static_cast<Fuzzed*>(self->private_data)->released;
            self->release = nullptr;
        };
    }
    /// The interface has no size of a buffer: a producer that lies about offsets cannot be found out. So they stay
    /// inside, as numbers of 32 and of 64 bits.
    static void bound_offsets(std::uint8_t* bytes) {
        for (std::size_t i = 0; i < 200; i += 4) {
            std::int32_t value = 0;
            std::memcpy(&value, bytes + i, 4);
            value = i % 8 == 4 ? (value < 0 ? -1 : 0) : value % 2000;
            std::memcpy(bytes + i, &value, 4);
        }
    }
};

struct FuzzedSchema {
    ArrowSchema schema{}, fields[kColumns]{}, dictionary{};
    ArrowSchema* places[kColumns] = {&fields[0], &fields[1]};
    char names[kColumns][8] = {};
    int released = 0;

    void fill(Input& input) {
        for (std::size_t i = 0; i < kColumns; ++i) {
            input.fill(reinterpret_cast<std::uint8_t*>(names[i]), 4);
            fields[i].name = names[i];
            fields[i].format = kFormats[input.byte() % std::size(kFormats)];
            fields[i].dictionary = input.byte() % 4 == 1 ? &dictionary : nullptr;
        }
        dictionary.format = kFormats[input.byte() % std::size(kFormats)];
        schema.format = input.byte() == 3 ? "l" : "+s";
        schema.n_children = kColumns;
        schema.children = places;
        schema.private_data = this;
        schema.release = [](ArrowSchema* self) {
            ++static_cast<FuzzedSchema*>(self->private_data)->released;
            self->release = nullptr;
        };
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    FuzzedSchema schema;
    Fuzzed array;
    schema.fill(input);
    array.fill(input);
    {
        const auto table = import_arrow(&schema.schema, &array.array);
        require(schema.schema.release == nullptr && array.array.release == nullptr,
                "what is taken is moved out of its place");
        require(schema.released == 1, "a schema is released once");
        if (table.ok()) {
            for (std::size_t i = 0; i < table->cols(); ++i)
                for (std::size_t row = 0; row < table->rows(); ++row)
                    require(cell_text_of(*table, row, i).ok(), "every cell has a text, or none");
            ArrowArrayStream stream{};
            export_arrow(*table, &stream);
            const auto again = import_arrow(&stream);
            require(again.ok() && again->rows() == table->rows(), "what is given out comes in again");
        } else {
            require(array.released == 1, "an array that is refused is released at once");
        }
    }
    require(array.released == 1, "an array is released once, with the last that views it");
    return 0;
}
