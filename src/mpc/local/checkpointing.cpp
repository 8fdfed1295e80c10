#include "mpc/local/checkpointing.hpp"

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/private_files.hpp"
#include "base/try.hpp"
#include "crypto/hash.hpp"

#include <algorithm>
#include <cstring>

namespace c2d::mpc {
namespace {

/// Steps between two looks at the clock, before anything is known of their pace and at most.
constexpr std::uint64_t kStepsFirst = 64, kStepsMax = 4096;
/// Milestones of one computation.
constexpr std::size_t kMilestonesMax = 4096;
constexpr const char* kBindingLabel = "c2d checkpoint 1";

/// An announcement: how often (ms), and attempt, number and digest of each checkpoint. Little-endian.
constexpr std::size_t kHeadBytes = 8, kNameBytes = 8 + 8 + 32;

void put_number(Bytes& out, std::uint64_t value) {
    for (unsigned i = 0; i < 8; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}
std::uint64_t number_at(BytesView bytes, std::size_t at) {
    std::uint64_t out = 0;
    for (unsigned i = 0; i < 8; ++i) out |= std::uint64_t{bytes[at + i]} << (8 * i);
    return out;
}

/// How a party calls a checkpoint; in the order of attempts and numbers.
struct Name {
    std::uint64_t attempt = 0, number = 0;
    Bytes32 digest;
    auto operator<=>(const Name&) const = default;
};

bool is_announcement(BytesView said) {
    return said.size() >= kHeadBytes && (said.size() - kHeadBytes) % kNameBytes == 0 &&
           (said.size() - kHeadBytes) / kNameBytes <= kCheckpointsKept;
}
std::vector<Name> names_in(BytesView said) {
    std::vector<Name> out;
    for (std::size_t at = kHeadBytes; at < said.size(); at += kNameBytes) {
        Name one{number_at(said, at), number_at(said, at + 8), {}};
        std::memcpy(one.digest.data.data(), said.data() + at + 16, one.digest.size());
        out.push_back(one);
    }
    return out;
}

}  // namespace

struct Checkpointing::Found {
    Name name;
    CheckpointRecord record;
};

Checkpointing::Checkpointing(const SessionOptions& options, Link& link, Backend& backend, Random& random,
                             Session session)
    : place_(options.checkpoints),
      backend_kind_(options.backend),
      every_(std::max(options.checkpoint_every, std::chrono::milliseconds(0))),
      attempt_(options.attempt),
      link_(link),
      backend_(backend),
      random_(random),
      session_(std::move(session)),
      steps_max_(place_ ? kStepsFirst : UINT64_MAX) {}

// ---------------------------------------------------------------- which one

/// What cannot be read is as good as not there.
Result<std::vector<Checkpointing::Found>> Checkpointing::found() const {
    std::vector<Found> out;
    C2D_TRY(const auto records, place_->before(attempt_));
    for (const Bytes& bytes : records) {
        auto record = decode_checkpoint(bytes);
        if (!record || record->party != link_.party() || record->backend != backend_kind_ ||
            record->attempt >= attempt_)
            continue;
        const Name name{record->attempt, record->number, common_digest(*record)};
        out.push_back({name, *std::move(record)});
    }
    std::ranges::sort(out, std::greater{}, &Found::name);
    // All parties try each once, also where one has a file twice.
    const auto same = [](const Found& a, const Found& b) { return a.name == b.name; };
    out.erase(std::unique(out.begin(), out.end(), same), out.end());
    if (out.size() > kCheckpointsKept) out.resize(kCheckpointsKept);
    return out;
}

Result<Unit> Checkpointing::agree() {
    if (!place_) return Unit{};
    C2D_TRY(const std::vector<Found> mine, found());
    Bytes said;
    put_number(said, static_cast<std::uint64_t>(every_.count()));
    for (const Found& one : mine) {
        put_number(said, one.name.attempt);
        put_number(said, one.name.number);
        said.insert(said.end(), one.name.digest.data.begin(), one.name.digest.data.end());
    }
    C2D_TRY(const std::vector<Bytes> all, session_.exchange(said));
    for (unsigned peer = 0; peer < kParties; ++peer)
        if (!is_announcement(all[peer]))
            return fail(Status::PEER, "party {} does not say what checkpoints it has", peer);
    for (const Bytes& one : all)
        every_ = std::min(every_, std::chrono::milliseconds(std::min<std::uint64_t>(number_at(one, 0), 86'400'000)));
    C2D_CHECK(take(mine, all));
    written_ = looked_ = Clock::now();
    return Unit{};
}

/// The newest first; one whose shares are not what the pairs hold is none.
Result<Unit> Checkpointing::take(const std::vector<Found>& mine, const std::vector<Bytes>& all) {
    for (const Found& one : mine) {
        const auto has = [&](const Bytes& said) { return std::ranges::count(names_in(said), one.name) != 0; };
        if (!std::ranges::all_of(all, has)) continue;
        CheckpointRecord record = one.record;
        C2D_TRY(const bool good, restore(record, one.name.digest));
        if (!good) continue;
        known_ = live_.size();
        opened_before_ = record.opened;
        resumed_ = Resumed{record.attempt, record.number, known_ == 0 ? 0 : live_.back().stone.step};
        return Unit{};
    }
    return Unit{};
}

/// Each pair compares what both hold of every tensor, and all hear whether that was so.
Result<bool> Checkpointing::restore(CheckpointRecord& record, const Bytes32& digest) {
    std::uint8_t good = 1;
    std::uint8_t context[40];
    std::memcpy(context, digest.data.data(), digest.size());
    std::uint64_t count = 0;
    std::vector<Live> live;
    for (Milestone& stone : record.milestones) {
        Live one;
        for (const KeptTensor& tensor : stone.tensors) {
            ++count;
            std::memcpy(context + 32, &count, 8);
            auto restored = backend_.restore(tensor, sha256(BytesView(context, sizeof context)));
            if (!restored && restored.status() != Status::CORRUPT) return restored.error();
            if (!restored) good = 0;
            if (restored) one.tensors.push_back(*std::move(restored));
        }
        stone.tensors.clear();
        one.stone = std::move(stone);
        live.push_back(std::move(one));
    }
    C2D_TRY(const auto verdicts, session_.exchange(BytesView(&good, 1)));
    for (const Bytes& verdict : verdicts)
        if (verdict != Bytes{1}) return false;
    live_ = std::move(live);
    return true;
}

// ---------------------------------------------------------------- calls

bool Checkpointing::enter(const Bytes32& calls) {
    begin_.reset();
    at_ = next_;
    if (next_ < known_ && live_[next_].stone.calls == calls) {
        const Live& one = live_[next_++];
        if (!one.stone.done) begin_ = LoopPoint{one.stone.step, one.stone.numbers, one.tensors};
        last_step_ = one.stone.step;
        looked_ = Clock::now();
        return true;
    }
    // Another program from here on, or beyond what was written.
    live_.resize(next_);
    known_ = next_;
    live_.emplace_back().stone.calls = calls;
    ++next_;
    last_step_ = 0;
    looked_ = Clock::now();
    if (live_.size() > kMilestonesMax) stopped_ = true;
    return false;
}

bool Checkpointing::enter_loop(const Bytes32& calls) {
    const bool before = enter(calls);
    loop_ = at_;
    return before;
}

void Checkpointing::return_to_loop() {
    at_ = loop_;
    // What an earlier attempt made after the loop is still to come.
    if (next_ < known_ || loop_ + 1 > live_.size()) return;
    live_.resize(loop_ + 1);
    next_ = known_ = loop_ + 1;
}

void Checkpointing::leave(const Bytes32& calls, std::uint64_t tensors, const TensorPtr& tensor) {
    Live& one = live_[at_];
    one.stone.done = true;
    one.stone.calls_after = calls;
    one.stone.tensors_after = tensors;
    one.tensors.clear();
    if (tensor) one.tensors.push_back(tensor);
}

void Checkpointing::forget() {
    live_.resize(at_);
    next_ = at_;
    known_ = std::min(known_, at_);
}

// ---------------------------------------------------------------- writing

const LoopPoint* Checkpointing::begin() const { return begin_ ? &*begin_ : nullptr; }

Result<bool> Checkpointing::is_due(std::uint64_t step) {
    struct {
        std::uint32_t write, steps;
    } decision{0, 0};
    std::uint8_t bytes[sizeof decision];
    if (link_.party() != 0) {
        C2D_CHECK(link_.receive(0, bytes));
        std::memcpy(&decision, bytes, sizeof decision);
        if (decision.write > 1 || decision.steps == 0 || decision.steps > kStepsMax)
            return fail(Status::PEER, "party 0 does not say whether a checkpoint is written");
        steps_max_ = decision.steps;
        return decision.write == 1;
    }
    const auto now = Clock::now();
    const std::chrono::duration<double> took = now - looked_;
    const double pace = step > last_step_ && took.count() > 0 ? double(step - last_step_) / took.count() : 0;
    const double wanted = pace * std::chrono::duration<double>(every_).count();
    steps_max_ = static_cast<std::uint64_t>(std::clamp(wanted, double(kStepsFirst), double(kStepsMax)));
    looked_ = now;
    last_step_ = step;
    decision = {now - written_ >= every_ ? 1u : 0u, static_cast<std::uint32_t>(steps_max_)};
    std::memcpy(bytes, &decision, sizeof decision);
    for (const unsigned peer : {1u, 2u}) C2D_CHECK(link_.send(peer, bytes));
    return decision.write == 1;
}

Result<Unit> Checkpointing::between(LoopPoint point) {
    // The same at all parties: they made the same calls.
    if (!place_ || stopped_ || next_ == 0) return Unit{};
    Live& one = live_[at_];
    one.stone.step = point.step;
    one.stone.numbers = std::move(point.numbers);
    one.tensors = std::move(point.tensors);
    C2D_TRY(const bool due, is_due(one.stone.step));
    if (!due) return Unit{};
    written_ = Clock::now();
    return write();
}

/// Where it cannot be stored the computation goes on: another attempt then begins further back.
Result<Unit> Checkpointing::write() {
    CheckpointRecord record{backend_kind_, link_.party(), attempt_, ++number_, {}, {}, opened_before_};
    for (const Disclosure& one : session_.opened()) record.opened[one.kind] += one.count;
    for (const Live& one : live_) {
        Milestone& stone = record.milestones.emplace_back(one.stone);
        for (const TensorPtr& tensor : one.tensors) {
            C2D_TRY(KeptTensor kept, backend_.save(*tensor));
            stone.tensors.push_back(std::move(kept));
        }
    }
    Bytes32 mine;
    C2D_CHECK(random_.fill(mine.data));
    C2D_TRY(const auto all, session_.exchange(mine));
    Bytes text(kBindingLabel, kBindingLabel + std::strlen(kBindingLabel));
    for (const Bytes& one : all) text.insert(text.end(), one.begin(), one.end());
    record.binding = sha256(text);
    const auto bytes = encode_checkpoint(record);
    if (bytes) (void)place_->put(*bytes);
    return Unit{};
}

// ---------------------------------------------------------------- where they stand

namespace {

constexpr std::string_view kFirst = "checkpoint.";

class CheckpointsInFolder final : public Checkpoints {
public:
    explicit CheckpointsInFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}

    Result<Unit> put(BytesView record) override {
        C2D_CHECK(make_private_folder(folder_));
        return write_file_atomic(oldest(), as_text(record), 0600);
    }
    /// A folder may hold what an earlier computation left.
    Result<std::vector<Bytes>> before(std::uint32_t attempt) override {
        std::vector<Bytes> out;
        for (std::size_t i = 0; i < kCheckpointsKept; ++i) {
            const auto bytes = read(i);
            if (!bytes) continue;
            const auto record = decode_checkpoint(bytes->view());
            std::error_code error;
            if (record && record->attempt >= attempt)
                std::filesystem::remove(path_of(i), error);
            else
                out.emplace_back(bytes->view().begin(), bytes->view().end());
            if (error) return fail(Status::IO, "cannot remove {}: {}", path_of(i).string(), error.message());
        }
        return out;
    }

private:
    std::filesystem::path path_of(std::size_t place) const { return folder_ / fmt::format("{}{}", kFirst, place); }
    Result<SecretBytes> read(std::size_t place) const { return read_secret_file(path_of(place), kCheckpointBytesMax); }
    Result<CheckpointRecord> record_at(std::size_t place) const {
        C2D_TRY(const auto bytes, read(place));
        return decode_checkpoint(bytes.view());
    }
    /// A place that is free, or has nothing that can be read, before any other.
    std::filesystem::path oldest() const {
        std::vector<std::pair<Name, std::size_t>> places;
        for (std::size_t i = 0; i < kCheckpointsKept; ++i) {
            const auto record = record_at(i);
            places.emplace_back(record ? Name{record->attempt, record->number, {}} : Name{}, i);
        }
        return path_of(std::ranges::min(places).second);
    }

    std::filesystem::path folder_;
};

}  // namespace

std::shared_ptr<Checkpoints> Checkpoints::folder(const std::filesystem::path& folder) {
    return std::make_shared<CheckpointsInFolder>(folder);
}

}  // namespace c2d::mpc
