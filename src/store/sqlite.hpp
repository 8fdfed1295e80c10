/// A thin, checked face of SQLite: open, prepare, bind, step. No SQLite type leaves this folder.
#pragma once

#include <c2d/types.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace c2d::store {

/// A prepared statement. Bind parameters from 1, read columns from 0; `step` says whether there is
/// a row. Use from one thread at a time.
class Statement {
public:
    Statement() = default;
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&& other) noexcept;
    ~Statement();

    Statement& bind(int index, std::int64_t value);
    Statement& bind(int index, std::uint64_t value) { return bind(index, std::int64_t(value)); }
    Statement& bind(int index, int value) { return bind(index, std::int64_t(value)); }
    Statement& bind(int index, BytesView value);
    Statement& bind(int index, std::string_view value);
    Statement& bind_null(int index);

    /// True: a row is there. False: done, and the statement is reset for the next use.
    Result<bool> step();
    /// Runs a statement that returns no row, and resets it.
    Result<Unit> run();
    void reset();

    std::uint64_t number(int column) const;
    bool is_null(int column) const;
    /// Copies of the column.
    Bytes blob(int column) const;
    std::string text(int column) const;
    /// The column when it holds exactly 32 bytes; otherwise `corrupt`.
    Result<Bytes32> bytes32(int column) const;
    /// The storage class: "integer", "real", "text", "blob" or "null".
    const char* type(int column) const;

private:
    friend class Database;
    sqlite3_stmt* statement_ = nullptr;
};

/// A connection. One thread at a time; several connections and processes may share a file.
class Database {
public:
    enum class Mode { create, existing };
    Database() = default;
    Database(Database&& other) noexcept;
    Database& operator=(Database&& other) noexcept;
    ~Database();

    /// Opens a file with full durability (a commit that returned survives power loss), waiting up to
    /// `busy_ms` for other processes; a new file gets WAL mode. ":memory:" is a private database.
    static Result<Database> open(const std::string& path, Mode mode, int busy_ms = 30'000);

    Result<Unit> execute(const char* sql);
    Result<Statement> prepare(std::string_view sql);
    /// Takes the write lock at once, so that what is read inside is what is written upon.
    Result<Unit> begin_write() { return begin_write_.run(); }
    Result<Unit> begin_read() { return begin_read_.run(); }
    Result<Unit> commit() { return commit_.run(); }
    void rollback() noexcept { (void)rollback_.run().ok(); }
    std::int64_t changes() const;
    /// Becomes a copy of another database, at what it holds now.
    Result<Unit> copy_from(Database& other);
    /// Called with the name of its table for each row that this connection writes, before the commit; not for
    /// tables WITHOUT ROWID. Must not use the connection. Empty: nobody.
    void on_change(std::function<void(std::string_view table)> listener);

private:
    Result<Unit> choose_journal(Mode mode);

    sqlite3* db_ = nullptr;
    std::string path_;
    /// Behind a pointer, which the connection keeps.
    std::unique_ptr<std::function<void(std::string_view)>> listener_;
    Statement begin_write_, begin_read_, commit_, rollback_;
};

/// Rolls back unless committed: nothing half-applied is ever visible.
class WriteTransaction {
public:
    static Result<WriteTransaction> begin(Database& db);
    WriteTransaction(WriteTransaction&& other) noexcept : db_(std::exchange(other.db_, nullptr)) {}
    ~WriteTransaction() {
        if (db_) db_->rollback();
    }
    Result<Unit> commit();

private:
    explicit WriteTransaction(Database& db) : db_(&db) {}
    Database* db_;
};

}  // namespace c2d::store
