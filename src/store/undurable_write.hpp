/// A transaction that does not wait for the disk.
#pragma once

#include "base/try.hpp"
#include "store/sqlite.hpp"

#include <optional>

namespace c2d::store {

/// For what may be lost in a power cut together with whatever is built upon it. The end of the process takes nothing of
/// it, the order of commits holds, and the next commit of a WriteTransaction takes it to the disk, too. In WAL mode
/// alone.
class UndurableWrite {
public:
    explicit UndurableWrite(Database& db) : db_(db) {}
    ~UndurableWrite() {
        write_.reset();
        (void)db_.execute("PRAGMA synchronous = FULL").ok();
    }
    UndurableWrite(const UndurableWrite&) = delete;
    UndurableWrite& operator=(const UndurableWrite&) = delete;

    Result<Unit> begin() {
        C2D_CHECK(db_.execute("PRAGMA synchronous = NORMAL"));
        C2D_TRY(auto begun, WriteTransaction::begin(db_));
        write_.emplace(std::move(begun));
        return Unit{};
    }
    Result<Unit> commit() { return write_->commit(); }

private:
    Database& db_;
    std::optional<WriteTransaction> write_;
};

}  // namespace c2d::store
