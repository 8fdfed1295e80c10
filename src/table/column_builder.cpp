#include "table/column_builder.hpp"

namespace c2d::table {

ColumnBuilder::ColumnBuilder(Type type) : type_(type), data_(std::make_shared<Data>()) {
    if (type_ == Type::string) data_->offsets.push_back(0);
}

std::size_t ColumnBuilder::rows() const noexcept {
    if (type_ == Type::string) return data_->offsets.size() - 1;
    return type_ == Type::number ? data_->numbers.size() : data_->integers.size();
}

std::size_t ColumnBuilder::bytes() const noexcept {
    return (data_->integers.capacity() + data_->offsets.capacity() + data_->numbers.capacity()) * 8 +
           data_->bytes.capacity() + data_->absent.capacity();
}

void ColumnBuilder::add_missing() {
    if (type_ == Type::string)
        add_text({});
    else if (type_ == Type::number)
        add_number(0);
    else
        add_integer(0);
    mark_missing(rows() - 1);
}

void ColumnBuilder::reserve(std::size_t rows) {
    if (type_ == Type::string)
        data_->offsets.reserve(rows + 1);
    else if (type_ == Type::number)
        data_->numbers.reserve(rows);
    else
        data_->integers.reserve(rows);
}

std::int64_t* ColumnBuilder::extend_integers(std::size_t rows) {
    data_->integers.resize(data_->integers.size() + rows);
    return data_->integers.data() + data_->integers.size() - rows;
}

double* ColumnBuilder::extend_numbers(std::size_t rows) {
    data_->numbers.resize(data_->numbers.size() + rows);
    return data_->numbers.data() + data_->numbers.size() - rows;
}

void ColumnBuilder::mark_missing(std::size_t row) {
    if (data_->absent.size() <= row / 8) data_->absent.resize(row / 8 + 1);
    data_->absent[row / 8] |= std::uint8_t(1u << (row % 8));
    ++missing_;
}

Column ColumnBuilder::finish() {
    Column::Parts parts;
    parts.type = type_;
    parts.rows = rows();
    parts.missing = missing_;
    if (missing_ != 0) {
        data_->absent.resize((parts.rows + 7) / 8);
        for (auto& bits : data_->absent) bits = std::uint8_t(~bits);
        parts.present = data_->absent.data();
    }
    parts.integers = data_->integers;
    parts.numbers = data_->numbers;
    parts.offsets = data_->offsets;
    parts.bytes = data_->bytes.data();
    parts.owner = std::move(data_);
    data_ = std::make_shared<Data>();
    if (type_ == Type::string) data_->offsets.push_back(0);
    missing_ = 0;
    return Column(std::move(parts));
}

}  // namespace c2d::table
