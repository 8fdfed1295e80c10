/// A table that is no file: flags of commands that take one, and its check.
#pragma once

#include "tools/cli/command.hpp"

#include <c2d/table.hpp>
#include <c2d/table_source.hpp>

#include <string>

namespace c2d::cli {

struct SourceFlags {
    std::string sqlite, odbc, query, password;

    void declare(Args& args);
    /// Those of which one must be there where no file is named.
    std::vector<CLI::Option*> options;

    bool given() const noexcept { return !sqlite.empty() || !odbc.empty(); }
    /// As messages call it.
    std::string name(const std::string& file) const;
    /// The file, or what the database answers, checked. Fails with `invalid_argument` for both, or for a part of one.
    Result<table::CheckReport> check(const std::string& file, const table::ReadOptions& options) const;

private:
    Result<table::TableSource> source() const;
};

}  // namespace c2d::cli
