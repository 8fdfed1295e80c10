/// How much an answer may be.
#pragma once

#include "base/fail.hpp"
#include "table/file/writer.hpp"

#include <c2d/table_source.hpp>

namespace c2d::query {

inline Result<Unit> check_rows(const table::TableSource& source, std::uint64_t rows) {
    if (rows <= source.rows_max) return Unit{};
    return fail(Status::LIMIT, "the query gives more than {} rows; narrow it, or raise \"rows_max\"", source.rows_max);
}

inline Result<Unit> check_size(const table::TableSource& source, const table::TableFileWriter& out) {
    if (out.bytes() > source.bytes_max)
        return fail(Status::LIMIT, "the query gives more than {} bytes; narrow it, or raise \"bytes_max\"",
                    source.bytes_max);
    return check_rows(source, out.rows());
}

}  // namespace c2d::query
