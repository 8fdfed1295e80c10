/// c2d-engine: holds one party's keys, shares and peers in a joint run, beside the operator and out of its reach.
/// Started by c2d-sandbox-helper, of no use by hand: descriptor 3 is the peers' channel, 4 the operator's socket, 5 the
/// memory in which the provider says what it is for, and it what was opened (src/base/engine_start.hpp).

#include "base/checkpoint_area.hpp"
#include "base/engine_start.hpp"
#include "base/fail.hpp"
#include "base/forbid_files.hpp"
#include "base/kept_region.hpp"
#include "base/secret.hpp"
#include "base/try.hpp"
#include "mpc/core/kept_record.hpp"
#include "mpc/engine/server.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <openssl/crypto.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace {

enum { kPeers = 3, kOperator = 4, kProvider = 5 };

int failed(const char* what) {
    std::fprintf(stderr, "c2d-engine: %s\n", what);
    return static_cast<int>(c2d::mpc::engine::End::failed);
}

/// So much of the memory, which has a fixed size.
bool read_all(std::size_t from, std::span<std::uint8_t> out) {
    for (std::size_t got = 0; got < out.size();) {
        const ssize_t n = ::pread(kProvider, out.data() + got, out.size() - got, static_cast<off_t>(from + got));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        got += static_cast<std::size_t>(n);
    }
    return true;
}
bool write_all(std::size_t from, c2d::BytesView bytes) {
    if (::lseek(kProvider, static_cast<off_t>(from), SEEK_SET) != static_cast<off_t>(from)) return false;
    while (!bytes.empty()) {
        const ssize_t n = ::write(kProvider, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
    return true;
}

/// In the place of what was there.
bool say(const c2d::EngineReport& report) {
    std::string text = c2d::engine_report_text(report);
    text.resize(c2d::kEngineMemoryBytes);
    return write_all(0, c2d::as_bytes(text));
}

c2d::Result<c2d::EngineStart> read_start() {
    c2d::SecretBytes memory(c2d::kEngineMemoryBytes);
    if (!read_all(0, memory.span())) return c2d::Error(c2d::Status::IO, "cannot read what it is for");
    return c2d::engine_start_from(memory.text().substr(0, memory.text().find('\0')));
}

/// Where the memory ends that is not for checkpoints.
std::size_t end_of_kept(const c2d::EngineStart& start) {
    const off_t end = ::lseek(kProvider, 0, SEEK_END);
    const auto all = static_cast<std::uint64_t>(std::max<off_t>(end, 0));
    return all >= c2d::kEngineMemoryBytes + start.checkpoint_bytes
               ? static_cast<std::size_t>(all - start.checkpoint_bytes)
               : 0;
}

/// The records that the provider left there; they are cleared.
c2d::Result<std::vector<c2d::KeptRecordBytes>> take_records(std::size_t from, std::size_t room) {
    const auto cannot = [] { return c2d::Error(c2d::Status::IO, "cannot read what was kept"); };
    // Mostly there is nothing, and then no copy is made of a large memory.
    std::uint8_t first = 0;
    if (!read_all(from, {&first, 1})) return cannot();
    if (first == 0) return std::vector<c2d::KeptRecordBytes>();
    c2d::SecretBytes memory(room);
    if (!read_all(from, memory.span())) return cannot();
    auto loaded = c2d::read_kept_region(memory.view());
    if (!loaded) return c2d::Error(c2d::Status::CORRUPT, "what was kept is not as the provider hands it over");
    const c2d::Bytes nothing(c2d::kept_region_bytes(*loaded));
    if (!write_all(from, nothing)) return c2d::Error(c2d::Status::IO, "cannot clear what was kept");
    return *std::move(loaded);
}

/// Behind that: what the party's model tokens hold, and in its place what this run keeps.
class SharesInMemory final : public c2d::mpc::KeptShares {
public:
    /// Null where there is no room for any.
    static c2d::Result<std::shared_ptr<SharesInMemory>> open(std::size_t end) {
        if (end <= c2d::kEngineMemoryBytes) return std::shared_ptr<SharesInMemory>();
        auto out = std::make_shared<SharesInMemory>();
        out->room_ = end - c2d::kEngineMemoryBytes;
        C2D_TRY(out->loaded_, take_records(c2d::kEngineMemoryBytes, out->room_));
        return out;
    }

    c2d::Result<c2d::Unit> put(std::string_view name, c2d::BytesView record) override {
        const auto same = [&](const c2d::KeptRecordBytes& one) { return one.name == name; };
        if (std::ranges::any_of(kept_, same))
            return c2d::fail(c2d::Status::CONFLICT, "\"{}\" was kept already in this run", name);
        C2D_TRY(const auto read, c2d::mpc::decode_kept(record));
        kept_.push_back({std::string(name), read.binding, {record.begin(), record.end()}});
        const std::size_t bytes = c2d::kept_region_bytes(kept_);
        c2d::SecretBytes region(std::min(bytes, room_));
        if (!c2d::write_kept_region(kept_, region.span())) {
            kept_.pop_back();
            return c2d::fail(c2d::Status::LIMIT, "a run may keep {} names and {} bytes of shares", c2d::kKeptRecordsMax,
                             room_);
        }
        if (write_all(c2d::kEngineMemoryBytes, region.view())) return c2d::Unit{};
        return c2d::Error(c2d::Status::IO, "cannot hand over what is kept");
    }
    c2d::Result<c2d::Bytes> get(std::string_view name) override {
        for (const auto& one : loaded_)
            if (one.name == name) return c2d::Bytes(one.bytes.begin(), one.bytes.end());
        return c2d::fail(c2d::Status::NOT_FOUND, "this party has no model token over an output \"{}\"", name);
    }

private:
    std::size_t room_ = 0;
    std::vector<c2d::KeptRecordBytes> loaded_, kept_;
};

/// Behind all that: checkpoints of an earlier attempt, and in their place those of this one.
class CheckpointsInMemory final : public c2d::mpc::Checkpoints {
public:
    static c2d::Result<std::shared_ptr<CheckpointsInMemory>> open(std::size_t from, std::size_t room) {
        if (room < 4 * c2d::CheckpointHead::kBytes) return std::shared_ptr<CheckpointsInMemory>();
        auto out = std::make_shared<CheckpointsInMemory>();
        out->from_ = from;
        out->room_ = room;
        C2D_TRY(out->loaded_, take_records(from, room));
        return out;
    }

    c2d::Result<c2d::Unit> put(c2d::BytesView record) override {
        const c2d::CheckpointHead whole{number_ + 1, number_ + 1, record.size()};
        const std::size_t at = from_ + c2d::checkpoint_half(room_, whole.first);
        if (!whole.is_whole(room_ / 2))
            return c2d::fail(c2d::Status::LIMIT, "there is no room for a checkpoint of {} bytes", record.size());
        const auto begun = c2d::CheckpointHead{whole.first, 0, record.size()}.written();
        if (!write_all(at, begun) || !write_all(at + begun.size(), record) || !write_all(at, whole.written()))
            return c2d::Error(c2d::Status::IO, "cannot hand over a checkpoint");
        ++number_;
        return c2d::Unit{};
    }
    /// A provider hands over what earlier attempts left, and nothing else.
    c2d::Result<std::vector<c2d::Bytes>> before(std::uint32_t) override {
        std::vector<c2d::Bytes> out;
        for (const auto& one : loaded_) out.emplace_back(one.bytes.begin(), one.bytes.end());
        loaded_.clear();
        return out;
    }

private:
    std::size_t from_ = 0, room_ = 0;
    std::uint64_t number_ = 0;
    std::vector<c2d::KeptRecordBytes> loaded_;
};

}  // namespace

int main() {
    // Before anything is read: from here on nobody of the same user looks at this process or attaches to it.
    if (::prctl(PR_SET_DUMPABLE, 0) != 0) return failed("cannot become unreadable");
    auto start = read_start();
    if (!start) return failed(start.error().message.c_str());
    if (!say({})) return failed("cannot tell what was opened");
    const std::size_t end = end_of_kept(*start);
    if (end == 0) return failed("the memory is smaller than the checkpoints in it");
    auto kept = SharesInMemory::open(end);
    if (!kept) return failed(kept.error().message.c_str());
    auto checkpoints = CheckpointsInMemory::open(end, static_cast<std::size_t>(start->checkpoint_bytes));
    if (!checkpoints) return failed(checkpoints.error().message.c_str());
    // Read while files can still be.
    ::OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, nullptr);
    if (const auto wall = c2d::forbid_files(); !wall) return failed(wall.error().message.c_str());
    // The operator is started when this is there.
    if (::write(kOperator, "e", 1) != 1) return failed("nobody is there");
    c2d::EngineReport report;
    const auto tell = [&report] {
        // Nothing is opened of which the owner would not hear.
        if (!say(report)) ::_exit(failed("cannot tell what was opened"));
    };
    c2d::mpc::engine::Listener listener;
    listener.opened = [&](const std::vector<c2d::mpc::Disclosure>& opened) {
        for (const auto& [kind, count] : opened) report.opened[kind] = count;
        tell();
    };
    listener.aligned = [&](const c2d::mpc::Alignment& found) {
        report.alignments.push_back({{found.table_rows[0], found.table_rows[1]}, found.common});
        tell();
    };
    listener.rule = [&](const c2d::Bytes32& digest) {
        report.rules.push_back(digest);
        tell();
    };
    listener.peer_gone = [&] {
        report.peer_gone = true;
        tell();
    };
    listener.resumed = [&](const c2d::mpc::Resumed& resumed, const auto& opened) {
        report.opened_before = opened;
        const std::uint64_t numbers[] = {resumed.attempt, resumed.number, resumed.step};
        std::ranges::copy(numbers, report.resumed);
        tell();
    };
    return static_cast<int>(
        c2d::mpc::engine::serve(kOperator, kPeers, *std::move(start), listener, *kept, *checkpoints));
}
