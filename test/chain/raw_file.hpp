/// SQLite without any of our checks: what somebody with write access to the file can do.
#pragma once

#include <c2d/types.hpp>

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <filesystem>
#include <string>
#include <vector>

namespace c2d {

class RawFile {
public:
    explicit RawFile(const std::filesystem::path& path) { REQUIRE(sqlite3_open(path.c_str(), &db_) == SQLITE_OK); }
    RawFile(const RawFile&) = delete;
    RawFile& operator=(const RawFile&) = delete;
    ~RawFile() { sqlite3_close(db_); }

    void run(const std::string& sql) {
        const int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
        REQUIRE_MESSAGE(code == SQLITE_OK, sql << ": " << sqlite3_errmsg(db_));
    }
    bool try_run(const std::string& sql) {
        return sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
    }
    /// Rows as text, each column with its type: equal only when the contents are.
    std::vector<std::string> rows(const std::string& sql) {
        std::vector<std::string> out;
        sqlite3_stmt* statement = nullptr;
        if (sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) return {"unreadable"};
        int code = sqlite3_step(statement);
        for (; code == SQLITE_ROW; code = sqlite3_step(statement)) {
            auto& row = out.emplace_back();
            for (int i = 0; i < sqlite3_column_count(statement); ++i) row += column(statement, i) + "|";
        }
        if (code != SQLITE_DONE) out.emplace_back("unreadable");
        sqlite3_finalize(statement);
        return out;
    }
    std::uint64_t number(const std::string& sql) {
        const auto found = rows(sql);
        REQUIRE(found.size() == 1);
        return std::stoull(found[0].substr(2));
    }
    Bytes blob(const std::string& sql) {
        const auto found = rows(sql);
        REQUIRE(found.size() == 1);
        return parse_hex(found[0].substr(2, found[0].size() - 3)).value();
    }
    /// Everything that the file says.
    std::vector<std::string> contents() {
        std::vector<std::string> out = rows("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid");
        for (const auto& row : rows("SELECT * FROM blocks ORDER BY number")) out.push_back("blocks: " + row);
        return out;
    }

private:
    static std::string column(sqlite3_stmt* statement, int i) {
        switch (sqlite3_column_type(statement, i)) {
            case SQLITE_INTEGER: return "i:" + std::to_string(sqlite3_column_int64(statement, i));
            case SQLITE_NULL: return "null";
            default: break;
        }
        const char* kind = sqlite3_column_type(statement, i) == SQLITE_BLOB ? "b:" : "t:";
        const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement, i));
        return kind + hex_text({data, std::size_t(sqlite3_column_bytes(statement, i))}).substr(2);
    }

    sqlite3* db_ = nullptr;
};

inline std::string sql_blob(BytesView bytes) { return "x'" + hex_text(bytes).substr(2) + "'"; }

}  // namespace c2d
