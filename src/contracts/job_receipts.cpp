#include "base/try.hpp"
#include "contracts/records.hpp"
#include "contracts/rules.hpp"

namespace c2d::contracts {

namespace {

constexpr std::size_t kFields = 5;  // owner, outcome, digest, block number, block time

std::string receipt_key(std::uint64_t job, const TokenId& dt) { return key("receipt/", job, dt); }

/// A number that does not fit 64 bits reads as the largest that does, which no job has.
Result<std::optional<Record>> find_receipt(Frame& frame, std::uint64_t job, const TokenId& dt) {
    return get_record(frame.state, receipt_key(job, dt), kFields);
}

/// Here too: such a number is no outcome.
bool is_outcome(const Uint256& outcome) {
    return outcome.number() >= 1 && outcome.number() <= job_receipts::kOutcomeMax;
}

/// What a call says of a job's end.
struct Posted {
    const Uint256& job;
    const TokenId& dt;
    const Uint256& outcome;
    const Bytes32& digest;
};

/// Job, its token, the token's owner, then the receipt itself: once and for all.
Result<std::uint64_t> post_code(Frame& frame, const Posted& given) {
    C2D_TRY(const auto cdt, job_composition(frame.state, given.job));
    if (!cdt) return std::uint64_t(kJobUnknown);
    C2D_TRY(const bool below, is_below(frame.state, *cdt, given.dt));
    if (!below) return std::uint64_t(kTokenNotInJob);
    C2D_TRY(const auto owner, token_owner(frame.state, given.dt));
    if (owner != frame.caller) return std::uint64_t(kNoPermission);
    C2D_TRY(const auto known, find_receipt(frame, given.job.number(), given.dt));
    if (known) return std::uint64_t(kReceiptExists);
    if (!is_outcome(given.outcome) || given.digest.is_zero()) return std::uint64_t(kReceiptMalformed);
    frame.state.put(receipt_key(given.job.number(), given.dt), RecordWriter()
                                                                   .add(frame.caller.view())
                                                                   .add(given.outcome.number())
                                                                   .add(given.digest.view())
                                                                   .add(frame.block.number)
                                                                   .add(frame.block.time)
                                                                   .encode());
    return std::uint64_t(kSuccess);
}

Result<Unit> post(Frame& frame, const Uint256& job, const TokenId& dt, const Uint256& outcome, const Bytes32& digest) {
    C2D_TRY(const auto code, post_code(frame, {job, dt, outcome, digest}));
    frame.emit(job_receipts::kReceiptPosted, job, dt, frame.caller, outcome, digest, code);
    return Unit{};
}

using GetReceipt = decltype(job_receipts::kGet)::Returned;
Result<GetReceipt> get(Frame& frame, std::uint64_t job, const TokenId& dt) {
    C2D_TRY(const auto receipt, find_receipt(frame, job, dt));
    if (!receipt) return GetReceipt();
    return GetReceipt(receipt->address(0), receipt->number(1), receipt->bytes32(2), receipt->number(3),
                      receipt->number(4));
}

}  // namespace

std::span<const Rule> job_receipts_rules() {
    namespace f = job_receipts;
    static constexpr Rule kRules[] = {kRule<f::kPost, post>, kRule<f::kGet, get>};
    return kRules;
}

}  // namespace c2d::contracts
