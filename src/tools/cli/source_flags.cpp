#include "tools/cli/source_flags.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "codec/json.hpp"

namespace c2d::cli {

void SourceFlags::declare(Args& args) {
    options = {args.optional("--sqlite", sqlite, "an SQLite database in place of a file, which --query asks"),
               args.optional("--odbc", odbc,
                             "an ODBC connection without its password, as DSN=bank;UID=reader; --query asks it")};
    args.optional("--query", query, "what a database is asked: one SELECT");
    args.optional("--database_password", password, "file with the password of --odbc, mode 0600");
}

std::string SourceFlags::name(const std::string& file) const {
    if (!sqlite.empty()) return sqlite;
    return odbc.empty() ? file : "the database";
}

Result<table::TableSource> SourceFlags::source() const {
    auto value =
        json::Value::object({{sqlite.empty() ? "odbc" : "sqlite", sqlite.empty() ? odbc : sqlite}, {"query", query}});
    if (!password.empty()) value.set("password_file", password);
    return table::parse_table_source(json::compact(value));
}

Result<table::CheckReport> SourceFlags::check(const std::string& file,
                                              const table::ReadOptions& options_of_file) const {
    if (int(!file.empty()) + int(!sqlite.empty()) + int(!odbc.empty()) != 1)
        return fail(Status::INVALID_ARGUMENT,
                    "expected a file, --sqlite with --query or --odbc with --query: one of them");
    if (!given() && !(query.empty() && password.empty()))
        return fail(Status::INVALID_ARGUMENT, "--query and --database_password belong to --sqlite or --odbc");
    if (!given()) return table::check_table(file, options_of_file);
    C2D_TRY(const auto asked, source());
    return table::check_source(asked, options_of_file);
}

}  // namespace c2d::cli
