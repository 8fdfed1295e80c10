/// What one process has replayed of a ledger: the state, the hash of each block, and indexes. It
/// stands in a SQLite file of the process's own, never in the ledger file, and follows from the
/// blocks alone: it may be deleted, and is then replayed anew.
///
/// Blocks that were just taken are kept in memory and written in one go by `flush`; what a crash
/// loses of them is replayed again. Several processes may share the file.
#pragma once

#include "chain/ledger/block.hpp"
#include "contracts/state.hpp"
#include "store/sqlite.hpp"

#include <functional>
#include <memory>
#include <unordered_map>

namespace c2d::ledger {

/// A block with everything that follows from it.
struct TakenBlock {
    Head head;
    std::map<std::string, Bytes> writes;
    std::vector<Bytes32> transactions;
    std::vector<std::vector<Log>> receipts;
};

/// What an index is asked for; different questions may share a key, so candidates are filtered.
using IndexKey = std::uint64_t;
IndexKey index_key(const Bytes32& transaction);
/// Topic `t` of a contract's logs.
IndexKey index_key(const Address& contract, std::size_t t, const Bytes32& topic);
/// Topic 0 always; others unless they are small numbers: codes and counters select nothing.
bool is_indexed(std::size_t t, const Bytes32& topic);

/// One thread at a time. Reads happen inside a `Snapshot`.
class View final : public contracts::State {
public:
    /// An empty path: a temporary file that ends with the object. A file of another version, of
    /// another ledger or one that is damaged is begun anew.
    static Result<std::unique_ptr<View>> open(const std::string& path, const Bytes32& genesis);
    /// Fails with `corrupt` instead.
    static Result<std::unique_ptr<View>> open_existing(const std::string& path,
                                                       const Bytes32& genesis);

    /// As long as one lives, other processes' writes to the file do not show.
    class Snapshot {
    public:
        explicit Snapshot(View& view) : view_(&view) {}
        Snapshot(Snapshot&& other) noexcept : view_(std::exchange(other.view_, nullptr)) {}
        ~Snapshot() {
            if (view_) view_->db_.rollback();
        }

    private:
        View* view_;
    };
    /// Takes over what another process put into the file, if that is more than what is here.
    Result<Snapshot> snapshot();

    /// The last block taken; none before the first.
    const std::optional<Head>& head() const noexcept { return head_; }
    Result<std::optional<Bytes>> get(const std::string& key) override;
    /// Not for use: writes go through `take`.
    void put(const std::string& key, Bytes value) override;
    Result<std::optional<Bytes32>> block_hash(std::uint64_t number);
    /// Numbers of blocks in [from, to], in order, each once.
    Result<std::vector<std::uint64_t>> find(IndexKey key, std::uint64_t from, std::uint64_t to);

    /// The block after the head, whose writes move here; no snapshot is needed.
    void take(TakenBlock& block);
    /// Rows that are only in memory.
    std::size_t unwritten() const noexcept {
        return state_.size() + places_.size() + blocks_.size();
    }
    /// Writes them. `with_lock` runs before the commit, while no other process flushes; when it
    /// fails, nothing is written. Call outside of snapshots.
    Result<Unit> flush(const std::function<Result<Unit>()>& with_lock = {});

    /// Fails with `corrupt` when the other one, at the same head, holds anything else. Both
    /// flushed.
    Result<Unit> compare(View& other);

private:
    struct Row {
        IndexKey key;
        std::uint64_t block;
        auto operator<=>(const Row&) const = default;
    };

    Result<Unit> attach(const std::string& path, const Bytes32& genesis);
    Result<Unit> make_tables(const Bytes32& genesis);
    Result<Unit> prepare();
    Result<std::optional<Head>> stored_head();
    Result<Unit> write_rows();
    void forget_unwritten();

    store::Database db_;
    store::Statement get_state_, put_state_, get_head_, get_block_, put_block_, get_places_,
        put_place_;
    std::optional<Head> head_;
    std::unordered_map<std::string, Bytes> state_;
    std::vector<Row> places_;
    std::vector<Head> blocks_;
};

}  // namespace c2d::ledger
