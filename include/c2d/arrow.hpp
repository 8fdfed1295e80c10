/// Tables from and to Arrow's C data and stream interface, without linking Arrow.
///
/// What is taken in is released exactly once, whether a call succeeds or fails: at once where its cells were copied,
/// with the last column that views them where they were not. What is given out releases what it holds when its reader
/// says so, and may outlive the table.
#pragma once

#include <c2d/arrow_abi.h>
#include <c2d/table.hpp>

namespace c2d::table {

/// All rows of a stream. Columns of truth values, integers, floating and decimal numbers, texts, dates, timestamps and
/// dictionaries of these are taken, others refused by name. A NaN is a missing cell; an infinite number is refused.
/// Fails with `invalid_argument`, which names every column that cannot be taken, or what the producer says.
Result<Table> import_arrow(ArrowArrayStream* stream);
/// One array of struct type, as a record batch is.
Result<Table> import_arrow(ArrowSchema* schema, ArrowArray* array);

/// Fills *out with a stream of one array. Texts are large UTF-8; dates have 32 bits, datetimes microseconds.
void export_arrow(const Table& table, ArrowArrayStream* out);
/// Fills *out with names and types.
void export_arrow_schema(const Schema& schema, ArrowSchema* out);

}  // namespace c2d::table
