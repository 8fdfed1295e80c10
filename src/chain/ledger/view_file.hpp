/// The rows of a view: state, hash of each block, indexes. In memory since their block was taken,
/// later in a SQLite file of the process's own, never in the ledger file.
#pragma once

#include "chain/ledger/block.hpp"
#include "store/sqlite.hpp"

#include <functional>
#include <set>
#include <unordered_map>

namespace c2d::ledger {

/// A block with everything that follows from it.
struct AppliedBlock {
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
/// Topic 0 always; others unless they are zero: the code of success selects nothing.
bool is_indexed(std::size_t t, const Bytes32& topic);

/// Rows of consecutive blocks. Threads may read the same ones.
class ViewRows {
public:
    /// The block after the last one, whose writes move here.
    void take(AppliedBlock& block);
    /// Joins those of the blocks before.
    void prepend(ViewRows&& earlier);

    std::size_t size() const noexcept { return state_.size() + places_.size() + blocks_.size(); }
    /// The last block; only when there is one.
    const Head& head() const { return blocks_.back(); }
    /// Null when these blocks did not write it.
    const Bytes* get(const std::string& key) const;
    /// Adds those of these blocks' keys that begin so.
    void keys_below(const std::string& prefix, std::set<std::string>& out) const;
    /// Null when the block is not one of these.
    const Head* block(std::uint64_t number) const;
    /// Appends the numbers of these blocks in [from, to].
    void find(IndexKey key, std::uint64_t from, std::uint64_t to, std::vector<std::uint64_t>& out) const;

private:
    friend class ViewFile;
    struct Place {
        IndexKey key;
        std::uint64_t block;
        auto operator<=>(const Place&) const = default;
    };
    std::unordered_map<std::string, Bytes> state_;
    std::vector<Place> places_;
    std::vector<Head> blocks_;
};

/// A connection to the file, for one thread at a time; several, and several processes, may share
/// it.
class ViewFile {
public:
    /// An empty path: a temporary file that ends with the object. Fails with `corrupt` for a file
    /// that is damaged, of another version or of another ledger.
    static Result<ViewFile> open(const std::string& path, const Bytes32& genesis);

    /// A temporary one that holds what `other` holds now.
    static Result<ViewFile> copy_of(ViewFile& other);

    /// From `begin_read` to `end_read`, what others write does not show.
    Result<Unit> begin_read() { return db_.begin_read(); }
    void end_read() noexcept { db_.rollback(); }

    Result<std::optional<Head>> head();
    Result<std::optional<Bytes>> get(const std::string& key);
    /// Adds the keys that begin so, one more than `count_max` at most.
    Result<Unit> keys_below(const std::string& prefix, std::size_t count_max, std::set<std::string>& out);
    Result<std::optional<Head>> block(std::uint64_t number);
    /// Appends the first `count_max` numbers of blocks in [from, to], in order.
    Result<Unit> find(IndexKey key, std::uint64_t from, std::uint64_t to, std::size_t count_max,
                      std::vector<std::uint64_t>& out);

    /// Writes the rows, unless another process wrote them or more. `with_lock` runs before the
    /// commit, while nobody else writes; when it fails, nothing is written.
    Result<Unit> write(const ViewRows& rows, const std::function<Result<Unit>()>& with_lock);

    /// Fails with `corrupt` when the other one, at the same head, holds anything else.
    Result<Unit> compare(ViewFile& other);

private:
    Result<Unit> make_tables(const Bytes32& genesis);
    Result<Unit> prepare();
    Result<Unit> put(const ViewRows& rows);

    store::Database db_;
    store::Statement get_state_, put_state_, get_head_, get_block_, put_block_, get_places_, put_place_;
};

}  // namespace c2d::ledger
