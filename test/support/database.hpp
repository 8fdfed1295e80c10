/// A look into a database file, past the code that keeps it.
#pragma once

#include "store/sqlite.hpp"
#include "support/must.hpp"

#include <filesystem>
#include <string>

namespace c2d::support {

inline void execute(const std::filesystem::path& file, const char* sql) {
    auto db = must(store::Database::open(file.string(), store::Database::Mode::existing));
    must(db.execute(sql));
}

/// A column of the first row, which must be there.
inline std::string text_of(const std::filesystem::path& file, const char* query, int column = 0) {
    auto db = must(store::Database::open(file.string(), store::Database::Mode::existing));
    auto statement = must(db.prepare(query));
    REQUIRE(must(statement.step()));
    return statement.text(column);
}

}  // namespace c2d::support
