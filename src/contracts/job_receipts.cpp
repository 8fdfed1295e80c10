#include "base/try.hpp"
#include "contracts/records.hpp"
#include "contracts/rules.hpp"

namespace c2d::contracts {

namespace {

using Values = std::vector<abi::Value>;

constexpr std::size_t kFields = 5;  // owner, outcome, digest, block number, block time

std::string receipt_key(std::uint64_t job, const TokenId& dt) { return key("receipt/", job, dt); }

Result<std::optional<Record>> find_receipt(Frame& frame) {
    if (!frame.arguments[0].fits_64_bits()) return std::optional<Record>();
    return get_record(frame.state, receipt_key(frame.arguments[0].number(), frame.arguments[1].word()), kFields);
}

/// A number that does not fit 64 bits reads as the largest that does.
bool is_outcome(const abi::Value& outcome) {
    return outcome.number() >= 1 && outcome.number() <= job_receipts::kOutcomeMax;
}

/// Job, its token, the token's owner, then the receipt itself: once and for all.
Result<std::uint64_t> post_code(Frame& frame) {
    const TokenId dt = frame.arguments[1].word();
    const Bytes32 digest = frame.arguments[3].word();
    C2D_TRY(const auto cdt, job_composition(frame.state, frame.arguments[0]));
    if (!cdt) return std::uint64_t(kJobUnknown);
    C2D_TRY(const bool below, is_below(frame.state, *cdt, dt));
    if (!below) return std::uint64_t(kTokenNotInJob);
    C2D_TRY(const auto owner, token_owner(frame.state, dt));
    if (owner != frame.caller) return std::uint64_t(kNoPermission);
    C2D_TRY(const auto known, find_receipt(frame));
    if (known) return std::uint64_t(kReceiptExists);
    if (!is_outcome(frame.arguments[2]) || digest.is_zero()) return std::uint64_t(kReceiptMalformed);
    frame.state.put(receipt_key(frame.arguments[0].number(), dt), RecordWriter()
                                                                      .add(frame.caller.view())
                                                                      .add(frame.arguments[2].number())
                                                                      .add(digest.view())
                                                                      .add(frame.block.number)
                                                                      .add(frame.block.time)
                                                                      .encode());
    return std::uint64_t(kSuccess);
}

Result<Values> post(Frame& frame) {
    C2D_TRY(const auto code, post_code(frame));
    const auto& a = frame.arguments;
    frame.emit(job_receipts::kReceiptPosted,
               {a[0], a[1], abi::Value::of(frame.caller), a[2], a[3], abi::Value::of(code)});
    return Values{};
}

Result<Values> get(Frame& frame) {
    C2D_TRY(const auto receipt, find_receipt(frame));
    const auto zero = abi::Value::of(std::uint64_t(0));
    if (!receipt) return Values{abi::Value::of(Address{}), zero, abi::Value::of(Bytes32{}), zero, zero};
    return Values{abi::Value::of(receipt->address(0)), abi::Value::of(receipt->number(1)),
                  abi::Value::of(receipt->bytes32(2)), abi::Value::of(receipt->number(3)),
                  abi::Value::of(receipt->number(4))};
}

}  // namespace

std::span<const Rule> job_receipts_rules() {
    namespace f = job_receipts;
    static constexpr Rule kRules[] = {{f::kPost, post}, {f::kGet, get}};
    return kRules;
}

}  // namespace c2d::contracts
