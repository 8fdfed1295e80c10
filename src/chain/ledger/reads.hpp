/// What readers ask of a ledger: the view says where, the blocks hold the answer.
#pragma once

#include "chain/ledger/log_query.hpp"
#include "contracts/machine.hpp"

namespace c2d::ledger {

/// Runs a view of a contract over `state`, in the given block, under the rules that hold there. A call that reads too
/// many records fails with `limit`, as gas bounds it on a network.
Result<Bytes> call_view(contracts::State& state, contracts::BlockContext block, const Address& to, BytesView data);
/// A block with the hashes of its transactions; nothing when it is not there.
Result<std::optional<BlockInfo>> read_block_info(LedgerFile& file, const std::optional<Head>& head);

/// A transaction and the block that holds it.
struct FoundTransaction {
    StoredBlock block;
    std::size_t position = 0;
    Bytes raw;
};
/// Looks through `blocks`, which may hold it.
Result<std::optional<FoundTransaction>> find_transaction(LedgerFile& file, const std::vector<BlockRef>& blocks,
                                                         const Bytes32& hash);
/// Its receipt, as it stands in its block.
Result<Receipt> receipt_of(FoundTransaction&& found);
/// Its logs were made in the order of the block.
Receipt make_receipt(const SignedTransaction& transaction, const Head& head, std::vector<Log> logs);

}  // namespace c2d::ledger
