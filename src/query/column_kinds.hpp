/// What the columns of a SQLite query hold: there every cell has a type of its own, and what was declared binds nobody.
#pragma once

#include "store/read_only_query.hpp"

#include <c2d/table.hpp>

namespace c2d::query {

/// What one column was seen to hold.
class ColumnKinds {
public:
    /// `declared`: the type in the table's definition, in capitals; empty: none.
    explicit ColumnKinds(std::string declared) : declared_(std::move(declared)) {}

    /// One cell of row `row`, from 1.
    void see(store::ReadOnlyQuery::Kind kind, std::uint64_t row);
    /// The type, which follows from what is there; what is declared decides where nothing is, whether whole numbers are
    /// truth values or numbers, and whether texts are dates. Fails with `invalid_argument`, in words that follow the
    /// column's name.
    Result<table::Type> type() const;

private:
    bool declares(std::string_view word) const { return declared_.find(word) != declared_.npos; }
    table::Type declared_type() const;

    std::string declared_;
    /// The first row of each kind; 0: none.
    std::uint64_t integer_ = 0, number_ = 0, text_ = 0, bytes_ = 0;
};

}  // namespace c2d::query
