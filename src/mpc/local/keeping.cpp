/// What is kept of a session for later ones, and taken back.

#include "base/fail.hpp"
#include "base/file_name.hpp"
#include "base/try.hpp"
#include "crypto/hash.hpp"
#include "mpc/core/domain.hpp"
#include "mpc/core/kept_record.hpp"
#include "mpc/local/computation.hpp"

#include <algorithm>

namespace c2d::mpc {
namespace {

constexpr std::string_view kBindingLabel = "c2d kept shares 1";

Result<std::string> name_of(const Call& call) {
    std::string name(as_text(call.bytes));
    if (is_plain_name(name)) return name;
    return fail(Status::INVALID_ARGUMENT, "{}: expected a name of letters, digits, \"_\", \"-\" and \".\"",
                signature_of(call.operation).name);
}

}  // namespace

/// Whether all three did their part; each learns who did not.
Result<Unit> LocalComputation::agree_on(std::string_view what, const Result<Unit>& mine) {
    const std::uint8_t good = mine ? 1 : 0;
    C2D_TRY(const auto all, exchange(BytesView(&good, 1)));
    if (!mine) return mine;
    for (unsigned peer = 0; peer < kParties; ++peer)
        if (all[peer] != Bytes{1}) return fail(Status::PEER, "party {} {}", peer, what);
    return Unit{};
}

/// Random bytes that no party chooses.
Result<Bytes32> LocalComputation::joint_binding(const std::string& name) {
    Bytes32 mine;
    C2D_CHECK(random_->fill(mine.data));
    C2D_TRY(const auto all, exchange(mine));
    Bytes text(kBindingLabel.begin(), kBindingLabel.end());
    for (const Bytes& one : all) {
        if (one.size() != mine.size()) return fail(Status::PEER, "a party draws no binding");
        text.insert(text.end(), one.begin(), one.end());
    }
    text.insert(text.end(), name.begin(), name.end());
    return sha256(text);
}

Result<Reply> LocalComputation::keep(const Call& call, const TrainProgress&) {
    C2D_TRY(const std::string name, name_of(call));
    if (!kept_)
        return fail(Status::UNSUPPORTED,
                    "keep: nothing is kept here; the op template declares no such output, or the "
                    "session has no place for it");
    const TensorData& tensor = *call.tensors[0].data();
    // Whoever computes with it later learns of it: what may not be opened is not kept either.
    const bool points = tensor.provenance.content == Content::model && !tensor.provenance.needs.empty();
    // What was loaded goes on as other shares: whole, since a part of a model is another model.
    const bool again = std::ranges::any_of(loaded_, [&](const TensorPtr& one) { return one.get() == &tensor; });
    if (tensor.provenance.is_result() || points || again)
        C2D_CHECK(guard_.open(tensor.provenance.needs, "kept"));
    else
        C2D_CHECK(guard_.open_any("keep: this tensor is no result over rows"));
    KeptRecord record;
    record.backend = backend_;
    record.party = party();
    record.name = name;
    record.bound = tensor.bound;
    record.is_bits = tensor.is_bits;
    C2D_TRY(record.binding, joint_binding(name));
    C2D_TRY(record.tensor, protocol_->backend->save(tensor));
    C2D_CHECK(agree_on("could not keep its share", kept_->put(name, encode_kept(record))));
    Reply out;
    out.announcements = {Bytes(record.binding.data.begin(), record.binding.data.end())};
    return out;
}

Error LocalComputation::model_mismatch(std::string_view why) {
    return guard_.refuse(kModelMismatch,
                         fmt::format("load: {}; the three parties must bring what one run kept under this name, "
                                     "unaltered",
                                     why));
}

Result<Reply> LocalComputation::load(const Call& call, const TrainProgress&) {
    C2D_TRY(const std::string name, name_of(call));
    const auto bytes = kept_ ? kept_->get(name) : Result<Bytes>(fail(Status::NOT_FOUND, "nothing is kept here"));
    auto record = bytes ? decode_kept(*bytes) : Result<KeptRecord>(bytes.error());
    if (record && (record->party != party() || record->backend != backend_))
        record = fail(Status::CORRUPT, "what was kept under this name is another party's, or of another protocol");
    // All of it, even where a share is missing: so that nobody waits in vain, and all say the same.
    const Bytes32 mine = record ? common_digest(*record) : Bytes32{};
    C2D_TRY(const auto all, exchange(mine));
    if (!record) return model_mismatch(record.error().message);
    for (unsigned peer = 0; peer < kParties; ++peer)
        if (!std::ranges::equal(all[peer], mine.data))
            return model_mismatch(fmt::format("party {} brings something else", peer));
    auto restored = protocol_->backend->restore(record->tensor, mine);
    if (!restored && restored.status() != Status::CORRUPT) return restored.error();
    const std::uint8_t good = restored ? 1 : 0;
    C2D_TRY(const auto verdicts, exchange(BytesView(&good, 1)));
    for (const Bytes& verdict : verdicts)
        if (verdict != Bytes{1}) return model_mismatch("a share is not what its pair kept");
    TensorPtr data = *std::move(restored);
    data->bound = record->bound;
    data->is_bits = record->is_bits;
    data->provenance.content = Content::model;
    guard_.add_loaded(name);
    loaded_.push_back(data);
    Reply out{Tensor(std::move(data))};
    out.announcements = {Bytes(record->binding.data.begin(), record->binding.data.end())};
    return out;
}

}  // namespace c2d::mpc
