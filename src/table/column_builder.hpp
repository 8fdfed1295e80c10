/// A column in the making.
#pragma once

#include <c2d/table.hpp>

namespace c2d::table {

class ColumnBuilder {
public:
    explicit ColumnBuilder(Type type);

    Type type() const noexcept { return type_; }
    std::size_t rows() const noexcept;
    std::size_t missing() const noexcept { return missing_; }
    /// Bytes that it takes.
    std::size_t bytes() const noexcept;

    void add_integer(std::int64_t value) { data_->integers.push_back(value); }
    void add_number(double value) { data_->numbers.push_back(value); }
    void add_text(std::string_view text) {
        data_->bytes.append(text);
        data_->offsets.push_back(std::int64_t(data_->bytes.size()));
    }
    void add_missing();
    void reserve(std::size_t rows);

    /// So many more values to be set: zeros until then.
    std::int64_t* extend_integers(std::size_t rows);
    double* extend_numbers(std::size_t rows);
    /// A row that is there already, and whose value is zero or empty, is a missing cell.
    void mark_missing(std::size_t row);

    /// One value that is there.
    std::int64_t integer(std::size_t row) const noexcept { return data_->integers[row]; }
    double number(std::size_t row) const noexcept { return data_->numbers[row]; }
    std::string_view text(std::size_t row) const noexcept {
        const auto from = std::size_t(data_->offsets[row]);
        return std::string_view(data_->bytes).substr(from, std::size_t(data_->offsets[row + 1]) - from);
    }
    bool is_missing(std::size_t row) const noexcept {
        return row / 8 < data_->absent.size() && ((data_->absent[row / 8] >> (row % 8)) & 1) != 0;
    }

    /// What was gathered; the builder begins anew.
    Column finish();

private:
    struct Data {
        std::vector<std::int64_t> integers, offsets;
        std::vector<double> numbers;
        std::string bytes;
        /// A bit for each missing cell, and beyond its end none is; turned over at the end.
        std::vector<std::uint8_t> absent;
    };

    Type type_;
    std::shared_ptr<Data> data_;
    std::size_t missing_ = 0;
};

}  // namespace c2d::table
