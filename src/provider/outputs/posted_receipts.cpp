#include "provider/outputs/posted_receipts.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"

#include <c2d/job_receipt.hpp>

namespace c2d::provider {

namespace {

/// Whether the ledger still holds the block up to which receipts were posted.
Result<bool> holds(const Chain& chain, const LedgerMark& mark) {
    const auto there = chain.require_block(mark.number, mark.hash);
    if (there || there.status() == Status::UNSUPPORTED) return true;
    if (there.error().name == "ledger_rolled_back") return false;
    return there.error();
}

/// Whether the ledger holds it for each of its data tokens. A number may stand for another job by now.
Result<Posting> posting_now(const Chain& chain, JobStore& store, const StoredReceipt& receipt) {
    C2D_TRY(const auto admissions, store.admissions(receipt.job_id, receipt.party));
    bool complete = true;
    for (const auto& admission : admissions) {
        const auto same = is_on_ledger(chain, admission);
        if (!same && same.status() != Status::NOT_FOUND) return same.error();
        if (same && !*same) return Posting::refused;
        const auto there = chain.job_receipt(receipt.job_id, admission.dt);
        if (!there && there.status() != Status::NOT_FOUND) return there.error();
        if (there && there->digest != receipt.digest) return Posting::refused;
        complete = complete && there;
    }
    return complete ? Posting::posted : Posting::pending;
}

Result<std::size_t> recheck_all(const Chain& chain, JobStore& store, Logger& logger) {
    std::size_t lost = 0;
    std::optional<StoredReceipt> last;
    for (;;) {
        C2D_TRY(const auto receipts, store.posted_receipts(last ? &*last : nullptr, kReceiptBatch));
        for (const auto& receipt : receipts) {
            if (!is_of_this_ledger(chain, receipt)) continue;
            C2D_TRY(const auto now, posting_now(chain, store, receipt));
            if (now == Posting::posted) continue;
            ++lost;
            if (now == Posting::refused)
                logger.log(LogLevel::error,
                           fmt::format("the receipt of job {} party {} is no longer on the ledger, where "
                                       "that number now has another job or another receipt",
                                       receipt.job_id, receipt.party));
            C2D_CHECK(store.set_posting(receipt, now));
        }
        if (receipts.size() < kReceiptBatch) return lost;
        last = receipts.back();
    }
}

}  // namespace

bool is_of_this_ledger(const Chain& chain, const StoredReceipt& receipt) {
    const auto document = read_receipt(receipt.document);
    return document && document->chain_id == chain.network().chain_id;
}

Result<bool> is_on_ledger(const Chain& chain, const Admission& admission) {
    C2D_TRY(const auto job, chain.job(admission.job_id));
    return job.cdt == admission.algo_dt && job.solver == admission.solver;
}

Result<Unit> recheck_posted_receipts(const Chain& chain, JobStore& store, Logger& logger) {
    if (!chain.has_receipts()) return Unit{};
    // First of all it must answer: what it lacks as a whole is not a matter of receipts.
    C2D_TRY(const auto info, chain.info());
    C2D_TRY(const auto mark, store.ledger_mark());
    if (mark && mark->chain_id == info.chain_id) {
        C2D_TRY(const bool whole, holds(chain, *mark));
        if (whole) return Unit{};
    }
    C2D_TRY(const auto lost, recheck_all(chain, store, logger));
    if (lost > 0)
        logger.log(LogLevel::warn,
                   fmt::format("the ledger lost blocks: {} posted receipts are not on it any more and are "
                               "posted again where its jobs are the same",
                               lost));
    return store.set_ledger_mark({info.chain_id, info.head.number, info.head.hash});
}

}  // namespace c2d::provider
