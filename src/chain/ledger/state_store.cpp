#include "chain/ledger/state_store.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace c2d::ledger {

namespace {

/// Rows that appending remembers: those that every transaction of a sender reads, many times over.
constexpr std::size_t kRemembered = 4096;

void remove_database(const std::string& path) {
    std::error_code ignored;
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path + suffix, ignored);
}

}  // namespace

Result<std::unique_ptr<StateStore>> StateStore::open(const std::string& path, const Bytes32& genesis) {
    auto out = open_existing(path, genesis);
    if (out || out.status() != Status::CORRUPT || path.empty()) return out;
    return begin_anew(path, genesis);
}

Result<std::unique_ptr<StateStore>> StateStore::begin_anew(const std::string& path, const Bytes32& genesis) {
    if (!path.empty()) remove_database(path);
    return open_existing(path, genesis);
}

Result<std::unique_ptr<StateStore>> StateStore::open_existing(const std::string& path, const Bytes32& genesis) {
    C2D_TRY(auto file, ViewFile::open(path, genesis));
    std::unique_ptr<StateStore> out(new StateStore(std::move(file), path, genesis));
    C2D_TRY(out->head_, out->file_.head());
    return out;
}

Result<StateStore::Snapshot> StateStore::snapshot() {
    C2D_CHECK(file_.begin_read());
    Snapshot out(file_);
    // SQLite fixes what is seen with the first read.
    C2D_TRY(const auto stored, file_.head());
    if (stored && (!head_ || stored->number > head_->number)) {
        rows_ = {};
        leaving_ = nullptr;
        to_append_.forget();
        head_ = stored;
    }
    return out;
}

/// They cover all that changed since the file's head, wherever that stands.
const Bytes* StateStore::in_memory(const std::string& key) const {
    if (const auto* found = rows_.get(key)) return found;
    return leaving_ ? leaving_->get(key) : nullptr;
}

Result<std::optional<Bytes>> StateStore::get(const std::string& key) {
    if (const auto* found = in_memory(key)) return std::optional<Bytes>(*found);
    return file_.get(key);
}

void StateStore::put(const std::string&, Bytes) { std::abort(); }

Result<std::optional<Bytes>> StateStore::ToAppend::get(const std::string& key) {
    if (const auto* found = view_.in_memory(key)) return std::optional<Bytes>(*found);
    if (const auto found = from_file_.find(key); found != from_file_.end()) return found->second;
    auto value = view_.file_.get(key);
    if (from_file_.size() >= kRemembered) from_file_.clear();
    if (value) from_file_.emplace(key, *value);
    return value;
}

void StateStore::ToAppend::put(const std::string&, Bytes) { std::abort(); }

Result<std::set<std::string>> StateStore::keys_below(const std::string& prefix, std::size_t count_max) {
    std::set<std::string> keys;
    C2D_CHECK(file_.keys_below(prefix, count_max, keys));
    if (leaving_) leaving_->keys_below(prefix, keys);
    rows_.keys_below(prefix, keys);
    if (keys.size() > count_max) return fail(Status::LIMIT, "more than {} records begin with {}", count_max, prefix);
    return keys;
}

Result<std::optional<Head>> StateStore::block(std::uint64_t number) {
    if (const auto* found = rows_.block(number)) return std::optional<Head>(*found);
    if (const auto* found = leaving_ ? leaving_->block(number) : nullptr) return std::optional<Head>(*found);
    return file_.block(number);
}

Result<std::vector<std::uint64_t>> StateStore::find(IndexKey key, std::uint64_t from, std::uint64_t to,
                                                    std::size_t count_max) {
    std::vector<std::uint64_t> out;
    C2D_CHECK(file_.find(key, from, to, count_max, out));
    if (leaving_) leaving_->find(key, from, to, out);
    rows_.find(key, from, to, out);
    std::ranges::sort(out);
    out.erase(std::unique(out.begin(), out.end()), out.end());
    if (out.size() > count_max) out.resize(count_max);
    return out;
}

/// A file is shared, and its journal keeps what a reader saw; a temporary one is copied.
Result<std::unique_ptr<StateStore>> StateStore::fork() {
    if (!path_.empty()) return open_existing(path_, genesis_);
    C2D_TRY(auto file, ViewFile::copy_of(file_));
    std::unique_ptr<StateStore> out(new StateStore(std::move(file), path_, genesis_));
    C2D_TRY(out->head_, out->file_.head());
    return out;
}

void StateStore::take(AppliedBlock& block) {
    rows_.take(block);
    head_ = block.head;
}

Result<Unit> StateStore::flush(const std::function<Result<Unit>()>& with_lock) {
    // Where that failed, its rows are back, and written with the others.
    (void)finish_flush(Wait::yes).ok();
    C2D_CHECK(file_.write(rows_, with_lock));
    rows_ = {};
    to_append_.forget();
    return Unit{};
}

Result<Unit> StateStore::flush_behind(std::function<Result<Unit>()> with_lock) {
    if (path_.empty()) return flush(with_lock);
    leaving_ = std::make_shared<ViewRows>(std::exchange(rows_, {}));
    const auto write = [this, rows = std::shared_ptr<const ViewRows>(leaving_),
                        with_lock = std::move(with_lock)]() -> Result<Unit> {
        try {
            if (!writer_) {
                C2D_TRY(writer_, ViewFile::open(path_, genesis_));
            }
            return writer_->write(*rows, with_lock);
        } catch (const std::exception& error) {
            return Error(Status::INTERNAL, error.what());
        }
    };
    try {
        behind_ = std::async(std::launch::async, write);
    } catch (const std::system_error&) {
        // No thread could be started: written here, which keeps the caller waiting.
        rows_.prepend(std::move(*std::exchange(leaving_, nullptr)));
        return flush(with_lock);
    }
    return Unit{};
}

Result<Unit> StateStore::finish_flush(Wait wait) {
    using namespace std::chrono_literals;
    if (!behind_.valid()) return Unit{};
    if (wait == Wait::no && behind_.wait_for(0s) != std::future_status::ready) return Unit{};
    auto written = behind_.get();
    const auto rows = std::exchange(leaving_, nullptr);
    to_append_.forget();
    // Another process's writes may have replaced them meanwhile.
    if (!written && rows) rows_.prepend(std::move(*rows));
    return written;
}

}  // namespace c2d::ledger
