#include "chain/ledger/reads.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "crypto/hash.hpp"

namespace c2d::ledger {

namespace {

/// Records that one view call may read: a call never holds up a writer for long, and long lists are
/// read in pages.
constexpr std::size_t kViewReadsMax = 65'536;

/// Fails a call that reads too much.
class BoundedState final : public contracts::State {
public:
    explicit BoundedState(contracts::State& below) : below_(below) {}
    Result<std::optional<Bytes>> get(const std::string& key) override {
        if (++reads_ > kViewReadsMax)
            return fail(Status::LIMIT, "the call reads more than {} records; read the list in pages", kViewReadsMax);
        return below_.get(key);
    }
    void put(const std::string& key, Bytes value) override { below_.put(key, std::move(value)); }
    Result<std::set<std::string>> keys_below(const std::string& prefix, std::size_t count_max) override {
        return below_.keys_below(prefix, count_max);
    }

private:
    contracts::State& below_;
    std::size_t reads_ = 0;
};

}  // namespace

Result<Bytes> call_view(contracts::State& state, contracts::BlockContext block, const Address& to, BytesView data) {
    BoundedState bounded(state);
    C2D_TRY(block.edition, contracts::edition_of(bounded));
    contracts::Overlay overlay(bounded);
    std::vector<Log> logs;
    return contracts::execute(block, overlay, logs, to, Address{}, data);
}

Result<std::optional<BlockInfo>> read_block_info(LedgerFile& file, const std::optional<Head>& head) {
    if (!head) return std::optional<BlockInfo>();
    C2D_TRY(const auto stored, read_block(file, head->number, head->hash));
    C2D_TRY(const auto header, decode_header(stored.header));
    BlockInfo out{stored.head, header.parent, {}};
    if (head->number == 0) return std::optional<BlockInfo>(std::move(out));
    C2D_TRY(const auto raws, decode_transactions(stored.transactions));
    for (const auto& raw : raws) out.transactions.push_back(keccak256(raw));
    return std::optional<BlockInfo>(std::move(out));
}

Result<std::optional<FoundTransaction>> find_transaction(LedgerFile& file, const std::vector<BlockRef>& blocks,
                                                         const Bytes32& hash) {
    for (const auto& [number, block_hash] : blocks) {
        C2D_TRY(auto block, read_block(file, number, block_hash));
        C2D_TRY(auto raws, decode_transactions(block.transactions));
        for (std::size_t position = 0; position < raws.size(); ++position)
            if (keccak256(raws[position]) == hash)
                return std::optional<FoundTransaction>(
                    FoundTransaction{std::move(block), position, std::move(raws[position])});
    }
    return std::optional<FoundTransaction>();
}

Result<Receipt> receipt_of(FoundTransaction&& found) {
    C2D_TRY(const auto transaction, decode_transaction(found.raw));
    C2D_TRY(auto receipts, decode_receipts(found.block.receipts));
    if (found.position >= receipts.size())
        return corrupt_block(found.block.head.number, "receipts", "are fewer than the transactions");
    return make_receipt(transaction, found.block.head, std::move(receipts[found.position]));
}

Receipt make_receipt(const SignedTransaction& transaction, const Head& head, std::vector<Log> logs) {
    for (auto& log : logs) {
        log.block_number = head.number;
        log.transaction = transaction.hash;
    }
    return {transaction.hash, transaction.sender, *transaction.transaction.to, true, head.number, head.time,
            head.hash,        std::move(logs)};
}

}  // namespace c2d::ledger
