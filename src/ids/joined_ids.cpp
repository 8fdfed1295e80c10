#include "ids/joined_ids.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"

#include <algorithm>

namespace c2d {
namespace {

std::string_view value_of(const mpc::IdColumn& column, std::size_t row) {
    const std::uint64_t begin = column.offsets[row], end = column.offsets[row + 1];
    return as_text(column.bytes.subspan(begin, end - begin));
}

Result<Unit> check_column(const mpc::IdColumn& column, std::size_t number, std::size_t rows) {
    if (column.rows() != rows)
        return fail(Status::INVALID_ARGUMENT, "id column {} has {} rows, expected {} as in column 0", number,
                    column.rows(), rows);
    if (column.offsets.empty() || column.offsets.back() > column.bytes.size() ||
        !std::ranges::is_sorted(column.offsets))
        return fail(Status::INVALID_ARGUMENT, "id column {}: the offsets must ascend and end within its {} bytes",
                    number, column.bytes.size());
    return Unit{};
}

}  // namespace

Result<JoinedIds> JoinedIds::open(std::span<const mpc::IdColumn> columns, const mpc::IdRule& rule) {
    if (columns.empty() || columns.size() > mpc::kIdColumnsMax)
        return fail(Status::INVALID_ARGUMENT, "ids need 1 to {} columns, found {}", mpc::kIdColumnsMax, columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i) C2D_CHECK(check_column(columns[i], i, columns[0].rows()));
    return JoinedIds(columns, rule);
}

IdProblem JoinedIds::append(std::size_t row, Bytes& out) {
    for (bad_column_ = 0; bad_column_ < columns_.size(); ++bad_column_) {
        const std::size_t at = out.size();
        out.resize(at + 4);
        const IdProblem problem = normaliser_.append(value_of(columns_[bad_column_], row), out);
        if (problem != IdProblem::none) return problem;
        const auto length = static_cast<std::uint32_t>(out.size() - at - 4);
        for (unsigned i = 0; i < 4; ++i) out[at + i] = static_cast<std::uint8_t>(length >> (8 * i));
    }
    return IdProblem::none;
}

bool JoinedIds::same_raw(std::size_t row, std::size_t other) const {
    return std::ranges::all_of(
        columns_, [&](const mpc::IdColumn& column) { return value_of(column, row) == value_of(column, other); });
}

}  // namespace c2d
