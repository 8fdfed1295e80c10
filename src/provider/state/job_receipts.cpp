/// Receipts of runs in the job store: due, posted, and up to which block.
#include "base/fail.hpp"
#include "base/try.hpp"
#include "provider/state/job_store.hpp"
#include "provider/state/run_columns.hpp"
#include "store/undurable_write.hpp"

namespace c2d::provider {

Result<std::vector<JobRun>> JobStore::runs_without_receipt(std::size_t count_max) {
    const std::lock_guard lock(mutex_);
    // By an index, since the queue asks after every run, and most of them have one.
    C2D_TRY(auto query, db_.prepare(fmt::format("{} WHERE has_receipt = 0 AND state IN ('succeeded', 'failed', "
                                                "'cancelled') ORDER BY updated LIMIT ?",
                                                kSelectRuns)));
    query.bind(1, std::uint64_t(count_max));
    return read_runs(query);
}

Result<Unit> JobStore::add_receipt(const StoredReceipt& receipt, std::uint32_t attempt) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto write, store::WriteTransaction::begin(db_));
    C2D_CHECK(write_receipt(receipt, attempt));
    return write.commit();
}

/// Within a transaction. The first one counts: it may be on the ledger.
Result<Unit> JobStore::write_receipt(const StoredReceipt& receipt, std::uint32_t attempt) {
    C2D_TRY(auto add, db_.prepare("INSERT OR IGNORE INTO receipts SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE EXISTS "
                                  "(SELECT 1 FROM runs WHERE job_id = ?1 AND party = ?2 AND attempt = ?8)"));
    add.bind(1, receipt.job_id).bind(2, std::uint64_t(receipt.party)).bind(3, std::uint64_t(receipt.outcome));
    add.bind(4, receipt.digest.view()).bind(5, receipt.document);
    C2D_CHECK(add.bind(6, std::string_view(posting_name(receipt.posting)))
                  .bind(7, receipt.due)
                  .bind(8, std::uint64_t(attempt))
                  .run());
    if (db_.changes() == 0) return Unit{};
    C2D_TRY(auto note, db_.prepare("UPDATE runs SET has_receipt = 1 WHERE job_id = ? AND party = ?"));
    return note.bind(1, receipt.job_id).bind(2, std::uint64_t(receipt.party)).run();
}

Result<Unit> JobStore::replace_receipt(const StoredReceipt& receipt) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto update, db_.prepare("UPDATE receipts SET digest = ?, document = ? WHERE job_id = ? AND party = ? AND "
                                     "posting = 'pending'"));
    update.bind(1, receipt.digest.view()).bind(2, receipt.document).bind(3, receipt.job_id);
    return update.bind(4, std::uint64_t(receipt.party)).run();
}

Result<std::string> JobStore::receipt_document(std::uint64_t job_id, unsigned party) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto query, db_.prepare("SELECT document FROM receipts WHERE job_id = ? AND party = ?"));
    C2D_TRY(const bool row, query.bind(1, job_id).bind(2, std::uint64_t(party)).step());
    return row ? query.text(0) : std::string();
}

Result<std::vector<StoredReceipt>> JobStore::pending_receipts(std::size_t count_max) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto query, db_.prepare("SELECT job_id, party, result, digest, document FROM receipts WHERE posting = "
                                    "'pending' AND due = 0 ORDER BY job_id, party LIMIT ?"));
    query.bind(1, std::uint64_t(count_max));
    return read_receipts(query);
}

Result<std::size_t> JobStore::end_waits_for_attempts(std::uint64_t now) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto waits, db_.prepare("SELECT 1 FROM receipts WHERE posting = 'pending' AND due != 0 AND due <= ?"));
    C2D_TRY(const bool any, waits.bind(1, now).step());
    waits.reset();
    if (!any) return std::size_t(0);
    C2D_TRY(auto update,
            db_.prepare("UPDATE receipts SET due = 0 WHERE posting = 'pending' AND due != 0 AND due <= ?"));
    C2D_CHECK(update.bind(1, now).run());
    return std::size_t(db_.changes());
}

Result<bool> JobStore::give_up(std::uint64_t job_id, unsigned party) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto update, db_.prepare("UPDATE receipts SET due = 0 WHERE job_id = ? AND party = ? AND due != 0"));
    C2D_CHECK(update.bind(1, job_id).bind(2, std::uint64_t(party)).run());
    return db_.changes() > 0;
}

Result<std::vector<StoredReceipt>> JobStore::posted_receipts(const StoredReceipt* last, std::size_t count_max) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto query, db_.prepare("SELECT job_id, party, result, digest, document FROM receipts WHERE posting = "
                                    "'posted' AND (job_id, party) > (?, ?) ORDER BY job_id, party LIMIT ?"));
    query.bind(1, last ? std::int64_t(last->job_id) : -1).bind(2, last ? std::int64_t(last->party) : -1);
    query.bind(3, std::uint64_t(count_max));
    return read_receipts(query);
}

Result<std::vector<StoredReceipt>> JobStore::read_receipts(store::Statement& query) {
    std::vector<StoredReceipt> out;
    for (;;) {
        C2D_TRY(const bool row, query.step());
        if (!row) return out;
        auto& receipt = out.emplace_back();
        receipt.job_id = query.number(0);
        receipt.party = unsigned(query.number(1));
        receipt.outcome = ReceiptOutcome(query.number(2));
        C2D_TRY(receipt.digest, query.bytes32(3));
        receipt.document = query.text(4);
    }
}

Result<Unit> JobStore::set_posting(const StoredReceipt& receipt, Posting posting) {
    const std::lock_guard lock(mutex_);
    return write_posting(receipt, posting);
}

Result<Unit> JobStore::set_posted(const StoredReceipt& receipt, const LedgerMark& mark) {
    const std::lock_guard lock(mutex_);
    // Lost in a power cut, it is found on the ledger again.
    store::UndurableWrite write(db_);
    C2D_CHECK(write.begin());
    C2D_CHECK(write_posting(receipt, Posting::posted));
    C2D_CHECK(write_mark(mark));
    return write.commit();
}

Result<std::optional<LedgerMark>> JobStore::ledger_mark() {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto query, db_.prepare("SELECT chain_id, number, hash FROM ledger_mark"));
    C2D_TRY(const bool found, query.step());
    if (!found) return std::optional<LedgerMark>();
    LedgerMark mark{query.number(0), query.number(1), {}};
    C2D_TRY(mark.hash, query.bytes32(2));
    return std::optional<LedgerMark>(mark);
}

Result<Unit> JobStore::set_ledger_mark(const LedgerMark& mark) {
    const std::lock_guard lock(mutex_);
    return write_mark(mark);
}

Result<Unit> JobStore::write_mark(const LedgerMark& mark) {
    C2D_TRY(auto put, db_.prepare("INSERT OR REPLACE INTO ledger_mark VALUES (1, ?, ?, ?)"));
    return put.bind(1, mark.chain_id).bind(2, mark.number).bind(3, mark.hash.view()).run();
}

Result<Unit> JobStore::write_posting(const StoredReceipt& receipt, Posting posting) {
    C2D_TRY(auto update, db_.prepare("UPDATE receipts SET posting = ? WHERE job_id = ? AND party = ?"));
    update.bind(1, std::string_view(posting_name(posting))).bind(2, receipt.job_id);
    return update.bind(3, std::uint64_t(receipt.party)).run();
}

}  // namespace c2d::provider
