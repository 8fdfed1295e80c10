#include "provider/state/owner_store.hpp"

#include "base/try.hpp"

#include <algorithm>
#include <set>

namespace c2d::provider {

Result<std::shared_ptr<OwnerStore>> OwnerStore::open(const std::filesystem::path& path) {
    std::shared_ptr<OwnerStore> out(new OwnerStore);
    C2D_TRY(out->db_, store::Database::open(path.string(), store::Database::Mode::existing));
    return out;
}

namespace {

/// The oldest request of the composer who has most.
constexpr const char* kDropOne =
    "DELETE FROM waiting_grants WHERE (dt, cdt) IN (SELECT dt, cdt FROM waiting_grants WHERE composer = "
    "(SELECT composer FROM waiting_grants GROUP BY composer ORDER BY count(*) DESC LIMIT 1) "
    "ORDER BY since, dt, cdt LIMIT 1)";

}  // namespace

Result<Unit> OwnerStore::add_waiting(const WaitingGrant& request) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto write, store::WriteTransaction::begin(db_));
    C2D_TRY(auto add,
            db_.prepare("INSERT OR IGNORE INTO waiting_grants (dt, cdt, composer, since) VALUES (?, ?, ?, ?)"));
    add.bind(1, request.dt.view()).bind(2, request.cdt.view()).bind(3, request.composer.view());
    C2D_CHECK(add.bind(4, request.since).run());
    C2D_TRY(auto count, db_.prepare("SELECT count(*) FROM waiting_grants"));
    C2D_CHECK(count.step());
    const bool too_many = count.number(0) > kWaitingMax;
    count.reset();
    if (too_many) C2D_CHECK(db_.execute(kDropOne));
    return write.commit();
}

Result<std::vector<WaitingGrant>> OwnerStore::waiting() {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto query, db_.prepare("SELECT dt, cdt, composer, since FROM waiting_grants ORDER BY since, dt, cdt"));
    std::vector<WaitingGrant> out;
    for (;;) {
        C2D_TRY(const bool row, query.step());
        if (!row) return out;
        WaitingGrant request;
        C2D_TRY(request.dt, query.bytes32(0));
        C2D_TRY(request.cdt, query.bytes32(1));
        C2D_TRY(request.composer, Address::from(query.blob(2)));
        request.since = query.number(3);
        out.push_back(request);
    }
}

Result<Unit> OwnerStore::remove_waiting(const TokenId& dt, const TokenId& cdt) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto remove, db_.prepare("DELETE FROM waiting_grants WHERE dt = ? AND cdt = ?"));
    return remove.bind(1, dt.view()).bind(2, cdt.view()).run();
}

Result<bool> OwnerStore::set_closed(const TokenId& dt, bool closed) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto change, db_.prepare(closed ? "INSERT OR IGNORE INTO closed_tokens (dt) VALUES (?)"
                                            : "DELETE FROM closed_tokens WHERE dt = ?"));
    C2D_CHECK(change.bind(1, dt.view()).run());
    return db_.changes() > 0;
}

Result<bool> OwnerStore::is_closed(const TokenId& dt) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto query, db_.prepare("SELECT 1 FROM closed_tokens WHERE dt = ?"));
    return query.bind(1, dt.view()).step();
}

Result<std::uint64_t> OwnerStore::count_models(const ScoredTable& table, const std::vector<Bytes32>& models) {
    C2D_TRY(auto query,
            db_.prepare("SELECT DISTINCT binding FROM scored_models WHERE dt = ? UNION "
                        "SELECT binding FROM scored_models WHERE table_sha256 = ? AND table_sha256 != zeroblob(32)"));
    query.bind(1, table.dt.view()).bind(2, table.sha256.view());
    std::set<Bytes32> bindings(models.begin(), models.end());
    for (;;) {
        C2D_TRY(const bool row, query.step());
        if (!row) return std::uint64_t(bindings.size());
        C2D_TRY(const auto binding, query.bytes32(0));
        bindings.insert(binding);
    }
}

Result<std::uint64_t> OwnerStore::models_with(const ScoredTable& table, const std::vector<Bytes32>& models) {
    const std::lock_guard lock(mutex_);
    return count_models(table, models);
}

Result<bool> OwnerStore::add_models(const ScoredTable& table, std::uint64_t job_id, const std::vector<Bytes32>& models,
                                    std::uint64_t models_max) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto write, store::WriteTransaction::begin(db_));
    C2D_TRY(const auto count, count_models(table, models));
    if (count > models_max) return false;
    C2D_TRY(auto add, db_.prepare("INSERT OR IGNORE INTO scored_models (dt, table_sha256, binding, job_id) "
                                  "VALUES (?, ?, ?, ?)"));
    for (const auto& binding : models) {
        add.bind(1, table.dt.view()).bind(2, table.sha256.view()).bind(3, binding.view());
        C2D_CHECK(add.bind(4, job_id).run());
    }
    C2D_CHECK(write.commit());
    return true;
}

Result<Unit> OwnerStore::remove_model(std::uint64_t job_id, const Bytes32& model) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto remove, db_.prepare("DELETE FROM scored_models WHERE job_id = ? AND binding = ?"));
    return remove.bind(1, job_id).bind(2, model.view()).run();
}

Result<std::uint64_t> OwnerStore::count_label_counts(const ScoredTable& table) {
    // Also of files that the token stood for before.
    C2D_TRY(auto query, db_.prepare("SELECT COALESCE(SUM(opened + reserved), 0) FROM label_counts WHERE dt = ?1 OR "
                                    "(table_sha256 != zeroblob(32) AND (table_sha256 = ?2 OR table_sha256 IN "
                                    "(SELECT table_sha256 FROM label_counts WHERE dt = ?1)))"));
    C2D_CHECK(query.bind(1, table.dt.view()).bind(2, table.sha256.view()).step());
    return query.number(0);
}

Result<std::uint64_t> OwnerStore::label_counts_used(const ScoredTable& table) {
    const std::lock_guard lock(mutex_);
    return count_label_counts(table);
}

Result<bool> OwnerStore::reserve_label_counts(const ScoredTable& table, std::uint64_t job_id, unsigned party,
                                              std::uint64_t wanted, std::uint64_t budget, std::uint64_t told) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto write, store::WriteTransaction::begin(db_));
    C2D_TRY(const auto here, count_label_counts(table));
    const std::uint64_t used = std::max(here, told);
    if (used > budget || wanted > budget - used) return false;
    C2D_TRY(auto add,
            db_.prepare("INSERT INTO label_counts (dt, table_sha256, job_id, party, opened, reserved) "
                        "VALUES (?, ?, ?, ?, 0, ?) ON CONFLICT DO UPDATE SET reserved = reserved + excluded.reserved"));
    add.bind(1, table.dt.view()).bind(2, table.sha256.view()).bind(3, job_id).bind(4, std::uint64_t(party));
    C2D_CHECK(add.bind(5, wanted).run());
    C2D_CHECK(write.commit());
    return true;
}

Result<Unit> OwnerStore::spend_reserved_label_counts(std::uint64_t job_id, unsigned party) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto spend, db_.prepare("UPDATE label_counts SET opened = opened + reserved, reserved = 0 WHERE "
                                    "reserved != 0 AND job_id = ? AND party = ?"));
    return spend.bind(1, job_id).bind(2, std::uint64_t(party)).run();
}

Result<Unit> OwnerStore::settle_label_counts(std::uint64_t job_id, unsigned party, std::uint64_t opened) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto settle,
            db_.prepare("UPDATE label_counts SET opened = opened + ?, reserved = 0 WHERE reserved != 0 AND "
                        "job_id = ? AND party = ?"));
    return settle.bind(1, opened).bind(2, job_id).bind(3, std::uint64_t(party)).run();
}

Result<Bytes32> OwnerStore::input_salt(const TokenId& dt, const Bytes32& fresh) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto add, db_.prepare("INSERT OR IGNORE INTO input_salts (dt, salt) VALUES (?, ?)"));
    C2D_CHECK(add.bind(1, dt.view()).bind(2, fresh.view()).run());
    C2D_TRY(auto query, db_.prepare("SELECT salt FROM input_salts WHERE dt = ?"));
    C2D_CHECK(query.bind(1, dt.view()).step());
    return query.bytes32(0);
}

Result<bool> OwnerStore::is_another_input(const GivenGrant& grant, const PeerInput& input) {
    C2D_TRY(auto query, db_.prepare("SELECT 1 FROM peer_inputs WHERE dt = ? AND grantee = ? AND given = ? AND "
                                    "peer_dt = ? AND digest != ? LIMIT 1"));
    query.bind(1, grant.dt.view()).bind(2, grant.grantee.view()).bind(3, grant.given);
    return query.bind(4, input.dt.view()).bind(5, input.digest.view()).step();
}

Result<std::optional<TokenId>> OwnerStore::note_peer_inputs(const GivenGrant& grant,
                                                            const std::vector<PeerInput>& inputs, std::uint64_t job_id,
                                                            unsigned party) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto write, store::WriteTransaction::begin(db_));
    C2D_TRY(auto add,
            db_.prepare("INSERT OR IGNORE INTO peer_inputs (dt, grantee, given, peer_dt, job_id, party, digest) "
                        "VALUES (?, ?, ?, ?, ?, ?, ?)"));
    for (const auto& input : inputs) {
        C2D_TRY(const bool another, is_another_input(grant, input));
        if (another) return std::optional(input.dt);
        add.bind(1, grant.dt.view()).bind(2, grant.grantee.view()).bind(3, grant.given).bind(4, input.dt.view());
        C2D_CHECK(add.bind(5, job_id).bind(6, std::uint64_t(party)).bind(7, input.digest.view()).run());
    }
    C2D_CHECK(write.commit());
    return std::optional<TokenId>();
}

Result<Unit> OwnerStore::renew_peer_inputs(const TokenId& dt, const TokenId& grantee) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto forget, db_.prepare("DELETE FROM peer_inputs WHERE dt = ? AND grantee = ?"));
    return forget.bind(1, dt.view()).bind(2, grantee.view()).run();
}

Result<Unit> OwnerStore::forget_peer_inputs(std::uint64_t job_id, unsigned party) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto forget, db_.prepare("DELETE FROM peer_inputs WHERE job_id = ? AND party = ?"));
    return forget.bind(1, job_id).bind(2, std::uint64_t(party)).run();
}

Result<Verdict> check_open(OwnerStore& owner, const TokenId& dt) {
    C2D_TRY(const bool closed, owner.is_closed(dt));
    if (!closed) return Verdict::accept();
    return Verdict::refuse(Reason::token_closed, token_text(dt), "an open token", "one that its owner closed here");
}

}  // namespace c2d::provider
