/// What one process has replayed of a ledger. It follows from the blocks alone: its file may be
/// deleted, and is then replayed anew.
///
/// Blocks that were just taken are kept in memory and written in one go by `flush`; what a crash
/// loses of them is replayed again. Several processes may share the file.
#pragma once

#include "chain/ledger/view_file.hpp"
#include "contracts/state.hpp"

#include <future>
#include <memory>
#include <unordered_map>

namespace c2d::ledger {

/// One thread at a time. Reads happen inside a `Snapshot`, or through `to_append`.
class StateStore final : public contracts::State {
public:
    /// An empty path: a temporary file that ends with the object. A file of another version, of
    /// another ledger or one that is damaged is begun anew.
    static Result<std::unique_ptr<StateStore>> open(const std::string& path, const Bytes32& genesis);
    /// Removes what stands there, and begins anew: a view goes only forward.
    static Result<std::unique_ptr<StateStore>> begin_anew(const std::string& path, const Bytes32& genesis);
    /// Fails with `corrupt` instead.
    static Result<std::unique_ptr<StateStore>> open_existing(const std::string& path, const Bytes32& genesis);

    /// As long as one lives, other processes' writes to the file do not show.
    class Snapshot {
    public:
        explicit Snapshot(ViewFile& file) : file_(&file) {}
        Snapshot(Snapshot&& other) noexcept : file_(std::exchange(other.file_, nullptr)) {}
        ~Snapshot() {
            if (file_) file_->end_read();
        }

    private:
        ViewFile* file_;
    };
    /// Takes over what another process put into the file, if that is more than what is here.
    Result<Snapshot> snapshot();

    /// The state for who holds the ledger's write lock while the head is the ledger's last block:
    /// no other process can be further, so no snapshot is needed, and what was read from the file
    /// once is remembered.
    contracts::State& to_append() noexcept { return to_append_; }

    /// The last block taken; none before the first.
    const std::optional<Head>& head() const noexcept { return head_; }
    Result<std::optional<Bytes>> get(const std::string& key) override;
    /// Not for use: writes go through `take`.
    void put(const std::string& key, Bytes value) override;
    Result<std::set<std::string>> keys_below(const std::string& prefix, std::size_t count_max) override;
    Result<std::optional<Head>> block(std::uint64_t number);
    /// The first `count_max` numbers of blocks in [from, to], in order, each once.
    Result<std::vector<std::uint64_t>> find(IndexKey key, std::uint64_t from, std::uint64_t to,
                                            std::size_t count_max = SIZE_MAX);

    /// The block after the head, whose writes move here; no snapshot is needed.
    void take(AppliedBlock& block);
    /// Rows that are only in memory, and not on their way to the file.
    std::size_t unwritten() const noexcept { return rows_.size(); }

    // Each of these outside of snapshots.

    /// Writes them, and waits for those on their way. `with_lock` runs before the commit, while no
    /// other process flushes; when it fails, nothing is written.
    Result<Unit> flush(const std::function<Result<Unit>()>& with_lock = {});
    /// Lets a thread write them, over a connection of its own; not while `flushing`. `with_lock` is
    /// called there. A temporary view is flushed at once.
    Result<Unit> flush_behind(std::function<Result<Unit>()> with_lock);
    bool flushing() const noexcept { return behind_.valid(); }
    /// The end of `flush_behind`, once it is there or, when asked, awaited. What failed to be
    /// written is unwritten again.
    enum class Wait { no, yes };
    Result<Unit> finish_flush(Wait wait);

    /// Another view of the same rows, which stays as it is once a snapshot of it is taken. Flushed.
    Result<std::unique_ptr<StateStore>> fork();

    /// Fails with `corrupt` when the other one, at the same head, holds anything else. Both
    /// flushed.
    Result<Unit> compare(StateStore& other) { return file_.compare(other.file_); }

private:
    class ToAppend final : public contracts::State {
    public:
        explicit ToAppend(StateStore& view) : view_(view) {}
        Result<std::optional<Bytes>> get(const std::string& key) override;
        void put(const std::string& key, Bytes value) override;
        Result<std::set<std::string>> keys_below(const std::string& prefix, std::size_t count_max) override {
            return view_.keys_below(prefix, count_max);
        }
        /// Call when the file may hold something else than before.
        void forget() noexcept { from_file_.clear(); }

    private:
        StateStore& view_;
        std::unordered_map<std::string, std::optional<Bytes>> from_file_;
    };

    StateStore(ViewFile file, std::string path, const Bytes32& genesis)
        : file_(std::move(file)), path_(std::move(path)), genesis_(genesis) {}
    /// Null when it is not among the rows in memory.
    const Bytes* in_memory(const std::string& key) const;

    ViewFile file_;
    const std::string path_;
    const Bytes32 genesis_;
    std::optional<Head> head_;
    ViewRows rows_;
    /// The rows before those, on their way to the file.
    std::shared_ptr<ViewRows> leaving_;
    ToAppend to_append_{*this};
    /// For the thread that writes them.
    std::optional<ViewFile> writer_;
    /// The last member, since its end waits for that thread.
    std::future<Result<Unit>> behind_;
};

}  // namespace c2d::ledger
