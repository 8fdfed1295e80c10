#include "base/try.hpp"
#include "contracts/records.hpp"
#include "contracts/rules.hpp"

#include <algorithm>

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
    /// How often the job showed results of each kind; null in a call that says nothing of it.
    const std::vector<Bytes32>* kinds = nullptr;
    const std::vector<std::uint64_t>* counts = nullptr;
    /// Whose word it is.
    Address by = {};
};

// What was shown ----------------------------------------------------------------------------------

/// Each kind once, and as much of it as anybody could show.
bool are_disclosures(const Posted& given) {
    if (!given.kinds) return true;
    const auto& kinds = *given.kinds;
    const auto& counts = *given.counts;
    if (kinds.size() != counts.size() || kinds.size() > job_receipts::kKindsMax) return false;
    for (auto kind = kinds.begin(); kind != kinds.end(); ++kind)
        if (kind->is_zero() || std::find(kinds.begin(), kind, *kind) != kind) return false;
    return std::ranges::all_of(counts, [](std::uint64_t count) { return count <= job_receipts::kCountMax; });
}

std::string shown_key(const TokenId& dt, const Bytes32& organisation, const Bytes32& kind) {
    return key("shown_to/", dt, organisation, kind);
}
std::string total_key(const TokenId& dt, const Bytes32& kind) { return key("shown/", dt, kind); }

/// What is kept under any of the organisation's names counts.
Result<std::uint64_t> shown_to(State& state, const TokenId& dt, const std::vector<Bytes32>& names,
                               const Bytes32& kind) {
    std::uint64_t out = 0;
    for (const auto& name : names) {
        C2D_TRY(const auto shown, get_number(state, shown_key(dt, name, kind)));
        out = std::max(out, shown);
    }
    return out;
}

Result<Unit> count_disclosures(State& state, const Posted& given, const Address& solver) {
    if (!given.kinds) return Unit{};
    C2D_TRY(const auto names, organisation_names(state, solver));
    for (std::size_t i = 0; i < given.kinds->size(); ++i) {
        const Bytes32& kind = (*given.kinds)[i];
        const auto count = (*given.counts)[i];
        C2D_TRY(const auto shown, shown_to(state, given.dt, names, kind));
        for (const auto& name : names) put_number(state, shown_key(given.dt, name, kind), shown + count);
        C2D_TRY(const auto total, get_number(state, total_key(given.dt, kind)));
        put_number(state, total_key(given.dt, kind), total + count);
    }
    return Unit{};
}

// postReceipt -------------------------------------------------------------------------------------

/// Job, its token, the token's owner, then the receipt itself: once and for all.
Result<std::uint64_t> post_code(Frame& frame, const Posted& given) {
    C2D_TRY(const auto job, job_of(frame.state, given.job));
    if (!job) return std::uint64_t(kJobUnknown);
    C2D_TRY(const bool below, is_below(frame.state, job->composition, given.dt));
    if (!below) return std::uint64_t(kTokenNotInJob);
    C2D_TRY(const auto owner, token_owner(frame.state, given.dt));
    if (owner != given.by) return std::uint64_t(kNoPermission);
    C2D_TRY(const auto known, find_receipt(frame, given.job.number(), given.dt));
    if (known) return std::uint64_t(kReceiptExists);
    if (!is_outcome(given.outcome) || given.digest.is_zero() || !are_disclosures(given))
        return std::uint64_t(kReceiptMalformed);
    frame.state.put(receipt_key(given.job.number(), given.dt), RecordWriter()
                                                                   .add(given.by.view())
                                                                   .add(given.outcome.number())
                                                                   .add(given.digest.view())
                                                                   .add(frame.block.number)
                                                                   .add(frame.block.time)
                                                                   .encode());
    C2D_CHECK(count_disclosures(frame.state, given, job->solver));
    return std::uint64_t(kSuccess);
}

Result<Unit> post_given(Frame& frame, Posted given) {
    C2D_TRY(given.by, principal(frame, kWorkKey));
    C2D_TRY(const auto code, post_code(frame, given));
    frame.emit(job_receipts::kReceiptPosted, given.job, given.dt, given.by, given.outcome, given.digest, code);
    return Unit{};
}

Result<Unit> post(Frame& frame, const Uint256& job, const TokenId& dt, const Uint256& outcome, const Bytes32& digest) {
    return post_given(frame, {job, dt, outcome, digest});
}

Result<Unit> post_disclosed(Frame& frame, const Uint256& job, const TokenId& dt, const Uint256& outcome,
                            const Bytes32& digest, const std::vector<Bytes32>& kinds,
                            const std::vector<std::uint64_t>& counts) {
    return post_given(frame, {job, dt, outcome, digest, &kinds, &counts});
}

// Views -------------------------------------------------------------------------------------------

using GetReceipt = decltype(job_receipts::kGet)::Returned;
Result<GetReceipt> get(Frame& frame, std::uint64_t job, const TokenId& dt) {
    C2D_TRY(const auto receipt, find_receipt(frame, job, dt));
    if (!receipt) return GetReceipt();
    return GetReceipt(receipt->address(0), receipt->number(1), receipt->bytes32(2), receipt->number(3),
                      receipt->number(4));
}

using GetDisclosures = decltype(job_receipts::kGetDisclosures)::Returned;
Result<GetDisclosures> get_disclosures(Frame& frame, const TokenId& dt, const Address& composer, const Bytes32& kind) {
    C2D_TRY(const auto names, organisation_names(frame.state, composer));
    C2D_TRY(const auto shown, shown_to(frame.state, dt, names, kind));
    C2D_TRY(const auto total, get_number(frame.state, total_key(dt, kind)));
    return GetDisclosures(shown, total);
}

}  // namespace

std::span<const Rule> job_receipts_rules() {
    namespace f = job_receipts;
    static constexpr Rule kRules[] = {kRule<f::kPost, post>, kRule<f::kGet, get>,
                                      kRule2<f::kPostDisclosed, post_disclosed>,
                                      kRule2<f::kGetDisclosures, get_disclosures>};
    return kRules;
}

}  // namespace c2d::contracts
