#include "chain/ledger/verify.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "chain/ledger/execution.hpp"
#include "crypto/hash.hpp"

namespace c2d::ledger {

namespace {

/// The state as it must be, in memory.
class ReplayState final : public contracts::State {
public:
    Result<std::optional<Bytes>> get(const std::string& key) override {
        const auto found = values.find(key);
        if (found == values.end()) return std::optional<Bytes>();
        return std::optional<Bytes>(found->second);
    }
    void put(const std::string& key, Bytes value) override { values[key] = std::move(value); }
    std::map<std::string, Bytes> values;
};

struct LogRow {
    std::uint64_t block, position, log;
    Address address;
    std::vector<Bytes32> topics;
};

class Replay {
public:
    Replay(LedgerFile& file, std::uint64_t time_max) : file_(file), time_max_(time_max) {}

    Result<Head> run(const Progress& progress, const CancelToken* cancel) {
        // One read transaction: other processes may append meanwhile without being half seen.
        C2D_CHECK(file_.database().begin_read());
        auto head = replay(progress, cancel);
        file_.database().rollback();
        return head;
    }

private:
    Result<Head> replay(const Progress& progress, const CancelToken* cancel) {
        C2D_CHECK(file_.check_schema());
        C2D_TRY(const Head last, file_.head());
        C2D_CHECK(check_count(last));
        for (std::uint64_t number = 0; number <= last.number; ++number) {
            if (cancel && cancel->cancelled())
                return fail(Status::CANCELLED, "cancelled at block {}", number);
            C2D_TRY(const auto block, file_.block(number));
            if (!block) return bad(number, "number", "the block is missing");
            C2D_CHECK(number == 0 ? replay_first(*block) : replay_block(*block));
            if (progress && (number % 256 == 0 || number == last.number))
                progress(number, last.number, fmt::format("block {} of {}", number, last.number));
        }
        C2D_CHECK(compare_state());
        C2D_CHECK(compare_transactions());
        C2D_CHECK(compare_logs());
        C2D_CHECK(check_types());
        return head_;
    }

    static Error bad(std::uint64_t block, std::string_view field, std::string_view what) {
        auto error = fail(Status::CORRUPT, "block {}, field {}: {}", block, field, what);
        error.name = "ledger_corrupt";
        return error;
    }

    /// The loop below reads 0 to the head; SQLite would hold rows with negative numbers too.
    Result<Unit> check_count(const Head& last) {
        C2D_TRY(auto query, file_.database().prepare("SELECT count(*) FROM blocks"));
        C2D_CHECK(query.step());
        if (query.number(0) != last.number + 1)
            return bad(last.number, "number", fmt::format("{} blocks are stored", query.number(0)));
        return Unit{};
    }

    Result<Unit> check_links(const StoredBlock& block, const Header& header) {
        const auto number = block.head.number;
        if (block_hash(block.header) != block.head.hash) return bad(number, "hash", "differs from the header's hash");
        if (encode_header(header) != block.header) return bad(number, "header", "is not canonical");
        if (header.number != number) return bad(number, "header.number", "differs from its place");
        if (header.parent != head_.hash) return bad(number, "header.parent", "is not the previous block");
        if (header.time < head_.time) return bad(number, "header.time", "is before the previous block");
        if (header.time > time_max_) return bad(number, "header.time", "lies in the future");
        if (header.transactions_hash != keccak256(block.transactions))
            return bad(number, "transactions", "differ from the header's hash");
        if (header.receipts_hash != keccak256(block.receipts))
            return bad(number, "receipts", "differ from the header's hash");
        return Unit{};
    }

    Result<Unit> take(const StoredBlock& block, const Header& header,
                      const contracts::Overlay& overlay) {
        if (header.writes_hash != writes_hash(overlay.writes()))
            return bad(block.head.number, "header.writes", "are not those of the rules");
        for (const auto& [key, value] : overlay.writes()) state_.values[key] = value;
        head_ = block.head;
        return Unit{};
    }

    Result<Unit> replay_first(const StoredBlock& block) {
        C2D_TRY(const auto header, decode_header(block.header));
        C2D_CHECK(check_links(block, header));
        C2D_TRY(const auto genesis, decode_genesis(block.transactions));
        if (genesis.time != header.time) return bad(0, "header.time", "differs from the genesis");
        if (block.receipts != encode_receipts({})) return bad(0, "receipts", "must be empty");
        chain_id_ = genesis.chain_id;
        contracts_ = contract_addresses(genesis.admin);
        contracts::Overlay overlay(state_);
        C2D_CHECK(apply_genesis(overlay, genesis));
        return take(block, header, overlay);
    }

    Result<Unit> replay_block(const StoredBlock& block) {
        const auto number = block.head.number;
        C2D_TRY(const auto header, decode_header(block.header));
        C2D_CHECK(check_links(block, header));
        C2D_TRY(const auto raws, decode_transactions(block.transactions));
        if (raws.empty()) return bad(number, "transactions", "are none");
        contracts::Overlay overlay(state_);
        std::vector<std::vector<Log>> receipts;
        for (std::size_t position = 0; position < raws.size(); ++position) {
            auto transaction = decode_transaction(raws[position]);
            if (!transaction) return bad(number, "transactions", transaction.error().message);
            auto logs = apply_transaction(overlay, {number, header.time, contracts_}, chain_id_,
                                          *transaction);
            if (!logs) return bad(number, "transactions", logs.error().message);
            remember(transaction->hash, number, position, *logs);
            receipts.push_back(*std::move(logs));
        }
        if (encode_receipts(receipts) != block.receipts)
            return bad(number, "receipts", "are not those of the rules");
        return take(block, header, overlay);
    }

    void remember(const Bytes32& hash, std::uint64_t number, std::uint64_t position,
                  const std::vector<Log>& logs) {
        transactions_[hash] = {number, position};
        for (std::size_t i = 0; i < logs.size(); ++i)
            logs_.push_back({number, position, i, logs[i].address, logs[i].topics});
    }

    Result<Unit> compare_state() {
        C2D_TRY(auto query, file_.database().prepare("SELECT key, value FROM state ORDER BY key"));
        auto expected = state_.values.begin();
        for (;; ++expected) {
            C2D_TRY(const bool row, query.step());
            if (!row) break;
            const Bytes key = query.blob(0);
            if (expected == state_.values.end() || as_text(key) != expected->first ||
                query.blob(1) != expected->second)
                return bad(head_.number, "state", "table differs from the replay at key " + hex_text(key));
        }
        if (expected != state_.values.end())
            return bad(head_.number, "state", "table lacks key " + hex_text(as_bytes(expected->first)));
        return Unit{};
    }

    Result<Unit> compare_transactions() {
        C2D_TRY(auto query, file_.database().prepare(
                                "SELECT hash, block, position FROM transaction_index ORDER BY hash"));
        auto expected = transactions_.begin();
        for (;; ++expected) {
            C2D_TRY(const bool row, query.step());
            if (!row) break;
            const Bytes hash = query.blob(0);
            if (expected == transactions_.end() || !std::ranges::equal(hash, expected->first.view()) ||
                TransactionPlace{query.number(1), query.number(2)} != expected->second)
                return bad(head_.number, "transaction_index", "differs from the replay");
        }
        if (expected != transactions_.end())
            return bad(head_.number, "transaction_index", "lacks a transaction");
        return Unit{};
    }

    static bool equals(const LogRow& expected, const store::Statement& row) {
        if (row.number(0) != expected.block || row.number(1) != expected.position ||
            row.number(2) != expected.log ||
            !std::ranges::equal(row.blob(3), expected.address.view()))
            return false;
        for (std::size_t t = 0; t < 4; ++t) {
            const int column = int(4 + t);
            if (t >= expected.topics.size() ? !row.is_null(column)
                                            : !std::ranges::equal(row.blob(column), expected.topics[t].view()))
                return false;
        }
        return true;
    }

    Result<Unit> compare_logs() {
        C2D_TRY(auto query,
                file_.database().prepare("SELECT block, position, log, address, topic0, topic1, topic2, "
                                         "topic3 FROM log_index ORDER BY block, position, log"));
        auto expected = logs_.begin();
        for (;; ++expected) {
            C2D_TRY(const bool row, query.step());
            if (!row) break;
            if (expected == logs_.end() || !equals(*expected, query))
                return bad(head_.number, "log_index", "differs from the replay");
        }
        if (expected != logs_.end()) return bad(head_.number, "log_index", "lacks a log");
        return Unit{};
    }

    /// SQLite lets any column hold any type, and its own indexes may disagree with the tables.
    Result<Unit> check_types() {
        C2D_TRY(auto query, file_.database().prepare(
            "SELECT count(*) FROM blocks WHERE typeof(hash) <> 'blob' OR typeof(header) <> 'blob' "
            "OR typeof(transactions) <> 'blob' OR typeof(receipts) <> 'blob' "
            "UNION ALL SELECT count(*) FROM state WHERE typeof(key) <> 'blob' OR typeof(value) <> 'blob' "
            "UNION ALL SELECT count(*) FROM transaction_index WHERE typeof(hash) <> 'blob' "
            "OR typeof(block) <> 'integer' OR typeof(position) <> 'integer' "
            "UNION ALL SELECT count(*) FROM log_index WHERE typeof(block) <> 'integer' "
            "OR typeof(position) <> 'integer' OR typeof(log) <> 'integer' OR typeof(address) <> 'blob' "
            "OR typeof(topic0) NOT IN ('blob', 'null') OR typeof(topic1) NOT IN ('blob', 'null') "
            "OR typeof(topic2) NOT IN ('blob', 'null') OR typeof(topic3) NOT IN ('blob', 'null')"));
        for (;;) {
            C2D_TRY(const bool row, query.step());
            if (!row) break;
            if (query.number(0) != 0) return bad(head_.number, "column type", "is not the declared one");
        }
        C2D_TRY(auto integrity, file_.database().prepare("PRAGMA integrity_check"));
        C2D_TRY(const bool row, integrity.step());
        if (!row || integrity.text(0) != "ok")
            return bad(head_.number, "file", "SQLite's integrity check says: " + integrity.text(0));
        return Unit{};
    }

    LedgerFile& file_;
    const std::uint64_t time_max_;
    Head head_;
    std::uint64_t chain_id_ = 0;
    ContractAddresses contracts_;
    ReplayState state_;
    std::map<Bytes32, TransactionPlace> transactions_;
    std::vector<LogRow> logs_;
};

}  // namespace

Result<Head> verify_ledger(LedgerFile& file, std::uint64_t time_max, const Progress& progress,
                           const CancelToken* cancel) {
    return Replay(file, time_max).run(progress, cancel);
}

}  // namespace c2d::ledger
