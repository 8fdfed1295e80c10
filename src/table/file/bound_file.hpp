/// A table file under the schema that its reader has of it.
#pragma once

#include "table/constraint_check.hpp"
#include "table/file/format.hpp"
#include "table/file/reader.hpp"

#include <deque>

namespace c2d::table {

class BoundTableFile {
public:
    /// Columns that do not fit are problems. `unique_max`: as `TypedColumns`. `problems` must live as long.
    static Result<std::unique_ptr<BoundTableFile>> open(Source source, const ReadOptions& options,
                                                        std::size_t unique_max, Problems& problems);

    /// Of the columns that are kept, and of all.
    const Schema& schema() const noexcept { return schema_; }
    const Schema& whole_schema() const noexcept { return whole_schema_; }
    /// Columns of the next rows, held against constraints; nothing at the end.
    Result<std::optional<std::vector<Column>>> next(const char* doing);
    std::uint64_t rows() const noexcept { return rows_; }  ///< that were read
    /// What was noticed of ids, a line each.
    std::vector<std::string> notes() const;

private:
    BoundTableFile(TableFileReader reader, const ReadOptions& options, Problems& problems)
        : reader_(std::move(reader)), options_(options), problems_(problems) {}
    void give_roles();
    void bind(const Schema& wanted);
    void check(const Column& column, ConstraintCheck& check) const;

    TableFileReader reader_;
    ReadOptions options_;
    Problems& problems_;
    Schema schema_, whole_schema_;
    /// The columns that are kept, by their place in the file.
    std::vector<std::size_t> kept_;
    std::size_t unique_max_ = 0;
    /// They refer to fields of `schema_`.
    std::deque<ConstraintCheck> checks_;
    std::uint64_t rows_ = 0;
};

}  // namespace c2d::table
