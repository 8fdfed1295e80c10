#include "mpc/core/checkpoint_record.hpp"

#include "base/fail.hpp"
#include "crypto/hash.hpp"

#include <bit>
#include <cstring>

namespace c2d::mpc {
namespace {

constexpr std::string_view kMagic = "C2DCKPT1";
constexpr std::size_t kListMax = 65536;
constexpr unsigned kFractionMax = 62;
constexpr std::size_t kKindsMax = 32, kKindBytesMax = 32;

/// Little-endian. What is alike at all parties goes into both, the rest into the record alone.
class Writer {
public:
    explicit Writer(bool common_alone) : common_alone_(common_alone) {}

    void number(std::uint64_t value) {
        for (unsigned i = 0; i < 8; ++i) out_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }
    void real(double value) { number(std::bit_cast<std::uint64_t>(value)); }
    void bytes(BytesView bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
    bool has_own() const { return !common_alone_; }
    ClearedBytes take() { return std::move(out_); }

private:
    bool common_alone_;
    ClearedBytes out_;
};

void put_evaluations(Writer& out, const Milestone& stone) {
    out.number(stone.evaluations.size());
    for (const auto& one : stone.evaluations) {
        out.number(one.iteration);
        if (!out.has_own()) continue;
        out.number(one.auc ? 1 : 0);
        out.real(one.auc.value_or(0));
    }
}

void put_own(Writer& out, const Milestone& stone) {
    out.number(stone.opened ? 1 : 0);
    if (stone.opened) {
        out.number(stone.opened->rows);
        out.number(stone.opened->cols);
        for (const double value : stone.opened->data) out.real(value);
    }
    out.number(stone.aligned.size());
    out.bytes(stone.aligned);
}

void put_milestone(Writer& out, const Milestone& stone) {
    out.bytes(stone.calls);
    out.number(stone.done ? 1 : 0);
    out.bytes(stone.calls_after);
    out.number(stone.tensors_after);
    out.number(stone.step);
    out.number(stone.numbers.size());
    for (const std::uint64_t number : stone.numbers) out.number(number);
    out.number(stone.tensors.size());
    for (const KeptTensor& tensor : stone.tensors) {
        out.number(tensor.rows);
        out.number(tensor.cols);
        out.number(tensor.fraction);
        if (out.has_own()) out.bytes(tensor.shares);
    }
    out.number(stone.known.size());
    for (const Bytes& one : stone.known) {
        out.number(one.size());
        out.bytes(one);
    }
    put_evaluations(out, stone);
    if (out.has_own()) put_own(out, stone);
}

ClearedBytes written(const CheckpointRecord& record, bool common_alone) {
    Writer out(common_alone);
    out.bytes(as_bytes(kMagic));
    out.number(static_cast<std::uint64_t>(record.backend));
    if (!common_alone) out.number(record.party);
    out.number(record.attempt);
    out.number(record.number);
    out.bytes(record.binding);
    out.number(record.milestones.size());
    for (const Milestone& stone : record.milestones) put_milestone(out, stone);
    if (common_alone) return out.take();
    out.number(record.opened.size());
    for (const auto& [kind, count] : record.opened) {
        out.number(kind.size());
        out.bytes(as_bytes(kind));
        out.number(count);
    }
    return out.take();
}

/// After the first thing that is not there nothing else is read.
class Reader {
public:
    explicit Reader(BytesView bytes) : rest_(bytes) {}

    BytesView take(std::size_t count) {
        good_ = good_ && count <= rest_.size();
        if (!good_) return {};
        const BytesView out = rest_.first(count);
        rest_ = rest_.subspan(count);
        return out;
    }
    std::uint64_t number(std::uint64_t max = UINT64_MAX) {
        std::uint64_t out = 0;
        const BytesView bytes = take(8);
        for (std::size_t i = 0; i < bytes.size(); ++i) out |= std::uint64_t{bytes[i]} << (8 * i);
        good_ = good_ && out <= max;
        return good_ ? out : 0;
    }
    bool flag() { return number(1) == 1; }
    double real() { return std::bit_cast<double>(number()); }
    Bytes32 digest() {
        Bytes32 out;
        const BytesView bytes = take(out.size());
        if (good_) std::memcpy(out.data.data(), bytes.data(), bytes.size());
        return out;
    }
    void refuse() { good_ = false; }
    bool good() const { return good_; }
    bool at_end() const { return good_ && rest_.empty(); }

private:
    BytesView rest_;
    bool good_ = true;
};

KeptTensor read_tensor(Reader& in, BackendKind backend) {
    KeptTensor out;
    out.rows = in.number(kElementsMax);
    out.cols = in.number(kElementsMax);
    out.fraction = static_cast<unsigned>(in.number(kFractionMax));
    if (out.rows == 0 || out.cols == 0 || out.cols > kElementsMax / out.rows) in.refuse();
    // The clear one has doubles, once.
    const std::size_t components = backend == BackendKind::rep3 ? 2 : 1;
    const BytesView shares = in.take(out.rows * out.cols * 8 * components);
    out.shares.assign(shares.begin(), shares.end());
    return out;
}

void read_own(Reader& in, Milestone& out) {
    if (in.flag()) {
        Matrix opened;
        opened.rows = in.number(kElementsMax);
        opened.cols = in.number(kElementsMax);
        if (opened.rows != 0 && opened.cols > kElementsMax / opened.rows) in.refuse();
        const std::size_t count = in.good() ? opened.rows * opened.cols : 0;
        for (std::size_t i = 0; i < count && in.good(); ++i) opened.data.push_back(in.real());
        out.opened = std::move(opened);
    }
    const BytesView aligned = in.take(in.number(kCheckpointBytesMax));
    out.aligned.assign(aligned.begin(), aligned.end());
}

Milestone read_milestone(Reader& in, BackendKind backend) {
    Milestone out;
    out.calls = in.digest();
    out.done = in.flag();
    out.calls_after = in.digest();
    out.tensors_after = in.number();
    out.step = in.number();
    for (std::uint64_t left = in.number(kListMax); left > 0 && in.good(); --left) out.numbers.push_back(in.number());
    for (std::uint64_t left = in.number(kListMax); left > 0 && in.good(); --left)
        out.tensors.push_back(read_tensor(in, backend));
    for (std::uint64_t left = in.number(kListMax); left > 0 && in.good(); --left) {
        const BytesView one = in.take(in.number(kCheckpointBytesMax));
        out.known.emplace_back(one.begin(), one.end());
    }
    for (std::uint64_t left = in.number(kCheckpointBytesMax / 8); left > 0 && in.good(); --left) {
        Milestone::Evaluation one{in.number()};
        const bool known = in.flag();
        const double auc = in.real();
        if (known) one.auc = auc;
        out.evaluations.push_back(one);
    }
    read_own(in, out);
    return out;
}

}  // namespace

Result<ClearedBytes> encode_checkpoint(const CheckpointRecord& record) {
    ClearedBytes out = written(record, false);
    if (out.size() > kCheckpointBytesMax)
        return fail(Status::LIMIT, "a checkpoint may have {} bytes, found {}", kCheckpointBytesMax, out.size());
    return out;
}

Result<CheckpointRecord> decode_checkpoint(BytesView bytes) {
    Reader in(bytes);
    CheckpointRecord out;
    if (as_text(in.take(kMagic.size())) != kMagic) in.refuse();
    out.backend = static_cast<BackendKind>(in.number(1));
    out.party = static_cast<unsigned>(in.number(kParties - 1));
    out.attempt = static_cast<std::uint32_t>(in.number(UINT32_MAX));
    out.number = in.number();
    out.binding = in.digest();
    for (std::uint64_t left = in.number(kListMax); left > 0 && in.good(); --left)
        out.milestones.push_back(read_milestone(in, out.backend));
    for (std::uint64_t left = in.number(kKindsMax); left > 0 && in.good(); --left) {
        const std::string kind(as_text(in.take(in.number(kKindBytesMax))));
        out.opened[kind] = in.number();
    }
    if (!in.at_end()) return fail(Status::CORRUPT, "expected a checkpoint, found something else");
    return out;
}

Bytes32 common_digest(const CheckpointRecord& record) { return sha256(written(record, true)); }

// ---------------------------------------------------------------- what is known of a tensor

namespace {

/// Names of results, which are literals.
constexpr const char* kKinds[] = {
    "public", "sum",         "count", "model", "statistics",   "information_value", "correlation", "variance_inflation",
    "points", "probability", "logit", "score", "reason_codes", "coefficients"};
constexpr std::uint64_t kNoPlaces = UINT64_MAX;

std::uint64_t kind_number(std::string_view kind) {
    std::uint64_t out = 0;
    while (out < std::size(kKinds) && kKinds[out] != kind) ++out;
    return out;
}

void put_rows(Writer& out, const std::vector<RowsOf>& all) {
    out.number(all.size());
    for (const RowsOf& one : all) {
        out.number(one.input);
        out.number(one.owner);
        out.number(one.count);
        out.bytes(one.function);
        out.number(one.places ? one.places->size() : kNoPlaces);
        for (std::size_t i = 0; one.places && i < one.places->size(); ++i)
            out.number(static_cast<std::uint32_t>((*one.places)[i]));
    }
}

std::vector<RowsOf> read_rows(Reader& in) {
    std::vector<RowsOf> out;
    for (std::uint64_t left = in.number(kListMax); left > 0 && in.good(); --left) {
        RowsOf one;
        one.input = in.number();
        one.owner = static_cast<unsigned>(in.number(kParties - 1));
        one.count = in.number(kElementsMax);
        one.function = in.digest();
        const std::uint64_t places = in.number();
        if (places != kNoPlaces) {
            std::vector<std::int32_t> at;
            for (std::uint64_t i = 0; i < places && in.good(); ++i)
                at.push_back(static_cast<std::int32_t>(static_cast<std::uint32_t>(in.number(UINT32_MAX))));
            for (const std::int32_t place : at)
                if (place < RowsOf::kNone || (place >= 0 && static_cast<std::size_t>(place) >= one.count)) in.refuse();
            one.places = std::make_shared<const std::vector<std::int32_t>>(std::move(at));
        }
        out.push_back(std::move(one));
    }
    return out;
}

std::vector<ChosenRows> read_chosen(Reader& in, const TensorLookup& lookup) {
    std::vector<ChosenRows> out;
    for (std::uint64_t left = in.number(kListMax); left > 0 && in.good(); --left) {
        ChosenRows one;
        one.bits = lookup(in.number());
        if (!one.bits) in.refuse();
        one.among = read_rows(in);
        one.labels = in.flag();
        one.weights = in.flag();
        out.push_back(std::move(one));
    }
    return out;
}

}  // namespace

Result<Bytes> encode_known(const TensorData& tensor, std::uint64_t numbers_max) {
    const Provenance& x = tensor.provenance;
    const std::uint64_t kind = kind_number(x.kind);
    if (kind == std::size(kKinds)) return fail(Status::INTERNAL, "a result of kind \"{}\" has no number", x.kind);
    Writer out(false);
    for (const double value : {tensor.bound}) out.real(value);
    for (const bool flag :
         {tensor.is_labels, tensor.is_bits, tensor.rows_unknown, x.lying, x.rows_alike, x.columns_alike})
        out.number(flag ? 1 : 0);
    for (const std::uint64_t number :
         {std::uint64_t{tensor.owner}, std::uint64_t{tensor.counted}, static_cast<std::uint64_t>(x.content), kind})
        out.number(number);
    put_rows(out, x.sources);
    put_rows(out, x.needs.sets);
    out.number(x.needs.chosen.size());
    for (const ChosenRows& one : x.needs.chosen) {
        if (one.bits->number > numbers_max)
            return fail(
                Status::INVALID_ARGUMENT,
                "save_checkpoint: this state stands for rows that bits of the loop itself choose; make the bits "
                "before load_checkpoint");
        out.number(one.bits->number);
        put_rows(out, one.among);
        out.number(one.labels ? 1 : 0);
        out.number(one.weights ? 1 : 0);
    }
    const ClearedBytes bytes = out.take();
    return Bytes(bytes.begin(), bytes.end());
}

Result<Unit> decode_known(BytesView bytes, const TensorLookup& lookup, TensorData& out) {
    Reader in(bytes);
    Provenance x;
    out.bound = in.real();
    out.is_labels = in.flag();
    out.is_bits = in.flag();
    out.rows_unknown = in.flag();
    x.lying = in.flag();
    x.rows_alike = in.flag();
    x.columns_alike = in.flag();
    out.owner = static_cast<unsigned>(in.number(kParties - 1));
    out.counted = in.number(kElementsMax);
    x.content = static_cast<Content>(in.number(static_cast<std::uint64_t>(Content::result)));
    x.kind = kKinds[in.number(std::size(kKinds) - 1)];
    x.sources = read_rows(in);
    x.needs.sets = read_rows(in);
    x.needs.chosen = read_chosen(in, lookup);
    if (!in.at_end() || !(out.bound >= 0))
        return fail(Status::CORRUPT, "a checkpoint does not say what its tensors are");
    out.provenance = std::move(x);
    return Unit{};
}

}  // namespace c2d::mpc
